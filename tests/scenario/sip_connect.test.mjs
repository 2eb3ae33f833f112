// A counsellor's telephone is rung for a caller: joined, held, hung up, busy, silent, too late.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Caller } from '../sip/caller.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, secondsOf, tone, word } from '../sip/sound.mjs';
import { telephone } from '../sip/telephone.mjs';

const accept = word(5, 0.8), music = word(6, 1.5);
const last = word(7, 0.8), lastFrench = word(8, 0.8);
const prompts = { 'nl/accept': accept, 'any/music': music, 'fr/music': music, 'nl/restart': last, 'fr/restart': lastFrench };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function withCall(options, work) {
  const phone = await Phone.start({ prompts, sip: options.sip, address: options.address });
  const caller = await Caller.create(phone.port, options.caller);
  const counsellor = await telephone(phone, options.counsellor);
  await phone.rules('on incoming answer; hold segment=music@any seconds=60',
    `on poll ${options.before ?? ''}connect target=${options.target ?? counsellor.uri} seconds=${options.seconds ?? 20} accept=${options.accept ?? 'accept'}`,
    'on dropped hold segment=music@any seconds=60', ...(options.rules ?? []));
  try {
    assert.equal((await caller.invite()).status, 200);
    await caller.hears((heard) => contains(heard, music));
    phone.say('poll');
    await work(phone, caller, counsellor);
  } finally {
    caller.close();
    counsellor.close();
    await phone.stop();
  }
}

async function join(phone, caller, counsellor) {
  await counsellor.rings();
  await phone.event(/event=ringing/);
  await caller.hears((heard) => secondsOf(heard, 425) >= 0.5);
  await counsellor.pickUp();
  await phone.event(/leg keys=- tries=0/);
  await counsellor.hears((heard) => contains(heard, accept));
  await counsellor.press('1');
  await phone.event(/leg keys=1 tries=1/);
  await phone.event(/event=accepted/);
}

