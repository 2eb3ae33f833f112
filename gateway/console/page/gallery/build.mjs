// npm run gallery: builds the gallery into build/gallery, and serves it on loopback when asked (--serve).
// ?state=NAME&lang=CODE shows one state of the real page; without them, a list.
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readCatalogue, serveWhenAsked } from '../../../../webchat/page/gallery/kit.mjs';

const OUT = 'build/gallery';
const CATALOGUES = '../../../config/languages';

mkdirSync(OUT, { recursive: true });
const catalogues = readdirSync(CATALOGUES).filter((name) => name.endsWith('.yaml')).map((name) => readCatalogue(`${CATALOGUES}/${name}`, 'console'));
writeFileSync(`${OUT}/catalogues.json`, JSON.stringify(catalogues));
const options = { bundle: true, format: 'iife', target: 'es2021', jsx: 'automatic', jsxImportSource: 'preact', outdir: OUT };
await build({ ...options, entryPoints: { gallery: 'gallery/gallery.ts', console: 'src/main.tsx', strength: 'src/strength.ts' } });
await build({ entryPoints: { console: 'style.css' }, bundle: true, outdir: OUT });
copyFileSync('gallery/index.html', `${OUT}/index.html`);
serveWhenAsked(OUT);
