// jambonz: the scenarios that every line must master.
import { after, before, test } from 'node:test';
import { Jambonz } from '../fakes/jambonz.mjs';
import { scenarios } from './scenarios.mjs';
import { World } from './world.mjs';

const can = { webhooks: true, dial: true, interrupt: true, end: true, restart: true, record: true, streams: true, whisper: true, live: true };
let world;
before(async () => { world = await World.create(Jambonz); });
after(() => world.remove());

for (const { name, run, needs } of scenarios)
  test(name, { skip: Object.keys(needs).find((need) => !can[need]) ?? false }, () => world.play(run));
