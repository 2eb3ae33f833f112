// npm run gallery: builds the gallery into build/gallery, and serves it on loopback when asked (--serve).
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { readCatalogue, serveWhenAsked } from './kit.mjs';

const OUT = 'build/gallery';
const CATALOGUES = '../../config/languages';
const CARDS = '../../config/pages';

function readCards(file, lang, dir) {
  const cards = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, title] = line.match(/^ {2}- title: (".*")$/) ?? [];
    const [, paragraph] = line.match(/^ {6}- (".*")$/) ?? [];
    if (title) cards.push({ title: JSON.parse(title), text: [] });
    if (paragraph) cards[cards.length - 1].text.push(JSON.parse(paragraph));
  }
  return { lang, dir, cards };
}

function oldPage(texts) {
  const body = readFileSync('index.html', 'utf8').match(/<main class="old plain">.*?<\/main>/s)[0];
  return body.replace('class="old plain"', 'class="plain"').replace('{{old.title}}', texts['old.title']).replace('{{old.text}}', texts['old.text'])
    .replace('{{plain.lead}}', texts['plain.lead']).replace('{{lang}}', 'nl')
    .replace('{{helplines}}', '<li><a href="tel:112"><bdi>112</bdi> <bdi>Ambulance · Brandweer · Politie</bdi></a></li>');
}

mkdirSync(`${OUT}/cards`, { recursive: true });
const catalogues = {};
for (const name of readdirSync(CATALOGUES).filter((one) => one.endsWith('.yaml'))) {
  const { code, ...catalogue } = readCatalogue(`${CATALOGUES}/${name}`, 'visitor');
  catalogues[code] = { ...catalogue, old: oldPage(catalogue.texts) };
  const own = readdirSync(CARDS).includes(name) ? name : 'nl.yaml';
  writeFileSync(`${OUT}/cards/${code}.json`, JSON.stringify(readCards(`${CARDS}/${own}`, own.slice(0, -5), own === name ? catalogue.dir : 'ltr')));
}
// a language of no one: what is not in brackets on the page does not come from a catalogue
const pseudo = Object.fromEntries(Object.entries(catalogues.nl.texts).map(([key, words]) => [key, `⟦${words}⟧`]));
catalogues.xx = { name: '⟦⟧', dir: 'ltr', texts: pseudo, old: oldPage(pseudo) };
writeFileSync(`${OUT}/catalogues.json`, JSON.stringify(catalogues));
await build({ entryPoints: { gallery: 'gallery/gallery.ts' }, bundle: true, format: 'iife', target: 'es2019', outdir: OUT });
await build({ entryPoints: { gallery: 'gallery/gallery.css' }, bundle: true, outdir: OUT });
copyFileSync('gallery/index.html', `${OUT}/index.html`);
serveWhenAsked(OUT);
