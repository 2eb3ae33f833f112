// What the desk does with a call, and the accidents of platforms and of ours in the middle of it.
import assert from 'node:assert/strict';
import { pause, until } from '../../scenario/client.mjs';
import { scenario } from './list.mjs';

const call_again = (call) => call.wait();

scenario('taken, rung, accepted with 1, joined', async (world) => {
  const call = await world.inQueue();
  await world.ringing(call);
  assert.equal(call.waits.target, '+3220001111');
  assert.equal(call.waits.cli, '+3220000000');
  assert.ok(call.since.includes('nl/connecting'));
  await call.leg('answer');
  if (call.waits.leg === 'asked') {
    assert.deepEqual(call.legHeard, ['nl/accept']);
    await call.legPress('1');
  }
  assert.equal(call.waits.leg, 'joined');
  await world.stage(call, 'connected');
  assert.deepEqual(world.stages(call), ['ringing', 'connected']);
}, { live: true });

for (const [what, stage] of [['busy', 'busy'], ['no-answer', 'no-answer'], ['failed', 'failed']]) {
  scenario(`the counsellor's telephone: ${what}; the caller keeps the place`, async (world) => {
    const first = await world.inQueue();
    const second = await world.inQueue();
    await world.ringing(first);
    await first.leg(what);
    await world.state(first, 'waiting');
    await until(() => first.waits.kind === 'hold', 'the caller to hold again');
    assert.ok(first.since.includes('nl/not-yet'));
    const again = await world.anke.request('take');
    assert.equal(again.contact, first.contact, 'the original place');
    assert.deepEqual(world.stages(first).slice(0, 2), ['ringing', stage]);
    assert.equal(world.card(second).state, 'waiting');
  });
}

scenario('a voicemail answers the counsellor\'s telephone: not joined', async (world) => {
  const call = await world.inQueue();
  await world.ringing(call);
  await call.leg('answer');
  await call.legPress('');
  assert.equal(call.waits.leg, 'asked'); // asked twice
  await call.legPress('');
  await world.state(call, 'waiting');
  assert.equal(call.waits.kind, 'hold');
}, { whisper: true });

scenario('a wrong key by the counsellor is asked again', async (world) => {
  const call = await world.inQueue();
  await world.ringing(call);
  await call.leg('answer');
  await call.legPress('5');
  await call.legPress('1');
  assert.equal(call.waits.leg, 'joined');
}, { whisper: true });

scenario('complaint 1: the caller hangs up before the counsellor has answered: no endless music', async (world) => {
  const call = await world.inQueue();
  await world.ringing(call);
  await call.hangup();
  await world.state(call, 'closed');
  assert.equal(await world.metric('calls'), 0);
});

scenario('complaint 5: the caller leaves while the telephone rings: the leg is not joined', async (world) => {
  const call = await world.inQueue();
  await world.ringing(call);
  const was = call.waits;
  await call.hangup();
  call.waits = was; // the leg is answered a moment too late
  await call.leg('answer');
  assert.notEqual(call.waits.leg, 'joined');
  call.waits = { kind: 'over' };
  await world.state(call, 'closed');
}, { whisper: true });

scenario('an interrupt that comes late, while it rings: it rings again, and busy brings the place back', async (world) => {
  const call = await world.inQueue();
  world.platform.faults.lateInterrupt = true;
  await world.take(call);
  await world.turns(call, () => call.waits.kind === 'connect', 'the telephone to ring');
  const was = call.waits;
  await world.platform.interruptNow();
  assert.equal(call.waits.kind, 'connect');
  assert.notEqual(call.waits.action, was.action);
  await call.leg('busy');
  assert.equal(call.waits.kind, 'hold');
  await world.state(call, 'waiting');
}, { webhooks: true, interrupt: true });

scenario('an interrupt that comes late, while they talk: they are joined again', async (world) => {
  const call = await world.inQueue();
  world.platform.faults.lateInterrupt = true;
  await world.take(call);
  await world.turns(call, () => call.waits.kind === 'connect', 'the telephone to ring');
  for (let i = 0; i < 2; i++) {
    await call.leg('answer');
    await call.legPress('1');
    assert.equal(call.waits.leg, 'joined');
    if (i === 0) await world.platform.interruptNow();
  }
  await until(() => world.stages(call).join() === 'ringing,connected,ringing,connected', 'all stages');
}, { webhooks: true, interrupt: true, whisper: true, live: true });

scenario('complaint 4: the counsellor sees whom they take', async (world) => {
  const call = await world.inQueue({}, ['2', '4']);
  await world.ringing(call);
  assert.deepEqual([world.card(call).who, world.card(call).lang], ['child', 'fr']);
});

scenario('complaint 8: a doubled webhook changes nothing', async (world) => {
  world.platform.faults.double = true;
  const call = await world.inQueue();
  await call.press('9');
  await call.wait();
  await world.ringing(call);
  await call.leg('busy');
  world.platform.faults.double = false;
  assert.equal(world.anke.cards.size, 1);
}, { webhooks: true });

