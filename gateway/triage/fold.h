/* Folding: what somebody typed, as words that rules can be written for. Case, accents and width go
 * (NFKD), emoji become words, "t0night", "nuuuu" and "d o o d" what they stand for if a rule knows
 * that word. The form is " word word . word ": one space before each word and one at the end, "."
 * where a sentence ends. Every byte knows where in the source it comes from. */
#ifndef TRIAGE_FOLD_H
#define TRIAGE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOLD_MAX = 8192, /* bytes of the folded form; what does not fit is cut */
	FOLD_WORD_MAX = 64 }; /* bytes of one word; the rest of it is cut */

struct fold {
	char text[FOLD_MAX + 1];
	uint32_t from[FOLD_MAX + 1], to[FOLD_MAX + 1]; /* bytes of the source */
	size_t length;
	bool cut;
};

struct fold_emoji {
	uint32_t point; /* Unicode */
	char word[24];
};

struct fold_words { /* what the rules know; sorted; "prefix" ends in any way */
	char **exact, **prefixes;
	size_t exact_count, prefix_count;
	struct fold_emoji *emoji; /* sorted by point */
	size_t emoji_count;
};

/* source: UTF-8; what is not is taken as a space. words may be NULL. */
void fold(const char *source, size_t length, const struct fold_words *words, struct fold *fold_r);

#endif
