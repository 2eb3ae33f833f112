// The return code as a visitor meets it: seven words here, the conversation there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, daemon, house } from './house.mjs';
import { faultsOf, mine, open, say, startChat, violations } from './people.mjs';

house('');

test('seven words bring the conversation to another device', async () => {
  const phone = await open(browser, `${daemon.url}/`);
  await startChat(phone);
  await say(phone, 'ik ga zo naar huis');
  await mine(phone, 'ik ga zo naar huis').waitFor();
  await phone.getByRole('button', { name: 'Code om later terug te komen' }).click();
  const words = await phone.locator('.code').filter({ hasText: /\w/ }).textContent();
  assert.equal(words.split(' ').length, 7);
  assert.deepEqual(await violations(phone), []);
  await phone.getByRole('button', { name: 'Ik heb ze opgeschreven' }).click();
  assert.equal(await phone.getByText(words).count(), 0);
  await phone.context().close();

  const computer = await open(browser, `${daemon.url}/`);
  await computer.getByText('Ik heb een code van een vorig gesprek').click();
  await computer.getByLabel('Typ je zeven woorden').fill('appel peer');
  await computer.getByRole('button', { name: 'Verder praten' }).click();
  await computer.getByText('Een code heeft zeven woorden').waitFor();
  assert.deepEqual(await violations(computer), []);
  await computer.getByLabel('Typ je zeven woorden').fill(words.toUpperCase());
  await computer.getByRole('button', { name: 'Verder praten' }).click();
  await mine(computer, 'ik ga zo naar huis').waitFor();
  await computer.getByRole('button', { name: 'Gesprek stoppen' }).click();
  await computer.getByRole('button', { name: 'Ja, stoppen' }).click();
  await computer.getByRole('button', { name: 'Verder in dit gesprek' }).click();
  await computer.getByRole('heading', { name: 'Je staat in de rij' }).waitFor();
  await mine(computer, 'ik ga zo naar huis').waitFor();
  assert.deepEqual(await faultsOf(computer), []);
});
