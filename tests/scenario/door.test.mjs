// Who only sits at the console's door, by the thousand, keeps no counsellor out and puts none out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, Line, until } from './client.mjs';

const STRANGERS = 500;
let daemon;
let anke;
const lines = [];

async function sit(count) {
  for (let i = 0; i < count; i += 50) {
    const some = Array.from({ length: Math.min(50, count - i) }, () => new Line(daemon.url, 'onthaal.console.1'));
    lines.push(...some);
    assert.ok((await Promise.all(some.map((line) => line.opened))).every(Boolean), 'a line is refused');
  }
}

before(async () => {
  daemon = await (await Daemon.create()).start();
  anke = await new Counsellor(daemon, 'Anke').signUp();
});
after(() => daemon.remove());

test('five hundred may sit there', async () => {
  await sit(1); // the oldest
  await sit(STRANGERS - 1);
  assert.equal(lines.filter((line) => line.up).length, STRANGERS);
});

test('each one more puts out the oldest of them, and never who is signed in', { timeout: 90000 }, async () => {
  await sit(1);
  assert.equal(await lines[0].closed, 1013);
  assert.equal(lines.filter((line) => line.up).length, STRANGERS);
  await sit(600);
  await until(() => lines.filter((line) => line.up).length === STRANGERS, 'the oldest to go');
  assert.ok(lines.slice(-STRANGERS + 50).every((line) => line.up)); // those opened together have no order
  assert.equal((await anke.request('duty', { duty: 'pause' })).t, 'ok');
});

test('a colleague comes in all the same', async () => {
  const bram = await new Counsellor(daemon, 'Bram').signUp();
  assert.equal((await bram.request('duty', { duty: 'on' })).t, 'ok');
  assert.deepEqual(breaches, []);
});
