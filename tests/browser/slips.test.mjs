// What must not happen to whoever listens: a note that goes out, a focus that is taken, a conversation
// that is gone from the screen, words "read" that nobody saw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, DESK, desk, flag, ME, message } from './desk.mjs';
import { browser, clean, daemon, house } from './house.mjs';

house();

const own = (id, more = {}) => card(id, { state: 'taken', owner: ME.id, taken_by: ME.display, ...more });
const give = (page, id) => page.tell({ t: 'contact', contact: own(id), answers: { who: 'child', where: '', lang: 'nl' }, events: [message(1, `dag ${id}`)], read: 0 });
const lookAt = (page, id) => page.tell({ t: 'contact', contact: card(id), answers: { who: 'child', where: '', lang: 'nl' }, events: [message(1, id)], read: 0 });
const field = (page) => page.locator('.chat.active textarea');

async function talking(options) {
  const page = await desk(browser, daemon, options);
  give(page, 'm');
  await field(page).waitFor();
  return page;
}

test('a note stays a note when the line breaks, and when the language changes', async () => {
  const page = await talking({ cards: [card('x')] });
  await page.keyboard.press('Escape');
  await page.keyboard.press('m');
  await page.keyboard.type('interne no');
  page.tell({ t: 'queue', whole: true, put: [own('m')] });
  give(page, 'm');
  await field(page).waitFor();
  await field(page).focus();
  await page.keyboard.press('End');
  await page.keyboard.type('ta geheim');
  assert.equal(await field(page).inputValue(), 'interne nota geheim');
  await page.keyboard.press('Enter');
  await page.asking('note');
  await page.keyboard.type('nog een');
  await page.getByRole('button', { name: /Anke/ }).click();
  await page.getByRole('region', { name: 'Scherm' }).getByRole('combobox', { name: 'Taal' }).selectOption('fr');
  await page.getByRole('heading', { name: 'Réglages' }).waitFor();
  await page.keyboard.press('Escape');
  await field(page).focus();
  await page.keyboard.press('Enter');
  await page.asking('note', 2);
  assert.deepEqual(page.asked.filter(({ t }) => t === 'say'), []);
  await clean(page);
});

test('an arrow at the end of the queue takes no focus later', async () => {
  const page = await talking({ cards: [card('x')] });
  await page.keyboard.press('Escape');
  await page.mouse.move(900, 700);
  await page.keyboard.press('q');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('r');
  page.tell({ t: 'queue', put: [card('x', { messages: 2 })] });
  await page.keyboard.type('hallo');
  assert.equal(await field(page).inputValue(), 'hallo');
  await clean(page);
});

test('what I looked at was taken by a colleague: mine is on the screen again', async () => {
  const page = await talking({ cards: [card('x')], answers: { settings: { ok: { settings: { layout: 'one' }, telephone: '' } } } });
  lookAt(page, 'x');
  await page.locator('.looking').waitFor();
  page.tell({ t: 'queue', put: [card('x', { state: 'taken', owner: 2, taken_by: 'Bert' })] });
  await page.locator('.looking').waitFor({ state: 'detached' });
  await field(page).waitFor();
  await clean(page);
});

test('on the wall nothing is read', async () => {
  const page = await talking({ more: { me: { ...ME, role: 'coordinator' } } });
  await page.getByRole('button', { name: 'Overzicht' }).click();
  await page.locator('.wall').waitFor();
  const before = page.asked.filter(({ t }) => t === 'read').length;
  page.tell({ t: 'events', list: [{ contact: 'm', ...message(2, 'ben je er nog?') }] });
  await page.waitForFunction(() => /bericht/.test(document.title));
  assert.equal(page.asked.filter(({ t }) => t === 'read').length, before);
  await page.getByRole('button', { name: 'Overzicht' }).click();
  await page.asking('read', before + 1);
  await clean(page);
});

test('who hears danger alone is told that danger cannot ring', async () => {
  const page = await desk(browser, daemon, { answers: { settings: { ok: { settings: { sounds: 'danger' }, telephone: '' } } } });
  await page.addInitScript(() => Object.defineProperty(BaseAudioContext.prototype, 'state', { get: () => 'suspended' }));
  await page.reload();
  await page.getByText('Je browser laat geen geluid toe').waitFor();
  await clean(page);
});

test('what is chosen while the line is down is refused and said, and the next one is stored', async () => {
  const page = await desk(browser, daemon, {});
  await page.asking('settings');
  page.away = true;
  page.hangUp();
  await page.getByText(/verbinding/i).first().waitFor();
  page.asked.length = 0;
  await page.keyboard.press('v');
  page.away = false;
  await page.asking('resume');
  await page.asking('settings'); // read anew
  await page.keyboard.press('v');
  await page.asking('settings', 2);
  assert.ok(page.asked.filter(({ t }) => t === 'settings')[1].settings);
  await clean(page);
});

test('the next person begins anew', async () => {
  const page = await desk(browser, daemon, {});
  await page.getByRole('button', { name: 'Pauze' }).click();
  await page.asking('duty');
  page.tell({ t: 'bye', why: 'session' });
  await page.locator('#name').waitFor();
  page.asked.length = 0;
  page.tell({ ...DESK, me: { ...ME, id: 9, display: 'Zoe' }, duty: 'off' });
  page.tell({ t: 'queue', whole: true, put: [] });
  await page.locator('.desk').waitFor();
  await page.asking('settings');
  assert.deepEqual(page.asked.filter(({ t }) => t === 'duty'), []);
  await clean(page);
});

test('nobody is asked to close what is lost, and no key counts twice when held', async () => {
  const page = await talking({ cards: [card('x')] });
  page.tell({ t: 'lost', contact: 'm', why: 'lease' });
  await page.getByText('Neem', { exact: false }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.chat').first().click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('c');
  await page.keyboard.down('n');
  await page.keyboard.down('n');
  await page.keyboard.down('n');
  await page.keyboard.up('n');
  await page.asking('take');
  page.tell({ t: 'queue', put: [card('y')] });
  await page.getByText('2', { exact: true }).first().waitFor();
  assert.equal(page.asked.filter(({ t }) => t === 'take').length, 1);
  assert.equal(await page.getByRole('group', { name: /afsluiten/i }).count(), 0);
  await clean(page);
});

test('a level that is being chosen is not overwritten', async () => {
  const page = await talking({});
  await page.locator('#level-choice').selectOption('immediate');
  await page.locator('.level-form input').fill('hij staat aan de deur');
  page.tell({ t: 'queue', put: [own('m', { level: 'elevated', flags: [flag('elevated', 'dag')] })] });
  await page.locator('.chat.active header').getByText('Verhoogd').waitFor();
  assert.equal(await page.locator('#level-choice').inputValue(), 'immediate');
  await clean(page);
});

test('after the lock the queue is in order again', async () => {
  const page = await desk(browser, daemon, { cards: [card('x')] });
  await page.locator('.row').hover();
  page.tell({ t: 'locked' });
  await page.locator('.gate').waitFor();
  await page.mouse.move(900, 600);
  page.tell(DESK);
  page.tell({ t: 'queue', whole: true, put: [card('x'), card('d', { level: 'immediate', due: undefined })] });
  await page.locator('.desk').waitFor();
  await page.locator('.row').nth(1).waitFor();
  assert.match(await page.locator('.row').first().innerText(), /Nu gevaar/);
  assert.equal(await page.locator('.refresh').count(), 0);
  await clean(page);
});
