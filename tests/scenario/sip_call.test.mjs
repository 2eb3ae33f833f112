// Calls by SIP, as a telephone has them: prompts, keys, holding, recording, refusals, races.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Caller } from '../sip/caller.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, locate, secondsOf, spoken, tone, word } from '../sip/sound.mjs';

const welcome = word(1, 1.2), choose = word(2, 1), music = word(3, 1.5);
const prompts = { 'nl/welcome': welcome, 'nl/choose': choose, 'any/music': music };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function withPhone(options, work) {
  const phone = await Phone.start({ prompts, ...options });
  const callers = [];
  try {
    await work(phone, async (more = {}) => {
      const caller = await Caller.create(phone.port, more);
      callers.push(caller);
      return caller;
    });
  } finally {
    for (const caller of callers) caller.close();
    await phone.stop();
  }
}

const rules = ['on incoming answer; prompt welcome; menu choose seconds=2 keys=123',
  'on keys:1 hold segment=music@any seconds=30', 'on keys:2 collect most=4 finish=# seconds=2',
  'on keys:5 prompt welcome; hold segment=music@any seconds=30', 'on keys hangup', 'on poll hold segment=music@any seconds=30'];

describe('a call by SIP', { concurrency: 4 }, () => {
for (const law of [8, 0]) {
  test(`prompts are heard and keys are taken, ${law ? 'A-law' : 'µ-law'}`, () => withPhone({ rules }, async (phone, call) => {
    const caller = await call({ law });
    const answer = await caller.invite();
    assert.equal(answer.status, 200);
    assert.match(answer.body, new RegExp(`m=audio \\d+ RTP/AVP ${law} 101`));
    await caller.hears((heard) => contains(heard, choose));
    assert.ok(locate(caller.heard, welcome).at < locate(caller.heard, choose).at, 'in their order');
    await caller.press('1');
    await phone.event(/event=keys .*turn=1 keys=1 /);
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, music));
    assert.equal((await caller.bye()).status, 200);
    await phone.event(/event=gone/);
    const figures = await phone.figures();
    assert.equal(figures.calls, 0);
    assert.equal(figures.keys_total, 1);
  }));
}

test('a key ends the prompt at once; digits are collected until the finishing key', () => withPhone({ rules }, async (phone, call) => {
  const caller = await call();
  await caller.invite();
  await caller.hears((heard) => contains(heard, choose));
  await caller.press('2');
  await phone.event(/event=keys .*keys=2 /);
  await caller.press('042#');
  await phone.event(/event=keys .*turn=2 keys=042 /);
  await caller.next((m) => m.method === 'BYE'); // the script hangs up
  await phone.event(/event=gone/);
}));

test('four digits are enough; silence gives what there is; typed ahead is kept', () => withPhone({ rules: [
  'on incoming answer; collect most=4 finish=# seconds=1', 'on keys:4711 collect most=4 finish=# seconds=1', 'on keys hangup'] },
async (phone, call) => {
  const caller = await call();
  await caller.invite();
  await caller.press('4711');
  await phone.event(/event=keys .*turn=1 keys=4711 /);
  await caller.press('08');
  await phone.event(/event=keys .*turn=2 keys=08 /);
  await phone.event(/event=gone/);
}));

test('keys by INFO, and once only when both ways are used', () => withPhone({ rules: ['on incoming answer; collect most=3 seconds=2', 'on keys hangup'] },
  async (phone, call) => {
    const caller = await call();
    await caller.invite();
    for (const key of ['7', '*']) {
      caller.send(caller.request('INFO', { uri: caller.contact, seq: caller.seq++, type: 'application/dtmf-relay',
        body: `Signal=${key}\r\nDuration=160\r\n` }));
      assert.equal((await caller.final('INFO')).status, 200);
    }
    await caller.press('9');
    await phone.event(/event=keys .*keys=7\*9 /);
    await phone.event(/event=gone/);
    assert.equal((await phone.figures()).keys_total, 3);
  }));

test('silence in a menu tells nothing was pressed', () => withPhone({ rules: ['on incoming answer; menu seconds=1 keys=1', 'on keys hangup'] },
  async (phone, call) => {
    const caller = await call();
    await caller.invite();
    await phone.event(/event=keys .*turn=1 keys= /);
    await phone.event(/event=gone/);
  }));

