/* Words of a rule: "loop weg* | @list | # jaar", as PCRE2 over folded text, and as the literals that
 * the prefilter looks for. */
#ifndef TRIAGE_WORDS_H
#define TRIAGE_WORDS_H

#include "config/config.h"
#include "triage/elements.h"

#include <stdbool.h>
#include <stddef.h>

struct triage;
struct line_text;

struct pattern {
	char *regex; /* grows */
	size_t length;
};

void pattern_add(struct pattern *pattern, const char *text);
void pattern_finish(struct pattern *pattern);

struct compile { /* of one line */
	struct triage *set;
	const char *file;
	int line;
	struct config_errors *errors;
	struct pattern *out;
};

bool words_wrong(const struct compile *compile, const char *what, const char *about);
/* "(?:…)(?= )": any of the alternatives. */
bool words_element(const struct compile *compile, const char *text, size_t length, bool optional,
	struct phrases *phrases_r);

#endif
