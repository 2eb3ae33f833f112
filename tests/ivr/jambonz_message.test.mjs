// Messages by jambonz: who may bring sound, when, how much; what is late, lost, or cut off; and when we stop.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { said } from '../fakes/platform.mjs';
import { Jambonz } from '../fakes/jambonz.mjs';
import { until, WebSocket } from '../scenario/client.mjs';
import { World } from './world.mjs';

async function asked(world) {
  const call = await world.inQueue();
  await call.press('0');
  assert.equal(call.waits.kind, 'record');
  return call;
}

/** The status that an upgrade is answered, 101 when it is let in. */
function knock(url, { subprotocol = 'audio.jambonz.org', headers = {} } = {}) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, subprotocol, { perMessageDeflate: false, headers });
    socket.on('unexpected-response', (request, { statusCode }) => { resolve(statusCode); request.destroy(); });
    socket.on('open', () => { resolve(101); socket.terminate(); });
    socket.on('error', () => resolve(0));
  });
}

const basic = ({ username, password }) => ({ authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` });
const stored = (world) => until(async () => await world.metric('recordings_waiting') === 0, 'the message to be stored');

describe('by jambonz', { concurrency: 1 }, () => {
  let world;
  before(async () => { world = await World.create(Jambonz, '  messages: 2\n'); });
  after(() => world?.remove());
  const message = (name, run) => test(name, () => world.play(async () => {
    await run();
    world.platform.recordings.clear();
  }));
  const here = (url) => url.replace(world.platform.publicUrl.replace(/^http/, 'ws'), world.daemon.url.replace(/^http/, 'ws'));

  message('only who knows the password of this very turn is let in', async () => {
    const call = await asked(world), other = await asked(world);
    const { url, wsAuth } = call.waits.listen;
    const refused = await world.metric('webhooks_refused_total');
    assert.match(url, /^wss:/);
    assert.equal(await knock(here(url), { headers: basic(wsAuth) }), 101);
    const wrong = [{}, basic({ ...wsAuth, password: 'the secret of today' }), basic({ ...wsAuth, username: 'intake' }), basic(other.waits.listen.wsAuth),
      { authorization: `Bearer ${wsAuth.password}` }, basic({ ...wsAuth, password: wsAuth.password.toUpperCase() })];
    for (const headers of wrong) assert.equal(await knock(here(url), { headers }), 403);
    assert.equal(await knock(here(other.waits.listen.url), { headers: basic(wsAuth) }), 403, 'of another call');
    for (const path of ['', '/', '/w/', '/t/x', `/w/${'a'.repeat(200)}`])
      assert.equal(await knock(here(url).replace(/\/w\/.*/, path), { headers: basic(wsAuth) }), 403, path);
    assert.equal(await knock(here(url).replace('intake', 'elsewhere'), { headers: basic(wsAuth) }), 403);
    assert.equal(await knock(here(url), { headers: basic(wsAuth), subprotocol: 'onthaal.visitor.1' }), 400);
    assert.ok(await world.metric('webhooks_refused_total') >= refused + wrong.length);
    await Promise.all([call.hangup(), other.hangup()]);
  });

  message('sound before a word about the call, of another call, or at another time is not taken', async () => {
    const call = await asked(world), other = await asked(world);
    const { listen } = call.waits;
    const closed = async (hello) => (await world.platform.stream(call, { listen }, hello)).ended;
    for (const hello of [{ callSid: 'nobody' }, { callSid: other.id }, { callSid: undefined }, { callSid: '"' }, { sampleRate: 4000 }, { sampleRate: 96000 }, { sampleRate: 'x' }, { mixType: 'stereo' }])
      assert.equal(await closed(hello), 1008, JSON.stringify(hello));
    const mute = new WebSocket(here(listen.url), 'audio.jambonz.org', { perMessageDeflate: false, headers: basic(listen.wsAuth) });
    mute.on('open', () => mute.send(Buffer.alloc(640)));
    assert.equal(await new Promise((resolve) => { mute.on('close', resolve); }), 1008);
    const first = await world.platform.stream(call, { listen });
    assert.equal(await closed(), 1008, 'a second one of the same turn');
    first.close(1000);
    await call.record(1);
    assert.equal(await closed(), 1008, 'the turn is over');
    await world.stage(call, 'message');
    await stored(world);
    await other.hangup();
  });

  message('the hook overtakes the sound: what is still to come belongs to it', async () => {
    const call = await asked(world), { action } = call.waits, { samples, like } = said(4);
    const socket = await world.platform.stream(call);
    world.platform.speak(socket, samples.subarray(0, 8000));
    const hook = world.platform.ask(call, action, { digits: '#', dial_call_duration: 4 });
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    world.platform.speak(socket, samples.slice(8000));
    socket.close(1000);
    await hook;
    await world.stage(call, 'message');
    await world.take(call);
    assert.ok(like(await world.played(call)));
  });

  message('the hook, and the end of the call, overtake even its first words', async () => {
    for (const over of [false, true]) {
      const call = await asked(world), { action, listen } = call.waits, { samples, like } = said(2);
      const socket = await world.platform.stream(call, { listen }, {}, async () => {
        const fields = { digits: '#', dial_call_duration: 2, ...over ? { call_status: 'completed' } : {} };
        const hook = over ? world.platform.hook(action, world.platform.fields(call, fields)) : world.platform.ask(call, action, fields);
        await new Promise((resolve) => { setTimeout(resolve, 300); });
        return () => hook;
      });
      world.platform.speak(socket, samples);
      socket.close(1000);
      await socket.before();
      if (over) Object.assign(call, { left: true, waits: { kind: 'over' } });
      await world.stage(call, 'message');
      await world.take(call);
      assert.ok(like(await world.played(call)));
      if (over) await world.platform.hook(`${world.platform.root}/s`, world.platform.fields(call, { call_status: 'completed' }));
      assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
    }
  });

  message('the end of the sound does not come: it is waited for no longer than jambonz waits', async () => {
    const call = await asked(world), { action } = call.waits, { samples, like } = said(2);
    const socket = await world.platform.stream(call);
    world.platform.speak(socket, samples);
    const begun = Date.now();
    await world.platform.ask(call, action, { digits: '#', dial_call_duration: 2 });
    assert.ok(Date.now() - begun < 9000, `${Date.now() - begun} ms`);
    assert.equal(await socket.ended, 1000);
    await world.stage(call, 'message');
    await world.take(call);
    assert.ok(like(await world.played(call)));
  });

  message('at another rate, in odd pieces', async () => {
    const call = await asked(world), { action } = call.waits, { samples, like } = said(2, 16000);
    const socket = await world.platform.stream(call, call.waits, { sampleRate: 16000 });
    const bytes = Buffer.from(samples.buffer);
    for (let at = 0, size = 1; at < bytes.length; at += size, size = size % 4001 + 77) socket.send(bytes.subarray(at, at + size));
    socket.close(1000);
    await world.platform.ask(call, action, {});
    await world.stage(call, 'message');
    await world.take(call);
    assert.ok(like(await world.played(call)));
  });

  message('too long: closed by us, and what fits is kept', async () => {
    const call = await asked(world), { action } = call.waits;
    const socket = await world.platform.stream(call);
    for (let i = 0; i < 26; i++) world.platform.speak(socket, said(10).samples);
    assert.ok([1000, 1006].includes(await socket.ended), 'what is on its way may be reset');
    await world.platform.ask(call, action, {});
    await world.stage(call, 'message');
    await world.take(call);
    assert.equal((await world.played(call)).length, 58 + 240 * 8000);
  });

  message('too many at once: told kindly, and then there is room again', async () => {
    const calls = [await asked(world), await asked(world)], third = await world.inQueue();
    await third.press('0');
    assert.ok(third.since.includes('nl/voicemail-off'));
    for (let i = 0; i < 4 && third.waits.kind !== 'hold'; i++) await third.wait();
    assert.equal(await world.metric('recordings_refused_total'), 1);
    await calls[0].hangup();
    await third.press('0');
    assert.equal(third.waits.kind, 'record');
    await calls[1].record(1);
    await world.stage(calls[1], 'message');
    await stored(world);
    await third.hangup();
  });

  message('its hook does not come, nor an end: told by ourselves, and a late hook gets the same answer', async () => {
    const call = await asked(world), { action } = call.waits, { samples, like } = said(2);
    const socket = await world.platform.stream(call);
    world.platform.speak(socket, samples);
    socket.close(1000);
    await world.stage(call, 'message');
    await world.platform.ask(call, action, { dial_call_duration: 2 });
    assert.ok(call.since.includes('nl/voicemail-done'));
    await world.take(call);
    assert.ok(like(await world.played(call)));
  });
});

test('stopped while it is spoken: sealed before we end, heard after the next start', async () => {
  const world = await World.create(Jambonz);
  try {
    const call = await asked(world), { samples, like } = said(3);
    const socket = await world.platform.stream(call);
    world.platform.speak(socket, samples);
    await new Promise((resolve) => { setTimeout(resolve, 1000); }); // it is there
    await world.daemon.stop('SIGTERM');
    assert.equal(await socket.ended, 1000);
    await world.daemon.start();
    assert.ok(await world.anke.resume());
    await world.stage(call, 'message');
    await world.take(call);
    assert.ok(like(await world.played(call)));
    assert.doesNotMatch(world.daemon.log, /message is gone|are gone/);
  } finally {
    await world.remove();
  }
});

test('killed while it is spoken: the caller goes on, and may leave another', async () => {
  const world = await World.create(Jambonz);
  try {
    const call = await asked(world), { action } = call.waits;
    const socket = await world.platform.stream(call);
    world.platform.speak(socket, said(2).samples);
    await world.daemon.stop('SIGKILL');
    await socket.ended;
    await world.daemon.start();
    assert.ok(await world.anke.resume());
    await world.platform.ask(call, action, { dial_call_duration: 2 });
    for (let i = 0; i < 3 && call.waits.kind !== 'hold'; i++) await call.wait();
    assert.equal(call.waits.kind, 'hold');
    await call.press('0');
    await call.record(2);
    await world.stage(call, 'message');
    await world.message(call);
  } finally {
    await world.remove();
  }
});
