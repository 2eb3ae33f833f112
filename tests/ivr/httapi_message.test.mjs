// Messages by FreeSWITCH: who may bring a file, when, how much; what is no form, no sound, or cut off.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { HttapiAlone } from '../fakes/httapi.mjs';
import { said } from '../fakes/platform.mjs';
import { wav } from '../fakes/wav.mjs';
import { until } from '../scenario/client.mjs';
import { World } from './world.mjs';

async function asked(world) {
  const call = await world.inQueue();
  await call.press('0');
  assert.equal(call.waits.kind, 'record');
  return call;
}

describe('by FreeSWITCH', { concurrency: 1 }, () => {
  let world;
  before(async () => { world = await World.create(HttapiAlone, '  messages: 2\n'); });
  after(() => world?.remove());
  const message = (name, run) => test(name, () => world.play(async () => {
    await run();
    world.platform.rate = 8000;
    world.platform.recordings.clear();
  }));
  const post = (call, { type, body }, { authorization = world.platform.authorization, url = call.url } = {}) =>
    world.platform.post(url, body, { 'content-type': type, authorization });
  const form = (call, bytes, more) => world.platform.form(world.platform.fields(call), call.waits.name, call.waits.file, bytes, more);
  const heard = async (call, { like }) => {
    await world.stage(call, 'message');
    await world.take(call);
    assert.ok(like(await world.played(call)));
  };

  for (const rate of [8000, 16000, 48000])
    message(`at the ${rate} samples a second of the caller's codec`, async () => {
      world.platform.rate = rate;
      const call = await asked(world);
      await call.record(5);
      await world.stage(call, 'message');
      await world.message(call);
    });

  message('the longest there is, at the most there is', async () => {
    const call = await asked(world), recording = said(180, 48000);
    assert.ok(recording.bytes.length > 17000000);
    await world.platform.bring(call, recording);
    await heard(call, recording);
  });

  message('only from who is believed, and nothing of it is read before', async () => {
    const call = await asked(world), recording = said(1), before = await world.metric('webhooks_refused_total');
    const wrong = ['', 'Basic', `Basic ${Buffer.from('freeswitch:the secret of tomorrow').toString('base64')}`];
    for (const authorization of wrong) {
      const answer = await post(call, form(call, recording.bytes.subarray(0, 2000)), { authorization });
      assert.equal(answer.status, 403);
    }
    assert.equal(await world.metric('webhooks_refused_total'), before + wrong.length);
    await world.platform.bring(call, recording);
    await heard(call, recording);
  });

  message('a file of more than it may be is refused at once', async () => {
    const call = await asked(world);
    const ask = (length) => new Promise((resolve) => {
      const [, path] = call.url.match(/invalid:\d+(.*)$/);
      const socket = connect(world.daemon.port, '127.0.0.1', () => socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${world.platform.authorization}\r\n`
        + `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n--b`));
      socket.setTimeout(700, () => { resolve('waits'); socket.destroy(); });
      socket.on('data', (bytes) => { resolve(String(bytes).slice(9, 12)); socket.destroy(); });
      socket.on('error', () => undefined);
    });
    assert.equal(await ask(24 * 1024 * 1024 + 1), '413');
    assert.equal(await ask(24 * 1024 * 1024), 'waits', 'for the rest');
    await call.hangup();
  });

  message('of another call, at another time, or under another name it passes by', async () => {
    const call = await asked(world), other = await asked(world), { url } = call, recording = said(2);
    const silent = async (what, target) => {
      const answer = await post(call, what, { url: target });
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.bytes, /voicemail-done/);
    };
    const { type, body } = form(call, recording.bytes);
    await post(other, { type, body: Buffer.from(body.toString('latin1').replaceAll(call.id, other.id), 'latin1') }, { url }); // a token of call's
    assert.equal(world.stages(call).length, 0);
    await silent(world.platform.form(world.platform.fields(call), 'another', 'a.wav', recording.bytes), url); // nobody spoke: back
    await call.wait();
    await silent(form({ ...call, id: call.id, url, waits: { name: 'message', file: 'message.wav' } }, recording.bytes), url.replace('/r/', '/t/'));
    assert.equal(world.stages(call).filter((stage) => stage === 'message').length, 0);
    await other.hangup();
    await call.hangup();
  });

  message('what is no form, or no sound, is refused or is silence', async () => {
    const call = await asked(world), { url } = call;
    const type = 'multipart/form-data; boundary=b';
    for (const body of ['', 'x', '--b--', '--b\r\nX: y\r\n\r\n', `--b\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n${call.id}\r\n--c--`, `--b\r\n${'a'.repeat(2000)}`])
      assert.equal((await post(call, { type, body })).status, 400, body.slice(0, 40));
    assert.equal((await post(call, { type: 'multipart/form-data', body: 'x' })).status, 403, 'no boundary');
    assert.equal((await post(call, { type: 'multipart/form-data; boundary=b', body: '--b\r\nContent-Disposition: form-data; name="session_id"\r\n\r\na/b\r\n--b--' })).status, 400);
    call.url = url;
    await world.platform.bring(call, { bytes: Buffer.from('this is no sound at all'.repeat(1000)) });
    await until(() => world.daemon.log.includes('a message is not readable'), 'the log');
    for (let i = 0; i < 3 && call.waits.kind !== 'hold'; i++) await call.wait();
    assert.equal(call.waits.kind, 'hold');
    await call.hangup();
  });

  message('cut off: what came is kept, and who asks again is told so', async () => {
    const call = await asked(world), { url } = call, recording = said(20);
    const { type, body } = form(call, recording.bytes);
    const [, path] = url.match(/invalid:\d+(.*)$/);
    await new Promise((resolve) => {
      const socket = connect(world.daemon.port, '127.0.0.1', () => {
        socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${world.platform.authorization}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`);
        socket.write(body.subarray(0, 170000), () => socket.end());
      });
      socket.on('close', resolve);
      socket.resume();
    });
    await world.stage(call, 'message');
    await world.platform.ask(call); // the dialplan's second httapi
    assert.ok(call.since.includes('nl/voicemail-done'));
    await world.take(call);
    const played = await world.played(call);
    assert.ok(played.length > 58 + 8000 * 9 && played.subarray(58).equals(recording.alaw.subarray(0, played.length - 58)));
  });

  message('too many at once: told kindly, and then there is room again', async () => {
    const calls = [await asked(world), await asked(world)], third = await world.inQueue();
    await third.press('0');
    assert.ok(third.since.includes('nl/voicemail-off'));
    for (let i = 0; i < 4 && third.waits.kind !== 'hold'; i++) await third.wait();
    await calls[0].hangup();
    await third.press('0');
    assert.equal(third.waits.kind, 'record');
    await calls[1].hangup();
    await third.hangup();
  });

  message('the tone is heard, and quiet of eleven seconds is no message', async () => {
    const call = await asked(world);
    assert.match(call.documents.at(-1), /<record [^>]*beep-file="tone_stream:\/\/%\(\d+,0,\d+\)" limit="180" silence-hits="10"/);
    await world.platform.bring(call, { bytes: wav(new Int16Array(11 * 8000)) });
    for (let i = 0; i < 3 && call.waits.kind !== 'hold'; i++) await call.wait();
    assert.equal(call.waits.kind, 'hold');
  });
});

