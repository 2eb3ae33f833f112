// A backup is whole or not there, and none takes another's place. One that is killed while it writes is
// stopped by the kernel at a size of the file (RLIMIT_FSIZE): always at the same place.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY, Daemon } from '../browser/daemon.mjs';

const BLOCK = 512; // of dash's ulimit
let daemon;
let place;
let size;

const backup = (to) => spawnSync(BINARY, ['backup', '--data', daemon.folder, to], { encoding: 'utf8' });
const killedAt = (to, bytes) => spawnSync('sh', ['-c', `ulimit -c 0; ulimit -f ${bytes / BLOCK}; exec "$@"`, 'sh', BINARY, 'backup', '--data', daemon.folder, to]);

function restored(file) {
  const elsewhere = mkdtempSync(join(tmpdir(), 'onthaal-restore-'));
  for (const name of ['server.key', 'onthaal.yaml']) cpSync(join(daemon.folder, name), join(elsewhere, name));
  const result = spawnSync(BINARY, ['restore', '--data', elsewhere, file], { encoding: 'utf8' });
  rmSync(elsewhere, { recursive: true });
  return result;
}

before(async () => {
  place = mkdtempSync(join(tmpdir(), 'onthaal-backup-'));
  daemon = await Daemon.create();
  daemon.invite('anke');
  execFileSync('sqlite3', [join(daemon.folder, 'onthaal.db'),
    'CREATE TABLE ballast (bytes BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO ballast SELECT randomblob(4000) FROM n']);
});
after(async () => {
  await daemon.remove();
  rmSync(place, { recursive: true });
});

test('a name that is taken is refused, says what to do instead, and what is there stays', () => {
  const file = join(place, 'good.backup');
  assert.equal(backup(file).status, 0);
  size = statSync(file).size;
  const whole = readFileSync(file);
  const again = backup(file);
  assert.equal(again.status, 1);
  assert.equal(again.stdout, '');
  assert.match(again.stderr, /good\.backup is there already, and stays as it is: give another name, or a folder/);
  writeFileSync(join(place, 'letter.txt'), 'no backup at all');
  assert.equal(backup(join(place, 'letter.txt')).status, 1);
  assert.equal(readFileSync(join(place, 'letter.txt'), 'utf8'), 'no backup at all');
  assert.ok(readFileSync(file).equals(whole));
  assert.equal(restored(file).status, 0);
});

test('killed while it writes: nothing stands under the name, and the next one is made', () => {
  const file = join(place, 'killed.backup');
  const part = `${file}.part`;
  for (const bytes of [4096, size / 2 - size / 2 % BLOCK, size - 8192, size - 4096]) {
    const killed = killedAt(file, Math.max(bytes, 65536)); // SQLite's own -shm has 32 KiB
    assert.equal(killed.signal, 'SIGXFSZ', `at ${bytes}: ${killed.stderr}`);
    assert.deepEqual(readdirSync(place).filter((name) => name === 'killed.backup'), []);
    assert.ok(statSync(part).size > 0);
    assert.equal(restored(part).status, 1, `at ${bytes}`);
  }
  assert.equal(backup(file).status, 0);
  assert.deepEqual(readdirSync(place).filter((name) => name.includes('.part')), []);
  assert.equal(restored(file).status, 0);
});

test('in a folder what an interrupted one left goes, and two at once get a name each', async () => {
  const folder = mkdtempSync(join(place, 'many-'));
  const left = ['onthaal-20200101T000000Z.backup.part', 'onthaal-20200101T000000Z.backup.part-journal'];
  for (const name of [...left, 'another.part']) writeFileSync(join(folder, name), 'half of it');
  const codes = await Promise.all([1, 2, 3].map(() => new Promise((resolve) => {
    spawn(BINARY, ['backup', '--data', daemon.folder, folder], { stdio: 'ignore' }).on('exit', resolve);
  })));
  assert.deepEqual(codes, [0, 0, 0]);
  const names = readdirSync(folder).sort();
  assert.equal(names.length, 4, String(names));
  assert.equal(names[0], 'another.part'); // not ours
  for (const name of names.slice(1)) assert.equal(restored(join(folder, name)).status, 0, name);
});
