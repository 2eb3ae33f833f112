// The line breaks in every state of a conversation: nothing is lost, doubled or out of order, and
// both pages say what is happening.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, daemon, house } from './house.mjs';
import { counsellor, faultsOf, mine, open, reply, say, startChat } from './people.mjs';

house('centre:\n  name: VK\ndesk:\n  lease_seconds: 20\n  gone_seconds: 20\n');

const DOWN = /De verbinding is weg/;

async function crash() {
  await daemon.stop('SIGKILL');
}

/** Everything in the log, in its order, as [who, words]. */
function log(page) {
  return page.locator('.log li').evaluateAll((lines) => lines.map((line) => line.querySelector('p')?.textContent ?? line.textContent));
}

test('the questions stand through a restart, and the answer given meanwhile is sent', async () => {
  const visitor = await open(browser, daemon.url);
  await visitor.getByLabel('Kind of jongere', { exact: true }).check();
  await crash();
  await visitor.getByText(DOWN).waitFor();
  assert.ok(await visitor.getByLabel('Kind of jongere', { exact: true }).isChecked());
  await visitor.getByRole('button', { name: 'Begin de chat' }).click();
  await visitor.getByText('We zetten je gesprek klaar').waitFor();
  await daemon.start();
  await visitor.getByRole('heading', { name: 'Je staat in de rij' }).waitFor();
  await crash(); // and so does the wish to end it, after what was written
  await visitor.getByText(DOWN).waitFor();
  await say(visitor, 'nog één ding');
  await visitor.getByRole('button', { name: 'Gesprek stoppen' }).click();
  await visitor.getByRole('button', { name: 'Ja, stoppen' }).click();
  await daemon.start();
  await visitor.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  await mine(visitor, 'nog één ding').waitFor();
  assert.deepEqual(await faultsOf(visitor), []);
  await visitor.context().close();
});

test('waiting and talking go on after kill -9 of the server, in order and once', async () => {
  const visitor = await open(browser, daemon.url);
  await startChat(visitor);
  await say(visitor, 'eerste');
  await mine(visitor, 'eerste').waitFor();
  await crash();
  await visitor.getByText(DOWN).waitFor();
  await say(visitor, 'tweede, zonder lijn');
  await say(visitor, 'derde, zonder lijn');
  await mine(visitor, 'tweede', /nog niet verstuurd|wordt verstuurd/).waitFor();
  await daemon.start();
  await mine(visitor, 'derde').waitFor();
  await visitor.getByText('Je bent de volgende.').waitFor();
  await visitor.getByText('Je bent terug. Er is niets verloren gegaan.').waitFor();

  const anke = await counsellor(browser, daemon, 'Anke');
  await anke.getByRole('button', { name: /Neem volgende/ }).click();
  await anke.locator('.chat.active').getByText('derde, zonder lijn').waitFor();
  await visitor.getByText(/Je praat nu met/).waitFor();
  await crash();
  await anke.getByText('verbinding', { exact: false }).first().waitFor();
  await reply(anke, 'antwoord zonder lijn');
  await visitor.getByText(DOWN).waitFor();
  await say(visitor, 'vierde');
  await daemon.start();
  await visitor.locator('.log .counsellor', { hasText: 'antwoord zonder lijn' }).waitFor();
  await mine(visitor, 'vierde').waitFor();
  await anke.locator('.chat.active .log .visitor', { hasText: 'vierde' }).waitFor();
  const seen = (await log(visitor)).filter((line) => /eerste|tweede|derde|vierde|antwoord/.test(line));
  assert.equal(seen.length, 5);
  assert.deepEqual(seen.slice(0, 3), ['eerste', 'tweede, zonder lijn', 'derde, zonder lijn']);
  const told = (await log(anke)).filter((line) => /eerste|tweede|derde|vierde|antwoord/.test(line));
  assert.deepEqual([...told].sort(), [...seen].sort());

  await visitor.reload(); // the same conversation, whole
  await mine(visitor, 'vierde').waitFor();
  assert.deepEqual((await log(visitor)).filter((line) => /eerste|tweede|derde|vierde|antwoord/.test(line)), seen);
  await anke.reload();
  await anke.locator('.chat .log .visitor', { hasText: 'vierde' }).waitFor();
  assert.deepEqual((await log(anke)).filter((line) => /eerste|tweede|derde|vierde|antwoord/.test(line)), told);
  await anke.getByRole('button', { name: 'Afsluiten' }).click();
  await anke.getByRole('button', { name: 'Ja, afsluiten' }).click();
  await visitor.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  await crash();
  await daemon.start();
  await visitor.getByRole('heading', { name: 'Het gesprek is afgelopen' }).waitFor();
  for (const page of [visitor, anke]) assert.deepEqual(await faultsOf(page), []);
  await visitor.context().close();
  await anke.context().close();
});

test('a counsellor whose line is gone for the lease: kindly told, back in the queue, taken by another', async () => {
  const bert = await counsellor(browser, daemon, 'Bert');
  const visitor = await open(browser, daemon.url);
  await startChat(visitor);
  await bert.locator('.row', { hasText: 'Kind' }).waitFor();
  await bert.getByRole('button', { name: /Neem volgende/ }).click();
  await visitor.getByText(/Je praat nu met/).waitFor();
  await bert.context().setOffline(true); // open sockets go silent too
  const client = await bert.context().newCDPSession(bert);
  await client.send('Page.setWebLifecycleState', { state: 'frozen' });
  await visitor.getByText('De verbinding van je gesprekspartner viel weg').waitFor({ timeout: 45000 });
  await visitor.getByText('Je bent de volgende.').waitFor();
  const carla = await counsellor(browser, daemon, 'Carla');
  await carla.locator('.row', { hasText: 'teruggekomen' }).waitFor();
  await carla.getByRole('button', { name: /Neem volgende/ }).click();
  await carla.locator('.chat.active').waitFor();
  await client.send('Page.setWebLifecycleState', { state: 'active' });
  await bert.context().setOffline(false);
  await bert.getByText('1 bij een collega').waitFor({ timeout: 30000 });
  await visitor.context().close();
  await carla.context().close();
  await bert.context().close();
});
