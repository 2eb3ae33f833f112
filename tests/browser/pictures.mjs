// Makes the README's pictures from the real thing: node tests/browser/pictures.mjs
// (ONTHAAL=build/release/onthaal). The people and their words are invented.
import { Daemon } from './daemon.mjs';
import { counsellor, launch, mine, open, reply, say, startChat } from './people.mjs';

const browser = await launch();
const daemon = await (await Daemon.create(`centre:
  name: Vertrouwenscentrum Kindermishandeling Brussel
  helplines:
    - {number: "112", name: "Ambulance, brandweer, politie", emergency: true}
    - {number: "102", name: "Awel"}
    - {number: "1712", name: "Geweld, misbruik en kindermishandeling"}
`)).start();
const people = [
  ['Kind of jongere', ['hey', 'papa is weer heel kwaad en ik durf niet naar huis']],
  ['Professional', ['Dag, ik ben leerkracht en maak me zorgen over een leerling.']],
  ['Ouder', ['Ik heb mijn zoon vandaag geslagen en ik schrik van mezelf.']],
  ['Kind of jongere', ['hij staat nu beneden te roepen met een mes']],
];

try {
  const anke = await counsellor(browser, daemon, 'Anke', { viewport: { width: 1280, height: 800 } });
  const visitors = [];
  for (const [who, words] of people) {
    const visitor = await open(browser, daemon.url, { deviceScaleFactor: 2, viewport: { width: 390, height: 720 } });
    await startChat(visitor, who);
    for (const line of words) {
      await say(visitor, line);
      await mine(visitor, line).waitFor();
    }
    visitors.push(visitor);
    if (visitors.length === 1) {
      await anke.getByRole('button', { name: /Neem volgende/ }).click();
      await anke.locator('.chat.active').waitFor();
      await reply(anke, 'Dag, fijn dat je ons schrijft. Ik neem de tijd voor jou.');
      await visitor.locator('.log .counsellor', { hasText: 'fijn dat' }).waitFor();
      await say(visitor, 'ok. mag ik hier alles zeggen?');
      await mine(visitor, 'alles zeggen').waitFor();
      await reply(anke, 'Ja. Ben je nu op een veilige plek?');
      await visitor.locator('.log .counsellor', { hasText: 'veilige plek' }).waitFor();
    }
  }
  await anke.locator('.row').nth(2).waitFor();
  for (const name of ['Ok', 'Nee']) await anke.getByRole('button', { name, exact: true }).click(); // asked once of each person
  await anke.getByText(/1 bericht/).first().waitFor();
  await anke.mouse.move(640, 400);
  await anke.screenshot({ path: 'gateway/console/page/picture.png' });
  await visitors[0].screenshot({ path: 'webchat/page/picture.png' });
} finally {
  await browser.close();
  await daemon.remove();
}
