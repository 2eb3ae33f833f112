// Passkeys against the real daemon, by an authenticator in software: what lets a person in, and all that
// does not. The browser's own are in tests/browser/passkey.test.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Daemon, PASSWORD, files } from '../browser/daemon.mjs';
import { Authenticator } from './authenticator.mjs';
import { breaches, Counsellor } from './client.mjs';

let daemon;
let origin;

before(async () => {
  daemon = await (await Daemon.create()).start();
  origin = `http://localhost:${daemon.port}`;
});
after(() => daemon.remove());

async function stranger(of = daemon) {
  const person = new Counsellor(of, 'nobody');
  await person.connect();
  return person;
}

async function register(person, authenticator, label = 'sleutel') {
  const fresh = await person.request('passkey-new', { password: PASSWORD });
  assert.equal(fresh.t, 'ok');
  return person.request('passkey-add', { ...authenticator.create(fresh), label });
}

async function signIn(authenticator, more = {}, person = undefined) {
  const who = person ?? await stranger();
  const answer = await who.request('passkey-in', authenticator.get(await who.request('passkey'), more));
  if (!person) who.line.drop(); // a person has few windows at once
  return answer;
}

const audit = (what) => daemon.command('audit', 'list').split('\n').filter((line) => line.includes(what));

test('a passkey of each algorithm lets its person in, without a name', async () => {
  const anke = await new Counsellor(daemon, 'Anke').signUp();
  for (const kind of ['es256', 'eddsa', 'rs256']) {
    const authenticator = new Authenticator(origin, kind);
    const added = await register(anke, authenticator, `sleutel ${kind}`);
    assert.equal(added.t, 'ok');
    const who = await stranger();
    const ok = await signIn(authenticator, {}, who);
    assert.equal(ok.me.display, 'Anke');
    assert.equal(ok.passkey, added.passkey);
    assert.match(ok.session, /^[\w-]{43}$/);
    assert.equal(ok.vault, undefined);
    await who.line.wait((frame) => frame.t === 'queue' && frame.whole, 'the queue');
    who.session = ok.session;
    assert.equal(await who.resume(), true); // a session as any other
  }
  const { passkeys } = await anke.request('passkeys');
  assert.deepEqual(passkeys.map(({ label }) => label), ['sleutel es256', 'sleutel eddsa', 'sleutel rs256']);
  for (const one of passkeys) assert.ok(one.used >= one.created && one.created % 86400000 === 0);
  assert.equal(audit('passkey.added').length, 3);
  assert.equal(audit('sign-in.passkey').length, 3);
});

test('what is not signed for us, here and now, by who is there, lets nobody in', async () => {
  const bert = await new Counsellor(daemon, 'Bert').signUp();
  const authenticator = new Authenticator(origin);
  assert.equal((await register(bert, authenticator)).t, 'ok');
  const lies = {
    origin: { origin: 'http://localhost:1' }, 'another name': { origin: `http://127.0.0.1:${daemon.port}` }, frame: { crossOrigin: true }, type: { type: 'webauthn.create' },
    rp: { rp: 'evil.example' }, signature: { forge: true }, user: { user: Buffer.alloc(32).toString('base64url') },
  };
  const other = new Authenticator(origin);
  other.user = authenticator.user;
  assert.equal((await signIn(other)).code, 'wrong'); // nobody's
  for (const [what, lie] of Object.entries(lies)) {
    const fresh = new Authenticator(origin); // tries of one passkey are counted
    assert.equal((await register(bert, fresh)).t, 'ok');
    assert.equal((await signIn(fresh, lie)).code, 'wrong', what);
    assert.equal((await signIn(fresh)).t, 'ok', what);
  }
  for (const flags of [0, 1, 4]) assert.equal((await signIn(authenticator, { flags })).code, 'wrong', `flags ${flags}`);
  const nobody = { ...authenticator.get(await (await stranger()).request('passkey')) };
  delete nobody.user;
  const who = await stranger();
  await who.request('passkey');
  assert.equal((await who.request('passkey-in', nobody)).code, 'wrong');
  assert.match(daemon.log, /msg="passkey refused" staff=\d+ why=unverified/);
  for (const why of ['origin', 'type', 'rp', 'signature', 'user', 'unknown']) assert.match(daemon.log, new RegExp(`why=${why}\\b`));
});

