// The real daemon by telephone: from a caller's INVITE by the call script to a counsellor who takes
// the contact in the console and whose own telephone rings.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BINARY, Daemon, files } from '../browser/daemon.mjs';
import { Caller } from '../sip/caller.mjs';
import { wav } from '../fakes/wav.mjs';
import { contains, secondsOf, tone, word } from '../sip/sound.mjs';
import { telephone } from '../sip/telephone.mjs';
import { breaches, Counsellor, pause, until } from './client.mjs';

// A sound for each prompt of the script that is met, none of which is like another.
const spoken = { 'nl/greeting': word(51, 0.6), 'fr/greeting': word(52, 0.4), 'en/greeting': word(53, 0.4), 'nl/role': word(54, 0.6),
  'nl/queue': word(55, 0.5), 'nl/danger': word(56, 0.5), 'any/hold': word(57, 1.5), 'nl/accept': word(58, 0.6), 'nl/restart': word(59, 0.8) };
const number = '0470998877';

async function metric(daemon, name) {
  const text = await (await fetch(`http://127.0.0.1:${daemon.metrics}/metrics`)).text();
  return Number(text.match(new RegExp(`^onthaal_${name} (\\S+)$`, 'm'))[1]);
}

async function serve(more = '') {
  const daemon = await Daemon.create('');
  for (const [name, samples] of Object.entries(spoken)) {
    const path = join(daemon.folder, 'spoken', `${name}.wav`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wav(samples));
  }
  daemon.configure(`telephone:\n  prompts: spoken\nsip:\n  address: 127.0.0.1\n  port: 0\n${more}`);
  daemon.again = async () => {
    await daemon.start();
    daemon.sip = await until(() => daemon.said.match(/telephone {7}sip:intake@127\.0\.0\.1:(\d+)/)?.[1], 'its address');
  };
  await daemon.again();
  return daemon;
}

describe('the daemon by SIP', { concurrency: 1 }, () => {
  let daemon, anna, own, caller;

  before(async () => {
    daemon = await serve('  drain_seconds: 2\n');
    own = await telephone({ port: Number(daemon.sip) });
    anna = await new Counsellor(daemon, 'Anna').signUp();
    daemon.command('staff', 'telephone', 'anna', own.uri);
    daemon.process.kill('SIGHUP');
    await until(() => daemon.log.includes('msg="reloaded"'), 'the reload');
  });
  after(async () => {
    caller?.close();
    own?.close();
    await daemon?.remove();
    assert.deepEqual(breaches, []);
  });

  const cards = () => [...anna.cards.values()];

  async function callAndWait(keys = '11') {
    const known = new Set(anna.cards.keys());
    caller?.close();
    own.port = Number(daemon.sip);
    own.arrived.length = 0;
    caller = await Caller.create(Number(daemon.sip), { user: number });
    assert.equal((await caller.invite()).status, 200);
    await caller.hears((heard) => contains(heard, spoken['nl/greeting']));
    await caller.press(keys[0]);
    await caller.hears((heard) => contains(heard, spoken['nl/role']));
    await caller.press(keys.slice(1));
    await caller.hears((heard) => contains(heard, spoken['any/hold']));
    return until(() => cards().find((card) => !known.has(card.id)), 'the card of the call');
  }

  test('greeting, keys, queue; taken; rung; joined; hung up', async () => {
    const card = await callAndWait();
    assert.equal((await anna.request('take', { contact: card.id })).t, 'ok');
    await own.rings();
    await caller.hears((heard) => secondsOf(heard, 425) >= 0.5);
    await own.pickUp();
    await own.hears((heard) => heard.length > 4000);
    await own.press('1');
    caller.speak(tone(700, 1), true);
    own.speak(tone(1100, 1), true);
    await until(async () => await metric(daemon, 'calls_talking') === 1, 'the two joined');
    caller.heard.length = own.heard.length = 0;
    await caller.hears((heard) => secondsOf(heard, 1100) >= 1);
    await own.hears((heard) => secondsOf(heard, 700) >= 1);
    // From the console: held, rung again, joined again.
    assert.equal((await anna.request('call', { contact: card.id, order: 'hold' })).t, 'ok');
    await own.next((m) => m.method === 'BYE');
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, spoken['any/hold']), 15);
    own.hush();
    own.seenInvite = own.toTag = undefined;
    own.heard.length = own.arrived.length = 0;
    assert.equal((await anna.request('call', { contact: card.id, order: 'ring' })).t, 'ok');
    await own.rings();
    await own.pickUp();
    await own.hears((heard) => heard.length > 4000);
    await own.press('1');
    await until(async () => await metric(daemon, 'calls_talking') === 1, 'the two joined again');
    await caller.bye();
    await own.next((m) => m.method === 'BYE');
    await until(async () => await metric(daemon, 'sip_calls') === 0, 'no call');
    await until(async () => await metric(daemon, 'sip_legs') === 0, 'no leg');
    assert.equal(await metric(daemon, 'calls_connected_total'), 2);
    assert.equal(await metric(daemon, 'sip_rtp_failed_total'), 0);
    own.hush();
    assert.equal((await anna.request('close', { contact: card.id })).t, 'ok');
  });

  test('the counsellor is busy: the caller is back in the queue, at once', async () => {
    const card = await callAndWait();
    own.seenInvite = own.toTag = undefined;
    assert.equal((await anna.request('take', { contact: card.id })).t, 'ok');
    await own.rings();
    own.reply(own.invited, 486, 'Busy Here');
    await until(() => anna.cards.has(card.id) && !anna.contacts.has(card.id), 'the place in the queue');
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, spoken['any/hold']), 30);
    await caller.bye();
    await until(async () => await metric(daemon, 'sip_calls') === 0, 'no call');
  });

  test('9 says danger, and raises the contact', async () => {
    const card = await callAndWait('19');
    await until(() => cards().some((one) => one.id === card.id && one.level === 'serious'), 'the level');
    assert.ok(contains(caller.heard, spoken['nl/danger']));
  });

  test('killed: who waited has no line any more, and the card says so', async () => {
    const card = await callAndWait();
    await daemon.stop('SIGKILL');
    await daemon.again();
    assert.ok(await anna.resume());
    await until(() => anna.cards.get(card.id)?.call === 'cut', 'the mark');
    for (const { id } of cards()) { // and whoever was on the line before
      assert.equal(anna.cards.get(id).call, 'cut');
      assert.equal((await anna.request('take', { contact: id })).t, 'ok');
      assert.equal((await anna.request('close', { contact: id })).t, 'ok');
    }
  });

  test('SIGTERM: who talks may finish, both are told, and the contact says so', async () => {
    const card = await callAndWait();
    own.seenInvite = own.toTag = undefined;
    own.heard.length = 0;
    assert.equal((await anna.request('take', { contact: card.id })).t, 'ok');
    await own.rings();
    await own.pickUp();
    await own.hears((heard) => contains(heard, spoken['nl/accept']));
    await own.press('1');
    await until(async () => await metric(daemon, 'calls_talking') === 1, 'the two joined');
    caller.heard.length = own.heard.length = 0;
    own.speak(tone(1100, 1), true);
    const byes = Promise.all([caller, own].map((one) => one.next((m) => m.method === 'BYE', 20)));
    const start = performance.now();
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    assert.ok(performance.now() - start < 8000, `${performance.now() - start} ms`);
    await byes;
    own.hush();
    assert.ok(secondsOf(caller.heard, 1100) >= 1, 'the last seconds were theirs');
    assert.ok(contains(caller.heard, spoken['nl/restart']) && contains(own.heard, spoken['nl/restart']), 'told');
    await daemon.again();
    assert.ok(await anna.resume());
    const stages = anna.contacts.get(card.id).filter((event) => event.kind === 'call').map((event) => event.stage);
    assert.deepEqual(stages, ['ringing', 'connected', 'cut']);
    assert.equal((await anna.request('close', { contact: card.id })).t, 'ok');
    await callAndWait();
  });

  test('SIGTERM: who waits is told and hung up, and nothing of the number is anywhere', async () => {
    assert.ok(cards().length >= 1);
    caller.heard.length = 0;
    const bye = caller.next((m) => m.method === 'BYE');
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    await bye;
    assert.ok(contains(caller.heard, spoken['nl/restart']), 'told');
    const marks = [number, number.slice(1), own.uri.slice(4)];
    for (const path of files(daemon.folder)) {
      const bytes = readFileSync(path);
      for (const mark of marks.slice(0, 2)) assert.ok(!bytes.includes(mark), `${mark} in ${path}`);
    }
    for (const mark of marks) assert.ok(!daemon.log.includes(mark), `${mark} in the log`);
    await daemon.again();
    assert.ok(await anna.resume());
    assert.equal(anna.cards.size, 0, 'who left has left');
  });
});

