// A caller who is forgotten: the line ends, a number to call back and a message that is still at the platform go.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY } from '../browser/daemon.mjs';
import { Twilio } from '../fakes/twilio.mjs';
import { until } from '../scenario/client.mjs';
import { World } from './world.mjs';

let world;

before(async () => { world = await World.create(Twilio); });
after(() => world.remove());

const forget = (contact) => new Promise((resolve, reject) => {
  execFile(BINARY, ['forget', '--data', world.daemon.folder, '--open', contact], (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)));
});
const sql = (text) => execFileSync('sqlite3', [join(world.daemon.folder, 'onthaal.db'), text], { encoding: 'utf8' }).trim();
const told = (contact) => until(() => world.anke.line.frames.some((frame) => frame.t === 'forgotten' && frame.contact === contact), 'the word to the console');
const gone = (contact) => assert.equal(sql(`SELECT count(*) FROM contact WHERE id = ${BigInt(`0x${contact}`)}`), '0');

test('while they talk: the call ends as when a counsellor closes it', async () => {
  const call = await world.talking();
  await forget(call.contact);
  gone(call.contact);
  await told(call.contact);
  await world.state(call, 'closed');
  await world.turns(call, () => call.waits.kind === 'over', 'the line to end');
  await world.clear();
});

test('who waits for a callback: the number goes too', async () => {
  const call = await world.inQueue();
  await call.press('*');
  await call.press('0200000001');
  await call.press('1');
  await until(() => sql('SELECT count(*) FROM letter WHERE kind = 2') === '1', 'the number to be kept');
  await forget(call.contact);
  gone(call.contact);
  await until(() => sql('SELECT count(*) FROM letter WHERE kind = 2') === '0', 'the number to be gone');
  await world.daemon.stop();
  await world.daemon.start();
  await world.anke.resume();
  await until(async () => await world.metric('calls') === 0, 'no line to be left');
  assert.equal(sql('SELECT count(*) FROM contact WHERE state <> 3'), '0');
});

test('a message that cannot be fetched yet is deleted at the platform, unheard', async () => {
  const call = await world.inQueue();
  await call.press('0');
  world.platform.unready = 4;
  await call.record(2);
  world.platform.unready = undefined;
  await world.stage(call, 'message');
  assert.equal(world.platform.recordings.size, 1);
  await forget(call.contact);
  gone(call.contact);
  await until(() => world.platform.recordings.size === 0, 'the message to be deleted at the platform', 60000);
  await until(() => sql('SELECT count(*) FROM letter') === '0', 'nothing to be left of it');
});
