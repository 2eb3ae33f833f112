// Signing on by a real OpenID provider in a real browser: there and back in one tab, with our content policy,
// and nothing of it left in the address bar.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Daemon, PASSWORD, totp } from './daemon.mjs';
import { counsellor, launch, open, shot, violations } from './people.mjs';
import { House, walk } from './provider.mjs';

const WIDE = { viewport: { width: 1440, height: 900 } };
let browser;
let daemon;
let house;
let secret;
let used = 0;

before(async () => {
  browser = await launch();
  daemon = await Daemon.create();
  house = await House.create(`${daemon.url}/console/`);
  daemon.configure(`  public_url: ${daemon.url}\noutbox:\n  allow_private: true\n${house.config('  amr: [mfa]\n')}`);
  await daemon.start();
  const page = await counsellor(browser, daemon, 'Anna', { role: 'coordinator' });
  used = Math.floor(Date.now() / 30000);
  secret = page.secret;
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await house?.stop();
  await daemon?.remove();
});

async function code(page) {
  while (Math.floor(Date.now() / 30000) + 1 <= used) await page.waitForTimeout(1000); // it serves once
  used = Math.max(used + 1, Math.floor(Date.now() / 30000));
  return totp(secret, used * 30000);
}

/** But for the way to the provider. */
const faults = (page) => page.faults.filter((fault) => !fault.startsWith(`foreign: ${house.issuer}/`));

/** The provider's page, and back. */
async function iAm(page, who) {
  await page.getByRole('link', { name: who }).click();
  await page.waitForURL(`${daemon.url}/console/`);
}

