// Rules of urgency in the running daemon: read anew from the console, refused when wrong, and what
// counsellors say of their flags.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from './client.mjs';

const RULES = `onthaal rules 1
rule proef.slaat
  level serious
  category repeated_hitting
  match papa ..3 slaat
  why Vraag door.
  yes papa slaat mij
  yes papa hij slaat
  no papa slaapt
  no ok
rule proef.nacht
  level elevated
  category child_at_night
  who child
  hour 0 24
  why Vraag of het veilig is.
  yes child 12:00
  yes child 00:00
  no parent 12:00
  no parent 00:00
`;
let daemon;
let rules;
before(async () => {
  rules = mkdtempSync(join(tmpdir(), 'onthaal-rules-'));
  writeFileSync(join(rules, 'proef.rules'), RULES);
  daemon = await (await Daemon.create(`rules: ${rules}\n`)).start();
});
after(async () => {
  await daemon.remove();
  rmSync(rules, { recursive: true, force: true });
});

test('a coordinator reads the rules anew; wrong ones are refused and said why', async () => {
  const lien = await new Counsellor(daemon, 'Lien').signUp('coordinator');
  const anke = await new Counsellor(daemon, 'Anke').signUp();
  assert.equal((await anke.request('reload-rules')).code, 'denied');
  const first = await lien.request('reload-rules');
  assert.equal(first.t, 'ok');
  assert.equal(first.rules, 2);
  writeFileSync(join(rules, 'proef.rules'), RULES.replace('yes papa hij slaat', 'yes mama slaat'));
  const refused = await lien.request('reload-rules');
  assert.equal(refused.code, 'refused');
  assert.match(refused.text, /proef\.rules:8: rule proef\.slaat gives no flag/);
  const child = await new Visitor(daemon).start();
  child.say('papa slaat mij'); // by the old rules
  await until(() => anke.alarms.some((alarm) => alarm.why === 'raised'), 'the alarm');
  const { contact } = await anke.request('take');
  assert.equal((await anke.request('close', { contact })).t, 'ok');
  writeFileSync(join(rules, 'proef.rules'), RULES.replaceAll('slaat', 'roept'));
  const next = await lien.request('reload-rules');
  assert.equal(next.t, 'ok');
  assert.notEqual(next.set, first.set);
  assert.deepEqual(breaches, []);
});

test('SIGHUP does the same, and says in the log what was refused', async () => {
  writeFileSync(join(rules, 'proef.rules'), `${RULES}rule proef.slaat\n`);
  daemon.process.kill('SIGHUP');
  await until(() => /reload refused[^\n]*proef\.slaat is there already/.test(daemon.log), 'the refusal');
  writeFileSync(join(rules, 'proef.rules'), RULES);
  daemon.process.kill('SIGHUP');
  daemon.process.kill('SIGHUP'); // while the first is under way
  await until(() => (daemon.log.match(/msg=reloaded|msg="reloaded"/g) ?? []).length >= 3, 'the reload');
});

test('counsellors tell of wrong and missed flags, and nothing of the contact is kept', async () => {
  const mieke = await new Counsellor(daemon, 'Mieke').signUp();
  const child = await new Visitor(daemon).start();
  child.say('papa slaat mij en niet zacht');
  await until(() => mieke.alarms.some((alarm) => alarm.why === 'raised'), 'the alarm');
  const { contact } = await mieke.request('take');
  const seq = 2;
  const told = await mieke.request('wrong-flag', { contact, seq, rule: 'proef.slaat' });
  assert.equal(told.t, 'ok');
  assert.equal((await mieke.request('wrong-flag', { contact, seq, rule: 'proef.nacht' })).code, 'invalid');
  assert.equal((await mieke.request('missed-flag', { contact, level: 'immediate' })).t, 'ok');
  assert.equal((await mieke.request('missed-flag', { contact: '0123456789abcdef', level: 'serious' })).code, 'gone');
  const list = daemon.command('rules', 'feedback');
  assert.match(list, /^wrong +serious +1 +last \d{4}-\d\d-\d\d +proef\.slaat$/m);
  assert.match(list, /^missed +immediate +1 /m);
  assert.equal(list.includes(contact), false);
  assert.deepEqual(breaches, []);
});
