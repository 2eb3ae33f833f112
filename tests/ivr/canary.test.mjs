// A marker number goes through every step of every kind of line; afterwards it is nowhere: not in the
// data folder with its WAL, not in a backup, not in the log, not in the metrics.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { files } from '../browser/daemon.mjs';
import { Ari } from '../fakes/ari.mjs';
import { Httapi } from '../fakes/httapi.mjs';
import { Jambonz } from '../fakes/jambonz.mjs';
import { Sip } from '../fakes/sip.mjs';
import { SignalWire, Somleng, Twilio } from '../fakes/twilio.mjs';
import { until } from '../scenario/client.mjs';
import { World } from './world.mjs';

const MARKER = '+32479613872';
const CALLBACK = '0471926384';
// the number as text, as digits alone, in national form, and as the last digits that others kept
const TRACES = [MARKER, '32479613872', '0479613872', '479613872', '613872', CALLBACK, '1926384'];

function traces(bytes) {
  const forms = [bytes.toString('latin1'), bytes.toString('utf16le')];
  return TRACES.filter((trace) => forms.some((text) => text.includes(trace)));
}

/** Of a sound, parts that are found nowhere by chance: with many different bytes. */
function pieces(bytes) {
  const found = [];
  for (let at = 64; at + 32 <= bytes.length && found.length < 64; at += 512) {
    const piece = bytes.subarray(at, at + 32);
    if (new Set(piece).size > 8) found.push(piece);
  }
  return found;
}

for (const [Kind, records] of [[Twilio, true], [SignalWire, true], [Somleng, true], [Jambonz, true], [Httapi, true], [Ari, true], [Sip, true]]) {
  test(`no trace of a number: ${Kind.name}`, async () => {
    const world = await World.create(Kind);
    try {
      const from = { from: MARKER };
      await (await world.platform.call(from).start()).hangup(); // greeting
      const waiting = await world.inQueue(from);
      await waiting.press('9');
      await waiting.wait();
      await waiting.press('*');
      await waiting.press(CALLBACK);
      await waiting.press('1');
      const talked = await world.inQueue(from);
      await world.take(talked);
      await world.called(talked, () => talked.waits.kind === 'connect', 'the ringing');
      await talked.leg('busy');
      await world.state(talked, 'waiting');
      const sounds = [];
      if (records) {
        const left = await world.inQueue(from);
        await left.press('0');
        const { recordings } = world.platform;
        recordings.set = (name, recording) => { // it goes from there as soon as it was fetched
          sounds.push(...pieces(recording.bytes ?? left.payload), ...pieces(recording.alaw ?? Buffer.alloc(0)));
          return Map.prototype.set.call(recordings, name, recording);
        };
        await left.record();
        await world.stage(left, 'message');
        assert.ok(sounds.length > 0, 'what was spoken is known');
      }
      await world.platform.hook?.(`${world.platform.root}/t/garbage`, world.platform.fields(world.platform.call(from)))?.catch(() => undefined);
      await fetch(`${world.daemon.url}/ivr/intake`, { method: 'POST', body: `From=${encodeURIComponent(MARKER)}` }); // unsigned
      const metrics = await (await fetch(`http://127.0.0.1:${world.daemon.metrics}/metrics`)).text();
      const backup = join(world.daemon.folder, 'backup.db');
      world.daemon.command('backup', backup);
      await until(() => readdirSync(world.daemon.folder).includes('backup.db'), 'the backup');
      let looked = 0;
      for (const path of files(world.daemon.folder)) {
        const bytes = readFileSync(path);
        assert.deepEqual(traces(bytes), [], path);
        assert.equal(sounds.filter((sound) => bytes.includes(sound)).length, 0, `what was spoken, in ${path}`);
        looked += 1;
      }
      assert.ok(looked > 5);
      assert.deepEqual(traces(Buffer.from(world.daemon.log + world.daemon.said + metrics)), []);
      assert.ok(world.daemon.log.length > 100);
    } finally {
      await world.remove();
    }
  });
}
