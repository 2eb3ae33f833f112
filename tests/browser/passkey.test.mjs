// Passkeys by the browser's own virtual authenticator: added, used by keyboard alone, opening the archive
// without a password where the authenticator has a PRF, and refused once removed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, totp } from './daemon.mjs';
import { browser, clean, daemon, house } from './house.mjs';
import { open, shot, violations } from './people.mjs';
import { breaches, newId, until, Visitor } from '../scenario/client.mjs';

const WORDS = 'alleen voor wie het las';
const wide = { viewport: { width: 1440, height: 900 } };
const site = () => `http://localhost:${daemon.port}`;

house('');

async function device(page, more = {}) {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, hasPrf: true, isUserVerified: true, ...more },
  });
  return { verify: (isUserVerified) => client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }) };
}

async function person(name, role, more) {
  const token = daemon.command('staff', 'add', name, '--display', name, '--role', role).match(/#invite=(\S+)/)[1];
  const page = await open(browser, `${site()}/console/#invite=${token}`, wide);
  page.setDefaultTimeout(15000);
  page.device = await device(page, more);
  await page.getByLabel(/Kies een wachtwoord/).fill(PASSWORD);
  const secret = (await page.locator('code').textContent()).replace(/\s/g, '');
  await page.getByLabel(/Code van je authenticator/).fill(totp(secret));
  await page.getByRole('button', { name: 'Klaar' }).click();
  await page.getByRole('button', { name: 'Beschikbaar' }).click();
  return page;
}

/** In the settings, which are open. */
async function add(page, label) {
  const part = page.getByRole('region', { name: 'Passkeys' });
  await part.getByLabel('Naam van het toestel of de sleutel').fill(label);
  await part.getByLabel('Wachtwoord').fill(PASSWORD);
  await part.getByLabel('Wachtwoord').press('Enter');
  return part;
}

async function settings(page) {
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('s');
}

async function signOut(page) {
  await page.getByRole('button', { name: 'Afmelden' }).first().click();
  await page.getByLabel('Naam').waitFor();
}

async function closedConversation(page) {
  const child = await new Visitor(daemon).start();
  child.say(WORDS);
  await until(() => child.unsent.length === 0, 'the message to be stored');
  await page.getByRole('button', { name: /Neem volgende/ }).click();
  await page.locator('.chats').getByText(WORDS).waitFor();
  child.line.send({ t: 'leave', id: newId() });
  await until(() => child.state === 'closed', 'the end');
  await page.keyboard.press('Escape');
}

test('a passkey signs in by keyboard alone, and opens the archive without a password', async () => {
  const cora = await person('Cora', 'coordinator');
  await until(() => daemon.command('audit', 'list').includes('key.coordinators'), 'the coordinators\' key');
  const page = await person('Anke', 'counsellor');
  await until(() => daemon.command('audit', 'list').split('key.enrolled').length === 3, 'the keys');
  await closedConversation(page);

  await settings(page);
  const part = await add(page, 'Laptop op kantoor');
  await part.getByText('Hij opent ook je archief').waitFor();
  await part.getByText('Laptop op kantoor').waitFor();
  await part.getByText('opent ook het archief', { exact: false }).first().waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'passkey-settings');
  await add(page, 'nog eens');
  await part.getByText('Dit toestel heeft al een passkey van jou').waitFor();
  await page.keyboard.press('Escape');

  await signOut(page);
  const button = page.getByRole('button', { name: 'Aanmelden met een passkey' });
  await button.waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'passkey-sign-in');
  for (let i = 0; i < 10 && !await button.evaluate((one) => one === document.activeElement); i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('.desk').waitFor();

  await page.getByRole('button', { name: 'Archief' }).click();
  let dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /Anke/ }).click(); // no password was asked
  await dialog.getByText(WORDS).waitFor();
  assert.equal(page.sent.filter((t) => t === 'sign-in' || t === 'unlock').length, 0);

  await page.reload(); // the key is gone with the page; one touch brings it back
  await page.getByRole('button', { name: 'Archief' }).click();
  dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Openen met een passkey' }).click();
  await dialog.getByRole('button', { name: /Anke/ }).click();
  await dialog.getByText(WORDS).waitFor();
  assert.deepEqual(await violations(page), []);

  await dialog.getByRole('button', { name: 'Sluiten' }).click();
  await settings(page); // another password leaves the passkey's copy of the key as it is
  const change = page.getByRole('region', { name: 'Wachtwoord', exact: true });
  await change.getByLabel('Huidig wachtwoord').fill(PASSWORD);
  for (const label of [/^Nieuw wachtwoord, minstens/, 'Nieuw wachtwoord, nog eens']) await change.getByLabel(label).fill('blauwe fiets regent zacht');
  await change.getByRole('button', { name: 'Wijzig het wachtwoord' }).click();
  await change.getByText(/^Gewijzigd\./).waitFor();
  await page.keyboard.press('Escape');
  await signOut(page);
  await button.click();
  await page.getByRole('button', { name: 'Archief' }).click();
  await dialog.getByRole('button', { name: /Anke/ }).click();
  await dialog.getByText(WORDS).waitFor();

  await dialog.getByRole('button', { name: 'Sluiten' }).click();
  await settings(page);
  await page.getByRole('button', { name: 'Verwijder Laptop op kantoor' }).click();
  await page.getByText('Laptop op kantoor meldt niemand meer aan, en je andere vensters').waitFor();
  await page.keyboard.press('Escape');
  await signOut(page);
  await button.click();
  await page.getByText('Deze passkey wordt hier niet aanvaard').waitFor();
  await clean(page, cora);
});

