// What nobody well-meaning sends: the daemon stays up, and everyone else's conversation goes on.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, Line, newId, pause, until, Visitor, WebSocket } from './client.mjs';

const STRICT = {
  'content-security-policy': /default-src 'none'/, 'referrer-policy': /^no-referrer$/, 'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/, 'cross-origin-opener-policy': /^same-origin$/, 'cross-origin-resource-policy': /^same-origin$/,
  'permissions-policy': /camera=\(\)/, 'cache-control': /no-store|immutable/,
};
let daemon;
let anke;
let child;
let contact;
let spoken = 0;
let sent = 0; // hostile frames and requests

before(async () => {
  daemon = await (await Daemon.create()).start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
  child = await new Visitor(daemon).start();
  contact = (await anke.request('take')).contact;
});
after(() => daemon.remove());

/** The conversation beside it, both ways, after each test. */
afterEach(async () => {
  const words = `nog altijd ${++spoken}`;
  child.say(words);
  await until(() => anke.contacts.get(contact)?.some((event) => event.text === words), 'the counsellor to read');
  assert.equal((await anke.request('say', { contact, text: words })).t, 'ok');
  await until(() => child.texts('counsellor').includes(words), 'the visitor to read');
  assert.equal(daemon.process.exitCode, null);
  assert.doesNotMatch(daemon.log, /Sanitizer|runtime error|Assertion/);
  assert.deepEqual([...child.faults, ...anke.faults, ...breaches], []);
});

