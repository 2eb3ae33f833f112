// SIPp's view of us: many calls at once, on a network that loses every tenth message.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Phone } from '../sip/phone.mjs';

const hold = ['on incoming answer; hold segment=music@any seconds=600'];

/** Runs a scenario; gives what SIPp printed, and fails unless every call was good. */
function sipp(name, port, options) {
  const folder = mkdtempSync(join(tmpdir(), 'onthaal-sipp-'));
  const file = fileURLToPath(new URL(`../sip/sipp/${name}.xml`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn('sipp', ['-sf', file, '-i', '127.0.0.1', '-nostdin', '-timeout', '60', '-timeout_error', '-rtp_echo',
      ...options, `127.0.0.1:${port}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (bytes) => { said += bytes; });
    child.stderr.on('data', (bytes) => { said += bytes; });
    child.on('exit', (code) => {
      rmSync(folder, { recursive: true, force: true });
      if (code === 0) resolve(said);
      else reject(new Error(`SIPp ended with ${code}:\n${said.slice(-2500)}`));
    });
  });
}

async function withPhone(rules, work) {
  const phone = await Phone.start({ rules });
  try {
    await work(phone);
    for (let i = 0; i < 100 && (await phone.figures()).calls; i++)
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    assert.equal((await phone.figures()).calls, 0, 'no line stays');
    assert.equal((await phone.figures()).legs, 0);
    assert.equal(phone.log, '');
  } finally {
    await phone.stop();
  }
}

describe('with SIPp', { concurrency: 3 }, () => {
  for (const [transport, option] of [['UDP', 'un'], ['TCP', 't1']]) {
    test(`40 calls by ${transport}`, () => withPhone(hold, async (phone) => {
      await sipp('call', phone.port, ['-t', option === 'un' ? 'u1' : 't1', '-m', '40', '-r', '20']);
      const figures = await phone.figures();
      assert.equal(figures.invites_total, 40);
      assert.ok(figures.rtp_out_total > 40 * 85, `${figures.rtp_out_total} packets`);
    }));
  }

  test('40 calls with every tenth message lost, each way', () => withPhone(hold, async (phone) => {
    await sipp('call', phone.port, ['-m', '40', '-r', '20', '-lost', '10']);
  }));

  test('20 calls: every method, every refusal, keys by INFO', () => withPhone([...hold, 'on keys hold segment=music@any seconds=600'], async (phone) => {
    await sipp('methods', phone.port, ['-m', '20', '-r', '20']);
    const figures = await phone.figures();
    assert.equal(figures.keys_total, 40);
    assert.equal(figures.invites_total, 60, 'one of each four is refused before it is a call');
  }));

  for (const name of ['delayed', 'reinvite', 'cancel']) {
    test(`20 calls: ${name}`, () => withPhone(name === 'cancel' ? [] : hold, async (phone) => {
      await sipp(name, phone.port, ['-m', '20', '-r', '20']);
    }));
  }
});
