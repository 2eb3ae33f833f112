// A flood of connections of each kind, while a conversation goes on: how long its messages take in both
// directions, how long it takes to come back after its line broke, and what the flood cost.
//   node tests/bench/flood.mjs BINARY [--count N] [--json FILE]
// Ends with status 1 when a message took a second or was lost. tests/scenario/flood.test.mjs is its short form.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const KINDS = [
  ['none', 'nothing: the conversation alone'],
  ['silent', 'connections that say nothing'],
  ['slow', 'requests that are never finished'],
  ['pages', 'the page, and the connection is kept'],
  ['network', 'websockets from one network'],
  ['lines', 'websockets from as many networks'],
  ['starts', 'conversations asked for from as many networks'],
];

function cost(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  return { seconds: (Number(stat[11]) + Number(stat[12])) / 100, megabytes: kilobytes / 1024 };
}

function begin(port, kind, count) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('flooder.mjs', import.meta.url)), String(port), kind, String(count)],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  const told = new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.endsWith('\n')) resolve(JSON.parse(said));
    });
    child.on('exit', () => reject(new Error(`the flood ended: ${said}`)));
  });
  return { child, told };
}

/** One message in each direction; each in ms. */
async function exchange(child, anke, contact, until) {
  const heard = () => (anke.contacts.get(contact) ?? []).filter((event) => event.kind === 'message' && event.author === 'visitor').length;
  const before = heard();
  let began = performance.now();
  child.say('ik schrijf gewoon verder');
  await until(() => heard() > before && child.unsent.length === 0, 'the message to come', 30000);
  const there = performance.now() - began;
  const answers = child.texts('counsellor').length;
  began = performance.now();
  if ((await anke.request('say', { contact, text: 'ik ben hier' }))?.t !== 'ok') throw new Error('an answer was not stored');
  await until(() => child.texts('counsellor').length > answers, 'the answer to come', 30000);
  return [there, performance.now() - began];
}

/** What each kind of flood did. */
export async function flood(count, kinds = KINDS) {
  const { Daemon } = await import('../browser/daemon.mjs');
  const { Counsellor, until, Visitor, breaches } = await import('../scenario/client.mjs');
  const daemon = await (await Daemon.create('limits:\n  messages_per_minute: 60000\n  contact_messages: 100000\n')).start();
  const rows = [];
  try {
    const anke = await new Counsellor(daemon, 'Anke').signUp();
    const child = new Visitor(daemon);
    await child.start({ headers: { 'X-Forwarded-For': '192.0.2.1' } });
    const { contact } = await anke.request('take', {});
    for (const [kind, what] of kinds) {
      const before = cost(daemon.process.pid);
      const took = [];
      const flooding = kind === 'none' ? undefined : begin(daemon.port, kind, count);
      let told;
      flooding?.told.then((all) => { told = all; }, (error) => { told = { failed: String(error) }; });
      while (took.length < 40 || (flooding && !told)) took.push(...await exchange(child, anke, contact, until));
      for (let i = 0; i < 20; i++) took.push(...await exchange(child, anke, contact, until)); // all are there
      child.line.drop();
      const dropped = performance.now();
      child.sending = undefined;
      await child.connect({ headers: { 'X-Forwarded-For': '192.0.2.1' } });
      await until(() => child.line.frames.some(({ t }) => t === 'resumed'), 'the conversation to come back', 30000);
      const back = performance.now() - dropped;
      took.push(...await exchange(child, anke, contact, until));
      const after = cost(daemon.process.pid);
      if (flooding) {
        flooding.child.removeAllListeners('exit');
        const gone = new Promise((resolve) => { flooding.child.on('exit', resolve); });
        flooding.child.stdin.end();
        await gone;
      }
      took.sort((a, b) => a - b);
      rows.push({ kind, what, ...told, messages: took.length, median: took[took.length >> 1], worst: took.at(-1), back,
        seconds: after.seconds - before.seconds, megabytes: after.megabytes - before.megabytes });
      if (kind !== 'none') await until(async () => (await fetch(`${daemon.url}/`).catch(() => ({}))).ok, 'the page to be there again', 60000);
    }
    return { rows, faults: [...child.faults, ...anke.faults], breaches };
  } finally {
    await daemon.remove();
  }
}

export function table(rows) {
  const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  const lines = rows.map((row) => [row.what, row.opened ?? '–', row.closed ?? '–', row.messages, ms(row.median), ms(row.worst), ms(row.back),
    `${row.seconds.toFixed(2)} s`, `${row.megabytes.toFixed(1)} MB`].join(' | '));
  return ['| flood | opened | closed again by us | messages | median | worst | came back in | processor | memory |',
    '|---|---|---|---|---|---|---|---|---|', ...lines.map((line) => `| ${line} |`)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
  process.env.ONTHAAL = process.argv[2];
  const { rows, faults, breaches } = await flood(Number(option('--count') ?? 10000));
  console.log(table(rows));
  if (option('--json')) writeFileSync(option('--json'), `${JSON.stringify(rows, null, 1)}\n`);
  const slow = rows.filter((row) => row.worst >= 1000 || row.back >= 1000);
  slow.forEach((row) => console.error(`${row.kind}: a message took ${Math.round(row.worst)} ms, coming back ${Math.round(row.back)} ms`));
  const wrong = [...faults, ...breaches, ...rows.filter(({ failed }) => failed).map(({ kind, failed }) => `${kind}: ${failed}`)];
  wrong.forEach((fault) => console.error(fault));
  process.exitCode = slow.length || wrong.length ? 1 : 0;
}
