// npm run gallery: builds the gallery into build/gallery, and serves it on loopback when asked (--serve).
// ?state=NAME&lang=CODE shows one state of the real page; without them, a list.
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const OUT = 'build/gallery';
const CATALOGUES = '../../../config/languages';

/** One line a text, quoted as in JSON: enough of YAML for a gallery. */
function readCatalogue(file) {
  const texts = {};
  const head = {};
  let section = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, indent, key, value] = line.match(/^(\s*)([\w.-]+):\s*(.*)$/) ?? [];
    if (!key) continue;
    if (!indent && !value) section = key;
    else if (!indent) head[key] = value;
    else if (section === 'console') texts[key] = JSON.parse(value);
  }
  return { name: head.name, dir: head.direction, code: head.language, texts };
}

mkdirSync(OUT, { recursive: true });
const catalogues = readdirSync(CATALOGUES).filter((name) => name.endsWith('.yaml')).map((name) => readCatalogue(`${CATALOGUES}/${name}`));
writeFileSync(`${OUT}/catalogues.json`, JSON.stringify(catalogues));
const options = { bundle: true, format: 'iife', target: 'es2021', jsx: 'automatic', jsxImportSource: 'preact', outdir: OUT };
await build({ ...options, entryPoints: { gallery: 'gallery/gallery.ts', console: 'src/main.tsx' } });
await build({ entryPoints: { console: 'style.css' }, bundle: true, outdir: OUT });
copyFileSync('gallery/index.html', `${OUT}/index.html`);

if (process.argv.includes('--serve')) {
  const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', json: 'application/json' };
  createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname.replace(/\/$/, '/index.html');
    try {
      if (!/^\/[\w-]+\.\w+$/.test(path)) throw new Error(path);
      const body = readFileSync(OUT + path);
      response.writeHead(200, { 'content-type': types[path.split('.').pop()] }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(Number(process.env.PORT ?? 0), '127.0.0.1', function told() {
    console.log(`http://127.0.0.1:${this.address().port}/`);
  });
}
