// The frames of onthaal.console.1. PROTOCOL.md is the contract.

export type Level = 'none' | 'elevated' | 'serious' | 'immediate';
export type Duty = 'on' | 'pause' | 'off';

export interface Flag {
  rule: string;
  category: string;
  level: Level;
  why: string;
  lowered_by?: string;
  seq: number;
  from: number;
  to: number;
  words: string;
}

export interface Card {
  id: string;
  channel: 'chat' | 'plain' | 'telephone';
  state: 'waiting' | 'taken' | 'closed';
  level: Level;
  complete: boolean;
  flags: Flag[];
  arrived: number;
  due?: number;
  taken_by?: string;
  owner?: number;
  present: boolean;
  gone?: number;
  returned: number;
  lang: string;
  who: string;
  where: string;
  messages: number;
  practice: boolean;
  call?: string;
  call_since?: number;
  former?: string;
}

export interface Event {
  seq: number;
  kind: 'opened' | 'message' | 'note' | 'taken' | 'returned' | 'closed' | 'level' | 'answers' | 'call' | 'recording' | 'reopened';
  time: number;
  author: 'visitor' | 'counsellor' | 'system';
  staff?: number;
  by?: string;
  text?: string;
  flags?: Flag[];
  why?: string;
  level?: Level;
  stage?: string;
  /** Of a spoken message: which piece of how many; its sound is asked for by `listen`. */
  piece?: number;
  pieces?: number;
  seconds?: number;
  id?: string;
}

export interface Person { id: number; name: string; display: string; role: string }
export interface Colleague { id: number; display: string; duty: Duty; contacts: number }
export interface Reply { key: string; language: string; text: string }

export interface Desk {
  me: Person;
  duty: Duty;
  capacity: number;
  lease: number;
  lock: number;
  block: number;
  beat: number;
  centre: string;
  replies: Reply[];
  colleagues: Colleague[];
  targets: { serious: number; elevated: number; none: number };
  trouble: boolean;
  demo: boolean;
}

export type Frame =
  | { t: 'hello'; passkeys?: string; oidc?: string }
  | { t: 'ok'; id: string; [key: string]: unknown }
  | { t: 'no'; id?: string; code: string; by?: string; retry?: number; text?: string }
  | ({ t: 'desk' } & Desk)
  | { t: 'queue'; whole?: boolean; put?: Card[]; drop?: string[] }
  | { t: 'events'; list: (Event & { contact: string })[] }
  | { t: 'contact'; contact: Card; answers: { who: string; where: string; lang: string }; events: Event[]; read: number }
  | { t: 'forgotten'; contact: string }
  | { t: 'lost'; contact: string; why: 'lease' | 'returned' | 'closed' }
  | { t: 'typing'; contact: string; on: boolean }
  | { t: 'read'; contact: string; seq: number }
  | { t: 'colleagues'; list: Colleague[] }
  | { t: 'alarm'; contact: string; level: Level; why: 'new' | 'raised' | 'overdue' }
  | { t: 'hushed'; contact: string; by: string }
  | { t: 'trouble'; on: boolean }
  | { t: 'locked' }
  | { t: 'beat' }
  | { t: 'bye'; why: 'restart' | 'session' };
