// What the page knows, and how each frame changes it. No document in here.
import type { Answers, Event, Frame } from './protocol';

export type Stage = 'connecting' | 'closed' | 'questions' | 'starting' | 'waiting' | 'taken' | 'ended' | 'replaced';

export interface Message {
  key: string;
  from: 'me' | 'counsellor' | 'system';
  text: string; // of a system line: the key of its text
  time: number;
  n: number; // 0: not yet stored
  id?: string;
  failed?: string; // code of the error
}

export interface State {
  stage: Stage;
  line: 'up' | 'down';
  everUp: boolean;
  restarting: boolean; // the server said that it will be back
  crowded: boolean; // no line, because there are too many
  long: boolean; // no line, for longer than usual
  open: boolean;
  opens?: number;
  trouble: boolean;
  characters: number;
  n: number; // the newest event seen
  secret?: string;
  startId?: string;
  answers: Answers;
  messages: Message[];
  place?: { place: number; low?: number; high?: number; dangerFirst: boolean };
  name: string;
  theyType: boolean;
  theyRead: number;
  leaving?: string; // the id of an end that was asked for, until it is stored
  ended?: string;
  code?: string; // a return code that was asked for
  codeProblem?: { code: string; word?: number };
  notice?: 'unknown' | 'full' | 'tooFast' | 'resumed' | 'notOpen' | 'tooLong' | 'spent';
}

export function begin(): State {
  return {
    stage: 'connecting', line: 'down', everUp: false, restarting: false, crowded: false, long: false, open: true, trouble: false, characters: 4000, n: 0,
    answers: {}, messages: [], name: '', theyType: false, theyRead: 0,
  };
}

/** The oldest message of mine that is not stored: they go one by one, so that their order stays. */
export function nextUnsent(state: State): Message | undefined {
  return state.stage === 'ended' ? undefined : state.messages.find((m) => m.from === 'me' && m.n === 0 && !m.failed);
}

/** The line is gone, or could not be opened. */
export function down(state: State, crowded: boolean): State {
  return { ...state, line: 'down', theyType: false, crowded, stage: crowded && !state.everUp ? 'connecting' : state.stage };
}

export function say(state: State, id: string, text: string, time: number): State {
  const message: Message = { key: id, from: 'me', text, time, n: 0, id };
  return { ...state, messages: [...state.messages, message], notice: undefined };
}

function stored(state: State, id: string, n: number): State {
  const messages = state.messages.map((m) => (m.id === id ? { ...m, n, failed: undefined } : m));
  return { ...state, messages };
}

function system(event: Event, key: string): Message {
  return { key: `n${event.n}`, from: 'system', text: key, time: event.time, n: event.n };
}

/** Nothing of it is kept anywhere, and nothing here. */
function forgotten(state: State): State {
  return {
    ...begin(), line: state.line, everUp: state.everUp, open: state.open, opens: state.opens, trouble: state.trouble,
    characters: state.characters, stage: 'ended', ended: 'forgotten',
  };
}

function addEvent(state: State, event: Event): State {
  if (event.n <= state.n) return state; // seen: a replay after a reconnect
  const next: State = { ...state, n: event.n };
  switch (event.kind) {
    case 'opened':
    case 'reopened':
      next.ended = undefined;
      next.stage = 'waiting';
      break;
    case 'message': {
      if (event.from === 'me' && event.id && state.messages.some((m) => m.id === event.id))
        return stored(next, event.id, event.n);
      const message: Message = {
        key: event.id ?? `n${event.n}`, from: event.from === 'me' ? 'me' : 'counsellor',
        text: event.text ?? '', time: event.time, n: event.n, id: event.id,
      };
      // what is stored comes before what is not yet
      const pending = state.messages.filter((m) => m.n === 0);
      next.messages = [...state.messages.filter((m) => m.n !== 0), message, ...pending];
      if (message.from === 'counsellor') next.theyType = false;
      break;
    }
    case 'taken':
      next.stage = 'taken';
      next.name = event.name ?? '';
      next.place = undefined;
      next.messages = [...state.messages, system(event, 'chat.taken')];
      break;
    case 'returned':
      next.stage = 'waiting';
      next.theyType = false;
      next.messages = [...state.messages, system(event, event.why === 'lost' ? 'chat.lost' : 'chat.returned')];
      break;
    case 'closed':
      if (event.why === 'forgotten') return forgotten(state);
      next.stage = 'ended';
      next.leaving = undefined;
      next.ended = event.why;
      next.theyType = false;
      break;
  }
  return next;
}

