#include "triage/elements.h"
#include "base/mem.h"
#include "triage/literals.h"

#include <stdlib.h>
#include <string.h>

struct element {
	struct phrases phrases;
	uint32_t *literals; /* by phrase */
	uint32_t *rows; /* that it is the trigger of */
	size_t row_count;
	uint64_t hash;
	uint8_t tells; /* bits: languages that it speaks for */
	uint32_t present, gathered; /* the pass in which it was */
	uint32_t spot_from, spot_count;
};

struct spot { /* where a phrase stands, in words */
	int32_t start, end;
	int32_t stop; /* the last end of a sentence before it */
	uint32_t sentence; /* byte where its sentence begins */
};

struct place { /* where a literal stands */
	int32_t word, stop;
	uint32_t sentence;
	uint32_t next; /* + 1 */
};

struct literal {
	uint32_t uses_from, uses_count;
	uint32_t pass, first, last; /* places + 1 */
	uint8_t inner; /* words beyond the first */
	bool trailing; /* ends in a space */
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
	uint32_t count, literal_count, use_count, row_count;
	/* one pass */
	uint32_t pass, place_count, spot_count, present_count;
	bool full, all_found;
	uint32_t *present; /* elements that are in the text */
	struct place places[SPOTS_MAX];
	struct spot spots[SPOTS_MAX];
};

static bool blank(const char *text)
{
	return !text[strspn(text, " ")];
}

static unsigned inner_spaces(const char *text)
{
	unsigned count = 0;
	for (size_t i = 1; *text && text[i]; i++)
		count += text[i] == ' ' && text[i + 1];
	return count;
}

void phrases_add(struct phrases *phrases, const char *literal, unsigned first, unsigned words)
{
	unsigned last = first + inner_spaces(literal);

	if (words > phrases->words)
		phrases->words = words;
	if (blank(literal) || last >= words) {
		phrases->unknown = true;
		return;
	}
	phrases->all = mem_grow(phrases->all, phrases->count + 1, sizeof *phrases->all);
	phrases->all[phrases->count++] = (struct phrase) { .literal = mem_dup(literal),
		.before = (uint8_t)first,
		.after = (uint8_t)(words - 1 - last) };
}

void phrases_copy(struct phrases *phrases, const struct phrase *phrase)
{
	phrases->all = mem_grow(phrases->all, phrases->count + 1, sizeof *phrases->all);
	phrases->all[phrases->count] = *phrase;
	phrases->all[phrases->count++].literal = mem_dup(phrase->literal);
}

void phrases_finish(struct phrases *phrases)
{
	for (size_t i = 0; i < phrases->count; i++)
		free(phrases->all[i].literal);
	free(phrases->all);
	*phrases = (struct phrases) { 0 };
}

struct elements *elements_create(void)
{
	struct elements *elements = mem_alloc(sizeof *elements);
	elements->automaton = literals_create();
	return elements;
}

void elements_destroy(struct elements **elements)
{
	struct elements *e = *elements;

	if (!e)
		return;
	for (uint32_t i = 0; i < e->count; i++) {
		phrases_finish(&e->all[i].phrases);
		free(e->all[i].literals);
		free(e->all[i].rows);
	}
	literals_destroy(&e->automaton);
	free(e->all);
	free(e->literals);
	free(e->uses);
	free(e->rows);
	free(e->present);
	free(e);
	*elements = NULL;
}

static int by_phrase(const void *a, const void *b)
{
	const struct phrase *one = a, *other = b;
	int order = strcmp(one->literal, other->literal);
	if (!order)
		order = one->before - other->before;
	return order ? order : one->after - other->after;
}

static void sort_phrases(struct phrases *phrases)
{
	size_t kept = 0;

	qsort(phrases->all, phrases->count, sizeof *phrases->all, by_phrase);
	for (size_t i = 0; i < phrases->count; i++) {
		if (kept && !by_phrase(&phrases->all[kept - 1], &phrases->all[i]))
			free(phrases->all[i].literal);
		else
			phrases->all[kept++] = phrases->all[i];
	}
	phrases->count = kept;
}

static uint64_t hash_of(const struct phrases *phrases) /* FNV-1a */
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < phrases->count; i++) {
		for (const char *c = phrases->all[i].literal; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
		hash = (hash ^ (uint64_t)(phrases->all[i].before << 8 | phrases->all[i].after))
			* 0x100000001b3u;
	}
	return hash;
}

static bool same(const struct phrases *one, const struct phrases *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (by_phrase(&one->all[i], &other->all[i]))
			return false;
	return true;
}

int elements_intern(struct elements *elements, struct phrases *phrases)
{
	uint64_t hash;

	if (phrases->unknown || !phrases->count) {
		phrases_finish(phrases);
		return ELEMENT_NONE;
	}
	sort_phrases(phrases);
	hash = hash_of(phrases);
	for (uint32_t i = 0; i < elements->count; i++)
		if (elements->all[i].hash == hash && same(&elements->all[i].phrases, phrases)) {
			phrases_finish(phrases);
			return (int)i;
		}
	elements->all = mem_grow(elements->all, elements->count + 1, sizeof *elements->all);
	elements->all[elements->count] = (struct element) { .phrases = *phrases, .hash = hash };
	*phrases = (struct phrases) { 0 };
	return (int)elements->count++;
}

