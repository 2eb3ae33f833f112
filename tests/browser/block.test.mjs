// An insult again and again is one row that opens; who sends it is closed and blocked, and told so kindly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, daemon, house } from './house.mjs';
import { counsellor, faultsOf, mine, open, say, shot, startChat, violations } from './people.mjs';

house('centre:\n  helplines:\n    - {number: "102", name: "Awel"}\ndesk:\n  block_minutes: 45\n');

test('a flood is folded, and its visitor blocked', async () => {
  const anke = await counsellor(browser, daemon, 'Anke');
  const visitor = await open(browser, daemon.url, { extraHTTPHeaders: { 'X-Forwarded-For': '203.0.113.7' } });
  await startChat(visitor);
  for (const [i, words] of ['jij bent dom', 'Jij bent dom!', 'jij bent DOM', 'jij  bent dom', 'jij bent dooom'].entries()) {
    await say(visitor, words);
    await mine(visitor, words).nth(0).waitFor();
    await visitor.locator('.log .me').nth(i).waitFor();
  }
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  const chat = anke.locator('.chat.active');
  const folded = chat.locator('.folded');
  await folded.getByText('3 keer nog eens dezelfde woorden').waitFor();
  assert.equal(await folded.getByText('jij bent dooom').isVisible(), false);
  assert.deepEqual(await violations(anke), []);
  await folded.locator('summary').click();
  await folded.getByText('jij bent dooom').waitFor();
  assert.equal(await chat.locator('.visitor p').count(), 5); // nothing is gone
  await shot(anke, 'console-folded');

  await chat.getByRole('button', { name: 'Afsluiten', exact: true }).click();
  assert.deepEqual(await violations(anke), []);
  await shot(anke, 'console-block');
  await chat.getByRole('button', { name: 'Afsluiten en 45 min. blokkeren' }).click();
  await visitor.getByText('Vanaf hier kan je nu een tijdje geen gesprek beginnen.').waitFor();
  await visitor.locator('main').getByText('Awel').first().waitFor();
  assert.equal(await visitor.getByRole('button', { name: 'Nieuw gesprek' }).count(), 0);
  assert.deepEqual(await violations(visitor), []);
  await shot(visitor, 'visitor-blocked');

  await visitor.reload(); // its own words it may read still
  await visitor.getByText('Vanaf hier kan je nu een tijdje geen gesprek beginnen.').waitFor();
  const again = await open(browser, daemon.url, { extraHTTPHeaders: { 'X-Forwarded-For': '203.0.113.99' } }); // the same network
  await again.getByLabel('Kind of jongere', { exact: true }).check();
  await again.getByRole('button', { name: 'Begin de chat' }).click();
  await again.getByText('Vanaf hier kan je nu een tijdje geen gesprek beginnen.').waitFor();
  assert.deepEqual(await faultsOf(again), []);
  assert.deepEqual(await faultsOf(visitor), []);
  assert.deepEqual(await faultsOf(anke), []);
});
