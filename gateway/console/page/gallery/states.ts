// Every state of the console, as the frames that lead to it. People and words are invented.
import type { Card, Desk, Event, Flag, Level } from '../src/protocol';

export interface State {
  frames: object[];
  answers?: Record<string, object>;
  act?: () => void | Promise<void>; // what a person does then
  down?: boolean; // and the line breaks
  stranger?: boolean; // nobody is signed in
  passkeys?: boolean; // they are offered at this address
}

const MINUTE = 60_000;
const now = Date.now();
const me = { id: 1, name: 'anke', display: 'Anke', role: 'counsellor' };

function desk(more: Partial<Desk> = {}): object {
  return {
    t: 'desk', me, duty: 'on', capacity: 3, lease: 60, lock: 15, block: 60, beat: 8, centre: 'Vertrouwenscentrum Kindermishandeling Brussel',
    replies: [{ key: 'veilig', language: 'nl', text: 'Ben je nu op een veilige plek?' }],
    colleagues: [{ id: 2, display: 'Bert', duty: 'on', contacts: 1 }, { id: 3, display: 'Carla', duty: 'pause', contacts: 0 }],
    targets: { serious: 5, elevated: 15, none: 30 }, trouble: false, demo: false, ...more,
  };
}

function card(id: string, more: Partial<Card> = {}): Card {
  return {
    id, channel: 'chat', state: 'waiting', level: 'none', complete: true, flags: [], arrived: now - 2 * MINUTE, due: now + 28 * MINUTE, present: true,
    returned: 0, lang: 'nl', who: 'child', where: 'brussels', messages: 1, practice: false, ...more,
  };
}

function flag(level: Level, category: string, words: string, from = 0): Flag {
  return { rule: `nl.${category}`, category, level, why: 'voorbeeld', seq: 2, from, to: from + words.length, words };
}

const fear = flag('elevated', 'fear_home', 'durf niet naar huis', 37);
const knife = flag('immediate', 'violence_now', 'hij heeft een mes');
const queue: Card[] = [
  card('a', { level: 'immediate', due: undefined, arrived: now - 4 * MINUTE, returned: 1, flags: [knife] }),
  card('b', { level: 'serious', due: now - 2 * MINUTE, arrived: now - 7 * MINUTE, channel: 'telephone', who: '', call: 'message' }),
  card('c', { level: 'elevated', flags: [fear], lang: 'fr', where: 'elsewhere', former: 'Bert' }),
  card('d', { who: 'professional', channel: 'plain', complete: false }),
  card('e', { who: 'parent', present: false }),
  card('f', { who: 'family', practice: true }),
  card('g', { state: 'taken', owner: 2, taken_by: 'Bert', level: 'serious' }),
];
const put = (...cards: Card[]): object => ({ t: 'queue', whole: true, put: cards });
const some = [desk(), put(...queue)];

const by = { author: 'counsellor', staff: 1, by: 'Anke' } as const;
const talk: Event[] = [
  { seq: 1, kind: 'opened', time: now - 8 * MINUTE, author: 'visitor' },
  { seq: 2, kind: 'message', time: now - 8 * MINUTE, author: 'visitor', text: 'hey, papa is weer heel kwaad en ik durf niet naar huis', flags: [fear] },
  { seq: 3, kind: 'taken', time: now - 5 * MINUTE, ...by },
  { seq: 4, kind: 'message', time: now - 4 * MINUTE, ...by, text: 'Dag, fijn dat je schrijft. Ben je nu op een veilige plek?' },
  { seq: 5, kind: 'note', time: now - 3 * MINUTE, ...by, text: 'Klinkt jong, is alleen thuis.' },
  { seq: 6, kind: 'message', time: now - 1 * MINUTE, author: 'visitor', text: 'ja, bij een vriendin' },
];
const own = (id: string, more: Partial<Card> = {}): Card => card(id, { state: 'taken', owner: 1, taken_by: 'Anke', level: 'elevated', flags: [fear], messages: 2, ...more });
const contact = (one: Card, events = talk): object => ({ t: 'contact', contact: one, answers: { who: one.who, where: one.where, lang: one.lang }, events, read: 4 });
const closed = (id: string, author: 'visitor' | 'counsellor'): object[] => [
  { t: 'events', list: [{ contact: id, seq: 7, kind: 'closed', time: now, author, ...(author === 'counsellor' ? by : {}) }] },
  { t: 'lost', contact: id, why: 'closed' },
];
const call = (stage: string): object => contact(own('tel', { channel: 'telephone', call: stage, call_since: now - 3 * MINUTE, who: '' }), [
  { seq: 1, kind: 'opened', time: now - 8 * MINUTE, author: 'visitor' }, { seq: 2, kind: 'call', time: now - 3 * MINUTE, author: 'system', stage },
]);
const ring = (id: string, level: Level, why = 'new'): object => ({ t: 'alarm', contact: id, level, why });

