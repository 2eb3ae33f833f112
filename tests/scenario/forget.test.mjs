// Forgotten wins: over whoever writes, reads, comes back or backs up at that moment. When the command is
// done nothing of it is on the disk, in the daemon's memory, or (as far as it can reach them) on a page.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY, Daemon, files } from '../browser/daemon.mjs';
import { breaches, Counsellor, Line, newId, pause, until, Visitor } from './client.mjs';
import { mark, plainFrees, stillMemory } from './memory.mjs';
import { PlainPage } from './plain_page.mjs';

let daemon;
let anke;

/** While pages go on: { status, stdout, stderr }. */
const forget = (...args) => new Promise((resolve) => {
  execFile(BINARY, ['forget', '--data', daemon.folder, ...args], { encoding: 'utf8' }, (error, stdout, stderr) => resolve({ status: error ? error.code : 0, stdout, stderr }));
});
const sql = (text) => execFileSync('sqlite3', [join(daemon.folder, 'onthaal.db'), text], { encoding: 'utf8' }).trim();
const rowsOf = (contact) => {
  const of = ['event', 'recent', 'seal', 'return_code'].map((table) => `(SELECT count(*) FROM ${table} WHERE contact = ${BigInt(`0x${contact}`)})`);
  return sql(`SELECT (SELECT count(*) FROM contact WHERE id = ${BigInt(`0x${contact}`)}) + ${of.join(' + ')}`);
};
const emptied = () => statSync(join(daemon.folder, 'onthaal.db-wal')).size === 0;
const onDisk = (words) => [...files(daemon.folder)].filter((path) => readFileSync(path).includes(words));
const told = (who, contact) => who.line.frames.some((frame) => frame.t === 'forgotten' && (!contact || frame.contact === contact));
const stored = (visitor) => until(() => visitor.unsent.length === 0, 'the message to be stored');

before(async () => {
  plainFrees();
  daemon = await Daemon.create('centre:\n  helplines:\n    - {number: "1712", name: "Hulp"}\n');
  spawnSync(BINARY, ['recovery', '--data', daemon.folder, 'create']);
  await daemon.start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
});
after(() => daemon.remove());

/** Written to, taken, and maybe closed. */
async function conversation(words, close = true) {
  const child = await new Visitor(daemon).start();
  child.say(words);
  await stored(child);
  const { contact } = await anke.request('take');
  await anke.request('say', { contact, text: `gelezen: ${words}` });
  await until(() => child.texts('counsellor').length === 1, 'the answer');
  if (close) {
    assert.equal((await anke.request('close', { contact })).t, 'ok');
    await until(() => child.state === 'closed', 'the end');
  }
  return { child, contact };
}

test('a closed one: its visitor\'s page and every console are told, and its way back is gone', async () => {
  const { child, contact } = await conversation('voor altijd weg');
  const cora = await new Counsellor(daemon, 'Cora').signUp('coordinator'); // who may have it open in the archive
  const other = await new Visitor(daemon).start();
  const done = await forget(contact);
  assert.deepEqual([done.status, done.stderr], [0, ''], done.stderr);
  assert.match(done.stdout, /is destroyed.*pages that showed it do not any more/);
  await until(() => told(child) && told(anke, contact) && told(cora, contact), 'the word to all of them');
  assert.equal(told(other), false); // nobody else
  assert.equal(rowsOf(contact), '0');
  await until(emptied, 'the emptied log');
  await child.reconnect();
  await child.line.wait((frame) => frame.t === 'unknown', 'that it is not known');
  assert.equal((await forget(contact)).status, 1);
  assert.match((await forget(contact)).stderr, /no such contact/);
  child.line.drop();
  other.line.send({ t: 'leave', id: newId() });
  await until(() => other.state === 'closed', 'the end of the other');
  assert.equal((await cora.request('sign-out')).t, 'ok');
});

test('what a page without script shows of a closed one leaves the memory, and the page', async () => {
  const marks = { mine: mark('mijn'), theirs: mark('hun') };
  const page = await new PlainPage(daemon).open();
  await page.post({ act: 'start', who: 'child', where: 'brussels', tongue: 'nl' });
  await page.post({ act: 'say', text: marks.mine });
  const { contact } = await anke.request('take');
  await anke.request('say', { contact, text: marks.theirs });
  await anke.request('close', { contact });
  await until(async () => (await page.post({ act: 'look' })).html.includes(marks.theirs) && /Het gesprek is afgelopen/.test(page.html), 'the end, with its words');
  assert.ok((await stillMemory(daemon.process.pid, marks)).length > 0, 'the search finds what is there');
  assert.equal((await forget(contact)).status, 0);
  assert.deepEqual(await stillMemory(daemon.process.pid, marks), []);
  await page.post({ act: 'look' });
  assert.match(page.html, /gesloten en gewist/);
  assert.match(page.html, /href="tel:1712"/);
  assert.match(page.html, /Nieuw gesprek/);
  for (const words of [marks.mine, marks.theirs, 'Verder in dit gesprek']) assert.equal(page.html.includes(words), false);
  await page.post({ act: 'new' });
  await page.post({ act: 'start', who: 'child', where: 'brussels', tongue: 'nl' });
  await page.look();
  assert.match(page.talk, /Je staat in de rij/);
  await page.post({ act: 'leave' });
});

