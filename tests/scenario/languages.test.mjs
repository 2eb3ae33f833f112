// onthaal languages check, on the catalogues that are shipped and on broken ones.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BINARY } from '../browser/daemon.mjs';

const folder = mkdtempSync(join(tmpdir(), 'onthaal-languages-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function check(config) {
  writeFileSync(join(folder, 'onthaal.yaml'), config);
  return spawnSync(BINARY, ['languages', 'check', '--data', folder], { encoding: 'utf8' });
}

test('the shipped languages are complete, and the operator is told that they are drafts', () => {
  const { status, stdout, stderr } = check('');
  assert.deepEqual([status, stderr], [0, '']);
  for (const code of ['nl', 'fr', 'en', 'de', 'ar', 'tr', 'es', 'pt', 'ro', 'pl', 'uk']) assert.match(stdout, new RegExp(`^${code} +complete +\\S+ +draft +draft`, 'm'));
  assert.match(stdout, /11 of 11 are drafts/);
});

test('what is missing, too long, unused or odd is named with its file', () => {
  cpSync('config/languages', join(folder, 'mine'), { recursive: true });
  const change = (name, from, to) => {
    const path = join(folder, 'mine', name);
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes(from));
    writeFileSync(path, text.replace(from, to));
  };
  change('pl.yaml', '  waiting.about.many: "Pewnie poczekasz jeszcze około {high} minut."\n', '');
  change('tr.yaml', '"Gönder"', '"Hemen şimdi gönder"');
  change('de.yaml', '{name} schreibt', '{Name} schreibt');
  change('fr.yaml', '  chat.me: "Toi"\n', '');
  const { status, stderr } = check('languages: mine\n');
  assert.equal(status, 1);
  for (const fault of [/pl\.yaml: visitor\.waiting\.about\.many is missing: this language has that form/, /tr\.yaml: visitor\.chat\.send has 18 characters, and room for 14/,
    /de\.yaml: visitor\.chat\.typing: \{Name\} means nothing here/, /de\.yaml: visitor\.chat\.typing: \{name\} is missing/, /fr\.yaml: visitor\.chat\.me is missing: translate it/])
    assert.match(stderr, fault);
});

test('a text that the page does not know, or wants, is named', () => {
  rmSync(join(folder, 'mine'), { recursive: true, force: true });
  cpSync('config/languages', join(folder, 'mine'), { recursive: true, filter: (path) => !/\/\w+\.yaml$/.test(path) || path.endsWith('nl.yaml') });
  const path = join(folder, 'mine', 'nl.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('  chat.me: "Jij"', '  chat.mine: "Jij"'));
  const { status, stderr } = check('languages: mine\n');
  assert.equal(status, 1);
  assert.match(stderr, /nl\.yaml: visitor\.chat\.mine is used nowhere on the page: remove it/);
  assert.match(stderr, /nl\.yaml: visitor\.chat\.me is missing: the page uses it/);
});

test('what a flag is about has a name in each language of the console, and no name is left over', () => {
  const rules = readdirSync('config/rules').filter((name) => name.endsWith('.rules')).map((name) => readFileSync(`config/rules/${name}`, 'utf8')).join('\n');
  const used = [...new Set([...rules.matchAll(/^\s*category (\w+)/gm)].map(([, word]) => word))].sort();
  assert.ok(used.length > 30);
  for (const code of ['nl', 'fr', 'en']) {
    const named = [...readFileSync(`config/languages/${code}.yaml`, 'utf8').matchAll(/^ {2}category\.(\w+): "[^"_]+"$/gm)].map(([, word]) => word).sort();
    assert.deepEqual(named, used, code);
  }
});
