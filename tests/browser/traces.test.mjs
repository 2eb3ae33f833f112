// What a browser writes into its own files while somebody uses the page without script, and keeps when it is closed.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { Daemon, files } from './daemon.mjs';

const WORDS = { first: 'zonderspoorwoord', second: 'tweedespoorwoord', draft: 'onafgemaaktwoord' };

test('not a word of a conversation, and not its secret, stays in the browser\'s files', async () => {
  const daemon = await (await Daemon.create('')).start();
  const profile = mkdtempSync(join(tmpdir(), 'onthaal-profile-'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'], locale: 'nl-BE', javaScriptEnabled: false,
    });
    const page = context.pages()[0];
    await page.goto(`${daemon.url}/plain?lang=nl`);
    await page.getByRole('button', { name: 'Begin de chat' }).click();
    for (const words of [WORDS.first, WORDS.second]) {
      await page.getByLabel('Schrijf een bericht').fill(words);
      await page.getByRole('button', { name: 'Verstuur' }).click();
      await page.frameLocator('iframe').locator('.me', { hasText: words }).waitFor();
    }
    await page.getByLabel('Schrijf een bericht').fill(WORDS.draft);
    const secret = await page.locator('#f input[name=key]').getAttribute('value');
    await context.close(); // all is written
    const kept = [...files(profile)].map((path) => ({ path, bytes: readFileSync(path) }));
    assert.ok(kept.some(({ path, bytes }) => path.includes('Sessions') && bytes.includes(`${daemon.url}/plain`)), 'the search finds what is there');
    for (const [name, mark] of Object.entries({ ...WORDS, secret }))
      for (const { path, bytes } of kept) assert.ok(!bytes.includes(mark) && !bytes.includes(Buffer.from(mark, 'utf16le')), `${name} in ${path}`);
  } finally {
    await daemon.remove();
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
});
