// The chat's figures, by ratio within one run: the full pipeline (scan, store, acknowledge, deliver to
// counsellors) against a bare echo on the same libraries, and what idle visitors cost.
//   node tests/bench/chat.mjs FOLDER_OF_BINARIES [--short] [--json FILE]
// Ends with status 1 when a target is missed.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve as absolute } from 'node:path';

const folder = absolute(process.argv[2]);
process.env.ONTHAAL = join(folder, 'onthaal');
const { Daemon, freePort } = await import('../browser/daemon.mjs');
const { Counsellor } = await import('../scenario/client.mjs');
const short = process.argv.includes('--short');
const json = process.argv.includes('--json') ? process.argv[process.argv.indexOf('--json') + 1] : undefined;
const SECONDS = short ? 2 : 8;
const IDLE = short ? 1000 : 10000;
const IDLE_TLS = short ? 200 : 2000;
const RATE = short ? 500 : 5000;
const LOADS = [[100, 16], [1000, 1]]; // visitors, messages under way of each; the first is judged
const ROUNDS = short ? 1 : 3;
const binary = (name) => join(folder, name);
const kept = [];

function start(program, args, ready) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  kept.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.includes(ready)) resolve(child);
    });
    child.on('exit', () => reject(new Error(`${program} ended: ${said}`)));
  });
}

function load(...args) {
  return JSON.parse(execFileSync(binary('bench_load'), args.map(String), { encoding: 'utf8', maxBuffer: 1 << 20 }));
}

async function idle(port, lines, ...more) {
  const child = spawn(binary('bench_load'), ['idle', String(port), '--lines', String(lines), ...more], { stdio: ['pipe', 'pipe', 'inherit'] });
  kept.push(child);
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.on('exit', () => reject(new Error('the idle lines were lost')));
  });
  return child;
}

function leave(child) {
  child.removeAllListeners('exit');
  return new Promise((resolve) => {
    child.on('exit', resolve);
    child.stdin.end();
  });
}

function processOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return {
    cpu: (Number(stat[11]) + Number(stat[12])) / 100, // seconds, at 100 ticks
    rss: Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]), // KiB
  };
}

const CONFIG = `limits: {messages_per_minute: 60000, contact_messages: 1000000, visitors: 15000, waiting: 10000}
desk: {capacity: 20, lease_seconds: 600}
`;

async function daemon(extra = '') {
  const one = await Daemon.create(CONFIG + extra);
  daemons.push(one);
  await one.start();
  return one;
}

async function sessions(one, count) {
  const file = join(one.folder, 'sessions');
  const tokens = [];
  for (let i = 0; i < count; i++) {
    const person = new Counsellor(one, `bench${i}`);
    await person.signUp();
    tokens.push(person.session);
    person.line.drop();
  }
  writeFileSync(file, tokens.join('\n') + '\n');
  return file;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];
const rows = [];
const figures = {};

function row(what, value, target, good) {
  rows.push({ what, value, target: target ?? '', good: good === undefined ? '' : good ? 'met' : 'MISSED' });
}

async function throughput() {
  const wsEcho = await freePort();
  await start('node', [new URL('node-echo.mjs', import.meta.url).pathname, String(wsEcho)], 'ready');
  for (const [lines, window] of LOADS) {
    const rounds = { echo: [], chat: [], node: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const port = await freePort();
      const echo = await start(binary('bench_echo'), [String(port)], 'ready');
      rounds.echo.push(load('echo', port, '--lines', lines, '--window', window, '--seconds', SECONDS).per_second);
      echo.removeAllListeners('exit');
      echo.kill('SIGTERM');
      rounds.node.push(load('echo', wsEcho, '--lines', lines, '--window', window, '--seconds', SECONDS).per_second);
      const one = await daemon();
      const result = load('chat', one.port, '--lines', lines, '--window', window, '--seconds', SECONDS,
        '--consoles', await sessions(one, lines / 20));
      if (result.unanswered || result.refused) throw new Error(`lost: ${JSON.stringify(result)}`);
      if (result.delivered !== result.sent) throw new Error(`not delivered: ${JSON.stringify(result)}`);
      rounds.chat.push(result.per_second);
      await one.remove();
    }
    const ratios = rounds.chat.map((value, i) => value / rounds.echo[i]);
    figures[`pipeline_over_echo_${lines}`] = median(ratios);
    figures[`messages_per_second_${lines}`] = median(rounds.chat);
    figures[`echo_per_second_${lines}`] = median(rounds.echo);
    figures[`node_ws_per_second_${lines}`] = median(rounds.node);
    row(`pipeline ÷ echo, ${lines} visitors, ${window} under way`, median(ratios).toFixed(2),
      ...(lines === LOADS[0][0] ? ['≥ 0.60', median(ratios) >= 0.6] : []));
    row(`  messages a second: pipeline, echo, node ws echo`, [rounds.chat, rounds.echo, rounds.node].map((l) => Math.round(median(l))).join(', '));
  }
}

