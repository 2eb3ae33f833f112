#include "triage/elements_private.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

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
	free(e->having);
	free(e->present);
	free(e->met);
	free(e->triggered);
	free(e->triggers_from);
	free(e->triggers);
	free(e->tried);
	free(e->always);
	free(e->starts);
	free(e->named);
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

void elements_add_row(struct elements *elements, const struct row *row, uint32_t owner)
{
	struct element *trigger = NULL;
	uint32_t also = 0;

	if (owner >= elements->owner_count)
		elements->owner_count = owner + 1;
	for (unsigned i = 0; i < row->count; i++) {
		struct element *element = &elements->all[row->steps[i].element];
		if (!trigger || rarity(element) > rarity(trigger))
			trigger = element;
	}
	if (!trigger) {
		elements->always = mem_grow(
			elements->always, elements->always_count + 1, sizeof *elements->always);
		elements->always[elements->always_count++] = owner;
		return;
	}
	for (unsigned i = 0; i < row->count; i++) {
		const struct element *element = &elements->all[row->steps[i].element];
		if (!i || also == (uint32_t)(trigger - elements->all)
			|| (element != trigger && rarity(element) > rarity(&elements->all[also])))
			also = (uint32_t)row->steps[i].element;
	}
	trigger->rows = mem_grow(trigger->rows, trigger->row_count + 1, sizeof *trigger->rows);
	trigger->rows[trigger->row_count++] = (struct trigger) { elements->row_count, also };
	elements->rows = mem_grow(elements->rows, elements->row_count + 1, sizeof *elements->rows);
	elements->rows[elements->row_count++] = (struct owned_row) { *row, owner };
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

/* The elements of one literal, from a use on, that have rows, or have none. Gives how many. */
static uint32_t add_having(struct elements *e, uint32_t use, uint32_t to, bool rows)
{
	const char *text = e->uses[use].text;
	uint32_t count = 0;

	for (; use < e->use_count && !strcmp(e->uses[use].text, text); use++)
		if ((e->all[e->uses[use].element].row_count > 0) == rows)
			e->having[to + count++] = e->uses[use].element;
	return count;
}

/* From each literal to the elements that have it. */
static void collect_having(struct elements *e)
{
	e->having = mem_array(e->use_count + 1, sizeof *e->having);
	for (uint32_t i = 0, use = 0; i < e->literal_count; i++) {
		struct literal *literal = &e->literals[i];
		literal->elements_from = use;
		literal->triggers = add_having(e, use, use, true);
		literal->elements_count
			= literal->triggers + add_having(e, use, use + literal->triggers, false);
		for (uint32_t k = 0; k < literal->elements_count; k++)
			literal->tells |= e->all[e->having[use + k]].tells;
		use += literal->elements_count;
	}
}

/* All in a row: they are asked for each text. */
static void collect_triggers(struct elements *e)
{
	uint32_t count = 0;

	e->triggers_from = mem_array(e->count + 1, sizeof *e->triggers_from);
	e->triggers = mem_array(e->row_count + 1, sizeof *e->triggers);
	e->tried = mem_array(e->row_count + 1, sizeof *e->tried);
	for (uint32_t i = 0; i < e->count; i++) {
		e->triggers_from[i] = count;
		for (size_t r = 0; r < e->all[i].row_count; r++)
			e->triggers[count++] = e->all[i].rows[r];
	}
	e->triggers_from[e->count] = count;
}

void elements_ready(struct elements *e)
{
	collect_uses(e);
	e->literals = mem_array(e->use_count + 1, sizeof *e->literals);
	for (uint32_t i = 0; i < e->use_count; i++) {
		const struct use *use = &e->uses[i];
		if (!i || strcmp(e->uses[i - 1].text, use->text) != 0) {
			literals_add(e->automaton, use->text, e->literal_count);
			e->literals[e->literal_count++] = (struct literal) {
				.inner = (uint8_t)inner_spaces(use->text),
				.trailing = use->text[strlen(use->text) - 1] == ' ' };
		}
		e->all[use->element].literals[use->phrase] = e->literal_count - 1;
	}
	collect_having(e);
	collect_triggers(e);
	free(e->uses);
	e->uses = NULL;
	literals_ready(e->automaton);
	e->present = mem_array(e->count + 1, sizeof *e->present);
	e->met = mem_array(e->literal_count + 1, sizeof *e->met);
	e->triggered = mem_array(e->count + 1, sizeof *e->triggered);
	e->starts = mem_array(e->owner_count + 1, sizeof *e->starts);
	e->named = mem_array(e->owner_count + 1, sizeof *e->named);
}

size_t elements_bytes(const struct elements *e)
{
	size_t bytes = literals_bytes(e->automaton) + sizeof *e + e->count * sizeof *e->all
		+ e->literal_count * sizeof *e->literals + e->row_count * sizeof *e->rows;

	for (uint32_t i = 0; i < e->count; i++)
		bytes += e->all[i].phrases.count * (sizeof(struct phrase) + sizeof(uint32_t))
			+ e->all[i].row_count * sizeof(struct trigger);
	return bytes;
}

void elements_tell(struct elements *elements, int element, int language)
{
	if (element != ELEMENT_NONE)
		elements->all[element].tells |= (uint8_t)(1u << language);
}