test('while holding: poll by itself, by interrupt, and music that goes on', () => withPhone({ rules: [
  'on incoming answer; hold segment=music@any seconds=1', 'on poll hold segment=music@any seconds=1'] }, async (phone, call) => {
  const caller = await call();
  await caller.invite();
  await phone.event(/event=poll .*turn=1 /);
  const before = performance.now();
  await phone.event(/event=poll .*turn=2 /);
  assert.ok(performance.now() - before > 700, 'the segment was played');
  phone.say('on poll hold segment=music@any seconds=30', 'poll');
  await phone.event(/event=poll .*turn=3 /, 0.9);
  caller.heard.length = 0;
  await caller.hears((heard) => heard.length > 8000 * 3.2);
  const first = locate(caller.heard, music).at;
  const second = first + 2000 + locate(caller.heard.slice(first + 2000), music).at;
  assert.ok(Math.abs(second - first - music.length) <= 1, `without a gap: ${second - first}`);
  phone.say('end');
  await caller.next((m) => m.method === 'BYE');
  await phone.event(/event=gone/);
}));

test('what is said after the tone is recorded', () => withPhone({ rules: ['on incoming answer; record most=10 finish=#', 'on recorded hangup'] },
  async (phone, call) => {
    const caller = await call();
    await caller.invite();
    await caller.hears((heard) => secondsOf(heard, 1400) >= 0.2);
    await pause(300);
    await caller.speak(tone(620, 1.5));
    await caller.press('#');
    const [, seconds, path] = await phone.event(/event=recorded .*seconds=(\d+) recording=(\S+)/);
    const recorded = spoken(readFileSync(path));
    rmSync(path);
    assert.ok(secondsOf(recorded, 620) >= 1.3, `${secondsOf(recorded, 620)} s of it`);
    assert.ok(Math.abs(seconds - recorded.length / 8000) <= 1);
    await phone.event(/event=gone/);
  }));

test('who hangs up while recording has left a message', () => withPhone({ rules: ['on incoming answer; record most=10 finish=#', 'on recorded hangup'] },
  async (phone, call) => {
    const caller = await call();
    await caller.invite();
    await caller.hears((heard) => secondsOf(heard, 1400) >= 0.2);
    await pause(300);
    await caller.speak(tone(620, 1));
    await caller.bye();
    const [, path] = await phone.event(/event=recorded .*recording=(\S+)/);
    rmSync(path);
    await phone.event(/event=gone/);
  }));

test('a message without a word is none: a key, or ten seconds of quiet', () => withPhone({
  rules: ['on incoming answer; record most=60 finish=#', 'on poll hold segment=music@any seconds=30'] }, async (phone, call) => {
  const [hasty, quiet] = [await call(), await call()];
  for (const caller of [hasty, quiet]) {
    await caller.invite();
    await caller.hears((heard) => secondsOf(heard, 1400) >= 0.2);
  }
  await pause(300);
  await hasty.press('5'); // not the one that ends it
  await hasty.press('#');
  await phone.event(/event=poll .*turn=1 /);
  const begun = performance.now();
  const said = quiet.speak(tone(620, 30, 20)); // the line's own noise
  await phone.event(/event=poll .*turn=1 /);
  assert.ok(performance.now() - begun > 7000, `${performance.now() - begun} ms`);
  quiet.hush();
  await said;
  assert.equal((await phone.figures()).messages_total, 0);
}));

