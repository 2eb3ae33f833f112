/* Aho-Corasick: which of many literals stand in a text, in one pass. */
#ifndef TRIAGE_LITERALS_H
#define TRIAGE_LITERALS_H

#include <stddef.h>
#include <stdint.h>

struct literals;

struct literals *literals_create(void);
void literals_destroy(struct literals **literals);
/* Before literals_ready. Empty ones are left out. */
void literals_add(struct literals *literals, const char *text, uint32_t value);
void literals_ready(struct literals *literals);
size_t literals_bytes(const struct literals *literals);

struct literals_at { /* of the last byte of a literal, in folded text */
	int32_t words; /* spaces up to it */
	int32_t stop; /* the word that is the last "." before it; 0: none */
};

typedef void literals_found(void *arg, uint32_t value, const struct literals_at *at);

/* Calls found for each place of each literal. */
void literals_find(const struct literals *literals, const char *text, size_t length,
	literals_found *found, void *arg);

#endif
