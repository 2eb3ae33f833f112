// How hard a password is to guess, by the words and patterns that guessers try first: a script of its own,
// loaded when a password is chosen (password.ts). The first list is of what leaked most often elsewhere.
import { ZxcvbnFactory, type OptionsGraph } from '@zxcvbn-ts/core';
import graphs from '@zxcvbn-ts/language-common/dist/adjacencyGraphs.json.mjs';
import passwords from '@zxcvbn-ts/language-common/dist/passwords.json.mjs';
import english from '@zxcvbn-ts/language-en/dist/commonWords.json.mjs';
import french from '@zxcvbn-ts/language-fr/dist/commonWords.json.mjs';
import boys from '@zxcvbn-ts/language-nl-be/dist/boysFirstnames.json.esm.js';
import dutch from '@zxcvbn-ts/language-nl-be/dist/commonWords.json.esm.js';
import girls from '@zxcvbn-ts/language-nl-be/dist/girlsFirstnames.json.esm.js';

const estimator = new ZxcvbnFactory({
  dictionary: { passwords, dutch, french, english, girls, boys } as Record<string, string[]>, graphs: graphs as OptionsGraph, maxLength: 128,
});

/** The guesses it takes, as a power of ten; known: what a guesser knows of this person. */
export function weigh(password: string, known: string[]): number {
  return estimator.check(password, known).guessesLog10;
}

(globalThis as { onthaalWeigh?: typeof weigh }).onthaalWeigh = weigh;
