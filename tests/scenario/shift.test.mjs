// A counsellor's settings, pause and shift, and the coordinator's figures, on the real daemon.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, PASSWORD } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, until, Visitor } from './client.mjs';

let daemon;
let anke;
let chief;

before(async () => {
  daemon = await (await Daemon.create()).start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
  chief = await new Counsellor(daemon, 'Carla').signUp('coordinator');
});
after(() => daemon.remove());

test('settings come back after a restart, one\'s own alone, and only as large as they may be', async () => {
  const settings = { fold: true, replies: [{ key: 'rust', language: 'nl', text: 'Neem je tijd. ✓' }] };
  assert.deepEqual((await anke.request('settings')).settings, {});
  assert.equal((await anke.request('settings', { settings })).t, 'ok');
  assert.deepEqual((await chief.request('settings')).settings, {});
  const sized = (bytes) => ({ x: 'x'.repeat(bytes - '{"x":""}'.length) });
  assert.equal((await chief.request('settings', { settings: sized(12288) })).t, 'ok');
  assert.equal((await chief.request('settings', { settings: sized(12289) })).code, 'invalid');
  assert.equal((await chief.request('settings')).settings.x.length, 12288 - 8);
  await daemon.stop();
  await daemon.start();
  await anke.resume();
  await chief.resume();
  assert.deepEqual((await anke.request('settings')).settings, settings);
});

test('one\'s own telephone needs the password, and a form', async () => {
  const number = '+3225550123';
  assert.equal((await anke.request('telephone', { telephone: number, password: 'een heel ander wachtwoord' })).code, 'wrong');
  assert.equal((await anke.request('telephone', { telephone: 'niet goed', password: PASSWORD })).code, 'invalid');
  assert.equal((await anke.request('settings')).telephone, '');
  assert.equal((await anke.request('telephone', { telephone: number, password: PASSWORD })).t, 'ok');
  assert.equal((await anke.request('settings')).telephone, number);
  assert.match(daemon.command('audit', 'list'), /staff\.telephone/);
  assert.equal((await anke.request('telephone', { telephone: '', password: PASSWORD })).t, 'ok');
  assert.equal((await anke.request('settings')).telephone, '');
});

test('who pauses is offered nothing: no alarm while a colleague is there, no next; a named one may be taken', async () => {
  assert.equal((await anke.request('duty', { duty: 'on' })).t, 'ok');
  assert.equal((await chief.request('duty', { duty: 'on' })).t, 'ok');
  assert.equal((await anke.request('duty', { duty: 'pause' })).t, 'ok');
  const since = anke.line.frames.length;
  const child = await new Visitor(daemon).start();
  child.say('hallo');
  await chief.line.wait((frame) => frame.t === 'alarm', 'the alarm');
  assert.equal((await anke.request('take')).code, 'pause'); // behind whatever came before, on this line
  assert.equal(anke.line.frames.slice(since).some((frame) => frame.t === 'alarm'), false);
  const contact = await until(() => [...anke.cards.keys()][0], 'the card');
  assert.equal((await anke.request('take', { contact })).t, 'ok');
  assert.equal((await anke.request('close', { contact })).t, 'ok');
});

test('the shift counts one\'s own, the wall everybody\'s', async () => {
  assert.equal((await anke.request('duty', { duty: 'on' })).t, 'ok');
  const start = (await anke.request('shift')).shift;
  assert.ok(start.since > Date.now() - 3_600_000);
  const child = await new Visitor(daemon).start();
  child.say('hij slaat mij');
  const given = (await anke.request('take')).contact;
  await until(() => anke.contacts.get(given), 'the contact');
  assert.equal((await anke.request('return', { contact: given })).t, 'ok');
  const again = (await chief.request('take')).contact;
  await until(() => chief.contacts.get(again), 'the contact');
  assert.equal((await chief.request('close', { contact: again })).t, 'ok');
  const gone = await new Visitor(daemon).start();
  gone.say('toch niet');
  await until(() => [...chief.cards.values()].some((card) => card.state === 'waiting'), 'the card');
  gone.line.send({ t: 'leave', id: newId() });
  await until(async () => (await chief.request('wall')).today.left_after[0] === 1, 'that one left');
  const { shift } = await anke.request('shift');
  assert.deepEqual([shift.taken - start.taken, shift.closed - start.closed, shift.returned - start.returned], [1, 0, 1]);
  const { today } = await chief.request('wall');
  const sum = (list) => list.reduce((all, one) => all + one, 0);
  assert.deepEqual([sum(today.arrived), sum(today.left), shift.team.arrived], [3, 1, 3]);
  assert.equal(sum(today.taken), sum(today.levels.map(({ taken }) => taken)));
  assert.ok(today.levels.every(({ taken, in_time: inTime }) => inTime <= taken));
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
