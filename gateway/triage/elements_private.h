/* Shared by elements.c, which builds, and elements_find.c, which looks. */
#ifndef TRIAGE_ELEMENTS_PRIVATE_H
#define TRIAGE_ELEMENTS_PRIVATE_H

#include "triage/elements.h"
#include "triage/fold.h"
#include "triage/literals.h"

enum { STARTS_MAX = 16384, PLACES_MAX = 16384, SPOTS_MAX = 32768 }; /* of one text */
#define ANYWHERE UINT32_MAX

struct trigger { /* of a row */
	uint32_t row;
	uint32_t also; /* another element of it, the rarest after the trigger: looked for first */
};

struct element {
	struct phrases phrases;
	uint32_t *literals; /* by phrase */
	struct trigger *rows; /* that it is the trigger of */
	size_t row_count;
	uint64_t hash;
	uint8_t tells; /* bits: languages that it speaks for */
	uint32_t gathered; /* the pass in which it was */
	uint32_t spot_from, spot_count;
};

struct spot { /* where a phrase stands, in words */
	int32_t start, end;
	int32_t stop; /* the last end of a sentence before it */
};

struct place { /* where a literal stands */
	int32_t word, stop;
	uint32_t literal;
	uint32_t next; /* + 1 */
};

struct literal {
	uint32_t first, last; /* places + 1 */
	uint32_t elements_from, elements_count; /* that have it; */
	uint32_t triggers; /* the first of them, which have rows */
	uint8_t inner; /* words beyond the first */
	bool trailing; /* ends in a space */
	uint8_t tells; /* bits: languages that it speaks for */
};

struct use { /* of a literal by an element; sorted by text */
	const char *text;
	uint32_t element, phrase;
};

struct owned_row {
	struct row row;
	uint32_t owner;
};

struct elements {
	struct literals *automaton;
	struct element *all;
	struct literal *literals;
	struct use *uses;
	struct owned_row *rows;
	uint32_t *having; /* by literal: the elements that have it */
	uint8_t *present, *met; /* by element, by literal: the mark of the pass in which it was last */
	uint32_t count, literal_count, use_count, row_count;
	/* one pass */
	uint32_t pass, place_count, spot_count, triggered_count;
	uint8_t mark; /* of the pass, never 0 */
	bool full, all_found;
	uint32_t *triggered; /* elements with rows that are present */
	uint32_t *triggers_from; /* by element: its triggers are those up to the next one's */
	struct trigger *triggers;
	uint32_t *tried; /* rows to be tried */
	int told[ELEMENT_LANGUAGES_MAX];
	const char *text;
	size_t length;
	uint32_t *always; /* owners that are named in any text */
	uint32_t always_count, owner_count;
	uint32_t *starts; /* by owner: the first of its starts + 1, or ANYWHERE; 0: not named */
	uint32_t *named; /* owners with starts */
	uint32_t start_count, named_count;
	struct start {
		uint32_t at; /* byte where a pattern can begin to match */
		uint32_t next; /* + 1 */
	} start[STARTS_MAX];
	uint32_t words; /* of which the byte is known; 0: of none yet */
	uint16_t word_at[FOLD_MAX / 2 + 2]; /* byte of the space before each word, from 1 on */
	struct place places[PLACES_MAX];
	struct spot spots[SPOTS_MAX];
};

#endif
