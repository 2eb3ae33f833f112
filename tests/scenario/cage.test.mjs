// The running daemon is caged: no powers, no way back, a filter on every thread; and what it is told to
// read from outside the walls is refused with the reason, while it goes on.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { until } from './client.mjs';

const LIMIT = { timeout: 60000 };

function threads({ pid }) {
  return readdirSync(`/proc/${pid}/task`).map((task) => Object.fromEntries(readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8')
    .split('\n').map((line) => line.split(/:\s*/))));
}

test('every thread is without powers, filtered, and cannot gain any', LIMIT, async () => {
  const daemon = await (await Daemon.create('')).start();
  try {
    await until(() => daemon.log.includes('the cage is closed'), 'the cage');
    const all = threads(daemon.process);
    assert.ok(all.length > 2, `${all.length} threads`);
    for (const thread of all) {
      assert.equal(thread.Seccomp, '2', thread.Name);
      assert.equal(thread.NoNewPrivs, '1');
      for (const powers of ['CapEff', 'CapPrm', 'CapInh', 'CapAmb']) assert.equal(parseInt(thread[powers], 16), 0, `${thread.Name} ${powers}`);
    }
    const helpers = readFileSync(`/proc/${daemon.process.pid}/task/${daemon.process.pid}/children`, 'utf8').trim().split(' ');
    assert.equal(helpers.length, 1); // that makes prompts
    await until(() => /NoNewPrivs:\s+1/.test(readFileSync(`/proc/${helpers[0]}/status`, 'utf8')), 'its walls');
    await until(() => /CapEff:\s+0{16}/.test(readFileSync(`/proc/${helpers[0]}/status`, 'utf8')), 'its powers to be gone');
    assert.match(readFileSync(`/proc/${daemon.process.pid}/limits`, 'utf8'), /Max core file size +0 +0/);
  } finally {
    await daemon.remove();
  }
});

test('what lies outside the walls is taken over by a restart alone, and it says so', LIMIT, async () => {
  const daemon = await (await Daemon.create('')).start();
  const elsewhere = mkdtempSync(join(tmpdir(), 'onthaal-elsewhere-'));
  const rule = 'onthaal rules 1\nrule een.regel\n  level serious\n  category x\n  match papa slaat\n  why Vraag door.\n  yes papa slaat\n  yes papa slaat mij\n  no papa\n  no ok\n';
  writeFileSync(join(elsewhere, 'een.rules'), rule);
  try {
    appendFileSync(join(daemon.folder, 'onthaal.yaml'), `rules: ${elsewhere}\n`);
    daemon.process.kill('SIGHUP');
    await until(() => /outside the cage/.test(daemon.log), 'the refusal');
    assert.equal((await fetch(`${daemon.url}/healthz`)).status, 200);
    await daemon.stop();
    await daemon.start();
    assert.equal((await fetch(`${daemon.url}/healthz`)).status, 200);
    writeFileSync(join(elsewhere, 'een.rules'), rule.replaceAll('slaat', 'slaagt'));
    daemon.process.kill('SIGHUP'); // now it lies within
    await until(() => /msg="?reloaded/.test(daemon.log), 'the reload');
  } finally {
    await daemon.remove();
    rmSync(elsewhere, { recursive: true });
  }
});

test('without a cage it warns, loudly', LIMIT, async () => {
  const daemon = await (await Daemon.create('cage: false\n')).start();
  try {
    assert.match(daemon.log, /THERE IS NO CAGE/);
    assert.ok(threads(daemon.process).every((thread) => thread.Seccomp === '0'));
  } finally {
    await daemon.remove();
  }
});
