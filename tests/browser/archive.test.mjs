// Closed conversations, opened in the browser alone: by who had them, by a coordinator, after a new
// password; never by another counsellor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, totp } from './daemon.mjs';
import { browser, daemon, house } from './house.mjs';
import { faultsOf, open, violations } from './people.mjs';
import { breaches, newId, until, Visitor } from '../scenario/client.mjs';

const WORDS = 'alleen voor wie het las';

house('');

async function accept(name, link) {
  const token = link.match(/#invite=(\S+)/)[1];
  const page = await open(browser, `${daemon.url}/console/#invite=${token}`, { viewport: { width: 1280, height: 900 } });
  await page.getByLabel(/Kies een wachtwoord/).fill(`${PASSWORD} ${name}`);
  page.secret = (await page.locator('code').textContent()).replace(/\s/g, '');
  await page.getByLabel(/Code van je authenticator/).fill(totp(page.secret));
  await page.getByRole('button', { name: 'Klaar' }).click();
  await page.getByRole('button', { name: 'Beschikbaar' }).click();
  return page;
}

const person = (name, role) => accept(name, daemon.command('staff', 'add', name, '--display', name, '--role', role));

async function archive(page) {
  await page.getByRole('button', { name: 'Archief' }).click();
  return page.getByRole('dialog');
}

async function conversation(page, words) {
  const child = await new Visitor(daemon).start();
  child.say(words);
  await until(() => child.unsent.length === 0, 'the message to be stored');
  await page.getByRole('button', { name: /Neem volgende/ }).click();
  await page.locator('.chats').getByText(words).waitFor();
  await page.keyboard.press('Escape');
  return child;
}

test('what is closed is opened by who had it and by the coordinators', async () => {
  const coordinator = await person('Cora', 'coordinator');
  await until(() => daemon.command('audit', 'list').includes('key.coordinators'), 'the coordinators\' key');
  const anke = await person('Anke', 'counsellor');
  await until(() => daemon.command('audit', 'list').split('key.enrolled').length === 3, 'the keys');
  const child = await conversation(anke, WORDS);
  child.line.send({ t: 'leave', id: newId() });
  await until(() => child.state === 'closed', 'the end');

  let dialog = await archive(anke);
  await dialog.getByRole('button', { name: /Anke/ }).click();
  await dialog.getByText(WORDS).waitFor();
  assert.deepEqual(await violations(anke), []);
  await dialog.getByRole('button', { name: 'Sluiten' }).click();

  dialog = await archive(coordinator);
  await dialog.getByRole('button', { name: /Anke/ }).click();
  await dialog.getByText(WORDS).waitFor();

  const bert = await person('Bert', 'counsellor');
  dialog = await archive(bert);
  await dialog.getByText('Er is niets dat jij kunt openen').waitFor();
  assert.equal(daemon.command('audit', 'list').match(/contact\.opened/g).length, 2);

  await anke.reload(); // the key is gone with the page
  dialog = await archive(anke);
  await dialog.getByLabel('Wachtwoord').fill('een heel ander wachtwoord');
  await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  await dialog.getByText('niet het wachtwoord').waitFor();
  await dialog.getByLabel('Wachtwoord').fill(`${PASSWORD} Anke`);
  await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  await dialog.getByRole('button', { name: /Anke/ }).click();
  await dialog.getByText(WORDS).waitFor();

  // a forgotten password: a new key, and a coordinator seals to it anew
  const again = await accept('Anke2', daemon.command('staff', 'reset', 'Anke'));
  dialog = await archive(again);
  await dialog.getByText('Er is niets dat jij kunt openen').waitFor();
  await coordinator.reload();
  dialog = await archive(coordinator);
  await dialog.getByLabel('Wachtwoord').fill(`${PASSWORD} Cora`);
  await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  await dialog.getByText('Sleutels van de coördinatoren').click();
  await dialog.getByRole('button', { name: 'Anke', exact: true }).click();
  await dialog.getByText('Klaar: 1 gesprek ').waitFor();
  dialog = again.getByRole('dialog');
  await until(async () => {
    await dialog.getByRole('button', { name: 'Sluiten' }).click();
    dialog = await archive(again);
    await dialog.getByRole('button', { name: /Anke/ }).or(dialog.getByText('Er is niets')).first().waitFor();
    return dialog.getByRole('button', { name: /Anke/ }).isVisible();
  }, 'the conversation sealed anew');
  await dialog.getByRole('button', { name: /Anke/ }).click();
  await dialog.getByText(WORDS).waitFor();

  // a second coordinator is let in; a rotation leaves everything open to those who stay
  const dora = await person('Dora', 'coordinator');
  dialog = await archive(dora);
  dialog = coordinator.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Sluiten' }).click();
  await coordinator.reload();
  dialog = await archive(coordinator);
  await dialog.getByLabel('Wachtwoord').fill(`${PASSWORD} Cora`);
  await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  await dialog.getByText('Sleutels van de coördinatoren').click();
  await dialog.getByText(/Dora heeft de sleutel van de coördinatoren nog niet/).waitFor();
  await dialog.getByRole('button', { name: 'Geef de sleutel' }).click();
  await dialog.getByText('Dora heeft de sleutel nu.').waitFor();
  await dialog.getByText(/Dora heeft de sleutel van/).waitFor({ state: 'detached' });
  await daemon.stop();
  await daemon.start(); // the window goes on, and nobody said who sits there
  const rotate = dialog.getByRole('button', { name: 'Nieuwe sleutel maken' });
  await until(async () => {
    if (await dialog.getByLabel('Wachtwoord').isVisible()) return true;
    if (await rotate.isEnabled()) await rotate.click(); // until the line is back it is refused
    return false;
  }, 'the question');
  await dialog.getByRole('button', { name: 'Niet nu' }).click();
  await dialog.getByText('Geef eerst je wachtwoord.').waitFor();
  assert.equal(daemon.command('audit', 'list').match(/key\.coordinators/g).length, 1);
  await rotate.click();
  await dialog.getByLabel('Wachtwoord').fill('een heel ander wachtwoord');
  await dialog.getByRole('button', { name: 'Bevestigen' }).click();
  await dialog.getByText('niet het wachtwoord').waitFor();
  await dialog.getByLabel('Wachtwoord').fill(`${PASSWORD} Cora`);
  await dialog.getByRole('button', { name: 'Bevestigen' }).click();
  await until(() => daemon.command('audit', 'list').includes('key.rotated'), 'the rotation');
  assert.match(daemon.command('audit', 'list'), /contact\.resealed/);
  await dora.reload();
  dialog = await archive(dora);
  await dialog.getByLabel('Wachtwoord').fill(`${PASSWORD} Dora`);
  await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  await dialog.getByRole('button', { name: /Anke/ }).click();
  await dialog.getByText(WORDS).waitFor();
  for (const page of [anke, bert, again, coordinator, dora]) assert.deepEqual(await faultsOf(page), []);
  assert.deepEqual(breaches, []);
});
