// ./run itself, in a copy of the tree: what it prints, makes, starts again without, and refuses. What
// would ask the network or build is on the path as a stand-in that notes each call; the stand-in for a
// build gives the program that is tested anyway.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { BINARY, freePort } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from './client.mjs';

const place = mkdtempSync(join(tmpdir(), 'onthaal-run-'));
const tree = join(place, 'tree');
const data = join(place, 'de gegevens'); // with a blank
const calls = join(place, 'calls');
const NOBODY = process.getuid() ? {} : { uid: 65534, gid: 65534 }; // to whom not every folder is open
const running = new Set();
let port;
let visitor;

/** A program on the path that notes how it was called. */
function standIn(name, does = 'exit 1') {
  writeFileSync(join(place, 'bin', name), `#!/bin/sh\necho "${name} $*" >>'${calls}'\n${does}\n`, { mode: 0o755 });
}

const called = () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').slice(0, -1) : []);

before(async () => {
  port = await freePort();
  for (const name of ['config', 'gateway', 'ivr', 'store', 'webchat', 'run', '.ci', 'CMakeLists.txt', 'CMakePresets.json'])
    cpSync(name, join(tree, name), { recursive: true, preserveTimestamps: true, filter: (path) => basename(path) !== 'node_modules' });
  mkdirSync(join(place, 'bin'));
  for (const name of ['npm', 'npx', 'node', 'curl', 'wget', 'git', 'ninja', 'systemctl']) standIn(name);
  standIn('dpkg-query', `[ ! -e '${place}/installed' ] || echo 'install ok installed'`);
  standIn('apt-get', `[ "$1" != install ] || touch '${place}/installed'`);
  standIn('sudo', 'exec "$@"');
  standIn('cmake', `[ "$1" != --build ] || { mkdir -p build/release && cp '${resolve(BINARY)}' build/release/onthaal; }`);
});
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(place, { recursive: true, force: true });
});

/** Started; `up` resolves when it serves, `ended` with how it ended. */
const run = (...options) => runAs({}, options);
function runAs(as, options) {
  rmSync(calls, { force: true });
  const begun = performance.now();
  const child = spawn(join(tree, 'run'), options, { ...as, cwd: place, env: { ...process.env, PATH: `${join(place, 'bin')}:${process.env.PATH}` } });
  running.add(child);
  child.out = '';
  child.err = '';
  child.stdout.on('data', (bytes) => { child.out += bytes; });
  child.stderr.on('data', (bytes) => { child.err += bytes; });
  child.ended = new Promise((end) => { child.on('close', (code, signal) => { running.delete(child); child.over = true; end({ code, signal }); }); });
  child.up = until(() => child.err.includes('msg="serving"') || child.over, './run to serve', 60000).then(() => {
    assert.ok(!child.over, child.out + child.err);
    child.took = performance.now() - begun;
    return child;
  });
  child.up.catch(() => undefined);
  return child;
}

