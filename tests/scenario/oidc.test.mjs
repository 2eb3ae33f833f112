// Signing on by a real OpenID provider, without a browser; and by one that lies.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { Daemon, files, PASSWORD } from '../browser/daemon.mjs';
import { House, newKey, walk } from '../browser/provider.mjs';
import { breaches, Counsellor, until } from './client.mjs';

const PRIVATE = 'outbox:\n  allow_private: true\n';
let daemon;
let house;
let anna;
const open = [];

async function set(more = '') {
  daemon.configure(`  public_url: ${daemon.url}\n${PRIVATE}${house.config(more)}`);
}

async function reload(more) {
  await set(more);
  const before = daemon.log.split('msg="reloaded"').length;
  daemon.process.kill('SIGHUP');
  await until(() => daemon.log.split('msg="reloaded"').length > before, 'the reload');
}

/** A window at the door. */
async function door() {
  const window = new Counsellor(daemon, 'x');
  open.push(window);
  await window.connect();
  return window;
}

const keysOf = (url) => Object.fromEntries(new URLSearchParams(url.hash.slice(1)));

/** There and back: what the page would send then. */
async function there(who, jar) {
  const began = await (await door()).request('oidc');
  assert.equal(began.t, 'ok', JSON.stringify(began));
  return { flow: began.flow, url: began.url, ...keysOf(await walk(began.url, who, jar)) };
}

async function back({ url: _, error: __, error_description: ___, ...keys }, window) {
  const at = window ?? await door();
  return { at, answer: await at.request('oidc-return', keys) };
}

let codes; // one-time ones: nothing waits for the authenticator's next

const code = async () => codes.pop();

