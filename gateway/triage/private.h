/* Shared by the files of this room alone. */
#ifndef TRIAGE_PRIVATE_H
#define TRIAGE_PRIVATE_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include "triage/fold.h"
#include "triage/literals.h"
#include "triage/triage.h"

#include <pcre2.h>

enum { RULES_VERSION = 1,
	RULE_GUARDS_MAX = 12,
	CUES_MAX = 8,
	CANDIDATES_MAX = 96, /* rules tried on one message */
	MATCHES_MAX = 8, /* places of one rule looked at */
	MATCH_LIMIT = 30000,
	REGEX_MAX = 60000 };

struct text_list {
	char **texts;
	size_t count;
};

struct line_text { /* with where it stood, for errors */
	char *text;
	int line;
};

struct lines {
	struct line_text *all;
	size_t count;
};

enum scope { SCOPE_BEFORE, SCOPE_AFTER, SCOPE_NEAR, SCOPE_SENTENCE, SCOPE_MESSAGE };

struct cue { /* words looked for around a match */
	enum scope scope;
	int words; /* BEFORE, AFTER, NEAR */
	enum triage_level level; /* of a rule's raise */
	struct line_text source;
	pcre2_code *code;
};

struct guard {
	char *name;
	const char *file;
	int line, lowers;
	struct cue cues[CUES_MAX];
	size_t cue_count;
	struct line_text stop; /* text NULL: none */
	pcre2_code *stop_code;
};

struct rule {
	char *id, *category, *why;
	const char *file;
	int line;
	enum triage_level level;
	bool has_level;
	struct lines matches, regexes, needs, unless, yes, no;
	struct cue raises[CUES_MAX];
	size_t raise_count;
	const struct guard *guards[RULE_GUARDS_MAX];
	size_t guard_count;
	pcre2_code *code;
	struct text_list literals; /* one of them stands in whatever matches; none: always tried */
};

struct word_list {
	char *name;
	const char *file;
	struct line_text source;
	struct text_list alternatives;
	bool expanding;
};

struct triage {
	struct text_list files; /* names, in order */
	struct word_list *lists;
	size_t list_count;
	struct guard *guards;
	size_t guard_count;
	struct rule *rules;
	size_t rule_count;
	struct fold_words words;
	struct literals *literals;
	char hash[TRIAGE_HASH_SIZE];
	/* scratch */
	struct fold *folded;
	uint8_t *candidate; /* by rule */
	pcre2_match_data *match;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	char *buffer; /* tail and text */
	size_t buffer_size;
};

/* list of owned texts */
void texts_add(struct text_list *list, const char *text, size_t length);
void texts_finish(struct text_list *list);

/* parse.c: one file's lines into lists, guards and rules. */
void parse_file(struct triage *set, const char *name, char *bytes, struct config_errors *errors);
void parse_finish(struct triage *set);

/* pattern.c: "@who ..3 (slaat|sloeg)" as PCRE2 over folded text. */
struct pattern {
	char *regex; /* grows */
	size_t length;
	struct text_list literals; /* of the best element; none: unknown */
};
/* false: errors has why. `place` is the file. */
bool pattern_compile(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct config_errors *errors);
/* "a | b c | @list | d*": alternatives in any order. */
bool pattern_words(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct config_errors *errors);
void pattern_finish(struct pattern *pattern);
void pattern_sort_words(struct fold_words *words); /* when every pattern is compiled */

/* compile.c: everything that was parsed into what scan.c runs. */
void compile_set(struct triage *set, struct config_errors *errors);

/* guards.c */
const struct guard *guards_lower(
	struct triage *set, const struct rule *rule, size_t from, size_t to);
bool guards_cue(struct triage *set, const struct cue *cue, pcre2_code *stop, size_t from, size_t to);

#endif
