// The whole way of a chat, on the real daemon, in a real browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, totp } from './daemon.mjs';
import { browser, clean, daemon, house } from './house.mjs';
import { counsellor, mine, open, reply, say, shot, startChat, violations } from './people.mjs';

const HELPLINES = `centre:
  name: Vertrouwenscentrum Kindermishandeling Brussel
  helplines:
    - {number: "112", name: "Ambulance, brandweer, politie", emergency: true}
    - {number: "102", name: "Awel"}
desk:
  lease_seconds: 20
  replies:
    - {key: veilig, language: nl, text: "Ben je nu op een veilige plek?"}
`;

house(HELPLINES);

test('a visitor writes, a counsellor answers, notes stay inside, and it ends kindly', async () => {
  const anke = await counsellor(browser, daemon, 'Anke');
  const child = await open(browser, daemon.url);
  assert.deepEqual(await violations(child), []);
  await shot(child, 'visitor-questions');
  await startChat(child);
  await say(child, 'hey, ik heb schrik om naar huis te gaan');
  await mine(child, 'schrik').waitFor();
  await child.getByText('Je bent de volgende.').waitFor();
  assert.deepEqual(await violations(child), []);
  await shot(child, 'visitor-waiting');

  await anke.locator('.row', { hasText: 'Verhoogd' }).waitFor();
  assert.match(await anke.title(), /\(1\)/);
  await shot(anke, 'console-queue');
  assert.deepEqual(await violations(anke), []);
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chat.active').getByText('schrik om naar huis').waitFor();
  await child.getByText(/Je praat nu met/).waitFor();
  assert.match(await anke.locator('mark').first().textContent(), /schrik/);
  await anke.getByRole('button', { name: 'Dit signaal klopt niet' }).first().click();
  await anke.getByRole('button', { name: 'Genoteerd, dank je' }).waitFor();
  await anke.locator('.missed').getByRole('button', { name: 'Ernstig' }).click();
  await anke.locator('.missed').getByText('Genoteerd, dank je').waitFor();
  assert.match(daemon.command('rules', 'feedback'), /^wrong .*\nmissed serious +1 /m);

  await reply(anke, 'Dag, fijn dat je schrijft.');
  await child.locator('.log .counsellor', { hasText: 'fijn dat je schrijft' }).waitFor();
  await anke.locator('.log .counsellor', { hasText: 'gelezen' }).waitFor();
  await mine(child, 'schrik', /gelezen/).waitFor();
  await child.getByLabel('Schrijf een bericht').pressSequentially('mag ik');
  await anke.getByText('De bezoeker schrijft').waitFor();
  await anke.locator('.chat.active').getByLabel('Antwoord aan de bezoeker').pressSequentially('ja');
  await child.getByText('is aan het schrijven').waitFor();
  await child.getByLabel('Schrijf een bericht').fill('');
  await anke.locator('.chat.active').getByLabel('Antwoord aan de bezoeker').fill('');

  await anke.getByRole('button', { name: 'Interne nota' }).click();
  await anke.getByLabel(/Interne nota: nooit zichtbaar/).fill('geheim voor collega');
  await anke.getByRole('button', { name: 'Bewaar nota' }).click();
  await anke.locator('.log .note', { hasText: 'geheim voor collega' }).waitFor();
  await anke.locator('.chat.active').getByRole('button', { name: 'Antwoord', exact: true }).click();
  await anke.locator('.chat.active').getByLabel('Antwoord aan de bezoeker').fill('/vei');
  await shot(anke, 'console-replies');
  await anke.keyboard.press('Enter');
  await anke.keyboard.press('Enter');
  await child.locator('.log .counsellor', { hasText: 'veilige plek' }).waitFor();
  assert.equal(await child.getByText('geheim voor collega').count(), 0);
  for (const page of [anke, child]) { // no service of the browser's maker reads along
    const field = await page.locator('textarea').first().evaluate((at) => [at.autocomplete, at.spellcheck, at.getAttribute('writingsuggestions')]);
    assert.deepEqual(field, ['off', false, 'false']);
    assert.equal(await page.locator('.log p').first().evaluate((at) => at.translate), false);
  }
  await shot(anke, 'console-chat');
  await shot(child, 'visitor-chat');
  assert.deepEqual(await violations(anke), []);
  assert.deepEqual(await violations(child), []);

  await anke.getByRole('button', { name: 'Afsluiten' }).click();
  await anke.getByRole('button', { name: 'Ja, afsluiten' }).click();
  await child.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  await child.locator('main').getByRole('link', { name: /102/ }).waitFor();
  assert.deepEqual(await violations(child), []);
  await shot(child, 'visitor-ended');
  await anke.getByText('Je bent beschikbaar').waitFor();
  await clean(anke, child);
});

