// Never miss one: what rings, how it sounds, what is seen from another tab, and when it stops.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { card, desk, flag, ME, message } from './desk.mjs';
import { browser, clean, daemon, house } from './house.mjs';
import { counsellor, open, shot, say, startChat, violations } from './people.mjs';

const PAGE = new URL('../../gateway/console/page/', import.meta.url).pathname;
const { buildSync } = createRequire(PAGE)('esbuild');

house();

/** Writes down what sounds, and the notifications; the page can be put out of sight. */
async function listenTo(page) {
  await page.addInitScript(() => {
    window.heard = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function note(...args) {
      window.heard.push(`${this.type} ${this.frequency.value}`);
      return start.apply(this, args);
    };
    window.told = [];
    window.consent = 'default';
    window.Notification = class {
      constructor(title, { body }) {
        this.words = `${title}: ${body}`;
        window.told.push(this.words);
      }

      static get permission() { return window.consent; }

      static async requestPermission() {
        window.consent = 'granted';
        return window.consent;
      }

      close() { window.told.push('closed'); }
    };
    window.sight = (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    };
  });
  await page.reload();
  await page.locator('.desk').waitFor();
}

const heard = (page) => page.evaluate(() => window.heard.splice(0));
const danger = card('danger', {
  level: 'immediate', due: undefined, flags: [flag('immediate', 'hij heeft een mes', { category: 'violence_now' })],
});
const quiet = card('quiet', { level: 'elevated', flags: [flag('elevated', 'ik durf niet naar huis')] });

test('two sounds, unlike in pitch, rhythm and colour, both loud enough to be heard', async () => {
  const { outputFiles } = buildSync({
    entryPoints: [`${PAGE}src/alarm.ts`], bundle: true, format: 'iife', globalName: 'alarm', write: false,
  });
  const page = await open(browser, `${daemon.url}/console/`);
  const measured = await page.evaluate(async (code) => {
    const alarm = (0, eval)(`${code};alarm`); // eslint-disable-line no-eval
    const result = {};
    for (const sound of ['danger', 'waiting']) {
      const context = new OfflineAudioContext(1, 2 * 44100, 44100);
      alarm.schedule(context, sound);
      const samples = (await context.startRendering()).getChannelData(0);
      const power = (hz) => { // Goertzel
        const step = 2 * Math.cos((2 * Math.PI * hz) / 44100);
        let [one, two] = [0, 0];
        for (const sample of samples) [one, two] = [sample + step * one - two, one];
        return one * one + two * two - step * one * two;
      };
      const loud = samples.map((sample, i) => Math.sqrt(samples.slice(i, i + 441).reduce((sum, at) => sum + at * at, 0) / 441)).filter((_, i) => i % 441 === 0);
      result[sound] = {
        peak: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0), rms: Math.max(...loud),
        sounding: [...loud].filter((level) => level > 0.05).length / 100,
        tones: [523, 659, 660, 880].map(power),
        bursts: [...loud].filter((level, i) => level > 0.05 && !(loud[i - 1] > 0.05)).length,
      };
    }
    return result;
  }, outputFiles[0].text).catch((error) => {
    throw new Error(`the page's policy must not stop this: ${error}`);
  });
  for (const [name, { peak, rms, sounding }] of Object.entries(measured)) {
    assert.ok(peak < 0.9, `${name} is not distorted: ${peak}`);
    assert.ok(rms > 0.2, `${name} is loud enough: ${rms}`); // -14 dBFS and more
    assert.ok(sounding > 0.5, `${name} is long enough: ${sounding}`);
  }
  assert.deepEqual([measured.danger.bursts, measured.waiting.bursts], [5, 2]);
  assert.ok(measured.danger.tones[3] > 50 * measured.danger.tones[0]);
  assert.ok(measured.waiting.tones[0] > 50 * measured.waiting.tones[3]);
  await page.context().close();
});