const hours = (...numbers: number[]): number[] => Array.from({ length: 25 }, (_, hour) => numbers[hour] ?? 0);
const midnight = new Date().setHours(0, 0, 0, 0);
const today = {
  since: midnight, midnight, bands: [1, 5, 15, 30], left_after: [4, 2, 1, 0, 1],
  arrived: hours(1, 0, 0, 0, 0, 0, 0, 2, 5, 9, 12), taken: hours(1, 0, 0, 0, 0, 0, 0, 2, 4, 8, 11), left: hours(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1),
  levels: [{ level: 'none', taken: 30, in_time: 29 }, { level: 'elevated', taken: 12, in_time: 10 }, { level: 'serious', taken: 5, in_time: 5 }, { level: 'immediate', taken: 4, in_time: 1 }],
};
const quietDay = { ...today, arrived: hours(), taken: hours(), left: hours(), left_after: [0, 0, 0, 0, 0], levels: today.levels.map(({ level }) => ({ level, taken: 0, in_time: 0 })) };
const chief = { me: { ...me, role: 'coordinator' } };
const settings = { settings: {}, telephone: '+3225550123' };
const shift = { shift: { since: now - 120 * MINUTE, taken: 4, closed: 3, returned: 1, team: { since: midnight, arrived: 11, taken: 9 } } };
const sessions = { sessions: [{ session: '0123456789abcdef', staff: 1, display: 'Anke', created: now, expires: now, this: true }, { session: '0123456789abcdee', staff: 1, display: 'Anke', created: now - 300 * MINUTE, expires: now, this: false }] };
const DAY = 1440 * MINUTE;
const day = now - (now % DAY);
const passkeys = { passkeys: [
  { passkey: 1, label: 'Laptop op kantoor', credential: 'AQ', created: day - 40 * DAY, used: day, vault: true },
  { passkey: 2, label: 'Sleutel aan mijn sleutelbos, reserve', credential: 'Ag', created: day, used: 0, vault: false },
] };
const usual = { settings, shift, sessions, passkeys };
const chosen = (more: object) => ({ ...usual, settings: { ...settings, settings: more } });
const key = (letter: string) => () => void dispatchEvent(new KeyboardEvent('keydown', { key: letter }));
const click = (selector: string) => () => document.querySelector<HTMLElement>(selector)?.click();

