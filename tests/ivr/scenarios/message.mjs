// Messages that a platform brings as they were spoken, and keeps none of: whole, sealed, once, whatever ends them.
import assert from 'node:assert/strict';
import { until } from '../../scenario/client.mjs';
import { scenario } from './list.mjs';

const streams = { record: true, streams: true };

async function asked(world) {
  const call = await world.inQueue();
  await call.press('0');
  assert.equal(call.waits.kind, 'record');
  assert.equal(call.waits.finish, '#');
  return call;
}

const stored = (world) => until(async () => await world.metric('recordings_waiting') === 0, 'the message to be stored');

scenario('who speaks and hangs up has left a message, and the contact waits on', async (world) => {
  const call = await asked(world);
  await call.sayAndHangup(3);
  await world.stage(call, 'message');
  assert.equal(world.card(call).state, 'waiting');
  await world.message(call);
  await stored(world);
}, streams);

scenario('two who speak at once are not mixed', async (world) => {
  const [first, second] = [await asked(world), await asked(world)];
  await Promise.all([first.record(4), second.sayAndHangup(2)]);
  for (const call of [first, second]) {
    await world.stage(call, 'message');
    const { like } = world.platform.recordings.get(call.id);
    await world.take(call);
    assert.ok(like(await world.played(call)));
    assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
  }
  await stored(world);
  world.platform.recordings.clear();
}, streams);

scenario('as long as a message may be', async (world) => {
  const call = await asked(world);
  await call.record(call.waits.most);
  await world.stage(call, 'message');
  await world.message(call);
}, streams);

scenario('a click is no message: back to the queue', async (world) => {
  const call = await asked(world);
  await call.record(0.1);
  world.platform.recordings.clear();
  for (let i = 0; i < 3 && call.waits.kind !== 'hold'; i++) await call.wait();
  assert.equal(call.waits.kind, 'hold');
}, streams);

scenario('taken while it is spoken, then ended: they are connected, and it is there', async (world) => {
  const call = await asked(world);
  await world.take(call);
  await call.record(3);
  await until(() => call.waits.kind === 'connect', 'the counsellor\'s telephone to ring');
  await call.leg('answer');
  await call.legPress('1');
  await world.stage(call, 'connected');
  const { like } = world.platform.recordings.get(call.id);
  assert.ok(like(await world.played(call)));
  world.platform.recordings.clear();
  await call.hangup();
}, streams);

scenario('taken while it is spoken, then hung up: who took it hears it', async (world) => {
  const call = await asked(world);
  await world.take(call);
  await call.sayAndHangup(2);
  await world.stage(call, 'message');
  const { like } = world.platform.recordings.get(call.id);
  assert.ok(like(await world.played(call)));
  assert.equal(world.card(call).state, 'taken');
  world.platform.recordings.clear();
}, streams);

scenario('closed while it is spoken: it is heard by nobody, and stays nowhere', async (world) => {
  const call = await asked(world);
  await world.take(call);
  assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
  if (call.waits.kind === 'record') await call.sayAndHangup(2); // else the line was ended sooner than we speak
  await stored(world);
  world.platform.recordings.clear();
}, streams);

scenario('a repeated request brings the same answer, and one message', async (world) => {
  const call = await asked(world);
  world.platform.faults.double = true;
  await call.record(2);
  world.platform.faults = {};
  assert.ok(call.since.includes('nl/voicemail-done'));
  await world.stage(call, 'message');
  await world.message(call);
}, streams);
