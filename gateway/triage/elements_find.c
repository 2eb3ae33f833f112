#include "triage/elements_private.h"

#include <string.h>

static bool is_present(const struct elements *e, uint32_t element)
{
	return e->present[element] == e->mark;
}

static void meet(struct elements *e, uint32_t number)
{
	struct literal *literal = &e->literals[number];
	const uint32_t *having = e->having + literal->elements_from;
	uint8_t *present = e->present, mark = e->mark;

	e->met[number] = mark;
	literal->first = literal->last = 0;
	for (int language = 0, tells = literal->tells; tells; language++, tells >>= 1)
		e->told[language] += tells & 1;
	for (uint32_t i = 0; i < literal->triggers; i++)
		if (!is_present(e, having[i])) {
			__builtin_prefetch(&e->triggers_from[having[i]]);
			e->triggered[e->triggered_count++] = having[i];
		}
	for (uint32_t i = 0, count = literal->elements_count; i < count; i++)
		present[having[i]] = mark;
}

/* What is known of it is fetched meanwhile. */
static void on_literal(void *arg, uint32_t value, const struct literals_at *at)
{
	struct elements *e = arg;

	__builtin_prefetch(&e->literals[value]);
	if (e->place_count < PLACES_MAX) {
		e->places[e->place_count++] = (struct place) { at->words, at->stop, value, 0 };
		return;
	}
	e->full = true;
	if (e->met[value] != e->mark)
		meet(e, value);
}

