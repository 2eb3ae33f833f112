// A disk that is full, read-only, or fails to sync: nothing is acknowledged, what goes on stays
// readable, everybody is told, and it recovers by itself.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BINARY, Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from './client.mjs';

const FAKE = process.env.ONTHAAL_FAKE_DISK_LIBRARY ?? 'build/sanitize/libfake_disk.so';
const LIMIT = { timeout: 120000 };

// a fake that fails nothing would prove nothing
assert.match(execFileSync('nm', ['-D', FAKE], { encoding: 'utf8' }), / T pwrite64\n/);

async function figure(daemon, name) {
  const text = await (await fetch(`http://127.0.0.1:${daemon.metrics}/metrics`)).text();
  return Number(text.match(new RegExp(`^onthaal_${name} (\\S+)`, 'm'))[1]);
}

async function health(daemon) {
  return (await fetch(`${daemon.url}/healthz`)).status;
}

/** The whole course: well, broken by `spoil`, and well again by `mend`. */
async function course(daemon, wrapper, spoil, mend) {
  await daemon.start(wrapper);
  const anke = await new Counsellor(daemon, 'Anke').signUp();
  const child = await new Visitor(daemon).start();
  child.say('voor het onheil');
  await until(() => !child.unsent.length, 'the first message');
  const { contact } = await anke.request('take');
  assert.equal((await anke.request('say', { contact, text: 'ik luister' })).t, 'ok');
  await until(() => child.texts('counsellor').length === 1, 'the answer');

  await spoil();
  child.say(`tijdens het onheil ${'x'.repeat(3000)}`);
  await until(() => child.trouble.includes(true), 'the visitor to be told');
  assert.equal(child.unsent.length, 1);
  const refused = await anke.request('say', { contact, text: `antwoord tijdens het onheil ${'y'.repeat(3000)}` });
  assert.deepEqual([refused.t, refused.code], ['no', 'full']);
  await until(() => anke.trouble.includes(true), 'the counsellor to be told');
  assert.equal(await figure(daemon, 'store_trouble'), 1);
  assert.ok(await figure(daemon, 'store_failed_total') >= 2);
  assert.equal(await health(daemon), 503);
  assert.match(daemon.log, /level=error msg="store cannot write" sqlite=\d+ system=\d+/);
  assert.match(daemon.log, /level=warn msg="store trouble" on=true/);

  // what goes on can be read, also by who comes back
  child.line.send({ t: 'typing', on: true });
  await anke.line.wait((frame) => frame.t === 'typing' && frame.on, 'typing');
  const again = new Visitor(daemon, 'again');
  Object.assign(again, { secret: child.secret });
  await again.connect();
  const resumed = await again.line.wait((frame) => frame.t === 'resumed', 'the replay');
  assert.deepEqual([resumed.trouble, resumed.state, resumed.n], [true, 'taken', 4]);
  await until(() => again.texts('counsellor').includes('ik luister'), 'what was said');
  assert.equal(await anke.resume(), true);
  assert.equal(anke.contacts.get(contact).length, 4);
  const late = new Visitor(daemon, 'late');
  await late.connect();
  await late.line.wait((frame) => frame.t === 'trouble' && frame.on, 'the one who begins to be told');
  assert.equal(late.secret, undefined);

  await mend();
  await child.reconnect();
  await until(() => anke.trouble.at(-1) === false, 'the counsellor to be told that it works', 30000);
  await until(() => child.unsent.length === 0, 'the message to be stored', 30000);
  assert.equal(await figure(daemon, 'store_trouble'), 0);
  assert.equal(await health(daemon), 200);
  await until(() => daemon.log.includes('msg="store trouble" on=false'), 'the log');
  assert.equal((await anke.request('say', { contact, text: 'antwoord erna' })).t, 'ok');
  late.line.send({ t: 'start', id: late.startId, answers: {} });
  await until(() => late.secret, 'the one who begins');
  await until(() => anke.contacts.get(contact).some((event) => event.text === 'antwoord erna'), 'the answer');
  const texts = anke.contacts.get(contact).filter((event) => event.text && event.kind === 'message').map((event) => event.text.slice(0, 19));
  assert.deepEqual(texts, ['voor het onheil', 'ik luister', 'tijdens het onheil ', 'antwoord erna']);

  await daemon.stop('SIGKILL');
  await daemon.start(wrapper);
  assert.equal(await anke.resume(), true);
  assert.equal(anke.contacts.get(contact).length, 6);
  await daemon.stop();
  daemon.command('check');
  assert.doesNotMatch(daemon.log, /Sanitizer|runtime error|Assertion/);
  assert.deepEqual([...child.faults, ...again.faults, ...anke.faults, ...breaches], []);
}

for (const how of ['full', 'readonly', 'sync'])
  test(`a disk that says ${how}`, LIMIT, async (t) => {
    const daemon = await Daemon.create();
    t.after(() => daemon.remove());
    const control = join(daemon.folder, 'disk');
    writeFileSync(control, 'well');
    const wrapper = ['env', `ONTHAAL_FAKE_DISK=${control}`, `LD_PRELOAD=${FAKE}`,
      `ASAN_OPTIONS=verify_asan_link_order=0:${process.env.ASAN_OPTIONS ?? ''}`];
    await course(daemon, wrapper, () => writeFileSync(control, how), () => writeFileSync(control, 'well'));
  });

/** A file system of its own, of a few megabytes; undefined where one may not be mounted. */
function small(t) {
  const folder = mkdtempSync(join(tmpdir(), 'onthaal-small-'));
  t.after(() => {
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m,mode=0700', 'onthaal', folder]).status === 0 ? folder : undefined;
}

test('a small file system that is really full', LIMIT, async (t) => {
  const folder = small(t);
  if (!folder) return t.skip('only root mounts; the disks above fail in its place');
  const daemon = await Daemon.create();
  t.after(() => daemon.remove());
  rmSync(daemon.folder, { recursive: true });
  daemon.folder = folder;
  daemon.configure('');
  const filler = join(folder, 'filler');
  return course(daemon, [], () => {
    const fd = openSync(filler, 'w');
    try {
      for (let size = 65536; size >= 512; size /= 2)
        try { for (;;) writeSync(fd, Buffer.alloc(size)); } catch (error) { assert.equal(error.code, 'ENOSPC'); }
    } finally { closeSync(fd); }
  }, () => unlinkSync(filler));
});

test('a folder that cannot be written is named at the start, with what to do', LIMIT, async (t) => {
  const daemon = await Daemon.create();
  t.after(() => daemon.remove());
  let command = [BINARY];
  if (process.getuid() === 0) { // root is let in everywhere: be nobody
    mkdirSync(join(daemon.folder, 'data'));
    if (spawnSync('setpriv', ['--reuid=65534', '--clear-groups', BINARY, '--version']).status !== 0) return t.skip('nobody may not run it from here');
    chmodSync(daemon.folder, 0o755);
    chmodSync(join(daemon.folder, 'onthaal.yaml'), 0o644);
    command = ['setpriv', '--reuid=65534', '--clear-groups', BINARY];
  } else {
    chmodSync(daemon.folder, 0o500);
  }
  const { status, stderr } = spawnSync(command[0], [...command.slice(1), 'serve', '--data', daemon.folder], { encoding: 'utf8', timeout: 20000 });
  chmodSync(daemon.folder, 0o700);
  assert.equal(status, 1);
  assert.match(stderr, /cannot be (written|made).*(check the folder's rights|Permission denied)/);
  assert.ok(stderr.includes(daemon.folder));
  return execFileSync('test', ['!', '-e', join(daemon.folder, 'onthaal.db')]);
});