function resident() { // kB
  return Number(readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
}

/** Bytes out, bytes back until the other side closes or `enough` is true of them. */
function talk(bytes, { then, enough = () => false, ms = 40000, end = false } = {}) {
  return new Promise((resolve) => {
    const socket = connect(daemon.port, '127.0.0.1');
    let back = '';
    const finish = () => { socket.destroy(); resolve(back); };
    socket.setTimeout(ms, finish);
    socket.on('error', finish);
    socket.on('close', finish);
    socket.on('data', (data) => {
      back += data.toString('latin1');
      if (then && whole(back)) { socket.write(then); then = undefined; }
      if (enough(back)) finish();
    });
    socket.on('connect', () => { socket.write(bytes); if (end) socket.end(); });
    sent++;
  });
}

const LIMIT = { timeout: 90000 };
const whole = (text) => /\r\n\r\n/.test(text);

/** Those that libwebsockets gives by itself have no word on caching. */
function strict(answer, what, except = '') {
  const head = answer.slice(0, answer.indexOf('\r\n\r\n')).toLowerCase();
  for (const [name, value] of Object.entries(STRICT)) {
    if (name === except) continue;
    const found = head.match(new RegExp(`\r\n${name}: ([^\r]*)`));
    assert.ok(found, `${what}: no ${name} in\n${answer.slice(0, 600)}`);
    assert.match(found[1], new RegExp(value.source, 'i'), what);
  }
  assert.doesNotMatch(head, /libwebsockets|server: (?!onthaal)/, what);
}

async function open(path = '/chat', protocol = 'onthaal.visitor.1', origin = daemon.url) {
  const socket = new WebSocket(`ws://127.0.0.1:${daemon.port}${path}`, protocol, { origin, perMessageDeflate: false, skipUTF8Validation: true });
  socket.on('error', () => {});
  socket.code = new Promise((resolve) => { socket.on('close', resolve); });
  await new Promise((resolve) => { socket.on('open', resolve); socket.on('close', resolve); });
  return socket;
}

function deep(text, times, close) {
  return text.repeat(times) + close.repeat(times);
}

const JUNK = [
  '', ' ', 'null', '[]', '{}', '"hello"', '1e999', '{"t":1}', '{"t":null}', '{"t":["hello"]}', '{"t":{"t":"hello"}}', '{"t":"hello"', '{"t":"hello"}}',
  '{"t":"hello","t":"start"}', '{"t":"\\u0000"}', '{"t":"\\ud800"}', '{"t":"hello","after":1e400}', `{"t":${'9'.repeat(400)}}`,
  deep('[', 8000, ']'), deep('{"a":', 2500, '}'), deep('[', 16000, ''), `{"t":"${'x'.repeat(16000)}"}`, '\ufeff{"t":"hello"}', '{"t":"hello"}\u0000',
];
const TYPED = ['text', 'id', 'on', 'n', 'secret', 'after', 'answers', 'lang', 'contact', 'session', 'token', 'password', 'code', 'name', 'duty', 'level', 'reason', 'seq'];
const VALUES = [null, true, -1, 0, 1.5, 9007199254740993, 1e300, '', ' ', '../../etc/passwd', 'x'.repeat(300), '\u202e\u0301\ud83d\ude00', [], [[]], {}, { t: 1 }, "' OR 1=1 --"];
const KINDS = ['hello', 'start', 'say', 'typing', 'read', 'leave', 'beat', 'nothing', 'take', 'note', 'return', 'close', 'level', 'hush', 'open', 'duty',
  'invite', 'accept', 'sign-in', 'resume', 'unlock', 'sign-out', '__proto__', ''];

test('junk closes the line with 1008, and only that line', LIMIT, async () => {
  for (const path of [['/chat', 'onthaal.visitor.1'], ['/console/socket', 'onthaal.console.1']])
    for (const junk of JUNK) {
      const socket = await open(...path);
      const answers = [];
      socket.on('message', (bytes) => answers.push(JSON.parse(String(bytes))));
      socket.send(junk);
      sent++;
      if (junk.startsWith('{"t":"x') && path[0] !== '/chat') { // whole, and of no known kind
        await until(() => answers.some((answer) => answer.code === 'sign-in'), 'a refusal');
        socket.terminate();
      } else {
        assert.equal(await socket.code, 1008, JSON.stringify(junk.slice(0, 60)));
      }
    }
});

test('a text with U+0000 is refused by its id, and the line goes on', LIMIT, async () => {
  for (const [path, protocol, hello, answer] of [['/chat', 'onthaal.visitor.1', '{"t":"hello"}', { t: 'error', code: 'invalid' }],
    ['/console/socket', 'onthaal.console.1', undefined, { t: 'no', code: 'invalid' }]]) {
    const socket = await open(path, protocol);
    const answers = [];
    socket.on('message', (bytes) => answers.push(JSON.parse(String(bytes))));
    if (hello) socket.send(hello);
    for (const id of ['first', 'second']) {
      socket.send(JSON.stringify({ t: 'say', id, text: 'a\u0000b' }));
      sent++;
      const { p: _, ...said } = await until(() => answers.find((one) => one.id === id), 'its answer');
      assert.deepEqual(said, { ...answer, id });
    }
    assert.equal(socket.readyState, WebSocket.OPEN);
    socket.terminate();
  }
});

test('every kind with every wrong type is answered, or closes the line by the rules', LIMIT, async () => {
  for (const [path, protocol] of [['/chat', 'onthaal.visitor.1'], ['/console/socket', 'onthaal.console.1']])
    for (const kind of KINDS) {
      let socket = await open(path, protocol);
      const answers = [];
      const listen = () => socket.on('message', (bytes) => answers.push(JSON.parse(String(bytes))));
      listen();
      for (let i = 0; i < 30; i++) {
        const frame = { t: kind, id: newId() };
        for (const key of TYPED) if ((i * 7 + key.length + sent) % 3) frame[key] = VALUES[(i * 5 + sent + key.length * 3) % VALUES.length];
        if (socket.readyState !== WebSocket.OPEN) {
          assert.ok([1000, 1008].includes(await socket.code));
          socket = await open(path, protocol);
          listen();
        }
        if (path === '/chat' && i % 2) socket.send('{"t":"hello"}');
        socket.send(JSON.stringify(frame));
        sent++;
      }
      await pause(2);
      socket.terminate();
      for (const answer of answers) assert.doesNotMatch(JSON.stringify(answer), /started|session|password|uri/);
    }
});

test('frames against RFC 6455: bad UTF-8, too large, binary, unmasked, reserved bits', LIMIT, async () => {
  const upgrade = `GET /chat HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nOrigin: ${daemon.url}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
    + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: onthaal.visitor.1\r\n\r\n';
  const masked = (first, payload, length = payload.length) => {
    const head = length < 126 ? Buffer.from([first, 0x80 | length]) : length < 65536
      ? Buffer.from([first, 0xfe, length >> 8, length & 255]) : Buffer.from([first, 0xff, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]);
    return Buffer.concat([head, Buffer.alloc(4), payload]);
  };
  const code = (back) => {
    const at = back.indexOf('\x88', back.indexOf('\r\n\r\n') + 4);
    return at < 0 || back.length < at + 4 ? 0 : back.charCodeAt(at + 2) * 256 + back.charCodeAt(at + 3);
  };
  const cases = [
    ['overlong', masked(0x81, Buffer.from([0xc0, 0xaf])), [1007]],
    ['surrogate', masked(0x81, Buffer.from([0xed, 0xa0, 0x80])), [1007]],
    ['cut character', masked(0x81, Buffer.from([0xe2, 0x82])), [1007]],
    ['beyond Unicode', masked(0x81, Buffer.from([0xf4, 0x90, 0x80, 0x80])), [1007]],
    ['binary', masked(0x82, Buffer.from('{"t":"hello"}')), [1003]],
    ['one byte too many', masked(0x81, Buffer.alloc(16385, 32)), [1009]],
    ['a promise of 4 GB', masked(0x81, Buffer.alloc(65536, 32), 0xfffffff0), [1009]],
    ['unmasked', Buffer.concat([Buffer.from([0x81, 2]), Buffer.from('{}')]), [1002, 1008, 0]], // read, and then refused as no frame of ours
    ['reserved bits', masked(0xf1, Buffer.from('{}')), [1002, 0]],
    ['reserved opcode', masked(0x83, Buffer.from('{}')), [1002, 0]],
    ['continuation of nothing', masked(0x80, Buffer.from('{}')), [1002, 0]],
    ['a control frame in pieces', masked(0x09, Buffer.from('x')), [1002, 0]],
    ['a long control frame', masked(0x89, Buffer.alloc(126, 32)), [1002, 0]],
  ];
  for (const [what, bytes, codes] of cases) {
    const back = await talk(upgrade, { then: bytes, ms: 8000, enough: (text) => code(text) !== 0 });
    assert.match(back, /^HTTP\/1.1 101/, what);
    assert.ok(codes.includes(code(back)), `${what}: ${code(back)}`);
  }
  await Promise.all(Array.from({ length: 200 }, (_, i) => talk(upgrade, { then: randomBytes(200), ms: 2000, end: i % 2 === 0 })));
  // byte by byte, and each character a piece of its own, is legal
  const line = await open();
  const got = new Promise((resolve) => { line.on('message', resolve); });
  [...'{"t":"hello"}'].forEach((c, i, all) => line.send(c, { fin: i === all.length - 1 }));
  assert.match(String(await got), /welcome/);
  line.terminate();
});

test('upgrades without the right origin, subprotocol or path are refused, with strict headers', LIMIT, async () => {
  const ask = (path, lines) => talk(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
    + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`, { enough: whole });
  const good = [`Origin: ${daemon.url}`, 'Sec-WebSocket-Protocol: onthaal.visitor.1'];
  assert.match(await ask('/chat', good), /^HTTP\/1.1 101/);
  for (const [path, lines, status] of [
    ['/chat', ['Origin: https://evil.example', good[1]], 403], ['/chat', ['Origin: null', good[1]], 403], ['/chat', [good[1]], 403],
    ['/chat', [`Origin: http://127.0.0.1:${daemon.port}.evil.example`, good[1]], 403],
    ['/chat', [good[0], 'Sec-WebSocket-Protocol: onthaal.console.1'], 400], ['/chat', [good[0]], 400],
    ['/chat', [good[0], 'Sec-WebSocket-Protocol: chat'], 400], ['/other', good, 404], ['/', good, 404],
    ['/console/socket', ['Origin: https://evil.example', 'Sec-WebSocket-Protocol: onthaal.console.1'], 403],
  ]) {
    const answer = await ask(path, lines);
    assert.match(answer, new RegExp(`^HTTP/1.[01] ${status}`), `${path} ${lines}`);
    strict(answer, `${path} ${lines}`);
  }
});

