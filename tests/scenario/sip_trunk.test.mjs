// Trunks: registration with digest, at Debian's kamailio and by TLS at an endpoint of our own; calls
// in and out; a server that is gone, a certificate that is not theirs, a wrong password.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Baresip } from '../sip/baresip.mjs';
import { Caller, parse } from '../sip/caller.mjs';
import { certificate } from '../sip/certificate.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, secondsOf, spoken, tone, word } from '../sip/sound.mjs';

const music = word(31, 1.5), accept = word(32, 0.8);
const prompts = { 'any/music': music, 'nl/accept': accept };
const hold = 'on incoming answer; hold segment=music@any seconds=60';
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const freeUdp = () => new Promise((resolve) => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1', () => {
    const { port } = socket.address();
    socket.close(() => resolve(port));
  });
});

async function until(check, seconds = 12) {
  for (const end = performance.now() + seconds * 1000; ; await pause(100)) {
    if (await check()) return;
    assert.ok(performance.now() < end, `not in ${seconds} s: ${check}`);
  }
}
const up = (phone, count) => until(async () => (await phone.figures()).trunks_up === count);

function trunk({ servers, transport = 'udp', password = 'geheim-genoeg', domain = 'provider.test', ca = '', user = '3225550100' }) {
  return `  trunks:\n    - name: provider\n      domain: ${domain}\n      user: "${user}"\n      password: ${password}\n`
    + `      transport: ${transport}\n      servers: [${servers.map((s) => `"${s}"`).join(', ')}]\n${ca ? `      ca: ${ca}\n` : ''}`;
}