void row_step(struct row *row, struct elements *elements, struct phrases *phrases, bool optional)
{
	unsigned words = phrases->words;
	int element = ELEMENT_NONE;

	if (optional || row->count == ROW_STEPS_MAX)
		phrases_finish(phrases);
	else
		element = elements_intern(elements, phrases);
	if (element == ELEMENT_NONE) {
		row->gap += words;
		return;
	}
	row->steps[row->count].element = element;
	row->steps[row->count++].gap = row->gap;
	row->gap = 0;
}

/* How seldom an element is met by chance: the length of its shortest literal, then how few. */
static size_t rarity(const struct element *element)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < element->phrases.count; i++) {
		size_t length = strlen(element->phrases.all[i].literal);
		if (length < least)
			least = length;
	}
	return least * 4096 - (element->phrases.count < 4096 ? element->phrases.count : 4095);
}

bool elements_add_row(struct elements *elements, const struct row *row, uint32_t owner)
{
	struct element *trigger = NULL;

	for (unsigned i = 0; i < row->count; i++) {
		struct element *element = &elements->all[row->steps[i].element];
		if (!trigger || rarity(element) > rarity(trigger))
			trigger = element;
	}
	if (!trigger)
		return false;
	trigger->rows = mem_grow(trigger->rows, trigger->row_count + 1, sizeof *trigger->rows);
	trigger->rows[trigger->row_count++] = elements->row_count;
	elements->rows = mem_grow(elements->rows, elements->row_count + 1, sizeof *elements->rows);
	elements->rows[elements->row_count++] = (struct owned_row) { *row, owner };
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct use *)a)->text, ((const struct use *)b)->text);
}

static void collect_uses(struct elements *e)
{
	size_t total = 0;

	for (uint32_t i = 0; i < e->count; i++)
		total += e->all[i].phrases.count;
	e->uses = mem_array(total + 1, sizeof *e->uses);
	for (uint32_t i = 0; i < e->count; i++) {
		struct element *element = &e->all[i];
		element->literals = mem_array(element->phrases.count, sizeof *element->literals);
		for (uint32_t p = 0; p < element->phrases.count; p++)
			e->uses[e->use_count++]
				= (struct use) { element->phrases.all[p].literal, i, p };
	}
	if (total)
		qsort(e->uses, total, sizeof *e->uses, by_text);
}

void elements_ready(struct elements *e)
{
	collect_uses(e);
	e->literals = mem_array(e->use_count + 1, sizeof *e->literals);
	for (uint32_t i = 0; i < e->use_count; i++) {
		const struct use *use = &e->uses[i];
		if (!i || strcmp(e->uses[i - 1].text, use->text) != 0) {
			literals_add(e->automaton, use->text, e->literal_count);
			e->literals[e->literal_count++] = (struct literal) { .uses_from = i,
				.inner = (uint8_t)inner_spaces(use->text),
				.trailing = use->text[strlen(use->text) - 1] == ' ' };
		}
		e->literals[e->literal_count - 1].uses_count++;
		e->all[use->element].literals[use->phrase] = e->literal_count - 1;
	}
	literals_ready(e->automaton);
	e->present = mem_array(e->count + 1, sizeof *e->present);
}

size_t elements_bytes(const struct elements *e)
{
	size_t bytes = literals_bytes(e->automaton) + sizeof *e + e->count * sizeof *e->all
		+ e->literal_count * sizeof *e->literals + e->use_count * sizeof *e->uses
		+ e->row_count * sizeof *e->rows;
	for (uint32_t i = 0; i < e->literal_count; i++)
		bytes += strlen(e->uses[e->literals[i].uses_from].text) + 1;
	return bytes;
}

static void on_literal(void *arg, uint32_t value, const struct literals_at *at)
{
	struct elements *e = arg;
	struct literal *literal = &e->literals[value];

	if (literal->pass != e->pass) {
		literal->pass = e->pass;
		literal->first = literal->last = 0;
		for (uint32_t i = 0; i < literal->uses_count; i++) {
			struct element *element = &e->all[e->uses[literal->uses_from + i].element];
			if (element->present != e->pass) {
				element->present = e->pass;
				e->present[e->present_count++]
					= e->uses[literal->uses_from + i].element;
			}
		}
	}
	if (e->place_count == SPOTS_MAX) {
		e->full = true;
		return;
	}
	e->places[e->place_count++] = (struct place) { .word = at->words - literal->trailing,
		.stop = at->stop,
		.sentence = at->sentence };
	if (literal->first)
		e->places[literal->last - 1].next = e->place_count;
	else
		literal->first = e->place_count;
	literal->last = e->place_count;
}

static void add_spot(struct elements *e, struct element *element, const struct spot *spot)
{
	struct spot *spots = e->spots + element->spot_from;
	uint32_t at = element->spot_count++;

	e->spot_count++;
	while (at && spots[at - 1].end > spot->end) {
		spots[at] = spots[at - 1];
		at--;
	}
	spots[at] = *spot;
}