test('without a PRF it signs in, and the archive asks for the password', async () => {
  const page = await person('Bert', 'counsellor', { hasPrf: false });
  await closedConversation(page);
  await settings(page);
  const part = await add(page, 'Sleutelhanger');
  await part.getByText('Voor je archief geef je nog altijd je wachtwoord').waitFor();
  await part.getByText('alleen om aan te melden').waitFor();
  await page.keyboard.press('Escape');
  await signOut(page);
  await page.getByRole('button', { name: 'Aanmelden met een passkey' }).click();
  await page.getByRole('button', { name: 'Archief' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Openen met een passkey' }).click();
  await dialog.getByText('kan het archief niet openen').waitFor();
  await dialog.getByLabel('Wachtwoord').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  await dialog.getByRole('button', { name: /Bert/ }).click();
  await dialog.getByText(WORDS).waitFor();
  await dialog.getByRole('button', { name: 'Sluiten' }).click();
  await signOut(page);
  await page.device.verify(false); // another finger: the browser itself says no
  await page.getByRole('button', { name: 'Aanmelden met een passkey' }).click();
  await page.getByText('Er werd geen passkey gekozen').waitFor();
  assert.deepEqual(await violations(page), []);
  await clean(page);
});

test('a passkey that was lent nothing is lent the key once the password opened it', async () => {
  const page = await person('Dora', 'counsellor');
  await closedConversation(page);
  await settings(page);
  const part = await add(page, 'Telefoon');
  await part.getByText('Hij opent ook je archief').waitFor();
  await page.keyboard.press('Escape');
  await signOut(page);
  let lent;
  let kept = false;
  await page.routeWebSocket(/console\/socket/, (line) => { // the server lost its vault
    const server = line.connectToServer();
    line.onMessage((text) => {
      const frame = JSON.parse(text);
      if (frame.t === 'passkey-vault') lent = frame.id;
      server.send(text);
    });
    server.onMessage((text) => {
      const frame = JSON.parse(text);
      if (frame.passkey) delete frame.vault;
      kept ||= frame.t === 'ok' && frame.id === lent;
      line.send(JSON.stringify(frame));
    });
  });
  await page.reload();
  await page.getByRole('button', { name: 'Aanmelden met een passkey' }).click();
  await page.getByRole('button', { name: 'Archief' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Wachtwoord').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Ontgrendelen' }).click();
  await dialog.getByRole('button', { name: /Dora/ }).click();
  await dialog.getByText(WORDS).waitFor();
  await until(() => kept, 'the second vault');
  await clean(page);
});

test('a locked window opens by a passkey, and the archive with it', async () => {
  const page = await person('Emma', 'counsellor');
  await closedConversation(page);
  await settings(page);
  await (await add(page, 'Tablet')).getByText('Hij opent ook je archief').waitFor();
  await page.keyboard.press('Escape');
  const renewed = 'R'.repeat(43);
  let tell;
  await page.routeWebSocket(/console\/socket/, (line) => { // a server that says it is locked before its time
    const server = line.connectToServer();
    const seen = {};
    tell = (frame) => line.send(JSON.stringify(frame));
    server.onMessage((text) => {
      const frame = JSON.parse(text);
      seen[frame.t] = text;
      line.send(frame.passkey ? JSON.stringify({ ...frame, session: renewed }) : text);
      if (frame.t === 'ok' && frame.passkey) line.send(seen.desk);
    });
  });
  await page.reload();
  await page.locator('.desk').waitFor();
  tell({ t: 'locked' });
  await page.getByText('Vergrendeld').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Ontgrendelen met een passkey' }).click();
  await page.getByRole('button', { name: 'Archief' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /Emma/ }).click();
  await dialog.getByText(WORDS).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem('onthaal.session')), renewed); // the one before is worth nothing
  await clean(page);
});

test('on an address in digits none is offered, and it says where', async () => {
  const page = await open(browser, `${daemon.url}/console/`, wide);
  await page.getByText(`Ze werken op ${site()}/console/`).waitFor();
  assert.equal(await page.getByRole('button', { name: /passkey/ }).count(), 0);
  assert.deepEqual(await violations(page), []);
  await clean(page);
  assert.deepEqual(breaches, []);
});
