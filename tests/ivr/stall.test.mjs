// The telephone never waits for the disk: while nothing at all can be synced, callers are answered, hear
// where they are, and are told when it takes long; afterwards they are in the queue, once each.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Twilio } from '../fakes/twilio.mjs';
import { pause, until } from '../scenario/client.mjs';
import { World } from './world.mjs';

const FAKE = process.env.ONTHAAL_FAKE_DISK_LIBRARY ?? 'build/sanitize/libfake_disk.so';

test('callers are answered while the disk stands still', { timeout: 120000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onthaal-stall-'));
  const control = join(folder, 'disk');
  const disk = (how) => writeFileSync(control, how);
  disk('well');
  const world = await World.create(Twilio, '', '', ['env', `ONTHAAL_FAKE_DISK=${control}`, `LD_PRELOAD=${FAKE}`, 'ASAN_OPTIONS=verify_asan_link_order=0']);
  try {
    const before = await world.inQueue();
    await world.turns(before, () => before.heard.includes('nl/place-first'), 'the place');
    assert.ok(before.since.length);
    disk('stall');
    const calls = [];
    for (let i = 0; i < 10; i++) {
      const call = await world.platform.call().start();
      await call.press('1');
      await call.press('4');
      assert.equal(call.waits.kind, 'hold');
      calls.push(call);
    }
    await before.press('#');
    assert.ok(before.since.includes('nl/place-first'));
    assert.equal(world.anke.cards.size, 1, 'nothing was committed meanwhile');
    await until(async () => {
      await calls[0].wait();
      return calls[0].heard.includes('nl/degraded');
    }, 'the word about the fault', 40000);
    await calls[1].press('9'); // goes on being served
    assert.ok(calls[1].heard.includes('nl/danger'));
    await calls[2].hangup();
    disk('well');
    await until(() => world.anke.cards.size === 10, 'those who still wait', 40000);
    await until(() => [...world.anke.cards.values()].filter((card) => card.level === 'serious').length === 1, 'the level');
    await pause(1100);
    assert.equal(world.anke.cards.size, 10, 'once each');
    await world.clear();
  } finally {
    disk('well');
    await world.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