test('a message ends at its length, by any key where the script says so; one in µ-law, with lost packets: its length is right', () => withPhone({
  rules: ['on incoming answer; record most=5', 'on recorded hangup'] }, async (phone, call) => {
  const [long, short] = [await call(), await call({ law: 0 })];
  for (const caller of [long, short]) {
    await caller.invite();
    await caller.hears((heard) => secondsOf(heard, 1400) >= 0.2);
  }
  await pause(300);
  const all = long.speak(tone(620, 20));
  await short.speak(tone(880, 1));
  await pause(600); // thirty packets are lost on the way
  short.rtpSeq += 30;
  short.rtpTime += 30 * 160;
  await short.speak(tone(880, 1));
  await short.press('4');
  const taken = async () => {
    const [, seconds, path] = await phone.event(/event=recorded .*seconds=(\d+) recording=(\S+)/);
    const samples = spoken(readFileSync(path));
    rmSync(path);
    return { seconds: Number(seconds), samples };
  };
  const first = await taken(), second = await taken();
  long.hush();
  await all;
  const length = first.samples.length / 8000;
  assert.ok(length > 2.5 && length < 3.3, `${length} s`);
  assert.equal(first.seconds, Math.ceil(length));
  assert.ok(secondsOf(first.samples, 880) >= 1.7, `${secondsOf(first.samples, 880)} s of it`);
  const quiet = first.samples.filter((sample) => Math.abs(sample) <= 8).length / 8000;
  assert.ok(quiet >= 0.58 && quiet < 1.3, `${quiet} s were lost or before it`);
  assert.equal(second.seconds, 5);
  assert.equal(second.samples.length, 5 * 8000);
  assert.ok(secondsOf(second.samples, 620) >= 4.3, `${secondsOf(second.samples, 620)} s of it`);
  assert.equal((await phone.figures()).messages_total, 2);
}));

test('a description that comes with the ACK', () => withPhone({ rules }, async (phone, call) => {
  const caller = await call();
  const answer = await caller.invite({ body: '', ack: false });
  assert.equal(answer.status, 200);
  assert.match(answer.body, /m=audio \d+ RTP\/AVP 8 0 101/);
  await pause(300);
  assert.equal(caller.packets.length, 0, 'nothing before the ACK');
  caller.ack(caller.description());
  await caller.hears((heard) => contains(heard, welcome));
  await caller.bye();
}));

test('no audio before the ACK, and the answer is repeated until then', () => withPhone({ rules }, async (phone, call) => {
  const caller = await call();
  await caller.invite({ ack: false });
  await caller.next((m) => m.status === 200, 3); // again, after T1
  assert.equal(caller.packets.length, 0);
  caller.ack();
  await caller.hears((heard) => contains(heard, welcome));
  await caller.bye();
}));

test('a re-INVITE holds and resumes, and may change the law', () => withPhone({ rules: ['on incoming answer; hold segment=music@any seconds=60'] },
  async (phone, call) => {
    const caller = await call();
    await caller.invite();
    await caller.hears((heard) => heard.length > 4000);
    const held = await caller.invite({ direction: 'sendonly', uri: caller.contact });
    assert.equal(held.status, 200);
    assert.match(held.body, /a=recvonly/);
    await pause(200);
    const count = caller.packets.length;
    await pause(400);
    assert.equal(caller.packets.length, count, 'nothing is sent to who holds');
    caller.law = 0;
    const resumed = await caller.invite({ uri: caller.contact });
    assert.match(resumed.body, /RTP\/AVP 0 101/);
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, music));
    assert.equal(caller.packets.at(-1)[1] & 127, 0);
    const refused = await caller.invite({ formats: '18', uri: caller.contact });
    assert.equal(refused.status, 488, 'another codec is refused');
    caller.send(caller.request('ACK', { uri: caller.contact, branch: caller.branch }));
    caller.seq++;
    const more = caller.packets.length;
    await pause(300);
    assert.ok(caller.packets.length > more, 'and the call goes on as it was');
    await caller.bye();
  }));

test('cancelled while it rings; and too late', () => withPhone({ rules: [] }, async (phone, call) => {
  const early = await call();
  const branch = 'z9hG4bKearly';
  early.send(early.request('INVITE', { body: early.description(), branch }));
  await early.next((m) => m.status === 180);
  await phone.event(/event=incoming/);
  early.send(early.request('CANCEL', { branch }));
  assert.equal((await early.final('CANCEL')).status, 200);
  assert.equal((await early.final('INVITE')).status, 487);
  early.send(early.request('ACK', { branch }));
  await phone.event(/event=gone/);
  await phone.rules('on incoming answer; hold segment=music@any seconds=60');
  const late = await call();
  await late.invite();
  late.send(late.request('CANCEL', { branch: late.branch, seq: 1, toTag: '' }));
  assert.equal((await late.final('CANCEL')).status, 200, 'harmless');
  await late.hears((heard) => heard.length > 4000);
  assert.equal((await late.bye()).status, 200);
}));

