import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../src/settings';

Object.assign(globalThis, { document: { title: '' } });
const { forgetSettings, getSettings, loadSettings, saveSettings } = await import('../src/prefs');

const REPLIES = [{ key: 'dag', language: 'nl', text: 'Dag, fijn dat je schrijft.' }];

/** A server that keeps settings, and does not answer so many times. */
function server(silent: number) {
  const one = {
    kept: { ...defaults(), replies: REPLIES } as object,
    writes: 0,
    ask: async (t: string, keys?: object): Promise<Record<string, unknown>> => {
      if (silent-- > 0) throw new Error('no answer');
      const { settings } = (keys ?? {}) as { settings?: object };
      if (!settings) return { settings: one.kept, telephone: '' };
      one.kept = JSON.parse(JSON.stringify(settings)) as object;
      one.writes++;
      return {};
    },
  };
  return one;
}

test('what could not be read is not written over', async () => {
  forgetSettings();
  const one = server(1);
  await loadSettings(one.ask);
  assert.deepEqual(getSettings().replies, []);
  await saveSettings({ fold: true });
  assert.deepEqual(one.kept, { ...defaults(), replies: REPLIES, fold: true });
  assert.deepEqual(getSettings().replies, REPLIES);
});

test('while it cannot be read nothing is stored, and that is said', async () => {
  forgetSettings();
  const one = server(2);
  await loadSettings(one.ask);
  await assert.rejects(saveSettings({ fold: true }));
  assert.equal(one.writes, 0);
  assert.equal(getSettings().fold, true, 'in use all the same');
  await saveSettings({ volume: 3 });
  assert.deepEqual(one.kept, { ...defaults(), replies: REPLIES, volume: 3 });
});

test('one after the other, the last one stays', async () => {
  forgetSettings();
  const one = server(0);
  await loadSettings(one.ask);
  await Promise.all([saveSettings({ volume: 1 }), saveSettings({ volume: 3 }), saveSettings({ keys: false })]);
  assert.deepEqual(one.kept, { ...defaults(), replies: REPLIES, volume: 3, keys: false });
});