test('an account is connected by a link and a code, and the address tells nothing', async () => {
  const token = daemon.command('staff', 'oidc', 'anna').match(/#oidc=(\S+)/)[1];
  const page = await open(browser, `${daemon.url}/console/#oidc=${token}`, WIDE);
  await page.getByText('Anna, verbind hier je account bij Huis.').waitFor();
  assert.equal(page.url(), `${daemon.url}/console/`);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'oidc-connect');
  const addresses = [];
  page.on('framenavigated', (frame) => addresses.push(frame.url()));
  await page.getByRole('button', { name: 'Aanmelden met Huis' }).click();
  await iAm(page, 'I am Anna');
  await page.getByText('Nog één stap').waitFor();
  assert.equal(page.url(), `${daemon.url}/console/`);
  assert.equal(await page.evaluate(() => history.state === null && !location.hash && !location.search), true);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'oidc-code');
  await page.getByLabel(/Code van je authenticator/).fill('000000');
  await page.getByRole('button', { name: 'Aanmelden' }).click();
  await page.getByText('klopt niet').waitFor();
  await page.getByLabel(/Code van je authenticator/).fill(await code(page));
  await page.getByRole('button', { name: 'Aanmelden' }).click();
  await page.getByRole('button', { name: 'Beschikbaar' }).waitFor();
  const kept = await page.evaluate(() => Object.entries(sessionStorage).map(([name]) => name));
  assert.deepEqual(kept.filter((name) => name.includes('oidc')), []);
  const [withCode] = addresses.filter((url) => url.includes('code='));
  if (withCode) assert.match(withCode, /\/console\/#/); // behind the #: no server has seen it
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test('with the second factor of the provider nothing more is asked; the archive asks for the password', async () => {
  house.login = { amr: ['mfa'] };
  const page = await open(browser, `${daemon.url}/console/`, WIDE);
  await page.getByRole('button', { name: 'Aanmelden met Huis' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'oidc-sign-in');
  await page.getByRole('button', { name: 'Aanmelden met Huis' }).click();
  await iAm(page, 'I am Anna');
  await page.getByRole('button', { name: 'Beschikbaar' }).waitFor();
  await page.getByRole('button', { name: 'Archief' }).click();
  await page.getByText('Geef je wachtwoord om je sleutel te openen.').waitFor();
  await page.getByLabel('Wachtwoord').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('Geef je wachtwoord om je sleutel te openen.').waitFor({ state: 'hidden' });
  await page.reload(); // our own session goes on
  await page.getByRole('button', { name: 'Beschikbaar' }).waitFor();
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test('a provider that answers behind ? only', async () => {
  const about = await (await fetch(`${house.issuer}/.well-known/openid-configuration`)).json();
  house.instead = (path, _, response) => path.includes('openid-configuration')
    && (response.setHeader('content-type', 'application/json'), response.end(JSON.stringify({ ...about, response_modes_supported: ['query'] })), true);
  daemon.process.kill('SIGHUP');
  const page = await open(browser, `${daemon.url}/console/`, WIDE);
  while (!daemon.log.includes('msg="reloaded"')) await page.waitForTimeout(50);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.getByRole('button', { name: 'Aanmelden met Huis' }).click();
  await iAm(page, 'I am Anna');
  await page.getByRole('button', { name: 'Beschikbaar' }).waitFor();
  assert.ok(asked.some((url) => url.startsWith(`${daemon.url}/console/?code=`)));
  assert.equal(await page.evaluate(() => location.href), `${daemon.url}/console/`);
  assert.deepEqual(faults(page), []);
  house.instead = undefined;
  await page.context().close();
});

test('who cancels there, or is unknown here, is told so and gets back', async () => {
  const page = await open(browser, `${daemon.url}/console/`, WIDE);
  for (const [who, words] of [['Cancel', 'Daar werd je niet aangemeld.'], ['I am Bert', 'Dat account hoort hier bij niemand.']]) {
    await page.getByRole('button', { name: 'Aanmelden met Huis' }).click();
    await iAm(page, who);
    await page.getByText(words).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Terug naar aanmelden' }).click();
    await page.getByLabel('Naam').waitFor();
  }
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test('after many wrong codes it is said how to get in, and to whom', async () => {
  house.login = undefined;
  const nearly = `UPDATE signon SET guesses = 19, guessed = ${Date.now()}`;
  execFileSync('sqlite3', [`${daemon.folder}/onthaal.db`, '.timeout 5000', nearly]);
  const page = await open(browser, `${daemon.url}/console/`, WIDE);
  await page.getByRole('button', { name: 'Aanmelden met Huis' }).click();
  await iAm(page, 'I am Anna');
  await page.getByLabel(/Code van je authenticator/).fill('000000');
  await page.getByRole('button', { name: 'Aanmelden' }).click();
  await page.getByText('Zo werden te veel verkeerde codes gegeven.').waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'oidc-stopped');
  await page.getByRole('button', { name: 'Terug naar aanmelden' }).click();
  await page.getByLabel('Naam').fill('anna');
  await page.getByLabel('Wachtwoord').fill(PASSWORD);
  await page.getByLabel(/Code van je authenticator/).fill(await code(page));
  await page.getByRole('button', { name: 'Aanmelden', exact: true }).click();
  const told = page.getByText('Wie in je account bij de aanmelddienst kan');
  await told.waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'oidc-guessed');
  await page.getByRole('button', { name: 'Ok', exact: true }).click();
  await told.waitFor({ state: 'hidden' });
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test('an answer that did not begin in this tab signs nobody in', async () => {
  const victim = await open(browser, `${daemon.url}/console/`, WIDE);
  const attacker = await open(browser, `${daemon.url}/console/`, WIDE);
  const began = await attacker.evaluate(() => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/console/socket`, 'onthaal.console.1');
    socket.onopen = () => socket.send(JSON.stringify({ t: 'oidc', id: 'AAAAAAAAAAAAAAAA' }));
    socket.onmessage = (event) => { const frame = JSON.parse(event.data); if (frame.t === 'ok') resolve(frame); };
  }));
  const answer = await walk(began.url, 'anna'); // of a sign-in that was begun elsewhere
  await victim.goto('about:blank');
  await victim.goto(answer.href);
  await victim.getByText('Dit aanmelden is niet hier begonnen').waitFor();
  assert.equal(victim.url(), `${daemon.url}/console/`);
  assert.equal(victim.sent.includes('oidc-return'), false); // it did not even ask
  await victim.getByRole('button', { name: 'Terug naar aanmelden' }).click();
  await victim.getByRole('button', { name: 'Aanmelden met Huis' }).click(); // and now one of its own is under way
  await victim.getByRole('link', { name: 'I am Anna' }).waitFor();
  await victim.goto(answer.href);
  await victim.getByText('Dit aanmelden is niet hier begonnen').waitFor();
  await attacker.context().close();
  await victim.context().close();
});

test('nobody is offered what is not there', async () => {
  const plain = await (await Daemon.create()).start();
  const page = await open(browser, `${plain.url}/console/`, WIDE);
  await page.getByRole('button', { name: 'Aanmelden' }).waitFor();
  await page.locator('button:enabled', { hasText: 'Aanmelden' }).waitFor();
  assert.equal(await page.getByRole('button', { name: /Aanmelden met/ }).count(), 0);
  await page.context().close();
  await plain.remove();
});