const link = (name) => daemon.command('staff', 'oidc', name).match(/#oidc=(\S+)/)[1];

before(async () => {
  daemon = await Daemon.create();
  house = await House.create(`${daemon.url}/console/`);
  await set();
  await daemon.start();
  anna = await new Counsellor(daemon, 'Anna').signUp('counsellor');
  codes = (await anna.request('codes', { password: PASSWORD })).codes;
});
after(async () => {
  for (const window of [...open, anna]) window?.line?.drop();
  await house?.stop();
  await daemon?.remove();
});

test('it is offered, and what the provider is asked has everything in it', async () => {
  const window = await door();
  const hello = await window.line.wait((frame) => frame.t === 'hello');
  assert.equal(hello.oidc, 'Huis');
  const { url, flow } = await window.request('oidc');
  const asked = new URL(url);
  const keys = Object.fromEntries(asked.searchParams);
  assert.equal(asked.origin, house.issuer);
  const { state, nonce, code_challenge: challenge, ...rest } = keys;
  assert.deepEqual(rest, { response_type: 'code', client_id: 'onthaal', redirect_uri: `${daemon.url}/console/`, scope: 'openid',
    code_challenge_method: 'S256', response_mode: 'fragment' });
  for (const word of [state, nonce, challenge]) assert.match(word, /^[\w-]{43}$/);
  const other = await window.request('oidc');
  assert.notEqual(other.flow, flow);
  assert.notEqual(new URL(other.url).searchParams.get('state'), state);
});

test('an account that is nobody\'s lets nobody in, and makes none', async () => {
  const staff = daemon.command('staff', 'list');
  const { answer } = await back(await there('anna'));
  assert.equal(answer.code, 'unlinked', daemon.log);
  assert.equal(daemon.command('staff', 'list'), staff);
});

test('a link connects it, with a code of the authenticator; then it signs in', async () => {
  const token = link('anna');
  const window = await door();
  assert.deepEqual((({ name, display }) => ({ name, display }))(await window.request('oidc-link', { token })), { name: 'anna', display: 'Anna' });
  assert.equal((await window.request('oidc-link', { token: 'A'.repeat(43) })).code, 'expired');
  const { at, answer } = await back({ ...await there('anna'), token });
  assert.equal(answer.code, 'second'); // a link that was stolen is worth nothing
  assert.equal((await at.request('oidc-code', { code: '000000' })).code, 'wrong');
  const done = await at.request('oidc-code', { code: await code() });
  assert.equal(done.t, 'ok', JSON.stringify(done));
  assert.equal(done.me.name, 'anna');
  assert.equal((await window.request('oidc-link', { token })).code, 'expired'); // once
  const second = await back(await there('anna'));
  assert.equal(second.answer.code, 'second');
  const again = await second.at.request('oidc-code', { code: await code() });
  assert.equal(again.me.name, 'anna');
  assert.equal((await second.at.request('oidc-code', { code: '123456' })).code, 'invalid'); // it is signed in
  const resumed = await door();
  assert.equal((await resumed.request('resume', { session: again.session })).t, 'ok');
  const log = daemon.command('audit', 'list');
  for (const what of ['signon.link', 'signon.connected', 'sign-in.signon', 'sign-in.failed']) assert.ok(log.includes(what), what);
});

test('a code of ours serves once, and guesses are slowed', async () => {
  const { at } = await back(await there('anna'));
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push((await at.request('oidc-code', { code: '000000' })).code);
  assert.deepEqual(answers.slice(0, 4), ['wrong', 'wrong', 'wrong', 'wrong']); // one was tried above
  assert.equal(answers[5], 'slow');
  const window = await door(); // the password's way is not slowed by it
  assert.equal((await window.request('sign-in', { name: 'anna', password: PASSWORD, code: '000000' })).code, 'wrong');
  assert.equal((await door().then((one) => one.request('oidc-code', { code: '000000' }))).code, 'expired'); // nobody was let in there
});

test('many wrong codes end this way for the day, and another way in opens it again', async () => {
  const nearly = `UPDATE signon SET guesses = 19, guessed = ${Date.now()}`;
  execFileSync('sqlite3', [`${daemon.folder}/onthaal.db`, '.timeout 5000', nearly]);
  await daemon.stop(); // those above have no 30 s to wait
  await daemon.start();
  const { at } = await back(await there('anna'));
  assert.equal((await at.request('oidc-code', { code: '000000' })).code, 'stopped');
  assert.equal((await at.request('oidc-code', { code: codes.at(-1) })).code, 'stopped');
  assert.equal((await back(await there('anna'))).answer.code, 'stopped'); // no code is asked for any more
  assert.match(daemon.command('audit', 'list'), /signon\.stopped/);
  const inside = await (await door()).request('sign-in', { name: 'anna', password: PASSWORD, code: await code() });
  assert.equal(inside.guessed, true, JSON.stringify(inside));
  assert.equal((await back(await there('anna'))).answer.code, 'second');
});

test('what comes back is taken of whom it began with, as it is, once', async () => {
  const first = await there('anna');
  const second = await there('anna');
  const expired = async (keys, why) => {
    const before = daemon.log.length;
    assert.equal((await back(keys)).answer.code, 'expired', why);
    await until(() => daemon.log.slice(before).includes(`msg="sign-on failed" why=${why}`), why);
  };
  await expired({ ...first, state: second.state }, 'state');
  await expired({ ...first, flow: second.flow }, 'state'); // another's answer pushed upon this tab
  await expired({ ...first, flow: 'A'.repeat(75) }, 'not-ours');
  await expired({ ...first, iss: 'https://evil.example' }, 'another-issuer');
  const { iss: _, ...silent } = first; // this provider says that it names itself
  await expired(silent, 'another-issuer');
  const exchanges = house.count('POST /token');
  assert.equal((await back(first)).answer.code, 'second');
  await expired(first, 'twice');
  assert.equal(house.count('POST /token'), exchanges + 1);
  assert.equal((await back({ ...second, code: 'another' })).answer.code, 'declined'); // the provider knows no such code
  const declined = await there('nobody', new Map());
  assert.equal((await back(declined)).answer.code, 'declined');
});

test('the provider\'s own second factor counts where it was agreed, and not else', async () => {
  house.login = { amr: ['pwd', 'mfa'] };
  assert.equal((await back(await there('anna'))).answer.code, 'second'); // nothing is agreed
  await reload('  amr: [hwk, mfa]\n');
  const { answer } = await back(await there('anna'));
  assert.equal(answer.t, 'ok', JSON.stringify(answer));
  house.login = { amr: ['pwd'] };
  assert.equal((await back(await there('anna'))).answer.code, 'second');
  await reload('  acr: [phr]\n  max_age_minutes: 5\n');
  const began = await (await door()).request('oidc');
  assert.equal(new URL(began.url).searchParams.get('acr_values'), 'phr');
  assert.equal(new URL(began.url).searchParams.get('max_age'), '300');
  house.login = { acr: 'phr' };
  assert.equal((await back(await there('anna'))).answer.t, 'ok'); // max_age: it says auth_time
  house.login = undefined;
  await reload();
});

test('its keys may change; an unknown one is looked for once a minute', async () => {
  assert.equal((await back(await there('anna'))).answer.code, 'second');
  const fetched = house.count('GET /jwks');
  house.keys = [newKey('second')];
  house.build();
  const { answer } = await back(await there('anna'));
  const again = house.count('GET /jwks');
  assert.ok(answer.code === 'second' ? again === fetched + 1 : again === fetched, `${answer.code} ${again}`);
  await daemon.stop(); // keys that are new to it, and the old account is the same
  await daemon.start();
  assert.equal((await back(await there('anna'))).answer.code, 'second');
});

for (const [alg, method] of [['RS256', 'client_secret_post'], ['PS256', 'none'], ['EdDSA', 'client_secret_basic']])
  test(`signed by ${alg}, the client known by ${method}`, async () => {
    await house.stop();
    house = await House.create(house.redirect, { alg, method, port: house.port });
    await reload();
    assert.equal((await back(await there('anna'))).answer.code, 'second', daemon.log.slice(-500));
  });

test('a provider that lies, is away, or is slow', async () => {
  const say = (response, status, body) => { response.writeHead(status, { 'content-type': 'application/json' }); response.end(JSON.stringify(body)); return true; };
  const instead = async (where, status, body) => {
    const keys = await there('anna');
    house.instead = (path, _, response) => path === where && say(response, status, typeof body === 'function' ? body() : body);
    const { answer } = await back(keys);
    house.instead = undefined;
    return answer.code;
  };
  const unsigned = (alg) => `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${Buffer.from('{"sub":"anna"}').toString('base64url')}.AAAA`;
  assert.equal(await instead('/token', 200, { id_token: unsigned('none') }), 'provider');
  assert.equal(await instead('/token', 200, { id_token: unsigned('HS256') }), 'provider');
  assert.equal(await instead('/token', 200, { access_token: 'a' }), 'provider');
  assert.equal(await instead('/token', 401, { error: 'invalid_client' }), 'provider');
  assert.match(daemon.log, /why=invalid_client/);
  assert.equal(await instead('/token', 500, {}), 'provider');
  assert.equal(await instead('/token', 302, {}), 'provider');
  assert.equal(await instead('/token', 200, { id_token: 'x'.repeat(200000) }), 'provider');
  house.instead = (path, _, response) => path.includes('openid-configuration') && say(response, 200, { issuer: 'https://evil.example' });
  await reload('  acr: [other]\n'); // what was known is asked again
  const window = await door();
  assert.equal((await window.request('oidc')).code, 'provider');
  assert.match(daemon.log, /what=discovery why="another issuer"/);
  house.instead = undefined;
  await reload();
  assert.equal((await window.request('oidc')).t, 'ok');
});

test('the longest code is taken, and one that a browser would show behind ? is no matter', async () => {
  const { state, flow, iss } = await there('anna');
  assert.equal((await back({ state, flow, iss, code: 'c'.repeat(4096) })).answer.code, 'declined');
  const answer = await fetch(`${daemon.url}/console/?code=${'c'.repeat(3000)}&state=${state}`);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /console\.js/);
});

test('no more is connected, and nothing of it is in the log or the folder', async () => {
  assert.match(daemon.command('staff', 'list'), /^anna .*active, oidc$/m);
  assert.match(daemon.command('staff', 'oidc', 'anna', '-'), /password and code alone/);
  assert.match(daemon.command('staff', 'list'), /^anna .*active$/m);
  const keys = await there('anna');
  assert.equal((await back(keys)).answer.code, 'unlinked');
  for (const word of [keys.code, keys.state, keys.flow, 'an-agreed-secret']) assert.equal(daemon.log.includes(word), false);
  for (const file of files(daemon.folder))
    if (!file.endsWith('onthaal.yaml'))
      for (const word of [keys.code, keys.state, keys.flow, 'an-agreed-secret', house.issuer]) assert.equal(readFileSync(file).includes(word), false, file);
  assert.equal(house.fault, undefined);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
