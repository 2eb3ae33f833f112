// What is forgotten leaves the pages that show it: the visitor's, the counsellor's, the archive.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { BINARY, PASSWORD } from './daemon.mjs';
import { browser, daemon, house } from './house.mjs';
import { counsellor, faultsOf, open, reply, say, startChat, mine, shot, violations } from './people.mjs';

house('centre:\n  helplines:\n    - {number: "1712", name: "Hulp"}\n');

const forget = (contact) => new Promise((resolve, reject) => {
  execFile(BINARY, ['forget', '--data', daemon.folder, '--open', contact], (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)));
});
const holds = (page, words) => page.evaluate((wanted) => document.documentElement.innerHTML.includes(wanted) || JSON.stringify({ ...sessionStorage }).includes(wanted)
  || [...document.querySelectorAll('textarea')].some((area) => area.value.includes(wanted)), words);

async function stop(child) {
  await child.getByRole('button', { name: 'Gesprek stoppen' }).click();
  await child.getByRole('button', { name: 'Ja, stoppen' }).click();
  await child.getByText('Het gesprek is afgelopen').waitFor();
}

test('while both write: the words leave both pages, the visitor reads why, and may begin anew', async () => {
  const child = await open(browser, `${daemon.url}/`);
  const anke = await counsellor(browser, daemon, 'Anke');
  await startChat(child);
  await say(child, 'dit moet weg');
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await reply(anke, 'ik lees dit moet weg');
  await mine(child, 'dit moet weg').waitFor();
  await child.locator('.log').getByText('ik lees').waitFor();
  await child.getByLabel('Schrijf een bericht').fill('half geschreven: moet weg');
  await anke.locator('.chat.active').getByLabel('Antwoord aan de bezoeker').fill('half beantwoord: moet weg');
  const contact = await anke.locator('.details code').textContent();
  assert.match(contact, /^[0-9a-f]{16}$/);
  await forget(contact);
  await child.getByText('Dit gesprek is gesloten en gewist.').waitFor();
  await anke.getByText('Dit gesprek is gewist: er blijft niets van over.').waitFor();
  await shot(child, 'forgotten');
  assert.equal(await holds(child, 'moet weg'), false);
  assert.equal(await holds(anke, 'moet weg'), false);
  assert.equal(await child.evaluate(() => sessionStorage.getItem('onthaal').includes('secret')), false);
  await child.getByRole('main').getByRole('link', { name: /1712/ }).waitFor();
  assert.equal(await child.getByRole('button', { name: 'Verder in dit gesprek' }).count(), 0);
  assert.deepEqual(await violations(child), []);
  await child.getByRole('button', { name: 'Nieuw gesprek' }).click();
  await startChat(child);
  await stop(child);
  assert.deepEqual([...await faultsOf(child), ...await faultsOf(anke)], []);
  await child.context().close();
  await anke.context().close();
});

test('a closed one leaves the archive while it is read there', async () => {
  const child = await open(browser, `${daemon.url}/`);
  const bert = await counsellor(browser, daemon, 'Bert');
  await startChat(child);
  await say(child, 'ooit gesloten');
  await mine(child, 'ooit gesloten').waitFor();
  await bert.getByRole('button', { name: /Neem volgende/ }).click();
  await bert.locator('.chat.active').getByText('ooit gesloten').waitFor();
  await stop(child);
  assert.equal(await holds(child, 'ooit gesloten'), true); // its own words may still be read
  await bert.getByRole('button', { name: 'Archief' }).click();
  const dialog = bert.getByRole('dialog');
  const password = dialog.getByLabel('Wachtwoord');
  await dialog.getByRole('button', { name: /Bert/ }).or(password).first().waitFor();
  if (await password.count()) {
    await password.fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  }
  await dialog.getByRole('button', { name: /Bert/ }).first().click();
  await dialog.getByText('ooit gesloten').waitFor();
  await forget(await dialog.locator('.archived code').textContent());
  await child.getByText('Dit gesprek is gesloten en gewist.').waitFor();
  await dialog.getByText('ooit gesloten').waitFor({ state: 'detached' });
  assert.equal(await holds(bert, 'ooit gesloten'), false);
  assert.equal(await holds(child, 'ooit gesloten'), false);
  assert.equal(await dialog.getByRole('button', { name: /Bert/ }).count(), 0);
  assert.deepEqual(await faultsOf(bert), []);
});
