// TLS of our own: strict headers and transport, a renewed certificate taken over, a wrong one told and left.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { BINARY, Daemon } from '../browser/daemon.mjs';
import { until } from './client.mjs';

let daemon;
const at = (name) => `${daemon.folder}/${name}`;

function make(name) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', `/CN=${name}.example.org`, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)], { stdio: 'ignore' });
}

function use(certificate, key = certificate) {
  copyFileSync(at(`${certificate}.pem`), at('cert.pem'));
  copyFileSync(at(`${key}.key`), at('key.pem'));
  chmodSync(at('key.pem'), 0o600);
}

/** Who it says it is, and what it answers to a GET of /. */
function ask(options = {}) {
  return new Promise((resolve) => {
    const socket = connect({ port: daemon.port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    let answer = '';
    let name;
    let protocol;
    socket.on('secureConnect', () => {
      protocol = socket.getProtocol();
      name = socket.getPeerCertificate().subject.CN;
      socket.write('GET / HTTP/1.1\r\nHost: one.example.org\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', (bytes) => { answer += bytes; if (answer.includes('</html>')) socket.end(); });
    socket.on('error', () => {});
    socket.on('close', () => resolve({ name, answer, protocol }));
  });
}

function reload(said) {
  const from = daemon.log.length;
  daemon.process.kill('SIGHUP');
  return until(() => daemon.log.slice(from).match(said), `${said} in the log`, 60000);
}

const check = () => spawnSync(BINARY, ['check', '--data', daemon.folder], { encoding: 'utf8' });

before(async () => {
  daemon = await Daemon.create('  certificate: cert.pem\n  key: key.pem\n');
});
after(() => daemon.remove());

test('a certificate that is not there, or not the key\'s, is told by file and key', () => {
  const missing = check();
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /cert\.pem: cannot be read: see server\.certificate/);
  assert.match(missing.stderr, /key\.pem: cannot be read: see server\.key/);
  make('one');
  make('two');
  use('one', 'two');
  assert.match(check().stderr, /cert\.pem: .*another certificate's: see server\.certificate and server\.key/);
  use('one');
  assert.equal(check().status, 0, check().stderr);
});

test('it serves by TLS 1.2 and newer, and says to come back by TLS alone', async () => {
  await daemon.start();
  const { name, answer } = await ask();
  assert.equal(name, 'one.example.org');
  assert.match(answer, /^HTTP\/1.1 200/);
  assert.match(answer, /\r\nstrict-transport-security: max-age=\d{8}\r\n/i);
  assert.match(answer, /\r\ncontent-security-policy: default-src 'none'/i);
  assert.equal((await ask({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
  for (const ciphers of ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'])
    assert.equal((await ask({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}@SECLEVEL=0` })).name, 'one.example.org', ciphers);
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384'])
    assert.equal((await ask({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}@SECLEVEL=0` })).name, undefined, ciphers);
  assert.equal((await ask({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).name, undefined);
});

test('a renewed certificate is taken over; a wrong one is not, and the log says why', async () => {
  use('two');
  await reload(/msg="?reloaded/);
  await until(async () => (await ask()).name === 'two.example.org', 'the new certificate');
  use('one', 'two');
  await reload(/reload refused.*cert\.pem/);
  const { name, answer } = await ask();
  assert.equal(name, 'two.example.org');
  assert.match(answer, /^HTTP\/1.1 200/);
});
