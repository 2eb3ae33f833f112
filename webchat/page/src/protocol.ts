// The frames of onthaal.visitor.1, as far as the page reads them. PROTOCOL.md is the contract.

export type Who = 'child' | 'parent' | 'family' | 'professional';
export type Where = 'brussels' | 'elsewhere';

export interface Answers { who?: Who; where?: Where; lang?: string }

export interface Event {
  n: number;
  kind: 'opened' | 'message' | 'taken' | 'returned' | 'closed' | 'reopened';
  time: number;
  from?: 'me' | 'counsellor';
  text?: string;
  id?: string;
  name?: string;
  why?: 'counsellor' | 'lost' | 'visitor' | 'abandoned' | 'blocked' | 'forgotten';
}

interface Common {
  open: boolean;
  opens?: number; // ms since 1970
  beat: number; // seconds
  limits: { characters: number; per_minute: number };
  trouble: boolean;
}

export type Frame =
  | ({ t: 'welcome' } & Common)
  | ({ t: 'resumed'; state: 'waiting' | 'taken' | 'closed'; n: number } & Common)
  | { t: 'unknown' }
  | { t: 'forgotten' }
  | { t: 'work'; id: string; text: string; bits: number }
  | { t: 'code'; id: string; words: string }
  | { t: 'returned'; id: string; secret: string }
  | { t: 'started'; id: string; secret: string; n: number }
  | { t: 'events'; list: Event[] }
  | { t: 'stored'; id: string; n: number }
  | { t: 'place'; place: number; low?: number; high?: number; danger_first: boolean }
  | { t: 'typing'; on: boolean }
  | { t: 'read'; n: number }
  | { t: 'trouble'; on: boolean }
  | { t: 'error'; code: string; id?: string; retry?: number; word?: number }
  | { t: 'beat' }
  | { t: 'bye'; why: 'restart' | 'replaced' };