async function found(selector: string): Promise<HTMLElement> {
  for (;;) {
    const element = document.querySelector<HTMLElement>(selector);
    if (element) return element;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** In the settings: types into a part, sends it when asked to, and looks at what is there then. */
const inPart = (part: string, words: string[], then: string, send = false) => async () => {
  key('s')();
  const form = await found(`${part} form`) as HTMLFormElement;
  form.querySelectorAll<HTMLInputElement>('input:not([hidden], [type=checkbox])').forEach((input, at) => {
    input.value = words[at] ?? '';
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  if (send) form.requestSubmit();
  (await found(`${part} ${then}`)).scrollIntoView({ block: 'center' });
};
const secret = { name: 'anke', display: 'Anke', secret: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', uri: 'otpauth://totp/Onthaal:1?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Onthaal' };

export const states: Record<string, State> = {
  'sign-in': { frames: [], stranger: true },
  'sign-in-provider': { frames: [{ t: 'hello', oidc: 'VK Brussel' }], stranger: true },
  'sign-in-passkey': { frames: [], stranger: true, passkeys: true },
  empty: { frames: [desk(), put()], answers: usual },
  off: { frames: [desk({ duty: 'off' }), put()], answers: usual },
  queue: { frames: some, answers: usual },
  thousand: { frames: [desk(), put(...Array.from({ length: 1000 }, (_, i) => card(`n${i}`, { due: now + i * 1000, messages: i })))], answers: usual },
  alarm: { frames: [...some, ring('a', 'immediate'), ring('c', 'elevated')], answers: usual },
  overdue: { frames: [...some, ring('b', 'serious', 'overdue')], answers: usual },
  seen: { frames: [...some, ring('a', 'immediate'), { t: 'hushed', contact: 'a', by: 'Bert' }], answers: usual },
  looking: { frames: [...some, contact(queue[2] as Card, talk.slice(0, 2))], answers: usual },
  talking: { frames: [...some, contact(own('m')), { t: 'typing', contact: 'm', on: true }], answers: usual },
  two: { frames: [...some, contact(own('m')), contact(own('o', { who: 'professional', level: 'none', flags: [] }))], answers: usual },
  'one-large': { frames: [...some, contact(own('m')), contact(own('o', { who: 'professional', level: 'none', flags: [] }))], answers: chosen({ layout: 'one' }) },
  folded: { frames: [...some, contact(own('m', { level: 'immediate', flags: [knife] }), [{ seq: 1, kind: 'message', time: now, author: 'visitor', text: knife.words, flags: [knife] }])], answers: chosen({ fold: true }) },
  closing: { frames: [...some, contact(own('m'))], answers: usual, act: key('c') },
  'visitor-ended': { frames: [...some, contact(own('m')), ...closed('m', 'visitor')], answers: usual },
  lost: { frames: [...some, contact(own('m')), { t: 'lost', contact: 'm', why: 'lease' }], answers: usual },
  'call-ringing': { frames: [...some, call('ringing')], answers: usual },
  'call-connected': { frames: [...some, call('connected')], answers: usual },
  'call-parked': { frames: [...some, call('parked')], answers: usual },
  after: { frames: [...some, contact(own('m', { level: 'serious' })), ...closed('m', 'counsellor')], answers: usual },
  pause: { frames: some, answers: usual, act: key('p') },
  'sound-for-danger': { frames: some, answers: chosen({ sounds: 'danger' }) },
  'line-down': { frames: [...some, contact(own('m'))], answers: usual, down: true },
  trouble: { frames: [desk({ trouble: true }), put(...queue)], answers: usual },
  locked: { frames: [...some, { t: 'locked' }], answers: usual },
  'locked-passkey': { frames: [...some, { t: 'locked' }], answers: usual, passkeys: true },
  help: { frames: some, answers: usual, act: key('?') },
  settings: { frames: some, answers: chosen({ replies: [{ key: 'rust', language: 'nl', text: 'Neem je tijd. Ik ben hier en ik luister.' }] }), act: key('s') },
  'password-easy': { frames: some, answers: usual, act: inPart('.password-part', ['een lange zin voor de proef', 'AnkeAnkeAnke2026', 'AnkeAnkeAnke2026'], '.verdict.easy') },
  'password-good': { frames: some, answers: usual, act: inPart('.password-part', ['een lange zin voor de proef', 'blauwe fiets regent zacht', 'blauwe fiets regent zacht'], '.verdict.good') },
  'password-refused': { frames: some, answers: usual, act: inPart('.password-part', ['een lange zin voor de proef', 'blauwe fiets regent zacht', 'blauwe fiets'], '.actions .problem:not(:empty)', true) },
  authenticator: { frames: some, answers: { ...usual, 'authenticator-new': secret }, act: inPart('.authenticator-part', ['een lange zin voor de proef', '123456'], '.qr', true) },
  'settings-passkeys': { frames: some, answers: usual, act: key('s'), passkeys: true },
  archive: { frames: some, answers: usual, act: click('.menu button:nth-of-type(2)'), passkeys: true },
  coordinator: { frames: [desk(chief as Partial<Desk>), put(...queue)], answers: usual },
  wall: { frames: [desk(chief as Partial<Desk>), put(...queue)], answers: { ...usual, wall: { today } }, act: click('.menu .layout') },
  'wall-quiet': { frames: [desk({ ...chief, colleagues: [] } as Partial<Desk>), put()], answers: { ...usual, wall: { today: quietDay } }, act: click('.menu .layout') },
};
