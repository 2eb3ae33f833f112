// Twilio, SignalWire and Somleng: the scenarios that every line must master.
import { after, before, describe, test } from 'node:test';
import { SignalWire, Somleng, Twilio } from '../fakes/twilio.mjs';
import { scenarios } from './scenarios.mjs';
import { World } from './world.mjs';

// Somleng tells nothing while two talk, and cannot ask for a 1 (live, whisper).
const all = { webhooks: true, dial: true, record: true, keeps: true, interrupt: true, end: true };

for (const [Kind, can] of [[Twilio, { ...all, whisper: true, live: true, restart: true }], [SignalWire, { ...all, whisper: true, live: true }], [Somleng, all]]) {
  describe(Kind.name, () => {
    let world;
    before(async () => { world = await World.create(Kind); });
    after(() => world.remove());
    for (const { name, run, needs } of scenarios)
      test(name, { skip: Object.keys(needs).find((need) => !can[need]) ?? false }, () => world.play(run));
  });
}
