// The call script walked in a terminal behaves as on the telephone; and `onthaal check` warns of what would
// fail at the first call.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, test } from 'node:test';
import { BINARY, Daemon } from '../browser/daemon.mjs';

let daemon;
beforeEach(async () => { daemon = await Daemon.create(); });
afterEach(() => daemon.remove());

const run = (args, options = {}) => spawnSync(BINARY, [...args, '--data', daemon.folder], { encoding: 'utf8', ...options });
/** What is said after each line that is typed. */
const walk = (...typed) => {
  const { status, stdout } = run(['ivr', 'walk'], { input: `${typed.join('\n')}\n` });
  assert.equal(status, 0);
  return stdout.split(/\n(?:> )+/).slice(1, -1);
};
const REFUSED = /no number that we call back: telephone\.callback_numbers/;

test('a number that does not fit is refused as on the telephone', () => {
  const toNumber = [':open', '1', '2', '*'];
  const [asked, refused, good] = walk(...toNumber, '0900123456', '0471234567').slice(2);
  assert.match(asked, /at most 15 digits/);
  assert.match(refused, REFUSED);
  assert.match(refused, /at most 15 digits/, 'asked again');
  assert.doesNotMatch(good, REFUSED);
  assert.match(walk(...toNumber, '0033123456789').at(-1), REFUSED);

  daemon.configure('telephone:\n  callback_numbers: ["+31", "+33"]\n  caller_id: "+31201234567"\n');
  assert.doesNotMatch(walk(...toNumber, '0033123456789').at(-1), REFUSED);
  assert.match(walk(...toNumber, '0032471234567').at(-1), REFUSED);
  assert.match(walk(...toNumber, '0201234567').at(-1), REFUSED, 'our own');

  daemon.configure('telephone:\n  lines:\n    - {name: f, kind: httapi, secrets: [s]}\n');
  assert.doesNotMatch(walk(...toNumber).at(-1), /at most 15 digits/, 'a line that cannot dial takes no number');
});

test('check warns, with the line and what to do; and is content all the same', () => {
  const before = run(['check']);
  assert.equal(before.status, 0);
  assert.equal(before.stderr, '');
  daemon.configure('telephone:\n  lines:\n    - {name: a, kind: ari, user: u, password: p, endpoint: "PJSIP/{}", api_url: "http://10.0.0.5:8088"}\n');
  const { status, stderr, stdout } = run(['check'], { env: { ...process.env, PATH: '/nowhere' } });
  assert.equal(status, 0);
  assert.match(stdout, /configuration {2}good/);
  const warnings = stderr.trim().split('\n');
  assert.match(warnings[0], /^warning: \S+\/onthaal\.yaml:5: telephone\.public_url: is missing: Asterisk /);
  assert.match(warnings[1], /^warning: \S+\/onthaal\.yaml:6: telephone\.lines\.0\.api_url: is of this machine or a local network.*outbox\.allow_private: true/);
  assert.match(warnings[2], /^warning: \S+: \d+ prompts have no sound.*apt-get install espeak-ng sox/);
  assert.equal(warnings.length, 3);
});
