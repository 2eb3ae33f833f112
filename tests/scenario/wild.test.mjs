// A counsellor's page gone wild: every request of the protocol, from a window that is signed in, with every
// wrong type and size. It is answered or closed by the rules; whoever else is at work notices nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Daemon, PASSWORD } from '../browser/daemon.mjs';
import { breaches, Counsellor, newId, until, Visitor } from './client.mjs';

const SCHEMA = JSON.parse(readFileSync('gateway/console/protocol.schema.json', 'utf8'));
const PAGE = SCHEMA.$defs.page.oneOf.map(({ properties }) => properties);
const KINDS = PAGE.flatMap(({ t }) => t.enum ?? [t.const]).filter((t) => t !== 'sign-out');
const KEYS = [...new Set(PAGE.flatMap((properties) => Object.keys(properties)))].filter((key) => key !== 't' && key !== 'id');
const VALUES = [null, true, -1, 0, 1, 1.5, 4294967296, 1e300, '', ' ', 'A', 'A'.repeat(43), 'A'.repeat(107), '0123456789abcdef', 'x'.repeat(3000), '\u202e\u0301', [], [[]], {}, { a: { b: [1] } }];
const TIMES = 40;
let daemon;

before(async () => { daemon = await (await Daemon.create()).start(); });
after(() => daemon.remove());

for (const role of ['counsellor', 'coordinator', 'administrator'])
  test(`as ${role}`, { timeout: 120000 }, async () => {
    const anke = await new Counsellor(daemon, `Anke-${role}`).signUp();
    const child = await new Visitor(daemon).start();
    const { contact } = await anke.request('take');
    const wild = await new Counsellor(daemon, `Wild-${role}`).signUp(role);
    let [sent, answered, seed] = [0, 0, 1];
    const random = (most) => { seed = (seed * 48271) % 2147483647; return seed % most; };
    const count = (frame) => { answered += frame.t === 'ok' || frame.t === 'no' ? 1 : 0; };
    wild.line.hooks.push(count);
    for (const t of KINDS)
      for (let i = 0; i < TIMES; i++) {
        const frame = { t, id: newId() };
        for (const key of KEYS) if (random(3)) frame[key] = key === 'contact' && !random(3) ? contact : VALUES[random(VALUES.length)];
        if (!wild.line.up) {
          // 1006: what we still wrote met a socket that was closed already, and its reason was lost
          assert.ok([1000, 1006, 1008].includes(wild.line.code), `${t}: ${wild.line.code}`);
          assert.equal(await wild.resume(), true, `after ${t}`);
          wild.line.hooks.push(count);
        }
        wild.line.raw(JSON.stringify(frame));
        sent++;
        if (i % 10 === 9) await until(() => !wild.line.up || answered > sent / 2, `answers to ${t}`).catch(() => undefined);
      }
    child.say('nog altijd');
    await until(() => anke.contacts.get(contact)?.some((event) => event.text === 'nog altijd'), 'the counsellor to read');
    assert.equal((await anke.request('say', { contact, text: 'ik ook' })).t, 'ok');
    await until(() => child.texts('counsellor').includes('ik ook'), 'the visitor to read');
    assert.equal((await anke.request('codes', { password: PASSWORD })).t, 'ok'); // her account is as it was
    assert.ok(answered > sent / 2, `${answered} of ${sent}`);
    assert.deepEqual([...child.faults, ...anke.faults], []);
    assert.equal(daemon.process.exitCode, null);
    assert.doesNotMatch(daemon.log, /Sanitizer|runtime error|Assertion/);
    child.line.send({ t: 'leave', id: newId() });
  });

test('what the server said was of the protocol', () => assert.deepEqual(breaches.filter((breach) => !breach.startsWith('sent ')), []));
