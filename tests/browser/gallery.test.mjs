// Every state of the visitor's page: seen, measured, read by axe and as a screen reader reads it.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openGallery, serveGallery } from './gallery.mjs';
import { audit, launch } from './people.mjs';

const OUTPUT = 'tests/output/gallery';
const SIZES = [[320, 568, 6], [390, 844, 6], [1280, 800, 3]];
const CHATS = /^(waiting|taken|both|marks|too-long|too-fast|line-lost|resumed|maintenance|not-stored|counsellor|handed|practice)/;
let browser;
let gallery;

before(async () => {
  [gallery, browser] = await Promise.all([serveGallery(), launch()]);
  mkdirSync(OUTPUT, { recursive: true });
});
after(async () => {
  await browser?.close();
  gallery?.stop();
});

const show = (page, state, lang) => page.evaluate(([name, code]) => window.gallery.show(name, code), [state, lang]);
const states = (page) => page.evaluate(() => window.gallery.states);

/** In the page: what does not fit, as texts. */
function unfit(chats) {
  const faults = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`${wide} px too wide`);
  const shown = (element) => element?.getClientRects().length > 0;
  const inside = (element) => {
    const box = element.getBoundingClientRect();
    return box.top >= -1 && box.bottom <= innerHeight + 1 && box.left >= -1 && box.right <= innerWidth + 1;
  };
  for (const name of ['.leave', '.emergency']) {
    const element = document.querySelector(name);
    if (element && !(shown(element) && inside(element))) faults.push(`${name} is out of sight`);
  }
  const select = document.querySelector('.tools select');
  if (select) {
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = getComputedStyle(select).font;
    const width = pen.measureText(select.selectedOptions[0].text).width + 20; // and the arrow
    if (select.clientWidth < width) faults.push(`the language needs ${width} px and has ${select.clientWidth}`);
  }
  const input = document.querySelector('textarea');
  if (chats && !(shown(input) && inside(input) && inside(document.querySelector('.send')))) faults.push('the field to write in is out of sight');
  for (const element of document.querySelectorAll('button, select, summary, a, input')) {
    const box = element.getBoundingClientRect();
    if (shown(element) && !element.closest('.plain') && box.height < 44) faults.push(`${element.textContent || element.id} is ${box.height} px high`);
  }
  return faults;
}

test('every state fits at 320, 390 and 1280 px, light and dark, left to right and right to left', async () => {
  const one = async ([width, height, columns], scheme, lang) => {
    const page = await openGallery(browser, gallery.url, {
      colorScheme: scheme, viewport: { width: (width + 16) * columns + 16, height: 900 }, deviceScaleFactor: width > 1000 ? 0.5 : 1,
    }, `lang=${lang}&width=${width}&height=${height}`);
    await page.waitForFunction(() => [...document.querySelectorAll('iframe')].every((frame) => frame.contentDocument?.body?.classList.contains('done')));
    const faults = await page.evaluate(([source, pattern]) => {
      const chats = new RegExp(pattern);
      return [...document.querySelectorAll('iframe')].flatMap((frame) => frame.contentWindow.eval(`(${source})`)(chats.test(frame.title))
        .map((fault) => `${frame.title}: ${fault}`));
    }, [unfit.toString(), CHATS.source]);
    await page.screenshot({ path: `${OUTPUT}/${lang}-${width}-${scheme}.png`, fullPage: true });
    assert.deepEqual([...faults, ...page.faults], [], `${lang} ${width} ${scheme}`);
    await page.context().close();
  };
  for (const lang of ['nl', 'ar']) {
    for (const size of SIZES) await Promise.all(['light', 'dark'].map((scheme) => one(size, scheme, lang)));
  }
});

test('everything fits at 320 px in any language', async () => {
  const page = await openGallery(browser, gallery.url);
  const faults = [];
  const languages = (await page.evaluate(() => window.gallery.languages)).filter((one) => one !== 'xx'); // nobody's has longer texts
  for (const lang of languages) {
    for (const state of await states(page)) {
      await show(page, state, lang);
      faults.push(...(await page.evaluate(`(${unfit})(false)`)).map((fault) => `${lang} ${state}: ${fault}`));
    }
  }
  assert.deepEqual(faults, []);
  assert.equal(languages.length, 11);
  await page.context().close();
});

