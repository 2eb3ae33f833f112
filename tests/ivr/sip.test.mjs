// The telephone without a platform: the scenarios that every line must master, in real time and known
// from the sound. Several desks at once, each with its share.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Sip } from '../fakes/sip.mjs';
import { until } from '../scenario/client.mjs';
import { scenarios } from './scenarios.mjs';
import { World } from './world.mjs';

// What is asked of a platform that a line of our own has not, and where its like is tried.
const never = {
  webhooks: 'by SIP no webhook can be doubled, lost or late; repeated and lost messages: scenario/sip_call, sip_sipp',
  streams: 'by SIP what is spoken comes in real time: sip_message',
  restart: 'a line by SIP ends with the daemon that is its other end; what its caller and contact get: scenario/sip_daemon',
};
const SHARES = 4;

describe('by SIP', { concurrency: SHARES }, () => {
  for (let share = 0; share < SHARES; share++) {
    describe(`desk ${share + 1}`, { concurrency: 1 }, () => {
      let world;
      before(async () => { world = await World.create(Sip); });
      after(() => world?.remove());
      for (const { name, run, needs } of scenarios.filter((one, i) => i % SHARES === share))
        test(name, { skip: never[Object.keys(needs).find((need) => never[need])] ?? false }, () => world.play(run));
    });
  }

  test('what was promised is kept: called back after we were killed and started again', async () => {
    const world = await World.create(Sip);
    try {
      const call = await world.inQueue();
      for (const keys of ['*', '0200000001', '1']) await call.press(keys);
      assert.equal(call.waits.kind, 'over');
      await world.state(call, 'waiting');
      await world.restart();
      world.platform.origins.length = 0;
      await world.take(call);
      const line = await until(() => world.platform.origins[0], 'the counsellor\'s telephone to ring');
      await line.start();
      await line.press('1');
      assert.equal(line.waits.target, '+32200000001');
      await line.leg('answer');
      await world.stage(call, 'connected');
      await line.hangup();
      await world.stage(call, 'ended');
      assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
      await world.clear();
    } finally {
      await world.remove();
    }
  });
});
