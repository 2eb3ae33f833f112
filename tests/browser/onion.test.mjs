// Whole conversations through Tor: a Tor network of this machine's own (tor.mjs), the example of
// config/proxy/torrc, and visitors who reach us by the onion address alone. Without tor it is left out.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { firefox } from 'playwright-core';
import { Daemon, files, freePort } from './daemon.mjs';
import { counsellor, faultsOf, launch, mine, open, reply, say, shot, startChat } from './people.mjs';
import { TOR, TorNetwork } from './tor.mjs';

const skip = !TOR && 'tor is not installed';
const PATIENCE = { timeout: 60000 }; // six relays, and as many processes beside us
const STREAMS = 32; // of one circuit, in the example
const MARKS = ['203.0.113.77', 'kanarie-agent'];
const MARKED = { userAgent: MARKS[1], extraHTTPHeaders: { 'X-Forwarded-For': MARKS[0], Forwarded: `for=${MARKS[0]}` } };
const kept = [];
let network;
let daemon;
let url;

const keep = (browser) => { kept.push(browser); return browser; };
/** A browser that knows of nothing but Tor, and trusts an onion address as Tor Browser does. */
const byTor = async () => keep(await launch({ proxy: { server: `socks5://127.0.0.1:${network.socks}` } }, [`--unsafely-treat-insecure-origin-as-secure=${url}`]));

before(async () => {
  if (skip) return;
  const port = await freePort();
  const example = readFileSync('config/proxy/torrc', 'utf8');
  for (const line of ['HiddenServiceDir /var/lib/tor/onthaal/\n', 'HiddenServicePort 80 127.0.0.1:8081\n']) assert.ok(example.includes(line), line);
  network = await TorNetwork.start(example.replace('/var/lib/tor/onthaal/', '{folder}/onthaal/').replace('127.0.0.1:8081', `127.0.0.1:${port}`));
  assert.doesNotMatch(network.service.log, /\[warn\].*(onion|hidden|proof)/i);
  url = `http://${readFileSync(join(network.service.folder, 'onthaal/hostname'), 'utf8').trim()}`;
  daemon = await (await Daemon.create(`  onion: "${url}"\n  onion_port: ${port}\n`)).start();
});
after(async () => {
  for (const browser of kept) await browser.close();
  await daemon?.remove();
  await network?.remove();
});

/** Whom Tor was asked for by a page; the browser itself asks its maker for updates. */
function targets() {
  const asked = network.client.heard.map((event) => /^650 STREAM \d+ NEW \d+ (\S+) .*PURPOSE=USER/.exec(event)?.[1]).filter(Boolean);
  return [...new Set(asked)].filter((target) => !/\.google(apis)?\.com:\d+$/.test(target));
}

test('by the onion address that the page on the web tells: both ways, and again when the circuit broke', { skip }, async () => {
  assert.equal((await fetch(daemon.url)).headers.get('onion-location'), `${url}/`);
  const anke = await counsellor(keep(await launch()), daemon, 'Anke');
  const child = await open(await byTor(), url, MARKED);
  child.setDefaultTimeout(PATIENCE.timeout);
  await startChat(child);
  await say(child, 'hey, ik heb schrik om naar huis te gaan');
  await mine(child, 'schrik').waitFor();
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chat.active').getByText('schrik om naar huis').waitFor();
  await reply(anke, 'Dag, fijn dat je schrijft.');
  await child.locator('.log .counsellor', { hasText: 'fijn dat je schrijft' }).waitFor();
  await mine(child, 'schrik', /gelezen/).waitFor();
  await shot(child, 'onion-visitor');

  const down = child.getByText(/De verbinding is weg/).waitFor();
  await network.drop();
  await down;
  await say(child, 'ben je er nog?');
  await mine(child, 'ben je er nog?').waitFor();
  await anke.locator('.chat.active .log').getByText('ben je er nog?').waitFor();
  await reply(anke, 'Ja, ik ben er.');
  await child.locator('.log .counsellor', { hasText: 'Ja, ik ben er.' }).waitFor();

  await child.getByRole('button', { name: 'Gesprek stoppen' }).click();
  await child.getByRole('button', { name: 'Ja, stoppen' }).click();
  await child.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  assert.equal(await child.locator('.log .me').count(), 2, 'nothing doubled');
  assert.deepEqual(await faultsOf(child), []);
  assert.deepEqual(targets(), [`${new URL(url).host}:80`]);
  await child.context().close();
  await anke.context().close();
});

