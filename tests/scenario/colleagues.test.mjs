// What one counsellor can learn of a colleague's conversation, by any frame: who has it, and nothing said in it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, until, Visitor } from './client.mjs';

const WORDS = 'hij slaat mij elke dag';
const SAID = /slaat|stiefvader|verwittigen|voor jou/;
let daemon;
let anke;
let bram;
let child;
let contact;

before(async () => {
  daemon = await (await Daemon.create()).start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
  bram = await new Counsellor(daemon, 'Bram').signUp();
  child = await new Visitor(daemon).start();
  child.say(WORDS);
  await until(() => [...bram.cards.values()].some((card) => card.flags.some((flag) => flag.words)), 'the flag');
  [contact] = bram.cards.keys();
});
after(() => daemon.remove());

const heardBy = (person, since) => JSON.stringify(person.line.frames.slice(since));

test('a waiting one shows why it is urgent, in the visitor\'s words', () => {
  const { flags } = bram.cards.get(contact);
  assert.ok(flags.some((flag) => flag.words && WORDS.includes(flag.words)), JSON.stringify(flags));
});

test('a taken one shows a colleague its level and its owner, and no words', async () => {
  assert.equal((await anke.request('take', { contact })).t, 'ok');
  await until(() => bram.cards.get(contact)?.owner === anke.me.id, 'the colleague to see who has it');
  const since = bram.line.frames.findIndex((frame) => frame.t === 'queue' && frame.put?.some((card) => card.owner));
  child.say('mijn stiefvader slaat ons');
  await until(() => anke.contacts.get(contact)?.some((event) => event.text?.startsWith('mijn stief')), 'Anke to read it');
  await until(() => bram.cards.get(contact).messages === 2, 'the colleague to see that there is more');
  assert.equal((await anke.request('note', { contact, text: 'school verwittigen' })).t, 'ok');
  assert.equal((await anke.request('say', { contact, text: 'ik ben er voor jou' })).t, 'ok');
  for (const flag of bram.cards.get(contact).flags) assert.deepEqual([flag.words, flag.from, flag.to], ['', 0, 0]);
  for (const [t, keys] of [['open', {}], ['say', { text: 'x' }], ['note', { text: 'x' }], ['return', {}], ['close', {}],
    ['level', { level: 'none', reason: 'x' }], ['take', {}]]) {
    const answer = await bram.request(t, { contact, ...keys });
    assert.equal(answer.t, 'no', t);
    assert.ok(['stale', 'taken'].includes(answer.code), `${t}: ${answer.code}`);
  }
  bram.line.send({ t: 'typing', contact, on: true });
  bram.line.send({ t: 'read', contact, seq: 2 });
  assert.equal((await bram.request('hush', { contact })).t, 'ok');
  assert.doesNotMatch(heardBy(bram, since), SAID);
  assert.equal(child.line.frames.some((frame) => frame.t === 'typing'), false);
});

test('neither does a window that signs in later, and who has it reads all of it', async () => {
  assert.equal(await bram.resume(), true);
  assert.ok(bram.cards.get(contact).flags.length);
  assert.doesNotMatch(heardBy(bram, 0), SAID);
  assert.equal(await anke.resume(), true);
  await until(() => anke.contacts.get(contact)?.length, 'the conversation');
  assert.match(heardBy(anke, 0), /slaat mij/);
  assert.ok(anke.cards.get(contact).flags.some((flag) => flag.words), 'her own card keeps its words');
});

test('given back, it shows its words again to whoever may take it', async () => {
  assert.equal((await anke.request('return', { contact })).t, 'ok');
  await until(() => bram.cards.get(contact)?.flags.some((flag) => flag.words), 'the words');
  child.line.send({ t: 'leave', id: newId() });
  assert.deepEqual([...child.faults, ...bram.faults, ...anke.faults, ...breaches], []);
});
