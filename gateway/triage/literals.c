#include "triage/literals.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A state's children lie in a row. Those near the root come first and have a full table, next[state *
 * classes + class]; the many deeper ones know their children and where to go on when none fits, and lie
 * behind what leads to them, so that a word is read from few lines of memory. Bytes that no literal holds
 * share class 0. */
enum { FULL_DEPTH = 3 };

struct ending { /* of a literal */
	uint32_t value;
	uint32_t next; /* index + 1 of another one there, never a longer one; 0: none */
	uint32_t length;
};

struct state { /* all that a step asks lies together */
	uint32_t children; /* the first */
	uint32_t failure;
	uint32_t ending; /* index + 1; 0: none */
	uint16_t depth;
	uint8_t count; /* of children */
	uint8_t first; /* the first child's class: most have no other */
};

struct literals {
	uint8_t class_of[256];
	unsigned classes;
	uint32_t *next;
	size_t full; /* states that have a table */
	struct state *states;
	uint8_t *class; /* by which a state is reached */
	size_t count;
	struct ending *endings;
	size_t ending_count;
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
	free(l->endings);
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

static void add_endings(struct literals *l, uint32_t state, struct range *range, size_t depth)
{
	while (range->from < range->to && !l->entries[range->from].text[depth]) {
		l->endings = mem_grow(l->endings, l->ending_count + 1, sizeof *l->endings);
		l->endings[l->ending_count++]
			= (struct ending) { .value = l->entries[range->from].value,
				  .next = l->states[state].ending,
				  .length = (uint32_t)depth };
		l->states[state].ending = (uint32_t)l->ending_count;
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
			l->states[level].depth = (uint16_t)(depth < UINT16_MAX ? depth : UINT16_MAX);
			add_endings(l, (uint32_t)level, range, depth);
			l->states[level].children = (uint32_t)l->count;
			while (range->from < range->to) {
				char byte = l->entries[range->from].text[depth];
				size_t end = range->from;
				while (end < range->to && l->entries[end].text[depth] == byte)
					end++;
				uint32_t child = add_state(l, l->class_of[(unsigned char)byte]);
				ranges[child] = (struct range) { range->from, end };
				range->from = end;
				if (!l->states[level].count++)
					l->states[level].first = l->class[child];
			}
		}
	}
	free(ranges);
}

static inline uint32_t go(const struct literals *l, uint32_t state, uint8_t class)
{
	while (state >= l->full) {
		const struct state *s = &l->states[state];
		if (s->first == class && s->count)
			return s->children;
		for (uint32_t i = 1; i < s->count; i++)
			if (l->class[s->children + i] == class)
				return s->children + i;
		state = s->failure;
	}
	return l->next[state * (size_t)l->classes + class];
}

static void link_child(struct literals *l, uint32_t child, uint32_t failure)
{
	struct state *s = &l->states[child];

	uint32_t *last = &s->ending;

	s->failure = failure;
	while (*last)
		last = &l->endings[*last - 1].next;
	*last = l->states[failure].ending;
}

/* Numbers what comes after a state. */
static uint32_t number(const struct literals *l, uint32_t state, uint32_t next, uint32_t *to)
{
	uint32_t children = l->states[state].children, count = l->states[state].count;

	for (uint32_t i = 0; i < count; i++)
		to[children + i] = next + i;
	next += count;
	for (uint32_t i = 0; i < count; i++)
		next = number(l, children + i, next, to);
	return next;
}

/* From breadth first to depth first, but for those with a table; gives the new number of each. */
static uint32_t *number_states(struct literals *l)
{
	uint32_t *to = mem_array(l->count, sizeof *to), next = (uint32_t)l->full;
	struct state *states = mem_array(l->count, sizeof *states);
	uint8_t *class = mem_array(l->count, 1);

	for (uint32_t i = 0; i < l->full; i++) {
		to[i] = i;
		if (l->states[i].children >= l->full)
			next = number(l, i, next, to);
	}
	for (uint32_t i = 0; i < l->count; i++) {
		states[to[i]] = l->states[i];
		class[to[i]] = l->class[i];
		if (states[to[i]].count)
			states[to[i]].children = to[l->states[i].children];
	}
	free(l->states);
	free(l->class);
	l->states = states;
	l->class = class;
	return to;
}

