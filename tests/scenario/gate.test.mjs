// Too many begin at once: from one network, then with few places left. Who began is not touched.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Line, newId, until, Visitor } from './client.mjs';

let daemon;
before(async () => { daemon = await (await Daemon.create('limits:\n  visitors: 60\n')).start(); });
after(() => daemon.remove());

const from = (address) => ({ headers: { 'X-Forwarded-For': address } });

async function begin(address) {
  const line = new Line(daemon.url, 'onthaal.visitor.1', from(address));
  await line.opened;
  line.send({ t: 'hello', lang: 'nl' });
  await line.wait((frame) => frame.t === 'welcome' || frame.t === 'error', 'the welcome');
  const id = newId();
  line.send({ t: 'start', id, answers: {} });
  const answer = await line.wait((frame) => frame.id === id, 'an answer');
  return { line, id, answer };
}

function work({ text, bits }) {
  for (let number = 0; ; number++) {
    const hash = createHash('sha256').update(`${text}:${number}`).digest();
    if (hash.readUInt32BE(0) >>> (32 - bits) === 0) return { text, number: String(number) };
  }
}

test('the twenty-first of a network works for it, others do not', async () => {
  const lines = [];
  for (let i = 0; i < 20; i++) {
    const { line, answer } = await begin(`203.0.113.${i}`);
    assert.equal(answer.t, 'started');
    lines.push(line);
  }
  const late = await begin('203.0.113.99');
  assert.equal(late.answer.t, 'work');
  late.line.send({ t: 'start', id: late.id, answers: {}, work: { text: late.answer.text, number: 'x' } });
  late.line.send({ t: 'start', id: late.id, answers: {}, work: work(late.answer) });
  await late.line.wait((frame) => frame.t === 'started', 'the start');
  assert.equal((await begin('198.51.100.1')).answer.t, 'started');
  lines.forEach((line) => line.drop());
});

test('the last places are for conversations that began', async () => {
  const child = new Visitor(daemon);
  await child.start();
  const crowd = [];
  await until(async () => {
    const line = new Line(daemon.url, 'onthaal.visitor.1');
    await line.opened;
    line.send({ t: 'hello', lang: 'nl' });
    crowd.push(line);
    const frame = await line.wait((each) => each.t === 'welcome' || each.t === 'error', 'an answer');
    return frame.code === 'full';
  }, 'the house to be full', 60000);
  assert.equal(await crowd.at(-1).closed, 1013);
  await child.reconnect();
  await child.line.wait((frame) => frame.t === 'resumed', 'the conversation');
  child.say('ik ben er nog');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  crowd.forEach((line) => line.drop());
});

test('no frame broke the protocols', () => assert.deepEqual(breaches.filter((breach) => !breach.includes('"number":"x"')), []));