/* From each literal to its places. */
static void meet_all(struct elements *e)
{
	enum { AHEAD = 6 };

	for (uint32_t i = 0; i < e->place_count; i++) {
		struct place *place = &e->places[i];
		struct literal *literal = &e->literals[place->literal];
		if (i + AHEAD < e->place_count)
			__builtin_prefetch(
				&e->having[e->literals[place[AHEAD].literal].elements_from]);
		if (e->met[place->literal] != e->mark)
			meet(e, place->literal);
		place->word -= literal->trailing;
		if (literal->first)
			e->places[literal->last - 1].next = i + 1;
		else
			literal->first = i + 1;
		literal->last = i + 1;
	}
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

static bool add_spots(struct elements *e, struct element *element, size_t number)
{
	const struct literal *literal = &e->literals[element->literals[number]];
	const struct phrase *phrase = &element->phrases.all[number];

	for (uint32_t i = literal->first; i; i = e->places[i - 1].next) {
		const struct place *place = &e->places[i - 1];
		if (e->spot_count == SPOTS_MAX)
			return false;
		add_spot(e, element,
			&(struct spot) { .start = place->word - literal->inner - phrase->before,
				.end = place->word + phrase->after,
				.stop = place->stop });
	}
	return true;
}

/* Where the element stands, sorted by its last word; false: too many to say. */
static bool gather(struct elements *e, struct element *element)
{
	const uint32_t *literals = element->literals;
	const uint8_t *met = e->met;
	uint8_t mark = e->mark;

	if (element->gathered == e->pass)
		return element->spot_count > 0;
	element->gathered = e->pass;
	element->spot_from = e->spot_count;
	element->spot_count = 0;
	for (size_t p = 0, count = element->phrases.count; p < count; p++)
		if (met[literals[p]] == mark && !add_spots(e, element, p)) {
			element->spot_count = 0;
			return false;
		}
	return true;
}

enum { PATHS_MAX = 1024 }; /* places of one element that are followed */

struct path { /* from which a row's later elements are reached; sorted by start */
	struct {
		int32_t start, stop;
	} all[PATHS_MAX];
	size_t count;
};

static bool add_path(struct path *path, const struct spot *spot)
{
	size_t at = path->count;

	if (path->count == PATHS_MAX)
		return false;
	path->count++;
	while (at && path->all[at - 1].start > spot->start) {
		path->all[at] = path->all[at - 1];
		at--;
	}
	path->all[at].start = spot->start;
	path->all[at].stop = spot->stop;
	return true;
}

/* Whether one of the path stands near enough behind the spot. `at` moves along. */
static bool leads_on(const struct path *path, size_t *at, const struct spot *spot, unsigned gap)
{
	while (*at < path->count && path->all[*at].start <= spot->end)
		(*at)++;
	while (*at && path->all[*at - 1].start > spot->end)
		(*at)--;
	return *at < path->count && path->all[*at].stop < spot->end
		&& path->all[*at].start - spot->end - 1 <= (int32_t)gap;
}

/* Where the row's first element stands with all others behind it in order and near enough; false:
 * too many places to say. */
static bool in_order(struct elements *e, const struct row *row, struct path *path)
{
	path->count = 0;
	for (unsigned s = row->count; s-- > 0;) {
		struct element *element = &e->all[row->steps[s].element];
		struct path before;
		size_t at = 0;
		bool last = s + 1 == row->count;
		if (!gather(e, element))
			return false;
		before.count = 0;
		for (uint32_t i = 0; i < element->spot_count; i++) {
			const struct spot *spot = &e->spots[element->spot_from + i];
			if (!last && !leads_on(path, &at, spot, row->steps[s + 1].gap))
				continue;
			if (!add_path(&before, spot))
				return false;
		}
		memcpy(path->all, before.all, before.count * sizeof *path->all);
		path->count = before.count;
		if (!path->count)
			return true;
	}
	return true;
}

static void know_words(struct elements *e)
{
	if (e->words)
		return;
	for (size_t i = 0; i + 1 < e->length && e->words < FOLD_MAX / 2; i++)
		if (e->text[i] == ' ')
			e->word_at[++e->words] = (uint16_t)i;
}

static void name_anywhere(struct elements *e, uint32_t owner)
{
	if (!e->starts[owner])
		e->named[e->named_count++] = owner;
	e->starts[owner] = ANYWHERE;
}

static void add_start(struct elements *e, uint32_t owner, uint32_t at)
{
	uint32_t *link = &e->starts[owner];

	if (*link == ANYWHERE)
		return;
	while (*link && e->start[*link - 1].at < at)
		link = &e->start[*link - 1].next;
	if (*link && e->start[*link - 1].at == at)
		return;
	if (e->start_count == STARTS_MAX) {
		name_anywhere(e, owner);
		return;
	}
	if (!e->starts[owner])
		e->named[e->named_count++] = owner;
	e->start[e->start_count++] = (struct start) { at, *link };
	*link = e->start_count;
}

static void try_row(struct elements *e, const struct owned_row *owned)
{
	const struct row *row = &owned->row;
	struct path path;

	if (e->starts[owned->owner] == ANYWHERE)
		return;
	for (unsigned i = 0; i < row->count; i++)
		if (!is_present(e, (uint32_t)row->steps[i].element))
			return;
	if (e->full || !in_order(e, row, &path)) {
		name_anywhere(e, owned->owner);
		return;
	}
	if (path.count)
		know_words(e);
	for (size_t i = 0; i < path.count; i++) {
		int32_t word = path.all[i].start - (int32_t)row->steps[0].gap;
		if (word <= path.all[i].stop)
			word = path.all[i].stop + 1;
		for (word = word < 1 ? 1 : word; word <= path.all[i].start; word++)
			if ((uint32_t)word <= e->words)
				add_start(e, owned->owner, e->word_at[word]);
	}
}

/* What is asked next is fetched meanwhile. */
static void try_rows(struct elements *e)
{
	enum { AHEAD = 4 };
	uint32_t count = 0;

	for (uint32_t i = 0; i < e->triggered_count; i++) {
		const uint32_t *from = &e->triggers_from[e->triggered[i]];
		if (i + AHEAD < e->triggered_count)
			__builtin_prefetch(
				&e->triggers[e->triggers_from[e->triggered[i + AHEAD]]]);
		for (uint32_t t = from[0]; t < from[1]; t++)
			if (is_present(e, e->triggers[t].also)) {
				__builtin_prefetch(&e->rows[e->triggers[t].row]);
				e->tried[count++] = e->triggers[t].row;
			}
	}
	for (uint32_t i = 0; i < count; i++)
		try_row(e, &e->rows[e->tried[i]]);
}

void elements_find(struct elements *e, const char *text, size_t length)
{
	e->pass++;
	if (!e->pass) { /* once in 2^32: nothing may look like this pass */
		for (uint32_t i = 0; i < e->count; i++)
			e->all[i].gathered = 0;
		e->pass = 1;
	}
	if (!++e->mark) {
		memset(e->present, 0, e->count);
		memset(e->met, 0, e->literal_count);
		e->mark = 1;
	}
	e->text = text;
	e->length = length;
	e->place_count = e->spot_count = e->triggered_count = e->start_count = e->words = 0;
	e->full = false;
	memset(e->told, 0, sizeof e->told);
	while (e->named_count)
		e->starts[e->named[--e->named_count]] = 0;
	for (uint32_t i = 0; i < e->always_count; i++)
		name_anywhere(e, e->always[i]);
	literals_find(e->automaton, text, length, on_literal, e);
	meet_all(e);
	for (uint32_t i = 0; e->all_found && i < e->row_count; i++)
		name_anywhere(e, e->rows[i].owner);
	try_rows(e);
}

const uint32_t *elements_all_named(const struct elements *elements, size_t *count_r)
{
	*count_r = elements->named_count;
	return elements->named;
}

bool elements_named(const struct elements *elements, uint32_t owner)
{
	return elements->starts[owner] != 0;
}

uint32_t elements_next(const struct elements *e, uint32_t owner, size_t from)
{
	uint32_t start = e->starts[owner];

	if (start == ANYWHERE) {
		const char *space = from + 1 < e->length
			? memchr(e->text + from, ' ', e->length - from - 1)
			: NULL;
		return space ? (uint32_t)(space - e->text) : UINT32_MAX;
	}
	while (start && e->start[start - 1].at < from)
		start = e->start[start - 1].next;
	return start ? e->start[start - 1].at : UINT32_MAX;
}

void elements_find_all(struct elements *elements, bool all)
{
	elements->all_found = all;
}

bool elements_all(const struct elements *elements)
{
	return elements->all_found;
}

bool elements_found(struct elements *elements, int element)
{
	return element == ELEMENT_NONE || elements->all_found
		|| is_present(elements, (uint32_t)element);
}

const int *elements_told(const struct elements *elements)
{
	return elements->told;
}
