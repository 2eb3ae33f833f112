// The short form of tests/bench/flood: a conversation goes on, and comes back, while connections of each
// kind pour in. How fast is told there; here nothing may be lost or refused, and nothing take for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flood, table } from '../bench/flood.mjs';

const COUNT = 600;

test('a conversation goes on through every kind of flood', { timeout: 300000 }, async () => {
  const { rows, faults, breaches } = await flood(COUNT);
  console.log(table(rows));
  assert.deepEqual(faults, []);
  assert.deepEqual(breaches, []);
  for (const { kind, opened, median } of rows.slice(1)) {
    assert.equal(opened, COUNT, kind);
    assert.ok(median < 1000, `${kind}: a message takes ${median} ms`);
  }
  const row = Object.fromEntries(rows.map((each) => [each.kind, each]));
  assert.equal(row.network.let_in, 200, 'limits.network_visitors');
  assert.ok(row.network.full > 0, 'the rest of one network is told that it is full');
  assert.ok(row.starts.work > row.starts.started, 'most of those who begin have to work for it');
});
