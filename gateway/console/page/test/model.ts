import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieces } from '../src/marked';
import { begin, down, hold, reduce, refresh, ringing, settle, unread, write, type Model } from '../src/model';
import { inOrder } from '../src/order';
import type { Card, Event, Flag, Frame } from '../src/protocol';

function card(id: string, more: Partial<Card> = {}): Card {
  return {
    id, channel: 'chat', state: 'waiting', level: 'none', complete: true, flags: [], arrived: 0, due: 1000, present: true,
    returned: 0, lang: 'nl', who: 'child', where: '', messages: 0, practice: false, ...more,
  };
}

const desk: Frame = {
  t: 'desk', me: { id: 7, name: 'a', display: 'A', role: 'counsellor' }, duty: 'on', capacity: 3, lease: 30, lock: 15, block: 30, beat: 8,
  centre: 'C', replies: [], colleagues: [], targets: { serious: 5, elevated: 15, none: 30 }, trouble: false, demo: false,
};
const run = (model: Model, ...frames: Frame[]): Model => frames.reduce(reduce, model);
const put = (...cards: Card[]): Frame => ({ t: 'queue', put: cards });
const mine = (id: string, ...events: Event[]): Frame =>
  ({ t: 'contact', contact: card(id, { state: 'taken', owner: 7 }), answers: { who: '', where: '', lang: '' }, events, read: 0 });
const word = (seq: number, author: 'visitor' | 'counsellor' = 'visitor', id?: string): Event =>
  ({ seq, kind: 'message', time: 0, author, text: `t${seq}`, id });

test('danger first, then by deadline, then by arrival', () => {
  assert.deepEqual(inOrder([card('late', { due: 3000 }), card('b', { due: 2000, arrived: 5 }), card('a', { due: 2000, arrived: 1 }),
    card('danger', { level: 'immediate', due: undefined, arrived: 9 }), card('taken', { state: 'taken' })]), ['danger', 'a', 'b', 'late']);
});

test('practice stands behind everybody, in its own order', () => {
  assert.deepEqual(inOrder([card('played', { level: 'immediate', due: undefined, practice: true }), card('later', { due: 1, practice: true }),
    card('child', { due: 9000 })]), ['child', 'played', 'later']);
});

test('nothing moves while it is pointed at, and it is put in order afterwards', () => {
  const held = run(hold(run(begin(), desk, put(card('a', { due: 1 }), card('b', { due: 2 }))), true),
    put(card('c', { level: 'immediate' })), put(card('a', { due: 9 })));
  assert.deepEqual(held.shown, ['a', 'b', 'c']);
  assert.equal(held.stale, true);
  assert.equal(held.fresh, 1);
  const gone = run(held, { t: 'queue', drop: ['a'] });
  assert.deepEqual(gone.shown, ['a', 'b', 'c'], 'a row that ended keeps its place');
  assert.equal(gone.cards.a?.state, 'closed');
  const asked = refresh(gone);
  assert.deepEqual([asked.shown, asked.fresh, asked.stale, asked.hold, asked.cards.a], [['c', 'b'], 0, false, true, undefined]);
  const free = hold(held, false);
  assert.deepEqual(free.shown, ['c', 'b', 'a']);
  assert.equal(free.stale, false);
});

test('a message under way is shown once, also when its event comes before the answer', () => {
  const sent = write(run(begin(), desk, mine('x', word(1))), 'x', { id: 'm', kind: 'say', text: 'hoi', time: 0 });
  assert.equal(sent.mine.x?.unsent.length, 1);
  const stored = run(sent, { t: 'events', list: [{ ...word(2, 'counsellor', 'm'), contact: 'x' }] });
  assert.equal(stored.mine.x?.unsent.length, 0);
  assert.equal(settle(stored, 'x', 'm').mine.x?.events.length, 2);
  assert.equal(settle(sent, 'x', 'm', 'full').mine.x?.unsent[0]?.failed, 'full');
});

