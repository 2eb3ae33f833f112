// Backups end with the promise, and what is restored is shredded on time. The clock is the machine's,
// so backups are made older by hand.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY, Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, until, Visitor } from './client.mjs';

const DAY = 86400000;
let daemon;
let backups;

const sql = (file, text) => execFileSync('sqlite3', [file, text], { encoding: 'utf8' }).trim();

before(async () => {
  backups = mkdtempSync(join(tmpdir(), 'onthaal-backups-'));
  daemon = await Daemon.create('retention:\n  chat_days: 30\n  backup_days: 7\n');
  spawnSync(BINARY, ['recovery', '--data', daemon.folder, 'create']);
  await daemon.start();
});
after(async () => {
  await daemon.remove();
  rmSync(backups, { recursive: true });
});

test('a folder of backups loses those past their time, and they are not restored', async () => {
  assert.match(daemon.command('backup', backups), /0 older than 7 days are gone/);
  const [name] = readdirSync(backups);
  assert.match(name, /^onthaal-\d{8}T\d{6}Z\.backup$/);
  const old = join(backups, 'onthaal-20200101T000000Z.backup');
  cpSync(join(backups, name), old);
  sql(old, `UPDATE backup SET made = made - ${8 * DAY}`);
  const elsewhere = mkdtempSync(join(tmpdir(), 'onthaal-restore-'));
  for (const file of ['server.key', 'onthaal.yaml']) cpSync(join(daemon.folder, file), join(elsewhere, file));
  const restore = (file) => spawnSync(BINARY, ['restore', '--data', elsewhere, file], { encoding: 'utf8' });
  assert.match(restore(old).stderr, /older than retention.backup_days \(7\)/);
  assert.match(restore(join(daemon.folder, 'onthaal.db')).stderr, /is not a backup/);
  assert.equal(restore(join(backups, name)).status, 0);
  assert.match(daemon.command('audit', 'list'), /backup\.made/);
  assert.match(spawnSync(BINARY, ['audit', '--data', elsewhere, 'list'], { encoding: 'utf8' }).stdout, /backup\.restored +\{"made":\d+\}/);
  rmSync(elsewhere, { recursive: true });
  unlinkSync(join(backups, name));
  assert.match(daemon.command('backup', backups), /1 older than 7 days are gone/);
  assert.equal(readdirSync(backups).includes('onthaal-20200101T000000Z.backup'), false);
});

test('what is past its time is shredded at the start, and the proof says so', async () => {
  const anke = await new Counsellor(daemon, 'Anke').signUp();
  const child = await new Visitor(daemon).start();
  child.say('voorbij');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  child.line.send({ t: 'leave', id: newId() });
  await until(() => child.state === 'closed', 'the end');
  await daemon.stop();
  const file = join(daemon.folder, 'onthaal.db');
  sql(file, `UPDATE contact SET closed = closed - ${31 * DAY}`);
  const prove = (...day) => spawnSync(BINARY, ['proof', '--data', daemon.folder, ...day], { encoding: 'utf8' });
  assert.equal(prove().status, 1); // overdue
  assert.equal(JSON.parse(prove().stdout).kept.overdue, 1);
  await daemon.start();
  await until(() => prove().status === 0, 'the shredding');
  const proof = JSON.parse(prove().stdout);
  assert.equal(proof.shredded.chats, 1);
  assert.deepEqual(proof.kept, { closed: 0, overdue: 0, unsealed: 0, oldest: 0 });
  assert.match(proof.signature, /^[0-9a-f]{128}$/);
  assert.equal(sql(file, 'SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM seal)'), '0');
  assert.equal(prove('2026-13-01').status, 2);
  anke.line.drop();
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
