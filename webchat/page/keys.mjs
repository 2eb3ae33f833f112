// Which texts of the catalogue a page's sources use, for `onthaal languages check`. Lines:
//   text KEY      stands within text('…'), or as {{KEY}} in index.html
//   word KEY      a string with a dot in it: perhaps a key
//   start PREFIX  `PREFIX${…}`, or known('PREFIX', …)
import { readFileSync, readdirSync } from 'node:fs';

const KEY = /^[a-z][\w-]*(\.[\w-]+)*$/;

function inside(source, from) {
  let depth = 1;
  let at = from;
  while (at < source.length && depth) {
    if (source[at] === '(') depth++;
    if (source[at] === ')') depth--;
    at++;
  }
  return source.slice(from, at - 1);
}

/** plain: a folder of C files that write pages too; there a key stands whole, as "visitor.chat.send". */
export function keysOf(folder, plain) {
  const lines = new Set();
  for (const name of plain ? readdirSync(plain).filter((one) => /^plain_\w+\.c$/.test(one)) : [])
    for (const [, key] of readFileSync(`${plain}/${name}`, 'utf8').matchAll(/"visitor\.([\w.-]+)"/g)) lines.add(`text ${key}`);
  for (const name of readdirSync(folder).filter((one) => /\.tsx?$/.test(one))) {
    const source = readFileSync(`${folder}/${name}`, 'utf8');
    for (const [, word] of source.matchAll(/'([^'\n]+)'/g)) if (KEY.test(word) && word.includes('.')) lines.add(`word ${word}`);
    for (const [, start] of source.matchAll(/`([a-z][\w.-]*\.)\$\{/g)) lines.add(`start ${start}`);
    for (const [, start] of source.matchAll(/\bknown\('([\w-]+)'/g)) lines.add(`start ${start}.`);
    for (const match of source.matchAll(/\btext\(/g)) {
      // the key is the first argument; what is compared within it is none
      const key = inside(source, match.index + match[0].length).split(/,\s*\{/)[0].replace(/[=!]==?\s*'[^']*'/g, '');
      for (const [, word] of key.matchAll(/'([^'\n]+)'/g)) if (KEY.test(word) && (word.includes('.') || key.startsWith(`'${word}'`))) lines.add(`text ${word}`);
    }
  }
  const html = readFileSync(`${folder}/../index.html`, 'utf8');
  for (const [, key] of html.matchAll(/\{\{([\w-]+(?:\.[\w-]+)+)\}\}/g)) lines.add(`text ${key}`);
  return `${[...lines].sort().join('\n')}\n`;
}
