// Asterisk: the scenarios that every line must master. Its events come by one connection, what it does
// is asked by another; several desks at once, each with its share, because menus wait in real time.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Ari } from '../fakes/ari.mjs';
import { pause, until } from '../scenario/client.mjs';
import { scenarios } from './scenarios.mjs';
import { World } from './world.mjs';

// What is asked of a platform that calls us by webhook, and where its like is tried.
const never = {
  streams: 'Asterisk keeps a message until it was fetched: who hangs up, a restart in the middle: below, and the list',
  webhooks: 'Asterisk asks nothing by webhook; doubled, late, reordered and lost events: below',
};
const SHARES = 8; // worlds side by side: callers wait, the processor does not
const ACCIDENTS = 4;

/** Nothing of a call stays at Asterisk: no telephone that rings, no bridge. */
const tidy = ({ platform }) => until(() => platform.channels.size === 0 && platform.bridges.size === 0, 'nothing to be left at Asterisk');

const play = async (world, run) => {
  await world.play(run);
  await tidy(world);
};

describe('by Asterisk', { concurrency: SHARES + ACCIDENTS }, () => {
  for (let share = 0; share < SHARES; share++) {
    describe(`desk ${share + 1}`, { concurrency: 1 }, () => {
      let world;
      before(async () => { world = await World.create(Ari); });
      after(() => world?.remove());
      for (const { name, run, needs } of scenarios.filter((one, i) => i % SHARES === share))
        test(name, { skip: never[Object.keys(needs).find((need) => never[need])] ?? false }, () => play(world, run));
    });
  }

  for (let share = 0; share < ACCIDENTS; share++) describe(`accidents ${share + 1}`, { concurrency: 1 }, () => {
    let number = 0;
    let world;
    /** By a name, of which the first address may be one where nobody listens. */
    class Named extends Ari {
      name = 'localhost';
    }
    before(async () => { world = await World.create(Named); });
    after(() => world?.remove());
    const accident = (name, run) => number++ % ACCIDENTS === share && test(name, () => play(world, run));

    const whole = async () => {
      const call = await world.inQueue();
      await call.press('9');
      await call.wait();
      await until(() => world.card(call)?.level === 'serious', 'the level');
      await world.ringing(call);
      await call.leg('busy');
      await world.state(call, 'waiting');
      await world.ringing(call);
      await call.leg('answer');
      await call.legPress('1');
      assert.equal(call.waits.leg, 'joined');
      await world.stage(call, 'connected');
      await call.hangup();
      await world.stage(call, 'ended');
      assert.equal(world.anke.cards.size, 1);
      assert.deepEqual(world.stages(call), ['ringing', 'busy', 'ringing', 'connected', 'ended']);
    };
    accident('every event comes twice', async () => {
      world.platform.faults.double = true;
      await whole();
    });
    accident('a number whose every key is told twice is the number', async () => {
      const call = await world.inQueue();
      await call.press('*');
      world.platform.faults.double = true;
      await call.press('0200000011');
      assert.equal(call.since.filter((id) => id.startsWith('nl/digit')).map((id) => id.slice(-1)).join(''), '0200000011');
    });
    accident('every event comes late', async () => {
      world.platform.faults.delay = 80;
      await whole();
    });
    accident('events overtake each other', async () => {
      world.platform.faults.reorder = true;
      const call = await world.inQueue();
      await call.press('9');
      await call.wait();
      await world.ringing(call);
      await call.leg('busy');
      await world.state(call, 'waiting');
    });
    accident('one request in five fails, and everything is done all the same', async () => {
      world.platform.faults.broken = 0.2;
      await whole();
    });
    accident('the end of a sound is never told: the line goes on', async () => {
      world.platform.faults.drop = ['PlaybackFinished'];
      const call = await world.platform.call().start();
      await until(() => call.heard.filter((id) => id === 'nl/greeting').length > 1, 'the next words', 40000);
    });
    accident('no sound can be fetched: keys still lead to a person', async () => {
      world.platform.faults.failing = true;
      const call = await world.inQueue();
      assert.equal(world.card(call).state, 'waiting');
    });
    accident('an end that overtakes the call leaves nobody', async () => {
      const call = world.platform.call();
      const channel = { id: call.id, from: call.from, state: 'Up', vars: {}, heard: [], inApp: true };
      world.platform.about('ChannelDestroyed', channel, { cause: 16, cause_txt: 'x' });
      await call.start().catch(() => undefined);
      await call.hangup();
      await until(async () => await world.metric('calls') === 0, 'no line');
      assert.equal(world.anke.cards.size, 0);
    });

    accident('away for a while: who left is gone, who came hears the greeting, a telephone that rang is told', async () => {
      const { platform } = world;
      const left = await world.inQueue();
      const rung = await world.inQueue();
      await world.ringing(rung);
      platform.refuse = true;
      const { socket } = platform;
      socket.terminate();
      await until(() => platform.socket === undefined, 'the connection to be cut');
      await left.hangup();
      platform.destroy(rung.waits.action, 17, 'BUSY');
      const came = platform.call();
      platform.faults.unregistered = true;
      platform.arrive(came);
      platform.faults.unregistered = false;
      await until(() => world.daemon.log.includes('msg="Asterisk is not reached"'), 'the log to say it');
      platform.refuse = false;
      await world.state(left, 'closed');
      await came.settle(() => came.heard.includes('en/greeting'), 'the greeting');
      await until(() => rung.waits.kind === 'hold', 'the caller to hold');
      await world.state(rung, 'waiting');
    });
    accident('a call that is joined goes on while the connection is lost', async () => {
      const { platform } = world;
      const call = await world.talking();
      const { connections } = platform;
      platform.socket.terminate();
      await until(() => platform.connections > connections, 'the next connection');
      await pause(300);
      assert.equal(call.waits.leg, 'joined');
      await call.legHangup();
      await world.stage(call, 'parked');
    });
    accident('Asterisk is started anew: its calls are over', async () => {
      const { platform } = world;
      const call = await world.inQueue();
      const { connections } = platform;
      platform.channels.clear();
      platform.playbacks.clear();
      platform.socket.terminate();
      await until(() => platform.connections > connections, 'the next connection');
      await world.state(call, 'closed');
    });
    accident('who spoke and hung up has left a message', async () => {
      const call = await world.inQueue();
      await call.press('0');
      assert.equal(call.waits.kind, 'record');
      call.channel.spoke = 3;
      await call.hangup();
      await world.stage(call, 'message');
      assert.equal(world.card(call).state, 'waiting');
      await world.message(call);
    });
    accident('who said nothing leaves no file behind', async () => {
      const call = await world.inQueue();
      await call.press('0');
      await call.hangup();
      await world.state(call, 'closed');
      await until(() => world.platform.recordings.size === 0, 'the file to be deleted');
    });
    const rewrite = (from, to) => {
      const path = join(world.daemon.folder, 'onthaal.yaml');
      const text = readFileSync(path, 'utf8');
      assert.ok(text.includes(from));
      writeFileSync(path, text.replace(from, to));
    };
    accident('another password is taken over while it runs; who cannot be asked is not listened to', async () => {
      const { platform, daemon } = world;
      const { connections } = platform;
      const before = daemon.log.length;
      rewrite('password: rest secret', 'password: old secret');
      daemon.process.kill('SIGHUP');
      await until(() => daemon.log.slice(before).includes('see user, password, and ari.conf there'), 'the advice', 60000);
      await until(() => platform.socket === undefined, 'the connection to be given up');
      assert.equal(platform.connections, connections);
      rewrite('password: old secret', 'password: rest secret');
      daemon.process.kill('SIGHUP');
      await until(() => platform.connections > connections, 'the next connection', 40000);
      await whole();
    });
    accident('an address that is not allowed is told, and not listened to', async () => {
      const { platform, daemon } = world;
      await daemon.stop('SIGKILL');
      await until(() => platform.socket === undefined, 'the connection to be gone');
      const { connections } = platform;
      rewrite('allow_private: true', 'allow_private: false');
      await daemon.start();
      await until(() => daemon.log.includes('it needs outbox.allow_private: true'), 'the advice', 60000);
      assert.equal(platform.connections, connections);
      rewrite('allow_private: false', 'allow_private: true');
      daemon.process.kill('SIGHUP');
      await until(() => platform.connections > connections, 'the connection', 40000);
      assert.ok(await world.anke.resume());
    });
    accident('another program takes our place: told, and taken back', async () => {
      const { platform } = world;
      const { connections } = platform;
      platform.emit('ApplicationReplaced', {});
      await until(() => world.daemon.log.includes('msg="another program took our place at Asterisk"'), 'the log to say it');
      platform.socket.terminate();
      await until(() => platform.connections > connections, 'the next connection', 40000);
    });
    accident('what is no event is passed over', async () => {
      for (const text of ['', '[]', '{}', '{"type":"StasisStart"}', '{"type":"StasisStart","channel":{"id":"a b"}}', 'x'.repeat(100000)]) world.platform.socket.send(text);
      await whole();
    });
    if (share === 0) test('a restart forgets no telephone that rings, and no bridge', async () => {
      const { platform } = world;
      platform.channels.set('onthaal-l-9-gone', { id: 'onthaal-l-9-gone', state: 'Ringing', inApp: true, vars: {}, heard: [], leg: true });
      platform.channels.set('somebody-else', { id: 'somebody-else', state: 'Up', inApp: false, vars: {}, heard: [] });
      await world.restart();
      await until(() => !platform.channels.has('onthaal-l-9-gone'), 'the telephone to be let go');
      assert.ok(platform.channels.has('somebody-else'));
      platform.channels.clear();
    });
  });
});
