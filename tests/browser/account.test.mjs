// A person changes the own password and authenticator in the settings: the old ones are refused, the
// archive opens with the new password, the other window is signed out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, totp } from './daemon.mjs';
import { browser, clean, daemon, house } from './house.mjs';
import { counsellor, open, shot, violations } from './people.mjs';
import { newId, until, Visitor } from '../scenario/client.mjs';

const OTHER = 'blauwe fiets regent zacht';
const WORDS = 'alleen voor wie het las';

house();

async function signIn(page, password, code) {
  await page.getByLabel('Naam').fill('anke');
  await page.getByLabel('Wachtwoord').fill(password);
  await page.getByLabel(/Code van je authenticator/).fill(code);
  await page.getByRole('button', { name: 'Aanmelden' }).click();
}

async function settings(page) {
  await page.getByRole('button', { name: 'Instellingen' }).click();
  return page.getByRole('dialog');
}

async function change(part, now, next, again = next) {
  await part.getByLabel('Huidig wachtwoord').fill(now);
  await part.getByLabel(/^Nieuw wachtwoord, minstens/).fill(next);
  await part.getByLabel('Nieuw wachtwoord, nog eens').fill(again);
  await part.getByRole('button', { name: 'Wijzig het wachtwoord' }).click();
}

test('a new password, chosen with the old one', { timeout: 120000 }, async () => {
  const anke = await counsellor(browser, daemon, 'Anke');
  const child = await new Visitor(daemon).start();
  child.say(WORDS);
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chats').getByText(WORDS).waitFor();
  await anke.keyboard.press('Escape');
  child.line.send({ t: 'leave', id: newId() });
  await until(() => child.state === 'closed', 'the end');

  const other = await open(browser, `${daemon.url}/console/`, { viewport: { width: 1280, height: 900 } });
  await signIn(other, PASSWORD, totp(anke.secret, Date.now() + 30000));
  await other.locator('.desk').waitFor();

  const dialog = await settings(anke);
  const part = dialog.getByRole('region', { name: 'Wachtwoord', exact: true });
  await part.getByLabel(/^Nieuw wachtwoord, minstens/).fill('Onthaal Anke 2026');
  await part.getByText(/makkelijk te raden/).waitFor();
  await change(part, PASSWORD, 'te kort', 'te kort');
  await part.locator('.actions').getByText('Kies minstens 14 tekens.').waitFor();
  await change(part, PASSWORD, 'wachtwoordwachtwoord');
  await part.locator('.actions').getByText(/makkelijk te raden/).waitFor();
  await change(part, PASSWORD, OTHER, `${OTHER}!`);
  await part.getByText('De twee nieuwe wachtwoorden zijn niet gelijk.').waitFor();
  await change(part, PASSWORD, PASSWORD);
  await part.getByText('Dit is je huidige wachtwoord.').waitFor();
  assert.equal(anke.sent.includes('password'), false); // all of that stays in the page
  await change(part, 'een heel ander wachtwoord', OTHER);
  await part.getByText('Dat is niet je huidige wachtwoord.').waitFor();
  assert.match(daemon.command('audit', 'list'), /unlock\.failed/);
  assert.deepEqual(await violations(anke), []);
  await part.scrollIntoViewIfNeeded();
  await shot(anke, 'account-password');

  await part.getByLabel(/^Nieuw wachtwoord, minstens/).fill(OTHER);
  await part.getByText('Sterk genoeg.').waitFor();
  await change(part, PASSWORD, OTHER);
  await part.getByText(/^Gewijzigd\./).waitFor();
  await other.getByText('Je sessie is afgelopen').waitFor();
  await anke.keyboard.press('Escape');

  await anke.reload(); // its own session goes on; the key opens with the new one alone
  await anke.getByRole('button', { name: 'Archief' }).click();
  const archive = anke.getByRole('dialog');
  await archive.getByLabel('Wachtwoord').fill(PASSWORD);
  await archive.getByRole('button', { name: 'Ontgrendelen' }).click();
  await archive.getByText('niet het wachtwoord').waitFor();
  await archive.getByLabel('Wachtwoord').fill(OTHER);
  await archive.getByRole('button', { name: 'Ontgrendelen' }).click();
  await archive.getByRole('button', { name: /Anke/ }).click();
  await archive.getByText(WORDS).waitFor();
  await anke.keyboard.press('Escape');

  await signIn(other, PASSWORD, totp(anke.secret, Date.now() + 30000));
  await other.getByText('Naam, wachtwoord of code klopt niet.').waitFor();
  await clean(other);

  // another authenticator, by a recovery code
  const again = await settings(anke);
  const codes = again.getByRole('region', { name: 'Herstelcodes' });
  await codes.getByLabel('Wachtwoord').fill(OTHER);
  await codes.getByRole('button', { name: 'Maak herstelcodes' }).click();
  const code = await codes.locator('code').first().textContent();
  const factor = again.getByRole('region', { name: 'Authenticator' });
  await factor.getByLabel('Wachtwoord').fill(OTHER);
  await factor.getByLabel(/Code van je huidige/).fill('aaaaa-aaaaa');
  await factor.getByRole('button', { name: 'Andere authenticator' }).click();
  await factor.getByText('Wachtwoord of code klopt niet.').waitFor();
  await factor.getByLabel('Wachtwoord').fill(OTHER);
  await factor.getByLabel(/Code van je huidige/).fill(code);
  await factor.getByRole('button', { name: 'Andere authenticator' }).click();
  const secret = (await factor.locator('code').textContent()).replace(/\s/g, '');
  assert.notEqual(secret, anke.secret);
  assert.deepEqual(await violations(anke), []);
  await factor.scrollIntoViewIfNeeded();
  await shot(anke, 'account-authenticator');
  await factor.getByLabel(/Code van de nieuwe/).fill(totp(secret));
  await factor.getByRole('button', { name: 'Gebruik de nieuwe' }).click();
  await factor.getByText(/^Gewijzigd\./).waitFor();
  await clean(anke);
  const back = await open(browser, `${daemon.url}/console/`);
  await signIn(back, OTHER, totp(secret, Date.now() + 30000));
  await back.locator('.desk').waitFor();
  await clean(back);
});

test('an invitation takes no password that is easy to guess', async () => {
  const page = await open(browser, `${daemon.url}/console/#invite=${daemon.invite('bert', 'Bert')}`);
  await page.getByLabel(/Kies een wachtwoord/).fill('BertBertBertBert');
  const secret = (await page.locator('code').textContent()).replace(/\s/g, '');
  await page.getByLabel(/Code van je authenticator/).fill(totp(secret));
  await page.getByRole('button', { name: 'Klaar' }).click();
  await page.getByRole('alert').getByText(/makkelijk te raden/).waitFor();
  assert.equal(page.sent.includes('accept'), false);
  await shot(page, 'account-invite');
  await page.getByLabel(/Kies een wachtwoord/).fill(OTHER);
  await page.getByText('Sterk genoeg.').waitFor();
  await page.getByRole('button', { name: 'Klaar' }).click();
  await page.locator('.desk').waitFor();
  await clean(page);
});