test('it rings by level, again until somebody says seen, in title, icon and, with consent, outside the page', async () => {
  const page = await desk(browser, daemon, { cards: [danger, quiet] });
  await listenTo(page);
  await page.getByText('Mag je browser het melden').waitFor();
  await shot(page, 'console-consent');
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Ja, melden' }).click();
  await page.getByText('Mag je browser het melden').waitFor({ state: 'detached' });
  await heard(page);

  page.tell({ t: 'alarm', contact: 'quiet', level: 'elevated', why: 'new' });
  await page.getByRole('alert').filter({ hasText: '1 nieuw in de rij' }).waitFor();
  assert.deepEqual(await heard(page), ['sine 523', 'sine 659']);
  await page.waitForFunction(() => document.title.startsWith('(2)') && document.getElementById('icon').dataset.waiting === '2');
  page.tell({ t: 'alarm', contact: 'danger', level: 'immediate', why: 'raised' });
  await page.getByRole('alert').filter({ hasText: /Nu gevaar.*geweld/ }).waitFor();
  assert.equal((await heard(page)).filter((tone) => tone.startsWith('square')).length, 5);
  await page.waitForFunction(() => document.title.startsWith('⚠ (2)') && document.getElementById('icon').dataset.waiting === '! 2');
  assert.match(await page.locator('#icon').getAttribute('href'), /^data:image\/png/);
  assert.deepEqual(await page.evaluate(() => window.told), [], 'nothing outside while it is in sight');
  await shot(page, 'console-alarm');

  await page.evaluate(() => window.sight('hidden'));
  page.tell({ t: 'alarm', contact: 'danger', level: 'immediate', why: 'raised' }); // again: nobody did anything
  await page.waitForFunction(() => window.told.length === 1);
  assert.deepEqual(await page.evaluate(() => window.told), ['Onthaal: Er wacht iemand.'], 'neither who nor what');
  assert.equal((await heard(page)).length, 5);
  await page.evaluate(() => window.sight('visible'));
  await page.keyboard.press('h');
  await page.asking('hush', 2);
  assert.deepEqual(page.asked.filter(({ t }) => t === 'hush').map(({ contact }) => contact).sort(), ['danger', 'quiet']);
  for (const contact of ['danger', 'quiet']) page.tell({ t: 'hushed', contact, by: 'Bert' });
  await page.getByText('2 gezien door Bert, nog niet opgenomen').waitFor();
  await page.waitForFunction(() => window.told.includes('closed'));
  assert.equal(await page.getByRole('alert').count(), 0);
  assert.match(await page.locator('.row').first().innerText(), /gezien door Bert/);
  await shot(page, 'console-seen');
  page.tell({ t: 'alarm', contact: 'danger', level: 'immediate', why: 'overdue' }); // who said seen did not take it
  await page.getByRole('alert').filter({ hasText: 'over de tijd' }).waitFor();
  page.answers.take = { ok: { contact: 'danger' } };
  await page.getByRole('alert').getByRole('button', { name: 'Neem dit gesprek' }).click();
  await page.asking('take');
  assert.deepEqual(page.asked.filter(({ t }) => t === 'take').map(({ contact }) => contact), ['danger']);
  await clean(page);
});

test('off duty nothing rings; going on duty sounds, and both can be heard once more', async () => {
  const page = await desk(browser, daemon, { cards: [danger], more: { duty: 'off' } });
  await listenTo(page);
  page.tell({ t: 'alarm', contact: 'danger', level: 'immediate', why: 'new' });
  await page.getByRole('alert').waitFor();
  assert.deepEqual(await heard(page), []);
  await page.getByRole('button', { name: 'Beschikbaar' }).click();
  await page.getByText('Hoorde je de tonen?').waitFor();
  assert.deepEqual(await heard(page), ['sine 523', 'sine 659']);
  await page.getByRole('button', { name: 'Gevaar', exact: true }).click();
  assert.equal((await heard(page)).length, 5);
  await shot(page, 'console-tone');
  assert.deepEqual(await violations(page), []);
  await clean(page);
});

test('a message of my own visitor shows in the title while I look elsewhere', async () => {
  const page = await desk(browser, daemon);
  await listenTo(page);
  const mine = card('mine', { state: 'taken', owner: ME.id, taken_by: ME.display });
  page.tell({ t: 'contact', contact: mine, answers: { who: 'child', where: '', lang: 'nl' }, events: [message(1, 'dag')], read: 0 });
  await page.locator('.chat.active').waitFor();
  await page.waitForFunction(() => !/bericht/.test(document.title));
  await page.evaluate(() => window.sight('hidden'));
  page.tell({ t: 'events', list: [{ contact: 'mine', ...message(2, 'ben je daar?') }] });
  await page.waitForFunction(() => document.title.startsWith('1 bericht ·'));
  await page.evaluate(() => window.sight('visible'));
  await page.waitForFunction(() => !document.title.includes('bericht'));
  await clean(page);
});

test('a browser that blocks sound is said so, and the first click or key gives it back', async () => {
  const page = await desk(browser, daemon);
  await page.addInitScript(() => { // as a browser does that waits for a click; the test's own looking would count as one
    let touched = false;
    addEventListener('pointerdown', () => { touched = true; }, true);
    const { get } = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'state');
    Object.defineProperty(BaseAudioContext.prototype, 'state', { get() { return touched ? get.call(this) : 'suspended'; } });
    const { resume } = AudioContext.prototype;
    AudioContext.prototype.resume = function go() { return touched ? resume.call(this) : new Promise(() => undefined); };
  });
  await page.reload();
  await page.getByText('Je browser laat geen geluid toe').waitFor();
  await shot(page, 'console-blocked');
  assert.deepEqual(await violations(page), []);
  await page.locator('.glance').click();
  await page.getByText('Je browser laat geen geluid toe').waitFor({ state: 'detached' });
  await clean(page);
});

test('of two on duty one says seen: the other stops ringing and sees who', async () => {
  const [anke, bert] = [await counsellor(browser, daemon, 'Anke'), await counsellor(browser, daemon, 'Bert')];
  const child = await open(browser, daemon.url);
  await startChat(child);
  await say(child, 'papa slaat mama nu, hij heeft een mes');
  for (const page of [anke, bert]) await page.getByRole('alert').filter({ hasText: 'gereageerd' }).waitFor();
  await anke.locator('.row .hush').click();
  await bert.getByText('1 gezien door Anke, nog niet opgenomen').waitFor();
  assert.equal(await bert.getByRole('alert').count(), 0);
  await bert.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.getByText('gezien door Anke').first().waitFor({ state: 'detached' });
  await clean(anke, bert, child);
});
