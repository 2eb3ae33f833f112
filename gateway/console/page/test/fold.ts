import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold } from '../src/fold';
import type { Event, Flag } from '../src/protocol';

let seq = 0;
const say = (text: string, more: Partial<Event> = {}): Event => ({ seq: ++seq, kind: 'message', time: 0, author: 'visitor', text, ...more });
const flag: Flag = { rule: 'r', category: 'c', level: 'serious', why: 'w', seq: 1, from: 0, to: 1, words: '' };
/** The words of each row; a folded one as how many. */
const rows = (...events: Event[]) => fold(events).map((row) => (Array.isArray(row) ? row.length : row.text ?? row.kind));

test('the first two stand, what follows of the same words is one row', () => {
  assert.deepEqual(rows(say('dom'), say('dom'), say('dom')), ['dom', 'dom', 'dom'], 'one alone is no flood');
  assert.deepEqual(rows(say('dom'), say('dom'), say('dom'), say('dom')), ['dom', 'dom', 2]);
  assert.deepEqual(rows(say('Dom!'), say('dom  '), say('DOOOOM'), say('dom.'), say('dom?')), ['Dom!', 'dom  ', 3]);
  assert.deepEqual(rows(...Array.from({ length: 500 }, () => say('dom'))), ['dom', 'dom', 498]);
});

test('nothing is lost, and the order stays', () => {
  const events = [say('a'), say('a'), say('a'), say('a'), say('help'), say('a'), say('a'), say('b')];
  assert.deepEqual(fold(events).flat(), events);
  assert.deepEqual(rows(...events), ['a', 'a', 2, 'help', 2, 'b']);
});

test('what raised a flag, what others say and what is not said stands open', () => {
  assert.deepEqual(rows(say('x'), say('x'), say('x', { flags: [flag] }), say('x', { flags: [flag] })), ['x', 'x', 'x', 'x']);
  assert.deepEqual(rows(...Array.from({ length: 4 }, () => say('dag', { author: 'counsellor' }))), ['dag', 'dag', 'dag', 'dag']);
  assert.deepEqual(rows(...Array.from({ length: 4 }, () => say('', { kind: 'call', author: 'system' }))), ['', '', '', '']);
  assert.deepEqual(rows(...Array.from({ length: 4 }, () => say('???'))), ['???', '???', '???', '???'], 'without words there is nothing to compare');
});

test('other writings and signs are words too', () => {
  assert.deepEqual(rows(say('كلب'), say('كلب'), say('كلب'), say('كلب')), ['كلب', 'كلب', 2]);
  assert.deepEqual(rows(say('💩'), say('💩'), say('💩'), say('💩💩')), ['💩', '💩', '💩', '💩💩']);
});