test('SIGTERM: who talks goes on beyond the lease of the console that was sent away', async () => {
  const daemon = await serve('  drain_seconds: 40\ndesk:\n  lease_seconds: 20\n');
  const own = await telephone({ port: Number(daemon.sip) }), caller = await Caller.create(Number(daemon.sip), { user: number });
  try {
    const anna = await new Counsellor(daemon, 'Anna').signUp(undefined, own.uri);
    await caller.invite();
    await caller.hears((heard) => contains(heard, spoken['nl/greeting']));
    await caller.press('1');
    await caller.hears((heard) => contains(heard, spoken['nl/role']));
    await caller.press('1');
    const card = await until(() => [...anna.cards.values()][0], 'the card');
    assert.equal((await anna.request('take', { contact: card.id })).t, 'ok');
    await own.rings();
    await own.pickUp();
    await own.hears((heard) => contains(heard, spoken['nl/accept']));
    await own.press('1');
    await until(async () => await metric(daemon, 'calls_talking') === 1, 'the two joined');
    own.speak(tone(1100, 1), true);
    daemon.process.kill('SIGTERM');
    await anna.line.closed;
    await pause(23000);
    caller.heard.length = 0;
    await caller.hears((heard) => secondsOf(heard, 1100) > 0.5);
    own.hush();
    await caller.bye();
    assert.deepEqual(await daemon.ended, { code: 0, signal: null });
    await daemon.again();
    assert.ok(await anna.resume());
    const stages = anna.contacts.get(card.id).filter((event) => event.kind === 'call').map((event) => event.stage);
    assert.deepEqual(stages, ['ringing', 'connected', 'parked', 'ended']);
    anna.line.drop();
  } finally {
    caller.close();
    own.close();
    await daemon.remove();
  }
});

test('a port that is taken is said with what to do', async () => {
  const first = await serve();
  const second = await Daemon.create(`sip:\n  address: 127.0.0.1\n  port: ${first.sip}\n`);
  try {
    await assert.rejects(second.start(), new RegExp(`sip.port: 127.0.0.1 port ${first.sip} is taken or not ours: choose another, or 0`));
  } finally {
    await second.remove();
    await first.stop(); // with the making of its prompts
    await first.remove();
  }
});

test('libraries do not find our names but those that are meant for them', () => {
  const shown = execFileSync('nm', ['-D', '--defined-only', BINARY], { encoding: 'utf8' });
  for (const name of ['tmr_jiffies', 're_fprintf', 're_printf', 'dbg_printf']) assert.match(shown, new RegExp(` T ${name}$`, 'm'));
  assert.doesNotMatch(shown, / mem_alloc$/m);
});