test('after a new socket what is not confirmed is no longer mine, and nothing is lost of what is', () => {
  const before = write(run(begin(), desk, mine('x', word(1)), mine('y', word(1))), 'x', { id: 'm', kind: 'say', text: 'hoi', time: 0 });
  const after = run(down(before), { t: 'hello' }, desk, { t: 'queue', whole: true }, mine('x', word(1), word(2)));
  assert.equal(after.mine.x?.lost, undefined);
  assert.equal(after.mine.x?.unsent.length, 1);
  assert.equal(after.mine.x?.events.length, 2);
  assert.equal(after.mine.y?.lost, 'lease');
});

test('events are not doubled, and only the visitor counts as unread', () => {
  const model = run(begin(), desk, mine('x', word(1)), { t: 'events', list: [{ ...word(2), contact: 'x' }, { ...word(2), contact: 'x' },
    { ...word(3, 'counsellor'), contact: 'x' }] });
  assert.equal(model.mine.x?.events.length, 3);
  assert.equal(unread(model.mine.x!), 2);
});

test('it rings until it is taken or seen by somebody', () => {
  const alarm: Frame = { t: 'alarm', contact: 'a', level: 'serious', why: 'new' };
  const rings = run(begin(), desk, put(card('a')), alarm);
  assert.equal(ringing(rings).length, 1);
  assert.equal(ringing(run(rings, { t: 'hushed', contact: 'a', by: 'B' })).length, 0);
  assert.equal(ringing(run(rings, put(card('a', { state: 'taken' })))).length, 0);
  assert.equal(ringing(run(rings, { t: 'queue', drop: ['a'] })).length, 0);
});

test('a session that ended forgets everything that was on the screen', () => {
  const model = run(run(begin(), desk, mine('x', word(1))), { t: 'bye', why: 'session' });
  assert.deepEqual(model.mine, {});
  assert.equal(model.desk, undefined);
  assert.equal(model.ended, 'session');
});

test('one that is forgotten leaves the list, the chats, the look and the alarms', () => {
  const gone: Frame = { t: 'forgotten', contact: 'x' };
  const model = run(run(begin(), desk, mine('x', word(1)), mine('y', word(1))), gone);
  assert.deepEqual([Object.keys(model.mine), model.tabs, model.selected, model.forgotten], [['y'], ['y'], 'y', ['x']]);
  assert.equal(model.cards.x, undefined);
  const lost = run(begin(), desk, mine('x', word(1)), { t: 'lost', contact: 'x', why: 'closed' });
  assert.equal(lost.mine.x?.lost, 'closed');
  assert.equal(run(lost, gone).mine.x, undefined);
  assert.equal(JSON.stringify(run(lost, gone)).includes('"t1"'), false);
});

test('words are marked where flags say, by UTF-16 units', () => {
  const flag = (from: number, to: number): Flag => ({ rule: 'r', category: 'c', level: 'serious', why: '', seq: 1, from, to, words: '' });
  const text = '😀 hij slaat';
  assert.deepEqual(pieces(text, [flag(3, 12)]).map((piece) => piece.text), ['😀 ', 'hij slaat']);
  assert.deepEqual(pieces('abcd', [flag(2, 4), flag(0, 3)]).map((piece) => [piece.text, !!piece.flag]), [['abc', true], ['d', false]]);
  assert.deepEqual(pieces('ab', [flag(0, 9)]).map((piece) => piece.text), ['ab']);
});

test('what a visitor ended stays until I close it; what I ended goes', () => {
  const ended = (author: 'visitor' | 'counsellor'): Frame => ({ t: 'events', list: [{ contact: 'x', seq: 2, kind: 'closed', time: 0, author }] });
  const lost: Frame = { t: 'lost', contact: 'x', why: 'closed' };
  const stays = run(begin(), desk, mine('x', word(1)), ended('visitor'), lost);
  assert.equal(stays.mine.x?.lost, 'closed');
  assert.equal(run(stays, { t: 'queue', whole: true, put: [] }).mine.x?.lost, 'closed', 'also over a new line');
  assert.equal(run(begin(), desk, mine('x', word(1)), ended('counsellor'), lost).mine.x, undefined);
});
