// The two people of the tests: a visitor and a counsellor, each in a browser context of their own.
import { readFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { PASSWORD, totp } from './daemon.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.ONTHAAL_SHOTS; // a folder: screenshots are kept there

export function launch(options = {}, args = []) {
  return chromium.launch({
    ...options,
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', ...args],
  });
}

/** A page whose errors, foreign requests, cookies and storage fail the test: see `innocent`. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ locale: 'nl-BE', viewport: { width: 390, height: 844 }, bypassCSP: false, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|ERR_INTERNET/.test(message.text())) page.faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().replace(/^blob:/, '').startsWith(new URL(url).origin) && !request.url().startsWith('data:')) page.faults.push(`foreign: ${request.url()}`);
  });
  page.sent = []; // kinds of its frames
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => page.sent.push(JSON.parse(String(payload)).t)));
  await page.goto(url);
  return page;
}

export async function faultsOf(page) {
  const cookies = await page.context().cookies();
  const stored = await page.evaluate(() => localStorage.length + document.cookie.length);
  return [...page.faults, ...cookies.map((cookie) => `cookie ${cookie.name}`), ...(stored ? ['stored'] : [])];
}

/** axe, loaded once: gives a function that looks at the page as it is then. */
export async function audit(page, rules = {}) {
  const client = await page.context().newCDPSession(page); // around the page's own policy
  await client.send('Runtime.evaluate', { expression: axe });
  const options = JSON.stringify({
    resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules,
  });
  return async () => {
    const { result } = await client.send('Runtime.evaluate', {
      expression: `axe.run(${options}).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))`,
      awaitPromise: true, returnByValue: true,
    });
    return result.value;
  };
}

export async function violations(page) {
  return (await audit(page))();
}

export async function shot(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

export async function startChat(page, who = 'Kind of jongere') {
  await page.getByLabel(who, { exact: true }).check();
  await page.getByRole('button', { name: 'Begin de chat' }).click();
  await page.getByRole('heading', { name: 'Je staat in de rij' }).waitFor();
}

export async function say(page, words) {
  await page.getByLabel('Schrijf een bericht').fill(words);
  await page.getByRole('button', { name: 'Verstuur' }).click();
}

/** The message stands in the log with this mark. */
export function mine(page, words, mark = /· (verstuurd|gelezen)$/) {
  return page.locator('.log .me', { hasText: words }).filter({ hasText: mark });
}

export async function counsellor(browser, daemon, name, { telephone, ...options } = {}) {
  const token = daemon.invite(name.toLowerCase(), name);
  if (telephone) daemon.command('staff', 'telephone', name.toLowerCase(), telephone);
  const page = await open(browser, `${daemon.url}/console/#invite=${token}`, { viewport: { width: 1440, height: 900 }, ...options });
  await page.getByLabel(/Kies een wachtwoord/).fill(PASSWORD);
  page.secret = (await page.locator('code').textContent()).replace(/\s/g, '');
  await page.getByLabel(/Code van je authenticator/).fill(totp(page.secret));
  await page.getByRole('button', { name: 'Klaar' }).click();
  await page.getByRole('button', { name: 'Beschikbaar' }).click();
  await page.getByText('Je bent beschikbaar').waitFor();
  return page;
}

export function reply(page, words, to = page.locator('.chat.active')) {
  return (async () => {
    await to.getByLabel('Antwoord aan de bezoeker').fill(words);
    await to.getByRole('button', { name: 'Verstuur' }).click();
  })();
}
