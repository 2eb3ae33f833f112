import { fitScreen } from './fit';
import * as keep from './keep';
import { leaveNow, watchShift } from './leave';
import { changeLanguage, page, readPage } from './page';
import type { Answers, Frame } from './protocol';
import { begin, down, nextUnsent, reduce, say, type State } from './state';
import { SOON } from './stages';
import { View } from './view';
import { Wire } from './wire';
import { solve } from './work';

const TYPING_EVERY = 3000;
const TROUBLE_RETRY = 5000;
const LONG = 12000; // connecting this long, one is told
const LONGEST_TIMER = 2 ** 31 - 1;
const OPENING_SPREAD = 8000; // not everybody in the same second

readPage();
const root = document.getElementById('app') as HTMLElement;
const kept = keep.load();
let state: State = { ...begin(), secret: kept.secret, startId: kept.startId, leaving: kept.leaving, answers: kept.answers ?? {} };
for (const { id, text, time } of kept.unsent ?? []) state = say(state, id, text, time);
// an open chat asks its questions while the line is still being made
if (root.dataset.open === '1' && !kept.secret && !kept.startId) state.stage = 'questions';
let view: View;
let typingSent = 0;
let typingStop: number | undefined;
let sending: string | undefined; // the message, or the end, that is on its way
let resend: number | undefined; // until then nothing goes: we were told to wait
let opening: number | undefined;

const wire = new Wire(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/chat`, {
  hello: () => (state.secret ? { t: 'hello', lang: page.lang, secret: state.secret, after: state.n } : { t: 'hello', lang: page.lang }),
  onFrame,
  onDown: (crowded) => {
    sending = undefined;
    clearTimeout(resend);
    resend = undefined;
    set(down(state, crowded));
  },
});

function set(next: State): void {
  state = next;
  keep.save({
    startId: state.startId, secret: state.secret, answers: state.answers, lang: page.lang, leaving: state.leaving,
    unsent: state.messages.filter((m) => m.from === 'me' && m.n === 0 && !m.failed && m.id)
      .map((m) => ({ id: m.id as string, text: m.text, time: m.time })),
  });
  view.update(state);
  awaitOpening();
}

/** A page that was left open sees the opening come, and begins by itself. */
function awaitOpening(): void {
  clearTimeout(opening);
  if (state.stage !== 'closed' || state.opens === undefined) return;
  const left = state.opens - Date.now();
  const wait = left > SOON ? left - SOON : Math.max(left, OPENING_SPREAD) + Math.random() * OPENING_SPREAD;
  opening = window.setTimeout(() => {
    if (left <= SOON) wire.open();
    else set({ ...state });
  }, Math.min(wait, LONGEST_TIMER));
}

/** What was written goes first, then that it ends. */
function sendNext(): void {
  const message = nextUnsent(state);
  if (sending || resend !== undefined || state.line === 'down' || !state.secret) return;
  if (message) {
    if (wire.send({ t: 'say', id: message.id, text: message.text })) sending = message.id;
  } else if (state.leaving && state.stage !== 'ended') {
    if (wire.send({ t: 'leave', id: state.leaving })) sending = state.leaving;
  }
}

function later(seconds: number): void {
  sending = undefined;
  clearTimeout(resend);
  resend = window.setTimeout(() => {
    resend = undefined;
    if (state.stage === 'starting' && state.startId) sendStart();
    sendNext();
  }, seconds * 1000);
}

function sendStart(work?: object): void {
  wire.send({ t: 'start', id: state.startId, answers: state.answers, ...(work ? { work } : {}) });
}

function onFrame(frame: Frame): void {
  set(reduce(state, frame));
  switch (frame.t) {
    case 'welcome':
      if (state.startId && !state.secret) sendStart();
      break;
    case 'resumed':
      sending = undefined;
      sendNext();
      break;
    case 'started':
    case 'stored':
    case 'events':
      if (frame.t !== 'events' || !state.messages.some((m) => m.id === sending && m.n === 0)) sending = undefined;
      sendNext();
      markRead();
      break;
    case 'work':
      void solve(frame.text, frame.bits).then((number) => {
        if (state.startId === frame.id && !state.secret) sendStart({ text: frame.text, number });
      });
      break;
    case 'forgotten':
      sending = undefined;
      break;
    case 'trouble':
      later(frame.on ? TROUBLE_RETRY / 1000 : 0);
      break;
    case 'error':
      if (frame.code === 'busy' || frame.code === 'too_fast' || (frame.id !== undefined && frame.id === state.leaving)) later(frame.retry ?? 1);
      else if (frame.id) sending = undefined;
      sendNext();
      break;
  }
}

function markRead(): void {
  if (state.line === 'up' && state.secret && state.n && document.visibilityState === 'visible') wire.send({ t: 'read', n: state.n });
}

function onTyping(on: boolean): void {
  clearTimeout(typingStop);
  if (!on) {
    if (typingSent) wire.send({ t: 'typing', on: false });
    typingSent = 0;
    return;
  }
  typingStop = window.setTimeout(() => onTyping(false), TYPING_EVERY * 2);
  if (!state.secret || Date.now() - typingSent < TYPING_EVERY) return;
  typingSent = Date.now();
  wire.send({ t: 'typing', on: true });
}

function onStart(answers: Answers): void {
  set({ ...state, answers: { lang: page.lang, ...answers }, startId: keep.randomId(), stage: 'starting', notice: undefined });
  sendStart();
}

function leave(): void {
  leaveNow(() => wire.close());
}

function build(): void {
  const draft = view ? view.draft : '';
  view = new View(root, {
    language: (code) => {
      void changeLanguage(code).then((good) => good && build());
    },
    leave,
    answer: (answers) => {
      state = { ...state, answers };
      if (answers.lang && answers.lang !== page.lang) void changeLanguage(answers.lang).then((good) => good && build());
    },
    start: onStart,
    say: (words) => {
      clearTimeout(typingStop);
      typingSent = 0;
      set(say(state, keep.randomId(), words, Date.now()));
      sendNext();
    },
    typing: onTyping,
    end: () => {
      set({ ...state, leaving: keep.randomId() });
      sendNext();
    },
    code: () => wire.send({ t: 'code', id: keep.randomId(), secret: state.secret, lang: page.lang }),
    giveCode: (words) => wire.send({ t: 'return', id: keep.randomId(), words: words.slice(0, 300) }),
    goOn: () => wire.send({ t: 'again', id: keep.randomId(), secret: state.secret }),
    again: () => {
      keep.forget();
      state = { ...begin(), line: state.line, everUp: true, open: state.open, stage: 'connecting' };
      set(state);
      wire.open();
    },
    retry: () => wire.probe(),
  }, draft);
  view.update(state);
}

watchShift(leave);
document.addEventListener('visibilitychange', markRead);
fitScreen(() => view.resized());
if (kept.lang && kept.lang !== page.lang) void changeLanguage(kept.lang).then(build);
build();
wire.open();
setTimeout(() => {
  if (!state.everUp) set({ ...state, long: true, stage: 'connecting' });
}, LONG);
