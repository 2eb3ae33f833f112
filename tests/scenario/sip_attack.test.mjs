// Those who mean harm, and telephones that are odd: dialogs that are not theirs, answers overheard,
// redirections, floods of keys and connections, sources that change.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { authorize, Caller } from '../sip/caller.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, secondsOf, tone, word } from '../sip/sound.mjs';
import { Srtp } from '../sip/srtp.mjs';
import { telephone } from '../sip/telephone.mjs';

const music = word(61, 1.5);
const prompts = { 'any/music': music };
const hold = 'on incoming answer; hold segment=music@any seconds=600';
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const here = '  allow: [127.0.0.1]\n', users = '  users:\n    - {name: balie, password: lang-genoeg}\n';
const staff = '  staff:\n    - {name: anna, password: ook-lang-genoeg}\n';
const stranger = { address: '127.0.0.66' };

async function withPhone(sip, work, rules = [hold]) {
  const phone = await Phone.start({ prompts, rules, sip });
  const ends = [];
  const make = (create) => async (options = {}) => {
    const end = await create(options);
    ends.push(end);
    return end;
  };
  try {
    await work(phone, make((options) => Caller.create(phone.port, options)), make((options) => telephone(phone, options)));
    assert.equal(phone.log, '');
  } finally {
    for (const end of ends) end.close();
    await phone.stop();
  }
}

