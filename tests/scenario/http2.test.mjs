// HTTP/1.1 alone, at both doors: where a line is a connection of its own, what a proxy says of it counts,
// and frames may be longer than one of HTTP/2. Tried by clients that would rather have HTTP/2.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, newId, until, Visitor } from './client.mjs';

const UNVERIFIED = { rejectUnauthorized: false };
let plain;
let sealed;

before(async () => {
  plain = await (await Daemon.create()).start();
  sealed = await Daemon.create('  certificate: cert.pem\n  key: key.pem\nlimits:\n  messages_per_minute: 60000\n');
  Object.defineProperty(sealed, 'url', { value: `https://127.0.0.1:${sealed.port}` });
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=127.0.0.1', '-keyout', `${sealed.folder}/key.pem`, '-out', `${sealed.folder}/cert.pem`], { stdio: 'ignore' });
  await sealed.start();
});
after(async () => {
  await plain.remove();
  await sealed.remove();
});

/** What a plain connection is answered with, first of all. */
function answerTo(lines) {
  return new Promise((resolve, reject) => {
    const socket = connect(plain.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.once('data', (bytes) => { resolve(String(bytes)); socket.destroy(); });
    socket.on('error', reject);
    socket.on('close', () => resolve(''));
  });
}

test('by TLS HTTP/1.1 is agreed on, whatever is offered beside it', async () => {
  const agreed = (ALPNProtocols) => new Promise((resolve, reject) => {
    const socket = connectTls({ port: sealed.port, host: '127.0.0.1', ALPNProtocols, ...UNVERIFIED }, () => { resolve(socket.alpnProtocol); socket.destroy(); });
    socket.on('error', reject);
  });
  assert.equal(await agreed(['h2', 'http/1.1']), 'http/1.1');
  assert.equal(await agreed(['http/1.1']), 'http/1.1');
  assert.notEqual(await agreed(['h2']), 'h2');
  const session = http2.connect(sealed.url, UNVERIFIED);
  const ended = await new Promise((resolve) => {
    session.on('remoteSettings', () => resolve('spoken with'));
    session.on('error', () => resolve('refused'));
    session.on('close', () => resolve('closed'));
  });
  assert.notEqual(ended, 'spoken with');
  session.destroy();
});

test('in the clear nobody gets a tunnel of HTTP/2, through which a proxy would be got around', async () => {
  const request = (upgrade, path = '/chat') => [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${plain.port}`, `Origin: ${plain.url}`,
    'Connection: Upgrade, HTTP2-Settings', `Upgrade: ${upgrade}`, 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    'Sec-WebSocket-Protocol: onthaal.visitor.1', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  for (const word of ['h2c', 'H2C', 'h2c, websocket', 'TLS/1.2'])
    for (const path of ['/chat', '/console/socket', '/'])
      assert.doesNotMatch(await answerTo(request(word, path)), /^HTTP\/1\.[01] 101/, `${word} at ${path}`);
  assert.match(await answerTo(request('h2c')), /^HTTP\/1\.[01] 400/);
  assert.match(await answerTo(request('websocket')), /^HTTP\/1\.1 101/);
  assert.doesNotMatch(await answerTo(['PRI * HTTP/2.0\r\n\r\nSM']), /^\0/); // no frame
  assert.equal((await fetch(`${plain.url}/healthz`)).status, 200);
});

test('a conversation longer than a frame of HTTP/2 is read back whole by TLS', async () => {
  const child = new Visitor(sealed);
  child.options = { url: sealed.url, ...UNVERIFIED };
  await child.start();
  const words = Array.from({ length: 20 }, (_, i) => `${i} ${'é'.repeat(3900)}`);
  words.forEach((text) => child.say(text));
  await until(() => child.unsent.length === 0, 'the messages to be stored');
  const back = new Visitor(sealed, 'back');
  back.options = child.options;
  back.secret = child.secret;
  await back.connect();
  await until(() => back.texts('me').length === words.length, 'all of it');
  assert.deepEqual(back.texts('me'), words);
  back.line.send({ t: 'leave', id: newId() });
  await until(() => back.state === 'closed', 'the end');
  assert.deepEqual([...child.faults, ...back.faults], []);
  back.line.drop();
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
