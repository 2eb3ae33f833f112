// What the console knows, and how each frame changes it. No document in here.
import { held, inOrder } from './order';
import type { Card, Colleague, Desk, Duty, Event, Frame, Level } from './protocol';

export interface Unsent { id: string; kind: 'say' | 'note'; text: string; time: number; failed?: string }

export interface Conversation {
  card: Card;
  events: Event[];
  answers: { who: string; where: string; lang: string };
  read: number; // by the visitor
  seen: number; // by me
  typing: boolean;
  unsent: Unsent[];
  lost?: 'lease' | 'returned' | 'closed';
}

export interface Alarm { contact: string; level: Level; why: string; hushedBy?: string }

export interface Model {
  line: 'connecting' | 'up' | 'down';
  greeted: boolean; // the server said hello on this socket
  passkeys?: string; // the name they belong to here; missing: there are none
  oidc?: string; // what the house's own sign-on is called; missing: there is none
  signed: boolean;
  locked: boolean;
  ended?: 'session';
  desk?: Desk;
  cards: Record<string, Card>;
  shown: string[]; // the queue as it stands on the screen
  hold: boolean; // somebody points at it
  stale: boolean; // it would stand differently
  fresh: number; // came while it was held
  mine: Record<string, Conversation>;
  tabs: string[]; // my conversations in the order they came
  selected?: string;
  looking?: Conversation; // a waiting one, looked at before taking
  alarms: Record<string, Alarm>;
  after?: After; // a conversation of mine just ended
  rest?: Rest; // the pause I took
  forgotten: string[]; // erased while this page was open
}

/** How heavy it was. */
export interface After { level: Level }
export interface Rest { since: number; until: number }

export function begin(): Model {
  return {
    line: 'connecting', greeted: false, signed: false, locked: false, cards: {}, shown: [], hold: false, stale: false, fresh: 0,
    mine: {}, tabs: [], alarms: {}, forgotten: [],
  };
}

function arrange(model: Model): Model {
  const wanted = inOrder(Object.values(model.cards));
  if (!model.hold) return { ...model, cards: without(model.cards), shown: wanted, stale: false, fresh: 0 };
  const shown = held(model.shown, wanted);
  const fresh = model.fresh + shown.length - model.shown.length;
  return { ...model, shown, fresh, stale: shown.length !== wanted.length || shown.some((id, i) => id !== wanted[i]) };
}

/** Those that ended stood there only while the list was held. */
function without(cards: Record<string, Card>): Record<string, Card> {
  return Object.fromEntries(Object.entries(cards).filter(([, card]) => card.state !== 'closed'));
}

/** Asked for: put in order now, though somebody points at it. */
export function refresh(model: Model): Model {
  return { ...arrange({ ...model, hold: false }), hold: model.hold };
}

export function hold(model: Model, on: boolean): Model {
  return model.hold === on ? model : arrange({ ...model, hold: on });
}

function onQueue(model: Model, frame: Extract<Frame, { t: 'queue' }>): Model {
  const cards: Record<string, Card> = frame.whole ? {} : { ...model.cards };
  const mine = { ...model.mine };
  const alarms = { ...model.alarms };
  for (const card of frame.put ?? []) {
    cards[card.id] = card;
    const own = mine[card.id];
    if (own) mine[card.id] = { ...own, card };
    if (card.state !== 'waiting') delete alarms[card.id];
  }
  for (const id of frame.drop ?? []) {
    const card = cards[id];
    if (model.hold && card && model.shown.includes(id)) cards[id] = { ...card, state: 'closed' }; // its row stays in its place
    else delete cards[id];
    delete alarms[id];
  }
  const seen = model.looking && cards[model.looking.card.id];
  const looking = seen?.state === 'waiting' && model.looking ? { ...model.looking, card: seen } : undefined;
  const selected = model.selected ?? (looking ? undefined : model.tabs[0]); // what I looked at went: back to mine
  return arrange({ ...model, cards, mine, alarms, looking, selected });
}