describe('a connection by SIP', { concurrency: 4 }, () => {
const laws = [[8, 8], [8, 0], [0, 8], [0, 0]];
for (const [first, second] of laws) {
  test(`rings, asks, joins; both hear each other: ${first} and ${second}`, () => withCall(
    { caller: { law: first }, counsellor: { law: second } }, async (phone, caller, counsellor) => {
      await join(phone, caller, counsellor);
      caller.speak(tone(700, 1), true);
      counsellor.speak(tone(1100, 1), true);
      await pause(300);
      caller.heard.length = counsellor.heard.length = 0;
      await pause(2000);
      assert.ok(secondsOf(caller.heard, 1100) >= 1.5, `the caller heard ${secondsOf(caller.heard, 1100)} s`);
      assert.ok(secondsOf(counsellor.heard, 700) >= 1.5, `the counsellor heard ${secondsOf(counsellor.heard, 700)} s`);
      await caller.bye();
      await counsellor.next((m) => m.method === 'BYE');
      await phone.event(/event=dropped .*cause=caller/);
      await phone.event(/event=gone/);
      await pause(100);
      assert.equal((await phone.figures()).legs, 0);
    }));
}

test('over IPv6: rings, asks, joins, and both hear each other', () => withCall({ address: '::1', caller: { address: '::1', to: '::1' },
  counsellor: { address: '::1', to: '::1' } }, async (phone, caller, counsellor) => {
  await join(phone, caller, counsellor);
  caller.speak(tone(700, 1), true);
  counsellor.speak(tone(1100, 1), true);
  await caller.hears((heard) => secondsOf(heard, 1100) >= 1);
  await counsellor.hears((heard) => secondsOf(heard, 700) >= 1);
  assert.match((await counsellor.modify({ direction: 'sendonly' })).body, /c=IN IP6 ::1\r\n(.*\r\n)*a=recvonly/);
  await caller.bye();
  await counsellor.next((m) => m.method === 'BYE');
}));

test('both behind routers, with addresses that nobody reaches', () => withCall(
  { caller: { behind: '192.168.1.5:5099' }, counsellor: { behind: '10.1.2.3' } }, async (phone, caller, counsellor) => {
    await join(phone, caller, counsellor); // the ACK came
    assert.match((await counsellor.modify({ direction: 'sendonly' })).body, /a=recvonly/);
    await pause(100);
    phone.say('end');
    await Promise.all([caller.next((m) => m.method === 'BYE'), counsellor.next((m) => m.method === 'BYE')]);
  }));

test('the counsellor hangs up: the caller is still there, and is held', () => withCall({}, async (phone, caller, counsellor) => {
  await join(phone, caller, counsellor);
  assert.equal((await counsellor.hangUp()).status, 200);
  await phone.event(/event=dropped .*cause=done/);
  caller.heard.length = 0;
  await caller.hears((heard) => contains(heard, music));
  assert.equal((await caller.bye()).status, 200);
}));

test('the console hangs up: both lines end', () => withCall({}, async (phone, caller, counsellor) => {
  await join(phone, caller, counsellor);
  phone.say('end');
  await Promise.all([caller.next((m) => m.method === 'BYE'), counsellor.next((m) => m.method === 'BYE')]);
  await phone.event(/event=gone/);
}));

test('the console takes the caller off the telephone: joined, and while it rings', () => withCall({}, async (phone, caller, counsellor) => {
  await join(phone, caller, counsellor);
  await phone.rules('on poll hold segment=music@any seconds=60');
  phone.say('poll');
  await phone.event(/event=poll .*turn=2/);
  await counsellor.next((m) => m.method === 'BYE');
  caller.heard.length = 0;
  await caller.hears((heard) => contains(heard, music));
  counsellor.seenInvite = counsellor.toTag = undefined;
  await phone.rules(`on poll connect target=${counsellor.uri} seconds=20 accept=accept`);
  phone.say('poll');
  await counsellor.rings();
  await phone.rules('on poll hold segment=music@any seconds=60');
  phone.say('poll');
  await counsellor.next((m) => m.method === 'CANCEL');
  caller.heard.length = 0;
  await caller.hears((heard) => contains(heard, music));
  assert.equal((await phone.figures()).calls, 1);
}));

test('stopping: who talks may finish within drain_seconds, then both are told', () => withCall({ sip: '  drain_seconds: 2\n',
  before: 'prompt music@fr; ' }, async (phone, caller, counsellor) => {
  await join(phone, caller, counsellor);
  counsellor.heard.length = 0;
  phone.say('drain');
  const start = performance.now();
  counsellor.speak(tone(1100, 1), true);
  caller.heard.length = 0;
  await caller.hears((heard) => secondsOf(heard, 1100) >= 1);
  await Promise.all([caller.next((m) => m.method === 'BYE'), counsellor.next((m) => m.method === 'BYE')]);
  assert.ok(performance.now() - start >= 1900);
  assert.ok(contains(caller.heard, lastFrench), 'the caller, in the language of the call');
  assert.ok(contains(counsellor.heard, last), 'the counsellor');
  await phone.event(/event=gone .*cause=cut/);
}));

test('a loop thread that does nothing for 2 s is not heard', () => withCall({}, async (phone, caller, counsellor) => {
  await join(phone, caller, counsellor);
  counsellor.speak(tone(1100, 1), true);
  await caller.hears((heard) => secondsOf(heard, 1100) >= 0.5);
  caller.packets.length = caller.heard.length = 0;
  phone.say('stall 2000');
  await phone.event(/^stalled/);
  await pause(1800);
  const numbers = caller.packets.map((bytes) => bytes.readUInt16BE(2));
  assert.deepEqual(numbers.filter((number, i) => i && number !== (numbers[i - 1] + 1 & 0xffff)), [], 'in order');
  assert.ok(secondsOf(caller.heard, 1100) >= 1.4, `${secondsOf(caller.heard, 1100)} s of 1.8`);
}));

test('the counsellor puts the caller on hold and comes back', () => withCall({}, async (phone, caller, counsellor) => {
  await join(phone, caller, counsellor);
  counsellor.speak(tone(1100, 1), true);
  caller.speak(tone(700, 1), true);
  await caller.hears((heard) => secondsOf(heard, 1100) > 0.3);
  counsellor.hush();
  assert.match((await counsellor.modify({ direction: 'sendonly' })).body, /a=recvonly/);
  caller.heard.length = 0;
  const silent = counsellor.packets.length;
  await caller.hears((heard) => contains(heard, music));
  assert.equal(counsellor.packets.length, silent, 'nothing is sent to who holds');
  assert.match((await counsellor.modify({})).body, /a=sendrecv/);
  counsellor.speak(tone(1100, 1), true);
  caller.heard.length = counsellor.heard.length = 0;
  await caller.hears((heard) => secondsOf(heard, 1100) > 0.5);
  await counsellor.hears((heard) => secondsOf(heard, 700) > 0.5);
}));

test('the caller leaves while it rings: it is cancelled', () => withCall({}, async (phone, caller, counsellor) => {
  await counsellor.rings();
  await phone.event(/event=ringing/);
  await caller.bye();
  await counsellor.next((m) => m.method === 'CANCEL');
  await phone.event(/event=dropped .*cause=caller/);
  await phone.event(/event=gone/);
}));

test('the caller leaves while the counsellor is asked', () => withCall({}, async (phone, caller, counsellor) => {
  await counsellor.rings();
  await counsellor.pickUp();
  await counsellor.hears((heard) => contains(heard, accept));
  await caller.bye();
  await counsellor.next((m) => m.method === 'BYE');
  await phone.event(/event=dropped .*cause=caller/);
}));

const refusals = [[486, 'Busy Here', 'busy'], [603, 'Decline', 'busy'], [480, 'Temporarily Unavailable', 'no_answer'],
  [404, 'Not Found', 'failed'], [500, 'Server Error', 'failed']];
for (const [status, reason, cause] of refusals) {
  test(`${status}: back to hold`, () => withCall({ counsellor: { ring: false } }, async (phone, caller, counsellor) => {
    await counsellor.rings();
    counsellor.reply(counsellor.invited, status, reason);
    await phone.event(new RegExp(`event=dropped .*cause=${cause}`));
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, music));
  }));
}

