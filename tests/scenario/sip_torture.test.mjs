// Odd and broken messages after the kinds of RFC 4475, each written anew: the valid ones are answered
// as any other, the broken ones refused or dropped, and a call in progress hears nothing of it.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Caller } from '../sip/caller.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, word } from '../sip/sound.mjs';

const music = word(41, 1.5);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

describe('torture after RFC 4475', () => {
  let phone, calling;
  before(async () => {
    phone = await Phone.start({ prompts: { 'any/music': music }, rules: ['on incoming answer; hold segment=music@any seconds=600'] });
    calling = await Caller.create(phone.port);
    await calling.invite();
    await calling.hears((heard) => contains(heard, music));
  });
  after(async () => {
    const count = calling.packets.length;
    await pause(500);
    assert.ok(calling.packets.length > count + 15, 'the call went on through all of it');
    assert.equal((await calling.bye()).status, 200);
    calling.close();
    assert.equal(phone.log, '', 'and nothing was logged');
    await phone.stop();
  });

  let number = 0;
  /** lines: the request, without what must not be said twice. Gives the final status; 0: none came. */
  async function send(make, wait = 400) {
    const caller = await Caller.create(phone.port);
    const own = caller.sip.address();
    const id = `torture${++number}`;
    const usual = { via: `Via: SIP/2.0/UDP ${own.address}:${own.port};rport;branch=z9hG4bK${id}`, from: 'From: <sip:a@example.org>;tag=1',
      to: 'To: <sip:intake@example.org>', call: `Call-ID: ${id}`, contact: `Contact: <sip:a@${own.address}:${own.port}>`,
      max: 'Max-Forwards: 70', length: 'Content-Length: 0' };
    caller.send(make(usual, id));
    let status = 0;
    try {
      status = (await caller.next((m) => m.status >= 200, wait / 1000)).status;
    } catch { /* none */ }
    caller.close();
    return status;
  }
  const all = (u, method) => [u.via, u.from, u.to, u.call, `CSeq: 1 ${method}`, u.contact, u.max, u.length];
  const text = (first, lines, body = '') => `${first}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;

  const valid = {
    'folded lines, odd case, spaces and short names': (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [
      u.via.replace('Via:', 'v  :').replace(';rport', ' ;\r\n  rport'), 'f: "A B\\"C" <sip:a@example.org>   ;\r\n tag = 1a', 'TO :\r\n sip:intake@example.org',
      u.call.replace('Call-ID:', 'i   :'), 'cSeQ:\r\n 0009\r\n  OPTIONS', 'NewFangledHeader:   newfangled value\r\n continued', u.max, 'l: 0']),
    'every legal character in a token and in a quoted name': (u) => text('OPTIONS sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@127.0.0.1 SIP/2.0', [
      u.via, 'From: "BEL:\\\u0007 NUL:\\\u0001" <sip:x@example.org>;tag=_token~1\'+`*%!-.', u.to, u.call, 'CSeq: 139122385 OPTIONS', u.max, u.length]),
    'escaped characters in the user part': (u) => text('OPTIONS sip:sips%3Auser%40example.com@127.0.0.1 SIP/2.0', all(u, 'OPTIONS')),
    'escaped nulls': (u) => text('OPTIONS sip:null-%00-null@127.0.0.1 SIP/2.0', all(u, 'OPTIONS')),
    'a quoted name that nearly is an address': (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0',
      all(u, 'OPTIONS').map((line) => (line.startsWith('From') ? 'From: "sip:b@example.com" <sip:a@example.org>;tag=1' : line))),
    'the semicolon in the user part': (u) => text('OPTIONS sip:user;par=u%40example.net@127.0.0.1 SIP/2.0', all(u, 'OPTIONS')),
    'transports nobody knows, further down': (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [u.via,
      'Via: SIP/2.0/UNKNOWN t2.example.com;branch=z9hG4bK2, SIP/2.0/TLS t3.example.com;branch=z9hG4bK3', ...all(u, 'OPTIONS').slice(1)]),
    'a body of an unknown kind with OPTIONS': (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0',
      [...all(u, 'OPTIONS').slice(0, -1), 'Content-Type: multipart/mixed;boundary=7a9cbec02ceef655', 'Content-Length: 4'], 'abcd'),
    'no hops left: we are the end of the way': (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0',
      all(u, 'OPTIONS').map((line) => (line.startsWith('Max') ? 'Max-Forwards: 0' : line))),
    'values that are empty': (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [...all(u, 'OPTIONS'), 'Supported:', 'Subject:', 'Accept-Language:']),
    'headers of 3 KiB': (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [...all(u, 'OPTIONS'), `X-Long: ${'long '.repeat(600)}`]),
    'more octets than Content-Length says': (u) => `${text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', all(u, 'OPTIONS'))}trailing bytes`,
    'a tel: address': (u) => text('OPTIONS tel:+3225550100 SIP/2.0', all(u, 'OPTIONS')),
  };
  for (const [what, make] of Object.entries(valid))
    test(`valid: ${what}`, async () => assert.equal(await send(make), 200));

  const broken = {
    'a length that is not there': [400, (u) => text('INVITE sip:intake@127.0.0.1 SIP/2.0',
      [...all(u, 'INVITE').slice(0, -1), 'Content-Type: application/sdp', 'Content-Length: 9999'], 'v=0')],
    'a negative length': [400, (u) => text('INVITE sip:intake@127.0.0.1 SIP/2.0', [...all(u, 'INVITE').slice(0, -1), 'Content-Length: -999'])],
    'numbers beyond their range': [[400, 0], (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0',
      [...all(u, 'OPTIONS').filter((l) => !l.startsWith('CSeq') && !l.startsWith('Max')), 'CSeq: 36893488147419103232 OPTIONS', 'Max-Forwards: 300000000000'])],
    'a request address in angle brackets': [[400, 416, 0], (u) => text('INVITE <sip:intake@127.0.0.1> SIP/2.0', all(u, 'INVITE'))],
    'a request address with spaces': [[400, 0], (u) => text('INVITE sip:intake@127.0.0.1; lr=on SIP/2.0', all(u, 'INVITE'))],
    'a scheme nobody knows': [416, (u) => text('OPTIONS nobodyKnowsThisScheme:totallyopaquecontent@x SIP/2.0', all(u, 'OPTIONS'))],
    'a method nobody knows': [405, (u) => text('NEWMETHOD sip:intake@127.0.0.1 SIP/2.0', all(u, 'NEWMETHOD'))],
    'another method in CSeq': [400, (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', all(u, 'INVITE'))],
    'an option nobody knows': [420, (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [...all(u, 'OPTIONS'), 'Require: nothingSupportsThis'])],
    'the protocol of the future': [0, (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/7.0', all(u, 'OPTIONS'))],
    'no Call-ID, From or To': [[400, 0], (u) => text('INVITE sip:intake@127.0.0.1 SIP/2.0', [u.via, 'CSeq: 193942 INVITE', u.contact, u.length])],
    'single headers twice': [400, (u) => text('INVITE sip:intake@127.0.0.1 SIP/2.0', [...all(u, 'INVITE'), 'Call-ID: other', 'CSeq: 2 INVITE',
      'From: <sip:b@example.org>;tag=2', 'To: <sip:c@example.org>'])],
    'no branch': [[400, 0], (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [u.via.replace(/;branch=.*/, ''), ...all(u, 'OPTIONS').slice(1)])],
    'a quote that is never closed': [[200, 400, 0], (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0',
      [u.via, 'From: "Mr. J. User <sip:a@example.org>;tag=1', ...all(u, 'OPTIONS').slice(2)])],
    'a Contact with headers that are not escaped, in an INVITE': [[400, 488, 200], (u) => text('INVITE sip:intake@127.0.0.1 SIP/2.0',
      all(u, 'INVITE').map((l) => (l.startsWith('Contact') ? 'Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E' : l)))],
    'an INVITE without Contact': [400, (u) => text('INVITE sip:intake@127.0.0.1 SIP/2.0', all(u, 'INVITE').filter((l) => !l.startsWith('Contact')))],
    'Retry-After and dates of nonsense': [200, (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0',
      [...all(u, 'OPTIONS'), 'Date: Fri, 01 Jan 2010 16:00:00 EST', 'Warning: 1812 overture "In Progress"', 'Expires: 0 0l@company.com'])],
    'a description of another media': [488, (u) => {
      const body = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 31\r\n';
      return text('INVITE sip:intake@127.0.0.1 SIP/2.0', [...all(u, 'INVITE').slice(0, -1), 'Content-Type: application/sdp',
        `Content-Length: ${body.length}`], body);
    }],
    'line ends of LF alone': [[200, 400, 0], (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', all(u, 'OPTIONS')).replaceAll('\r\n', '\n')],
    'a first line alone': [0, () => 'INVITE sip:intake@127.0.0.1 SIP/2.0\r\n\r\n'],
    'nothing but line ends': [0, () => '\r\n\r\n\r\n\r\n'],
    'bytes of every value': [0, () => String.fromCharCode(...Array(256).keys()).repeat(4)],
    'sixty thousand bytes': [[0, 200], (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [...all(u, 'OPTIONS'), `X: ${'x'.repeat(60000)}`])],
    'a thousand Vias': [[0, 200], (u) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [u.via, ...Array(1000).fill('Via: SIP/2.0/UDP x;branch=z9'), ...all(u, 'OPTIONS').slice(1)])],
  };
  for (const [what, [expected, make]] of Object.entries(broken)) {
    test(`broken: ${what}`, async () => {
      const status = await send(make);
      assert.ok([expected].flat().includes(status), `${status}, expected ${expected}`);
    });
  }

  test('answers to requests that we never sent', async () => {
    for (const first of ['SIP/2.0 200 OK', 'SIP/2.0 4294967301 better not break', 'SIP/2.0 100 ', 'SIP/2.0 180 Ringing', 'SIP/3.0 200 OK'])
      assert.equal(await send((u) => text(first, all(u, 'INVITE')), 100), 0);
  });

  test('TCP: pieces, several at once, a length that lies, nonsense', async () => {
    const socket = connect(phone.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => { answer += bytes; });
    socket.on('error', () => {});
    const request = (id) => text('OPTIONS sip:intake@127.0.0.1 SIP/2.0', [`Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKt${id}`,
      'From: <sip:a@example.org>;tag=1', 'To: <sip:i@example.org>', `Call-ID: tcp${id}`, 'CSeq: 1 OPTIONS', 'Content-Length: 0']);
    for (const byte of request(1)) socket.write(byte);
    socket.write(request(2) + request(3) + '\r\n\r\n' + request(4));
    await pause(500);
    assert.equal(answer.match(/SIP\/2.0 200 OK/g)?.length, 4);
    socket.write('\0'.repeat(70000));
    const closed = new Promise((resolve) => { socket.on('close', resolve); });
    await Promise.race([closed, pause(2000)]);
    assert.ok(socket.destroyed || socket.readableEnded, 'nonsense is cut off');
    socket.destroy();
  });
});
