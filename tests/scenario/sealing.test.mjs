// What is left of a closed conversation: for its visitor, for those with a key, for a thief.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY, Daemon, files, PASSWORD } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, until, Visitor } from './client.mjs';

const WORDS = 'dit-blijft-van-mij-alleen';
let daemon;
let shares;
let anke;

function recovery(folder, args, input) {
  return spawnSync(BINARY, ['recovery', '--data', folder, ...args], { input, encoding: 'utf8' });
}

const sharesOf = (text) => text.match(/ONTHAAL-\d([\s-]+[0-9A-Z]{4}){16}/g).map((share) => share.replace(/[\s-]+/g, '-'));

function holds(folder, words) {
  return [...files(folder)].filter((path) => readFileSync(path).includes(words));
}

async function conversation(say, answers = 1) {
  const child = await new Visitor(daemon).start();
  child.say(say);
  await until(() => child.unsent.length === 0, 'the message to be stored');
  const { contact } = await anke.request('take');
  await anke.request('say', { contact, text: `gelezen: ${say}` });
  for (let i = 1; i < answers; i++) assert.equal((await anke.request('say', { contact, text: 'm'.repeat(3500) })).t, 'ok');
  await anke.request('note', { contact, text: `notitie: ${say}` });
  await until(() => child.texts('counsellor').length === answers, 'the answer');
  assert.equal((await anke.request('close', { contact })).t, 'ok');
  await until(() => child.state === 'closed', 'the end');
  return { child, contact };
}

before(async () => {
  daemon = await Daemon.create();
  const made = recovery(daemon.folder, ['create']);
  assert.equal(made.status, 0, made.stderr);
  shares = sharesOf(made.stdout);
  await daemon.start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
});
after(() => daemon.remove());

test('any two of three shares open, and say so', () => {
  assert.equal(shares.length, 3);
  for (const [one, two] of [[0, 1], [1, 2], [2, 0]])
    assert.match(recovery(daemon.folder, ['combine'], `${shares[one]}\n${shares[two].toLowerCase()}\n`).stdout, /shares fit/);
  assert.match(recovery(daemon.folder, ['combine'], `${shares[0]}\n${shares[0]}\n`).stderr, /same one/);
  assert.match(recovery(daemon.folder, ['combine'], `${shares[0]}\n`).stderr, /two shares are needed/);
  const slip = shares[1].replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  assert.match(recovery(daemon.folder, ['combine'], `${shares[0]}\n${slip}\n`).stderr, /a slip/);
});

test('its visitor reads it back, with times cut to the hour, and goes on', async () => {
  const { child } = await conversation('eerste keer');
  const before = child.texts('me').length;
  await child.reconnect();
  const resumed = await child.line.wait((frame) => frame.t === 'resumed', 'the closed conversation');
  assert.equal(resumed.state, 'closed');
  child.line.drop();
  const other = new Visitor(daemon, 'another device');
  other.secret = child.secret;
  await other.connect();
  await until(() => other.state === 'closed' && other.log.size === child.log.size, 'all of it');
  assert.deepEqual(other.texts('me'), ['eerste keer']);
  assert.deepEqual(other.texts('counsellor'), ['gelezen: eerste keer']);
  assert.equal(other.log.get(2).time % 3600000, 0);
  assert.equal(JSON.stringify(other.line.frames).includes('notitie'), false);
  other.line.send({ t: 'again', id: newId(), secret: other.secret });
  await until(() => other.state === 'waiting', 'the queue');
  await other.line.wait((frame) => frame.t === 'place', 'the place');
  other.say('ik ben er weer');
  await until(() => other.unsent.length === 0, 'the message to be stored');
  const [card] = [...anke.cards.values()].filter((each) => each.state === 'waiting');
  assert.equal(card.former, 'Anke');
  const { contact } = await anke.request('take');
  const events = anke.contacts.get(contact);
  assert.deepEqual(events.map((event) => event.text).filter(Boolean),
    ['eerste keer', 'gelezen: eerste keer', 'notitie: eerste keer', 'ik ben er weer']);
  await anke.request('close', { contact });
  await until(() => other.state === 'closed', 'the end');
  assert.equal(before, 1);
  assert.deepEqual([...child.faults, ...other.faults], []);
});