function addEvent(conversation: Conversation, event: Event, watched: boolean): Conversation {
  const last = conversation.events[conversation.events.length - 1];
  if (last && event.seq <= last.seq) return conversation;
  return {
    ...conversation,
    events: [...conversation.events, event],
    unsent: conversation.unsent.filter((unsent) => unsent.id !== event.id),
    typing: event.author === 'visitor' ? false : conversation.typing,
    seen: watched ? event.seq : conversation.seen,
  };
}

function onEvents(model: Model, list: (Event & { contact: string })[]): Model {
  const mine = { ...model.mine };
  for (const event of list) {
    const own = mine[event.contact];
    if (own) mine[event.contact] = addEvent(own, event, event.author !== 'visitor' && own.seen >= event.seq - 1);
  }
  return { ...model, mine };
}

function onContact(model: Model, frame: Extract<Frame, { t: 'contact' }>): Model {
  const { contact: card, events, answers, read } = frame;
  const known = model.mine[card.id];
  const last = events[events.length - 1]?.seq ?? 0;
  const conversation: Conversation = {
    card, events, answers, read, typing: false, seen: known?.seen ?? 0,
    unsent: (known?.unsent ?? []).filter((unsent) => !events.some((event) => event.id === unsent.id)),
  };
  if (card.owner !== model.desk?.me.id) return { ...model, looking: { ...conversation, seen: last }, selected: undefined };
  return {
    ...model,
    mine: { ...model.mine, [card.id]: conversation },
    tabs: model.tabs.includes(card.id) ? model.tabs : [...model.tabs, card.id],
    after: undefined,
    looking: model.looking?.card.id === card.id ? undefined : model.looking,
    selected: model.selected && model.mine[model.selected] ? model.selected : card.id,
  };
}

/** Taken from the screen for good. */
export function dismiss(model: Model, id: string): Model {
  const mine = { ...model.mine };
  delete mine[id];
  const tabs = model.tabs.filter((tab) => tab !== id);
  const at = Math.min(model.tabs.indexOf(id), tabs.length - 1);
  return { ...model, mine, tabs, selected: model.selected === id ? tabs[at] : model.selected };
}

function onLost(model: Model, id: string, why: 'lease' | 'returned' | 'closed'): Model {
  const own = model.mine[id];
  if (!own) return model;
  const last = own.events[own.events.length - 1];
  const byMe = why === 'returned' || (why === 'closed' && last?.kind === 'closed' && last.author === 'counsellor');
  const after = why === 'closed' && !own.card.practice ? { level: own.card.level } : model.after;
  if (byMe) return { ...dismiss(model, id), after }; // what I asked for
  return { ...model, after, mine: { ...model.mine, [id]: { ...own, lost: why, typing: false } } };
}

/** Do I have words of it on the screen, or in this page? */
export function holds(model: Model, id: string): boolean {
  return model.mine[id] !== undefined || model.looking?.card.id === id;
}

/** Nothing of it is kept anywhere, and nothing here. */
function onForgotten(model: Model, id: string): Model {
  const next = dismiss(model, id);
  const cards = { ...model.cards };
  const alarms = { ...model.alarms };
  delete cards[id];
  delete alarms[id];
  const looking = model.looking?.card.id === id ? undefined : model.looking;
  const selected = next.selected ?? (looking ? undefined : next.tabs[0]);
  return arrange({ ...next, cards, alarms, looking, selected, shown: model.shown.filter((one) => one !== id), forgotten: [...model.forgotten, id] });
}

function change(model: Model, id: string, more: Partial<Conversation>): Model {
  const own = model.mine[id];
  return own ? { ...model, mine: { ...model.mine, [id]: { ...own, ...more } } } : model;
}

/** After a new socket the desk comes whole again; what is no longer among it is no longer mine. */
function onDesk(model: Model, desk: Desk): Model {
  return { ...model, line: 'up', signed: true, locked: false, ended: undefined, desk, alarms: {} };
}