test('a challenge is for one answer, on one line, for one purpose', async () => {
  const carl = await new Counsellor(daemon, 'Carl').signUp();
  const authenticator = new Authenticator(origin);
  assert.equal((await register(carl, authenticator)).t, 'ok');
  const one = await stranger();
  const two = await stranger();
  const challenge = await one.request('passkey');
  assert.equal(challenge.rp, 'localhost');
  assert.equal((await two.request('passkey-in', authenticator.get(challenge))).code, 'late'); // it has none
  await two.request('passkey');
  assert.equal((await two.request('passkey-in', authenticator.get(challenge))).code, 'wrong'); // it has another
  assert.equal((await one.request('passkey-in', authenticator.get(challenge, { forge: true }))).code, 'wrong');
  assert.equal((await one.request('passkey-in', authenticator.get(challenge))).code, 'late'); // it was answered
  const answer = authenticator.get(await one.request('passkey'));
  assert.equal((await one.request('passkey-in', answer)).t, 'ok');
  assert.equal((await two.request('passkey-in', answer)).code, 'late'); // overheard, and played again
  const fresh = await carl.request('passkey-new', { password: PASSWORD });
  assert.equal((await carl.request('passkey-unlock', authenticator.get(fresh))).code, 'late'); // it was for making one
  const use = await carl.request('passkey');
  assert.equal((await carl.request('passkey-add', { ...new Authenticator(origin).create({ ...use, user: 'AA' }), label: 'x' })).code, 'late');
});

test('a copy that counts less is refused, and told', async () => {
  const dora = await new Counsellor(daemon, 'Dora').signUp();
  const authenticator = new Authenticator(origin);
  authenticator.count = 3;
  assert.equal((await register(dora, authenticator)).t, 'ok');
  authenticator.count = 10;
  assert.equal((await signIn(authenticator)).t, 'ok');
  assert.equal((await signIn(authenticator)).code, 'wrong');
  authenticator.count = 4;
  assert.equal((await signIn(authenticator)).code, 'wrong');
  assert.equal(audit('passkey.copied').length, 2);
  authenticator.count = 11;
  assert.equal((await signIn(authenticator)).t, 'ok');
});

test('guesses are slowed for that passkey alone', async () => {
  const emma = await new Counsellor(daemon, 'Emma').signUp();
  const [one, two] = [new Authenticator(origin), new Authenticator(origin)];
  for (const authenticator of [one, two]) assert.equal((await register(emma, authenticator)).t, 'ok');
  for (let i = 0; i < 5; i++) assert.equal((await signIn(one, { forge: true })).code, 'wrong');
  const slow = await signIn(one);
  assert.equal(slow.code, 'slow');
  assert.ok(slow.retry > 0 && slow.retry <= 30);
  assert.equal((await signIn(two)).t, 'ok');
});

test('made with the password, ten at most, and removed by their owner alone', async () => {
  const fien = await new Counsellor(daemon, 'Fien').signUp();
  const gust = await new Counsellor(daemon, 'Gust').signUp();
  assert.equal((await fien.request('passkey-new', { password: 'een heel ander wachtwoord' })).code, 'wrong');
  assert.equal((await (await stranger()).request('passkey-new', { password: PASSWORD })).code, 'invalid');
  const mine = [];
  for (let i = 0; i < 10; i++) {
    const authenticator = new Authenticator(origin);
    mine.push({ authenticator, passkey: (await register(fien, authenticator, `nummer ${i}`)).passkey });
  }
  assert.equal((await fien.request('passkey-new', { password: PASSWORD })).code, 'many');
  const again = await gust.request('passkey-new', { password: PASSWORD });
  assert.equal((await gust.request('passkey-add', { ...mine[0].authenticator.create(again), label: 'van Fien' })).code, 'wrong');
  mine[0].authenticator.user = undefined;
  const unseen = await gust.request('passkey-new', { password: PASSWORD });
  assert.equal((await gust.request('passkey-add', { ...new Authenticator(origin).create(unseen, { flags: 1 }), label: 'ongezien' })).code, 'wrong');
  const [{ passkey }, { authenticator }] = [mine[1], mine[1]];
  assert.equal((await gust.request('passkey-remove', { passkey })).code, 'gone');
  assert.equal((await gust.request('passkey-vault', { passkey, vault: 'AAAA' })).code, 'gone');
  for (const vault of ['BBBB', 'AAAA']) assert.equal((await fien.request('passkey-vault', { passkey, vault })).t, 'ok');
  assert.equal((await signIn(authenticator)).vault, 'AAAA');
  const elsewhere = await stranger();
  const { session } = await signIn(authenticator, {}, elsewhere);
  elsewhere.line.drop();
  assert.equal((await fien.request('passkey-remove', { passkey })).t, 'ok');
  assert.equal((await (await stranger()).request('resume', { session })).code, 'expired'); // it had begun that one
  assert.equal((await fien.request('passkey-remove', { passkey })).code, 'gone');
  assert.equal((await signIn(authenticator)).code, 'wrong');
  assert.equal((await fien.request('passkeys')).passkeys.length, 9);
  assert.equal((await fien.request('passkey-new', { password: PASSWORD })).t, 'ok');
  assert.equal(audit('passkey.removed').length, 1);
  assert.equal(audit('passkey.vault').length, 1); // of that one, within a minute
  const { passkey: another } = mine[2];
  assert.equal((await fien.request('passkey-vault', { passkey: another, vault: 'AAAA' })).t, 'ok');
  assert.equal(audit('passkey.vault').length, 2);
});