scenario('an answer that was lost is given again', async (world) => {
  world.platform.faults.lose = true;
  const call = await world.talking();
  await call.legHangup();
  world.platform.faults.lose = false;
  assert.equal(call.waits.kind, 'hold');
  assert.equal(world.anke.cards.size, 1);
}, { webhooks: true, live: true });

scenario('the caller ends the conversation: it is written up, then closed', async (world) => {
  const call = await world.talking();
  await call.hangup();
  await world.stage(call, 'ended');
  assert.equal(world.card(call).state, 'taken');
  assert.equal((await world.anke.request('note', { contact: call.contact, text: 'advies gegeven' })).t, 'ok');
  assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
}, { live: true });

scenario('the counsellor\'s line drops: the caller is kept, and rung to again', async (world) => {
  const call = await world.talking();
  await call.legHangup();
  assert.equal(call.waits.kind, 'hold');
  await world.stage(call, 'parked');
  assert.equal((await world.anke.request('call', { contact: call.contact, order: 'ring' })).t, 'ok');
  await world.called(call, () => call.waits.kind === 'connect', 'the telephone to ring again');
}, { live: true });

scenario('the counsellor holds, and comes back', async (world) => {
  const call = await world.talking();
  assert.equal((await world.anke.request('call', { contact: call.contact, order: 'hold' })).t, 'ok');
  await until(() => call.waits.kind === 'hold', 'the music');
  await world.stage(call, 'held');
  assert.equal((await world.anke.request('call', { contact: call.contact, order: 'ring' })).t, 'ok');
  await world.called(call, () => call.waits.kind === 'connect', 'the telephone to ring again');
}, { interrupt: true, live: true });

scenario('the counsellor hangs up from the console', async (world) => {
  const call = await world.talking();
  assert.equal((await world.anke.request('call', { contact: call.contact, order: 'hangup' })).t, 'ok');
  await until(() => call.waits.kind === 'over', 'the line to end');
  await world.stage(call, 'ended');
}, { end: true, live: true });

scenario('closing the contact ends the line', async (world) => {
  const call = await world.inQueue();
  await world.take(call);
  assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
  await world.called(call, () => call.waits.kind === 'over', 'the line to end');
});

scenario('giving it back stops the ringing', async (world) => {
  const call = await world.inQueue();
  await world.ringing(call);
  assert.equal((await world.anke.request('return', { contact: call.contact })).t, 'ok');
  await until(() => call.waits.kind === 'hold', 'the queue again');
  await world.state(call, 'waiting');
}, { interrupt: true });

scenario('on the telephone nothing new is offered', async (world) => {
  await world.talking();
  await world.inQueue();
  assert.equal((await world.anke.request('take')).code, 'capacity');
}, { live: true });

scenario('a status that overtakes the call is a tombstone', async (world) => {
  const call = world.platform.call();
  await world.platform.gone(call, { kind: 'new' });
  await call.start();
  assert.equal(call.waits.kind, 'over');
  assert.equal(world.anke.cards.size, 0);
}, { webhooks: true });

scenario('a status that comes twice, and late, is absorbed', async (world) => {
  const call = await world.inQueue();
  await call.hangup();
  await world.platform.gone(call, { kind: 'hold' });
  await world.state(call, 'closed');
}, { webhooks: true });

scenario('a restart during the greeting goes on in the same language', async (world) => {
  const call = await world.platform.call().start();
  await call.press('3');
  await world.restart();
  await call.press('1');
  assert.equal(call.waits.kind, 'hold');
  assert.ok(call.heard.includes('en/queue'));
  await until(() => world.anke.cards.size === 1, 'one contact');
}, { restart: true });

scenario('a restart in the queue keeps the contact and the place', async (world) => {
  const first = await world.inQueue();
  await world.inQueue();
  await world.restart();
  await call_again(first);
  await until(() => world.anke.cards.size === 2, 'both contacts');
  const { contact } = await world.anke.request('take');
  assert.equal(contact, first.contact);
  await world.called(first, () => first.waits.kind === 'connect', 'the ringing');
}, { restart: true });

scenario('a restart while it rings: the busy signal still brings the place back', async (world) => {
  const call = await world.inQueue();
  await world.ringing(call);
  await world.restart();
  await call.leg('busy');
  await world.turns(call, () => ['hold', 'connect'].includes(call.waits.kind), 'the line to go on');
}, { restart: true });

scenario('a restart while they talk: the end is known', async (world) => {
  const call = await world.talking();
  await world.restart();
  await call.hangup();
  await pause(50);
  assert.equal(world.card(call)?.state ?? 'closed', 'taken');
}, { restart: true, live: true });

scenario('two callers, one counsellor: never two lines to one telephone', async (world) => {
  const first = await world.inQueue();
  const second = await world.inQueue();
  await world.ringing(first);
  assert.equal((await world.anke.request('take', { contact: second.contact })).code, 'capacity');
  await second.wait();
  assert.equal(second.waits.kind, 'hold');
});
