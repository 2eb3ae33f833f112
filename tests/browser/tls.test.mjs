// The same pages over TLS of our own: what is corked and cut for plain lines must come whole here too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Daemon } from './daemon.mjs';
import { counsellor, faultsOf, launch, mine, open, reply, say, startChat } from './people.mjs';

const ANY = { ignoreHTTPSErrors: true }; // our own word for who we are
const LINES = 60;
let browser;
let daemon;

before(async () => {
  browser = await launch();
  daemon = await Daemon.create('  certificate: cert.pem\n  key: key.pem\n');
  Object.defineProperty(daemon, 'url', { value: `https://127.0.0.1:${daemon.port}` });
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=127.0.0.1', '-keyout', `${daemon.folder}/key.pem`, '-out', `${daemon.folder}/cert.pem`], { stdio: 'ignore' });
  await daemon.start();
});
after(async () => {
  await browser?.close();
  await daemon?.remove();
});

test('a whole conversation, in bursts and with long messages, in order and once', async () => {
  const anke = await counsellor(browser, daemon, 'Anke', ANY);
  const child = await open(browser, daemon.url, ANY);
  await startChat(child);
  const wanted = Array.from({ length: LINES }, (_, i) => (i % 10 ? `regel ${i}.` : `regel ${i}. ${'é'.repeat(3900)}`));
  for (const words of wanted) await say(child, words);
  await mine(child, `regel ${LINES - 1}.`).waitFor();
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  const chat = anke.locator('.chat.active');
  await chat.getByText(`regel ${LINES - 1}.`, { exact: true }).waitFor();
  const words = (page, of) => page.locator(of).evaluateAll((all) => all.map((one) => one.textContent).filter((text) => /^regel/.test(text)));
  assert.deepEqual(await words(anke, '.chat.active .log p'), wanted);
  await reply(anke, 'Dag, ik lees het.');
  await child.getByText('Dag, ik lees het.').waitFor();
  await daemon.stop('SIGKILL');
  await say(child, 'tijdens de storing');
  await daemon.start();
  await mine(child, 'tijdens de storing').waitFor({ timeout: 30000 });
  await chat.getByText('tijdens de storing').waitFor({ timeout: 30000 });
  await child.reload(); // all of it at once, over a new line
  await child.getByText('Dag, ik lees het.').waitFor();
  await mine(child, 'tijdens de storing').waitFor();
  assert.deepEqual(await words(child, '.log .me p'), wanted);
  assert.deepEqual([...await faultsOf(child), ...await faultsOf(anke)], []);
  await child.context().close();
  await anke.context().close();
});
