// Who may do what, asked of the real daemon for each role; sessions, and their end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, PASSWORD, totp } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, pause, until, Visitor } from './client.mjs';

const SOON = 10000; // of a loaded machine; a second or two otherwise
const ROLES = ['counsellor', 'coordinator', 'administrator', 'auditor'];
let daemon;
const people = {};

async function signUp(name, role) {
  const person = new Counsellor(daemon, name);
  const token = daemon.command('staff', 'add', name, '--display', name, '--role', role).match(/#invite=(\S+)/)[1];
  await person.connect();
  person.secret = (await person.request('invite', { token })).secret;
  const accepted = await person.request('accept', { token, password: PASSWORD, code: totp(person.secret) });
  person.me = accepted.me;
  person.session = accepted.session;
  await person.line.wait((frame) => frame.t === 'queue' && frame.whole, 'the queue');
  return person;
}

before(async () => {
  daemon = await (await Daemon.create()).start();
  for (const role of ROLES) people[role] = await signUp(role, role);
});
after(() => daemon.remove());

test('each role may ask what the table says, and nothing else', async () => {
  const child = await new Visitor(daemon).start();
  child.say('hallo');
  await until(() => people.counsellor.cards.size === 1, 'the card');
  const [contact] = people.counsellor.cards.keys();
  const sealed = 'A'.repeat(107);
  const token = 'A'.repeat(43);
  const requests = [ // what is asked; the roles that are not denied
    ['duty', { duty: 'on' }, 'counsellor coordinator'],
    ['take', {}, 'counsellor coordinator'],
    ['say', { contact, text: 'x' }, 'counsellor coordinator'],
    ['note', { contact, text: 'x' }, 'counsellor coordinator'],
    ['level', { contact, level: 'serious', reason: 'x' }, 'counsellor coordinator'],
    ['hush', { contact }, 'counsellor coordinator'],
    ['open', { contact }, 'counsellor coordinator'],
    ['listen', { contact, seq: 1 }, 'counsellor coordinator'],
    ['heard', { contact }, 'counsellor coordinator'],
    ['call', { contact, order: 'ring' }, 'counsellor coordinator'],
    ['return', { contact }, 'counsellor coordinator'],
    ['close', { contact: '00000000000000aa' }, 'counsellor coordinator'],
    ['archive', {}, 'counsellor coordinator'],
    ['unseal', { contact: '00000000000000aa' }, ROLES.join(' ')], // gone for all: nothing is sealed to them
    ['seals', { contact: '00000000000000aa' }, 'coordinator'],
    ['reseal', { contact: '00000000000000aa', key: 1, sealed }, 'coordinator'],
    ['group', { key: 9, public: token, sealed }, 'coordinator'],
    ['share', { key: 9, staff: 1, sealed }, 'coordinator'],
    ['rotated', {}, 'coordinator'],
    ['keys', {}, ROLES.join(' ')],
    ['sessions', {}, ROLES.join(' ')],
    ['settings', {}, ROLES.join(' ')],
    ['passkeys', {}, ROLES.join(' ')],
    ['passkey', {}, ROLES.join(' ')],
    ['shift', {}, 'counsellor coordinator'],
    ['wall', {}, 'coordinator'],
  ];
  for (const [t, keys, allowed] of requests)
    for (const role of ROLES) {
      const answer = await people[role].request(t, keys);
      assert.equal(answer.code !== 'denied', allowed.split(' ').includes(role), `${t} by ${role}: ${JSON.stringify(answer)}`);
    }
  assert.equal(people.administrator.cards.size + people.auditor.cards.size, 0);
  assert.equal(people.auditor.line.frames.some((frame) => frame.t === 'alarm'), false);
  child.line.send({ t: 'leave', id: newId() });
  const log = daemon.command('audit', 'list'); // the first of each minute of a person
  assert.match(log, /request\.denied +\{"request":"duty"\}/);
  assert.ok(log.match(/request\.denied/g).length <= 3 * 3);
});

test('a role that was taken away, or a person who was disabled, opens nothing more', async () => {
  for (const [name, command] of [['chief', ['role', 'chief', '--role', 'counsellor']], ['gone', ['disable', 'gone']]]) {
    const person = await signUp(name, 'coordinator');
    assert.equal((await person.request('seals', { contact: '00000000000000aa' })).code, 'gone');
    daemon.command('staff', ...command);
    assert.equal(await person.request('seals', { contact: '00000000000000aa' }), undefined); // no answer, but the end
    assert.ok(person.line.frames.some((frame) => frame.t === 'bye' && frame.why === 'session'), name);
    assert.equal(await person.resume(), false);
  }
});

test('a window begins one session at a time, its own', async () => {
  const dora = await signUp('dora', 'counsellor');
  const { codes } = await dora.request('codes', { password: PASSWORD });
  const stranger = new Counsellor(daemon, 'dora');
  await stranger.connect();
  const signIn = (code) => stranger.request('sign-in', { name: 'dora', password: PASSWORD, code });
  const answers = await Promise.all([signIn(codes[0]), signIn(codes[1]), stranger.request('resume', { session: dora.session })]);
  assert.deepEqual(answers.map((answer) => answer.code ?? answer.t), ['ok', 'busy', 'busy']);
  assert.equal((await signIn(codes[2])).code, 'invalid'); // is in
  assert.equal((await dora.request('sessions')).sessions.length, 2);

  const other = new Counsellor(daemon, 'dora');
  await other.connect();
  const [first, second] = await Promise.all([
    other.request('resume', { session: answers[0].session }), other.request('resume', { session: people.counsellor.session })]);
  assert.equal(first.me.name, 'dora');
  assert.match(second.code, /^(busy|invalid)$/); // invalid: the first was answered before
  assert.equal((await other.request('sign-out')).t, 'ok'); // its own session, which is the stranger's too
  await stranger.line.wait((frame) => frame.t === 'bye' && frame.why === 'session', 'the end of the stranger\'s window', 60000);
  assert.equal((await dora.request('sessions')).sessions.length, 1);
  assert.equal((await people.counsellor.request('sessions')).t, 'ok');

  const hasty = new Counsellor(daemon, 'dora'); // gone before it is answered
  await hasty.connect();
  hasty.line.send({ t: 'sign-in', id: newId(), name: 'dora', password: PASSWORD, code: codes[3] });
  hasty.line.socket.close(); // behind the frame, before the password is verified
  await until(() => daemon.command('audit', 'list').match(/sign-in\.recovery/g)?.length === 2, 'the second code');
  await until(async () => (await dora.request('sessions')).sessions.length === 1, 'its session to be over');
});

test('sessions are listed and ended: one\'s own, and everybody\'s by the administrator', async () => {
  const { sessions } = await people.counsellor.request('sessions');
  assert.equal(sessions.length, 1);
  assert.equal(sessions[0].this, true);
  const all = (await people.administrator.request('sessions')).sessions;
  assert.deepEqual(ROLES.filter((role) => !all.some((each) => each.display === role)), []);
  const victim = all.find((each) => each.display === 'auditor');
  assert.equal((await people.counsellor.request('end', { session: victim.session })).code, 'gone');
  assert.equal((await people.administrator.request('end', { session: victim.session })).t, 'ok');
  assert.equal((await people.administrator.request('end', { session: victim.session })).code, 'gone');
  await people.auditor.line.wait((frame) => frame.t === 'bye' && frame.why === 'session', 'the end of the window', SOON);
  assert.equal(await people.auditor.resume(), false);
  assert.match(daemon.command('audit', 'list'), /session\.ended +{"of":4}/);
});

test('whoever has the authenticator is not locked out by others\' guesses', async () => {
  const stranger = new Counsellor(daemon, 'x');
  await stranger.connect();
  const guess = () => stranger.request('sign-in', { name: 'coordinator', password: 'een gok van iemand', code: '000000' });
  for (let i = 0; i < 5; i++) assert.equal((await guess()).code, 'wrong');
  assert.equal((await guess()).code, 'slow');
  const step = Math.floor(Date.now() / 30000);
  await until(() => Math.floor(Date.now() / 30000) > step || totp(people.coordinator.secret) !== '000000', 'a code');
  const again = new Counsellor(daemon, 'coordinator');
  await again.connect();
  let answer;
  await until(async () => { // the code of the sign-up may still be the current one
    answer = await again.request('sign-in', { name: 'coordinator', password: PASSWORD, code: totp(people.coordinator.secret, Date.now() + 30000) });
    return answer.code !== 'used' || pause(1000).then(() => false);
  }, 'the next code', 60000);
  assert.equal(answer.t, 'ok', JSON.stringify(answer));
});

test('a recovery code serves once in the authenticator\'s place, and needs the password to be made', async () => {
  const { counsellor } = people;
  const before = daemon.command('audit', 'list').match(/sign-in\.recovery/g)?.length ?? 0;
  assert.equal((await counsellor.request('codes', { password: 'een ander wachtwoord' })).code, 'wrong');
  const { codes } = await counsellor.request('codes', { password: PASSWORD });
  assert.equal(new Set(codes).size, 8);
  const signIn = async (code, password = PASSWORD) => {
    const window = new Counsellor(daemon, 'counsellor');
    await window.connect();
    return window.request('sign-in', { name: 'counsellor', password, code });
  };
  assert.equal((await signIn(codes[0], 'een ander wachtwoord')).code, 'wrong');
  assert.equal((await signIn(codes[0])).t, 'ok');
  assert.equal((await signIn(codes[0])).code, 'wrong');
  assert.equal((await signIn('aaaaaaaaaa')).code, 'wrong');
  const newer = (await counsellor.request('codes', { password: PASSWORD })).codes;
  assert.equal((await signIn(codes[1])).code, 'wrong');
  assert.equal((await signIn(newer[1])).t, 'ok');
  const log = daemon.command('audit', 'list');
  assert.equal(log.match(/sign-in\.recovery/g).length - before, 2);
  assert.equal([...codes, ...newer].some((code) => log.includes(code)), false);
});

test('one person\'s windows leave room for the others', async () => {
  const eva = await signUp('eva', 'counsellor');
  const windows = [eva];
  for (let i = 0; i < 5; i++) {
    const window = new Counsellor(daemon, 'eva');
    await window.connect();
    assert.equal((await window.request('resume', { session: eva.session })).t, 'ok');
    windows.push(window);
  }
  for (const oldest of windows.splice(0, 2)) assert.equal((await oldest.line.wait((frame) => frame.t === 'bye', 'its end')).why, 'session');
  for (const window of windows) assert.equal((await window.request('sessions')).t, 'ok');
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
