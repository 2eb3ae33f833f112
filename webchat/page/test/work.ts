import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha256 } from '../src/sha256';
import { pad, solve, zeroBits } from '../src/work';

test('the hash is SHA-256', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = new Uint8Array(length).map((_, i) => i * 7 + length);
    assert.deepEqual(Buffer.from(sha256(bytes)), createHash('sha256').update(bytes).digest());
  }
});

test('work is found, and is what it says', async () => {
  for (const bits of [1, 5, 12]) {
    const number = await solve('14.5.abc', bits);
    assert.ok(zeroBits(createHash('sha256').update(`14.5.abc:${number}`).digest()) >= bits);
  }
  assert.equal(zeroBits(Uint8Array.of(0, 0x10)), 11);
  assert.equal(zeroBits(Uint8Array.of(0x80)), 0);
  assert.equal(zeroBits(Uint8Array.of(0, 0)), 16);
});

test('frames come in sizes', () => {
  const sizes = new Set<number>();
  for (let length = 0; length < 5000; length += 7) {
    const frame = { t: 'say', id: 'a', text: 'é'.repeat(length) };
    const padded = pad(JSON.stringify(frame));
    const { p, ...rest } = JSON.parse(padded) as { p: string };
    assert.deepEqual(rest, frame);
    assert.match(p, /^0*$/);
    sizes.add(Buffer.byteLength(padded));
  }
  assert.deepEqual([...sizes], [256, 512, 1024, 2048, 4096, 8192, 16384]);
});