async function costWithIdle() {
  const one = await daemon();
  const run = () => {
    const before = processOf(one.process.pid).cpu;
    const { messages } = load('chat', one.port, '--lines', 100, '--rate', RATE, '--seconds', SECONDS);
    return (processOf(one.process.pid).cpu - before) / messages * 1e6;
  };
  run();
  const alone = run();
  const before = processOf(one.process.pid).rss;
  const child = await idle(one.port, IDLE);
  const after = processOf(one.process.pid).rss;
  const crowded = run();
  await leave(child);
  await one.remove();
  figures.idle_cost_ratio = crowded / alone;
  figures.idle_kib = (after - before) / IDLE;
  row(`CPU a message with ${IDLE} idle visitors ÷ with none`, `${(crowded / alone).toFixed(2)} (${crowded.toFixed(0)} ÷ ${alone.toFixed(0)} µs)`, '≤ 1.3', crowded / alone <= 1.3);
  row('memory of an idle visitor, plain', `${figures.idle_kib.toFixed(2)} KiB`, '≤ 2.5 KiB', figures.idle_kib <= 2.5);
}

async function tls() {
  const place = mkdtempSync(join(folder, 'tls-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
    '-keyout', join(place, 'key.pem'), '-out', join(place, 'cert.pem')], { stdio: 'ignore' });
  const one = await Daemon.create('', []);
  writeFileSync(join(one.folder, 'onthaal.yaml'), `server:\n  port: ${one.port}\n  metrics_port: 0\n  certificate: ${join(place, 'cert.pem')}\n  key: ${join(place, 'key.pem')}\n${CONFIG}`);
  await one.start();
  const before = processOf(one.process.pid).rss;
  const child = await idle(one.port, IDLE_TLS, '--tls');
  figures.idle_tls_kib = (processOf(one.process.pid).rss - before) / IDLE_TLS;
  await leave(child);
  await one.remove();
  rmSync(place, { recursive: true });
  row('memory of an idle visitor, TLS', `${figures.idle_tls_kib.toFixed(2)} KiB`, '≤ 18 KiB', figures.idle_tls_kib <= 18);
}

async function acknowledgement() {
  const p50 = [];
  const p99 = [];
  const disk = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await daemon();
    const file = await sessions(one, 5);
    const fsync = load('fsync', one.folder);
    const result = load('chat', one.port, '--lines', 100, '--rate', RATE, '--seconds', SECONDS, '--consoles', file);
    if (result.unanswered || result.refused) throw new Error(`lost: ${JSON.stringify(result)}`);
    await one.remove();
    disk.push(fsync.p50_ms);
    p50.push(result.p50_ms / fsync.p50_ms);
    p99.push(result.p99_ms / fsync.p50_ms);
  }
  Object.assign(figures, { ack_p50_over_fdatasync: median(p50), ack_p99_over_fdatasync: median(p99), fdatasync_p50_ms: median(disk) });
  row(`acknowledgement at ${RATE}/s ÷ fdatasync, p50`, median(p50).toFixed(1), '≤ 4', median(p50) <= 4);
  row(`acknowledgement at ${RATE}/s ÷ fdatasync, p99`, `${median(p99).toFixed(1)} (fdatasync ${median(disk).toFixed(2)} ms)`, '≤ 40', median(p99) <= 40);
}

const daemons = [];
try {
  await throughput();
  await costWithIdle();
  await tls();
  await acknowledgement();
} catch (error) {
  await daemons.at(-1)?.remove(); // its last lines have come then
  console.error(daemons.at(-1)?.log.slice(-2000));
  throw error;
} finally {
  for (const child of kept) {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
}
const wide = Math.max(...rows.map((one) => one.what.length));
for (const one of rows) console.log(`${one.what.padEnd(wide)}  ${one.value.padEnd(24)}  ${one.target.padEnd(10)} ${one.good}`);
if (json) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
process.exitCode = !short && rows.some((one) => one.good === 'MISSED') ? 1 : 0;
