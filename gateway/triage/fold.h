/* Folding: what somebody typed, as words that rules can be written for. Case, accents and width go
 * (NFKD), emoji become words, "t0night", "nuuuu", "su*cide" and "d o o d" what they stand for if a
 * rule knows that word. The form is " word word . word ": one space before each word and one at the
 * end, "." where a sentence ends. Every byte knows where in the source it comes from: `from` never
 * falls, and no character of the source is cut in two. */
#ifndef TRIAGE_FOLD_H
#define TRIAGE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOLD_MAX = 8192, /* bytes of the folded form; what does not fit is cut */
	FOLD_WORD_MAX = 64 }; /* bytes of one word; a longer one is taken as several */

struct fold {
	char text[FOLD_MAX + 1];
	uint32_t from[FOLD_MAX + 1], to[FOLD_MAX + 1]; /* bytes of the source */
	size_t length;
	bool cut; /* not all was folded */
};

struct fold_emoji {
	uint32_t point; /* Unicode */
	char word[24];
};

struct fold_words { /* what the rules know */
	char **exact; /* sorted when ready */
	size_t exact_count;
	uint64_t *hashes; /* of them and of prefixes; open addressing, 0 is free */
	size_t hash_count, hash_size; /* a power of two */
	struct fold_emoji *emoji; /* sorted by point */
	size_t emoji_count;
};

/* A word as it is folded; prefix: it may go on in any way (3 bytes at least, else not taken). */
void fold_learn(struct fold_words *words, const char *text, size_t length, bool prefix);
void fold_ready(struct fold_words *words); /* when all is learnt */
void fold_forget(struct fold_words *words);

/* source: UTF-8; what is not is taken as a space. words may be NULL. */
void fold(const char *source, size_t length, const struct fold_words *words, struct fold *fold_r);

#endif
