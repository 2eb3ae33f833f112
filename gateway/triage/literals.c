#include "triage/literals.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A full automaton: next[state * classes + class]. Bytes that no literal holds share class 0. */
struct hit {
	uint32_t value;
	uint32_t next; /* index + 1 of another hit of the same state; 0: none */
};

struct literals {
	uint8_t class_of[256];
	unsigned classes;
	uint32_t *next;
	uint32_t *first_hit; /* by state; index + 1 */
	uint32_t *suffix_hit; /* by state: the nearest shorter state with hits; 0: none */
	size_t states, capacity;
	struct hit *hits;
	size_t hit_count;
	char **texts;
	uint32_t *values;
	size_t count;
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
	for (size_t i = 0; i < l->count; i++)
		free(l->texts[i]);
	free(l->texts);
	free(l->values);
	free(l->next);
	free(l->first_hit);
	free(l->suffix_hit);
	free(l->hits);
	free(l);
	*literals = NULL;
}

void literals_add(struct literals *literals, const char *text, uint32_t value)
{
	if (!*text)
		return;
	literals->texts = mem_grow(literals->texts, literals->count + 1, sizeof(char *));
	literals->values = mem_grow(literals->values, literals->count + 1, sizeof(uint32_t));
	literals->texts[literals->count] = mem_dup(text);
	literals->values[literals->count++] = value;
	for (; *text; text++) {
		uint8_t *class = &literals->class_of[(unsigned char)*text];
		if (!*class && literals->classes < 255)
			*class = (uint8_t)literals->classes++;
	}
}

static uint32_t new_state(struct literals *l)
{
	if (l->states == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 1024;
		l->next = mem_grow(l->next, capacity * l->classes, sizeof *l->next);
		l->first_hit = mem_grow(l->first_hit, capacity, sizeof *l->first_hit);
		l->suffix_hit = mem_grow(l->suffix_hit, capacity, sizeof *l->suffix_hit);
		memset(l->next + l->capacity * l->classes, 0,
			(capacity - l->capacity) * l->classes * sizeof *l->next);
		memset(l->first_hit + l->capacity, 0,
			(capacity - l->capacity) * sizeof *l->first_hit);
		memset(l->suffix_hit + l->capacity, 0,
			(capacity - l->capacity) * sizeof *l->suffix_hit);
		l->capacity = capacity;
	}
	return (uint32_t)l->states++;
}

static void insert(struct literals *l, const char *text, uint32_t value)
{
	uint32_t state = 0;

	for (; *text; text++) {
		size_t at = state * (size_t)l->classes + l->class_of[(unsigned char)*text];
		if (!l->next[at]) {
			uint32_t made = new_state(l); /* may move next */
			l->next[at] = made;
		}
		state = l->next[at];
	}
	l->hits = mem_grow(l->hits, l->hit_count + 1, sizeof *l->hits);
	l->hits[l->hit_count++] = (struct hit) { value, l->first_hit[state] };
	l->first_hit[state] = (uint32_t)l->hit_count;
}

/* Breadth first: a state's failure link is known before its children's. */
static void link_states(struct literals *l)
{
	uint32_t *failure = mem_array(l->states, sizeof *failure);
	uint32_t *queue = mem_array(l->states, sizeof *queue);
	size_t head = 0, tail = 0;

	queue[tail++] = 0;
	while (head < tail) {
		uint32_t state = queue[head++];
		for (unsigned c = 0; c < l->classes; c++) {
			size_t at = state * (size_t)l->classes + c;
			uint32_t child = l->next[at];
			uint32_t fallback
				= state ? l->next[failure[state] * (size_t)l->classes + c] : 0;
			if (!child) {
				l->next[at] = fallback;
				continue;
			}
			failure[child] = fallback;
			l->suffix_hit[child]
				= l->first_hit[fallback] ? fallback : l->suffix_hit[fallback];
			queue[tail++] = child;
		}
	}
	free(failure);
	free(queue);
}

void literals_ready(struct literals *literals)
{
	(void)new_state(literals); /* the root */
	for (size_t i = 0; i < literals->count; i++)
		insert(literals, literals->texts[i], literals->values[i]);
	link_states(literals);
}

size_t literals_bytes(const struct literals *literals)
{
	return literals->capacity * (literals->classes + 2) * sizeof(uint32_t)
		+ literals->hit_count * sizeof(struct hit);
}

void literals_find(const struct literals *l, const char *text, size_t length,
	literals_found *found, void *arg)
{
	struct literals_at where = { 0 };
	uint32_t state = 0;

	for (size_t i = 0; i < length; i++) {
		where.words += text[i] == ' ';
		if (text[i] == '.') {
			where.stop = where.words;
			where.sentence = (uint32_t)i + 1;
		}
		state = l->next[state * (size_t)l->classes + l->class_of[(unsigned char)text[i]]];
		uint32_t at = l->first_hit[state] ? state : l->suffix_hit[state];
		for (; at; at = l->suffix_hit[at])
			for (uint32_t h = l->first_hit[at]; h; h = l->hits[h - 1].next)
				found(arg, l->hits[h - 1].value, &where);
	}
}
