// Builds the gallery of a page and serves it, for the tests that look at every state.
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export async function serveGallery(page = 'webchat/page') {
  const folder = fileURLToPath(new URL(`../../${page}`, import.meta.url));
  execFileSync('sh', ['-c', 'test -d node_modules || npm ci --silent --ignore-scripts'], { cwd: folder });
  const server = spawn(process.execPath, ['gallery/build.mjs', '--serve'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    server.stdout.on('data', (words) => {
      const found = String(words).match(/http:\S+/);
      if (found) resolve(found[0]);
    });
    server.on('exit', () => reject(new Error('the gallery could not be built')));
  });
  return { url, stop: () => server.kill() };
}

/** A page with the gallery in it, and what it knows. */
export async function openGallery(browser, url, options = {}, query = 'state=questions&lang=nl') {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  await page.goto(`${url}?${query}`);
  await page.locator('body.done').waitFor();
  return page;
}
