// The page without script: a whole conversation by forms and a frame that renews itself, in a browser
// that runs no script at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, daemon, house } from './house.mjs';
import { audit, counsellor, open, reply, shot } from './people.mjs';

const CONFIG = `centre:
  name: Vertrouwenscentrum Kindermishandeling Brussel
  helplines:
    - {number: "112", name: "Ambulance, brandweer, politie", emergency: true}
    - {number: "102", name: "Awel"}
`;
house(CONFIG);

const visit = (path = '/plain', options = {}) => open(browser, daemon.url + path, { javaScriptEnabled: false, ...options });
const frame = (page) => page.frameLocator('iframe');
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function start(page, who = 'Kind of jongere') {
  await page.getByLabel(who, { exact: true }).check();
  await press(page, 'Begin de chat');
  await frame(page).getByText('Je staat in de rij').waitFor();
}

async function say(page, words) {
  await page.getByLabel('Schrijf een bericht').fill(words);
  await press(page, 'Verstuur');
  await frame(page).locator('.me', { hasText: words }).last().waitFor();
}

const mine = (page, words) => frame(page).locator('.me', { hasText: words });

/** Nothing kept, nothing foreign, nothing in the address bar. */
async function innocent(page) {
  assert.equal(page.url(), `${daemon.url}/plain`);
  assert.deepEqual(await page.context().cookies(), []);
  assert.deepEqual((await page.context().storageState()).origins, []);
  assert.deepEqual(page.faults, []);
}

test('a whole conversation, with the server killed in the middle of it', async () => {
  const anke = await counsellor(browser, daemon, 'Anke');
  const child = await visit();
  await start(child);
  await innocent(child);
  await anke.locator('.row', { hasText: 'Kind of jongere' }).waitFor();
  await say(child, 'hey, ik heb schrik om naar huis te gaan');
  await shot(child, 'plain-waiting');
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chat.active').getByText('schrik om naar huis').waitFor();
  await frame(child).getByText(/Je praat nu met/).waitFor(); // it came by itself
  await reply(anke, 'Dag, fijn dat je schrijft.');
  await frame(child).locator('.counsellor', { hasText: 'fijn dat je schrijft' }).waitFor();
  await mine(child, 'schrik').filter({ hasText: 'gelezen' }).waitFor();

  await child.getByLabel('Schrijf een bericht').fill('mag ik alles zeggen?');
  await daemon.stop('SIGKILL');
  await press(child, 'Verstuur');
  await child.waitForURL(/chrome-error/);
  await daemon.start();
  await child.reload(); // the same post again
  await mine(child, 'mag ik alles zeggen?').waitFor();
  await child.reload();
  await mine(child, 'mag ik alles zeggen?').waitFor();
  assert.equal(await mine(child, 'mag ik alles zeggen?').count(), 1);
  await anke.locator('.chat.active .log').getByText('mag ik alles zeggen?').waitFor({ timeout: 30000 });
  await reply(anke, 'Ja. Ben je nu op een veilige plek?');
  await frame(child).locator('.counsellor', { hasText: 'veilige plek' }).waitFor();
  await shot(child, 'plain-chat');

  await press(child, 'Code om later terug te komen');
  const words = await child.locator('.code').textContent();
  assert.equal(words.split(' ').length, 7);
  await press(child, 'Ik heb ze opgeschreven');
  await press(child, 'Gesprek stoppen');
  await press(child, 'Nee, verder praten');
  await press(child, 'Gesprek stoppen');
  await press(child, 'Ja, stoppen');
  await child.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  await child.locator('main').getByRole('link', { name: /102/ }).waitFor();
  await child.getByText('mag ik alles zeggen?').waitFor();
  await innocent(child);

  const phone = await visit();
  await phone.getByText('Ik heb een code van een vorig gesprek').click();
  await phone.getByLabel('Typ je zeven woorden').fill('een twee drie');
  await press(phone, 'Verder praten');
  await phone.getByText('Een code heeft zeven woorden.').waitFor();
  await phone.getByLabel('Typ je zeven woorden').fill(words.toUpperCase());
  await press(phone, 'Verder praten');
  await phone.getByText('mag ik alles zeggen?').waitFor();
  await press(phone, 'Verder in dit gesprek');
  await frame(phone).getByText('Je staat in de rij').waitFor();
  await say(phone, 'ik ben er weer');
  await innocent(phone);
  await anke.context().close();
  await child.context().close();
  await phone.context().close();
});