export function reduce(model: Model, frame: Frame): Model {
  switch (frame.t) {
    case 'hello':
      return { ...model, line: 'up', greeted: true, passkeys: frame.passkeys, oidc: frame.oidc };
    case 'desk': {
      const { t: _, ...desk } = frame;
      return onDesk(model, desk);
    }
    case 'queue':
      return forgetOthers(onQueue(model, frame), frame.whole === true);
    case 'events':
      return onEvents(model, frame.list);
    case 'contact':
      return onContact(model, frame);
    case 'forgotten':
      return onForgotten(model, frame.contact);
    case 'lost':
      return onLost(model, frame.contact, frame.why);
    case 'typing':
      return change(model, frame.contact, { typing: frame.on });
    case 'read':
      return change(model, frame.contact, { read: frame.seq });
    case 'colleagues': {
      if (!model.desk) return model;
      const own = frame.list.find((colleague: Colleague) => colleague.id === model.desk?.me.id);
      return setDuty({ ...model, desk: { ...model.desk, colleagues: frame.list } }, own ? own.duty : model.desk.duty);
    }
    case 'alarm':
      return { ...model, alarms: { ...model.alarms, [frame.contact]: { contact: frame.contact, level: frame.level, why: frame.why } } };
    case 'hushed': {
      const alarm = model.alarms[frame.contact];
      return alarm ? { ...model, alarms: { ...model.alarms, [frame.contact]: { ...alarm, hushedBy: frame.by } } } : model;
    }
    case 'trouble':
      return model.desk ? { ...model, desk: { ...model.desk, trouble: frame.on } } : model;
    case 'locked':
      return { ...model, locked: true };
    case 'bye':
      return frame.why === 'session' ? { ...begin(), line: 'down', ended: 'session' } : model;
    default:
      return model;
  }
}

/** whole: a new list follows in pieces; a conversation that is not confirmed by `contact` was lost. */
function forgetOthers(model: Model, whole: boolean): Model {
  if (!whole) return model;
  const mine: Record<string, Conversation> = {};
  for (const [id, own] of Object.entries(model.mine)) mine[id] = { ...own, lost: own.lost ?? 'lease' };
  return { ...model, mine };
}

export function down(model: Model): Model {
  return { ...model, line: 'down', greeted: false };
}

export function setDuty(model: Model, duty: Duty): Model {
  if (!model.desk) return model;
  return { ...model, rest: duty === 'pause' ? model.rest : undefined, desk: { ...model.desk, duty } };
}

/** A pause with a soft end: nothing happens by itself when it is over. */
export function rest(model: Model, minutes: number, now: number): Model {
  return { ...setDuty(model, 'pause'), after: undefined, rest: { since: model.rest?.since ?? now, until: now + minutes * 60000 } };
}

export function write(model: Model, contact: string, unsent: Unsent): Model {
  const own = model.mine[contact];
  return own ? change(model, contact, { unsent: [...own.unsent, unsent] }) : model;
}

/** code undefined: it is stored. */
export function settle(model: Model, contact: string, id: string, code?: string): Model {
  const own = model.mine[contact];
  if (!own) return model;
  const unsent = code
    ? own.unsent.map((one) => (one.id === id ? { ...one, failed: code } : one))
    : own.unsent.filter((one) => one.id !== id);
  return change(model, contact, { unsent });
}

export function seen(model: Model, contact: string): Model {
  const own = model.mine[contact];
  const last = own?.events[own.events.length - 1]?.seq ?? 0;
  return own && own.seen < last ? change(model, contact, { seen: last }) : model;
}

export function unread(conversation: Conversation): number {
  return conversation.events.filter((event) => event.seq > conversation.seen && event.author === 'visitor' && event.kind === 'message').length;
}

export function ringing(model: Model): Alarm[] {
  return Object.values(model.alarms).filter((alarm) => !alarm.hushedBy && model.cards[alarm.contact]?.state === 'waiting');
}
