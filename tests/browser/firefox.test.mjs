// The core path in Firefox ESR, over WebDriver BiDi: both pages, and as strict as Tor Browser's settings.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { firefox } from 'playwright-core';
import { Daemon } from './daemon.mjs';
import { counsellor, faultsOf, mine, open, reply, say, shot, startChat } from './people.mjs';

const kept = [];
let daemon;

async function launch(firefoxUserPrefs = {}) {
  const browser = await firefox.launch({ channel: 'moz-firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', firefoxUserPrefs });
  kept.push(browser);
  return browser;
}

before(async () => {
  daemon = await (await Daemon.create('')).start();
});
after(async () => {
  for (const browser of kept) await browser.close();
  await daemon?.remove();
});

test('a conversation in Firefox, both sides, over a reload and a restart of ours', async () => {
  const browser = await launch();
  const anke = await counsellor(browser, daemon, 'Anke');
  const child = await open(browser, daemon.url);
  await startChat(child);
  await say(child, 'hey, ik heb schrik om naar huis te gaan');
  await mine(child, 'schrik').waitFor();
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chat.active').getByText('schrik om naar huis').waitFor();
  await reply(anke, 'Dag, fijn dat je schrijft.');
  await child.locator('.log .counsellor', { hasText: 'fijn dat je schrijft' }).waitFor();
  await mine(child, 'schrik', /gelezen/).waitFor();
  await shot(child, 'firefox-visitor');
  await shot(anke, 'firefox-console');
  await child.reload();
  await child.locator('.log .counsellor', { hasText: 'fijn dat je schrijft' }).waitFor();
  assert.equal(await child.locator('.log .me').count(), 1, 'nothing doubled');
  await daemon.stop('SIGKILL');
  await say(child, 'ben je er nog?');
  await daemon.start();
  await mine(child, 'ben je er nog?').waitFor({ timeout: 60000 });
  await anke.locator('.chat.active').getByText('ben je er nog?').waitFor({ timeout: 60000 });
  await reply(anke, 'Ja, ik ben er.');
  await child.locator('.log .counsellor', { hasText: 'Ja, ik ben er.' }).waitFor();
  const cookies = (await faultsOf(child)).filter((fault) => /cookie|stored|foreign/.test(fault));
  assert.deepEqual(cookies, []);
});

test('with settings as strict as Tor Browser\'s: resisting fingerprints, nothing kept', async () => {
  const browser = await launch({
    'privacy.resistFingerprinting': true, 'network.cookie.cookieBehavior': 2, 'webgl.disabled': true, 'javascript.options.wasm': false,
    'javascript.options.ion': false, 'javascript.options.baselinejit': false, 'media.webaudio.enabled': false,
  });
  const child = await open(browser, daemon.url);
  await startChat(child);
  await say(child, 'is daar iemand?');
  await mine(child, 'is daar iemand?').waitFor();
  assert.deepEqual(child.faults, []);
  assert.deepEqual(await child.context().cookies(), []); // storage it may not even look at
});

test('without script at all it is led to the forms, and is heard', async () => {
  const browser = await launch({ 'javascript.enabled': false, 'network.cookie.cookieBehavior': 2 });
  const page = await (await browser.newContext({ locale: 'nl-BE' })).newPage();
  await page.goto(`${daemon.url}/`);
  await page.waitForURL('**/plain?lang=nl');
  await page.getByLabel('Kind of jongere', { exact: true }).check({ force: true }); // no script, no frames to wait for
  await page.getByRole('button', { name: 'Begin de chat' }).click({ force: true });
  await page.frameLocator('iframe').getByText('Je staat in de rij').waitFor();
  await page.getByLabel('Schrijf een bericht').click({ force: true });
  await page.keyboard.type('hallo, is daar iemand?');
  await page.getByRole('button', { name: 'Verstuur' }).click({ force: true });
  await page.frameLocator('iframe').locator('.me', { hasText: 'hallo, is daar iemand?' }).waitFor();
  assert.equal(page.url(), `${daemon.url}/plain`);
});