describe('trunks', { concurrency: 3 }, () => {
  let kamailio, registrar;

  before(async () => {
    registrar = await freeUdp();
    kamailio = spawn('kamailio', ['-f', fileURLToPath(new URL('../sip/kamailio.cfg', import.meta.url)), '-DD', '-E', '-m', '32', '-M', '4',
      '-l', `udp:127.0.0.1:${registrar}`, '-Y', '/tmp'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    kamailio.stderr.on('data', (bytes) => { log += bytes; });
    const probe = await Caller.create(registrar);
    await until(() => {
      assert.equal(kamailio.exitCode, null, log);
      probe.send(probe.request('OPTIONS', { branch: `z9hG4bK${Math.random()}` }));
      return probe.arrived.length > 0;
    });
    probe.close();
  });
  after(() => kamailio.kill());

  test('registers at kamailio; its calls come in, none else', async () => {
    const phone = await Phone.start({ prompts, rules: [hold], sip: `  allow: [127.0.0.2]\n${trunk({ servers: [`127.0.0.1:${registrar}`] })}` });
    const caller = await Caller.create(registrar);
    const stranger = await Caller.create(phone.port, { address: '127.0.0.66' });
    try {
      await up(phone, 1);
      const answer = await caller.invite({ uri: 'sip:3225550100@provider.test' });
      assert.equal(answer.status, 200);
      assert.ok(answer.header('record-route'), 'through the proxy');
      // The audio comes straight from the caller, whose address is not the proxy's port: one packet shows it.
      await caller.hears((heard) => contains(heard, music));
      await phone.event(/event=incoming .*caller=1/);
      stranger.send(stranger.request('INVITE', { body: stranger.description() }));
      await pause(300);
      assert.equal(stranger.arrived.length, 0);
      phone.say('end');
      await caller.next((m) => m.method === 'BYE');
    } finally {
      caller.close();
      stranger.close();
      await phone.stop();
    }
  });

  test('baresip at both ends of a trunk: it calls in, a telephone is rung out, both hear each other; then it leaves a message', async () => {
    const phone = await Phone.start({ prompts, sip: trunk({ servers: [`127.0.0.1:${registrar}`], user: '3225550122' }),
      rules: [hold, 'on poll connect target=+32470000021 seconds=20 accept=accept cli=3225550122', 'on dropped record most=60 finish=#', 'on recorded hangup'] });
    const far = (user, hertz) => Baresip.start({ say: tone(hertz, 40), codecs: hertz === 700 ? 'PCMU' : 'PCMA',
      account: `<sip:${user}@provider.test>;auth_pass=geheim-genoeg;outbound="sip:127.0.0.1:${registrar}";regint=300` });
    const ends = [];
    try {
      await up(phone, 1);
      ends.push(await far('+32470000020', 700), await far('+32470000021', 1100));
      const [bert, anna] = ends;
      for (const one of ends) await one.logs(/200 OK .*\[1 binding\]/); // perhaps before it could tell us
      bert.say('dial', 'sip:3225550122@provider.test');
      await bert.event('CALL_ESTABLISHED');
      await phone.event(/event=incoming .*caller=1/);
      await pause(1500);
      phone.say('poll');
      await anna.event('CALL_INCOMING');
      anna.say('accept');
      await anna.event('CALL_ESTABLISHED');
      await pause(1200);
      anna.say('sndcode', '1');
      await phone.event(/event=accepted/);
      await pause(2500);
      anna.say('hangup');
      await phone.event(/event=dropped .*cause=done/);
      await pause(3000); // the tone, then what is said
      bert.say('sndcode', '#');
      const [, path] = await phone.event(/event=recorded .*recording=(\S+)/);
      const message = spoken(readFileSync(path));
      rmSync(path);
      await bert.event('CALL_CLOSED');
      assert.ok(secondsOf(message, 700) >= 1.5, `${secondsOf(message, 700)} s of a message`);
      assert.ok(contains(bert.heard(), music), 'held');
      assert.ok(secondsOf(bert.heard(), 1100) >= 1.5, `the caller heard ${secondsOf(bert.heard(), 1100)} s`);
      assert.ok(secondsOf(bert.heard(), 1400) >= 0.2, 'the tone');
      assert.ok(contains(anna.heard(), accept), 'asked');
      assert.ok(secondsOf(anna.heard(), 700) >= 1.5, `the counsellor heard ${secondsOf(anna.heard(), 700)} s`);
      assert.equal((await phone.figures()).rtp_failed_total, 0);
    } finally {
      for (const one of ends) await one.stop();
      await phone.stop();
    }
  });

  test('a wrong password is said in the log, and tried on', async () => {
    const phone = await Phone.start({ sip: trunk({ servers: [`127.0.0.1:${registrar}`], password: 'verkeerd-woord' }) });
    try {
      await until(() => phone.log.includes('msg="trunk refuses user or password" trunk=provider status=401'));
      assert.equal((await phone.figures()).trunks_up, 0);
      assert.ok(!phone.log.includes('verkeerd-woord') && !phone.log.includes('3225550100'));
    } finally {
      await phone.stop();
    }
  });

  test('by TLS: verified; a counsellor is rung by number; the first server is gone', async () => {
    const made = certificate('DNS:provider.test,IP:127.0.0.1');
    const provider = await Phone.start({ prompts, files: { 'sip.pem': made.certificate, 'sip.key': made.key },
      sip: '  certificate: sip.pem\n  key: sip.key\n  staff:\n    - {name: "3225550100", password: geheim-genoeg}\n',
      rules: [hold, 'on poll connect target=3225550100 seconds=20 accept=accept', 'on dropped hangup'] });
    const phone = await Phone.start({ prompts, files: { 'ca.pem': made.certificate }, rules: [hold,
      'on poll connect target=+32470000009 seconds=20 accept=accept cli=3225550100', 'on dropped hold segment=music@any seconds=60'],
    sip: trunk({ servers: ['127.0.0.1:9', `127.0.0.1:${provider.tlsPort}`], transport: 'tls', ca: 'ca.pem' }) });
    const caller = await Caller.create(phone.port);
    try {
      await up(phone, 1);
      await until(() => /trunk registered.* server=2/.test(phone.log));
      // Out: the provider's script answers the counsellor's number.
      await caller.invite();
      await caller.hears((heard) => contains(heard, music));
      phone.say('leg join', 'poll');
      await phone.event(/event=accepted/);
      const incoming = await provider.event(/event=incoming .*caller=1/);
      assert.ok(incoming);
      caller.heard.length = 0;
      await caller.hears((heard) => contains(heard, music));
      const figures = await phone.figures();
      assert.equal(figures.rtp_failed_total, 0);
      provider.say('end');
      await phone.event(/event=dropped .*cause=done/);
      await caller.bye();
      // In: the provider calls us over the connection that we registered by.
      const outside = await Caller.create(provider.port);
      await outside.invite();
      await outside.hears((heard) => contains(heard, music));
      provider.say('leg join', 'poll');
      await phone.event(/event=incoming/);
      await provider.event(/event=accepted/);
      outside.heard.length = 0;
      await outside.hears((heard) => contains(heard, music));
      await outside.bye();
      outside.close();
    } finally {
      caller.close();
      await phone.stop();
      await provider.stop();
    }
  });

  /** A provider that answers as told; expires: how soon it wants to be asked again. */
  async function provider(expires) {
    const socket = createSocket('udp4');
    const own = { socket, asked: 0, status: 200 };
    await new Promise((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
    own.address = `127.0.0.1:${socket.address().port}`;
    socket.on('message', (bytes, from) => {
      const message = parse(bytes);
      if (message.method !== 'REGISTER') return;
      own.asked++;
      if (!own.status) return;
      const proved = message.headers.authorization !== undefined;
      const status = own.status === 200 && !proved ? 401 : own.status;
      const copy = ['via', 'from', 'to', 'call-id', 'cseq'].map((name) => `${name}: ${message.header(name)}\r\n`).join('');
      socket.send(`SIP/2.0 ${status} Word\r\n${copy}${status === 401 ? 'WWW-Authenticate: Digest realm="p", nonce="n1", algorithm=MD5\r\n' : ''}`
        + `Contact: ${message.header('contact').replace(/;expires=\d+/, '')};expires=${expires}\r\nContent-Length: 0\r\n\r\n`, from.port, from.address);
    });
    return own;
  }

  test('it registers again in time; a server that fails later is left for the next, and that one for the first', async () => {
    const [first, second] = [await provider(2), await provider(2)];
    const phone = await Phone.start({ sip: trunk({ servers: [first.address, second.address] }) });
    try {
      await up(phone, 1);
      await until(() => first.asked >= 6); // 401 and 200, then asked again twice
      assert.equal((await phone.figures()).trunks_up, 1);
      assert.equal(second.asked, 0);
      first.status = 503;
      await until(() => /trunk registered.* server=2/.test(phone.log));
      assert.equal((await phone.figures()).trunks_up, 1);
      first.status = 200;
      second.status = 403;
      await until(() => (phone.log.match(/trunk registered.* server=1/g) ?? []).length === 2);
      assert.match(phone.log, /trunk lost.* server=2/);
      assert.equal((await phone.figures()).trunks_up, 1);
    } finally {
      await phone.stop();
      first.socket.close();
      second.socket.close();
    }
  });

  for (const [what, names, authority] of [['of another name', 'DNS:other.test', true], ['of another authority', 'DNS:provider.test', false]]) {
    test(`by TLS: a certificate ${what} is refused`, async () => {
      const made = certificate(names), other = certificate('DNS:provider.test');
      const provider = await Phone.start({ files: { 'sip.pem': made.certificate, 'sip.key': made.key },
        sip: '  certificate: sip.pem\n  key: sip.key\n  staff:\n    - {name: "3225550100", password: geheim-genoeg}\n' });
      const phone = await Phone.start({ files: { 'ca.pem': (authority ? made : other).certificate },
        sip: trunk({ servers: [`127.0.0.1:${provider.tlsPort}`], transport: 'tls', ca: 'ca.pem' }) });
      try {
        await until(() => phone.log.includes('trunk cannot register'));
        assert.equal((await phone.figures()).trunks_up, 0);
        assert.equal((await provider.figures()).softphones, 0);
      } finally {
        await phone.stop();
        await provider.stop();
      }
    });
  }

  test('two trunks: numbers go by the one that is registered', async () => {
    const second = trunk({ servers: [`127.0.0.1:${registrar}`] }).replace('name: provider', 'name: second').replace('  trunks:\n', '');
    const phone = await Phone.start({ prompts, rules: [hold, 'on poll connect target=0470000009 seconds=20 accept=accept',
      'on dropped hold segment=music@any seconds=60'], sip: trunk({ servers: ['127.0.0.1:9'], user: '3225550111' }) + second });
    const caller = await Caller.create(phone.port);
    try {
      await up(phone, 1);
      await until(() => /trunk registered.* trunk=second/.test(phone.log));
      await caller.invite();
      await caller.hears((heard) => contains(heard, music));
      phone.say('poll');
      await phone.event(/event=dropped .*cause=failed/); // kamailio knows no such number: it was asked
      assert.equal((await phone.figures()).dialled_total, 1);
      caller.speak(tone(500, 1), true);
      await caller.bye();
      assert.ok(secondsOf(caller.heard, 425) < 2);
    } finally {
      caller.close();
      await phone.stop();
    }
  });
});