test('the page without script, as by Tor Browser at its safest', { skip }, async () => {
  const anke = await counsellor(keep(await launch()), daemon, 'Bert');
  const child = await open(await byTor(), `${url}/`, { ...MARKED, javaScriptEnabled: false });
  child.setDefaultTimeout(PATIENCE.timeout);
  const frame = child.frameLocator('iframe');
  const send = async (words) => {
    await child.getByLabel('Schrijf een bericht').fill(words);
    await child.getByRole('button', { name: 'Verstuur', exact: true }).click();
    await frame.locator('.me', { hasText: words }).waitFor();
  };
  await child.waitForURL('**/plain?lang=nl');
  await child.getByLabel('Kind of jongere', { exact: true }).check();
  await child.getByRole('button', { name: 'Begin de chat' }).click();
  await frame.getByText('Je staat in de rij').waitFor();
  await send('is daar iemand?');
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chat.active').getByText('is daar iemand?').waitFor();
  await reply(anke, 'Ja, vertel maar.');
  await frame.locator('.counsellor', { hasText: 'Ja, vertel maar.' }).waitFor(); // it came by itself
  await network.drop();
  await send('oef');
  await anke.locator('.chat.active .log').getByText('oef').waitFor();
  assert.equal(child.url(), `${url}/plain`);
  assert.deepEqual(child.faults, []);
  assert.deepEqual(await child.context().cookies(), []);
  await child.context().close();
  await anke.context().close();
});

test('in Firefox, with the settings of Tor Browser', { skip }, async () => {
  const browser = keep(await firefox.launch({
    channel: 'moz-firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', firefoxUserPrefs: {
      'network.proxy.type': 1, 'network.proxy.socks': '127.0.0.1', 'network.proxy.socks_port': network.socks, 'network.proxy.socks_remote_dns': true,
      'network.dns.blockDotOnion': false, 'dom.securecontext.allowlist_onions': true, 'privacy.firstparty.isolate': true,
      'privacy.resistFingerprinting': true, 'network.cookie.cookieBehavior': 1, 'javascript.options.wasm': false, 'webgl.disabled': true,
    },
  }));
  const child = await open(browser, url);
  child.setDefaultTimeout(PATIENCE.timeout);
  await startChat(child);
  await say(child, 'hallo');
  await mine(child, 'hallo').waitFor();
  await network.drop();
  await say(child, 'nog altijd ik');
  await mine(child, 'nog altijd ik').waitFor();
  assert.deepEqual(child.faults, []);
});

/** A connection to our service by Tor, on a circuit of that name; false when Tor refuses it. */
function stream(circuit) {
  return new Promise((resolve) => {
    const socket = connect(network.socks, '127.0.0.1');
    const host = new URL(url).host;
    const named = Buffer.from([1, circuit.length, ...Buffer.from(circuit), 1, 48]);
    const asked = Buffer.from([5, 1, 0, 3, host.length, ...Buffer.from(host), 0, 80]);
    const steps = [named, asked];
    socket.on('error', () => resolve(false));
    socket.on('close', () => { socket.over = true; resolve(false); });
    socket.on('data', ([, code]) => {
      if (code !== 0 && steps.length !== 2) return resolve(false);
      return steps.length ? socket.write(steps.shift()) : resolve(socket);
    });
    socket.write(Buffer.from([5, 1, 2]));
  });
}

test(`a circuit that brings more than ${STREAMS} connections ends, and nobody else's`, { skip }, async () => {
  const other = await stream('other');
  const many = [];
  for (let i = 0; i < STREAMS; i++) many.push(await stream('many'));
  assert.equal(many.filter((socket) => socket && !socket.over).length, STREAMS);
  const closed = Promise.all(many.map((socket) => new Promise((resolve) => { socket.on('close', resolve); })));
  await stream('many');
  await closed;
  assert.ok(!other.over);
  other.destroy();
});

test('nothing of who came is anywhere', { skip }, () => {
  const places = [...files(daemon.folder), ...files(network.service.folder)].filter((path) => statSync(path).isFile());
  assert.ok(places.some((path) => path.endsWith('onthaal.db')));
  const found = places.flatMap((path) => { const bytes = readFileSync(path); return MARKS.filter((mark) => bytes.includes(mark)).map((mark) => `${mark} in ${path}`); });
  assert.deepEqual(found, []);
  for (const mark of [...MARKS, `:${network.socks}`, new URL(url).host]) assert.ok(!(daemon.log + daemon.said).includes(mark), `${mark} in the log`);
});
