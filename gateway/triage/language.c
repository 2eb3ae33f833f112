/* Which languages a text can be in, by words that only one of them has. People mix languages and
 * the hint can be wrong: a language is left out only when nothing speaks for it and enough for
 * another. */
#include "triage/private.h"

#include <string.h>

enum { FOREIGN_TELLS = 2, /* different tells of another language */
	FOREIGN_TELLS_HINTED = 4 }; /* when the visitor chose this language */

int language_find(const struct triage *set, const char *code)
{
	for (int i = 0; i < set->language_count; i++)
		if (!strcmp(set->languages[i].code, code))
			return i;
	return -1;
}

unsigned language_of(const struct triage *set, const char *hint)
{
	const int *counts = elements_told(set->elements);
	int most = 0, hinted = language_find(set, hint);
	unsigned can_be = 0;

	for (int i = 0; i < set->language_count; i++)
		if (counts[i] > most)
			most = counts[i];
	for (int i = 0; i < set->language_count; i++)
		if (counts[i] || most < (i == hinted ? FOREIGN_TELLS_HINTED : FOREIGN_TELLS))
			can_be |= 1u << i;
	return can_be;
}