test('one that goes on is refused, and said how; with --open it ends while they write', async () => {
  const marks = { words: mark('woorden') };
  const { child, contact } = await conversation(marks.words, false);
  const refused = await forget(contact);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /still open: close it first.*--open/);
  assert.equal(child.state, 'taken');
  let writing = true;
  const writer = (async () => {
    for (let i = 0; writing; i++) {
      child.say(`${marks.words} ${i}`);
      void anke.request('say', { contact, text: `${marks.words} antwoord ${i}` });
      await pause(10);
    }
  })();
  await until(() => child.acknowledged.size > 5, 'messages');
  const done = await forget('--open', contact);
  writing = false;
  await writer;
  assert.deepEqual([done.status, done.stderr], [0, '']);
  assert.deepEqual(await stillMemory(daemon.process.pid, marks), []);
  assert.equal(rowsOf(contact), '0');
  await until(() => told(child) && told(anke, contact), 'the word');
  assert.equal(await anke.resume(), true);
  await until(() => told(anke, contact), 'the word to a window that was away');
  assert.equal([...child.log.values()].find((event) => event.kind === 'closed').why, 'forgotten');
  assert.ok(anke.lost.some((frame) => frame.contact === contact && frame.why === 'closed'));
  await until(emptied, 'the emptied log');
  assert.deepEqual(onDisk(marks.words), []);
  child.startId = newId(); // the same line goes on with another one
  child.line.send({ t: 'start', id: child.startId, answers: {} });
  await child.line.wait((frame) => frame.t === 'started' && frame.id === child.startId, 'a new conversation');
  child.line.send({ t: 'leave', id: 'the-end' });
  await child.line.wait((frame) => frame.t === 'stored' && frame.id === 'the-end', 'its end');
});

test('a return code opens nothing any more', async () => {
  const child = await new Visitor(daemon).start();
  child.say('tot later');
  await stored(child);
  const id = newId();
  child.line.send({ t: 'code', id, secret: child.secret, lang: 'nl' });
  const { words } = await child.line.wait((frame) => frame.t === 'code' && frame.id === id, 'the code');
  child.line.drop();
  const { id: contact } = await until(() => [...anke.cards.values()].find((card) => card.present === false && card.messages === 1), 'the card');
  assert.equal((await forget('--open', contact)).status, 0);
  assert.equal(rowsOf(contact), '0');
  const line = new Line(daemon.url, 'onthaal.visitor.1');
  await line.opened;
  line.send({ t: 'hello', lang: 'nl' });
  line.send({ t: 'return', id: 'r', words });
  assert.equal((await line.wait((frame) => frame.id === 'r', 'an answer')).code, 'no_code');
  line.drop();
});

test('a backup that is under way is not in its way, and the log is emptied after it', async () => {
  sql('CREATE TABLE ballast (bytes BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO ballast SELECT randomblob(4000) FROM n');
  const { child, contact } = await conversation('in de kopie');
  const place = mkdtempSync(join(tmpdir(), 'onthaal-forget-'));
  const part = join(place, 'one.backup.part');
  const backup = spawn(BINARY, ['backup', '--data', daemon.folder, join(place, 'one.backup')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { backup.on('exit', resolve); });
  while (backup.exitCode === null && !(existsSync(part) && statSync(part).size > 65536)) await pause(0);
  backup.kill('SIGSTOP');
  const done = await forget(contact);
  assert.equal(done.status, 0, done.stderr);
  assert.equal(rowsOf(contact), '0');
  await until(() => told(child), 'the word');
  if (backup.exitCode === null) assert.match(done.stderr, /a backup reads it/);
  backup.kill('SIGCONT');
  assert.equal(await ended, 0);
  await until(emptied, 'the emptied log');
  assert.deepEqual(readdirSync(place), ['one.backup']);
  sql('DROP TABLE ballast');
  rmSync(place, { recursive: true });
});

test('asked for while nothing runs: a closed one goes at once, an open one at the start', async () => {
  const closed = await conversation('al gesloten');
  const { child, contact } = await conversation('nog open', false);
  await daemon.stop();
  assert.deepEqual([(await forget(closed.contact)).status, rowsOf(closed.contact)], [0, '0']);
  const asked = await forget('--open', contact);
  assert.equal(asked.status, 1);
  assert.match(asked.stderr, /destroyed when one is started/);
  await daemon.start();
  await child.reconnect();
  await until(() => rowsOf(contact) === '0' && sql('SELECT count(*) FROM forgetting') === '0', 'the end of it');
  await until(() => child.line.frames.some(({ t }) => t === 'forgotten' || t === 'unknown'), 'the word');
  assert.equal(JSON.parse(daemon.command('proof', new Date().toISOString().slice(0, 10))).kept.unsealed, 0);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