test('a reopened conversation survives a restart', async () => {
  const { child } = await conversation('voor de herstart');
  await child.reconnect();
  await child.line.wait((frame) => frame.t === 'resumed', 'the closed conversation');
  child.line.send({ t: 'again', id: newId(), secret: child.secret });
  await until(() => child.state === 'waiting', 'the queue');
  await daemon.stop('SIGKILL');
  await daemon.start();
  await child.reconnect();
  await child.line.wait((frame) => frame.t === 'resumed' && frame.state === 'waiting', 'the queue again');
  await anke.resume();
  const { contact } = await anke.request('take');
  assert.equal(anke.contacts.get(contact).filter((event) => event.text === 'voor de herstart').length, 1);
  await anke.request('close', { contact });
});

test('a wrong secret opens nothing', async () => {
  const stranger = new Visitor(daemon);
  stranger.secret = 'A'.repeat(43);
  await stranger.connect();
  await stranger.line.wait((frame) => frame.t === 'unknown', 'the refusal');
});

test('a thief of the disk and the server key reads nothing; the shares do; then nothing does', async () => {
  const { contact } = await conversation(WORDS);
  await until(() => readFileSync(join(daemon.folder, 'onthaal.db-wal')).length === 0, 'the emptied log');
  const stolen = mkdtempSync(join(tmpdir(), 'onthaal-stolen-'));
  cpSync(daemon.folder, stolen, { recursive: true });
  assert.deepEqual(holds(stolen, WORDS), []);
  assert.match(recovery(stolen, ['read', contact], `${shares[0]}\n${shares[0]}\n`).stderr, /same one/);
  const read = recovery(stolen, ['read', contact], `${shares[2]}\n${shares[0]}\n`);
  assert.equal(read.stdout, `visitor: ${WORDS}\ncounsellor: gelezen: ${WORDS}\ncounsellor (note): notitie: ${WORDS}\n`);
  rmSync(stolen, { recursive: true });

  assert.match(daemon.command('forget', contact), /is destroyed/);
  assert.equal(recovery(daemon.folder, ['read', contact], `${shares[2]}\n${shares[0]}\n`).status, 1);
  assert.throws(() => execFileSync(BINARY, ['forget', '--data', daemon.folder, contact], { stdio: 'pipe' }), /no such contact/);
  assert.match(daemon.command('check'), /sealed to: the recovery key/);
});

const rows = (what) => daemon.command('audit', 'list').split('\n').filter((line) => line.includes(what));
const opened = (contact) => rows('contact.opened').filter((line) => line.includes(contact)).length;

test('who reads a closed conversation is recorded, wherever they begin', async () => {
  const bytes = (length) => randomBytes(length).toString('base64url');
  const cora = await new Counsellor(daemon, 'Cora').signUp('coordinator');
  assert.equal((await cora.request('key', { public: bytes(32), vault: bytes(60) })).t, 'ok');
  assert.equal((await cora.request('group', { key: 0, public: bytes(32), sealed: bytes(80) })).t, 'ok');
  const { contact } = await conversation('kort');
  assert.equal(opened(contact), 0);
  const late = await cora.request('unseal', { contact, after: 1 });
  assert.ok(late.seals.length && late.events.some((event) => event.body));
  assert.equal(opened(contact), 1);

  const [{ key, sealed }] = late.seals;
  assert.equal((await cora.request('reseal', { contact, key, sealed: bytes(80) })).t, 'ok'); // once more: what is there stays
  assert.equal((await cora.request('seals', { contact })).seals.find((each) => each.key === key).sealed, sealed);
  assert.equal(daemon.command('audit', 'list').includes('contact.resealed'), false);

  const long = await conversation('lang', 20);
  const read = async (after) => cora.request('unseal', { contact: long.contact, after });
  const first = await read(0);
  assert.equal(first.more, true);
  const at = first.events.at(-1).seq;
  assert.equal((await read(at)).more, false);
  assert.equal(opened(long.contact), 1); // a page that reads on
  assert.equal((await read(at)).events.length > 0, true);
  assert.equal(opened(long.contact), 2); // and one that comes back to it
  for (let i = 0; i < 5; i++) await read(0);
  assert.equal(opened(long.contact), 2); // what says nothing new, once a minute

  for (const _ of 'ab') assert.equal((await cora.request('rotated')).t, 'ok');
  assert.equal(rows('key.rotated').length, 1);
  const codes = new Set();
  for (let i = 0; i < 35; i++) codes.add((await read(1000 + i)).code ?? 'ok');
  assert.deepEqual([...codes], ['ok', 'busy']); // nothing is given that is not recorded
  assert.equal(rows('contact.opened').length + rows('key.rotated').length + rows('key.coordinators').length, 30);
  const { keys } = await cora.request('keys');
  const group = { key: keys.find((one) => one.kind === 'coordinators' && !one.retired).key, public: bytes(32), sealed: bytes(80) };
  assert.equal((await cora.request('group', group)).code, 'busy'); // nor done
  assert.deepEqual((await cora.request('keys')).keys, keys);
});