test('nobody answers: cancelled in time, back to hold', () => withCall({ seconds: 2 }, async (phone, caller, counsellor) => {
  await counsellor.rings();
  await counsellor.next((m) => m.method === 'CANCEL');
  await phone.event(/event=dropped .*cause=no_answer/);
  caller.heard.length = 0;
  await caller.hears((heard) => contains(heard, music));
}));

test('a voicemail that says nothing: asked twice, then left alone', () => withCall({}, async (phone, caller, counsellor) => {
  await counsellor.rings();
  await counsellor.pickUp();
  await phone.event(/leg keys= tries=1/);
  await phone.event(/leg keys= tries=2/);
  await counsellor.next((m) => m.method === 'BYE');
  await phone.event(/event=dropped .*cause=declined/);
}));

test('another key than 1, and a counsellor who hangs up at the question', () => withCall({}, async (phone, caller, counsellor) => {
  await counsellor.rings();
  await counsellor.pickUp();
  await counsellor.hears((heard) => contains(heard, accept));
  await counsellor.press('5');
  await phone.event(/leg keys=5 tries=1/);
  await counsellor.hangUp();
  await phone.event(/event=dropped .*cause=declined/);
}));

test('without a question: joined when answered', () => withCall({ rules: ['leg join'] }, async (phone, caller, counsellor) => {
  await counsellor.rings();
  await counsellor.pickUp();
  await phone.event(/event=accepted/);
  caller.speak(tone(700, 1), true);
  await counsellor.hears((heard) => secondsOf(heard, 700) > 0.5);
}));

for (const target of ['nobody', '0470000001', 'sip:', 'sip:a@b c', 'sip:a@256.1.1.1:5']) {
  test(`a target that is nowhere: ${target}`, () => withCall({ target: target.replace(' ', '<') }, async (phone) => {
    await phone.event(/event=dropped .*cause=(failed|no_answer)/, 40);
  }));
}

test('a new turn takes the caller back from a ringing telephone', () => withCall({}, async (phone, caller, counsellor) => {
  await counsellor.rings();
  await phone.event(/event=ringing/);
  phone.say('end');
  await counsellor.next((m) => m.method === 'CANCEL');
  await phone.event(/event=gone/);
}));

test('a callback that nobody takes up rings for ring_seconds, no longer', async () => {
  const phone = await Phone.start({ prompts, sip: 'telephone:\n  ring_seconds: 10\n' });
  const counsellor = await telephone(phone);
  try {
    phone.say(`dial callback-1 ${counsellor.uri}`);
    await counsellor.rings();
    const start = performance.now();
    await counsellor.next((m) => m.method === 'CANCEL', 15);
    assert.ok(performance.now() - start > 9000);
    await phone.event(/event=gone call=callback-1 .*cause=no_answer/);
  } finally {
    counsellor.close();
    await phone.stop();
  }
});

test('a callback: the telephone is rung first', async () => {
  const phone = await Phone.start({ prompts });
  const counsellor = await telephone(phone);
  phone.say('on incoming menu accept seconds=5 keys=1', 'on keys hangup', `dial callback-1 ${counsellor.uri}`);
  try {
    await counsellor.rings();
    await counsellor.pickUp();
    await phone.event(/event=incoming call=callback-1 turn=0 .*caller=0/);
    await counsellor.hears((heard) => contains(heard, accept));
    await counsellor.press('1');
    await phone.event(/event=keys call=callback-1 turn=1 keys=1/);
    await counsellor.next((m) => m.method === 'BYE');
    await phone.event(/event=gone call=callback-1/);
    phone.say(`dial callback-2 ${counsellor.uri}`);
    await counsellor.rings();
    counsellor.reply(counsellor.invited, 486, 'Busy Here');
    await phone.event(/event=gone call=callback-2 .*cause=busy/);
    phone.say('dial callback-3 nobody', 'query callback-3', 'query never-heard');
    await phone.event(/event=gone call=callback-3 .*cause=failed/);
    await phone.event(/event=gone call=never-heard/);
  } finally {
    counsellor.close();
    await phone.stop();
  }
});
});
