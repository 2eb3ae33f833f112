// Which passwords may be chosen, by the estimator itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GUESSES, judge, knownOf, PASSWORD_MAX, PASSWORD_MIN } from '../src/password';
import { weigh } from '../src/strength';

const known = knownOf('anke', 'Anke De Proef', 'Vertrouwenscentrum Kindermishandeling Brussel');
const of = (password: string) => judge(password, known, weigh);

test('its length, on both sides', () => {
  const words = 'rustig kamperen tussen ';
  const long = Array.from({ length: PASSWORD_MAX }, (_, at) => String.fromCharCode(97 + ((at * at * 7 + at * 3) % 26))).join('');
  assert.equal(of(words.slice(0, PASSWORD_MIN - 1)), 'weak');
  assert.notEqual(of(words.slice(0, PASSWORD_MIN)), 'weak');
  assert.equal(long.length, PASSWORD_MAX);
  assert.equal(of(long), undefined);
  assert.equal(of(`${long}x`), 'long');
  assert.equal(of('🌱'.repeat(PASSWORD_MIN - 1)), 'weak'); // characters, not units
});

test('what guessers try first is refused', () => {
  for (const password of ['12345678901234', '01234567890123456789', 'aaaaaaaaaaaaaaaa', 'abcdefghijklmnop', 'qwertyuiopasdfgh', 'azertyuiopqsdfgh',
    'wachtwoordwachtwoord', 'Wachtwoord2026!', 'motdepasse123456', 'Welkom123Welkom123', 'passwordpassword', 'iloveyouiloveyou', 'jetaimejetaimejetaime',
    '1q2w3e4r5t6y7u8i', '123456789987654321', '1qaz2wsx3edc4rfv', 'P@ssw0rd123456', '25122026 25122026'])
    assert.equal(of(password), 'easy', password);
});

test('and what is known of who chooses it', () => {
  for (const password of ['ankeankeankeanke', 'Anke De Proef 1', 'AnkeDeProef2026', 'vertrouwenscentrum', 'Kindermishandeling1', 'Vertrouwenscentrum Kindermishandeling Brussel',
    'onthaalonthaal', 'Onthaal Brussel', 'Onthaal2026!Onthaal'])
    assert.equal(of(password), 'easy', password);
  assert.deepEqual(known.filter((word) => word.length < 3), []);
});

test('a sentence may be chosen, of any characters', () => {
  for (const password of ['blauwe fiets regent zacht', 'een lange zin voor de proef', 'zeven dromedarissen', 'deux crêpes avant la pluie', 'ключ під старим дубом', 'x7$kQ-9vR2!pLm'])
    assert.equal(of(password), undefined, `${password}: ${weigh(password, known)} of ${GUESSES}`);
});
