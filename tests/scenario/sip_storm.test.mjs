// Everything at once and in any order: callers and counsellors who do whatever SIP allows and much that
// it does not, over and over, while the script polls, ends and dials. With the sanitizers nothing may be
// used that is gone; afterwards no line is left, and a call is as any other.
// SIP_STORM_SECONDS=300 SIP_STORM_SEED=7 node --test tests/scenario/sip_storm.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Caller } from '../sip/caller.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, word } from '../sip/sound.mjs';

const seconds = Number(process.env.SIP_STORM_SECONDS ?? 12), seed = Number(process.env.SIP_STORM_SEED ?? 1);
const CALLERS = 12;
const music = word(71, 1.5);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

let state = seed >>> 0 || 1;
const random = (most) => {
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
  return (state >>> 0) % most;
};
const one = (list) => list[random(list.length)];

function descriptions(caller) {
  return ['', caller.description(), caller.description({ direction: one(['sendonly', 'inactive', 'recvonly']) }), caller.description({ formats: '0 101' }),
    caller.description({ formats: '18' }), caller.description({ address: '127.0.0.99' }), caller.description({ address: '0.0.0.0' }),
    caller.description({ port: 0 }), caller.description({ proto: 'RTP/SAVP', extra: `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}\r\n` }),
    'v=0\r\nm=audio', caller.description({ extra: 'm=video 9 RTP/AVP 31\r\n' })];
}

/** A counsellor's telephone that answers as it likes, and later, and more than once. */
async function moody(port) {
  const own = await Caller.create(port, { user: 'anna' });
  own.uri = `sip:anna@127.0.0.1:${own.sip.address().port}`;
  own.on.INVITE = (message) => {
    own.invited = message;
    for (let i = random(4); i >= 0; i--) {
      const [status, body] = one([[100, ''], [180, ''], [183, one(descriptions(own))], [200, one(descriptions(own))], [200, own.description()],
        [302, ''], [401, ''], [486, ''], [488, ''], [503, ''], [603, ''], [699, '']]);
      setTimeout(() => own.reply(message, status, 'Word', `Contact: <${own.uri}>\r\n`, body), random(3) * 40);
    }
  };
  own.on.CANCEL = (message) => {
    if (random(3)) own.reply(message, 200, 'OK');
    if (own.invited && random(3)) own.reply(own.invited, one([487, 200]), 'Word', '', own.description());
  };
  own.on.BYE = (message) => { if (random(4)) own.reply(message, one([200, 200, 481]), 'Word'); };
  own.on.ACK = (message) => {
    own.toTag = own.invited?.header('from').match(/tag=([^;]+)/)?.[1];
    own.call = message.header('call-id');
    own.remoteRtp = Number(own.invited?.body.match(/m=audio (\d+)/)?.[1] ?? 0);
    if (own.remoteRtp && random(2)) own.press(one(['1', '5', '11'])).catch(() => {});
  };
  return own;
}

const deeds = {
  invite: (c) => c.send(c.request('INVITE', { seq: ++c.seq, call: c.call = `storm${random(1e9)}`, toTag: c.toTag = '', branch: c.branch = `z9hG4bKs${random(1e9)}`,
    body: one(descriptions(c)) })),
  usual: (c) => c.send(c.request('INVITE', { seq: ++c.seq, call: c.call = `storm${random(1e9)}`, toTag: c.toTag = '', branch: c.branch = `z9hG4bKs${random(1e9)}`,
    body: c.description() })),
  again: (c) => c.last && c.send(c.last),
  ack: (c) => c.contact && c.send(c.request('ACK', { uri: c.contact, body: random(3) ? '' : one(descriptions(c)) })),
  cancel: (c) => c.branch && c.send(c.request('CANCEL', { branch: c.branch, toTag: '' })),
  bye: (c) => c.contact && c.send(c.request('BYE', { uri: c.contact, seq: ++c.seq })),
  modify: (c) => c.contact && c.send(c.request('INVITE', { uri: c.contact, seq: c.seq += random(3), body: one(descriptions(c)) })),
  info: (c) => c.contact && c.send(c.request('INFO', { uri: c.contact, seq: ++c.seq, type: one(['application/dtmf-relay', 'application/dtmf', 'text/x']),
    body: one(['Signal=1\r\n', '9', '', 'Signal=']) })),
  keys: (c) => c.remoteRtp && c.press(one(['1', '#', '*9', '0'])).catch(() => {}),
  audio: (c) => { for (let i = 0; c.remoteRtp && i < 5; i++) c.packet(one([8, 0, 101, 13]), Buffer.alloc(random(400), random(256)), { marker: !random(2) }); },
  noise: (c) => c.remoteRtp && c.rtp.send(Buffer.alloc(random(60), random(256)), c.remoteRtp, '127.0.0.1'),
  elsewhere: (c) => { c.ssrc = random(2 ** 31); c.rtpSeq = random(65536); },
  odd: (c) => c.send(c.request(one(['UPDATE', 'PRACK', 'REFER', 'NOTIFY', 'OPTIONS', 'REGISTER']), { uri: c.contact, seq: ++c.seq })),
  broken: (c) => { const text = c.request('INVITE', { body: c.description() }); c.send(text.slice(0, random(text.length)) + one(['', '\0', '\r\n\r\n'])); },
};