test('axe finds nothing, in every state and language', async () => {
  const languages = ['nl', 'ar', 'fr', 'en', 'de', 'tr', 'es', 'pt', 'ro', 'pl', 'uk'];
  const one = async (scheme, langs, rules) => {
    const page = await openGallery(browser, gallery.url, { colorScheme: scheme, viewport: { width: 390, height: 844 } });
    const look = await audit(page, rules);
    for (const lang of langs) {
      for (const state of await states(page)) {
        await show(page, state, lang);
        assert.deepEqual(await look(), [], `${lang} ${state} ${scheme}`);
      }
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  };
  // colours are the same in every language
  await Promise.all([one('light', ['nl', 'ar'], {}), one('dark', ['nl'], {})]);
  const rest = languages.slice(2);
  const rules = { 'color-contrast': { enabled: false } };
  await Promise.all([one('light', rest.slice(0, 4), rules), one('light', rest.slice(4), rules)]);
});

test('no text of the page stands outside of the catalogues', async () => {
  const page = await openGallery(browser, gallery.url);
  for (const state of await states(page)) {
    await show(page, state, 'xx');
    const strange = await page.evaluate(() => {
      const data = /^(Vertrouwenscentrum|het team van|Anke|Bert|Ambulance|Geweld|Awel|Child Focus|Antigifcentrum|[\d\s:·]*$)/;
      const own = (element) => element.closest('option, .log li p, .code, bdi, .read, textarea');
      const faults = [];
      const walk = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const words = walk.currentNode.data.replace(/⟦[^⟧]*⟧/g, '').trim();
        if (words && !data.test(words) && !own(walk.currentNode.parentElement)) faults.push(words);
      }
      for (const element of document.querySelectorAll('#app *')) {
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
          const words = element.getAttribute(name);
          if (words && !/^⟦[^⟧]*⟧$/.test(words)) faults.push(`${name}: ${words}`);
        }
      }
      return faults;
    });
    assert.deepEqual(strange, [], state);
  }
  await page.context().close();
});

test('at 400 %, and with letters twice as large, everything can be reached', async () => {
  const page = await openGallery(browser, gallery.url, { viewport: { width: 320, height: 256 } }); // 1280 by 1024
  const reach = async (state, size) => {
    await show(page, state, 'nl');
    await page.evaluate((font) => { document.documentElement.style.fontSize = font; }, size);
    const faults = await page.evaluate(() => {
      const lost = [];
      if (document.documentElement.scrollWidth > innerWidth) lost.push('too wide');
      for (const element of document.querySelectorAll('button, select, summary, a, textarea, input')) {
        if (!element.checkVisibility() || element.closest('details:not([open]) > :not(summary)')) continue;
        element.scrollIntoView({ block: 'nearest' });
        const box = element.getBoundingClientRect();
        const middle = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
        if (!middle || !(element.contains(middle) || middle.contains(element))) lost.push(`${element.textContent || element.id} is covered`);
      }
      return lost;
    });
    assert.deepEqual(faults, [], `${state} ${size}`);
  };
  for (const state of ['questions', 'waiting-place', 'taken-name', 'line-lost', 'ended-by-counsellor', 'closed-now']) {
    await reach(state, '');
    await page.setViewportSize({ width: 390, height: 844 });
    await reach(state, '200%');
    await page.setViewportSize({ width: 320, height: 256 });
  }
  await page.context().close();
});

