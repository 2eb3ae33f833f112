// The canary run: marks that nothing of this may be found anywhere afterwards. A marked address, user
// agent, referrer, text, code, number and password go through every path, mistakes and a crash
// included; then the data folder, the log, a backup and the process's own memory are searched.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY, Daemon, files, totp } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, pause, until, Visitor, WebSocket } from './client.mjs';
import { inMemory, mark, plainFrees, stillMemory } from './memory.mjs';

const MARKS = {
  address: '203.0.113.77', agent: mark('agent'), referrer: mark('referrer'), text: mark('text'), answer: mark('answer'),
  note: mark('note'), reason: mark('reason'), number: '+32470123987', password: `${mark('password')} en nog wat`,
};
const HEADERS = { 'X-Forwarded-For': MARKS.address, Forwarded: `for=${MARKS.address}`, 'User-Agent': MARKS.agent, Referer: `https://${MARKS.referrer}.example/`, Cookie: `a=${MARKS.agent}` };
const CLEAN_MS = 1000; // after sealing
let daemon;
let backup;

const searched = (buffer, where, found, marks = MARKS) => {
  for (const [name, words] of Object.entries(marks)) if (buffer.includes(words)) found.push(`${name} in ${where}`);
};

function onDisk() {
  const found = [];
  for (const folder of [daemon.folder, backup])
    for (const path of files(folder)) searched(readFileSync(path), path, found);
  searched(daemon.log + daemon.said, 'the log', found);
  return found;
}

/** Of the memory as it is at that moment. */
async function memoryAt(time, marks) {
  await pause(Math.max(0, time - Date.now()));
  return stillMemory(daemon.process.pid, marks);
}

function get(path, method = 'GET') {
  return new Promise((resolve) => {
    const asked = request(`${daemon.url}${path}`, { method, headers: HEADERS }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
    asked.on('error', () => resolve(0));
    asked.end();
  });
}

before(async () => {
  backup = mkdtempSync(join(tmpdir(), 'onthaal-canary-'));
  plainFrees();
  daemon = await Daemon.create();
  spawnSync(BINARY, ['recovery', '--data', daemon.folder, 'create']);
  await daemon.start();
});
after(async () => {
  await daemon.remove();
  rmSync(backup, { recursive: true });
});

test('nothing of it is on the disk, in the log or in a backup; the text leaves the memory', async () => {
  const anke = new Counsellor(daemon, 'Anke');
  const token = daemon.invite('anke', 'Anke');
  await anke.connect();
  const { secret } = await anke.request('invite', { token });
  await anke.signedIn(await anke.request('accept', { token, password: MARKS.password, code: totp(secret) }));
  await anke.request('unlock', { password: MARKS.password });
  MARKS.next = `${mark('next')} en nog wat`;
  for (const tried of [MARKS.next, MARKS.password]) await anke.request('password', { password: tried, new: MARKS.next });
  const { codes } = await anke.request('codes', { password: MARKS.next });
  const other = await anke.request('authenticator-new', { password: MARKS.next, code: codes[0] });
  assert.equal((await anke.request('authenticator', { code: totp(other.secret) })).t, 'ok');
  Object.assign(MARKS, { first: secret, second: other.secret, once: codes[0], spare: codes[1] });

  for (const path of ['/', '/healthz', '/nowhere', `/?${MARKS.text}`, `/${MARKS.text}`, '/chat', '/console/', '/console/socket']) {
    await get(path);
    await get(path, 'POST');
  }
  const lost = new WebSocket(`${daemon.url.replace('http', 'ws')}/chat`, 'onthaal.visitor.1', { headers: HEADERS, origin: `https://${MARKS.referrer}.example` });
  await new Promise((resolve) => { lost.on('error', resolve); });

  const child = new Visitor(daemon);
  child.options = { url: daemon.url };
  await child.start();
  for (const bad of ['{', `{"t":"${MARKS.text}"}`, JSON.stringify({ t: 'say', id: `${MARKS.text}!`, text: MARKS.text }),
    JSON.stringify({ t: 'return', id: 'x', words: MARKS.text })]) {
    const other = await new Visitor(daemon).start();
    other.line.raw(bad);
    await other.line.closed.catch(() => undefined).constructor;
    other.line.drop();
  }
  child.say(`${MARKS.text} bel mij op ${MARKS.number}`);
  await until(() => child.unsent.length === 0, 'the message to be stored');
  const { contact } = await anke.request('take', {});
  const mine = anke.contacts.has(contact) && anke.contacts.get(contact).some((event) => event.text?.includes(MARKS.text)) ? contact : undefined;
  const held = mine ?? (await anke.request('take', { contact: [...anke.cards.values()].find((card) => card.messages)?.id })).contact;
  await anke.request('say', { contact: held, text: MARKS.answer });
  await anke.request('note', { contact: held, text: MARKS.note });
  await anke.request('level', { contact: held, level: 'serious', reason: MARKS.reason });
  const id = newId();
  child.line.send({ t: 'code', id, secret: child.secret, lang: 'nl' });
  MARKS.code = (await child.line.wait((frame) => frame.t === 'code', 'the code')).words;
  MARKS.secret = child.secret;
  await until(() => child.texts('counsellor').length === 1, 'the answer');
  execFileSync(BINARY, ['backup', '--data', daemon.folder, backup]);
  assert.deepEqual(onDisk(), []);
  assert.ok(inMemory(daemon.process.pid, { text: MARKS.text }).length > 0, 'the search finds what is there');

  assert.equal((await anke.request('close', { contact: held })).t, 'ok');
  const sealed = Date.now();
  await until(() => child.state === 'closed', 'the end');
  const { address, agent, referrer, reason, secret: visitor, ...gone } = MARKS; // what must be gone by then
  assert.deepEqual(await memoryAt(sealed + CLEAN_MS, gone), []);
  await until(() => readFileSync(join(daemon.folder, 'onthaal.db-wal')).length === 0, 'the emptied log');
  assert.deepEqual(onDisk(), []);
});

for (const signal of ['SIGSEGV', 'SIGKILL'])
  test(`nor after ${signal} in the middle of it, of a sign-in and of a code`, async () => {
    const child = await new Visitor(daemon).start();
    child.say(MARKS.text);
    await until(() => child.unsent.length === 0, 'the message to be stored');
    const id = newId();
    child.line.send({ t: 'code', id, secret: child.secret, lang: 'nl' });
    MARKS[`code of ${signal}`] = (await child.line.wait((frame) => frame.t === 'code', 'the code')).words;
    const other = await new Visitor(daemon).start();
    other.line.drop();
    const back = new Visitor(daemon);
    await back.connect();
    const door = new Counsellor(daemon, 'Anke');
    await door.connect();
    back.line.send({ t: 'return', id: newId(), words: MARKS[`code of ${signal}`] }); // both under way when it ends
    void door.request('sign-in', { name: 'anke', password: MARKS.password, code: '000000' });
    const ended = daemon.stop(signal);
    assert.ok([signal, null].includes((await ended).signal)); // the sanitizer may end it by itself
    assert.deepEqual(onDisk(), []);
    assert.deepEqual(readdirSync(daemon.folder).filter((name) => name.startsWith('core')), []);
    await daemon.start();
    assert.deepEqual(onDisk(), []);
  });

test('no frame broke the protocols', () => assert.deepEqual(breaches.filter((breach) => !breach.includes('kanarie')), []));
