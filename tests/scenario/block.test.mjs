// A counsellor ends a chat and blocks its visitor for a while: kindly told, and recorded.
// That it ends by itself is tried with the clock of tests/unit/desk/test_block.c.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, Line, newId, until, Visitor } from './client.mjs';

let daemon;
let anke;
let rude;
before(async () => {
  daemon = await (await Daemon.create('centre:\n  helplines:\n    - {number: "102", name: "Awel"}\ndesk:\n  block_minutes: 1\n')).start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
});
after(() => daemon.remove());

const from = (address) => ({ headers: { 'X-Forwarded-For': address } });

async function begin(address) {
  const line = new Line(daemon.url, 'onthaal.visitor.1', from(address));
  await line.opened;
  line.send({ t: 'hello', lang: 'nl' });
  await line.wait(({ t }) => t === 'welcome', 'the welcome');
  const id = newId();
  line.send({ t: 'start', id, answers: {} });
  return line.wait((frame) => frame.id === id, 'an answer');
}

/** A start on the page without script. */
async function plain(address) {
  const headers = { 'X-Forwarded-For': address, 'Accept-Language': 'nl' };
  const page = await (await fetch(`${daemon.url}/plain`, { headers })).text();
  const fields = Object.fromEntries([...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const body = new URLSearchParams({ ...fields, act: 'start', who: 'child', where: 'brussels', tongue: 'nl' });
  return (await fetch(`${daemon.url}/plain`, { method: 'POST', headers, body })).text();
}

test('blocked, it is told so; neither a new start nor that conversation goes on from there', async () => {
  rude = new Visitor(daemon);
  await rude.start(from('203.0.113.5'));
  const other = new Visitor(daemon);
  await other.start(from('203.0.113.6'));
  const [first] = [...anke.cards.values()].sort((a, b) => a.arrived - b.arrived);
  await anke.request('take', { contact: first.id });
  assert.equal(anke.line.frames.find(({ t }) => t === 'desk').block, 1);
  assert.equal((await anke.request('close', { contact: first.id, block: true })).t, 'ok');
  await until(() => rude.state === 'closed', 'the end');
  assert.equal([...rude.log.values()].at(-1).why, 'blocked');

  const refused = await begin('203.0.113.77'); // the same network
  assert.deepEqual([refused.t, refused.code], ['error', 'blocked']);
  assert.ok(refused.retry > 0 && refused.retry <= 60);
  await rude.reconnect();
  await rude.line.wait(({ t }) => t === 'resumed', 'its own words'); // read it may
  rude.line.send({ t: 'again', id: newId(), secret: rude.secret });
  assert.equal((await rude.line.wait(({ t }) => t === 'error', 'the refusal')).code, 'blocked');
  assert.ok((await plain('203.0.113.9')).includes('Vanaf hier kan je nu een tijdje geen gesprek beginnen'), 'the page without script');

  assert.equal((await begin('198.51.100.1')).t, 'started');
  other.say('ik zit op dezelfde school');
  await until(() => other.unsent.length === 0, 'a conversation that goes on to go on');
  assert.deepEqual(other.faults, []);
});

test('it stands in the audit log, without when to the minute and without whom', () => {
  const rows = daemon.command('audit', 'export').split('\n').filter((line) => line.includes('visitor.blocked'));
  assert.equal(rows.length, 1);
  const row = JSON.parse(rows[0]);
  assert.match(JSON.stringify(row), /blocked/);
  assert.ok(!rows[0].includes('203.0'));
  assert.equal(daemon.log.includes('203.0.113'), false);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
