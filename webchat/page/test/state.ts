import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, Frame } from '../src/protocol';
import { begin, down, nextUnsent, reduce, say, type State } from '../src/state';

const limits = { characters: 100, per_minute: 10 };
const welcome: Frame = { t: 'welcome', open: true, beat: 8, limits, trouble: false };
const resumed = (n: number, state: 'waiting' | 'taken' | 'closed' = 'waiting'): Frame =>
  ({ t: 'resumed', open: true, beat: 8, limits, trouble: false, state, n });
const events = (...list: Event[]): Frame => ({ t: 'events', list });
const run = (state: State, ...frames: Frame[]): State => frames.reduce(reduce, state);
const opened: Event = { n: 1, kind: 'opened', time: 0 };

function waiting(): State {
  return run({ ...begin(), startId: 's' }, welcome, { t: 'started', id: 's', secret: 'x', n: 1 }, events(opened));
}

test('a new visitor is asked, and waits once the conversation exists', () => {
  assert.equal(run(begin(), welcome).stage, 'questions');
  assert.equal(run(begin(), { ...welcome, open: false }).stage, 'closed');
  assert.equal(waiting().stage, 'waiting');
  assert.equal(waiting().secret, 'x');
});

test('one that is forgotten leaves nothing on the page, whatever was on its way', () => {
  const talk = say({ ...waiting(), code: 'zeven woorden', answers: { who: 'child' } }, 'a', 'nog niet verstuurd', 5);
  const nothing = { ...begin(), line: 'up', everUp: true, characters: 100, opens: undefined, stage: 'ended', ended: 'forgotten' };
  assert.deepEqual(run(talk, { t: 'forgotten' }), nothing);
  assert.deepEqual(run(talk, events({ n: 2, kind: 'closed', why: 'forgotten', time: 0 })), nothing);
  assert.equal(run(talk, { t: 'forgotten' }, welcome).stage, 'ended'); // a new line: it is still read
});

test('a start that was not answered is asked again after a reload', () => {
  assert.equal(run({ ...begin(), startId: 's' }, welcome).stage, 'starting');
});

test('a message is stored once, whichever comes first', () => {
  const said = say(waiting(), 'a', 'dag', 5);
  const mine: Event = { n: 2, kind: 'message', from: 'me', text: 'dag', id: 'a', time: 5 };
  for (const frames of [[{ t: 'stored', id: 'a', n: 2 } as Frame, events(mine)], [events(mine), { t: 'stored', id: 'a', n: 2 } as Frame]]) {
    const after = run(said, ...frames);
    assert.equal(after.messages.length, 1);
    assert.equal(after.messages[0]?.n, 2);
    assert.equal(nextUnsent(after), undefined);
  }
});

test('what is not stored goes in order, the oldest first', () => {
  const said = say(say(waiting(), 'a', '1', 0), 'b', '2', 0);
  assert.equal(nextUnsent(said)?.id, 'a');
  assert.equal(nextUnsent(run(said, { t: 'stored', id: 'a', n: 2 }))?.id, 'b');
  const failed = run(said, { t: 'error', code: 'too_long', id: 'a' });
  assert.equal(nextUnsent(failed)?.id, 'b');
  assert.equal(failed.messages[0]?.failed, 'too_long');
  const spent = run(said, { t: 'error', code: 'spent', id: 'a' }); // to try again would not help
  assert.deepEqual([spent.messages[0]?.failed, spent.notice], ['spent', 'spent']);
});

