// The counsellor's one screen: the queue that may be long, what never moves, and what is never taken away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, desk, flag, ME, message } from './desk.mjs';
import { browser, clean, daemon, house } from './house.mjs';
import { counsellor, open, say, shot, startChat, violations } from './people.mjs';

house();

const MINUTE = 60_000;
const now = Date.now();
const MIXED = [
  card('a', {
    level: 'immediate', due: undefined, arrived: now - 4 * MINUTE, returned: 1, former: 'Bert',
    flags: [flag('immediate', 'hij staat nu beneden te roepen met een mes en ik zit in de kast met mijn kleine broer', { category: 'violence_now' })],
  }),
  card('b', { level: 'serious', due: now - 2 * MINUTE, arrived: now - 7 * MINUTE, channel: 'telephone', who: '', call: 'message' }),
  card('c', { level: 'elevated', flags: [flag('elevated', 'ik durf niet naar huis', { category: 'fear_home' })], lang: 'fr', where: 'elsewhere' }),
  card('d', { who: 'professional', channel: 'plain', complete: false }),
  card('e', { who: 'parent', present: false, practice: true }),
];

/** Of each row: nothing in it is over something else, and nothing sticks out. */
function overlaps(page) {
  return page.evaluate(() => {
    const bad = [];
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    for (const row of document.querySelectorAll('.row')) {
      const box = row.getBoundingClientRect();
      const parts = [...row.querySelectorAll('.level, .due, .whom, .about > :last-child, .reason, .tag, .hush')]
        .filter((part) => part.getClientRects().length && part.textContent)
        .filter((part) => !part.matches('.tag') || part.offsetTop < part.parentElement.offsetTop + part.parentElement.clientHeight); // a fourth is in the details
      parts.forEach((one, i) => {
        const at = one.getBoundingClientRect();
        if (at.top < box.top - 1 || at.bottom > box.bottom + 1 || at.right > box.right + 1) bad.push(`out: ${one.textContent}`);
        parts.slice(i + 1).forEach((other) => !one.contains(other) && meet(at, other.getBoundingClientRect()) && bad.push(`${one.textContent} × ${other.textContent}`));
      });
    }
    return bad;
  });
}

const events = [
  { seq: 1, kind: 'opened', time: now - 8 * MINUTE, author: 'visitor' },
  message(2, 'hey, papa is weer heel kwaad en ik durf niet naar huis', { flags: [flag('elevated', 'durf niet naar huis', { from: 37, to: 56, category: 'fear_home' })] }),
  { seq: 3, kind: 'taken', time: now - 5 * MINUTE, author: 'counsellor', staff: 1, by: 'Anke' },
  { seq: 4, kind: 'message', time: now - 4 * MINUTE, author: 'counsellor', staff: 1, by: 'Anke', text: 'Dag, fijn dat je schrijft. Ben je nu op een veilige plek?' },
  { seq: 5, kind: 'note', time: now - 3 * MINUTE, author: 'counsellor', staff: 1, by: 'Anke', text: 'Klinkt jong, is alleen thuis.' },
];

function give(page, id, more = {}) {
  const own = card(id, { state: 'taken', owner: ME.id, taken_by: ME.display, level: 'elevated', flags: events[1].flags, ...more });
  page.tell({ t: 'contact', contact: own, answers: { who: own.who, where: 'brussels', lang: 'nl' }, events, read: 4 });
}

test('what was written to be in the way is not: towers of lines, piles of marks, tabs, one word without end', async () => {
  const page = await desk(browser, daemon);
  const pile = Array.from({ length: 600 }, (_, i) => String.fromCodePoint(0x300 + (i % 112))).join('');
  const nasty = [`a${'\n'.repeat(3990)}b`, `H${pile}e${pile}l${pile}p${pile}`, `x${'\t'.repeat(3000)}y`, 'W'.repeat(4000), '\ufdfd'.repeat(4000), '\u202e'.repeat(50) + 'om'];
  const own = card('a', { state: 'taken', owner: ME.id, taken_by: ME.display });
  page.tell({ t: 'contact', contact: own, answers: {}, events: nasty.map((words, i) => message(i + 1, words)).concat(message(9, 'een gewoon woord')), read: 0 });
  await page.getByText('een gewoon woord').waitFor();
  const found = await page.evaluate(() => {
    const log = document.querySelector('.log');
    const rows = [...log.querySelectorAll('li')].map((row) => row.getBoundingClientRect());
    return { wide: log.scrollWidth - log.clientWidth, page: document.documentElement.scrollWidth - innerWidth, tallest: Math.max(...rows.map((row) => row.height)),
      overlap: rows.some((row, i) => i && row.top < rows[i - 1].bottom) };
  });
  assert.ok(found.tallest < 5000, `${found.tallest} px`);
  assert.deepEqual({ ...found, tallest: 0 }, { wide: 0, page: 0, tallest: 0, overlap: false });
  await clean(page);
});

