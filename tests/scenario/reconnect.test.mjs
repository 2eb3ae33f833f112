// Lines that die without a word, a daemon that restarts, a counsellor who goes silent.
import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, pause, until, Visitor } from './client.mjs';

const NOTICED = 20000; // ms, the promise of both protocols
const LIMIT = { timeout: 120000 };
let daemon;
let anke;

before(async () => {
  daemon = await (await Daemon.create('desk:\n  lease_seconds: 20\n  gone_seconds: 20\n')).start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
});
after(() => daemon.remove());

/** A way to the daemon that can fall silent, as when a phone leaves its network: no end is sent. */
async function tunnel() {
  const pairs = [];
  let silent = false;
  const server = createServer((near) => {
    const far = connect(daemon.port, '127.0.0.1');
    pairs.push(near, far);
    near.on('data', (bytes) => silent || far.write(bytes));
    far.on('data', (bytes) => silent || near.write(bytes));
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on('error', () => {});
      from.on('close', () => silent || to.destroy());
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    fallSilent() { silent = true; },
    close() { server.close(); for (const socket of pairs) socket.destroy(); },
  };
}

function through(person, way) {
  person.options = { url: way.url };
  return person;
}

async function taken(name) {
  const visitor = await new Visitor(daemon, name).start();
  const answer = await until(async () => {
    const one = await anke.request('take');
    return one.t === 'ok' && one;
  }, 'one to take');
  await until(() => visitor.state === 'taken', `${name} to be taken`);
  return { visitor, contact: answer.contact };
}

function sound(...people) {
  assert.deepEqual([...people.flatMap((person) => person.faults), ...anke.faults, ...breaches], []);
}

test('a visitor\'s line that dies is noticed within 20 s, and the queue does not ring for ghosts', LIMIT, async (t) => {
  const way = await tunnel();
  t.after(() => way.close());
  const ghost = await through(new Visitor(daemon, 'ghost'), way).start();
  const [id] = await until(() => [...anke.cards.keys()].length && [...anke.cards.keys()], 'the card');
  assert.equal(anke.cards.get(id).present, true);
  way.fallSilent();
  const since = Date.now();
  await until(() => anke.cards.get(id).present === false, 'the line to be missed', NOTICED + 5000);
  assert.ok(Date.now() - since <= NOTICED + 1000, `${Date.now() - since} ms`); // and what the way to the card takes
  await until(() => anke.cards.get(id).gone, 'the visitor to be marked as gone', 30000);
  const rung = anke.alarms.length;
  await pause(16000); // it rings every 15 s
  assert.equal(anke.alarms.length, rung);
  assert.equal((await anke.request('take')).code, 'none'); // nor is it the next

  ghost.options = undefined;
  await ghost.reconnect();
  await until(() => anke.cards.get(id).present && !anke.cards.get(id).gone, 'the visitor to be back');
  await until(() => anke.alarms.length > rung, 'the bell', 17000);
  ghost.line.send({ t: 'leave', id: newId() });
  await until(() => ghost.state === 'closed', 'the end');
  sound(ghost);
});

test('a page can notice it too: the server is heard every 8 s', LIMIT, async () => {
  const quiet = await new Visitor(daemon, 'quiet').start();
  const beats = [];
  quiet.line.hooks.push((frame) => frame.t === 'beat' && beats.push(Date.now()));
  await until(() => beats.length === 2, 'two beats', NOTICED);
  assert.ok(beats[1] - beats[0] < 9500, `${beats[1] - beats[0]} ms`);
  quiet.line.send({ t: 'beat' }); // our own question
  await until(() => beats.length === 3, 'its answer', 2000);
  quiet.line.send({ t: 'leave', id: newId() });
  await until(() => quiet.state === 'closed', 'the end');
  sound(quiet);
});

test('a counsellor\'s line that dies: the contact returns to its place, and nothing of it is lost', LIMIT, async (t) => {
  const way = await tunnel();
  t.after(() => way.close());
  const bert = await through(new Counsellor(daemon, 'Bert'), way).signUp();
  const child = await new Visitor(daemon, 'child').start();
  child.say('een');
  await until(() => !child.unsent.length, 'the message');
  const { contact } = await bert.request('take');
  await until(() => child.state === 'taken', 'the child to be taken');
  way.fallSilent();
  const since = Date.now();
  child.say('twee, tegen niemand');
  await until(() => child.state === 'waiting', 'the child to be told', 30000);
  assert.ok(Date.now() - since < 23000, `${Date.now() - since} ms`);
  assert.equal([...child.log.values()].at(-1).why, 'lost');
  assert.equal((await anke.request('take', { contact })).t, 'ok');
  assert.deepEqual(anke.contacts.get(contact).map((event) => event.kind), ['opened', 'message', 'taken', 'message', 'returned', 'taken']);
  bert.options = undefined;
  assert.equal(await bert.resume(), true);
  assert.equal(bert.contacts.size, 0); // no longer his
  assert.equal((await bert.request('say', { contact, text: 'te laat' })).code, 'stale');
  child.line.send({ t: 'leave', id: newId() });
  await until(() => child.state === 'closed', 'the end');
  bert.line.drop();
  sound(child, bert);
});

test('a counsellor who is back within the lease goes on, with just what was missed', LIMIT, async () => {
  const { visitor, contact } = await taken('steady');
  anke.line.drop();
  visitor.say('terwijl de lijn weg is');
  await until(() => !visitor.unsent.length, 'the message');
  assert.equal(await anke.resume(), true);
  assert.deepEqual(anke.contacts.get(contact).map((event) => event.seq), [1, 2, 3]);
  assert.equal((await anke.request('say', { contact, text: 'ik ben er weer' })).t, 'ok');
  await until(() => visitor.texts('counsellor').includes('ik ben er weer'), 'the answer');
  assert.equal((await anke.request('close', { contact })).t, 'ok');
  sound(visitor);
});

test('a second window of the visitor takes over, and the first is told so', LIMIT, async () => {
  const first = await new Visitor(daemon, 'first').start();
  first.say('hallo');
  await until(() => !first.unsent.length, 'the message');
  const second = new Visitor(daemon, 'second');
  second.secret = first.secret;
  await second.connect();
  await first.line.wait((frame) => frame.t === 'bye' && frame.why === 'replaced', 'the farewell');
  assert.equal(await first.line.closed, 1000);
  await until(() => second.n === 2, 'all of it');
  assert.deepEqual(second.texts('me'), ['hallo']);
  second.line.send({ t: 'leave', id: newId() });
  await until(() => second.state === 'closed', 'the end');
  sound(first, second);
});

test('a restart in every state: each goes on where it was, with just what it misses', LIMIT, async () => {
  const people = {};
  people.taken = await taken('taken');
  people.ended = await taken('ended');
  people.returned = await taken('returned');
  await anke.request('say', { contact: people.ended.contact, text: 'laatste woord' });
  await until(() => people.ended.visitor.texts('counsellor').length === 1, 'the last word');
  people.ended.visitor.line.drop(); // does not see the end
  await anke.request('close', { contact: people.ended.contact });
  await anke.request('return', { contact: people.returned.contact });
  people.waiting = { visitor: await new Visitor(daemon, 'waiting').start() };
  people.waiting.visitor.say('ik wacht');
  const welcomed = new Visitor(daemon, 'welcomed'); // has not begun
  welcomed.receive = () => {};
  await welcomed.connect();
  await until(() => !people.waiting.visitor.unsent.length && people.returned.visitor.state === 'waiting', 'all in their state');
  await daemon.stop();
  for (const each of [people.taken, people.waiting, people.returned]) {
    await each.visitor.line.wait((frame) => frame.t === 'bye' && frame.why === 'restart', 'the farewell');
    assert.equal(await each.visitor.line.closed, 1001);
  }
  await daemon.start();
  assert.equal(await anke.resume(), true);
  assert.deepEqual([...anke.contacts.keys()], [people.taken.contact]);
  for (const [name, { visitor }] of Object.entries(people)) {
    const before = visitor.n;
    await visitor.reconnect();
    const resumed = await visitor.line.wait((frame) => frame.t === 'resumed', `${name} to go on`);
    await until(() => visitor.n === resumed.n, `${name} to know all`);
    const told = visitor.line.frames.filter((frame) => frame.t === 'events').flatMap((frame) => frame.list.map((event) => event.n));
    assert.deepEqual(told, Array.from({ length: resumed.n - before }, (_, i) => before + 1 + i), name);
    assert.equal(visitor.state, { taken: 'taken', ended: 'closed', returned: 'waiting', waiting: 'waiting' }[name]);
  }
  assert.deepEqual(people.ended.visitor.texts('counsellor'), ['laatste woord']);
  sound(...Object.values(people).map(({ visitor }) => visitor));
});