test('lost with us: the contact says so, and nothing is left behind', async () => {
  const world = await World.create(HttapiAlone);
  try {
    const call = await asked(world);
    await call.record(60);
    await world.stage(call, 'message');
    await world.daemon.stop('SIGKILL'); // before it was stored whole, or after
    await world.daemon.start();
    assert.ok(await world.anke.resume());
    await until(() => ['message', 'message-lost'].includes(world.card(call)?.call), 'its fate');
    await until(async () => await world.metric('recordings_waiting') === 0, 'it to be settled');
  } finally {
    await world.remove();
  }
});

test('spoken over a restart of ours: kept, once, and by nobody else', async () => {
  const world = await World.create(HttapiAlone);
  try {
    const call = await asked(world), other = await world.inQueue(), recording = said(5), { url } = call;
    const bring = async (of) => {
      const { type, body } = world.platform.form(world.platform.fields(of), 'message', 'message.wav', recording.bytes);
      return world.platform.post(url, body, { 'content-type': type, authorization: world.platform.authorization });
    };
    await world.restart();
    assert.equal((await bring(other)).status, 400, 'by the token of another call');
    for (let i = 0; i < 2; i++) assert.match((await bring(call)).bytes, /voicemail-done/);
    await world.stage(call, 'message');
    await world.take(call);
    assert.ok(recording.like(await world.played(call)));
    await until(async () => await world.metric('recordings_waiting') === 0, 'it to be stored');
  } finally {
    await world.remove();
  }
});

test('stopped before it is stored: sealed before we end', async () => {
  const world = await World.create(HttapiAlone);
  try {
    const call = await asked(world), recording = said(60);
    await world.platform.bring(call, recording);
    await world.daemon.stop('SIGTERM');
    assert.doesNotMatch(world.daemon.log, /are gone/);
    await world.daemon.start();
    assert.ok(await world.anke.resume());
    await world.stage(call, 'message');
    await world.take(call);
    assert.ok(recording.like(await world.played(call)));
  } finally {
    await world.remove();
  }
});
