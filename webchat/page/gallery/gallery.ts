// The gallery, of development alone: every state of the visitor's page, by the page's own code.
//   ?state=NAME&lang=CODE                  one state
//   ?lang=CODE&width=320&height=640        all of them, side by side
// window.gallery.show(state, lang) changes the state without loading anything again.
import { h } from '../src/dom';
import { page, readPage, type Page } from '../src/page';
import { View, type Actions } from '../src/view';
import { states, type Words } from './states';

interface Catalogue { name: string; dir: 'ltr' | 'rtl'; texts: Record<string, string>; old: string }
declare global { interface Window { gallery: object } }

const WORDS: Record<string, Words> = {
  nl: { mine: 'hey, ik heb schrik om naar huis te gaan', mine2: 'mag ik iets vragen?', theirs: 'Dag, fijn dat je schrijft. Vertel maar in je eigen woorden, ik neem de tijd.', theirs2: 'Dag, ik ben Bert. Ik heb gelezen wat je schreef.' },
  ar: { mine: 'مرحبا، أخاف أن أعود إلى البيت', mine2: 'هل يمكن أن أسأل شيئًا؟', theirs: 'أهلًا، جيد أنك كتبت. احكِ بكلماتك، لدي وقت.', theirs2: 'أهلًا، أنا Bert. قرأت ما كتبته.' },
};
const HELPLINES = [
  { number: '112', name: 'Ambulance · Brandweer · Politie', emergency: true },
  { number: '1712', name: 'Geweld, misbruik en kindermishandeling', emergency: false },
  { number: '102', name: 'Awel (kinderen en jongeren)', emergency: false },
  { number: '116 000', name: 'Child Focus', emergency: false },
  { number: '070 245 245', name: 'Antigifcentrum', emergency: false },
];
const nothing = () => undefined;
const actions: Actions = {
  language: nothing, leave: nothing, answer: nothing, start: nothing, say: nothing, typing: nothing, end: nothing, again: nothing,
  code: nothing, giveCode: nothing, goOn: nothing, retry: nothing,
};
let catalogues: Record<string, Catalogue>;
let view: View;

function speak(lang: string, demo: boolean): void {
  const { dir, texts } = catalogues[lang] as Catalogue;
  const given: Page = {
    lang: lang === 'xx' ? 'nl' : lang, dir, texts, demo, centre: 'Vertrouwenscentrum Kindermishandeling Brussel', team: 'het team van het Vertrouwenscentrum',
    languages: Object.entries(catalogues).filter(([code]) => code !== 'xx').map(([code, one]) => ({ code, name: one.name, dir: one.dir })),
    helplines: HELPLINES,
  };
  (document.getElementById('page') as HTMLElement).textContent = JSON.stringify(given);
  readPage();
  document.documentElement.lang = page.lang;
  document.documentElement.dir = dir;
}

async function show(name: string, lang: string): Promise<void> {
  const shown = states(WORDS[lang] ?? WORDS.nl as Words)[name]?.();
  const root = document.getElementById('app') as HTMLElement;
  if (!shown) throw new Error(`no such state: ${name}`);
  speak(lang, shown.demo ?? false);
  document.title = name;
  if (shown.old) {
    root.innerHTML = (catalogues[lang] as Catalogue).old;
    return;
  }
  view = new View(root, actions, '');
  view.update(shown.state);
  await view.ready();
  for (const what of shown.open ?? []) {
    if (what.startsWith('click ')) root.querySelector<HTMLElement>(what.slice(6))?.click();
    else root.querySelector(what)?.setAttribute('open', '');
  }
  if (shown.draft !== undefined) {
    const input = root.querySelector('textarea') as HTMLTextAreaElement;
    input.value = shown.draft;
    input.dispatchEvent(new Event('input'));
  }
  view.update(shown.state);
}

/** From one state to another on the same page, as a frame would do. */
function become(name: string, lang: string): void {
  const next = states(WORDS[lang] ?? WORDS.nl as Words)[name];
  if (next) view.update(next().state);
}

function all(lang: string, width: string, height: string): void {
  document.body.replaceChildren(h('div', { class: 'gallery' }, ...Object.keys(states(WORDS.nl as Words)).map((name) => h('figure', {},
    h('figcaption', {}, h('a', { href: `?state=${name}&lang=${lang}` }, name)),
    h('iframe', { title: name, width, height, src: `?state=${name}&lang=${lang}` })))));
}

async function main(): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const lang = asked.get('lang') ?? 'nl';
  catalogues = (await (await fetch('catalogues.json')).json()) as Record<string, Catalogue>;
  window.gallery = { states: Object.keys(states(WORDS.nl as Words)), languages: Object.keys(catalogues), show, become };
  const name = asked.get('state');
  if (name) await show(name, lang);
  else all(lang, asked.get('width') ?? '320', asked.get('height') ?? '640');
  document.body.classList.add('done');
}

void main();
