// What the galleries of both pages are built with.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', json: 'application/json' };

/** A catalogue's head, and the texts of one section. One line a text, quoted as in JSON: enough of YAML here. */
export function readCatalogue(file, wanted) {
  const texts = {};
  const head = {};
  let section = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, indent, key, value] = line.match(/^(\s*)([\w.-]+):\s*(.*)$/) ?? [];
    if (!key) continue;
    if (!indent && !value) section = key;
    else if (!indent) head[key] = value;
    else if (section === wanted) texts[key] = JSON.parse(value);
  }
  return { name: head.name, dir: head.direction, code: head.language, texts };
}

/** Serves what was built, on loopback, when asked by --serve; says where. */
export function serveWhenAsked(folder) {
  if (!process.argv.includes('--serve')) return;
  createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname.replace(/\/$/, '/index.html');
    try {
      if (!/^\/[\w-]+(\/[\w-]+)?\.\w+$/.test(path)) throw new Error(path);
      const body = readFileSync(folder + path);
      response.writeHead(200, { 'content-type': TYPES[path.split('.').pop()] }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(Number(process.env.PORT ?? 0), '127.0.0.1', function told() {
    console.log(`http://127.0.0.1:${this.address().port}/`);
  });
}