test(`a storm of ${seconds} s, seed ${seed}`, async () => {
  const phone = await Phone.start({ prompts: { 'any/music': music, 'nl/accept': word(72, 0.2) },
    sip: '  silence_seconds: 5\n  calls: 40\n', rules: ['quiet', 'on incoming answer; menu seconds=1 keys=123', 'on recorded hangup'] });
  const callers = [], telephones = [];
  try {
    for (let i = 0; i < CALLERS; i++) callers.push(await Caller.create(phone.port, { user: `04700000${i}` }));
    for (let i = 0; i < 4; i++) telephones.push(await moody(phone.port));
    for (const caller of callers) {
      const { send } = caller;
      caller.send = (text) => { caller.last = text; send.call(caller, text); };
      caller.on.BYE = (message) => { if (random(5)) caller.reply(message, 200, 'OK'); };
      caller.sip.on('message', () => {
        const answer = caller.arrived.splice(0).findLast((m) => m.status >= 180 && m.status < 300 && m.header('cseq').endsWith('INVITE') && m.header('call-id') === caller.call);
        if (!answer?.body) return;
        caller.take(answer);
        if (random(4)) deeds.ack(caller);
      });
    }
    const end = performance.now() + seconds * 1000;
    const names = [...Object.keys(deeds), 'usual', 'usual', 'keys', 'audio'];
    for (let turn = 0; performance.now() < end; turn++) {
      for (let i = 0; i < 6; i++) deeds[one(names)](one(callers));
      if (turn % 7 === 0) {
        const target = one([...telephones.map((own) => own.uri), 'nobody', `sip:intake@127.0.0.1:${phone.port}`]);
        phone.say(`on keys ${one(['hold segment=music@any seconds=2', `connect target=${target} seconds=2 accept=accept`, 'record most=2 finish=#', 'collect most=3 seconds=1', 'hangup'])}`,
          `on poll ${one(['hold segment=music@any seconds=1', `connect target=${target} seconds=1 accept=accept`, 'menu seconds=1'])}`,
          `on dropped ${one(['hold segment=music@any seconds=1', 'menu seconds=1', 'hangup'])}`, `leg ${one(['ask', 'join', 'drop'])}`);
      }
      if (turn % 11 === 0) phone.say(one(['poll', 'poll', 'poll', 'end', `dial out${turn} ${one(telephones).uri}`, 'stall 30']));
      await pause(8);
    }
    await phone.rules('on keys hangup', 'on poll hangup', 'on dropped hangup', 'on incoming answer; hold segment=music@any seconds=60');
    for (let i = 0; i < 450; i++) { // an answer that nobody acknowledges is waited for, 32 s
      phone.say('end');
      const { calls, legs } = await phone.figures();
      if (!calls && !legs) break;
      await pause(100);
    }
    const figures = await phone.figures();
    assert.deepEqual([figures.calls, figures.legs], [0, 0], 'nothing is left');
    assert.ok(figures.invites_total > seconds * 10, `${figures.invites_total} calls`);
    const caller = await Caller.create(phone.port);
    assert.equal((await caller.invite()).status, 200);
    await caller.hears((heard) => contains(heard, music));
    await caller.bye();
    caller.close();
    assert.deepEqual(phone.log.split('\n').filter((line) => line && !line.includes('orders')), []);
  } finally {
    for (const own of [...callers, ...telephones]) own.close();
    await phone.stop();
  }
});
