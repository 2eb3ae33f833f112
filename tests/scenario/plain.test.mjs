// The page without script, as browsers and others post to it: what is posted twice, what is not ours,
// what is too much, who waits, and that a frame is answered when there is news.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from './client.mjs';
import { PlainPage } from './plain_page.mjs';

let daemon;
before(async () => { daemon = await (await Daemon.create('limits:\n  visitors: 200\n')).start(); });
after(() => daemon.remove());

/** A browser without script, at this daemon. */
class Page extends PlainPage {
  constructor(address) {
    super(daemon, address);
  }
}

async function begun(address) {
  const page = await new Page(address).open();
  await page.post({ act: 'start', who: 'child', where: 'brussels', tongue: 'nl' });
  await page.look();
  return page;
}

test('a frame waits for news, and has it at once', async () => {
  const anke = await new Counsellor(daemon, 'Anke').signUp();
  const page = await begun();
  await page.post({ act: 'say', text: 'wie leest dit?' });
  await page.look();
  let answered = false;
  const held = page.look().then(() => { answered = true; });
  await until(() => anke.cards.size === 1, 'the card');
  assert.equal(answered, false);
  const { contact } = await anke.request('take', {});
  await held;
  assert.match(page.talk, /<li class="system">Je praat nu met/);
  const next = page.look();
  await anke.request('say', { contact, text: 'Dag, ik.' });
  await next;
  assert.match(page.talk, /Dag, ik\./);
  await anke.request('close', { contact });
  await until(async () => { await page.look(); return /Het gesprek is afgelopen/.test(page.talk); }, 'the end');
  await page.post({ act: 'look' });
  assert.match(page.html, /Nieuw gesprek/);
  anke.line.drop();
});

test('the same form twice is one message, other words on it are another', async () => {
  const page = await begun();
  const written = { ...page.fields };
  await page.post({ act: 'say', text: 'een' });
  await page.post({ ...written, act: 'say', text: 'een' });
  await page.post({ ...written, act: 'say', text: 'twee\r\n<b>regels</b>' });
  await page.look();
  assert.deepEqual(page.mine, ['een', 'twee\n<b>regels</b>']);
  assert.match(page.html, /<textarea id="words"[^>]* autocomplete="off" spellcheck="false" writingsuggestions="false"/);
  await page.post({ ...written, key: '', act: 'start' }); // the page before
  assert.notEqual(page.fields.key, undefined);
});

test('a start posted again is the same conversation', async () => {
  const page = await new Page().open();
  const first = { ...page.fields, act: 'start', who: 'parent' };
  await page.post(first);
  const { key } = page.fields;
  await page.post({ act: 'say', text: 'hier ben ik' });
  await page.post({ ...first, key: '' });
  assert.equal(page.fields.key, key);
  await page.look();
  assert.deepEqual(page.mine, ['hier ben ik']);
});

test('what is too long comes back to be sent in pieces', async () => {
  const page = await begun();
  await page.post({ act: 'say', text: 'x'.repeat(4001) });
  assert.match(page.html, /Dat bericht is te lang/);
  assert.equal(page.draft, 'x'.repeat(4001));
  await page.post({ act: 'say', text: 'x'.repeat(4000) });
  await page.look();
  assert.deepEqual(page.mine, ['x'.repeat(4000)]);
  assert.equal((await page.post({ act: 'say', text: 'x'.repeat(70000) })).status, 413);
});

test('what is not of our page begins anew, and does nothing', async () => {
  const page = await begun();
  const { key } = page.fields;
  for (const wrong of [{ act: 'dance' }, { key: 'short' }, { nonce: 'x' }, { nonce: `${'a'.repeat(29)}<` }, { ticket: 'x'.repeat(200) }, { lang: 'x'.repeat(20) }, { words: 'x'.repeat(301) }]) {
    await page.post({ key, act: 'say', text: 'vals', ...wrong });
    assert.match(page.html, /Fijn dat je er bent/);
    assert.equal(page.fields.key, undefined);
    await page.open();
  }
  await page.post({ key, act: 'say', text: 'vals' }, { 'Sec-Fetch-Site': 'cross-site' });
  assert.equal(page.fields.key, undefined);
  await page.open();
  const raw = await fetch(`${daemon.url}/plain`, { method: 'POST', body: `act=say&nonce=${page.fields.nonce}&stamp=${page.fields.stamp}&key=${key}&text=%ff%fe` });
  assert.match(await raw.text(), /Fijn dat je er bent/);
  await page.post({ key, act: 'look' });
  await page.look();
  assert.deepEqual(page.mine, []);
  const old = await fetch(`${daemon.url}/plain/look/${'A'.repeat(107)}/nl/0`);
  assert.match(await old.text(), /Dit venster staat stil/);
});

