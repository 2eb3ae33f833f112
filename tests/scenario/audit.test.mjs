// The audit log by the command line: what is in it, and that nothing can be taken out of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY, Daemon, PASSWORD, totp } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from './client.mjs';

let daemon;
let anke;
const audit = (...args) => spawnSync(BINARY, ['audit', '--data', daemon.folder, ...args], { encoding: 'utf8' });

before(async () => {
  daemon = await (await Daemon.create()).start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
});
after(() => daemon.remove());

test('openings, role and level changes, failed sign-ins and exports are in it', async () => {
  const child = await new Visitor(daemon).start();
  child.say('hallo');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  const { contact } = await anke.request('take');
  await anke.request('level', { contact, level: 'serious', reason: 'geheime reden' });
  await anke.request('close', { contact });
  const stranger = new Counsellor(daemon, 'Anke');
  await stranger.connect();
  assert.equal((await stranger.request('sign-in', { name: 'anke', password: `${PASSWORD}!`, code: totp(anke.secret) })).code, 'wrong');
  daemon.command('staff', 'role', 'anke', '--role', 'coordinator');
  const { stdout } = audit('list');
  for (const what of ['staff.added', 'sign-in ', 'level.changed', 'sign-in.failed', 'staff.role']) assert.ok(stdout.includes(what), what);
  assert.match(stdout, new RegExp(`:00:00Z.*level.changed +{"contact":"${contact}","level":"serious"}`));
  assert.match(stdout, /staff.role +{"from":"counsellor","to":"coordinator"}/);
  assert.equal(/geheim|hallo/.test(stdout), false);
  assert.equal((stdout.match(new RegExp(contact, 'g')) ?? []).length, 1); // no timeline of a visitor
});

test('an export is signed: any change, cut or reordering is found', () => {
  const exported = audit('export');
  assert.equal(exported.status, 0, exported.stderr);
  const file = join(daemon.folder, 'export.jsonl');
  const lines = exported.stdout.trimEnd().split('\n');
  assert.ok(lines.at(-2).includes('audit.exported'));
  const verified = (text) => {
    writeFileSync(file, text);
    return audit('verify', file);
  };
  assert.match(verified(exported.stdout).stdout, /is whole: \d+ rows/);
  const [first, second, ...rest] = lines;
  for (const forged of [
    [second, first, ...rest], [second, ...rest], lines.slice(0, -1), [...lines.slice(0, -2), lines.at(-1)],
    [first.replace('staff', 'stuff'), second, ...rest], [...lines, first], [],
    [...lines.slice(0, -1), lines.at(-1).replace(/"signature":"./, (found) => `${found.slice(0, -1)}${found.endsWith('0') ? '1' : '0'}`)],
  ]) {
    const result = verified(forged.map((line) => `${line}\n`).join(''));
    assert.equal(result.status, 1, forged.join('\n').slice(-200));
    assert.match(result.stderr, /was changed, or was not exported from this data folder/);
  }
});

test('a noted head is found again, and the daemon tells one each day', async () => {
  const head = audit('head').stdout;
  const noted = `${head.match(/row +(\d+)/)[1]}:${head.match(/hash +([0-9a-f]{64})/)[1]}`;
  assert.match(audit('verify', noted).stdout, /is the one that was noted/);
  assert.equal(audit('verify', noted.replace(/.$/, (last) => (last === '0' ? '1' : '0'))).status, 1);
  await until(() => /msg="audit head" row=\d+ .*signature=[0-9a-f]{128}/.test(daemon.log), 'the day\'s head');
  assert.match(daemon.command('check'), /./);
  assert.equal(readFileSync(join(daemon.folder, 'server.key')).length, 32);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
