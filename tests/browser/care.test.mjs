// Care for the counsellor: folded words, a pause after a conversation, one's own shift; and what one
// chooses for the own console, kept by the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD } from './daemon.mjs';
import { card, desk, flag, ME, message } from './desk.mjs';
import { browser, clean, daemon, house } from './house.mjs';
import { counsellor, mine, open, say, shot, startChat, violations } from './people.mjs';

house();

const WORDS = 'hij heeft een mes';
const heavy = flag('immediate', WORDS, { category: 'violence_now', from: 0 });
const folded = { settings: { ok: { settings: { fold: true, wrapup: 5 }, telephone: '' } } };
const SHIFT = { shift: { ok: { shift: { since: Date.now() - 7_200_000, taken: 4, closed: 3, returned: 1, team: { since: Date.now() - 30_000_000, arrived: 11, taken: 9 } } } } };
const taken = (id, level = 'immediate') => card(id, { state: 'taken', owner: ME.id, taken_by: ME.display, level, flags: [heavy] });

test('heavy words stay folded until they are opened: in the queue, the conversation and the details', async () => {
  const page = await desk(browser, daemon, { cards: [card('w', { level: 'immediate', flags: [heavy] })], answers: folded });
  const row = page.locator('.row');
  await row.getByText('geweld, nu bezig').waitFor();
  page.tell({ t: 'contact', contact: taken('m'), answers: { who: 'child', where: '', lang: 'nl' }, events: [message(1, WORDS, { flags: [heavy] }), message(2, 'help')], read: 0 });
  await page.locator('.chat.active').getByText('geweld, nu bezig').waitFor();
  assert.equal(await page.getByText(WORDS).count(), 0);
  await page.locator('.chat.active').getByText('help', { exact: true }).waitFor();
  await shot(page, 'console-folded');
  assert.deepEqual(await violations(page), []);
  await page.locator('.chat.active').getByRole('button', { name: 'Lees de woorden' }).click();
  await page.locator('.chat.active .log').getByText(WORDS).waitFor();
  await page.locator('.details').getByRole('button', { name: 'Lees de woorden' }).click();
  await page.locator('.details').getByText(WORDS).waitFor();
  assert.equal(await row.getByText(WORDS).count(), 0);
  await clean(page);
});

test('after a hard conversation a pause is offered, ends softly, and brings nothing meanwhile', async () => {
  const page = await desk(browser, daemon, { answers: { ...folded, ...SHIFT } });
  await page.clock.install();
  await page.reload();
  await page.locator('.desk').waitFor();
  await page.getByRole('region', { name: 'Mijn dienst' }).getByText('Teruggegeven').waitFor();
  assert.match(await page.locator('.shift').innerText(), /Opgenomen\s+4\s+Afgesloten\s+3\s+Teruggegeven\s+1[^]*Gekomen\s+11/);
  await shot(page, 'console-shift');
  const end = (id, level) => {
    page.tell({ t: 'contact', contact: taken(id, level), answers: { who: 'child', where: '', lang: 'nl' }, events: [message(1, 'x')], read: 0 });
    page.tell({ t: 'events', list: [{ contact: id, seq: 2, kind: 'closed', time: Date.now(), author: 'counsellor', staff: 1, by: 'Anke' }] });
    page.tell({ t: 'lost', contact: id, why: 'closed' });
  };
  end('light', 'none');
  await page.getByText('Het gesprek is afgesloten.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Ik ga verder' }).click();
  await page.getByText('Het gesprek is afgesloten.', { exact: true }).waitFor({ state: 'detached' });
  end('hard', 'serious');
  await page.getByText('neem gerust even tijd').waitFor();
  await shot(page, 'console-after');
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: '5 min pauze' }).click();
  await page.getByText('Je hebt pauze. Er wordt je niets aangeboden.').waitFor();
  await page.getByText('nog 5 min').waitFor();
  await page.asking('duty');
  assert.equal(page.asked.filter(({ t }) => t === 'duty').pop().duty, 'pause');
  await shot(page, 'console-pause');
  assert.deepEqual(await violations(page), []);
  await page.clock.fastForward(4 * 60_000);
  await page.getByText(/nog (60|5\d) s/).waitFor();
  await page.getByRole('button', { name: '5 min langer' }).click();
  await page.getByText('nog 6 min').waitFor();
  await page.clock.fastForward(6 * 60_000 + 1000);
  await page.getByText('De tijd is om. Kom terug als je klaar bent.').waitFor();
  const before = page.asked.length;
  await page.clock.fastForward(1000);
  assert.equal(page.asked.slice(before).some(({ t, duty }) => t === 'duty' && duty === 'on'), false, 'nobody is put back by a clock');
  await page.getByRole('button', { name: 'Weer beschikbaar' }).click();
  await page.getByText('Je bent beschikbaar').waitFor();
  await page.context().close();
});

