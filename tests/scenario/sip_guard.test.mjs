// Strangers, scanners and liars: who gets what, and that a call in progress does not notice.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { authorize, Caller } from '../sip/caller.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, secondsOf, tone, word } from '../sip/sound.mjs';

const music = word(9, 1.5);
const prompts = { 'any/music': music };
const rules = ['on incoming answer; hold segment=music@any seconds=600', 'on keys hangup'];
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const users = '  users:\n    - {name: balie, password: lang-genoeg}\n';
const staff = '  staff:\n    - {name: anna, password: ook-lang-genoeg}\n';

async function withPhone(sip, work, more = {}) {
  const phone = await Phone.start({ prompts, rules, sip, ...more });
  const callers = [];
  try {
    await work(phone, async (options = {}) => {
      const caller = await Caller.create(phone.port, options);
      callers.push(caller);
      return caller;
    });
  } finally {
    for (const caller of callers) caller.close();
    await phone.stop();
  }
}

const stranger = { address: '127.0.0.66' };
const here = '  allow: [127.0.0.1]\n';

describe('guards of SIP', { concurrency: 4 }, () => {
  test('a stranger gets nothing at all where nobody could be it', () => withPhone(here, async (phone, call) => {
    const caller = await call(stranger), friend = await call();
    for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'SUBSCRIBE', 'MESSAGE'])
      assert.equal((await caller.ask(method, {}, 300)).status, 0, method);
    assert.equal((await friend.ask('OPTIONS')).status, 200);
    assert.ok((await phone.figures()).unanswered_total >= 5);
  }));

  test('scanners get nothing even where others are asked who they are', () => withPhone(here + users, async (phone, call) => {
    const caller = await call(stranger);
    for (const name of ['friendly-scanner', 'SIPVicious', 'sipcli/v1.8', 'VaxSIPUserAgent/3.1'])
      assert.equal((await caller.ask('OPTIONS', { headers: `User-Agent: ${name}\r\n` }, 300)).status, 0, name);
    const quiet = await call({ ...stranger, user: 'sipvicious' });
    assert.equal((await quiet.ask('INVITE', { body: quiet.description() }, 300)).status, 0);
    assert.equal((await caller.ask('OPTIONS')).status, 401);
  }));

  test('a stranger calls with a password, and with none else', () => withPhone(here + users, async (phone, call) => {
    const caller = await call(stranger);
    const uri = `sip:intake@127.0.0.1:${phone.port}`;
    const asked = await caller.ask('INVITE', { body: caller.description() });
    assert.equal(asked.status, 401);
    const challenge = asked.header('www-authenticate');
    const wrong = authorize(challenge, { method: 'INVITE', uri, user: 'balie', password: 'geraden' });
    assert.equal((await caller.ask('INVITE', { body: caller.description(), headers: wrong })).status, 401);
    const other = authorize(challenge, { method: 'INVITE', uri, user: 'piet', password: 'lang-genoeg' });
    assert.equal((await caller.ask('INVITE', { body: caller.description(), headers: other })).status, 401);
    const forged = authorize(challenge.replace(/nonce="[^"]+"/, `nonce="${'0'.repeat(48)}"`),
      { method: 'INVITE', uri, user: 'balie', password: 'lang-genoeg' });
    assert.match((await caller.ask('INVITE', { body: caller.description(), headers: forged })).header('www-authenticate'), /stale=true/);
    const good = authorize(challenge, { method: 'INVITE', uri, user: 'balie', password: 'lang-genoeg' });
    assert.equal((await caller.invite({ headers: good })).status, 200);
    await caller.hears((heard) => contains(heard, music));
    // The same answer again, on another call: it was overheard.
    const thief = await call({ address: '127.0.0.67' });
    const again = await thief.ask('INVITE', { body: thief.description(), headers: good });
    assert.equal(again.status, 401);
    assert.match(again.header('www-authenticate'), /stale=true/);
    await caller.bye();
  }));

  test('twenty requests a minute of one stranger, and another is not touched', () => withPhone(here + users, async (phone, call) => {
    const caller = await call(stranger), other = await call({ address: '127.0.0.67' });
    let answered = 0;
    for (let i = 0; i < 30; i++) caller.send(caller.request('OPTIONS', { call: `many${i}`, branch: `z9hG4bKm${i}` }));
    await pause(500);
    answered = caller.arrived.filter((m) => m.status === 401).length;
    assert.equal(answered, 20);
    assert.equal((await other.ask('OPTIONS')).status, 401);
    assert.equal((await phone.figures()).limited_total, 10);
  }));

  test('an answer cannot be aimed at a victim by the Via', () => withPhone('', async (phone, call) => {
    const caller = await call();
    const victim = createSocket('udp4');
    let hit = 0;
    await new Promise((resolve) => { victim.bind(0, '127.0.0.99', resolve); });
    victim.on('message', () => { hit++; });
    const { port } = victim.address();
    caller.send(caller.request('OPTIONS', { via: ';maddr=127.0.0.99' })
      .replace(/UDP 127.0.0.1:\d+/, `UDP 127.0.0.1:${port}`));
    await pause(400);
    victim.close();
    assert.equal(hit, 0);
  }));

  test('audio cannot be aimed at a victim by the description', () => withPhone('', async (phone, call) => {
    const caller = await call();
    const victim = createSocket('udp4');
    let hit = 0;
    await new Promise((resolve) => { victim.bind(0, '127.0.0.99', resolve); });
    victim.on('message', () => { hit++; });
    assert.equal((await caller.invite({ address: '127.0.0.99', port: victim.address().port })).status, 200);
    await pause(800);
    assert.equal(hit, 0);
    // Behind a router the described address is wrong too: the first packet shows the right one.
    caller.speak(tone(500, 1), true);
    await caller.hears((heard) => contains(heard, music));
    assert.equal(hit, 0);
    victim.close();
    await caller.bye();
  }));

  test('only the peer is heard: others cannot press keys', () => withPhone('', async (phone, call) => {
    const caller = await call(), intruder = await call({ address: '127.0.0.67' });
    await caller.invite();
    await caller.speak(tone(500, 0.3));
    intruder.remoteRtp = caller.remoteRtp;
    await intruder.press('5');
    const nearby = await call(); // the right address, another port
    nearby.remoteRtp = caller.remoteRtp;
    await nearby.press('5');
    const figures = await phone.figures();
    assert.equal(figures.keys_total, 0);
    assert.ok(figures.rtp_strange_total >= 16);
    assert.equal(figures.calls, 1);
    await caller.press('5');
    await phone.event(/event=keys .*keys=5/);
  }));

  test('the log repeats nothing of what peers send', () => withPhone('', async (phone, call) => {
    const marker = 'marker-0470999888';
    const caller = await call({ user: '0470999888' });
    caller.send(`GARBAGE ${marker}\r\n\r\n`);
    caller.send(`SIP/2.0 200 ${marker}\r\nCSeq: 1 ${marker}\r\n\r\n`);
    await caller.ask('INVITE', { body: `v=0\r\n${marker}` });
    await caller.ask('FOO', { headers: `User-Agent: ${marker}\nlevel=error msg=${marker}\r\n` });
    await caller.invite({ headers: `Subject: ${marker}\r\n` });
    await caller.hears((heard) => contains(heard, music));
    await caller.bye();
    await phone.event(/event=gone/);
    assert.equal(phone.log, '');
    assert.ok(!phone.events.some((line) => line.includes('0470999888')));
  }));

  test('a softphone of the staff registers, is rung, and goes', () => withPhone(here + staff, async (phone, call) => {
    const near = await call({ ...stranger, user: 'anna' }); // of this machine too; who is not: sip_foreign
    assert.equal((await near.ask('REGISTER')).status, 401);
    const softphone = await call({ user: 'anna' });
    const { port } = softphone.sip.address();
    const uri = `sip:127.0.0.1:${phone.port}`;
    const contact = `Contact: <sip:anna@192.168.1.5:5099>;expires=300\r\n`; // behind a router
    let seq = 1;
    const register = async (headers, options = {}) => {
      const name = options.user ?? 'anna';
      const text = (more) => softphone.request('REGISTER', { uri, call: 'reg', seq: seq++, branch: `z9hG4bKr${seq}`, headers: headers + more })
        .replace(/To: [^\r]+/, `To: <sip:${options.to ?? name}@onthaal>`).replace(/Contact: <sip:anna@127[^\r]+\r\n/, '');
      softphone.send(text(''));
      const asked = await softphone.final('REGISTER');
      if (asked.status !== 401) return asked;
      softphone.send(text(authorize(asked.header('www-authenticate'),
        { method: 'REGISTER', uri, user: name, password: options.password ?? 'ook-lang-genoeg' })));
      return softphone.final('REGISTER');
    };
    assert.equal((await register(contact, { password: 'geraden-geraden' })).status, 401);
    assert.equal((await register(contact, { to: 'bert' })).status, 403);
    const brief = await register(contact.replace('300', '5'));
    assert.equal(brief.status, 423);
    assert.equal(brief.header('min-expires'), '60');
    const answer = await register(contact);
    assert.equal(answer.status, 200);
    assert.match(answer.header('contact'), /^<sip:anna@192.168.1.5:5099>;expires=(300|299)$/);
    assert.equal((await phone.figures()).softphones, 1);
    assert.match((await register(contact.replace('300', '99999'))).header('contact'), /expires=(600|599)$/);

    softphone.on.INVITE = (message) => softphone.reply(message, 180, 'Ringing');
    softphone.on.CANCEL = (message) => softphone.reply(message, 200, 'OK');
    await phone.rules('on poll connect target=anna seconds=20 accept=none', 'on dropped hangup');
    const caller = await call();
    await caller.invite();
    await caller.hears((heard) => contains(heard, music));
    phone.say('poll');
    const invited = await softphone.next((m) => m.method === 'INVITE');
    assert.match(invited.first, new RegExp(`INVITE sip:anna@127.0.0.1:${port} `), 'where it came from');
    await caller.bye();
    await softphone.next((m) => m.method === 'CANCEL');
    assert.match((await register('Contact: *\r\nExpires: 0\r\n')).first, /200/);
    assert.equal((await phone.figures()).softphones, 0);
  }));

  test('a flood of connections does not take the descriptors; strangers are cut', () => withPhone(here, async (phone, call) => {
    const descriptors = () => readdirSync(`/proc/${phone.process.pid}/fd`).length;
    const before = descriptors();
    const sockets = Array.from({ length: 300 }, () => {
      const socket = connect({ port: phone.port, host: '127.0.0.1', localAddress: '127.0.0.66' });
      socket.on('error', () => {});
      return socket.resume();
    });
    await pause(1500);
    assert.ok(descriptors() - before <= 120, `${descriptors() - before} of 300 were let in`);
    await pause(1000);
    const one = connect({ port: phone.port, host: '127.0.0.1', localAddress: '127.0.0.66' }).resume();
    const cut = new Promise((resolve) => { one.on('close', resolve); });
    one.write((await call(stranger)).request('OPTIONS').replace('UDP', 'TCP'));
    await cut; // or the test's time is over
    for (const socket of sockets) socket.destroy();
    const caller = await call();
    await caller.invite();
    await caller.hears((heard) => contains(heard, music));
    await caller.bye();
  }));

  test('a thousand hostile calls a second do not disturb a call', () => withPhone(here + users, async (phone, call) => {
    const caller = await call();
    await caller.invite();
    caller.speak(tone(500, 1), true);
    await caller.hears((heard) => contains(heard, music));
    const hostile = await call(stranger);
    const text = hostile.request('INVITE', { body: hostile.description() });
    const start = performance.now();
    let sent = 0;
    caller.packets.length = 0;
    while (performance.now() - start < 3000) {
      for (const until = (performance.now() - start); sent < until; sent++)
        hostile.send(text.replace(/Call-ID: /, `Call-ID: ${sent}-`).replace(/branch=z9hG4bK/, `branch=z9hG4bK${sent}-`));
      await pause(5);
    }
    const numbers = caller.packets.map((bytes) => bytes.readUInt16BE(2));
    const gaps = numbers.filter((number, i) => i && number !== (numbers[i - 1] + 1 & 0xffff));
    assert.ok(sent >= 2900, `${sent} sent`);
    assert.deepEqual(gaps, [], 'every packet, in order');
    assert.ok(numbers.length >= 130, `${numbers.length} packets of 150`);
    await caller.press('7');
    await phone.event(/event=keys .*keys=7/);
    const figures = await phone.figures();
    assert.ok(figures.limited_total > 2000, `${figures.limited_total} dropped unheard`);
    assert.ok(hostile.arrived.length <= 21);
  }));
});
