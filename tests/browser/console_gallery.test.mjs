// Every state of the console: nothing sideways, nothing without a text, read by axe, and a picture of each.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openGallery, serveGallery } from './gallery.mjs';
import { audit, launch } from './people.mjs';

const OUTPUT = 'tests/output/console';
const SIZES = [[1440, 900], [1280, 800], [390, 844]];
let browser;
let gallery;

before(async () => {
  [gallery, browser] = await Promise.all([serveGallery('gateway/console/page'), launch()]);
  mkdirSync(OUTPUT, { recursive: true });
});
after(async () => {
  await browser?.close();
  gallery?.stop();
});

/** In the page: what looks like a key of the catalogue, and what is cut off. */
function faults() {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push(`${document.documentElement.scrollWidth - innerWidth} px sideways`);
  for (const element of document.querySelectorAll('button, p, h1, h2, h3, span, label, dt, th, td')) {
    const words = element.childElementCount ? '' : element.textContent.trim();
    if (/^[a-z]+(\.[a-zA-Z-]+)+$/.test(words) && !words.startsWith('nl.')) found.push(`no text: ${words}`);
    if (element.tagName === 'BUTTON' && element.getClientRects().length && element.scrollWidth > element.clientWidth + 1 && !element.matches('.pick')) found.push(`cut off: ${words}`);
  }
  return found;
}

for (const [scheme, sizes] of [['light', SIZES], ['dark', SIZES.slice(1)]])
  test(`every state, ${scheme}, at ${sizes.map(([width]) => width).join(', ')} px`, async () => {
    const page = await openGallery(browser, gallery.url, { colorScheme: scheme, locale: 'nl-BE', viewport: { width: 1440, height: 900 } }, '');
    const states = await page.evaluate(() => window.gallery.states);
    assert.ok(states.length >= 30);
    for (const state of states) {
      await page.goto(`${gallery.url}?state=${state}&lang=nl`);
      await page.locator('body.done').waitFor();
      assert.deepEqual(await (await audit(page))(), [], state);
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height });
        assert.deepEqual(await page.evaluate(faults), [], `${state} at ${width}`);
        await page.screenshot({ path: `${OUTPUT}/${state}-${width}-${scheme}.png` });
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

test('French and English fit as well', async () => {
  const page = await openGallery(browser, gallery.url, { viewport: { width: 1280, height: 800 } }, '');
  for (const state of await page.evaluate(() => window.gallery.states))
    for (const lang of ['fr', 'en']) {
      await page.goto(`${gallery.url}?state=${state}&lang=${lang}`);
      await page.locator('body.done').waitFor();
      assert.deepEqual(await page.evaluate(faults), [], `${state} in ${lang}`);
    }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
