// A message that a caller spoke by telephone, as a counsellor hears it: in the browser that plays it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { firefox } from 'playwright-core';
import { Sip } from '../fakes/sip.mjs';
import { World } from '../ivr/world.mjs';
import { until } from '../scenario/client.mjs';
import { tone } from '../sip/sound.mjs';
import { counsellor, faultsOf, launch } from './people.mjs';

let world;

before(async () => { world = await World.create(Sip); });
after(() => world?.remove());

for (const [name, start] of [
  ['Chromium', launch],
  ['Firefox', () => firefox.launch({ channel: 'moz-firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' })],
]) {
  test(`a spoken message is played in ${name}`, async () => {
    const browser = await start();
    try {
      const call = await world.inQueue();
      await call.press('0');
      world.platform.speaking.delete(call.end);
      await call.end.speak(tone(620, 2));
      await call.end.press('#');
      await world.stage(call, 'message');
      const page = await counsellor(browser, world.daemon, `Bert-${name}`);
      const { daemon } = world, reloads = daemon.log.split('msg="reloaded"').length;
      daemon.command('staff', 'telephone', `bert-${name.toLowerCase()}`, '+3220001112');
      daemon.process.kill('SIGHUP');
      await until(() => daemon.log.split('msg="reloaded"').length > reloads, 'the reload');
      await page.getByRole('button', { name: /Neem volgende/ }).click();
      await page.getByRole('button', { name: /^Beluister de boodschap/ }).click();
      const audio = page.locator('audio');
      let seconds = 0;
      await until(async () => {
        const now = await audio.evaluate(({ readyState, duration, error }) => ({ readyState, duration, error: error?.message }));
        assert.ok(!now.error || now.error === 'OnMediaSinkAudioError', now.error); // Firefox where there is no loudspeaker
        seconds = now.duration;
        return now.error || now.readyState >= 2;
      }, 'the sound');
      assert.ok(seconds > 1.9 && seconds < 3.6, `${seconds} s`);
      const faults = await faultsOf(page);
      assert.deepEqual(faults.filter((fault) => !fault.startsWith(`foreign: blob:http://127.0.0.1:`)), []);
      await page.close();
      await call.hangup();
    } finally {
      await browser.close();
    }
  });
}