for (const colorScheme of ['light', 'dark'])
  test(`the settings, ${colorScheme}, at each width`, async () => {
    const replies = [{ key: 'rust', language: 'nl', text: 'Neem je tijd. Ik ben hier en ik luister.' }, { key: 'merci', language: 'fr', text: 'Merci de me le dire.' }];
    const page = await desk(browser, daemon, {
      answers: {
        settings: { ok: { settings: { replies }, telephone: '+3225550123' } },
        sessions: { ok: { sessions: [{ session: '0123456789abcdef', staff: 1, display: 'Anke', created: Date.now(), expires: Date.now(), this: true }] } },
      },
      options: { colorScheme },
    });
    await page.getByText('Je bent beschikbaar').waitFor();
    await page.keyboard.press('s');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Neem je tijd').waitFor();
    for (const [width, height] of [[1440, 900], [1280, 800], [390, 844]]) {
      await page.setViewportSize({ width, height });
      assert.ok(await dialog.evaluate((one) => one.scrollWidth <= one.clientWidth), `sideways at ${width}`);
      await shot(page, `console-settings-${width}-${colorScheme}`);
    }
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('combobox', { name: 'Geluid', exact: true }).selectOption('danger');
    await page.asking('settings', 2);
    assert.equal(page.asked.filter(({ t }) => t === 'settings').pop().settings.sounds, 'danger');
    await page.keyboard.press('Escape');
    await page.getByText('Je koos: alleen geluid bij gevaar').waitFor();
    await clean(page);
  });

test('an own reply, the language and the telephone are kept by the server, for this person alone', async () => {
  const anke = await counsellor(browser, daemon, 'Anke');
  await anke.getByRole('button', { name: /Instellingen/ }).click();
  const dialog = anke.getByRole('dialog');
  await dialog.getByLabel('Trefwoord').fill('/rust');
  await dialog.getByLabel('Antwoord', { exact: true }).fill('Neem je tijd, ik luister.');
  await dialog.getByRole('button', { name: 'Bewaar antwoord' }).click();
  await dialog.getByText('Bewaard.').waitFor();
  await dialog.getByLabel('Nummer, SIP-adres of toestel').fill('+3225550123');
  await dialog.getByLabel('Wachtwoord').first().fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Bewaar', exact: true }).click();
  await dialog.getByRole('region', { name: 'Mijn telefoon' }).getByText('Bewaard.').waitFor();
  await dialog.getByRole('region', { name: 'Scherm' }).getByRole('combobox', { name: 'Taal' }).selectOption('fr');
  await anke.getByRole('button', { name: /Réglages/ }).waitFor();
  await anke.evaluate(() => Object.keys(sessionStorage).filter((key) => key !== 'onthaal.session').forEach((key) => sessionStorage.removeItem(key)));
  await anke.reload(); // nothing of it is in the browser
  await anke.getByRole('button', { name: /Réglages/ }).click();
  await anke.getByRole('dialog').getByText('Neem je tijd').waitFor();
  assert.equal(await anke.getByRole('dialog').getByLabel('Numéro, adresse SIP ou poste').inputValue(), '+3225550123');
  assert.deepEqual(await violations(anke), []);
  await anke.keyboard.press('Escape');

  const child = await open(browser, daemon.url);
  await startChat(child);
  await say(child, 'ik weet niet goed hoe beginnen');
  await mine(child, 'hoe beginnen').waitFor();
  await anke.locator('.row').waitFor();
  await anke.locator('.next').click();
  const field = anke.locator('.chat.active textarea');
  await field.fill('/ru');
  await anke.getByRole('option', { name: /Neem je tijd/ }).waitFor();
  await anke.keyboard.press('Enter');
  await anke.keyboard.press('Enter');
  await child.locator('.log .counsellor', { hasText: 'Neem je tijd, ik luister.' }).waitFor();

  const bert = await counsellor(browser, daemon, 'Bert');
  await bert.getByRole('button', { name: /Instellingen/ }).click();
  assert.equal(await bert.getByRole('dialog').getByText('Neem je tijd').count(), 0);
  await clean(anke, bert, child);
});
