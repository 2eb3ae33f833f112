// The examples of config/proxy in front of the daemon, with only ports, files and names changed: a whole
// conversation over TLS through each. One that is not installed is left out.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, files, freePort } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from './client.mjs';

const folder = mkdtempSync(join(tmpdir(), 'onthaal-proxy-'));
const running = [];
let daemon;

before(async () => {
  daemon = await Daemon.create();
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=chat.example.org',
    '-addext', 'subjectAltName=DNS:chat.example.org', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
});
after(async () => {
  for (const child of running) child.kill('SIGTERM');
  await daemon.remove();
  rmSync(folder, { recursive: true, force: true });
});

const there = (program, ...args) => spawnSync(program, args).error === undefined;

function replaced(text, pairs) {
  for (const [from, to] of pairs) {
    assert.ok(text.includes(from), `the example has ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

function page(port) {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, servername: 'chat.example.org', path: '/', headers: { host: `chat.example.org:${port}` }, rejectUnauthorized: false, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (bytes) => { body += bytes; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    }).on('error', reject);
  });
}

/** The page's headers, and a conversation, through the proxy on this port. */
async function converse(port) {
  const url = `https://chat.example.org:${port}`;
  daemon.configure(`  public_url: ${url}\n`);
  await daemon.start();
  try {
    const { status, headers, body } = await until(() => page(port).catch(() => undefined), 'the proxy to answer');
    assert.equal(status, 200);
    assert.match(body, /<!doctype html>/i);
    assert.match(headers['content-security-policy'], /default-src 'none'/);
    assert.equal(headers['strict-transport-security'], 'max-age=63072000');
    assert.equal(headers['cache-control'], 'no-store');
    const options = {
      url: `https://127.0.0.1:${port}`, servername: 'chat.example.org', origin: url, rejectUnauthorized: false,
      headers: { host: `chat.example.org:${port}`, 'x-forwarded-for': '203.0.113.9' },
    };
    const child = Object.assign(new Visitor(daemon), { options });
    assert.ok(await child.connect(), 'the websocket is let through');
    child.say('hallo, is daar iemand?');
    await until(() => child.acknowledged.size === 1, 'it is stored');
    const anke = await Object.assign(new Counsellor(daemon, `anke${port}`), { options }).signUp();
    const { contact } = await anke.request('take');
    await anke.request('say', { contact, text: 'ja hoor' });
    await until(() => child.texts('counsellor').includes('ja hoor'), 'the answer to come');
    assert.deepEqual([...child.faults, ...breaches], []);
  } finally {
    await daemon.stop();
  }
}

/** Nothing under the folder holds an address. */
function innocent(where) {
  for (const path of files(where)) assert.doesNotMatch(readFileSync(path, 'latin1'), /203\.0\.113\.9/, path);
}

test('nginx', { skip: !there('nginx', '-v') && 'nginx is not installed' }, async () => {
  const port = await freePort();
  const place = join(folder, 'nginx');
  mkdirSync(place);
  const site = replaced(readFileSync('config/proxy/nginx.conf', 'utf8'), [
    ['listen 80;', `listen 127.0.0.1:${await freePort()};`], ['\tlisten [::]:80;\n', ''],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`], ['\tlisten [::]:443 ssl http2;\n', ''],
    ['/var/log/nginx/error.log', join(place, 'error.log')],
    ['/etc/letsencrypt/live/chat.example.org/fullchain.pem', join(folder, 'cert.pem')],
    ['/etc/letsencrypt/live/chat.example.org/privkey.pem', join(folder, 'key.pem')],
    ['http://127.0.0.1:8080', `http://127.0.0.1:${daemon.port}`], ['Host $host;', 'Host $http_host;'],
  ]);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${place}/${one};`).join('\n');
  writeFileSync(join(place, 'nginx.conf'), `daemon off;\nworker_processes 1;\npid ${place}/pid;\nerror_log ${place}/main.log crit;\n`
    + `events { worker_connections 64; }\nhttp {\n${temp}\n${site}\n}\n`);
  running.push(spawn('nginx', ['-p', place, '-e', join(place, 'start.log'), '-c', join(place, 'nginx.conf')], { stdio: 'ignore' }));
  await converse(port);
  innocent(place);
});

test('Caddy', { skip: !there('caddy', 'version') && 'Caddy is not installed' }, async () => {
  const port = await freePort();
  const place = join(folder, 'caddy');
  mkdirSync(place);
  const site = replaced(readFileSync('config/proxy/Caddyfile', 'utf8'), [
    ['\nchat.example.org {\n', `\nchat.example.org:${port} {\n\tbind 127.0.0.1\n\ttls ${join(folder, 'cert.pem')} ${join(folder, 'key.pem')}\n`],
    ['127.0.0.1:8080', `127.0.0.1:${daemon.port}`],
  ]);
  writeFileSync(join(place, 'Caddyfile'), `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`);
  running.push(spawn('caddy', ['run', '--config', join(place, 'Caddyfile'), '--adapter', 'caddyfile'],
    { stdio: 'ignore', env: { ...process.env, HOME: place, XDG_DATA_HOME: place, XDG_CONFIG_HOME: place } }));
  await converse(port);
  innocent(place);
});