const address = (child, name) => child.out.match(new RegExp(`^ {2}${name} +(\\S+)`, 'm'))?.[1];
const asDaemon = (child) => ({ url: `http://127.0.0.1:${port}`, invite: () => address(child, 'first sign-in').match(/#invite=(\S+)$/)[1] });

async function refused(options, pattern, code, as) {
  const child = runAs(as, options);
  const end = await child.ended;
  assert.deepEqual([end.code, child.out.replace(/^.*== made .*$/m, '').trim()], [code, ''], child.err);
  assert.match(child.err, pattern);
  assert.deepEqual(called(), []); // before anything is installed or built
}

test('the first time: packages, a build, data folder and configuration made, and it says where', async () => {
  const child = await run('--port', String(port), '--data', data).up;
  const url = `http://127.0.0.1:${port}`;
  const did = called().filter((call) => /^(apt-get|cmake) /.test(call));
  assert.deepEqual([did[0], ...did.slice(2)], ['apt-get update -qq', 'cmake --preset release', 'cmake --build --preset release']);
  assert.match(did[1], /^apt-get install -y .*\bgcc .*\blibwebsockets-dev\b/);
  assert.equal(statSync(data).mode & 0o777, 0o700);
  const [made, shipped] = [join(data, 'onthaal.yaml'), 'config/onthaal.yaml'].map((path) => readFileSync(path, 'utf8').replace(/^ +(# )?(metrics_port|port): .*$/gm, ''));
  assert.equal(made, shipped);
  assert.equal(address(child, 'visitor page'), `${url}/`);
  assert.equal(address(child, 'console'), `${url}/console/`);
  assert.equal(address(child, 'health'), `${url}/healthz`);
  assert.match(address(child, 'first sign-in'), new RegExp(`^http://localhost:${port}/console/#invite=`)); // passkeys belong to a name
  assert.match(await (await fetch(`${url}/`)).text(), /<!doctype html>/i);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);

  const first = await new Counsellor(asDaemon(child), 'onthaal').signUp();
  assert.equal(first.me.role, 'coordinator');
  const late = new Counsellor(asDaemon(child), 'late');
  await late.connect();
  assert.equal((await late.request('invite', { token: late.daemon.invite() })).t, 'no'); // it serves once
  visitor = await new Visitor(asDaemon(child)).start();
  visitor.say('ik wacht wel even');
  await until(() => visitor.unsent.length === 0, 'the message to be stored');
  child.kill('SIGINT');
  await visitor.line.wait(({ t, why }) => t === 'bye' && why === 'restart', 'the word that we restart');
  assert.deepEqual(await child.ended, { code: 0, signal: null });
  assert.match(child.err, /msg="?stopped/);
});

test('again: from what was built, without asking anybody, and on with whoever waits', async (t) => {
  const child = await run('--port', String(port), '--data', data).up;
  t.diagnostic(`up in ${(child.took / 1000).toFixed(2)} s; with a release build at most 2 are promised`);
  assert.deepEqual(called(), []); // nothing asked, nothing built
  assert.equal(address(child, 'first sign-in'), undefined); // somebody has signed in
  await refused(['--port', String(await freePort()), '--data', data], /de gegevens is in use by another onthaal: stop that one first/, 1);
  await visitor.reconnect();
  await visitor.line.wait(({ t: kind, state }) => kind === 'resumed' && state === 'waiting', 'the conversation to go on');
  assert.deepEqual(visitor.texts('me'), ['ik wacht wel even']);
  visitor.line.drop();
  child.kill('SIGTERM');
  assert.deepEqual(await child.ended, { code: 0, signal: null });
});

test('a changed source is built again, a changed text is only read', async () => {
  const start = async () => {
    const child = await run('--port', String(port), '--data', data).up;
    child.kill('SIGTERM');
    assert.equal((await child.ended).code, 0);
    return called().filter((call) => call.startsWith('cmake --build')).length;
  };
  const later = new Date(Date.now() + 1000);
  utimesSync(join(tree, 'config/languages/nl.yaml'), later, later);
  assert.equal(await start(), 0);
  utimesSync(join(tree, 'webchat/plain.c'), later, later);
  assert.equal(await start(), 1);
});

test('--demo: visitors who practise arrive, and everybody is told that they do', async () => {
  const child = await run('--demo', '--port', String(port), '--data', join(place, 'demo')).up;
  assert.match(child.out, /practice: visitors are simulated/);
  const anke = await new Counsellor(asDaemon(child), 'onthaal').signUp();
  assert.equal(anke.line.frames.find(({ t }) => t === 'desk').demo, true);
  await until(() => anke.cards.size > 0, 'somebody to arrive', 60000);
  assert.deepEqual([...anke.cards.values()].filter((card) => !card.practice), []);
  child.kill('SIGTERM');
  assert.equal((await child.ended).code, 0);
});

test('what it cannot do it says at once, and what to do instead', async () => {
  const usage = /^usage: \.\/run \[--port N\] \[--data DIR\] \[--demo\]$/m;
  await refused(['--prot', '8099'], /^\.\/run: what is --prot\?$/m, 2);
  await refused(['--prot', '8099'], usage, 2);
  await refused(['extra'], usage, 2);
  await refused(['--port'], /^\.\/run: --port takes a number from 0 to 65535$/m, 2);
  for (const bad of ['65536', '-1', 'http', '80 80', '']) await refused(['--port', bad], /--port takes a number from 0 to 65535/, 2);
  await refused(['--data'], /^\.\/run: --data takes a folder$/m, 2);
  const file = join(place, 'a file');
  appendFileSync(file, '');
  await refused(['--data', join(file, 'data')], /a file\/data cannot be made: --data DIR takes another folder/, 1);
  await refused(['--data', file], /a file cannot be made: --data DIR takes another folder/, 1);
  const theirs = join(place, 'theirs');
  mkdirSync(theirs, { mode: 0o500 });
  chmodSync(place, 0o755);
  await refused(['--data', theirs], /theirs is not ours to write into: --data DIR takes another folder/, 1, NOBODY);
  const other = createServer();
  await new Promise((listening) => { other.listen(port, '127.0.0.1', listening); });
  await refused(['--port', String(port), '--data', data], new RegExp(`^\\./run: somebody has port ${port} on this machine: --port N takes another`, 'm'), 1);
  const own = join(place, 'own');
  mkdirSync(own, { mode: 0o700 });
  writeFileSync(join(own, 'onthaal.yaml'), `server:\n  port: ${port}\n  metrics_port: 0\n`);
  await refused(['--data', own], new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${port}: another program has it.* see server\\.address, server\\.port`), 1);
  other.close();
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
