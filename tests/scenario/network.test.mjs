// So many lines for one network, counted while they are open; the last of them, and a tenth more, for
// conversations that began; and nobody is locked out by a proxy that does not say who comes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Line, until, Visitor } from './client.mjs';

const MOST = 20;
const ALL = 100;
let daemon;
before(async () => { daemon = await (await Daemon.create(`limits:\n  network_visitors: ${MOST}\n  visitors: ${ALL}\n`)).start(); });
after(() => daemon.remove());

const from = (address) => ({ headers: { 'X-Forwarded-For': address } });

async function knock(options, hello = { t: 'hello', lang: 'nl' }) {
  const line = new Line(daemon.url, 'onthaal.visitor.1', options);
  await line.opened;
  line.send(hello);
  line.answer = await line.wait(({ t }) => ['welcome', 'resumed', 'error', 'unknown'].includes(t), 'an answer');
  return line;
}

async function fill(network, count) {
  const lines = [];
  for (let i = 0; i < count; i++) lines.push(await knock(from(`${network}.${i}`)));
  assert.deepEqual(lines.filter((line) => line.answer.t !== 'welcome'), []);
  return lines;
}

/** A start on the page without script. */
async function plainStart(address) {
  const headers = { 'X-Forwarded-For': address, 'Accept-Language': 'nl' };
  const page = await (await fetch(`${daemon.url}/plain`, { headers })).text();
  const fields = Object.fromEntries([...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const body = new URLSearchParams({ ...fields, act: 'start', who: 'child', where: 'brussels', tongue: 'nl' });
  return (await fetch(`${daemon.url}/plain`, { method: 'POST', headers, body })).text();
}

test('one more from a network is told that it is full, another network is not', async () => {
  const lines = await fill('203.0.113', MOST);
  const late = await knock(from('203.0.113.250'));
  assert.deepEqual([late.answer.t, late.answer.code, late.answer.retry > 0], ['error', 'full', true]);
  assert.equal(await late.closed, 1013);
  assert.equal((await knock(from('198.51.100.1'))).answer.t, 'welcome');
  lines[0].drop();
  await until(async () => (await knock(from('203.0.113.251'))).answer.t === 'welcome', 'the free place');
  lines.forEach((line) => line.drop());
});

test('IPv6 is counted by the first 48 bits', async () => {
  const lines = [];
  for (let i = 0; i < MOST; i++) lines.push(await knock(from(`2001:db8:7:${i}::1`)));
  assert.equal(lines.at(-1).answer.t, 'welcome');
  assert.equal((await knock(from('2001:db8:7:ffff::1'))).answer.code, 'full');
  assert.equal((await knock(from('2001:db8:8::1'))).answer.t, 'welcome');
  lines.forEach((line) => line.drop());
});

test('who brings a long row of addresses along is counted by what the proxy added', async () => {
  const long = `${'198.51.100.7, '.repeat(200)}`;
  const lines = [];
  for (let i = 0; i < MOST; i++) lines.push(await knock(from(`${long}203.0.114.${i}`)));
  assert.equal(lines.at(-1).answer.t, 'welcome');
  assert.equal((await knock(from(`${long}203.0.114.250`))).answer.code, 'full');
  lines.forEach((line) => line.drop());
});

async function silence(addresses) {
  const lines = addresses.map((address) => new Line(daemon.url, 'onthaal.visitor.1', from(address)));
  await Promise.all(lines.map((line) => line.opened));
  return lines;
}

test('lines that say nothing keep nobody out, of their network or of all', async () => {
  const child = new Visitor(daemon);
  await child.start(from('192.0.3.1'));
  child.line.drop();
  const lines = await silence(Array.from({ length: 2 * MOST }, (_, i) => `192.0.3.${i}`));
  await until(() => lines.filter((line) => line.up).length <= MOST + MOST / 10, 'the oldest to be cut');
  await child.connect(from('192.0.3.1'));
  await child.line.wait((frame) => frame.t === 'resumed', 'the conversation');
  assert.equal((await knock(from('192.0.3.2'))).answer.t, 'welcome');
  lines.push(...await silence(Array.from({ length: 2 * ALL }, (_, i) => `10.0.${i}.1`)));
  await until(() => lines.filter((line) => line.up).length <= ALL, 'the oldest to be cut');
  assert.equal((await knock(from('198.51.100.9'))).answer.t, 'welcome');
  await child.reconnect();
  await child.line.wait((frame) => frame.t === 'resumed', 'the conversation');
  child.say('ik ben er nog');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  child.line.drop();
  lines.forEach((line) => line.drop());
});

test('a conversation that began comes back into a full network; a made-up secret does not', async () => {
  const child = new Visitor(daemon);
  await child.start(from('192.0.2.1'));
  const lines = await fill('192.0.2', MOST - 1);
  child.line.drop();
  await until(async () => { // its place is taken by somebody else
    lines.push(await knock(from('192.0.2.99')));
    return lines.at(-1).answer.t === 'welcome';
  }, 'the place');
  assert.equal((await knock(from('192.0.2.100'))).answer.code, 'full');
  const guess = await knock(from('192.0.2.101'), { t: 'hello', secret: 'x'.repeat(child.secret.length), after: 0 });
  assert.equal(guess.answer.t, 'unknown');
  assert.equal(await guess.closed, 1013);
  await child.connect(from('192.0.2.1'));
  await child.line.wait((frame) => frame.t === 'resumed', 'the conversation');
  child.say('ik ben er nog');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  assert.deepEqual(child.faults, []);

  assert.ok((await plainStart('192.0.2.102')).includes('Er wachten nu te veel mensen'), 'the page without script says it');
  assert.ok((await plainStart('198.51.100.9')).includes('<iframe'), 'from elsewhere it begins');
  lines.forEach((line) => line.drop());
});

test('a proxy on this machine that says nothing locks nobody out', async () => {
  const lines = [];
  for (let i = 0; i < 2 * MOST; i++) lines.push(await knock());
  assert.deepEqual(lines.filter((line) => line.answer.t !== 'welcome'), []);
  lines.forEach((line) => line.drop());
});

test('not even the reserved places are without end', async () => {
  const lines = await fill('198.18.0', MOST);
  for (let i = 0; i < MOST / 10; i++) {
    const child = await new Visitor(daemon).start(from(`198.19.${i}.1`));
    child.line.drop();
    await child.connect(from('198.18.0.1'));
    await child.line.wait((frame) => frame.t === 'resumed', 'the conversation');
    lines.push(child.line);
  }
  const late = new Line(daemon.url, 'onthaal.visitor.1', from('198.18.0.1'));
  assert.equal(await late.closed, 1013);
  lines.forEach((line) => line.drop());
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
