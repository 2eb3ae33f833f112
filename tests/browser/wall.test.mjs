// The coordinator's wall: what it says, for whom, on paper, and what it never says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, desk, flag, ME, message } from './desk.mjs';
import { browser, daemon, house } from './house.mjs';
import { faultsOf, shot, violations } from './people.mjs';

house();

const hours = (...some) => Array.from({ length: 25 }, (_, hour) => some[hour] ?? 0);
const midnight = new Date().setHours(0, 0, 0, 0);
const NOON = midnight + 13.4 * 3_600_000;
const TODAY = {
  since: midnight + 6 * 3_600_000, midnight, bands: [1, 5, 15, 30], left_after: [4, 2, 1, 0, 1],
  arrived: hours(1, 0, 0, 0, 0, 0, 0, 2, 5, 9, 12, 8, 14, 6), taken: hours(1, 0, 0, 0, 0, 0, 0, 2, 4, 8, 11, 8, 10, 5), left: hours(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 4, 1),
  levels: [{ level: 'none', taken: 30, in_time: 29 }, { level: 'elevated', taken: 12, in_time: 10 }, { level: 'serious', taken: 5, in_time: 5 }, { level: 'immediate', taken: 4, in_time: 1 }],
};
const cards = [
  card('a', { level: 'immediate', due: undefined, arrived: NOON - 9 * 60_000, flags: [flag('immediate', 'GEHEIME WOORDEN')] }),
  card('b', { level: 'none', channel: 'telephone', who: 'professional', arrived: NOON - 60_000 }),
  card('c', { level: 'none', practice: true, arrived: NOON - 90 * 60_000 }),
  card('d', { state: 'taken', owner: 2, taken_by: 'Bert' }),
];
const chief = { me: { ...ME, role: 'coordinator' } };

for (const colorScheme of ['light', 'dark'])
  test(`now and today, ${colorScheme}, at each width and on paper`, async () => {
    const page = await desk(browser, daemon, { cards, more: chief, answers: { wall: { ok: { today: TODAY } } }, options: { colorScheme } });
    await page.clock.install({ time: NOON });
    await page.reload();
    await page.getByRole('button', { name: 'Overzicht' }).click();
    const wall = page.getByRole('main', { name: 'Overzicht' });
    await wall.getByText('Vandaag kwamen er 57').waitFor();
    const now = wall.getByRole('region', { name: 'Nu', exact: true });
    assert.match(await now.innerText(), /In de rij\s+2\s+Langste wacht\s+9 min\s+In gesprek\s+1/);
    assert.deepEqual(await now.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.replace(/^\W+/, '')).join(' '))),
      ['Nu gevaar 1 0 0 1', 'Ernstig 0 0 0 0', 'Verhoogd 0 0 0 0', 'Gewoon 0 0 1 1']);
    assert.match(await wall.getByRole('region', { name: 'Van dienst' }).innerText(), /2[^]*Anke\s+Beschikbaar[^]*Bert\s+Beschikbaar[^]*Carla\s+Pauze/);
    const service = await wall.getByRole('region', { name: 'Op tijd opgenomen' }).innerText();
    assert.match(service, /Nu gevaar binnen 5 min\s+te weinig/); // 4 of them: nothing is said
    assert.match(service, /Ernstig binnen 5 min\s+100/);
    assert.match(service, /Verhoogd binnen 15 min\s+▼ 83/);
    assert.match(await wall.getByRole('region', { name: /naar wachttijd/ }).innerText(), /minder dan 1 min\s+4[^]*30 min en meer\s+1/);
    assert.equal(await wall.locator('.curve rect').count(), 14, 'nothing of the hours to come');
    await wall.getByText('Geteld sinds 06:00').waitFor();
    const said = await wall.innerText();
    for (const word of ['GEHEIME', 'Professional', 'Kind of jongere']) assert.equal(said.includes(word), false, word);
    assert.match(await page.locator('.glance').innerText(), /2 in de rij[^]*9 min/, 'practice hides nobody');
    for (const [width, height] of [[1440, 900], [1280, 800], [390, 844]]) {
      await page.setViewportSize({ width, height });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `sideways at ${width}`);
      assert.deepEqual(await wall.locator('.panel').evaluateAll((panels) => panels.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)), [], `${width}`);
      await shot(page, `console-wall-${width}-${colorScheme}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    assert.deepEqual(await violations(page), []);
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    assert.equal(await page.locator('.top').isVisible(), false);
    assert.ok(await wall.getByText('Vandaag kwamen er').isVisible());
    await shot(page, 'console-wall-print');
    await page.emulateMedia({ media: 'screen', colorScheme });
    page.tell({ t: 'alarm', contact: 'a', level: 'immediate', why: 'new' });
    await wall.getByRole('alert').getByText(/nieuw in de rij/).waitFor(); // seen here too
    const own = card('mine', { state: 'taken', owner: ME.id, taken_by: ME.display });
    page.tell({ t: 'contact', contact: own, answers: { who: 'child', where: '', lang: 'nl' }, events: [message(1, 'dag')], read: 0 });
    await page.locator('.chat.active').waitFor(); // what became mine is what I see
    assert.equal(await wall.count(), 0);
    assert.deepEqual(await faultsOf(page), []);
    await page.context().close();
  });

test('a counsellor has no wall', async () => {
  const page = await desk(browser, daemon, { cards });
  await page.locator('.row').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Overzicht' }).count(), 0);
  assert.equal(page.asked.some(({ t }) => t === 'wall'), false);
  await page.context().close();
});