test('Back, and what is written there, lose nothing and double nothing', async () => {
  const child = await visit();
  await start(child);
  await say(child, 'een');
  await say(child, 'twee');
  await child.goBack().catch(() => undefined); // the browser asks whether to post again
  await child.waitForURL(/chrome-error/);
  await child.reload();
  await mine(child, 'twee').waitFor();
  assert.deepEqual(await frame(child).locator('.me p').allTextContents(), ['een', 'twee']);
  await say(child, 'twee'); // meant twice
  await mine(child, 'twee').nth(1).waitFor();
  assert.deepEqual(await frame(child).locator('.me p').allTextContents(), ['een', 'twee', 'twee']);
  await child.getByLabel('Schrijf een bericht').fill('een kladje');
  await child.locator('select[name=to]').selectOption('fr');
  await press(child, 'Kies');
  assert.equal(await child.getByLabel('Écrire un message').inputValue(), 'een kladje');
  await innocent(child);
  await child.context().close();
});

test('a frame that is told to stand still does, and goes on', async () => {
  const child = await visit();
  await start(child);
  await frame(child).getByText('Niet meer vanzelf vernieuwen').click();
  await frame(child).getByText('Weer vanzelf vernieuwen').waitFor();
  assert.equal(await frame(child).locator('meta[http-equiv=refresh]').count(), 0);
  await frame(child).getByText('Weer vanzelf vernieuwen').click();
  await frame(child).locator('meta[http-equiv=refresh]').waitFor({ state: 'attached' });
  await child.context().close();
});

test('leaving shows nothing, and Back does not bring it back', async () => {
  const child = await visit();
  await child.route('https://www.wikipedia.org/**', (route) => route.fulfill({ body: 'neutral', contentType: 'text/html' }));
  await start(child);
  await say(child, 'niemand mag dit zien');
  await press(child, 'Verlaat deze pagina');
  await child.waitForURL('https://www.wikipedia.org/');
  for (let i = 0; i < 5; i++) { // this browser posts again without asking
    await child.goBack().catch(() => undefined);
    await child.waitForLoadState().catch(() => undefined);
    assert.equal(await child.locator('iframe').count(), 0);
    assert.equal(await child.getByText('niemand mag dit zien').count(), 0);
  }
  await child.context().close();
});

test('the page with script leads there when it cannot run', async () => {
  const child = await visit('/?lang=ar');
  await child.waitForURL(`${daemon.url}/plain?lang=ar`);
  assert.equal(await child.locator('html').getAttribute('dir'), 'rtl');
  await press(child, 'تخطَّ وابدأ فورًا');
  await frame(child).getByText('أنت في الانتظار').waitFor();
  await innocent(child);
  await child.context().close();
});

test('nothing for axe to say, in every state, in two languages, light and dark, at three widths', async () => {
  for (const [lang, start_, end, yes, code] of [['nl', 'Begin de chat', 'Gesprek stoppen', 'Ja, stoppen', 'Code om later terug te komen'],
    ['ar', 'ابدأ المحادثة', 'إنهاء المحادثة', 'نعم، إنهاء', 'رمز للعودة لاحقًا']]) {
    for (const [colorScheme, width] of [['light', 320], ['dark', 390], ['light', 1280]]) {
      const page = await open(browser, `${daemon.url}/plain?lang=${lang}`, { colorScheme, viewport: { width, height: 740 } }); // axe is a script
      const look = async (state) => {
        await shot(page, `plain-${state}-${lang}-${colorScheme}-${width}`);
        assert.deepEqual(await (await audit(page))(), [], `${state} ${lang} ${colorScheme} ${width}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state} ${lang} ${width} is too wide`);
      };
      await look('questions');
      await press(page, start_);
      await page.locator('iframe').waitFor();
      await frame(page).locator('.wait').waitFor();
      await page.locator('#words').fill('Dag, ik wil graag iets vertellen.');
      await page.locator('button.send').click();
      await frame(page).locator('.me').waitFor();
      await look('waiting');
      await press(page, code);
      await look('code');
      await press(page, lang === 'nl' ? 'Ik heb ze opgeschreven' : 'لقد كتبتها');
      await press(page, end);
      await look('stop');
      await press(page, yes);
      await look('ended');
      assert.deepEqual(page.faults, []);
      await page.context().close();
    }
  }
});
