import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visible } from '../src/virtual';

test('a long list draws what is in sight, a few around it, and what has the focus', () => {
  assert.deepEqual(visible(0, 100, 0, 500, 0), []);
  assert.deepEqual(visible(3, 100, 0, 500, 0), [0, 1, 2]);
  const middle = visible(1000, 100, 50_000, 500, 500);
  assert.deepEqual([middle[0], middle[middle.length - 1]], [494, 511]);
  assert.deepEqual(visible(1000, 100, 50_000, 500, 3)[0], 3);
  assert.equal(visible(1000, 100, 50_000, 500, 3).length, middle.length + 1);
  assert.equal(visible(1000, 100, 99_500, 500, 999).pop(), 999);
  assert.ok(visible(10, 100, 90_000, 500, 0).includes(9), 'a list that became short');
});
