// A console whose server is the test: the real page of the real daemon, but the frames of its line are
// the test's own. For states that real people would take long to make.
import { open } from './people.mjs';

export function card(id, more = {}) {
  const now = Date.now();
  return {
    id, channel: 'chat', state: 'waiting', level: 'none', complete: true, flags: [], arrived: now - 120_000, due: now + 1_800_000,
    present: true, returned: 0, lang: 'nl', who: 'child', where: 'brussels', messages: 1, practice: false, ...more,
  };
}

export function flag(level, words, more = {}) {
  return { rule: `proef.${level}`, category: 'worry', level, why: 'proef', seq: 2, from: 0, to: words.length, words, ...more };
}

export function message(seq, words, more = {}) {
  return { seq, kind: 'message', time: Date.now() - 60_000, author: 'visitor', text: words, ...more };
}

export const ME = { id: 1, name: 'anke', display: 'Anke', role: 'counsellor' };

export const DESK = {
  t: 'desk', me: ME, duty: 'on', capacity: 3, lease: 60, lock: 15, block: 60, beat: 8, centre: 'Vertrouwenscentrum Kindermishandeling Brussel',
  replies: [{ key: 'veilig', language: 'nl', text: 'Ben je nu op een veilige plek?' }],
  colleagues: [{ id: 2, display: 'Bert', duty: 'on', contacts: 1 }, { id: 3, display: 'Carla', duty: 'pause', contacts: 0 }],
  targets: { serious: 5, elevated: 15, none: 30 }, trouble: false, demo: false,
};

/** answers: what a request of that kind is answered with, {ok: {…}} or {no: 'code'}; missing: {ok: {}}. */
export async function desk(browser, daemon, { cards = [], answers = {}, more = {}, options = {} } = {}) {
  const page = await open(browser, `${daemon.url}/console/`, { viewport: { width: 1440, height: 900 }, ...options });
  page.asked = [];
  let news = () => undefined;
  /** Until the page asked for that so often. */
  page.asking = async (kind, count = 1) => {
    while (page.asked.filter(({ t }) => t === kind).length < count) await new Promise((resolve) => { news = resolve; });
  };
  page.answers = { settings: { ok: { settings: {}, telephone: '' } }, sessions: { ok: { sessions: [] } }, passkeys: { ok: { passkeys: [] } }, ...answers };
  await page.addInitScript(() => sessionStorage.setItem('onthaal.session', 'proef'));
  await page.routeWebSocket(/console\/socket/, (line) => {
    if (page.away) {
      line.close();
      return;
    }
    page.tell = (frame) => line.send(JSON.stringify(frame));
    page.hangUp = () => line.close();
    line.onMessage((bytes) => {
      const { id, t, ...keys } = JSON.parse(bytes);
      page.asked.push({ t, ...keys });
      news();
      if (!id) return;
      const answer = page.answers[t] ?? { ok: {} };
      page.tell(answer.no ? { t: 'no', id, code: answer.no } : { t: 'ok', id, ...answer.ok });
      if (t !== 'resume') return;
      page.tell({ ...DESK, ...more });
      page.tell({ t: 'queue', whole: true, put: cards });
    });
    page.tell({ t: 'hello' });
  });
  await page.goto(`${daemon.url}/console/`);
  await page.locator('.desk').waitFor();
  return page;
}
