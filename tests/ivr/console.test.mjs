// The telephone at the counsellor's window: what can be done with a call, and a message that is heard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { counsellor, faultsOf, launch, violations } from '../browser/people.mjs';
import { Twilio } from '../fakes/twilio.mjs';
import { until } from '../scenario/client.mjs';
import { World } from './world.mjs';

let world;
let browser;
let bert;

before(async () => {
  world = await World.create(Twilio);
  browser = await launch();
  bert = await counsellor(browser, world.daemon, 'Bert', { telephone: '+3220002222' });
  bert.setDefaultTimeout(8000);
});
after(async () => {
  await browser?.close();
  await world.remove();
});

const chat = () => bert.locator('.chat.active');
const button = (name) => chat().getByRole('button', { name, exact: true });
const stage = (words) => chat().locator('.call').getByText(words).waitFor();
const next = () => bert.getByRole('button', { name: /Neem volgende/ }).click();

async function close() {
  await button('Afsluiten').click();
  await button('Ja, afsluiten').click();
}

async function leaveMessage(seconds, unready) {
  const call = await world.inQueue();
  await call.press('0');
  world.platform.unready = unready;
  await call.record(seconds);
  world.platform.unready = undefined;
  await world.stage(call, 'message');
  await next();
  await chat().waitFor();
  return call;
}

async function answered(call) {
  await world.called(call, () => call.waits.kind === 'connect', 'the counsellor\'s telephone to ring');
  await call.leg('answer');
  await call.legPress('1');
  await stage('verbonden');
}

test('a call is taken, rung, held, rung again and hung up, and then there is nothing to hang up', async () => {
  const call = await world.inQueue();
  await next();
  await stage('je telefoon gaat over: neem op en druk 1');
  assert.equal(await button('In de wacht').count(), 0);
  await answered(call);
  assert.equal(call.waits.target, '+3220002222');
  assert.equal(await button('Opnieuw bellen').count(), 0);
  assert.deepEqual(await violations(bert), []);
  await button('In de wacht').click();
  await until(() => call.waits.kind === 'hold', 'the music');
  await stage('in de wacht');
  await button('Opnieuw bellen').click();
  await stage('je telefoon gaat over: neem op en druk 1');
  await answered(call);
  await button('Ophangen').click();
  await until(() => call.waits.kind === 'over', 'the line to end');
  await stage('gesprek afgelopen');
  for (const name of ['Ophangen', 'In de wacht', 'Opnieuw bellen']) assert.equal(await button(name).count(), 0);
  await close();
});

test('a busy telephone gives the call back', async () => {
  const call = await world.inQueue();
  await next();
  await world.called(call, () => call.waits.kind === 'connect', 'the counsellor\'s telephone to ring');
  await call.leg('busy');
  await world.state(call, 'waiting');
  await bert.locator('.queue .reason').getByText('toestel bezet, terug in de rij').waitFor();
  await call.hangup();
  await world.state(call, 'closed');
});

test('a message is played to its end, and from then on it is heard', async () => {
  const call = await leaveMessage(3);
  assert.equal(await button('Ophangen').count(), 0);
  const spoken = chat().locator('.spoken');
  await spoken.getByText('nog niet beluisterd').waitFor();
  await button('Afsluiten').click();
  await chat().getByText('De ingesproken boodschap is nog niet beluisterd.').waitFor();
  await button('Nee').click();
  await spoken.getByRole('button', { name: 'Beluister de boodschap (0:03)', exact: true }).click(); // as the platform said; it is as long
  const audio = spoken.locator('audio');
  await audio.waitFor();
  assert.equal(await audio.evaluate((player) => new Promise((resolve) => {
    if (player.duration) resolve(player.duration);
    else player.addEventListener('loadedmetadata', () => resolve(player.duration));
  })), 3);
  await bert.waitForFunction(() => document.querySelector('.spoken audio').currentTime > 0.2);
  assert.equal(world.card(call).call, 'message'); // begun is not heard
  await spoken.getByText('beluisterd door Bert').waitFor();
  assert.ok(await audio.evaluate((player) => player.currentTime) >= 2.5);
  await world.stage(call, 'heard');
  assert.deepEqual(await violations(bert), []);
  await audio.evaluate((player) => player.play()); // once more is nothing new
  await audio.evaluate((player) => new Promise((resolve) => { player.addEventListener('ended', resolve); }));
  await button('Afsluiten').click();
  await button('Ja, afsluiten').waitFor();
  assert.equal(await chat().getByText('De ingesproken boodschap').count(), 0);
  await button('Ja, afsluiten').click();
  await world.state(call, 'closed');
});

test('heard by one, it is so for the next who takes it; and only what was spoken can be heard', async () => {
  const call = await leaveMessage(1);
  const ask = () => world.anke.request('heard', { contact: call.contact });
  assert.equal((await ask()).code, 'gone'); // a colleague's
  await chat().locator('.spoken').getByText('nog niet beluisterd').waitFor();
  await button('Terug naar de rij').click();
  await button('Ja, teruggeven').click();
  await world.state(call, 'waiting');
  assert.equal((await ask()).t, 'ok'); // by anyone while it waits
  assert.equal((await ask()).t, 'ok');
  await world.stage(call, 'heard');
  await next();
  await chat().locator('.spoken').getByText('beluisterd door Anke').waitFor();
  assert.equal(await chat().locator('.system').getByText('telefoon: de boodschap werd beluisterd').count(), 1);
  await close();
  const plain = await world.inQueue();
  assert.equal((await world.anke.request('heard', { contact: plain.contact })).code, 'gone');
  await plain.hangup();
  await world.state(plain, 'closed');
});

test('closing before the message came says what is lost', async () => {
  const call = await leaveMessage(2, Infinity);
  await button('Afsluiten').click();
  await chat().getByText('De ingesproken boodschap is nog onderweg. Sluit je nu af, dan wordt ze gewist zonder dat iemand ze hoorde.').waitFor();
  assert.deepEqual(await violations(bert), []);
  await button('Ja, afsluiten').click();
  await world.state(call, 'closed');
  await until(() => !world.platform.recordings.size, 'the message to be deleted at the platform');
  assert.deepEqual(await faultsOf(bert), []);
});
