// The link on the centre's own website: another origin, with nothing of ours but a copied script.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Daemon } from './daemon.mjs';
import { launch, startChat } from './people.mjs';

const kept = [];
let browser;
let site;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  site?.close();
  for (const daemon of kept) await daemon.remove();
});

async function chat(config) {
  const daemon = await (await Daemon.create(config)).start();
  kept.push(daemon);
  return daemon;
}

/** A page of the centre with the link far below; gives the page and what was asked of the chat. */
async function website(daemon) {
  const script = readFileSync('config/embed/onthaal-open.js');
  site?.close();
  site = createServer((request, response) => {
    const js = request.url === '/onthaal-open.js';
    response.writeHead(200, { 'content-type': js ? 'text/javascript' : 'text/html; charset=utf-8' });
    response.end(js ? script : `<!doctype html><title>centrum</title><div style="height:3000px"></div>
      <a href="${daemon.url}/" target="_blank" rel="noopener noreferrer" data-onthaal data-open="Er is nu iemand"
        data-busy="Het is nu heel druk" data-closed="Nu gesloten">Chat met ons</a><script src="/onthaal-open.js" defer></script>`);
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => {
    if (request.url().startsWith(daemon.url)) asked.push(request);
  });
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  return { page, asked, link: page.getByRole('link', { name: 'Chat met ons' }) };
}

test('it says that somebody is there, asks only in sight, and carries nothing along', async () => {
  const { page, asked, link } = await website(await chat(''));
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  assert.equal(asked.length, 0);
  await link.scrollIntoViewIfNeeded();
  await page.getByText('Er is nu iemand').waitFor();
  assert.equal(await link.getAttribute('data-onthaal'), 'open');
  await page.evaluate(() => scrollTo(0, 0));
  await link.scrollIntoViewIfNeeded();
  assert.equal(asked.length, 1);
  const headers = await asked[0].allHeaders();
  assert.equal(headers.cookie, undefined);
  assert.equal(headers.referer, undefined);
  const answer = (await asked[0].response()).headers();
  assert.equal(answer['access-control-allow-origin'], '*');
  assert.equal(answer['cache-control'], 'public, max-age=60');
  assert.equal(answer['set-cookie'], undefined);

  const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
  await tab.getByRole('button', { name: /Begin de chat|Start the chat/ }).waitFor();
  assert.deepEqual(await tab.evaluate(() => [document.referrer, window.opener]), ['', null]);
});

test('outside hours it says so', async () => {
  const far = (Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', timeZone: 'Europe/Brussels' }).format(Date.now())) + 12) % 23;
  const from = `${String(far).padStart(2, '0')}:00`;
  const { page, link } = await website(await chat(`centre:\n  hours: [{days: daily, from: "${from}", to: "${from.slice(0, 2)}:30"}]\n`));
  await link.scrollIntoViewIfNeeded();
  await page.getByText('Nu gesloten').waitFor();
});

test('it says that it is full', async () => {
  const daemon = await chat('limits: {waiting: 1}\n');
  const child = await (await browser.newContext({ locale: 'nl-BE' })).newPage();
  await child.goto(daemon.url);
  await startChat(child);
  const { page, link } = await website(daemon);
  await link.scrollIntoViewIfNeeded();
  await page.getByText('Het is nu heel druk').waitFor();
});

test('when the chat cannot be reached the link stays as it is', async () => {
  const daemon = await chat('');
  const { page, link } = await website(daemon);
  await daemon.stop();
  const failed = page.waitForEvent('requestfailed');
  await link.scrollIntoViewIfNeeded();
  await failed;
  assert.equal(await link.textContent(), 'Chat met ons');
  assert.equal(await link.getAttribute('data-onthaal'), '');
});
