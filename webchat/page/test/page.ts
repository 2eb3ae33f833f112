import assert from 'node:assert/strict';
import { test } from 'node:test';
import { page, readPage, text } from '../src/page';

function speak(lang: string, texts: Record<string, string>, dir = 'ltr'): void {
  Object.assign(globalThis, { document: { getElementById: () => ({ textContent: JSON.stringify({ lang, dir, texts }) }) } });
  readPage();
  assert.equal(page.lang, lang);
}

test('the last number chooses the form, by the rules of the language', () => {
  speak('pl', { 'left.one': '{left} znak', 'left.few': '{left} znaki', 'left.many': '{left} znaków', 'left.other': '{left} znaku' });
  assert.deepEqual([1, 2, 5, 22, 112].map((left) => text('left', { left })), ['1 znak', '2 znaki', '5 znaków', '22 znaki', '112 znaków']);
  speak('ar', { 'n.one': 'أ', 'n.two': 'ب', 'n.few': '{n} ج', 'n.other': '{n} د' }, 'rtl');
  assert.deepEqual([1, 2, 3, 100].map((n) => text('n', { n })), ['أ', 'ب', '3 ج', '100 د']);
  speak('nl', { 'wait.one': 'nog {low} tot {high} minuut', 'wait.other': 'nog {low} tot {high} minuten' });
  assert.equal(text('wait', { low: 0, high: 1 }), 'nog 0 tot 1 minuut');
  assert.equal(text('wait', { low: 1, high: 4 }), 'nog 1 tot 4 minuten');
});

test('a form that is missing is the general one; a text without forms is itself', () => {
  speak('uk', { 'left.other': '{left}', plain: 'так {n}' });
  assert.equal(text('left', { left: 3 }), '3');
  assert.equal(text('plain', { n: 1234 }), 'так 1\u00a0234');
  assert.equal(text('none'), 'none');
});

test('what is put in keeps its own direction within right-to-left, and cannot be a placeholder', () => {
  speak('ar', { taken: 'مع {name}.' }, 'rtl');
  assert.equal(text('taken', { name: 'Anke' }), 'مع \u2068Anke\u2069.');
  speak('nl', { taken: 'met {name} {other}.' });
  assert.equal(text('taken', { name: '{other}' }), 'met {other} {other}.');
});
