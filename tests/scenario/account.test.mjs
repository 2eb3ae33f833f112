// What a person changes of the own account, asked of the real daemon: the password, the authenticator;
// what ends with it, what stays, and what the audit log says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, PASSWORD, totp } from '../browser/daemon.mjs';
import { breaches, Counsellor, pause, until } from './client.mjs';

const OTHER = 'een andere zin voor de proef';
const PUBLIC = 'CQ' + 'A'.repeat(41); // the base point
const VAULT = Buffer.from('locked with the old one').toString('base64url');
const RELOCKED = Buffer.from('locked with the new one').toString('base64url');
let daemon;

before(async () => { daemon = await (await Daemon.create()).start(); });
after(() => daemon.remove());

/** Signed in once more, in a window of its own, by a code that was not used. */
async function signIn(person, password, next = {}) {
  const window = new Counsellor(daemon, person.name);
  await window.connect();
  let answer;
  await until(async () => {
    const code = next.code ?? totp(next.secret ?? person.secret, Date.now() + 30000);
    answer = await window.request('sign-in', { name: person.name, password, code });
    return answer.code !== 'used' || pause(1000).then(() => false);
  }, 'the next code', 60000);
  if (answer.t === 'ok') await window.signedIn(answer);
  window.answer = answer;
  return window;
}

async function elsewhere(person) {
  const { codes } = await person.request('codes', { password: PASSWORD });
  const window = await signIn(person, PASSWORD, { code: codes[0] });
  assert.equal(window.answer.t, 'ok');
  return window;
}

test('a new password: the old one is refused, other windows and their tokens end, the vault is the new one', async () => {
  const anke = await new Counsellor(daemon, 'anke').signUp();
  const { key } = await anke.request('key', { public: PUBLIC, vault: VAULT });
  const other = await elsewhere(anke);
  const change = (keys) => anke.request('password', { password: PASSWORD, new: OTHER, key, vault: RELOCKED, ...keys });

  assert.equal((await change({ password: OTHER })).code, 'wrong');
  assert.equal((await change({ new: PASSWORD })).code, 'same');
  assert.equal((await change({ key: key + 1 })).code, 'stale');
  assert.equal((await anke.request('password', { password: PASSWORD, new: OTHER })).code, 'stale'); // without its vault
  const mine = async () => (await anke.request('keys')).keys.find((one) => one.staff === anke.me.id).vault;
  assert.equal(await mine(), VAULT);
  assert.equal((await anke.request('sessions')).sessions.length, 2);

  assert.equal((await change()).t, 'ok');
  assert.equal(await mine(), RELOCKED);
  await other.line.wait((frame) => frame.t === 'bye' && frame.why === 'session', 'the end of the other window', 10000);
  assert.equal(await other.resume(), false);
  assert.equal((await anke.request('sessions')).sessions.length, 1);
  assert.equal(await anke.resume(), true);
  assert.equal((await anke.request('codes', { password: PASSWORD })).code, 'wrong');
  assert.equal((await anke.request('codes', { password: OTHER })).t, 'ok');
  assert.equal((await signIn(anke, PASSWORD)).answer.code, 'wrong');
  assert.equal((await signIn(anke, OTHER)).answer.t, 'ok');
});

test('guessing the present password is slowed down, and keeps nobody out who knows it', async () => {
  const bert = await new Counsellor(daemon, 'bert').signUp();
  const guess = () => bert.request('password', { password: 'een gok van wie voorbijkomt', new: OTHER });
  for (let i = 0; i < 5; i++) assert.equal((await guess()).code, 'wrong');
  const slow = await guess();
  assert.equal(slow.code, 'slow');
  assert.ok(slow.retry >= 1 && slow.retry <= 30);
  assert.equal(await bert.resume(), true); // what he was doing goes on
  assert.match(daemon.command('audit', 'list'), /unlock\.failed/);
  assert.equal((await signIn(bert, PASSWORD)).answer.t, 'ok'); // and signs in elsewhere
});

test('another authenticator: shown after the present one, in force after a code of its own', async () => {
  const carla = await new Counsellor(daemon, 'carla').signUp();
  const other = await elsewhere(carla);
  const { codes } = await carla.request('codes', { password: PASSWORD });
  assert.equal((await carla.request('authenticator', { code: '123456' })).code, 'expired'); // none was asked for
  assert.equal((await carla.request('authenticator-new', { password: OTHER, code: codes[0] })).code, 'wrong');
  assert.equal((await carla.request('authenticator-new', { password: PASSWORD, code: 'aaaaaaaaaa' })).code, 'wrong');
  const next = await carla.request('authenticator-new', { password: PASSWORD, code: codes[0] });
  assert.match(next.uri, /^otpauth:/);
  assert.notEqual(next.secret, carla.secret);
  assert.equal((await other.request('authenticator', { code: totp(next.secret) })).code, 'expired'); // of one window
  assert.equal((await carla.request('authenticator', { code: totp(next.secret) })).t, 'ok');
  await other.line.wait((frame) => frame.t === 'bye' && frame.why === 'session', 'the end of the other window', 10000);
  assert.equal((await signIn(carla, PASSWORD)).answer.code, 'wrong');
  assert.equal((await signIn(carla, PASSWORD, next)).answer.t, 'ok');
});

test('the audit log has all of it, and no secret', () => {
  const log = daemon.command('audit', 'list');
  assert.equal(log.match(/password\.changed/g).length, 1);
  assert.equal(log.match(/authenticator\.changed/g).length, 1);
  assert.equal(log.match(/recovery-code\.used/g).length, 1);
  for (const words of [PASSWORD, OTHER, VAULT, RELOCKED]) assert.equal(log.includes(words), false);
  assert.match(daemon.command('audit', 'verify'), /\S/);
  assert.deepEqual(breaches, []);
});
