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

/* on[value] = 1 for each value one of whose literals is in the text. */
void literals_find(
	const struct literals *literals, const char *text, size_t length, uint8_t *on);

#endif
