/* The words that rules know, and a typed word as what it stands for. Used by fold.c alone. */
#ifndef TRIAGE_VOCABULARY_H
#define TRIAGE_VOCABULARY_H

#include "triage/fold.h"

struct character { /* of a word, folded */
	char byte;
	uint32_t from, to;
};

struct word {
	struct character characters[FOLD_WORD_MAX];
	size_t length;
};

enum vocabulary_how { VOCABULARY_UNKNOWN, VOCABULARY_BEGINS, VOCABULARY_WORD };
/* Of the first 1, 2, … most letters: whether they are a word that rules know, or begin as one does. */
void vocabulary_beginnings(const struct fold_words *words, const char *text, size_t most,
	enum vocabulary_how *how_r);
bool vocabulary_knows(const struct fold_words *words, const struct word *word);
/* "t0night", "nuuuu", "su*cide", "helpp": written as what a rule knows; what no rule knows loses its
 * runs. starred: how many words with '*' may still be looked for; below 0: too many. Signs ('@', '$',
 * '!', '*') stay in the word only when this gives false: they end it. */
bool vocabulary_tidy(const struct fold_words *words, struct word *word, int *starred);
/* The length of a word of letters alone that vocabulary_tidy leaves as it is, whatever rules know, and
 * that is ended by a sign that never belongs to it: most words. 0: it has to be looked at. */
size_t vocabulary_plain(const char *source, size_t length);

#endif