test('two counsellors race for one contact: one has it, the other sees who', async () => {
  const [bert, carla] = [await counsellor(browser, daemon, 'Bert'), await counsellor(browser, daemon, 'Carla')];
  const visitor = await open(browser, daemon.url);
  await startChat(visitor, 'Ouder');
  for (const page of [bert, carla]) await page.locator('.row', { hasText: 'Ouder' }).waitFor();
  await Promise.all([bert, carla].map((page) => page.getByRole('button', { name: /Neem volgende/ }).click()));
  await visitor.getByText(/Je praat nu met/).waitFor();
  const won = await Promise.any([bert, carla].map(async (page) => {
    await page.locator('.chat.active').waitFor();
    return page;
  }));
  const lost = won === bert ? carla : bert;
  await lost.locator('.banner', { hasText: /was net eerder|Er wacht niemand meer/ }).waitFor();
  await lost.getByText('1 bij een collega').waitFor();
  assert.equal(await lost.locator('.chat').count(), 0);
  await won.getByRole('button', { name: 'Terug naar de rij' }).click();
  await won.getByRole('button', { name: 'Ja, teruggeven' }).click();
  await visitor.getByText('Een collega neemt het over').waitFor();
  await lost.locator('.row', { hasText: 'teruggekomen' }).waitFor();
  await lost.getByRole('button', { name: /Neem volgende/ }).click();
  await lost.locator('.chat.active').waitFor();
  await visitor.getByRole('button', { name: 'Gesprek stoppen' }).click();
  await visitor.getByRole('button', { name: 'Ja, stoppen' }).click();
  await visitor.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  await clean(bert, carla, visitor);
});

test('everything by keyboard', async () => {
  const dirk = await counsellor(browser, daemon, 'Dirk');
  const visitor = await open(browser, daemon.url, { viewport: { width: 1280, height: 800 } });
  await visitor.getByRole('heading', { name: 'Fijn dat je er bent' }).waitFor();
  const until = async (page, check, key = 'Tab') => {
    for (let i = 0; i < 40; i++) {
      if (await page.evaluate(check)) return;
      await page.keyboard.press(key);
    }
    assert.fail(`never reached: ${check}`);
  };
  await until(visitor, () => document.activeElement?.name === 'who');
  await visitor.keyboard.press('Space');
  await until(visitor, () => document.activeElement?.type === 'submit');
  await visitor.keyboard.press('Enter');
  await visitor.waitForFunction(() => document.activeElement?.id === 'words');
  await visitor.keyboard.type('alles met toetsen');
  await visitor.keyboard.press('Enter');
  await mine(visitor, 'alles met toetsen').waitFor();

  await dirk.locator('.row').waitFor();
  await dirk.keyboard.press('?');
  await dirk.getByRole('dialog').waitFor();
  await shot(dirk, 'console-help');
  assert.deepEqual(await violations(dirk), []);
  await dirk.keyboard.press('n'); // not while a dialog is open
  assert.equal(await dirk.locator('.chat').count(), 0);
  await dirk.getByLabel('Sneltoetsen gebruiken').uncheck();
  await dirk.keyboard.press('Escape');
  await dirk.keyboard.press('?');
  await dirk.keyboard.press('n');
  assert.deepEqual([await dirk.getByRole('dialog').count(), await dirk.locator('.chat').count()], [0, 0]);
  await dirk.getByRole('button', { name: 'Sneltoetsen' }).click();
  await dirk.getByLabel('Sneltoetsen gebruiken').check();
  await dirk.keyboard.press('Escape');
  await dirk.keyboard.press('n');
  await dirk.locator('.chat.active').getByText('alles met toetsen').waitFor();
  await dirk.keyboard.type('antwoord met toetsen');
  await dirk.keyboard.press('Enter');
  await visitor.locator('.log .counsellor', { hasText: 'antwoord met toetsen' }).waitFor();
  await dirk.keyboard.press('Escape');
  await dirk.keyboard.press('m');
  await dirk.keyboard.type('nota met toetsen');
  await dirk.keyboard.press('Enter');
  await dirk.locator('.log .note', { hasText: 'nota met toetsen' }).waitFor();
  await dirk.keyboard.press('Escape');
  await dirk.keyboard.press('c');
  await dirk.locator('.ask button:focus').waitFor();
  await dirk.keyboard.press('Enter');
  await visitor.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  assert.ok(dirk.sent.includes('here')); // a person, not only a page
  await clean(dirk, visitor);
});

