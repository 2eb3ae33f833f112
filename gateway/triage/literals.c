#include "triage/literals.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* States are numbered breadth first, so a state's children lie in a row, and those near the root
 * come first. The latter have a full table, next[state * classes + class]; the many deeper ones know
 * their children and where to go on when none fits. Bytes that no literal holds share class 0. */
enum { FULL_DEPTH = 3 };

struct hit {
	uint32_t value;
	uint32_t next; /* index + 1 of another hit of the same state; 0: none */
};

struct state {
	uint32_t children; /* the first; up to those of the state after it */
	uint32_t failure;
	uint32_t hit; /* index + 1 */
	uint32_t suffix; /* the nearest shorter state with hits, or 0 */
};

struct literals {
	uint8_t class_of[256];
	unsigned classes;
	uint32_t *next;
	size_t full; /* states that have a table */
	struct state *states;
	uint8_t *class; /* by which a state is reached */
	size_t count;
	struct hit *hits;
	size_t hit_count;
	struct entry {
		char *text;
		uint32_t value;
	} *entries;
	size_t entry_count;
};

struct literals *literals_create(void)
{
	struct literals *literals = mem_alloc(sizeof *literals);
	literals->classes = 1;
	return literals;
}

void literals_destroy(struct literals **literals)
{
	struct literals *l = *literals;

	if (!l)
		return;
	for (size_t i = 0; i < l->entry_count; i++)
		free(l->entries[i].text);
	free(l->entries);
	free(l->next);
	free(l->states);
	free(l->class);
	free(l->hits);
	free(l);
	*literals = NULL;
}

void literals_add(struct literals *literals, const char *text, uint32_t value)
{
	if (!*text)
		return;
	literals->entries = mem_grow(
		literals->entries, literals->entry_count + 1, sizeof *literals->entries);
	literals->entries[literals->entry_count++] = (struct entry) { mem_dup(text), value };
	for (; *text; text++) {
		uint8_t *class = &literals->class_of[(unsigned char)*text];
		if (!*class && literals->classes < 255)
			*class = (uint8_t)literals->classes++;
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->text, ((const struct entry *)b)->text);
}

struct range { /* entries that begin alike: a state under way */
	size_t from, to;
};

static uint32_t add_state(struct literals *l, uint8_t class)
{
	if (!(l->count & (l->count - 1))) {
		l->states = mem_grow(l->states, 2 * l->count + 2, sizeof *l->states);
		l->class = mem_grow(l->class, 2 * l->count + 2, 1);
	}
	l->states[l->count] = (struct state) { 0 };
	l->class[l->count] = class;
	return (uint32_t)l->count++;
}

static void add_hits(struct literals *l, uint32_t state, struct range *range, size_t depth)
{
	while (range->from < range->to && !l->entries[range->from].text[depth]) {
		l->hits = mem_grow(l->hits, l->hit_count + 1, sizeof *l->hits);
		l->hits[l->hit_count++]
			= (struct hit) { l->entries[range->from].value, l->states[state].hit };
		l->states[state].hit = (uint32_t)l->hit_count;
		range->from++;
	}
}

/* The entries are sorted: those of a state lie in a row, and so do those of each child. */
static void build_states(struct literals *l)
{
	size_t longest = 0;
	struct range *ranges;

	for (size_t i = 0; i < l->entry_count; i++)
		longest += strlen(l->entries[i].text); /* states at most */
	ranges = mem_array(longest + 1, sizeof *ranges);
	ranges[0] = (struct range) { 0, l->entry_count };
	add_state(l, 0);
	for (size_t level = 0, depth = 0; level < l->count; depth++) {
		size_t after = l->count;
		if (depth <= FULL_DEPTH)
			l->full = after;
		for (; level < after; level++) {
			struct range *range = &ranges[level];
			add_hits(l, (uint32_t)level, range, depth);
			l->states[level].children = (uint32_t)l->count;
			while (range->from < range->to) {
				char byte = l->entries[range->from].text[depth];
				size_t end = range->from;
				while (end < range->to && l->entries[end].text[depth] == byte)
					end++;
				uint32_t child = add_state(l, l->class_of[(unsigned char)byte]);
				ranges[child] = (struct range) { range->from, end };
				range->from = end;
			}
		}
	}
	add_state(l, 0); /* where the children of the last end */
	l->count--;
	l->states[l->count].children = (uint32_t)l->count;
	free(ranges);
}

static uint32_t child_of(const struct literals *l, uint32_t state, uint8_t class)
{
	uint32_t end = l->states[state + 1].children;
	for (uint32_t child = l->states[state].children; child < end; child++)
		if (l->class[child] == class)
			return child;
	return 0;
}

static uint32_t go(const struct literals *l, uint32_t state, uint8_t class)
{
	while (state >= l->full) {
		uint32_t child = child_of(l, state, class);
		if (child)
			return child;
		state = l->states[state].failure;
	}
	return l->next[state * (size_t)l->classes + class];
}

/* Breadth first: what a state falls back to is done before it. */
static void link_states(struct literals *l)
{
	l->next = mem_array(l->full * l->classes, sizeof *l->next);
	for (uint32_t state = 0; state < l->count; state++) {
		struct state *s = &l->states[state];
		for (unsigned c = 0; state < l->full && c < l->classes; c++)
			l->next[state * (size_t)l->classes + c]
				= state ? go(l, s->failure, (uint8_t)c) : 0;
		for (uint32_t child = s->children; child < l->states[state + 1].children; child++) {
			uint32_t failure = state ? go(l, s->failure, l->class[child]) : 0;
			l->states[child].failure = failure;
			l->states[child].suffix
				= l->states[failure].hit ? failure : l->states[failure].suffix;
			if (state < l->full)
				l->next[state * (size_t)l->classes + l->class[child]] = child;
		}
	}
}

void literals_ready(struct literals *l)
{
	if (l->entry_count)
		qsort(l->entries, l->entry_count, sizeof *l->entries, by_text);
	build_states(l);
	link_states(l);
	for (size_t i = 0; i < l->entry_count; i++)
		free(l->entries[i].text);
	free(l->entries);
	l->entries = NULL;
	l->entry_count = 0;
}

size_t literals_bytes(const struct literals *l)
{
	return l->full * l->classes * sizeof *l->next + l->count * (sizeof *l->states + 1)
		+ l->hit_count * sizeof *l->hits;
}

void literals_find(const struct literals *l, const char *text, size_t length,
	literals_found *found, void *arg)
{
	struct literals_at where = { 0 };
	uint32_t state = 0;

	for (size_t i = 0; i < length; i++) {
		where.words += text[i] == ' ';
		if (text[i] == '.')
			where.stop = where.words;
		state = go(l, state, l->class_of[(unsigned char)text[i]]);
		uint32_t at = l->states[state].hit ? state : l->states[state].suffix;
		for (; at; at = l->states[at].suffix)
			for (uint32_t h = l->states[at].hit; h; h = l->hits[h - 1].next)
				found(arg, l->hits[h - 1].value, &where);
	}
}
