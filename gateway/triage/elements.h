/* The prefilter. An element is a place of a rule where one of several phrases stands; a row is
 * elements in order, with the most words that may lie between. One pass of Aho-Corasick finds the
 * phrases' literals; a row whose elements all stand in order and near enough names its owner: so
 * almost only what will match is given to PCRE2. Never misses what a pattern matches. */
#ifndef TRIAGE_ELEMENTS_H
#define TRIAGE_ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROW_STEPS_MAX = 16, SPOTS_MAX = 4096, ELEMENT_NONE = -1, ELEMENT_LANGUAGES_MAX = 8 };

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
/* false: nothing of it can be looked for, so its owner is always named. */
bool elements_add_row(struct elements *elements, const struct row *row, uint32_t owner);
/* The element speaks for a language, 0 to 7. */
void elements_tell(struct elements *elements, int element, int language);
void elements_ready(struct elements *elements);
size_t elements_bytes(const struct elements *elements);

/* from[owner]: the byte of the text from which on the owner's pattern can match; UINT32_MAX: not at
 * all. The caller has set all of them to UINT32_MAX. */
void elements_find(
	struct elements *elements, const char *text, size_t length, uint32_t *from);
/* For tests: from now on everything is found everywhere, so that nothing is left out. */
void elements_find_all(struct elements *elements, bool all);
bool elements_all(const struct elements *elements);
/* Whether it was in the text looked at last; ELEMENT_NONE may always be. */
bool elements_found(const struct elements *elements, int element);

/* How many different ones in that text speak for each language. */
void elements_told(const struct elements *elements, int counts_r[ELEMENT_LANGUAGES_MAX]);

#endif
