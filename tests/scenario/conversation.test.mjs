// The whole way of a chat by frames alone; each is held against the schemas.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breach, breaches, Counsellor, newId, until, Visitor } from './client.mjs';

let daemon;
before(async () => { daemon = await (await Daemon.create()).start(); });
after(() => daemon.remove());

test('the schemas refuse what the protocols do not know', () => {
  const event = { n: 1, kind: 'message', time: 60000, from: 'counsellor', text: 'dag' };
  for (const [protocol, direction, good, bad] of [
    ['onthaal.visitor.1', 'server', { t: 'events', list: [event] }, { t: 'events', list: [{ ...event, time: 60001 }] }],
    ['onthaal.visitor.1', 'server', { t: 'place', place: 1, danger_first: false }, { t: 'place', place: 1, low: 3, danger_first: false }],
    ['onthaal.visitor.1', 'server', { t: 'unknown' }, { t: 'unknown', ip: '::1' }],
    ['onthaal.visitor.1', 'page', { t: 'say', id: 'a', text: 'x' }, { t: 'say', id: 'a b', text: 'x' }],
    ['onthaal.console.1', 'server', { t: 'hello' }, { t: 'hello', me: 1 }],
    ['onthaal.console.1', 'page', { t: 'take', id: newId() }, { t: 'take', id: 'short' }],
  ]) {
    assert.equal(breach(protocol, direction, good), undefined);
    assert.match(breach(protocol, direction, bad) ?? '', /must/);
  }
});

test('from the first word to the end, in both protocols', async () => {
  const anke = await new Counsellor(daemon, 'Anke').signUp();
  const child = await new Visitor(daemon).start();
  await child.line.wait((frame) => frame.t === 'place' && frame.place === 1, 'the place');
  child.say('hey, mijn papa slaat mij');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  await until(() => anke.alarms.some((alarm) => alarm.why === 'raised'), 'the alarm');
  const taken = await anke.request('take');
  assert.equal(taken.t, 'ok');
  const { contact } = taken;
  await until(() => child.state === 'taken', 'the visitor to be taken');
  assert.equal((await anke.request('say', { contact, text: 'Dag, fijn dat je schrijft.' })).t, 'ok');
  assert.equal((await anke.request('note', { contact, text: 'alleen voor ons' })).t, 'ok');
  assert.equal((await anke.request('level', { contact, level: 'serious', reason: 'vertelt over slagen' })).t, 'ok');
  await until(() => child.texts('counsellor').length === 1, 'the answer');
  child.line.send({ t: 'read', n: child.n });
  child.line.send({ t: 'typing', on: true });
  anke.line.send({ t: 'read', contact, seq: 2 });
  anke.line.send({ t: 'typing', contact, on: true });
  await anke.line.wait((frame) => frame.t === 'typing' && frame.on, 'typing');
  await anke.line.wait((frame) => frame.t === 'read' && frame.seq === 4, 'the read mark');
  await child.line.wait((frame) => frame.t === 'read' && frame.n === 2, 'the read mark');
  assert.equal((await anke.request('return', { contact })).t, 'ok');
  await until(() => child.state === 'waiting', 'the queue again');
  assert.deepEqual((await anke.request('say', { contact, text: 'te laat' })).code, 'stale');
  assert.equal((await anke.request('open', { contact })).t, 'ok');
  assert.equal((await anke.request('hush', { contact })).t, 'ok');
  assert.equal((await anke.request('take', { contact })).t, 'ok');
  assert.equal((await anke.request('close', { contact })).t, 'ok');
  await until(() => child.state === 'closed', 'the end');
  assert.equal(JSON.stringify(child.line.frames).includes('alleen voor ons'), false);
  assert.equal(JSON.stringify(child.line.frames).includes('slagen'), false);
  child.line.send({ t: 'say', id: newId(), text: 'nog iets' });
  await child.line.wait((frame) => frame.t === 'error' && frame.code === 'closed', 'the refusal');
  assert.equal((await anke.request('take')).code, 'none');
  assert.deepEqual([...child.faults, ...anke.faults, ...breaches], []);
});

test('an ended conversation is read again by its visitor, and goes on', async () => {
  const parent = await new Visitor(daemon, 'parent').start();
  parent.say('een vraag over mijn dochter');
  await until(() => parent.unsent.length === 0, 'the message to be stored');
  parent.line.send({ t: 'leave', id: newId() });
  await until(() => parent.state === 'closed', 'the end');
  const seen = parent.n;
  await parent.reconnect();
  const resumed = await parent.line.wait((frame) => frame.t === 'resumed', 'what is left');
  assert.deepEqual([resumed.state, resumed.n], ['closed', seen]);
  parent.line.send({ t: 'again', id: newId(), secret: parent.secret });
  await until(() => parent.state === 'waiting', 'the queue again');
  assert.deepEqual([...parent.faults, ...breaches], []);
});
