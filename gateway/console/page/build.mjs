// node build.mjs OUTDIR: the page. node build.mjs --test: the pure parts for node --test.
import { build } from 'esbuild';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { keysOf } from '../../../webchat/page/keys.mjs';

const target = process.argv[2];
if (target === '--test') {
  await build({
    entryPoints: readdirSync('test').filter((name) => name.endsWith('.ts')).map((name) => `test/${name}`),
    bundle: true, format: 'esm', platform: 'node', outdir: 'build/test', outExtension: { '.js': '.test.mjs' },
  });
} else {
  await build({
    entryPoints: { console: 'src/main.tsx', strength: 'src/strength.ts' }, bundle: true, minify: true, format: 'iife', target: 'es2021',
    jsx: 'automatic', jsxImportSource: 'preact', outdir: target,
  });
  await build({ entryPoints: { console: 'style.css' }, bundle: true, minify: true, outdir: target });
  copyFileSync('index.html', `${target}/index.html`);
  writeFileSync(`${target}/keys.txt`, keysOf('src'));
}
