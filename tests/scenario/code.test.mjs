// The return code: a conversation goes on from any device, and an answer waits for whoever left.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { BINARY, Daemon, files } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, until, Visitor, Line } from './client.mjs';

let daemon;
let anke;

before(async () => {
  daemon = await Daemon.create();
  spawnSync(BINARY, ['recovery', '--data', daemon.folder, 'create']);
  await daemon.start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
});
after(() => daemon.remove());

async function codeOf(visitor, lang = 'nl') {
  const id = newId();
  visitor.line.send({ t: 'code', id, secret: visitor.secret, lang });
  return (await visitor.line.wait((frame) => frame.t === 'code' && frame.id === id, 'the code')).words;
}

/** Another device, that has but the words. */
async function comeBack(words) {
  const visitor = new Visitor(daemon, 'back');
  visitor.line = new Line(daemon.url, 'onthaal.visitor.1');
  const hook = (frame) => {
    if (frame.t === 'returned') visitor.secret = frame.secret;
    if (frame.t !== 'welcome') visitor.receive(frame);
  };
  visitor.line.hooks.push(hook);
  await visitor.line.opened;
  visitor.line.send({ t: 'hello', lang: 'nl' });
  await visitor.line.wait((frame) => frame.t === 'welcome', 'the welcome');
  const id = newId();
  visitor.line.send({ t: 'return', id, words });
  const answer = await visitor.line.wait((frame) => frame.id === id, 'an answer');
  if (answer.t === 'returned') await visitor.line.wait((frame) => frame.t === 'resumed', 'the conversation');
  return { visitor, answer };
}

test('from another device, with a slip, an accent and capitals', async () => {
  const child = await new Visitor(daemon).start();
  child.say('ik moet nu weg');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  const words = await codeOf(child);
  assert.match(words, /^([a-z]+ ){6}[a-z]+$/);
  child.line.drop();
  const typed = words.toUpperCase().replace(/ /, ', ').replace(/^./, (first) => `${first}\u0301`).replace(/.$/, '');
  const { visitor, answer } = await comeBack(typed);
  assert.equal(answer.secret, child.secret);
  await until(() => visitor.texts('me').length === 1, 'what was written');
  visitor.say('ik ben er weer');
  await until(() => visitor.unsent.length === 0, 'the message to be stored');
  const { contact } = await anke.request('take');
  assert.equal(anke.contacts.get(contact).filter((event) => event.text).length, 2);
  await anke.request('close', { contact });
  visitor.line.drop();
});

test('an answer left is collected after the end, and the same counsellor is preferred', async () => {
  const child = await new Visitor(daemon).start();
  child.say('ik kom morgen terug');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  const words = await codeOf(child, 'fr');
  child.line.drop();
  let { contact } = await anke.request('take');
  await anke.request('say', { contact, text: 'dit is mijn antwoord' });
  await anke.request('close', { contact });
  await daemon.stop();
  await daemon.start();
  await anke.resume();
  const { visitor } = await comeBack(words);
  await until(() => visitor.state === 'closed' && visitor.texts('counsellor').length === 1, 'the answer');
  assert.deepEqual(visitor.texts('counsellor'), ['dit is mijn antwoord']);
  visitor.line.send({ t: 'again', id: newId(), secret: visitor.secret });
  await until(() => visitor.state === 'waiting', 'the queue');
  ({ contact } = await anke.request('take'));
  assert.equal(anke.contacts.get(contact).filter((event) => event.text).length, 2);
  await anke.request('close', { contact });
  visitor.line.drop();
});

test('a new code takes the old one\'s place; others are refused, and the word that is wrong is named', async () => {
  const child = await new Visitor(daemon).start();
  const first = await codeOf(child, 'en');
  const second = await codeOf(child, 'en');
  assert.notEqual(first, second);
  assert.equal((await comeBack(first)).answer.code, 'no_code');
  assert.equal((await comeBack(second)).answer.t, 'returned');
  const wrong = (await comeBack(second.replace(/^\w+ \w+/, (two) => `${two.split(' ')[0]} qqqqqq`))).answer;
  assert.deepEqual([wrong.code, wrong.word], ['words', 2]);
  assert.equal((await comeBack('drie woorden maar')).answer.word, 0);
  const stranger = await new Visitor(daemon).start();
  stranger.line.send({ t: 'code', id: newId(), secret: child.secret, lang: 'nl' }); // not its own
  await stranger.line.wait((frame) => frame.t === 'error' && frame.code === 'closed', 'the refusal');
  assert.equal((await comeBack(second)).answer.t, 'returned');
  stranger.line.drop();
});

test('ten guesses on a line, and it is closed', async () => {
  const line = new Line(daemon.url, 'onthaal.visitor.1');
  await line.opened;
  line.send({ t: 'hello', lang: 'nl' });
  const words = 'maandag dinosaurus krokodil olifant paraplu chocola tomaat';
  for (let i = 0; i < 10; i++) {
    const id = newId();
    line.send({ t: 'return', id, words });
    assert.equal((await line.wait((frame) => frame.id === id, 'an answer')).code, 'no_code');
  }
  line.send({ t: 'return', id: newId(), words });
  await line.wait((frame) => frame.code === 'too_fast', 'the refusal');
  assert.equal(await line.closed, 1008);
});

test('the code itself is nowhere on the disk', async () => {
  const child = await new Visitor(daemon).start();
  const words = await codeOf(child);
  for (const name of files(daemon.folder)) {
    const bytes = readFileSync(name);
    assert.equal(bytes.includes(words), false, name);
    assert.equal(bytes.includes(child.secret), false, name);
    assert.equal(bytes.includes(child.startId), false, name);
  }
  assert.equal(daemon.log.includes(words.split(' ')[0]), false);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
