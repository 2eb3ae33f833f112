// Webhooks a second and how long an answer takes, with 300 calls waiting, without and with 1,000 chat
// messages a second: node tests/bench/telephone.mjs [CALLS [SECONDS]]; ONTHAAL names the program.
import { performance } from 'node:perf_hooks';
import { Twilio } from '../fakes/twilio.mjs';
import { Visitor } from '../scenario/client.mjs';
import { World } from '../ivr/world.mjs';

const [count = 300, seconds = 10] = process.argv.slice(2).map(Number);
const world = await World.create(Twilio, '', 'limits:\n  messages_per_minute: 1000\n');
const { platform } = world;
const calls = [];
for (let i = 0; i < count; i++) {
  const call = await platform.call().start();
  await call.press('1');
  await call.press('2');
  calls.push(call);
}

async function measure(what) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  const one = async (from) => {
    for (let i = from; performance.now() < end; i = (i + 4) % count) {
      const before = performance.now();
      await calls[i].wait();
      times.push(performance.now() - before);
    }
  };
  await Promise.all([0, 1, 2, 3].map(one));
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(2);
  console.log(`${what}: ${(times.length / seconds).toFixed(0)} webhooks/s, answer p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`);
}

await measure(`${count} calls waiting`);
const visitors = await Promise.all(Array.from({ length: 70 }, (_, i) => new Visitor(world.daemon, `v${i}`).start()));
let sent = 0;
const timer = setInterval(() => {
  for (let i = 0; i < 20; i++) visitors[(sent += 1) % visitors.length].say('dag, is daar iemand?');
}, 20);
await measure(`${count} calls waiting, 1,000 chat messages/s`);
clearInterval(timer);
console.log(`${sent} messages were written, ${await world.metric('messages_total')} stored`);
await world.remove();
process.exit(0);