function onError(state: State, frame: Extract<Frame, { t: 'error' }>): State {
  switch (frame.code) {
    case 'too_long':
    case 'spent':
    case 'invalid':
      return {
        ...state, notice: frame.code === 'too_long' ? 'tooLong' : frame.code === 'spent' ? 'spent' : state.notice,
        messages: state.messages.map((m) => (m.id && m.id === frame.id ? { ...m, failed: frame.code } : m)),
      };
    case 'words':
    case 'no_code':
      return { ...state, codeProblem: { code: frame.code, word: frame.word } };
    case 'too_fast':
      return { ...state, notice: 'tooFast' };
    case 'full':
      return { ...state, stage: 'questions', notice: 'full', startId: undefined };
    case 'blocked':
      return { ...state, stage: 'ended', ended: 'blocked', startId: undefined };
    case 'not_open':
      return { ...state, stage: 'closed', open: false, notice: 'notOpen', startId: undefined };
    case 'closed':
      return { ...state, stage: 'ended' };
    default:
      return state;
  }
}

export function reduce(state: State, frame: Frame): State {
  switch (frame.t) {
    case 'welcome':
    case 'resumed': {
      const next: State = {
        ...state, line: 'up', everUp: true, restarting: false, crowded: false, long: false, open: frame.open, opens: frame.opens, trouble: frame.trouble,
        characters: frame.limits.characters,
      };
      if (frame.t === 'resumed') {
        if (state.everUp && state.line === 'down') next.notice = 'resumed';
        if (frame.state !== 'closed' || state.stage !== 'ended') next.stage = frame.state === 'closed' ? 'ended' : frame.state;
      } else if (state.ended === 'forgotten') {
        next.stage = 'ended'; // it is read to the end
      } else if (state.startId) {
        next.stage = 'starting';
      } else if (state.stage !== 'questions' || !frame.open) {
        next.stage = frame.open ? 'questions' : 'closed';
      }
      return next;
    }
    case 'unknown':
      return { ...begin(), line: 'up', everUp: true, open: state.open, stage: state.open ? 'questions' : 'closed', notice: 'unknown' };
    case 'forgotten':
      return forgotten(state);
    case 'code':
      return { ...state, code: frame.words };
    case 'returned':
      return { ...state, secret: frame.secret, n: 0, messages: [], codeProblem: undefined, notice: undefined };
    case 'started':
      return { ...state, stage: 'waiting', secret: frame.secret };
    case 'events':
      return frame.list.reduce(addEvent, state);
    case 'stored':
      return stored({ ...state, notice: state.notice === 'tooFast' ? undefined : state.notice }, frame.id, frame.n);
    case 'place':
      return { ...state, place: { place: frame.place, low: frame.low, high: frame.high, dangerFirst: frame.danger_first } };
    case 'typing':
      return { ...state, theyType: frame.on };
    case 'read':
      return { ...state, theyRead: Math.max(state.theyRead, frame.n) };
    case 'trouble':
      return { ...state, trouble: frame.on };
    case 'error':
      return onError(state, frame);
    case 'bye':
      return frame.why === 'replaced' ? { ...state, stage: 'replaced' } : { ...state, restarting: true };
    default:
      return state;
  }
}