test('the policy lets no script run, and the frame stand in our page alone', async () => {
  const page = await begun();
  const whole = await fetch(`${daemon.url}/plain`);
  assert.match(whole.headers.get('content-security-policy'), /^default-src 'none'; style-src 'self'; .*frame-ancestors 'none'$/);
  assert.doesNotMatch(whole.headers.get('content-security-policy'), /script-src|connect-src/);
  const frame = await fetch(daemon.url + page.frame.replace(/\/\w+$/, '/0'));
  assert.match(frame.headers.get('content-security-policy'), /frame-ancestors 'self'$/);
  assert.equal(frame.headers.get('x-frame-options'), 'SAMEORIGIN');
  for (const answer of [whole, frame]) {
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.equal(Math.log2(Number(answer.headers.get('content-length'))) % 1, 0); // a size class
  }
  const other = await fetch(`${daemon.url}/`);
  assert.match(other.headers.get('content-security-policy'), /script-src 'self'/);
  assert.equal(other.headers.get('x-frame-options'), 'DENY');
});

test('who leaves quickly is not shown again, and comes back by the code', async () => {
  const page = await begun();
  const before = { ...page.fields };
  await page.post({ act: 'say', text: 'stil' });
  await page.post({ act: 'code' });
  const code = page.html.match(/<p class="code"[^>]*>([^<]*)</)[1];
  await page.post({ act: 'look' });
  const { frame } = page;
  await page.post({ act: 'exit' });
  assert.match(page.html, /0;url=https:\/\/www.wikipedia.org\//);
  assert.doesNotMatch(page.html, /stil|Kindermishandeling/);
  await page.post({ ...before, act: 'look' });
  assert.doesNotMatch(page.html, /stil|Kindermishandeling/);
  assert.match(await (await fetch(daemon.url + frame)).text(), /wikipedia/);
  const phone = await new Page().open();
  await phone.post({ act: 'return', words: code });
  await phone.look();
  assert.deepEqual(phone.mine, ['stil']);
});

test('a code is not made anew by a page that is posted again', async () => {
  const page = await begun();
  const asking = { ...page.fields };
  await page.post({ act: 'code' });
  const code = page.html.match(/<p class="code"[^>]*>([^<]*)</)[1];
  await page.post({ ...asking, act: 'code' });
  assert.doesNotMatch(page.html, /class="code"/);
  const phone = await new Page().open();
  await phone.post({ act: 'return', words: code });
  assert.ok(phone.frame);
});

test('a page with script and one without go on with each other\'s conversation', async () => {
  const child = await new Visitor(daemon).start();
  child.say('met script');
  await until(() => child.unsent.length === 0, 'the message to be stored');
  const page = await new Page().open();
  await page.post({ key: child.secret, act: 'look' });
  await page.look();
  assert.deepEqual(page.mine, ['met script']);
  await child.line.wait((frame) => frame.t === 'bye' && frame.why === 'replaced', 'the farewell');
  await page.post({ act: 'say', text: 'zonder script' });
  await child.reconnect();
  await until(() => child.texts('me').includes('zonder script'), 'its words');
  await until(async () => { await page.look(); return /Je gesprek gaat verder in een ander venster/.test(page.talk); }, 'the other window');
});

test('too many of one network wait their turn with a ticket', async () => {
  for (let i = 0; i < 20; i++) assert.ok((await begun(`203.0.113.${i}`)).frame);
  const late = await new Page('203.0.113.99').open();
  await late.post({ act: 'start', who: 'child' });
  const [, seconds] = late.html.match(/Nog (\d+) second/);
  assert.ok(seconds >= 1 && seconds <= 12, seconds);
  assert.match(late.fields.ticket, /^w\./);
  await late.post({ act: 'start' });
  assert.match(late.html, /Nog \d+ second/); // too early
  await until(async () => { await late.post({ act: 'start' }); return late.frame; }, 'the turn', 30000);
  assert.ok((await begun('198.51.100.1')).frame);
});

test('no frame broke the protocols', () => assert.deepEqual(breaches, []));