describe('attacks by SIP', { concurrency: 4 }, () => {
  test('requests inside calls that are not theirs: no word where nobody could be it', () => withPhone(here, async (phone, call) => {
    const caller = await call(stranger), friend = await call();
    await friend.invite();
    for (const method of ['INVITE', 'BYE', 'INFO', 'ACK', 'OPTIONS', 'CANCEL'])
      assert.equal((await caller.ask(method, { toTag: 'of-nobody', body: method === 'INVITE' ? caller.description() : '' }, 250)).status, 0, method);
    assert.equal((await caller.ask('CANCEL', {}, 250)).status, 0);
    // The Call-ID of a friend's call alone opens nothing.
    assert.equal((await caller.ask('BYE', { call: friend.call, toTag: 'guessed' }, 400)).status, 481);
    assert.equal((await phone.figures()).calls, 1);
    assert.equal((await friend.bye()).status, 200);
  }));

  test('where there are users, such requests are few a minute', () => withPhone(here + users, async (phone, call) => {
    const caller = await call(stranger);
    for (let i = 0; i < 60; i++)
      caller.send(caller.request('INVITE', { call: `c${i}`, branch: `z9hG4bKc${i}`, toTag: `t${i}`, body: caller.description() }));
    await pause(700);
    const answered = new Set(caller.arrived.map((message) => message.header('call-id')));
    assert.equal(answered.size, 20);
    assert.equal((await phone.figures()).limited_total, 40);
  }));

  test('STUN is not answered, and nobody can be flooded by it', () => withPhone('', async (phone, call) => {
    const caller = await call();
    let answers = 0;
    const socket = createSocket('udp4').on('message', () => { answers++; });
    const request = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
    for (let i = 0; i < 20; i++) socket.send(request, phone.port, '127.0.0.1');
    await pause(300);
    socket.close();
    assert.equal(answers, 0);
    assert.equal((await caller.ask('OPTIONS')).status, 200);
  }));

  test('a redirection is not followed: the caller stays', () => withPhone('', async (phone, call, ringing) => {
    const counsellor = await ringing(), elsewhere = await ringing();
    await phone.rules(`on poll connect target=${counsellor.uri} seconds=20 accept=none`, 'on dropped hold segment=music@any seconds=60');
    const caller = await call();
    await caller.invite();
    await caller.hears((heard) => contains(heard, music));
    phone.say('poll');
    await counsellor.rings();
    counsellor.reply(counsellor.invited, 302, 'Moved Temporarily', `Contact: <${elsewhere.uri}>\r\n`);
    await phone.event(/event=dropped .*cause=failed/);
    await pause(300);
    assert.equal(elsewhere.invited, undefined);
    assert.equal((await phone.figures()).calls, 1);
    await caller.bye();
  }));

  test('an answer that was overheard is worth nothing from elsewhere, whatever else is copied', () => withPhone(here + users, async (phone, call) => {
    const caller = await call(stranger), thief = await call({ address: '127.0.0.67' });
    const uri = `sip:intake@127.0.0.1:${phone.port}`;
    const challenge = (await caller.ask('INVITE', { body: caller.description() })).header('www-authenticate');
    const headers = authorize(challenge, { method: 'INVITE', uri, user: 'balie', password: 'lang-genoeg' });
    assert.equal((await caller.invite({ headers })).status, 200);
    const same = { headers, call: caller.call, seq: caller.seq - 1, body: thief.description() };
    for (const branch of [caller.branch, 'z9hG4bKother']) {
      const answer = await thief.ask('INVITE', { ...same, branch });
      assert.ok(answer.status === 401 || answer.status === 0, `${answer.status}`); // with the same branch: a repetition
    }
    assert.equal((await phone.figures()).calls, 1);
    assert.equal((await caller.bye()).status, 200);
  }));

  test('the registrar: repeated is answered again; no address breaks a line; ten telephones of one', () => withPhone(here + staff, async (phone, call) => {
    const softphone = await call({ user: 'anna' });
    const uri = `sip:127.0.0.1:${phone.port}`;
    let seq = 1;
    const text = (contact, more, number) => softphone.request('REGISTER', { uri, call: 'reg', seq: number, branch: `z9hG4bKr${number}`, headers: contact + more })
      .replace(/To: [^\r]+/, 'To: <sip:anna@onthaal>').replace(/Contact: <sip:anna@127[^\r]+\r\n/, '');
    const register = async (contact) => {
      softphone.send(text(contact, '', seq++));
      const asked = await softphone.final('REGISTER');
      const good = text(contact, authorize(asked.header('www-authenticate'), { method: 'REGISTER', uri, user: 'anna', password: 'ook-lang-genoeg' }), seq++);
      softphone.send(good);
      return { answer: await softphone.final('REGISTER'), good };
    };
    const { answer, good } = await register('Contact: <sip:anna@192.168.1.5:5099>;expires=300\r\n');
    assert.equal(answer.status, 200);
    softphone.send(good); // our answer was lost
    assert.equal((await softphone.final('REGISTER')).status, 200);
    const other = await call({ user: 'anna' });
    other.send(good.replace(/;rport;branch=[^\r]+/, ';rport;branch=z9hG4bKthief'));
    assert.equal((await other.final('REGISTER')).status, 401, 'from another address it is a theft');
    for (const evil of ['<sip:an\r\n na@192.168.1.5>', '<sip:an na@192.168.1.5>', '<sip:an\x01na@192.168.1.5>', '<sip:@192.168.1.5>', '<sip:192.168.1.5>'])
      assert.equal((await register(`Contact: ${evil}\r\n`)).answer.status, 400, JSON.stringify(evil));
    for (let i = 1; i < 10; i++) assert.equal((await register(`Contact: <sip:anna@10.0.0.${i}>\r\n`)).answer.status, 200);
    assert.equal((await register('Contact: <sip:anna@10.0.0.10>\r\n')).answer.status, 503);
    assert.equal((await phone.figures()).softphones, 10);
  }));

  test('connections held open by keep-alives: few, and those who are known stay', () => withPhone(here, async (phone, call) => {
    const descriptors = () => readdirSync(`/proc/${phone.process.pid}/fd`).length;
    const open = (address) => connect({ port: phone.port, host: '127.0.0.1', localAddress: address }).on('error', () => {});
    const friend = open('127.0.0.1');
    let said = '';
    friend.on('data', (bytes) => { said += bytes; });
    const options = async () => {
      said = '';
      friend.write((await call()).request('OPTIONS').replace('UDP', 'TCP'));
      for (let i = 0; i < 20 && !said; i++) await pause(50);
      return said.slice(0, 14);
    };
    assert.equal(await options(), 'SIP/2.0 200 OK');
    const before = descriptors();
    const sockets = [];
    for (let i = 0; i < 6; i++) {
      for (let n = 0; n < 38; n++) {
        const socket = open('127.0.0.66').resume();
        socket.write('\r\n\r\n');
        sockets.push(socket);
      }
      await pause(1000);
    }
    const held = descriptors() - before;
    assert.ok(held <= 102 && held >= 60, `${held} of ${sockets.length} are held`);
    assert.equal(await options(), 'SIP/2.0 200 OK');
    for (const socket of [...sockets, friend]) socket.destroy();
  }));

  test('a flood of keys is no work: twenty a second, and the call goes on', () => withPhone('', async (phone, call) => {
    const caller = await call();
    await caller.invite();
    const start = performance.now();
    let sent = 0;
    for (; performance.now() - start < 2000; await pause(2)) {
      for (let i = 0; i < 4; i++, sent++) caller.packet(101, [sent % 10, 10, 0, 160], { marker: true, time: caller.rtpTime += 2000 });
      caller.send(caller.request('INFO', { uri: caller.contact, seq: caller.seq++, type: 'application/dtmf-relay', body: 'Signal=5\r\n' }));
    }
    const figures = await phone.figures();
    assert.ok(sent > 1000, `${sent} sent`);
    assert.ok(figures.keys_total <= 80, `${figures.keys_total} told`);
    assert.ok(figures.keys_dropped_total > 500);
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, music));
    assert.equal((await caller.bye()).status, 200);
  }, [hold, 'on keys hold segment=music@any seconds=600']));

  test('an audio source that changes is heard on, and is no loss', () => withPhone('', async (phone, call) => {
    const caller = await call();
    await caller.invite();
    for (let i = 0; i < 12; i++) {
      caller.ssrc = 0x5000 + i;
      caller.rtpSeq = i * 4111;
      caller.rtpTime = i * 99999991 >>> 0;
      await caller.speak(tone(500, 0.1));
    }
    await caller.press('4');
    await phone.event(/event=keys .*keys=4/);
    await caller.bye();
    await pause(100);
    assert.equal((await phone.figures()).rtp_lost_total, 0);
  }, [hold, 'on keys hold segment=music@any seconds=600']));

  test('SRTP: a telephone that changes its source twenty times is not deaf; a forger makes it no deafer', () => withPhone('', async (phone, call) => {
    const caller = await call();
    const srtp = new Srtp();
    const answer = await caller.invite({ proto: 'RTP/SAVP', extra: srtp.attribute });
    assert.match(answer.body, /RTP\/SAVP.*\r\n(.*\r\n)*a=crypto:1 AES_CM_128_HMAC_SHA1_80/);
    caller.srtp = srtp;
    const taken = async (what) => {
      const before = (await phone.figures()).rtp_in_total;
      await what();
      return (await phone.figures()).rtp_in_total - before;
    };
    for (let i = 0; i < 20; i++) {
      caller.ssrc = 0x7000 + i;
      caller.rtpSeq = 100;
      await pause(650);
      assert.ok(await taken(() => caller.speak(tone(500, 0.2))) >= 8, `source ${i}`);
    }
    const forged = caller.srtp;
    const speaking = caller.speak(tone(500, 3));
    for (let i = 0; i < 60; i++) {
      caller.srtp = new Srtp();
      caller.ssrc = 0x9000 + i;
      caller.packet(8, Buffer.alloc(160, 0xd5));
      [caller.ssrc, caller.srtp] = [0x7013, forged];
      await pause(20);
    }
    assert.ok(await taken(() => pause(600)) >= 20, 'the right one is heard on');
    await speaking;
    await caller.bye();
  }));

  test('descriptions of every size and shape are answered, and the call goes on', () => withPhone('', async (phone, call) => {
    const caller = await call();
    await caller.invite();
    const bodies = (size) => {
      const more = (line) => caller.description() + `${line}\r\n`.repeat(size / (line.length + 2));
      return { media: more('m=video 9 RTP/AVP 31'), audio: more('m=audio 9 RTP/AVP 8'), attributes: more('a=x:y'), crypto: more('a=crypto:1 A inline:b'),
        maps: more('a=rtpmap:8 PCMA/8000'), formats: caller.description({ formats: [8, ...Array.from({ length: size / 4 }, (_, i) => i % 128)].join(' ') }),
        line: more(`a=${'z'.repeat(size - 10)}`), fmtp: more(`a=fmtp:101 ${'0-15,'.repeat(size / 6)}`),
        first: more('m=video 9 RTP/AVP 31').replace(/(m=audio[^]*?)(m=video.*\r\n)/, '$2$1') };
    };
    for (const [name, body] of Object.entries(bodies(7000))) {
      const other = await call();
      const answer = await other.ask('INVITE', { body, call: `sdp-${name}` }, 3000);
      assert.ok([200, 488].includes(answer.status), `${name}: ${answer.status}`);
      const again = await caller.invite({ body, uri: caller.contact, seconds: 3 }); // in a call, too
      assert.ok([200, 488].includes(again.status), `${name} again: ${again.status}`);
      if (again.status !== 200) caller.seq++;
    }
    for (const [name, body] of Object.entries(bodies(60000))) {
      const socket = connect({ port: phone.port, host: '127.0.0.1' });
      let said = '';
      socket.on('data', (bytes) => { said += bytes; }).on('error', () => {}).on('close', () => { said ||= 'cut'; });
      socket.write(caller.request('INVITE', { body, call: `tcp-${name}`, toTag: '', branch: `z9hG4bK${name}` }).replace('UDP', 'TCP'));
      for (let i = 0; i < 60 && !/SIP\/2.0 [2-6]|^cut/.test(said); i++) await pause(50);
      assert.match(said, /SIP\/2.0 (200|488)|^cut/, name);
      socket.destroy();
    }
    assert.equal((await caller.invite({ uri: caller.contact })).status, 200);
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, music));
    assert.equal((await caller.bye()).status, 200);
  }));

  test('a call that comes round another way, or to ourselves, is no second call', () => withPhone('', async (phone, call) => {
    const caller = await call();
    await caller.invite();
    const again = await caller.ask('INVITE', { call: caller.call, toTag: '', seq: 1, body: caller.description() });
    assert.equal(again.status, 482);
    await phone.rules(`on poll connect target=sip:intake@127.0.0.1:${phone.port} seconds=20 accept=none`, 'on dropped hold segment=music@any seconds=60');
    await caller.hears((heard) => contains(heard, music));
    phone.say('poll');
    await phone.event(/event=dropped .*cause=failed/);
    const figures = await phone.figures();
    assert.deepEqual([figures.calls, figures.invites_total], [1, 1]);
    assert.equal((await caller.bye()).status, 200);
  }));

  test('re-INVITEs that cross: each has an end, and the call goes on', () => withPhone('', async (phone, call) => {
    const caller = await call();
    await caller.invite();
    const branches = Array.from({ length: 5 }, (_, i) => `z9hG4bKglare${i}`);
    branches.forEach((branch, i) => caller.send(caller.request('INVITE', { uri: caller.contact, seq: caller.seq + i, branch,
      body: i === 2 ? '' : caller.description({ direction: i % 2 ? 'sendonly' : 'sendrecv' }) })));
    const ends = await Promise.all(branches.map((branch) => caller.next((m) => m.status >= 200 && m.header('via').includes(branch))));
    ends.forEach((end, i) => {
      assert.ok([200, 491, 500].includes(end.status), `${end.status}`);
      const body = i === 2 && end.status === 200 ? caller.description() : '';
      caller.send(caller.request('ACK', { uri: end.status === 200 ? caller.contact : undefined, seq: caller.seq + i, body,
        branch: end.status === 200 ? `${branches[i]}a` : branches[i] }));
    });
    caller.seq += 5;
    assert.equal((await caller.invite({ uri: caller.contact })).status, 200);
    caller.heard.length = 0;
    await caller.hears((heard) => contains(heard, music));
    assert.equal((await caller.bye()).status, 200);
  }));

  test('an offer of ours that is answered with nothing ends the call', () => withPhone('', async (phone, call) => {
    const caller = await call();
    await caller.invite({ body: '', ack: false });
    caller.ack();
    await caller.next((m) => m.method === 'BYE');
    await phone.event(/event=gone/);
    await pause(100);
    assert.equal((await phone.figures()).legs, 0);
  }));

  test('an answer that is never acknowledged, a ringing that is never answered: given up in time', () => withPhone('', async (phone, call, ringing) => {
    const counsellor = await ringing({ ring: false });
    await phone.rules(`on poll connect target=${counsellor.uri} seconds=3 accept=none`, 'on dropped hold segment=music@any seconds=60');
    const never = await call(), caller = await call();
    await never.invite({ ack: false });
    await caller.invite();
    await caller.hears((heard) => contains(heard, music));
    phone.say('poll');
    await phone.event(/event=dropped .*cause=no_answer/);
    await phone.event(/event=gone/, 45); // 64 times T1, and the BYE
    const figures = await phone.figures();
    assert.equal(figures.calls, 1);
    assert.ok(secondsOf(never.heard, 425) === 0 && never.packets.length === 0, 'never a sound');
    await caller.bye();
  }));
});