test('rejected without an answer; repeated requests are answered alike', () => withPhone({ rules: ['on incoming reject busy'] },
  async (phone, call) => {
    const caller = await call();
    const invite = caller.request('INVITE', { body: caller.description(), branch: 'z9hG4bKbusy' });
    caller.send(invite);
    const first = await caller.final('INVITE');
    assert.equal(first.status, 486);
    await phone.event(/event=gone .*cause=busy/);
    caller.send(invite);
    const again = await caller.next((m) => m.status === 486);
    assert.equal(again.header('to'), first.header('to'));
    caller.send(caller.request('ACK', { branch: 'z9hG4bKbusy' }));
    await pause(200);
    assert.equal((await phone.figures()).invites_total, 1);
  }));

test('each refusal has its number', () => withPhone({ rules }, async (phone, call) => {
  const caller = await call();
  const ask = async (method, options) => {
    caller.seq++;
    const name = `${caller.call}${caller.seq}`, branch = `z9hG4bK${name}`;
    caller.send(caller.request(method, { call: name, branch, ...options }));
    const answer = await caller.next((m) => m.status >= 200 && m.header('call-id') === name);
    if (method === 'INVITE') caller.send(caller.request('ACK', { call: name, branch }));
    return answer;
  };
  assert.equal((await ask('INVITE', { body: caller.description({ formats: '18 101' }) })).status, 488);
  assert.equal((await ask('INVITE', { body: 'v=0\r\nnonsense' })).status, 488);
  assert.equal((await ask('INVITE', { body: '<x/>', type: 'text/xml' })).status, 415);
  const bad = await ask('INVITE', { body: caller.description(), headers: 'Require: 100rel, timer\r\n' });
  assert.equal(bad.status, 420);
  assert.equal(bad.header('unsupported'), '100rel, timer');
  for (const method of ['SUBSCRIBE', 'MESSAGE', 'UPDATE', 'PRACK', 'REFER', 'PUBLISH']) {
    const answer = await ask(method, {});
    assert.equal(answer.status, 405, method);
    assert.match(answer.header('allow'), /INVITE, ACK, CANCEL, BYE, OPTIONS, INFO/);
  }
  assert.equal((await ask('BYE', { toTag: 'unknown' })).status, 481);
  assert.equal((await ask('BYE', {})).status, 481);
  assert.equal((await ask('INFO', { toTag: 'unknown' })).status, 481);
  assert.equal((await ask('INVITE', { toTag: 'unknown', body: caller.description() })).status, 481);
  assert.equal((await ask('CANCEL', {})).status, 481);
  const options = await ask('OPTIONS', {});
  assert.equal(options.status, 200);
  assert.equal(options.header('accept'), 'application/sdp');
  assert.equal((await ask('INVITE', { uri: 'fax:1@127.0.0.1', body: caller.description() })).status, 416);
  assert.equal((await phone.figures()).calls, 0);
}));

test('a call without any audio is over after the configured silence', () => withPhone({ sip: '  silence_seconds: 5\n',
  rules: ['on incoming answer; hold segment=music@any seconds=60'] }, async (phone, call) => {
  const silent = await call(), speaking = await call();
  await silent.invite();
  await speaking.invite();
  speaking.speak(tone(500, 1), true);
  const started = performance.now();
  await silent.next((m) => m.method === 'BYE');
  assert.ok(performance.now() - started > 4000);
  await pause(700);
  assert.equal((await phone.figures()).silent_total, 1);
  assert.equal((await phone.figures()).calls, 1, 'who speaks stays');
  await speaking.bye();
}));

test('the longest call: it ends, though both speak', () => withPhone({ sip: '  call_minutes: 1\n',
  rules: ['on incoming answer; hold segment=music@any seconds=600'] }, async (phone, call) => {
  const caller = await call();
  await caller.invite();
  const start = performance.now();
  caller.speak(tone(500, 1), true);
  await caller.next((m) => m.method === 'BYE', 75);
  assert.ok(performance.now() - start >= 58000, `${performance.now() - start} ms`);
  await phone.event(/event=gone/);
  assert.equal((await phone.figures()).too_long_total, 1);
}));