for (const colorScheme of ['light', 'dark'])
  test(`three columns, ${colorScheme}: each says what it must, nothing lies over anything`, async () => {
    const page = await desk(browser, daemon, { cards: MIXED, options: { colorScheme } });
    await page.locator('.row').nth(4).waitFor();
    for (const one of MIXED.slice(0, 3)) page.tell({ t: 'alarm', contact: one.id, level: one.level, why: 'new' });
    await page.locator('.hush').nth(2).waitFor();
    const first = await page.locator('.row').first().innerText();
    for (const word of ['Nu gevaar', 'nu', 'Kind of jongere', 'NL', 'wacht 4 min', 'geweld', 'hij staat nu beneden', 'teruggekomen', 'chat'])
      assert.ok(first.includes(word), `${word} in: ${first}`);
    assert.match(await page.locator('.row').nth(1).innerText(), /2 min te laat[^]*telefoon/);
    assert.match(await page.locator('.row').nth(3).innerText(), /lees zelf[^]*chat zonder script/);
    assert.match(await page.locator('.glance').innerText(), /Nu gevaar[^]*de langste wacht 7 min/);
    page.answers.open = { ok: {} };
    await page.locator('.row').nth(2).locator('.pick').click();
    page.tell({ t: 'contact', contact: MIXED[2], answers: { who: 'child', where: 'elsewhere', lang: 'fr' }, events: events.slice(0, 2), read: 0 });
    await page.locator('.row.open').waitFor();
    for (const [width, height] of [[1440, 900], [1280, 800], [1024, 768], [390, 844]]) {
      await page.setViewportSize({ width, height });
      assert.ok(await page.locator('.glance').evaluate((one) => one.scrollHeight <= one.clientHeight), `glance at ${width}`);
      assert.deepEqual(await overlaps(page), [], `${width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `sideways at ${width}`);
      await shot(page, `console-looking-${width}-${colorScheme}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    assert.deepEqual(await violations(page), []);
    give(page, 'mine');
    give(page, 'other', { who: 'professional', level: 'none', flags: [] });
    await page.locator('.chat').nth(1).waitFor();
    await page.getByRole('button', { name: /Niet nemen/ }).click();
    for (const [width, height] of [[1280, 800], [1440, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await shot(page, `console-two-${width}-${colorScheme}`);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.deepEqual(await violations(page), []);
    await page.locator('.chat.active textarea').fill('half geschreven');
    await page.getByRole('button', { name: 'Eén gesprek groot' }).click();
    assert.equal(await page.locator('.chat:visible').count(), 1);
    await page.getByRole('navigation', { name: 'Mijn gesprekken' }).getByRole('button').nth(1).click();
    await page.locator('.chat.active', { hasText: 'Professional' }).waitFor();
    await page.getByRole('navigation', { name: 'Mijn gesprekken' }).getByRole('button').first().click();
    assert.equal(await page.locator('.chat.active textarea').inputValue(), 'half geschreven');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Instellingen/ }).click();
    await page.getByRole('region', { name: 'Scherm' }).getByRole('combobox', { name: 'Taal' }).selectOption('en');
    await page.getByText('Course (').waitFor();
    assert.equal(await page.locator('.chat.active textarea').inputValue(), 'half geschreven');
    await shot(page, `console-one-1440-${colorScheme}`);
    await clean(page);
  });

test('a thousand wait: only those in sight are in the document, all can be reached, none moves', async () => {
  const many = Array.from({ length: 1000 }, (_, i) => card(`n${i}`, { due: now + i * 1000, lang: 'nl', messages: i }));
  const page = await desk(browser, daemon, { cards: many.slice(0, 500) });
  page.tell({ t: 'queue', put: many.slice(500) });
  await page.getByRole('heading', { name: 'Wachtrij 1000' }).waitFor();
  const rows = page.locator('.row');
  const drawn = () => rows.count();
  const most = await page.locator('.rows-box').evaluate((box) => Math.ceil(box.clientHeight / 123) + 15);
  assert.ok(await drawn() <= most, `${await drawn()} of ${most}`);
  assert.equal(await rows.first().getAttribute('aria-setsize'), '1000');
  for (const part of [0.1, 0.37, 0.5, 0.83, 1]) { // wherever one scrolls to, the window is filled
    await page.locator('.rows-box').evaluate((box, to) => { box.scrollTop = to * box.scrollHeight; }, part);
    await page.waitForFunction(() => {
      const box = document.querySelector('.rows-box').getBoundingClientRect();
      return [0.2, 0.5, 0.8].every((at) => document.elementsFromPoint(box.left + 60, box.top + at * box.height).some((one) => one.closest('.row'))
        || document.elementsFromPoint(box.left + 60, box.top + at * box.height + 10).some((one) => one.closest('.row')));
    });
    assert.ok(await drawn() <= most);
  }
  await page.mouse.move(900, 700);
  await page.keyboard.press('q');
  await page.keyboard.press('End');
  await page.locator('.row [data-at="999"]:focus').waitFor();
  await page.keyboard.press('Home');
  await page.locator('.row [data-at="0"]:focus').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.locator('.row [data-at="1"]:focus').waitFor();
  await page.locator('.rows-box').evaluate((box) => { box.scrollTop = 60_000; }); // the focus is not lost with its row
  await page.waitForFunction(() => document.querySelector('[data-at="490"]'));
  assert.equal(await page.evaluate(() => document.activeElement.dataset.at), '1');
  assert.deepEqual(await violations(page), []);
  const where = () => rows.evaluateAll((all) => all.map((one) => `${one.querySelector('[data-at]').dataset.at} ${one.getBoundingClientRect().top}`));
  const before = await where();
  page.tell({ t: 'queue', put: [card('danger', { level: 'immediate', due: undefined, flags: [flag('immediate', 'nu')] })], drop: ['n490'] });
  await page.getByRole('button', { name: /1 nieuw: volgorde bijwerken/ }).waitFor();
  assert.deepEqual(await where(), before);
  await shot(page, 'console-thousand');
  await page.getByRole('button', { name: /1 nieuw: volgorde bijwerken/ }).click();
  await page.locator('.rows-box').evaluate((box) => { box.scrollTop = 0; });
  await page.locator('.row', { hasText: 'Nu gevaar' }).locator('[data-at="0"]').waitFor();
  await clean(page);
});

test('a visitor ends it over a half-written note: window and note stay until they are closed', async () => {
  const anke = await counsellor(browser, daemon, 'Anke');
  const child = await open(browser, daemon.url);
  await startChat(child);
  await say(child, 'ik moet gaan');
  await anke.locator('.row').waitFor();
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chat.active').getByText('ik moet gaan').waitFor();
  await anke.getByRole('button', { name: 'Interne nota' }).click();
  await anke.getByLabel(/Interne nota: nooit zichtbaar/).fill('nog niet bewaard');
  await child.getByRole('button', { name: 'Gesprek stoppen' }).click();
  await child.getByRole('button', { name: 'Ja, stoppen' }).click();
  await anke.getByText('De bezoeker heeft het gesprek beëindigd').waitFor();
  assert.equal(await anke.getByLabel(/Niet meer verstuurd of bewaard \(Interne nota\)/).inputValue(), 'nog niet bewaard');
  await anke.locator('.chat.active').getByText('ik moet gaan').waitFor();
  await shot(anke, 'console-visitor-ended');
  assert.deepEqual(await violations(anke), []);
  await anke.getByRole('button', { name: 'Sluit dit venster' }).click();
  await anke.getByText('Je bent beschikbaar').waitFor();
  await clean(anke, child);
});
