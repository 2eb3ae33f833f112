// What must be right on every line, whatever platform brings it. Each scenario begins and ends with an
// empty desk. `needs`: what a platform must be able to do.
import assert from 'node:assert/strict';
import { pause, until } from '../scenario/client.mjs';

export const scenarios = [];
const scenario = (name, run, needs = {}) => scenarios.push({ name, run, needs });

scenario('a call is answered in three languages, shortly', async ({ platform }) => {
  const call = await platform.call().start();
  assert.deepEqual(call.since, ['nl/greeting', 'fr/greeting', 'en/greeting']);
  assert.equal(call.waits.kind, 'menu');
});

for (const [key, lang] of [['1', 'nl'], ['2', 'fr'], ['3', 'en']]) {
  scenario(`key ${key} speaks ${lang} from then on`, async (world) => {
    const call = await world.platform.call().start();
    assert.ok(call.since.length);
    await call.press(key);
    assert.deepEqual(call.since, [`${lang}/role`]);
    await call.press('1');
    assert.equal(call.since[0], `${lang}/queue`);
    await until(() => [...world.anke.cards.values()].some((card) => card.lang === lang && card.channel === 'telephone'), 'the card');
  });
}

for (const [key, who] of [['1', 'professional'], ['2', 'family'], ['3', 'parent'], ['4', 'child']]) {
  scenario(`key ${key} says: ${who}`, async (world) => {
    const call = await world.inQueue({}, ['1', key]);
    assert.equal(world.card(call).who, who);
  });
}

scenario('silence ends in a person, gently, and is counted', async (world) => {
  const before = await world.metric('calls_silent_total');
  const call = await world.platform.call().start();
  for (let i = 0; i < 8 && call.waits.kind === 'menu'; i++) await call.wait();
  assert.equal(call.waits.kind, 'hold');
  assert.ok(call.heard.includes('nl/gentle'));
  assert.equal(await world.metric('calls_silent_total'), before + 1);
  await until(() => [...world.anke.cards.values()].some((card) => card.call === 'silent'), 'the mark');
});

scenario('wrong keys end in a person', async (world) => {
  const call = await world.platform.call().start();
  for (let i = 0; i < 8 && call.waits.kind === 'menu'; i++) await call.press('7');
  assert.equal(call.waits.kind, 'hold');
  await until(() => world.anke.cards.size === 1, 'the contact');
});

scenario('an honest place, the first at once', async (world) => {
  const first = await world.inQueue();
  await world.turns(first, () => first.heard.includes('nl/place-first'), 'the place');
  const second = await world.inQueue();
  await world.turns(second, () => second.heard.includes('nl/place.2'), 'the place');
});

scenario('# tells the place again', async (world) => {
  const call = await world.inQueue();
  await world.turns(call, () => call.heard.includes('nl/place-first'), 'the place');
  assert.ok(call.since.length);
  await call.press('#');
  assert.deepEqual(call.since, ['nl/queue', 'nl/place-first']);
});

scenario('9 at any moment raises to serious and rings', async (world) => {
  const call = await world.inQueue();
  world.anke.alarms.length = 0;
  await call.press('9');
  assert.ok(call.since.includes('nl/danger'));
  await until(() => world.card(call)?.level === 'serious', 'the level');
  assert.ok(world.anke.alarms.some((alarm) => alarm.why === 'raised' && alarm.level === 'serious'));
  await call.wait();
  assert.equal(call.waits.kind, 'hold');
});

scenario('9 during the greeting counts for the contact that comes of it', async (world) => {
  const call = await world.platform.call().start();
  await call.press('9');
  await call.wait();
  assert.equal(call.waits.kind, 'hold');
  await until(() => [...world.anke.cards.values()].some((card) => card.level === 'serious'), 'the level');
});

scenario('danger goes first in the queue', async (world) => {
  const calm = await world.inQueue();
  const urgent = await world.inQueue();
  await urgent.press('9');
  await until(() => world.card(urgent)?.level === 'serious', 'the level');
  const next = await world.anke.request('take');
  assert.equal(next.contact, urgent.contact);
  assert.notEqual(next.contact, calm.contact);
});

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