test('three languages, changed in one tap without losing a word', async () => {
  const visitor = await open(browser, daemon.url, { locale: 'fr-BE' });
  await visitor.getByRole('heading', { name: "C'est bien que tu sois là" }).waitFor();
  await visitor.getByRole('button', { name: 'Passer et commencer' }).click();
  await visitor.getByLabel('Écrire un message').fill('un brouillon');
  await visitor.getByLabel('Langue').selectOption('en');
  await visitor.getByRole('heading', { name: 'You are in the queue' }).waitFor();
  assert.equal(await visitor.getByLabel('Write a message').inputValue(), 'un brouillon');
  assert.equal(await visitor.locator('html').getAttribute('lang'), 'en');
  await visitor.getByRole('button', { name: 'Send' }).click();
  await visitor.locator('.log .me', { hasText: 'un brouillon' }).filter({ hasText: 'sent' }).waitFor();
  await visitor.reload();
  await visitor.locator('.log .me', { hasText: 'un brouillon' }).waitFor();
  await visitor.getByLabel('Language').selectOption('nl');
  await visitor.getByRole('button', { name: 'Gesprek stoppen' }).click();
  await visitor.getByRole('button', { name: 'Ja, stoppen' }).click();
  await visitor.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  await clean(visitor);
});

test('signing in needs all three, and a code works once', async () => {
  const elke = await counsellor(browser, daemon, 'Elke');
  const out = elke.waitForResponse((answer) => answer.url().endsWith('/console/signed-out'));
  await elke.getByRole('button', { name: 'Afmelden' }).click();
  assert.equal((await (await out).allHeaders())['clear-site-data'], '"cache", "cookies", "storage"');
  const tries = async (name, password, code) => {
    await elke.getByLabel('Naam').fill(name);
    await elke.getByLabel('Wachtwoord').fill(password);
    await elke.getByLabel(/Code van je/).fill(code);
    await elke.getByRole('button', { name: 'Aanmelden' }).click();
  };
  await elke.getByRole('button', { name: 'Aanmelden' }).waitFor();
  await shot(elke, 'console-sign-in');
  assert.deepEqual(await violations(elke), []);
  await tries('elke', 'niet het wachtwoord', totp(elke.secret, Date.now() + 30000));
  await elke.getByText('klopt niet').waitFor();
  await tries('elke', PASSWORD, totp(elke.secret, Date.now() + 30000));
  await elke.getByRole('button', { name: 'Beschikbaar' }).waitFor();
  await elke.reload(); // the session goes on
  await elke.getByRole('button', { name: 'Beschikbaar' }).waitFor();
  daemon.command('staff', 'disable', 'elke');
  await elke.reload();
  await elke.getByRole('button', { name: 'Aanmelden' }).waitFor();
  await clean(elke);
});

test('leaving clears everything at once, and Back does not return', async () => {
  const visitor = await open(browser, daemon.url);
  await visitor.route('https://www.wikipedia.org/**', (route) => route.fulfill({ body: 'neutral', contentType: 'text/html' }));
  await startChat(visitor);
  await visitor.keyboard.press('Escape');
  for (let i = 0; i < 3; i++) await visitor.keyboard.press('Shift');
  await visitor.waitForURL('https://www.wikipedia.org/');
  await visitor.goBack().catch(() => undefined);
  assert.equal(await visitor.getByText('Je staat in de rij').count(), 0);
  visitor.faults = visitor.faults.filter((fault) => !fault.includes('wikipedia'));
  await visitor.context().close();
});
