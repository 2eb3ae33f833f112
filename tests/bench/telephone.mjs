// Webhooks a second and how long an answer takes, with calls waiting, without and with 1,000 chat messages a
// second; in the same run what a webhook costs beside a page, which asks nothing of anybody.
//   node tests/bench/telephone.mjs FOLDER_OF_BINARIES [--short] [--json FILE]
// Ends with status 1 when an answer fails, a message is lost, or (but --short) a target is missed.
import { writeFileSync } from 'node:fs';
import { join, resolve as absolute } from 'node:path';
import { performance } from 'node:perf_hooks';

process.env.ONTHAAL = join(absolute(process.argv[2]), 'onthaal');
const { Twilio } = await import('../fakes/twilio.mjs');
const { until, Visitor } = await import('../scenario/client.mjs');
const { World } = await import('../ivr/world.mjs');

const short = process.argv.includes('--short');
const json = process.argv.includes('--json') ? process.argv[process.argv.indexOf('--json') + 1] : undefined;
const CALLS = short ? 50 : 300;
const SECONDS = short ? 2 : 10;
const AT_ONCE = 4;
const VISITORS = 70;
const RATE = short ? 200 : 1000; // chat messages a second
const TARGET_MS = 50; // "answered from memory, even when the store stalls"

const rows = [];
const figures = { calls: CALLS, seconds: SECONDS, chat_messages_per_second: RATE };
const row = (what, value, target, good) => rows.push({ what, value, target: target ?? '', good: good === undefined ? '' : good ? 'met' : 'MISSED' });

/** Asks again and again, AT_ONCE at a time; milliseconds of each answer. */
async function measure(ask) {
  const times = [];
  const end = performance.now() + SECONDS * 1000;
  await Promise.all(Array.from({ length: AT_ONCE }, async (_, from) => {
    for (let i = from; performance.now() < end; i += AT_ONCE) {
      const before = performance.now();
      await ask(i);
      times.push(performance.now() - before);
    }
  }));
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor((times.length - 1) * share)];
  return { per_second: times.length / SECONDS, p50_ms: at(0.5), p99_ms: at(0.99), worst_ms: at(1) };
}

function tell(what, name, result, judged) {
  for (const [key, value] of Object.entries(result)) figures[`${name}_${key}`] = value;
  row(what, `${result.per_second.toFixed(0)}/s, p50 ${result.p50_ms.toFixed(2)} ms, p99 ${result.p99_ms.toFixed(2)} ms, worst ${result.worst_ms.toFixed(2)} ms`,
    ...(judged ? [`p99 ≤ ${TARGET_MS} ms`, result.p99_ms <= TARGET_MS] : []));
}

const world = await World.create(Twilio, '', 'limits:\n  messages_per_minute: 6000\n  contact_messages: 100000\n');
let lost;
try {
  const { platform } = world;
  const calls = [];
  for (let i = 0; i < CALLS; i++) {
    const call = await platform.call().start();
    await call.press('1');
    await call.press('2');
    calls.push(call);
  }
  const page = await measure(async () => {
    const answer = await fetch(`${world.daemon.url}/`);
    if (answer.status !== 200) throw new Error(`the page answered ${answer.status}`);
    await answer.arrayBuffer();
  });
  // a wrong answer, or none, is thrown by the platform's stand-in
  const webhook = (i) => calls[i % CALLS].wait();
  const alone = await measure(webhook);
  const visitors = await Promise.all(Array.from({ length: VISITORS }, (_, i) => new Visitor(world.daemon, `v${i}`).start()));
  let said = 0;
  const begun = performance.now();
  const timer = setInterval(() => { // as many as are due by the clock: a late timer makes none fewer
    while (said < RATE * (performance.now() - begun) / 1000) visitors[(said += 1) % VISITORS].say('dag, is daar iemand?');
  }, 20);
  const crowded = await measure(webhook);
  clearInterval(timer);
  await until(() => visitors.every((visitor) => !visitor.unsent.length), 'every message to be acknowledged', 60000);
  const acknowledged = visitors.reduce((sum, visitor) => sum + visitor.acknowledged.size, 0);
  const stored = await world.metric('messages_total');
  const faults = visitors.flatMap((visitor) => visitor.faults);
  lost = said - Math.min(acknowledged, stored) + faults.length;
  tell('a page, nothing else going on', 'page', page);
  tell(`a webhook, ${CALLS} calls waiting`, 'webhook', alone, true);
  tell(`  and ${RATE} chat messages a second`, 'webhook_with_chat', crowded, true);
  figures.webhook_over_page_p50 = alone.p50_ms / page.p50_ms;
  figures.with_chat_over_alone_p99 = crowded.p99_ms / alone.p99_ms;
  Object.assign(figures, { answers: platform.answers, failed: platform.trouble.length, said, acknowledged, stored, lost });
  row('a webhook ÷ a page, p50', figures.webhook_over_page_p50.toFixed(2));
  row('with chat ÷ without, p99', figures.with_chat_over_alone_p99.toFixed(2));
  row('answers; failed', `${platform.answers}; ${platform.trouble.length}`, '0 failed', !platform.trouble.length);
  row('messages said, acknowledged, stored', `${said}, ${acknowledged}, ${stored}`, '0 lost', lost === 0);
  for (const fault of [...platform.trouble, ...faults].slice(0, 5)) console.error(String(fault));
} catch (error) {
  console.error(world.daemon.log.slice(-2000));
  throw error;
} finally {
  await world.remove();
}
const wide = Math.max(...rows.map((one) => one.what.length));
for (const one of rows) console.log(`${one.what.padEnd(wide)}  ${one.value.padEnd(64)}  ${one.target.padEnd(12)} ${one.good}`);
if (json) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
process.exit(lost || figures.failed || (!short && rows.some((one) => one.good === 'MISSED')) ? 1 : 0);
