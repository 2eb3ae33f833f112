import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerIn } from '../src/answer';

test('the answer of the provider, behind # or ?', () => {
  assert.deepEqual(answerIn('', '#code=c%2F1&state=s&iss=https%3A%2F%2Fh'), { state: 's', code: 'c/1', iss: 'https://h' });
  assert.deepEqual(answerIn('?code=c&state=s', ''), { state: 's', code: 'c' });
  assert.deepEqual(answerIn('', '#error=access_denied&state=s'), { state: 's' });
});

test('anything else is none', () => {
  for (const [search, hash] of [['', ''], ['?lang=nl', ''], ['', '#invite=abc'], ['', '#oidc=abc'], ['?code=c', ''], ['', '#state=s'], ['?code=c', '#state=s']])
    assert.equal(answerIn(search as string, hash as string), undefined);
});