test('in forced colours what is chosen and what can be pressed is seen; nothing moves when that is asked', async () => {
  const page = await openGallery(browser, gallery.url, { forcedColors: 'active', reducedMotion: 'reduce', viewport: { width: 390, height: 844 } });
  await show(page, 'questions-elsewhere', 'nl');
  const outline = (chosen) => page.evaluate((on) => getComputedStyle(document.querySelector(`.choice input${on ? ':checked' : ':not(:checked)'} + span`)).outlineStyle, chosen);
  assert.deepEqual([await outline(true), await outline(false)], ['solid', 'none']);
  for (const state of await states(page)) {
    await show(page, state, 'nl');
    const faults = await page.evaluate(() => [...document.querySelectorAll('button')]
      .filter((element) => element.getClientRects().length && getComputedStyle(element).borderStyle !== 'solid').map((element) => element.textContent)
      .concat(document.getAnimations().map((one) => one.animationName ?? 'moves')));
    assert.deepEqual(faults, [], state);
  }
  await page.screenshot({ path: `${OUTPUT}/forced-colours.png` });
  await page.context().close();
});

/** What a screen reader meets: roles and names in order, from the browser's own tree. */
async function spoken(page, selector) {
  const client = await page.context().newCDPSession(page);
  const { result } = await client.send('Runtime.evaluate', { expression: `document.querySelector(${JSON.stringify(selector)})` });
  const { nodes } = await client.send('Accessibility.queryAXTree', { objectId: result.objectId });
  return nodes.filter((node) => !node.ignored && ['log', 'listitem', 'StaticText', 'status', 'heading', 'button'].includes(node.role.value))
    .map((node) => [node.role.value, node.name?.value ?? ''].join(' ').trim());
}

test('a screen reader hears who says what, in order, and what is new once', async () => {
  const page = await openGallery(browser, gallery.url, { locale: 'nl-BE', timezoneId: 'Europe/Brussels' });
  await show(page, 'taken-name', 'nl');
  assert.deepEqual(await spoken(page, '.log'), ['log Het gesprek',
    'listitem', 'StaticText Jij', 'StaticText hey, ik heb schrik om naar huis te gaan', 'StaticText 12:00 · gelezen',
    'listitem', 'StaticText Je praat nu met Anke.',
    'listitem', 'StaticText Anke', 'StaticText Dag, fijn dat je schrijft. Vertel maar in je eigen woorden, ik neem de tijd.', 'StaticText 12:02',
    'listitem', 'StaticText Jij', 'StaticText mag ik iets vragen?', 'StaticText 12:03 · verstuurd']);
  const said = await page.evaluate(async () => {
    const list = [];
    const live = document.querySelectorAll('[role=log], [role=status], [role=alert]');
    const observer = new MutationObserver((records) => {
      for (const record of records) {
        const region = record.target.parentElement?.closest('[role]') ?? record.target;
        for (const node of record.addedNodes) {
          const item = node.nodeType === 1 && node.tagName === 'LI';
          if (item || (node.nodeType === 3 && region.getAttribute('role') !== 'log' && record.target.getAttribute('role') === 'status')) list.push(node.textContent);
        }
      }
    });
    for (const one of live) observer.observe(one, { childList: true, subtree: true, characterData: true });
    window.gallery.become('both-typing', 'nl');
    window.gallery.become('handed-over', 'nl');
    window.gallery.become('handed-over', 'nl');
    await Promise.resolve();
    return list;
  });
  assert.deepEqual(said, ['Anke is aan het schrijven …', 'Een collega neemt het over. Je houdt je plaats.', 'Je praat nu met Bert.',
    'BertDag, ik ben Bert. Ik heb gelezen wat je schreef.12:00']);
  await page.context().close();
});

test('by keyboard the order is that of the page, and ends where it began', async () => {
  const page = await openGallery(browser, gallery.url, { viewport: { width: 390, height: 844 } });
  await show(page, 'waiting-place', 'nl');
  const order = [];
  for (let i = 0; i < 10; i++) {
    await page.keyboard.press('Tab');
    order.push(await page.evaluate(() => {
      const at = document.activeElement;
      return at.tagName === 'SELECT' ? 'select' : at.id || at.className || at.textContent;
    }));
  }
  assert.deepEqual(order, ['select', 'leave', 'talk', 'Lezen terwijl je wacht', 'words', 'primary send', 'quiet', 'quiet', 'emergency', 'Andere hulplijnen']);
  await page.context().close();
});
