// A browser and a daemon for a whole file of tests; both are there once the tests run.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Daemon } from './daemon.mjs';
import { faultsOf, launch } from './people.mjs';

export let browser;
export let daemon;

export function house(config = 'centre:\n  name: VK\n') {
  before(async () => {
    browser = await launch();
    daemon = await (await Daemon.create(config)).start();
  });
  after(async () => {
    await browser?.close();
    await daemon?.remove();
  });
}

/** Pages that did nothing wrong, closed. */
export async function clean(...pages) {
  for (const page of pages) {
    assert.deepEqual(await faultsOf(page), []);
    await page.context().close();
  }
}
