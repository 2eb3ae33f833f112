/* The prefilter. An element is a place of a rule where one of several phrases stands; a row is
 * elements in order, with the most words that may lie between. One pass of Aho-Corasick finds the
 * phrases' literals; a row whose elements all stand in order and near enough names its owner: so
 * almost only what will match is given to PCRE2. Never misses what a pattern matches. */
#ifndef TRIAGE_ELEMENTS_H
#define TRIAGE_ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROW_STEPS_MAX = 16, ELEMENT_NONE = -1, ELEMENT_LANGUAGES_MAX = 8 };

struct phrase {
	char *literal; /* of folded text; a space at an end is a word's edge */
	uint8_t before, after; /* words of the phrase around those of the literal */
};

struct phrases {
	struct phrase *all;
	size_t count;
	unsigned words; /* of the longest */
	bool unknown; /* one has no literal: it may stand anywhere */
};

/* literal: may be blank; first: the word of the phrase in which it begins. */
void phrases_add(struct phrases *phrases, const char *literal, unsigned first, unsigned words);
void phrases_copy(struct phrases *phrases, const struct phrase *phrase);
void phrases_finish(struct phrases *phrases);

struct row {
	struct {
		int element;
		unsigned gap; /* words that may lie before it */
	} steps[ROW_STEPS_MAX];
	unsigned count;
	unsigned gap; /* before the next step */
};

struct elements;

struct elements *elements_create(void);
void elements_destroy(struct elements **elements);

/* Takes the phrases; the same ones give the same number. ELEMENT_NONE when unknown. */
int elements_intern(struct elements *elements, struct phrases *phrases);
/* A step of the row: what cannot be looked for widens the gap. */
void row_step(struct row *row, struct elements *elements, struct phrases *phrases, bool optional);
/* A row of which nothing can be looked for names its owner in every text. */
void elements_add_row(struct elements *elements, const struct row *row, uint32_t owner);
/* The element speaks for a language, 0 to 7. */
void elements_tell(struct elements *elements, int element, int language);
void elements_ready(struct elements *elements);
size_t elements_bytes(const struct elements *elements);

/* The text must stay until the next one. */
void elements_find(struct elements *elements, const char *text, size_t length);
bool elements_named(const struct elements *elements, uint32_t owner); /* may match that text */
/* All that are, in no order. */
const uint32_t *elements_all_named(const struct elements *elements, size_t *count_r);
/* The first byte of that text, from `from` on, where the owner's pattern can begin to match;
 * UINT32_MAX: nowhere. */
uint32_t elements_next(const struct elements *elements, uint32_t owner, size_t from);
/* For tests: from now on everything is found everywhere, so that nothing is left out. */
void elements_find_all(struct elements *elements, bool all);
bool elements_all(const struct elements *elements);
/* Whether it was in the text looked at last; ELEMENT_NONE may always be. */
bool elements_found(struct elements *elements, int element);

/* How many different words of that text speak for each language. */
const int *elements_told(const struct elements *elements); /* ELEMENT_LANGUAGES_MAX */

#endif
