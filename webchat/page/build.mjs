// node build.mjs OUTDIR: the page. node build.mjs --test: the pure parts for node --test.
import { build } from 'esbuild';
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { keysOf } from './keys.mjs';

const BUDGET = 30 * 1024; // script and style together, compressed
const target = process.argv[2];
if (target === '--test') {
  await build({
    entryPoints: readdirSync('test').filter((name) => name.endsWith('.ts')).map((name) => `test/${name}`),
    bundle: true, format: 'esm', platform: 'node', outdir: 'build/test', outExtension: { '.js': '.test.mjs' },
  });
} else {
  await build({
    entryPoints: { visitor: 'src/main.ts' }, bundle: true, minify: true, format: 'iife', target: 'es2019',
    outdir: target,
  });
  await build({ entryPoints: { visitor: 'style.css', plain: 'plain.css' }, bundle: true, minify: true, outdir: target });
  copyFileSync('index.html', `${target}/index.html`);
  writeFileSync(`${target}/keys.txt`, keysOf('src', '..'));
  const size = ['visitor.js', 'visitor.css']
    .reduce((sum, name) => sum + gzipSync(readFileSync(`${target}/${name}`), { level: 9 }).length, 0);
  console.log(`visitor page: script and style ${size} bytes compressed, of ${BUDGET}`);
  if (size > BUDGET) process.exit(1);
}