test('a replay doubles nothing and keeps the order', () => {
  const one: Event = { n: 2, kind: 'taken', name: 'Anke', time: 1 };
  const two: Event = { n: 3, kind: 'message', from: 'counsellor', text: 'hallo', time: 2 };
  const before = say(run(waiting(), events(one, two)), 'late', 'ja', 3);
  const after = run({ ...before, line: 'down' }, resumed(3, 'taken'), events(one, two));
  assert.deepEqual(after.messages.map((m) => m.text), ['chat.taken', 'hallo', 'ja']);
  assert.equal(after.notice, 'resumed');
  const more = run(after, events({ n: 4, kind: 'message', from: 'counsellor', text: 'en?', time: 4 }));
  assert.deepEqual(more.messages.map((m) => m.text), ['chat.taken', 'hallo', 'en?', 'ja']);
});

test('a reload rebuilds the conversation from its events', () => {
  const state = run({ ...begin(), secret: 'x', startId: 's' }, resumed(3, 'taken'), events(opened,
    { n: 2, kind: 'message', from: 'me', text: 'dag', id: 'a', time: 1 }, { n: 3, kind: 'taken', name: 'Anke', time: 2 }));
  assert.equal(state.stage, 'taken');
  assert.equal(state.name, 'Anke');
  assert.deepEqual(state.messages.map((m) => m.from), ['me', 'system']);
});

test('a lost counsellor puts the visitor back in the queue, and says it', () => {
  const state = run(waiting(), events({ n: 2, kind: 'taken', name: 'Anke', time: 1 }, { n: 3, kind: 'returned', why: 'lost', time: 2 }));
  assert.equal(state.stage, 'waiting');
  assert.equal(state.messages[1]?.text, 'chat.lost');
});

test('the end stays the end', () => {
  const ended = run(waiting(), events({ n: 2, kind: 'closed', why: 'counsellor', time: 1 }));
  assert.equal(ended.stage, 'ended');
  assert.equal(run({ ...ended, line: 'down' }, resumed(2, 'closed')).stage, 'ended');
});

test('what was not stored when it ended is not sent for ever', () => {
  const ended = run(say(waiting(), 'a', 'hallo', 1), { t: 'error', code: 'closed', id: 'a' });
  assert.equal(ended.stage, 'ended');
  assert.equal(nextUnsent(ended), undefined);
});

test('an unknown secret begins anew and says so', () => {
  const state = run({ ...begin(), secret: 'old' }, { t: 'unknown' });
  assert.equal(state.secret, undefined);
  assert.equal(state.notice, 'unknown');
});

test('too many people waiting leads back to the start', () => {
  const state = run({ ...begin(), startId: 's', stage: 'starting' }, { t: 'error', code: 'full', retry: 60 });
  assert.equal(state.stage, 'questions');
  assert.equal(state.notice, 'full');
  assert.equal(state.startId, undefined);
});

test('read marks only ever move on', () => {
  assert.equal(run(waiting(), { t: 'read', n: 5 }, { t: 'read', n: 3 }).theyRead, 5);
});

test('a restart that was announced is told as such until the line is back', () => {
  const gone = down(run(waiting(), { t: 'bye', why: 'restart' }), false);
  assert.equal(gone.restarting, true);
  assert.equal(gone.stage, 'waiting');
  assert.equal(run(gone, resumed(1)).restarting, false);
});

test('too many people at once is told, and is over with the first welcome', () => {
  const crowded = down(begin(), true);
  assert.equal(crowded.crowded, true);
  assert.equal(down({ ...begin(), stage: 'questions' }, true).stage, 'connecting');
  assert.equal(down({ ...begin(), stage: 'questions' }, false).stage, 'questions');
  assert.equal(down(waiting(), true).stage, 'waiting');
  assert.deepEqual([run(crowded, welcome).crowded, run(crowded, welcome).stage], [false, 'questions']);
});

test('who starts before the line is there has started when it is', () => {
  const early = { ...begin(), stage: 'starting' as const, startId: 's' };
  assert.equal(run(early, welcome).stage, 'starting');
  assert.equal(run({ ...begin(), stage: 'questions' as const }, welcome).stage, 'questions');
  assert.equal(run({ ...begin(), stage: 'questions' as const }, { ...welcome, open: false }).stage, 'closed');
});