test('a reset and the end of an account end their passkeys', async () => {
  for (const [name, how] of [['Hans', 'reset'], ['Ines', 'disable']]) {
    const person = await new Counsellor(daemon, name).signUp();
    const authenticator = new Authenticator(origin);
    assert.equal((await register(person, authenticator)).t, 'ok');
    assert.equal((await signIn(authenticator)).t, 'ok');
    daemon.command('staff', how, name.toLowerCase());
    assert.equal((await signIn(authenticator)).code, 'wrong');
  }
  assert.match(daemon.command('audit', 'verify'), /./);
});

test('one of a colleague does not unlock my window', async () => {
  const [jan, kato] = [await new Counsellor(daemon, 'Jan').signUp(), await new Counsellor(daemon, 'Kato').signUp()];
  const [his, hers] = [new Authenticator(origin), new Authenticator(origin)];
  await register(jan, his);
  await register(kato, hers);
  const before = audit('unlock.failed').length;
  assert.equal((await jan.request('passkey-unlock', hers.get(await jan.request('passkey')))).code, 'wrong');
  assert.equal((await jan.request('passkey-unlock', his.get(await jan.request('passkey')))).t, 'ok');
  assert.equal((await (await stranger()).request('passkey-unlock', his.get({ challenge: 'A'.repeat(43) }))).code, 'invalid');
  assert.equal((await jan.request('passkey-in', his.get(await jan.request('passkey')))).code, 'invalid'); // is in already
  assert.equal(audit('unlock.failed').length, before + 1);
});

test('one that is nobody\'s is tried at a window as seldom as a password', async () => {
  const lars = await new Counsellor(daemon, 'Lars').signUp();
  const his = new Authenticator(origin);
  await register(lars, his);
  const stray = new Authenticator(origin);
  stray.user = his.user;
  const unlock = async (authenticator) => lars.request('passkey-unlock', authenticator.get(await lars.request('passkey')));
  const before = audit('unlock.failed').length;
  for (let i = 0; i < 5; i++) assert.equal((await unlock(stray)).code, 'wrong');
  for (let i = 0; i < 20; i++) assert.equal((await unlock(stray)).code, 'slow');
  assert.equal(audit('unlock.failed').length, before + 5); // nor is the audit log filled by it
  assert.equal((await unlock(his)).t, 'ok');
});

test('what is too long, or not bytes, is refused plainly', async () => {
  const who = await stranger();
  const authenticator = new Authenticator(origin);
  const long = (length) => Buffer.alloc(length).toString('base64url');
  const good = authenticator.get({ challenge: 'A'.repeat(43) }, { user: 'AA' });
  for (const [key, most] of [['credential', 1023], ['client', 2048], ['data', 2048], ['signature', 512], ['user', 64]]) {
    await who.request('passkey');
    assert.equal((await who.request('passkey-in', { ...good, [key]: long(most) })).code, 'wrong', key);
    assert.equal((await who.request('passkey-in', { ...good, [key]: long(most + 1) })).code, 'invalid', key);
  }
  assert.equal((await who.request('passkey-in', { ...good, data: 'AAAAA' })).code, 'invalid');
});

test('without a name there are none, and it is said', async () => {
  const other = await (await Daemon.create(`  public_url: "http://127.0.0.1:${daemon.port}"\n`)).start();
  try {
    const who = new Counsellor(other, 'nobody');
    await who.connect({ origin: `http://127.0.0.1:${daemon.port}` });
    assert.deepEqual(await who.line.wait((frame) => frame.t === 'hello'), { t: 'hello' });
    assert.equal((await who.request('passkey')).code, 'no-name');
  } finally {
    await other.remove();
  }
});

test('nothing that tells them apart stands in the log, and no label on the disk', () => {
  assert.doesNotMatch(daemon.log, /sleutel|nummer|Anke|anke/);
  for (const file of files(daemon.folder)) assert.equal(readFileSync(file).includes('sleutel es256'), false, file);
  assert.match(daemon.log, /msg="the cage is closed"/);
  assert.deepEqual(breaches, []);
});