test('the limit of calls: one more hears that all lines are busy', () => withPhone({ sip: '  calls: 2\n',
  rules: ['on incoming answer; hold segment=music@any seconds=60'] }, async (phone, call) => {
  const one = await call(), two = await call(), three = await call();
  assert.equal((await one.invite()).status, 200);
  assert.equal((await two.invite()).status, 200);
  const refused = await three.invite();
  assert.equal(refused.status, 503);
  assert.ok(refused.header('retry-after'));
  await one.bye();
  await phone.event(/event=gone/);
  const four = await call();
  assert.equal((await four.invite()).status, 200);
}));

const last = { 'nl/restart': word(4, 0.9), 'fr/restart': word(5, 0.7) };

test('draining: who waits is told in the language heard last, then hung up; no new calls', () => withPhone({
  prompts: { ...prompts, 'fr/welcome': welcome, ...last }, rules: ['on incoming answer; menu welcome@nl welcome@fr seconds=30 keys=12',
    'on keys:1 prompt welcome@fr; hold segment=music@any seconds=60'] }, async (phone, call) => {
  const choosing = await call(), waiting = await call(), late = await call();
  await choosing.invite();
  await waiting.invite();
  await waiting.press('1');
  await waiting.hears((heard) => contains(heard, music));
  waiting.heard.length = choosing.heard.length = 0;
  phone.say('drain');
  await waiting.press('1'); // nothing may keep it from leaving
  await Promise.all([waiting, choosing].map((one) => one.next((m) => m.method === 'BYE')));
  assert.ok(contains(waiting.heard, last['fr/restart']) && !contains(waiting.heard, last['nl/restart']), 'French');
  assert.ok(locate(choosing.heard, last['nl/restart']).at < locate(choosing.heard, last['fr/restart']).at, 'both, in order');
  assert.ok(contains(choosing.heard, last['nl/restart']));
  await phone.event(/event=gone .*cause=cut/);
  await phone.event(/event=gone .*cause=cut/);
  assert.equal((await late.invite()).status, 503);
}));

test('draining ends in time, however long the word is; a message begun is kept; who rings is sent elsewhere', () => withPhone({
  prompts: { 'nl/welcome': welcome, 'nl/restart': tone(600, 60) }, sip: '  drain_seconds: 0\n',
  rules: ['on incoming answer; prompt welcome; record most=60 finish=#', 'on recorded hangup'] }, async (phone, call) => {
  const caller = await call(), ringing = await call();
  await caller.invite();
  await caller.hears((heard) => secondsOf(heard, 1400) >= 0.2);
  await pause(300);
  await caller.speak(tone(620, 1));
  phone.say('stall 3000', 'drain');
  await phone.event(/^stalled/);
  ringing.send(ringing.request('INVITE', { body: ringing.description() })); // it is told of, not answered yet
  await ringing.next((m) => m.status === 180);
  const [, path] = await phone.event(/event=recorded .*recording=(\S+)/); // by the drain
  const start = performance.now();
  rmSync(path);
  assert.equal((await ringing.final('INVITE')).status, 503);
  await caller.next((m) => m.method === 'BYE', 30);
  assert.ok(performance.now() - start < 23000, `${performance.now() - start} ms`);
  assert.ok(secondsOf(caller.heard, 600) > 10, 'told meanwhile');
  assert.equal((await phone.figures()).calls, 0);
}));

test('lost packets, both of SIP and of audio, lose neither call nor key', () => withPhone({ rules }, async (phone, call) => {
  const caller = await call({ loss: 0.3 });
  const invite = caller.request('INVITE', { body: caller.description(), branch: 'z9hG4bKlost' });
  for (let i = 0; i < 3; i++) caller.send(invite); // our 100 and 200 were lost
  caller.take(await caller.final('INVITE'));
  await caller.next((m) => m.status === 200, 5);
  caller.ack();
  await caller.hears((heard) => contains(heard, choose));
  await caller.press('2');
  await phone.event(/event=keys .*keys=2 /);
  await caller.press('123');
  await phone.event(/event=keys .*keys=123 /);
  assert.equal((await phone.figures()).invites_total, 1);
}));
});
