// kill -9 at random moments under load: what was acknowledged is there, once, in its order.
//   ONTHAAL_KILLS=5000 node --test tests/scenario/crash.test.mjs     the longer form
//   ONTHAAL_SEED=…                                                   the same moments again
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, pause, until, Visitor } from './client.mjs';

const KILLS = Number(process.env.ONTHAAL_KILLS ?? 200);
const SEED = Number(process.env.ONTHAAL_SEED ?? Date.now() % 1000000);
const VISITORS = 6;
const CONFIG = `limits:
  messages_per_minute: 1000
  contact_messages: 10000
desk:
  capacity: 3
`;

function generator(seed) { // mulberry32
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const chance = generator(SEED);
let running = true;
const visitors = [];
const truth = { acknowledged: 0, kills: 0, takes: 0, seqs: new Map(), ending: new Set(), said: new Map() };
const faults = [];

/** Keeps a line up: the daemon comes and goes. */
async function stayUp(person, connect) {
  while (running || !person.line?.up) {
    if (!person.line?.up && !await connect().catch(() => false)) await pause(10);
    else await Promise.race([person.line.closed, pause(50)]);
    if (!running && person.line?.up) return;
  }
}

function visitorLoop(daemon, name) {
  const visitor = new Visitor(daemon, name);
  let count = 0;
  visitors.push(visitor);
  const talking = (async () => {
    while (running && !visitor.over) {
      if (visitor.secret && !visitor.unsent.length) {
        if (count > 5 && chance() < 0.01) {
          truth.ending.add(name);
          visitor.line.send({ t: 'leave', id: newId() });
        } else {
          visitor.say(`${name} ${++count}`);
        }
      }
      await pause(2);
    }
    if (running) visitorLoop(daemon, `${name.split('.')[0]}.${visitors.length}`);
  })();
  visitor.loops = [talking, stayUp(visitor, () => visitor.reconnect())];
}

/** Sent again under one id until it is answered. */
async function insist(counsellor, t, keys) {
  const id = newId();
  for (;;) {
    const answer = await counsellor.request(t, keys, id);
    if (answer && answer.code !== 'busy') return answer;
    if (!running && !answer) return undefined;
    await pause(20);
    await until(() => !running || (counsellor.line?.up && counsellor.ready), 'the console', 60000);
  }
}

function note(answer, what) {
  if (answer?.t !== 'ok') return;
  truth.acknowledged++;
  const key = `${answer.contact} ${answer.seq}`;
  if (truth.seqs.has(key)) faults.push(`${key} was acknowledged for ${truth.seqs.get(key)} and for ${what}`);
  truth.seqs.set(key, what);
}

function nameOf(events) {
  return events?.find((event) => event.kind === 'message' && event.author === 'visitor')?.text.split(' ')[0];
}

async function counsellorLoop(counsellor) {
  let count = 0;
  while (running) {
    if (!counsellor.ready || !counsellor.line.up) {
      await pause(5);
      continue;
    }
    const mine = [...counsellor.contacts.keys()];
    if (mine.length < 3) {
      const answer = await insist(counsellor, 'take');
      note(answer, `take by ${counsellor.name}`);
      if (answer?.t === 'ok') truth.takes++;
      if (answer?.t === 'no') await pause(20);
      continue;
    }
    const contact = mine[Math.floor(chance() * mine.length)];
    const name = nameOf(counsellor.contacts.get(contact));
    const what = chance();
    if (what < 0.04 && name) {
      truth.ending.add(name);
      note(await insist(counsellor, 'close', { contact }), `close by ${counsellor.name}`);
    } else if (what < 0.08) {
      note(await insist(counsellor, 'return', { contact }), `return by ${counsellor.name}`);
    } else if (what < 0.15) {
      note(await insist(counsellor, 'note', { contact, text: `nota ${++count}` }), `note by ${counsellor.name}`);
    } else {
      const text = `${counsellor.name} ${++count}`;
      const answer = await insist(counsellor, 'say', { contact, text });
      note(answer, text);
      if (answer?.t === 'ok' && name) truth.said.set(name, [...(truth.said.get(name) ?? []), text]);
    }
  }
}

async function resume(counsellor) {
  counsellor.ready = false;
  counsellor.ready = await counsellor.resume();
  return counsellor.ready;
}

async function killing(daemon) {
  const starts = [];
  while (truth.kills < KILLS) {
    const early = chance() < 0.1 ? chance() * 130 : undefined; // while it starts
    const began = performance.now();
    const up = daemon.start().then(() => true, () => false);
    if (early === undefined) {
      assert.equal(await up, true, daemon.log);
      starts.push(performance.now() - began);
      await pause(20 + chance() * 380);
    } else {
      await pause(early);
    }
    await daemon.stop('SIGKILL');
    await up;
    truth.kills++;
    assert.doesNotMatch(daemon.log, /Sanitizer|runtime error|Assertion/);
  }
  return starts.sort((a, b) => a - b);
}

/** What each visitor was told, against what the daemon tells one who asks for everything. */
async function compare(daemon, visitor) {
  if (!visitor.secret) return;
  const again = new Visitor(daemon, `${visitor.name} again`);
  again.secret = visitor.secret;
  await again.connect();
  const first = await again.line.wait((frame) => frame.t === 'resumed', 'the replay');
  if (first.state === 'closed') assert.ok(truth.ending.has(visitor.name), `${visitor.name} is closed, and nobody ended it`);
  await until(() => again.n >= first.n, `the replay up to ${first.n}`);
  const bare = (log) => [...log.values()].filter((event) => event.n <= again.n).sort((a, b) => a.n - b.n)
    .map(({ n, kind, from, text, id }) => ({ n, kind, from, text, id }));
  assert.deepEqual(bare(again.log).slice(0, visitor.log.size), bare(visitor.log));
  for (const [id, n] of visitor.acknowledged) assert.equal(again.log.get(n)?.id, id, `${visitor.name} (${visitor.state}, ${visitor.n}): message ${n} of ${first.n}, ${first.state}`);
  const words = again.texts('me');
  assert.deepEqual(words, words.map((_, i) => `${visitor.name} ${i + 1}`)); // none lost, doubled, reordered
  const heard = again.texts('counsellor');
  assert.equal(new Set(heard).size, heard.length, 'a counsellor\'s message was doubled');
  const said = (truth.said.get(visitor.name) ?? []);
  for (const who of ['Anke', 'Bert', 'Carla'])
    assert.deepEqual(heard.filter((text) => text.startsWith(who) && said.includes(text)), said.filter((text) => text.startsWith(who)));
  let taken = false;
  for (const event of [...again.log.values()].sort((a, b) => a.n - b.n)) {
    if (event.kind === 'taken') assert.equal(taken, false, `${visitor.name} was taken twice`);
    if (event.kind === 'taken' || event.kind === 'returned') taken = event.kind === 'taken';
  }
  again.line.drop();
  assert.deepEqual(again.faults, []);
}

test(`${KILLS} times kill -9 under load`, { timeout: 60000 + KILLS * 4000 }, async (t) => {
  const daemon = await Daemon.create();
  t.after(() => daemon.remove());
  // few rules: with the sanitizers all of them take a second to compile, at each of the starts
  const rules = join(daemon.folder, 'rules');
  mkdirSync(rules);
  copyFileSync(new URL('../../config/rules/common.rules', import.meta.url), join(rules, 'common.rules'));
  daemon.configure(`${CONFIG}rules: ${rules}\n`);
  await daemon.start();
  console.log(`seed ${SEED}`);
  const counsellors = [];
  for (const name of ['Anke', 'Bert', 'Carla']) counsellors.push(await new Counsellor(daemon, name).signUp());
  await daemon.stop();
  const loops = counsellors.flatMap((each) => [counsellorLoop(each), stayUp(each, () => resume(each))]);
  for (let i = 0; i < VISITORS; i++) visitorLoop(daemon, `v${i}`);
  const starts = await killing(daemon);
  await daemon.start();
  running = false;
  await Promise.all([...loops, ...visitors.flatMap((visitor) => visitor.loops)]);
  await until(() => visitors.every((visitor) => visitor.over || (visitor.secret && !visitor.unsent.length)), 'the last messages');
  for (const visitor of visitors) {
    assert.deepEqual(visitor.faults, [], visitor.name);
    await compare(daemon, visitor);
    truth.acknowledged += visitor.acknowledged.size;
  }
  for (const counsellor of counsellors) assert.deepEqual(counsellor.faults, [], counsellor.name);
  assert.deepEqual([...faults, ...breaches], []);
  await daemon.stop();
  assert.match(daemon.command('check'), /./);
  const median = starts[starts.length >> 1];
  console.log(`${truth.kills} kills, ${visitors.length} visitors, ${truth.acknowledged} acknowledged, ${truth.takes} takes; start ${starts[0].toFixed(0)} ms, median ${median.toFixed(0)}, slowest ${starts.at(-1).toFixed(0)}`);
  assert.ok(truth.acknowledged > KILLS * 5, 'too little load');
});
