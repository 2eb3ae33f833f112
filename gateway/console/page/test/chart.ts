import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ceiling } from '../src/chart';

test('the axis holds the most, and is not much higher', () => {
  assert.deepEqual([0, 5, 6, 11, 20, 21, 50, 51, 300].map(ceiling), [5, 5, 10, 20, 20, 50, 50, 100, 500]);
});