/* Where the element stands, sorted by its last word; false: too many to say. */
static bool gather(struct elements *e, struct element *element)
{
	if (element->gathered == e->pass)
		return element->spot_count > 0;
	element->gathered = e->pass;
	element->spot_from = e->spot_count;
	element->spot_count = 0;
	for (size_t p = 0; p < element->phrases.count; p++) {
		const struct literal *literal = &e->literals[element->literals[p]];
		const struct phrase *phrase = &element->phrases.all[p];
		if (literal->pass != e->pass)
			continue;
		for (uint32_t i = literal->first; i; i = e->places[i - 1].next) {
			const struct place *place = &e->places[i - 1];
			if (e->spot_count == SPOTS_MAX) {
				element->spot_count = 0;
				return false;
			}
			add_spot(e, element,
				&(struct spot) { .start = place->word - literal->inner
						- phrase->before,
					.end = place->word + phrase->after,
					.stop = place->stop,
					.sentence = place->sentence });
		}
	}
	return true;
}

enum { PATHS_MAX = 1024 }; /* ends of a row's first steps that are followed */

/* Whether one of the ends, sorted, lies near enough before the spot. `at` moves along. */
static bool reached(const int32_t *ends, size_t count, size_t *at, const struct spot *spot,
	unsigned gap)
{
	while (*at < count && ends[*at] < spot->start)
		(*at)++;
	while (*at && ends[*at - 1] >= spot->start)
		(*at)--;
	return *at && ends[*at - 1] > spot->stop
		&& spot->start - ends[*at - 1] - 1 <= (int32_t)gap;
}

/* Whether the row's elements stand in order and near enough; then where the sentence begins. */
static bool in_order(struct elements *e, const struct row *row, uint32_t *sentence_r)
{
	int32_t ends[PATHS_MAX];
	size_t count = 0;

	for (unsigned s = 0; s < row->count; s++) {
		struct element *element = &e->all[row->steps[s].element];
		int32_t next[PATHS_MAX];
		size_t next_count = 0, at = 0;
		if (!gather(e, element))
			goto unsure;
		for (uint32_t i = 0; i < element->spot_count; i++) {
			const struct spot *spot = &e->spots[element->spot_from + i];
			if (s && !reached(ends, count, &at, spot, row->steps[s].gap))
				continue;
			if (next_count == PATHS_MAX)
				goto unsure;
			if (!next_count)
				*sentence_r = spot->sentence;
			next[next_count++] = spot->end;
		}
		if (!next_count)
			return false;
		memcpy(ends, next, next_count * sizeof *ends);
		count = next_count;
	}
	return true;
unsure:
	*sentence_r = 0;
	return true;
}

static void try_row(struct elements *e, const struct owned_row *owned, uint32_t *from)
{
	uint32_t sentence = 0;

	if (!from[owned->owner])
		return;
	for (unsigned i = 0; i < owned->row.count; i++)
		if (e->all[owned->row.steps[i].element].present != e->pass)
			return;
	if ((e->full || in_order(e, &owned->row, &sentence)) && sentence < from[owned->owner])
		from[owned->owner] = sentence;
}

void elements_find(struct elements *e, const char *text, size_t length, uint32_t *from)
{
	e->pass++;
	if (!e->pass) { /* once in 2^32: nothing may look like this pass */
		for (uint32_t i = 0; i < e->count; i++)
			e->all[i].present = e->all[i].gathered = 0;
		for (uint32_t i = 0; i < e->literal_count; i++)
			e->literals[i].pass = 0;
		e->pass = 1;
	}
	e->place_count = e->spot_count = e->present_count = 0;
	e->full = false;
	literals_find(e->automaton, text, length, on_literal, e);
	for (uint32_t i = 0; e->all_found && i < e->row_count; i++)
		from[e->rows[i].owner] = 0;
	for (uint32_t i = 0; i < e->present_count; i++) {
		const struct element *element = &e->all[e->present[i]];
		for (size_t r = 0; r < element->row_count; r++)
			try_row(e, &e->rows[element->rows[r]], from);
	}
}

void elements_find_all(struct elements *elements, bool all)
{
	elements->all_found = all;
}

bool elements_all(const struct elements *elements)
{
	return elements->all_found;
}

bool elements_found(const struct elements *elements, int element)
{
	return element == ELEMENT_NONE || elements->all_found || elements->all[element].present == elements->pass;
}

void elements_tell(struct elements *elements, int element, int language)
{
	if (element != ELEMENT_NONE)
		elements->all[element].tells |= (uint8_t)(1u << language);
}

void elements_told(const struct elements *e, int counts_r[ELEMENT_LANGUAGES_MAX])
{
	memset(counts_r, 0, ELEMENT_LANGUAGES_MAX * sizeof *counts_r);
	for (uint32_t i = 0; i < e->present_count; i++) {
		uint8_t tells = e->all[e->present[i]].tells;
		for (int language = 0; tells; language++, tells >>= 1)
			counts_r[language] += tells & 1;
	}
}