test('new shares do not open what was closed before: until when the older ones are needed is told', async () => {
  const sql = (text) => execFileSync('sqlite3', [join(daemon.folder, 'onthaal.db'), text], { encoding: 'utf8' }).trim();
  const { contact: before } = await conversation('voor de nieuwe');
  const [count, last] = sql("SELECT count(*), date(max(closed) / 1000 + 90 * 86400, 'unixepoch', 'localtime') FROM contact WHERE state = 3").split('|');
  assert.ok(count > 1);
  const second = recovery(daemon.folder, ['create']);
  assert.equal(second.status, 0, second.stderr);
  assert.deepEqual(second.stdout.split('\n').filter((line) => [...line].length > 80), []);
  assert.match(second.stdout, new RegExp(`do not open what was closed before[^]* ${count} +contacts +keep them until ${last}, then burn them`));
  const newer = sharesOf(second.stdout);
  const read = (contact, which) => recovery(daemon.folder, ['read', contact], `${which[0]}\n${which[1]}\n`);
  assert.match(read(before, shares).stdout, /voor de nieuwe/);
  assert.match(read(before, newer).stderr, /sealed to another recovery key/);
  const { contact } = await conversation('na de nieuwe');
  assert.match(read(contact, newer).stdout, /na de nieuwe/);
  assert.match(read(contact, shares).stderr, /sealed to another recovery key/);
  const third = recovery(daemon.folder, ['create']).stdout;
  assert.match(third, new RegExp(` ${count} +contacts +keep`)); // of the first
  assert.match(third, / 1 +contact +keep/); // of the second
  for (const each of [before, contact]) daemon.command('forget', each);
  assert.match(recovery(daemon.folder, ['create']).stdout, /nothing any more +burn them now/);
});

test('a share is read as it was written down, in lines; one that is not whole is told from one that is none', () => {
  const made = recovery(daemon.folder, ['create']).stdout;
  const lines = made.match(/ONTHAAL-\d([\s-]+[0-9A-Z]{4}){16}/g);
  assert.equal(lines[0].split('\n').length, 4);
  assert.match(recovery(daemon.folder, ['combine'], `${lines[0]}\n${lines[2]}\n`).stdout, /shares fit/);
  assert.match(recovery(daemon.folder, ['combine'], `${lines[0].slice(0, 50)}\n\n`).stderr, /is not whole/);
  assert.match(recovery(daemon.folder, ['combine'], 'iets anders!\n').stderr, /not a share/);
});

test('whoever finds a coordinator\'s window open gets no key of theirs', async () => {
  const bytes = (length) => randomBytes(length).toString('base64url');
  const told = (what) => daemon.command('audit', 'list').split('\n').filter((line) => line.includes(what)).length;
  const dora = await new Counsellor(daemon, 'Dora').signUp('coordinator');
  const group = (key) => dora.request('group', { key, public: bytes(32), sealed: bytes(80) });
  const { key } = (await dora.request('keys')).keys.find((one) => one.kind === 'coordinators' && !one.retired);
  await dora.resume();
  assert.equal((await group(key)).code, 'prove');
  assert.equal((await dora.request('share', { key, staff: dora.me.id, sealed: bytes(80) })).code, 'prove');
  assert.equal((await dora.request('rotated')).code, 'prove');
  assert.equal((await dora.request('unlock', { password: `${PASSWORD}?` })).code, 'wrong');
  assert.equal(told('unlock.failed'), 1);
  assert.equal((await group(key)).code, 'prove');
  assert.equal(told('key.coordinators'), 1);
  assert.equal((await dora.request('unlock', { password: PASSWORD })).t, 'ok');
  assert.equal((await group(key)).t, 'ok');
  assert.equal((await dora.request('rotated')).t, 'ok');
  assert.equal(told('key.coordinators'), 2);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