/* Breadth first: what a state falls back to is done before it. */
static void link_states(struct literals *l, const uint32_t *numbers)
{
	l->next = mem_array(l->full * l->classes, sizeof *l->next);
	for (size_t i = 0; i < l->count; i++) {
		uint32_t state = numbers[i];
		struct state *s = &l->states[state];
		for (unsigned c = 0; state < l->full && c < l->classes; c++)
			l->next[state * (size_t)l->classes + c]
				= state ? go(l, s->failure, (uint8_t)c) : 0;
		for (uint32_t child = s->children; child < s->children + s->count; child++) {
			link_child(l, child, state ? go(l, s->failure, l->class[child]) : 0);
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
	uint32_t *numbers = number_states(l);
	link_states(l, numbers);
	free(numbers);
	for (size_t i = 0; i < l->entry_count; i++)
		free(l->entries[i].text);
	free(l->entries);
	l->entries = NULL;
	l->entry_count = 0;
}

size_t literals_bytes(const struct literals *l)
{
	return l->full * l->classes * sizeof *l->next + l->count * (sizeof *l->states + 1)
		+ l->ending_count * sizeof *l->endings;
}

/* A step waits for the memory of the one before, so several pieces of the text are read side by side. A
 * piece is read on for as long as there may be a literal that begins in it. */
enum { STREAMS = 4, PIECE_LEAST = 24, PIECE_MOST = 240 };

struct met {
	uint32_t ending;
	struct literals_at at; /* counted from the piece's beginning; stop below 0: none in it */
	uint32_t least; /* what is not longer belongs to the piece after it */
};

struct piece {
	const char *at, *to;
	uint32_t state;
	struct literals_at where;
	size_t count;
	struct met met[PIECE_MOST];
};

static inline void step(const struct literals *l, struct piece *piece)
{
	char byte = *piece->at++;

	piece->where.words += byte == ' ';
	piece->where.stop = byte == '.' ? piece->where.words : piece->where.stop;
	piece->state = go(l, piece->state, l->class_of[(unsigned char)byte]);
}

static void tell(const struct literals *l, const struct met *met, const struct literals_at *before,
	literals_found *found, void *arg)
{
	struct literals_at at = { .words = before->words + met->at.words,
		.stop = met->at.stop >= 0 ? before->words + met->at.stop : before->stop };

	for (uint32_t i = met->ending; i; i = l->endings[i - 1].next)
		if (l->endings[i - 1].length > met->least)
			found(arg, l->endings[i - 1].value, &at);
}

/* Side by side; each is of that size, but for the last one. */
static void read_pieces(const struct literals *l, struct piece *pieces, size_t count, size_t size)
{
	while (size--)
		for (size_t i = 0; i < count; i++) {
			struct piece *piece = &pieces[i];
			if (piece->at == piece->to)
				continue;
			step(l, piece);
			piece->met[piece->count]
				= (struct met) { l->states[piece->state].ending, piece->where, 0 };
			piece->count += l->states[piece->state].ending != 0;
		}
}

/* What was met in a piece, and in what comes after it; `before` is moved to its end. */
static void finish_piece(const struct literals *l, struct piece *piece, const char *end,
	struct literals_at *before, literals_found *found, void *arg)
{
	struct literals_at there = piece->where;

	for (size_t i = 0; i < piece->count; i++)
		tell(l, &piece->met[i], before, found, arg);
	while (piece->at < end
		&& l->states[piece->state].depth > (size_t)(piece->at - piece->to)) {
		step(l, piece);
		tell(l,
			&(struct met) { l->states[piece->state].ending, piece->where,
				(uint32_t)(piece->at - piece->to) },
			before, found, arg);
	}
	if (there.stop >= 0)
		before->stop = before->words + there.stop;
	before->words += there.words;
}

void literals_find(const struct literals *l, const char *text, size_t length,
	literals_found *found, void *arg)
{
	struct piece pieces[STREAMS];
	struct literals_at before = { 0 };
	const char *end = text + length;
	size_t size = length / STREAMS + 1;

	size = size < PIECE_LEAST ? PIECE_LEAST : size > PIECE_MOST ? PIECE_MOST : size;
	while (text < end) {
		size_t count = 0;
		for (; count < STREAMS && text < end; count++, text = pieces[count - 1].to) {
			struct piece *piece = &pieces[count];
			piece->at = text;
			piece->to = (size_t)(end - text) < size ? end : text + size;
			piece->state = 0;
			piece->where = (struct literals_at) { .stop = -1 };
			piece->count = 0;
		}
		read_pieces(l, pieces, count, size);
		for (size_t i = 0; i < count; i++)
			finish_piece(l, &pieces[i], end, &before, found, arg);
	}
}
