// What callers hear and do: the script, the queue, a number or a message left, and going.
import assert from 'node:assert/strict';
import { until } from '../../scenario/client.mjs';
import { scenario } from './list.mjs';

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

scenario('complaint 6: a key during an announcement is heard', async (world) => {
  const call = await world.inQueue({ hasty: true });
  await call.press('*'); // while the queue's words are still being said
  assert.equal(call.waits.kind, 'collect');
}, { dial: true });

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
}, { dial: true });

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
  assert.equal(line.waits.target, '+32200000001');
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
}, { dial: true });

scenario('no number after all: back to the queue, the place is kept', async (world) => {
  const first = await world.inQueue();
  const second = await world.inQueue();
  await first.press('*');
  for (let i = 0; i < 4 && first.waits.kind !== 'hold'; i++) await first.wait();
  assert.equal(first.waits.kind, 'hold');
  const { contact } = await world.anke.request('take');
  assert.equal(contact, first.contact);
  assert.equal(world.card(second).state, 'waiting');
}, { dial: true });

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
}, { record: true, restart: true, keeps: true });

scenario('closed before the message was fetched: deleted at the platform, unheard', async (world) => {
  const call = await world.inQueue();
  await call.press('0');
  world.platform.unready = Infinity;
  await call.record();
  world.platform.unready = undefined;
  await world.stage(call, 'message');
  await world.take(call);
  assert.equal((await world.anke.request('close', { contact: call.contact })).t, 'ok');
  await until(() => !world.platform.recordings.size, 'the message to be deleted at the platform');
}, { record: true, webhooks: true, keeps: true });

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
}, { dial: true });

scenario('hanging up while recording closes the contact', async (world) => {
  const call = await world.inQueue();
  await call.press('0');
  await call.hangup();
  await world.state(call, 'closed');
}, { record: true });

scenario('complaint 7: a restricted number is only nothing', async (world) => {
  const call = await world.inQueue({ from: 'anonymous' });
  assert.equal(world.card(call).state, 'waiting');
});