scenario('complaint 6: a key during an announcement is heard', async (world) => {
  const call = await world.inQueue({ hasty: true });
  await call.press('*'); // while the queue's words are still being said
  assert.equal(call.waits.kind, 'collect');
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

scenario('complaint 10: a callback keeps its place, and does not jump the line', async (world) => {
  const first = await world.inQueue();
  const second = await world.inQueue();
  const third = await world.inQueue();
  await second.press('*');
  await second.press('0200000001');
  await second.press('1');
  assert.equal(second.waits.kind, 'over');
  const order = [];
  for (let i = 0; i < 2; i++) {
    const { contact } = await world.anke.request('take');
    order.push(contact);
    if (i === 0) await world.anke.request('close', { contact });
  }
  assert.deepEqual(order, [first.contact, second.contact]);
  assert.equal(world.card(third).state, 'waiting');
});

const leaveNumber = async (world, number = '0200000001') => {
  const call = await world.inQueue();
  await call.press('*');
  assert.equal(call.waits.kind, 'collect');
  await call.press(number);
  assert.ok(call.since.includes('nl/callback-heard'));
  await call.press('1');
  assert.ok(call.since.includes('nl/callback-done'));
  assert.equal(call.waits.kind, 'over');
  assert.equal(world.card(call).state, 'waiting');
  return call;
};

scenario('a callback: both sides see the centre\'s number, the caller is reached', async (world) => {
  const call = await leaveNumber(world);
  world.platform.origins.length = 0;
  await world.take(call);
  const line = await until(() => world.platform.origins[0], 'the counsellor\'s telephone to ring');
  assert.equal(line.to, '+3220001111');
  await line.start();
  assert.deepEqual(line.heard, ['nl/accept']);
  await line.press('1');
  assert.equal(line.waits.kind, 'connect');
  assert.equal(line.waits.target, '0200000001');
  assert.equal(line.waits.cli, '+3220000000');
  await line.leg('answer');
  await world.stage(call, 'connected');
  await line.hangup();
  await world.stage(call, 'ended');
}, { dial: true, live: true });

scenario('complaint 3: a number is called back at most so often, then destroyed', async (world) => {
  const call = await leaveNumber(world);
  for (let attempt = 1; attempt <= 3; attempt++) {
    world.platform.origins.length = 0;
    await world.take(call);
    const line = await until(() => world.platform.origins[0], 'the counsellor\'s telephone to ring');
    await line.start();
    await line.press('1');
    await line.leg('busy');
    assert.equal(line.waits.kind, 'over');
    if (attempt < 3) await world.state(call, 'waiting');
  }
  await world.stage(call, 'unreached');
  assert.equal(world.card(call).state, 'taken');
}, { dial: true });

scenario('nobody takes up the telephone for a callback: it goes back to its place', async (world) => {
  const call = await leaveNumber(world);
  world.platform.origins.length = 0;
  await world.take(call);
  const line = await until(() => world.platform.origins[0], 'the telephone to ring');
  await line.hangup();
  await world.state(call, 'waiting');
}, { dial: true });

scenario('a number too short, then right', async (world) => {
  const call = await world.inQueue();
  await call.press('*');
  await call.press('12');
  assert.ok(call.since.includes('nl/again'));
  assert.equal(call.waits.kind, 'collect');
  await call.press('0200000002');
  await call.press('2'); // not right: once more
  assert.equal(call.waits.kind, 'collect');
  await call.press('0200000003');
  assert.deepEqual(call.since.filter((id) => id.startsWith('nl/digit')).slice(-10).map((id) => id.slice(-1)).join(''), '0200000003');
});

scenario('no number after all: back to the queue, the place is kept', async (world) => {
  const first = await world.inQueue();
  const second = await world.inQueue();
  await first.press('*');
  for (let i = 0; i < 4 && first.waits.kind !== 'hold'; i++) await first.wait();
  assert.equal(first.waits.kind, 'hold');
  const { contact } = await world.anke.request('take');
  assert.equal(contact, first.contact);
  assert.equal(world.card(second).state, 'waiting');
});

scenario('0 leaves a message, and the contact waits on', async (world) => {
  const call = await world.inQueue();
  await call.press('0');
  assert.equal(call.waits.kind, 'record');
  assert.equal(call.waits.most, 180);
  await call.record();
  assert.ok(call.since.includes('nl/voicemail-done'));
  await world.stage(call, 'message');
  assert.equal(call.waits.kind, 'over');
  assert.equal(world.card(call).state, 'waiting');
  await world.message(call);
}, { record: true });

scenario('restart before the message was fetched, and in the middle of it: heard whole, once', async (world) => {
  const call = await world.inQueue();
  await call.press('0');
  world.platform.unready = 2;
  await call.record(60);
  world.platform.unready = undefined;
  await world.stage(call, 'message');
  await world.restart();
  await world.message(call);
}, { record: true, restart: true });

scenario('nothing was said after the tone: back to the queue', async (world) => {
  const call = await world.inQueue();
  await call.press('0');
  await call.wait();
  for (let i = 0; i < 3 && call.waits.kind !== 'hold'; i++) await call.wait();
  assert.equal(call.waits.kind, 'hold');
}, { record: true });

scenario('hanging up in the greeting leaves nothing', async (world) => {
  const before = await world.metric('calls_left_at_once_total');
  const call = await world.platform.call().start();
  await call.hangup();
  await until(async () => await world.metric('calls_left_at_once_total') === before + 1, 'the count');
  assert.equal(world.anke.cards.size, 0);
});

scenario('hanging up while choosing leaves nothing', async (world) => {
  const call = await world.platform.call().start();
  await call.press('1');
  await call.hangup();
  assert.equal(world.anke.cards.size, 0);
});

scenario('hanging up in the queue closes the contact', async (world) => {
  const call = await world.inQueue();
  await call.hangup();
  await world.state(call, 'closed');
});

scenario('hanging up while entering a number closes the contact', async (world) => {
  const call = await world.inQueue();
  await call.press('*');
  await call.hangup();
  await world.state(call, 'closed');
});

scenario('hanging up while recording closes the contact', async (world) => {
  const call = await world.inQueue();
  await call.press('0');
  await call.hangup();
  await world.state(call, 'closed');
}, { record: true });

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

scenario('complaint 7: a restricted number is only nothing', async (world) => {
  const call = await world.inQueue({ from: 'anonymous' });
  assert.equal(world.card(call).state, 'waiting');
});

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

const call_again = (call) => call.wait();

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
