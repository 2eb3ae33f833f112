// Who comes by the web is told where we are in Tor, by each answer that is a page of ours and by no other;
// who comes by Tor is served, and all of them are one network. Through Tor itself: browser/onion.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { Daemon, freePort } from '../browser/daemon.mjs';
import { breaches, Line, until } from './client.mjs';

const HOST = `${'abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvw'}d.onion`;
const ONION = `http://${HOST}`;
let daemon;
let tor;

const config = (onion) => `  public_url: https://chat.example.org\n${onion}limits:\n  network_visitors: 10\n`;

before(async () => {
  daemon = await Daemon.create();
  tor = await freePort();
  daemon.configure(config(`  onion: "${ONION}"\n  onion_port: ${tor}\n`));
  await daemon.start();
});
after(() => daemon.remove());

/** The header of a live answer; undefined when there is none. */
function told(path, { port = daemon.port, method = 'GET', host = 'chat.example.org' } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, method, headers: { Host: host } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode, onion: answer.headers['onion-location'], cookie: answer.headers['set-cookie'], policy: answer.headers['content-security-policy'] }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('each page says where it is in Tor, in the language that was asked for', async () => {
  assert.equal((await told('/')).onion, `${ONION}/`);
  assert.equal((await told('/', { method: 'HEAD' })).onion, `${ONION}/`);
  assert.equal((await told('/plain')).onion, `${ONION}/plain`);
  assert.equal((await told('/?lang=fr')).onion, `${ONION}/?lang=fr`);
  assert.equal((await told('/console/')).onion, `${ONION}/console/`);
});

test('nothing of what was asked gets into the header', async () => {
  for (const query of ['lang=fr%0d%0aSet-Cookie:a=b', 'lang=', 'lang=FR', 'x=1', 'lang=fr&x=1', `lang=${'a'.repeat(12)}`]) {
    const { status, onion, cookie } = await told(`/?${query}`);
    assert.equal(status, 200);
    assert.equal(cookie, undefined);
    assert.ok([`${ONION}/`, `${ONION}/?lang=fr`].includes(onion), `${query}: ${onion}`);
  }
  assert.equal((await told(`/?lang=${'a'.repeat(11)}`)).onion, `${ONION}/?lang=${'a'.repeat(11)}`);
  assert.deepEqual([(await told('/nowhere')).status, (await told('/nowhere')).onion], [404, undefined]);
  assert.equal((await told('/', { method: 'POST' })).onion, undefined);
});

test('who is in Tor already is not told, and has every other header', async () => {
  const inside = await told('/', { port: tor, host: HOST });
  assert.deepEqual([inside.status, inside.onion], [200, undefined]);
  assert.match(inside.policy, /^default-src 'none'/);
  assert.equal((await told('/', { host: HOST })).onion, undefined); // by a proxy of the operator's
  assert.equal((await told('/metrics', { port: tor, host: HOST })).status, 404);
});

const open = (port, origin, headers) => new Line(`http://127.0.0.1:${port}`, 'onthaal.visitor.1', { origin, headers });

test('the page in Tor may open its line; all who come that way are one network, whatever they say', async () => {
  const lines = [];
  for (let i = 0; i < 10; i++) {
    const line = open(tor, ONION, { 'X-Forwarded-For': `203.0.${i}.1` });
    lines.push(line);
    assert.equal(await line.opened, true);
    line.send({ t: 'hello', lang: 'nl' });
    await line.wait(({ t }) => t === 'welcome', 'the welcome');
  }
  const late = open(tor, ONION, { 'X-Forwarded-For': '198.51.100.1' });
  await late.opened;
  late.send({ t: 'hello', lang: 'nl' });
  assert.equal((await late.wait(({ t }) => t === 'error', 'the error')).code, 'full');
  const web = open(daemon.port, 'https://chat.example.org');
  assert.equal(await web.opened, true); // who comes by the web has their places still
  web.send({ t: 'hello', lang: 'nl' });
  await web.wait(({ t }) => t === 'welcome', 'the welcome');
  assert.equal(await open(tor, `http://${'b'.repeat(55)}d.onion`).opened, false);
  [web, ...lines].forEach((line) => line.drop());
});

test('taken out of the configuration, it is told no more', async () => {
  daemon.configure(config(''));
  daemon.process.kill('SIGHUP');
  await until(() => /msg="?reloaded/.test(daemon.log), 'the reload');
  assert.equal((await told('/')).onion, undefined);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
