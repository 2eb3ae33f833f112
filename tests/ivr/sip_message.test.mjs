// Messages by SIP: measured as the console plays them, whatever ends them; nowhere on a disk as spoken.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { files } from '../browser/daemon.mjs';
import { Sip } from '../fakes/sip.mjs';
import { until } from '../scenario/client.mjs';
import { decode, encode, secondsOf, spoken, tone } from '../sip/sound.mjs';
import { World } from './world.mjs';

async function withWorld(work, more = '') {
  const world = await World.create(class extends Sip {
    section(folder) {
      return super.section(folder) + more;
    }
  });
  try {
    await work(world);
    await world.clear();
  } finally {
    await world.remove();
  }
}

/** In the queue, then asked to speak; the voice is the test's. */
async function asked(world) {
  const call = await world.inQueue();
  await call.press('0');
  assert.equal(call.waits.kind, 'record');
  world.platform.speaking.delete(call.end);
  return call;
}

async function kept(world) {
  await until(async () => await world.metric('sip_messages_in_memory') === 0, 'the message to be sealed');
}

/** What is played is that tone, between these seconds long, and the console is told its length. */
function measured(wav, hertz, seconds, least, most) {
  const samples = spoken(wav), length = samples.length / 8000;
  assert.ok(length > least && length < most, `${length} s`);
  assert.ok(secondsOf(samples, hertz) >= seconds, `${secondsOf(samples, hertz)} s of ${hertz} Hz`);
}

describe('a message by SIP', { concurrency: 3 }, () => {
  test('ended by hanging up, with lost packets: its tone and its length are right; the next caller is not disturbed', () => withWorld(async (world) => {
    const other = await asked(world);
    const aside = other.end.speak(tone(880, 30));
    const call = await asked(world);
    await call.end.speak(tone(620, 2));
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    call.end.rtpSeq += 25;
    call.end.rtpTime += 25 * 160;
    await call.end.speak(tone(620, 1));
    await call.hangup();
    await world.stage(call, 'message');
    assert.equal(world.card(call).state, 'waiting');
    other.end.hush();
    await aside;
    await other.end.press('#');
    await world.stage(other, 'message');
    await world.take(call);
    const wav = await world.played(call);
    measured(wav, 620, 2.6, 3.4, 4.2);
    const [{ seconds }] = world.anke.contacts.get(call.contact).filter((event) => event.kind === 'recording');
    assert.equal(seconds, Math.ceil((wav.length - 58) / 8000));
    assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
    await world.take(other);
    measured(await world.played(other), 880, 5, 5.5, 20);
    await kept(world);
  }));

  test('too many at once: told kindly, counted, and back in the queue; then there is room again', () => withWorld(async (world) => {
    const first = await asked(world), second = await world.inQueue();
    await second.press('0');
    assert.ok(second.since.includes('nl/voicemail-off') || second.ear.last === 'nl/voicemail-off');
    for (let i = 0; i < 4 && second.waits.kind !== 'hold'; i++) await second.wait();
    assert.equal(second.waits.kind, 'hold');
    assert.equal(await world.metric('recordings_refused_total'), 1);
    await first.end.speak(tone(620, 1));
    await first.end.press('#');
    await world.stage(first, 'message');
    await kept(world);
    await second.press('0');
    assert.equal(second.waits.kind, 'record');
    assert.equal(await world.metric('recordings_refused_total'), 1);
  }, '  messages: 1\n'));

  test('taken while it is spoken, then hung up: who took it hears it', () => withWorld(async (world) => {
    const call = await asked(world);
    const said = call.end.speak(tone(620, 3));
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    await world.take(call);
    await said;
    await call.hangup();
    await world.stage(call, 'message');
    measured(await world.played(call), 620, 2.7, 2.9, 4);
    assert.equal(world.card(call).state, 'taken');
  }));

  test('taken while it is spoken, then ended: they are connected, and it is there', () => withWorld(async (world) => {
    const call = await asked(world);
    const said = call.end.speak(tone(620, 2));
    await world.take(call);
    await said;
    await call.end.press('#');
    world.platform.speaking.set(call.end, call.payload);
    await until(() => call.waits.kind === 'connect', 'the counsellor\'s telephone to ring');
    await call.leg('answer');
    await call.legPress('1');
    await world.stage(call, 'connected');
    measured(await world.played(call), 620, 1.7, 1.9, 3.5);
    await call.hangup();
    await world.stage(call, 'ended');
  }));

  test('stopped while it is spoken: sealed before we end, heard after the next start', () => withWorld(async (world) => {
    const call = await asked(world);
    const said = call.end.speak(tone(620, 3));
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
    await world.daemon.stop('SIGTERM');
    call.over();
    call.end.hush();
    await said;
    await world.daemon.start();
    await world.platform.started(world.daemon);
    assert.ok(await world.anke.resume());
    await world.stage(call, 'message');
    await world.take(call);
    measured(await world.played(call), 620, 1.5, 1.6, 3.2);
  }, '  drain_seconds: 0\n'));

  test('no trace of what was said: not in the data folder with its WAL, a backup, the log', () => withWorld(async (world) => {
    const call = await asked(world);
    const words = Buffer.from(call.payload), samples = [...words].map((byte) => decode[8](byte));
    const forms = { 'A-law': words, 'µ-law': Buffer.from(samples.map((sample) => encode[0](sample))),
      '16 bits': Buffer.from(Int16Array.from(samples).buffer) };
    const look = (bytes) => Object.keys(forms).filter((name) => [0, 40, 80].some((at) => bytes.includes(forms[name].subarray(at, at + 40))));
    const nowhere = (when) => {
      let looked = 0;
      for (const path of files(world.daemon.folder)) {
        assert.deepEqual(look(readFileSync(path)), [], `${path}, ${when}`);
        looked += 1;
      }
      assert.ok(looked > 5);
    };
    world.platform.speaking.set(call.end, words);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    nowhere('while it is spoken');
    world.platform.speaking.delete(call.end);
    await call.end.press('#');
    await world.stage(call, 'message');
    nowhere('while it is sealed');
    await kept(world);
    await world.take(call);
    assert.deepEqual(look(await world.played(call)), ['A-law'], 'as it is played');
    world.daemon.command('backup', join(world.daemon.folder, 'backup.db'));
    nowhere('in a backup');
    assert.deepEqual(look(Buffer.from(world.daemon.log + world.daemon.said, 'latin1')), []);
  }));
});
