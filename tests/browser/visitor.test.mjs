// The visitor's page on the real daemon: how light it is, how it waits, and what phones do to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Daemon } from './daemon.mjs';
import { browser, daemon, house } from './house.mjs';
import { counsellor, faultsOf, mine, open, say, startChat } from './people.mjs';

const KBIT = 1000 / 8;
const MOST_BYTES = 40 * 1024; // of all that the first view needs, headers included

/** "18:20" in Brussels, so many minutes from now. */
function hour(minutes) {
  return new Intl.DateTimeFormat('nl-BE', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Brussels' }).format(Date.now() + minutes * 60000);
}

house(`centre:
  name: Vertrouwenscentrum Kindermishandeling Brussel
  helplines:
    - {number: "112", name: "Ambulance, brandweer, politie", emergency: true}
    - {number: "070 245 245", name: "Antigifcentrum"}
`);

test('the first view is light, and nothing in it jumps', async (t) => {
  const context = await browser.newContext({ locale: 'nl-BE', viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  let bytes = 0;
  const requests = [];
  await client.send('Network.enable');
  client.on('Network.loadingFinished', (one) => { bytes += one.encodedDataLength; });
  client.on('Network.requestWillBeSent', (one) => { if (!one.request.url.startsWith('data:')) requests.push(new URL(one.request.url).pathname); });
  await client.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 400 * KBIT, uploadThroughput: 400 * KBIT });
  await client.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  await page.addInitScript(() => {
    window.jumps = 0;
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) window.jumps += one.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(daemon.url, { waitUntil: 'commit' });
  await page.locator('.leave').waitFor();
  const seen = await page.evaluate(() => performance.now());
  await page.getByRole('heading', { name: 'Fijn dat je er bent' }).waitFor();
  const usable = await page.evaluate(() => performance.now());
  const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  t.diagnostic(`at 400 kbit/s, 400 ms and a six times slower processor: painted ${Math.round(painted)} ms, way out and numbers ${Math.round(seen)} ms, `
    + `questions ${Math.round(usable)} ms; ${bytes} bytes`);
  assert.equal(requests.length, 3, requests.join(' ')); // the page, its style, its script
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
  assert.equal(await page.evaluate(() => window.jumps), 0);
  await context.close();
});

test('the page is never kept, what has a hash for ever', async () => {
  const html = await fetch(daemon.url, { headers: { 'accept-language': 'uk,nl;q=0.5' } });
  assert.equal(html.headers.get('cache-control'), 'no-store');
  const text = await html.text();
  assert.match(text, /<html lang="uk" dir="ltr">/);
  for (const [path] of text.matchAll(/\/assets\/[^"]+/g)) assert.match((await fetch(daemon.url + path)).headers.get('cache-control'), /immutable/);
});

test('reading while one waits keeps the place, and a language changes in one tap', async () => {
  const visitor = await open(browser, daemon.url);
  await startChat(visitor);
  await say(visitor, 'ik wacht wel');
  await mine(visitor, 'ik wacht wel').waitFor();
  await visitor.getByText('Lezen terwijl je wacht').click();
  await visitor.getByText('Wat blijft geheim, en wat niet?').click();
  await visitor.getByText('Zij hebben beroepsgeheim').waitFor();
  await visitor.getByText('Je bent de volgende.').waitFor();
  await visitor.getByLabel('Schrijf een bericht').fill('een begin');
  await visitor.getByLabel('Taal').selectOption('ar');
  await visitor.getByText('أنت التالي.').waitFor();
  assert.equal(await visitor.locator('html').getAttribute('dir'), 'rtl');
  assert.equal(await visitor.locator('textarea').inputValue(), 'een begin');
  await visitor.locator('.log .me', { hasText: 'ik wacht wel' }).waitFor();
  await visitor.locator('.read > summary').click();
  await visitor.getByText('ماذا لو دخل أحد؟').click();
  assert.equal(await visitor.locator('.read > div').getAttribute('lang'), 'ar');
  assert.equal(await visitor.locator('footer a.emergency').getAttribute('href'), 'tel:112');
  assert.deepEqual(await faultsOf(visitor), []);
  await visitor.context().close();
});

test('the keyboard of a phone never covers the field one writes in', async () => {
  const context = await browser.newContext({ locale: 'nl-BE', viewport: { width: 390, height: 664 } });
  const visitor = await context.newPage();
  await visitor.addInitScript(() => {
    // as iOS: the keyboard takes from the visual viewport alone
    const seen = new EventTarget();
    Object.assign(seen, { height: innerHeight, width: innerWidth, scale: 1, offsetTop: 0 });
    Object.defineProperty(window, 'visualViewport', { value: seen });
    window.keyboard = (height) => {
      seen.height = innerHeight - height;
      seen.dispatchEvent(new Event('resize'));
    };
  });
  await visitor.goto(daemon.url);
  await startChat(visitor);
  for (let i = 0; i < 8; i++) await say(visitor, `bericht ${i}`);
  await mine(visitor, 'bericht 7').waitFor();
  for (const height of [300, 380]) {
    await visitor.evaluate((px) => window.keyboard(px), height);
    const left = 664 - height;
    for (const one of ['textarea', '.send', '.leave', '.place']) {
      const box = await visitor.locator(one).boundingBox();
      assert.ok(box && box.y >= 0 && box.y + box.height <= left, `${one} at ${JSON.stringify(box)} of ${left}`);
    }
    const last = await visitor.locator('.log li').last().boundingBox();
    const field = await visitor.locator('textarea').boundingBox();
    assert.ok(last.y + last.height <= field.y && last.y + last.height > 0, `${JSON.stringify(last)} above ${JSON.stringify(field)}`);
  }
  await visitor.evaluate(() => window.keyboard(0));
  await visitor.getByRole('button', { name: 'Gesprek stoppen' }).waitFor();
  await context.close();
});

test('a page left open before the hour says when, and asks again by itself', async () => {
  const from = hour(20);
  const other = await (await Daemon.create(`centre:\n  hours:\n    - {days: daily, from: "${from}", to: "${hour(40)}"}\n`)).start();
  const context = await browser.newContext({ locale: 'nl-BE', timezoneId: 'Europe/Brussels' });
  const visitor = await context.newPage();
  let lines = 0;
  visitor.on('websocket', () => { lines++; });
  await visitor.clock.install();
  await visitor.goto(other.url);
  await visitor.getByRole('heading', { name: 'We gaan zo open' }).waitFor();
  await visitor.getByText(`We zijn er om ${from}`).waitFor();
  assert.equal(lines, 1);
  const again = visitor.waitForEvent('websocket');
  await visitor.clock.fastForward(21 * 60000);
  await again;
  await context.close();
  await other.remove();
});

test('a browser that cannot run the script is told so kindly, with numbers to call', async () => {
  const context = await browser.newContext({ locale: 'fr-BE' });
  const visitor = await context.newPage();
  await visitor.route('**/visitor.js', (route) => route.fulfill({ contentType: 'text/javascript', body: 'let { = old;' }));
  const client = await context.newCDPSession(visitor);
  await client.send('Animation.enable');
  await client.send('Animation.setPlaybackRate', { playbackRate: 100 }); // it comes after eight seconds
  await visitor.goto(daemon.url);
  await visitor.getByRole('heading', { name: 'Ce navigateur est trop ancien pour le chat' }).waitFor();
  assert.equal(await visitor.getByRole('link', { name: /112/ }).getAttribute('href'), 'tel:112');
  await context.close();
});

test('a counsellor sees which language somebody chose', async () => {
  const anke = await counsellor(browser, daemon, 'Anke');
  const visitor = await open(browser, daemon.url, { locale: 'uk-UA' });
  await visitor.getByLabel('Дитина чи підліток').check();
  await visitor.getByRole('button', { name: 'Почати чат' }).click();
  await visitor.getByRole('heading', { name: 'Ти в черзі' }).waitFor();
  await anke.locator('.row abbr[title="Українська"]').waitFor();
  await anke.getByRole('button', { name: /Instellingen/ }).click();
  assert.equal(await anke.getByRole('region', { name: 'Scherm' }).getByRole('combobox', { name: 'Taal' }).locator('option').count(), 3); // the console speaks these
  await visitor.context().close();
  await anke.context().close();
});

test('when too many are there one is told, and it goes on by itself', async () => {
  const other = await (await Daemon.create('limits: {visitors: 10}\n')).start();
  const first = await open(browser, other.url);
  await first.evaluate(() => {
    window.others = Array.from({ length: 12 }, () => new WebSocket(`ws://${location.host}/chat`, 'onthaal.visitor.1'));
    return Promise.all(window.others.map((one) => new Promise((resolve) => {
      one.onopen = () => one.send(JSON.stringify({ t: 'hello', lang: 'nl' })); // who says nothing gives way
      one.onmessage = one.onclose = resolve;
    })));
  });
  const visitor = await open(browser, other.url);
  await visitor.getByRole('heading', { name: 'Het is nu heel druk' }).waitFor();
  await first.context().close();
  await visitor.evaluate(() => dispatchEvent(new Event('online')));
  await visitor.getByRole('heading', { name: 'Fijn dat je er bent' }).waitFor();
  await visitor.context().close();
  await other.remove();
});

test('who writes too fast is told so, and the page waits as it was asked', async (t) => {
  const other = await (await Daemon.create('limits: {messages_per_minute: 20}\n')).start();
  t.after(() => other.remove());
  const visitor = await open(browser, 'about:blank');
  let sent = 0;
  let refused;
  visitor.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => { sent += String(payload).includes('"t":"say"') ? 1 : 0; });
    socket.on('framereceived', ({ payload }) => { if (String(payload).includes('"too_fast"')) refused ??= sent; });
  });
  await visitor.goto(other.url);
  await startChat(visitor);
  for (let i = 1; i <= 21; i++) await say(visitor, `zin ${i}.`);
  await visitor.getByText('Het gaat even te snel').waitFor();
  await say(visitor, 'zin 22.'); // nor does more of it change that
  await mine(visitor, 'zin 21.').waitFor({ timeout: 30000 });
  assert.ok(sent - refused <= 3, `${sent} frames, the ${refused}th refused`); // one each 5 s until there is room
  await visitor.context().close();
});

test('who answers before the line is there loses nothing by it', async () => {
  const context = await browser.newContext({ locale: 'nl-BE' });
  const visitor = await context.newPage();
  await visitor.addInitScript(() => {
    const Real = window.WebSocket;
    window.held = true;
    window.WebSocket = function Held(url, protocol) {
      return new Real(window.held ? 'ws://127.0.0.1:1/chat' : url, protocol);
    };
    Object.assign(window.WebSocket, { CONNECTING: 0, OPEN: 1 });
  });
  await visitor.goto(daemon.url);
  await visitor.getByLabel('Ouder', { exact: true }).check();
  await visitor.getByRole('button', { name: 'Begin de chat' }).click();
  await visitor.getByText('We zetten je gesprek klaar').waitFor();
  await visitor.evaluate(() => {
    window.held = false;
    dispatchEvent(new Event('online'));
  });
  await visitor.getByRole('heading', { name: 'Je staat in de rij' }).waitFor();
  await context.close();
});