test('every answer over HTTP has the strict headers, and nothing leaves its folder', LIMIT, async () => {
  for (const [request, status] of [
    ['GET / HTTP/1.1', 200], ['HEAD / HTTP/1.1', 200], ['GET /console/ HTTP/1.1', 200], ['GET /console HTTP/1.1', 301], ['GET /healthz HTTP/1.1', 200],
    ['GET /metrics HTTP/1.1', 404], ['GET /status HTTP/1.1', 404], ['GET /nothing HTTP/1.1', 404], ['POST / HTTP/1.1', 405], ['PUT / HTTP/1.1', 405],
    ['DELETE / HTTP/1.1', 405], ['OPTIONS / HTTP/1.1', 405], ['GET /../../etc/passwd HTTP/1.1', 404], ['GET /assets/../../../etc/passwd HTTP/1.1', 404],
    ['GET /assets/%2e%2e/%2e%2e/etc/passwd HTTP/1.1', 404], ['GET /texts/../../onthaal.yaml HTTP/1.1', 404],
    ['GET /texts/nl.json HTTP/1.1', 200], ['GET /assets/ HTTP/1.1', 404], ['GET /assets/0123456789abcdef/visitor/main.js HTTP/1.1', 404],
    [`GET /${'a'.repeat(3000)} HTTP/1.1`, 404],
  ]) {
    const answer = await talk(`${request}\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, { enough: whole });
    assert.match(answer, new RegExp(`^HTTP/1.[01] ${status}`), request.slice(0, 80));
    strict(answer, request.slice(0, 80));
    assert.doesNotMatch(answer, /root:|metrics_port|server\.key/);
  }
  const open = await talk('GET /open HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', { enough: whole });
  strict(open, '/open', 'cache-control');
  assert.match(open, /\r\ncache-control: public, max-age=60\r\n/i);
  assert.match(open, /\r\naccess-control-allow-origin: \*\r\n/i);
});

test('what is not HTTP is refused or cut, whatever it is', LIMIT, async () => {
  for (const bytes of ['\r\n\r\n', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\u0016\u0003\u0001\u0002\u0000', 'SSH-2.0-x\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET / HTTP/1.1\r\nHost\r\n\r\n', 'GET /texts/nl.json%00.yaml HTTP/1.1\r\nHost: x\r\n\r\n', 'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n', 'CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n', 'GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100000)}\r\n\r\n`, `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(20000)}\r\n`, `GET /${'a'.repeat(100000)} HTTP/1.1\r\n\r\n`,
    ...Array.from({ length: 60 }, () => randomBytes(300))]) {
    const answer = await talk(bytes, { enough: whole, end: true });
    if (answer) strict(answer, JSON.stringify(String(bytes).slice(0, 50)), 'cache-control');
  }
  // ten requests in one write: each is answered, in order, or the line is closed
  const many = await talk('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10), { ms: 3000, enough: (text) => (text.match(/ok\n/g) ?? []).length === 10 });
  assert.ok(many.match(/^HTTP\/1.1 200/));
});

test('a flood of frames is bounded: the line is closed, memory stays, the counsellor is not drowned', LIMIT, async () => {
  const flooder = await new Visitor(daemon, 'flooder').start();
  const { contact: theirs } = await anke.request('take');
  await until(() => anke.contacts.has(theirs), 'the flooder to be taken');
  const before = resident();
  const heard = anke.line.frames.length;
  for (let i = 0; i < 3000 && flooder.line.up; i++) {
    flooder.line.raw(JSON.stringify({ t: 'typing', on: i % 2 === 0 }));
    if (i % 100 === 0) await pause(1);
    sent++;
  }
  assert.ok([1008, 1006].includes(await flooder.line.closed)); // 1006: what it still wrote made TCP drop our farewell
  assert.match(daemon.log, /visitor's line closed" why=flood/);
  assert.ok(anke.line.frames.length - heard < 60, `${anke.line.frames.length - heard} frames reached the counsellor`);
  assert.ok(resident() - before < 32 * 1024, `${resident() - before} kB more`);
  assert.equal((await anke.request('close', { contact: theirs })).t, 'ok');
});

test('one line begins one conversation', LIMIT, async () => {
  const { size } = anke.cards;
  const greedy = await new Visitor(daemon, 'greedy').start();
  await until(() => anke.cards.size === size + 1, 'its card');
  for (let i = 0; i < 50; i++) greedy.line.send({ t: 'start', id: newId() });
  await until(() => greedy.line.frames.filter((frame) => frame.t === 'error' && frame.code === 'invalid').length === 50, 'fifty refusals');
  assert.equal(anke.cards.size, size + 1);
  greedy.faults.length = 0; // the refusals
  greedy.line.send({ t: 'leave', id: newId() });
  await until(() => greedy.state === 'closed', 'the end');
});

test('hundreds of lines that say nothing, or half of it, do not stand in the way', LIMIT, async () => {
  const idle = [];
  const before = resident();
  for (let i = 0; i < 300; i++) {
    const socket = connect(daemon.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('connect', () => socket.write(i % 3 ? 'GET / HTTP/1.1\r\nHost: x\r\nX-' : ''));
    socket.on('close', () => { socket.gone = true; });
    idle.push(socket);
    sent++;
  }
  await pause(200);
  const answer = await talk('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', { enough: (text) => text.includes('ok\n') });
  assert.match(answer, /200/);
  assert.ok(resident() - before < 64 * 1024);
  const drip = setInterval(() => idle.forEach((socket) => socket.writable && socket.write('a')), 1000);
  await until(() => idle.every((socket) => socket.gone), 'the slow senders to be cut', 60000).finally(() => clearInterval(drip));
});

test('a page that says no hello is closed within seconds', LIMIT, async () => {
  const line = new Line(daemon.url, 'onthaal.visitor.1');
  await line.opened;
  assert.equal(await line.closed, 1008);
});

test('that were a thousand and more', () => assert.ok(sent >= 1000, `${sent}`));
