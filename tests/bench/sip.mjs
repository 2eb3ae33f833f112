// Started by tests/bench/sip. Prints, for each load: CPU of one core, memory, packets lost, lateness.
import { spawn } from 'node:child_process';
import { Phone } from '../sip/phone.mjs';
import { word } from '../sip/sound.mjs';

const seconds = Number(process.argv[2] ?? 20);
const program = 'build/bench-sip/sip_phone';
const prompts = { 'any/music': word(1, 5) };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const hold = 'on incoming answer; hold segment=music@any seconds=3600';

const start = async (rules, base, more = '') => {
  const phone = await Phone.start({ program, prompts, rules: ['quiet', ...rules],
    sip: `  calls: 2000\n  rtp_from: ${base}\n  rtp_to: ${base + 9900}\n${more}` });
  return phone;
};

async function dial(from, to, count) {
  for (let i = 0; i < count; i++) {
    from.say(`dial load-${i} sip:intake@127.0.0.1:${to.port}`);
    if (i % 10 === 9) await pause(50);
  }
}

/** CPU over the time, then everything hung up and what was lost. */
async function measure(what, count, phone, others) {
  await pause(1500);
  const before = await phone.figures();
  await pause(seconds * 1000);
  const after = await phone.figures();
  others[0].say('end');
  await pause(1500);
  const lost = (await phone.figures()).rtp_lost_total + (await Promise.all(others.map(async (one) => (await one.figures()).rtp_lost_total)))
    .reduce((a, b) => a + b, 0);
  const cpu = (after.cpu_seconds - before.cpu_seconds) / seconds;
  const sent = (after.rtp_out_total - before.rtp_out_total) / seconds;
  console.log(`${what.padEnd(18)} ${String(after.calls).padStart(5)} calls  ${(cpu * 100).toFixed(1).padStart(5)} % of a core  `
    + `${(cpu / count * 1e6).toFixed(0).padStart(4)} µs/s a call  ${(after.peak_kib / 1024).toFixed(1).padStart(5)} MiB at most  `
    + `${sent.toFixed(0)} packets/s out  ${lost} lost  ${after.ticks_late_total - before.ticks_late_total} of `
    + `${after.ticks_total - before.ticks_total} ticks late, worst ${(after.tick_late_seconds_worst * 1000).toFixed(1)} ms`);
}

async function prompted(count) {
  const phone = await start([hold], 10000), callers = await start([hold], 20000);
  await dial(callers, phone, count);
  await measure('with a prompt', count, phone, [callers]);
  await callers.stop();
  await phone.stop();
}

async function bridged(count) {
  const counsellors = await start([hold], 40000), callers = await start([hold], 20000);
  const phone = await start(['leg join', `on incoming answer; connect target=sip:anna@127.0.0.1:${counsellors.port} seconds=20`], 10000);
  await dial(callers, phone, count);
  await measure('bridged', count, phone, [callers, counsellors]);
  for (const one of [callers, phone, counsellors]) await one.stop();
}

function bare(count) {
  const one = (from, to) => new Promise((resolve) => {
    const child = spawn('build/bench-sip/bench_sip_bare', [count, from, to, seconds], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (bytes) => { said += bytes; });
    child.on('exit', () => resolve(said.match(/received (\d+) cpu_seconds (\S+) peak_kib (\d+)/)?.slice(1).map(Number)));
  });
  return Promise.all([one(10000, 30000), one(30000, 10000)]).then(([[received, cpu, peak]]) => {
    console.log(`${'libre alone'.padEnd(18)} ${String(count).padStart(5)} calls  ${(cpu / seconds * 100).toFixed(1).padStart(5)} % of a core  `
      + `${(cpu / seconds / count * 1e6).toFixed(0).padStart(4)} µs/s a call  ${(peak / 1024).toFixed(1).padStart(5)} MiB at most  `
      + `${(received / seconds).toFixed(0)} packets/s in`);
  });
}

for (const count of [100, 300, 500, 1000]) {
  await bare(count);
  await prompted(count);
}
for (const count of [100, 250, 500]) await bridged(count);
