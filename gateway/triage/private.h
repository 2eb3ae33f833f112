/* Shared by the files of this room alone. */
#ifndef TRIAGE_PRIVATE_H
#define TRIAGE_PRIVATE_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include "triage/fold.h"
#include "triage/elements.h"
#include "triage/score.h"
#include "triage/triage.h"
#include "triage/words.h"

#include <pcre2.h>

enum { RULES_VERSION = 1,
	RULE_GUARDS_MAX = 16,
	CUES_MAX = 12, /* of one guard; raises, lowers and withs of one rule */
	LANGUAGES_MAX = ELEMENT_LANGUAGES_MAX,
	GAPS_MAX = 12, /* of one match line */
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
	int lowers; /* of a rule's lower */
	struct line_text source;
	pcre2_code *code;
	int element; /* that must be in the text */
	struct { /* what was found last: a sentence is asked again for each match in it */
		uint64_t pass;
		uint32_t from, to, found_from, found_to; /* found_to 0: nothing */
	} last;
};

struct cues {
	struct cue all[CUES_MAX];
	size_t count;
};

struct guard {
	char *name;
	const char *file;
	int line, lowers;
	struct cues cues;
	struct cue stop, except; /* code NULL: none */
};

struct group { /* of guards, by one name */
	char *name;
	const char *file;
	struct line_text source;
};

struct harmless { /* a phrase that no rule of its file looks into */
	const char *file;
	int language;
	struct line_text source;
	pcre2_code *code;
};

struct language {
	char code[12];
	const char *file; /* that named it first */
	struct lines tells; /* words that no other language has */
};

struct rule {
	char *id, *category, *why;
	const char *file;
	int line;
	enum triage_level level;
	int language; /* index; -1: every text */
	bool has_level, anywhere;
	char *who; /* of the answers; with hours: a rule for them, not for texts; NULL: anybody */
	int hour_from, hour_to; /* local, 0 to 24, through midnight when from >= to; both 0: any */
	bool answers; /* it is for the answers */
	struct lines matches, regexes, needs, except, unless, yes, no;
	struct cues raises, lowers, with;
	const struct guard *guards[RULE_GUARDS_MAX];
	size_t guard_count;
	pcre2_code *code, *except_code;
	bool whole; /* looked for from the beginning of the text on; else its pattern is anchored */
};

struct word_list {
	char *name;
	const char *file;
	struct line_text source;
	bool expanding;
};

/* Owners of rows: the rules, the harmless phrases, then the rules' exceptions. */
struct triage {
	struct text_list files; /* names, in order */
	struct word_list *lists;
	size_t list_count;
	struct guard *guards;
	size_t guard_count;
	struct group *groups;
	size_t group_count;
	struct harmless *harmless;
	size_t harmless_count;
	struct language languages[LANGUAGES_MAX];
	int language_count;
	struct rule *rules;
	size_t rule_count;
	struct scores *scores; /* NULL: there is none */
	size_t scored_from; /* byte of the folded text looked at last */
	struct fold_words words;
	struct elements *elements;
	char hash[TRIAGE_HASH_SIZE];
	/* scratch */
	struct fold *folded;
	char *plain[LANGUAGES_MAX + 1]; /* by language: folded without harmless phrases; NULL: not made */
	char *masked; /* for one rule */
	uint32_t *rank, *ranked; /* of each rule, the most urgent first; and back */
	uint32_t *candidates; /* ranks */
	size_t tried; /* candidates of the scan before */
	uint64_t pass; /* texts looked at */
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

/* block.c: the lines of one rule or guard. */
struct parse {
	struct triage *set;
	const char *file;
	struct config_errors *errors;
	int line;
	int language; /* of the file; -1: none named */
	struct rule *rule; /* the block under way, or NULL */
	struct guard *guard;
	struct score *score;
};
void parse_wrong(const struct parse *parse, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *parse_cut_word(char *text); /* cuts the first word off; gives what follows */
void parse_keep(const struct parse *parse, struct lines *lines, const char *text);
void parse_lines_finish(struct lines *lines);
void block_begin_rule(struct parse *parse, const char *id);
void block_begin_guard(struct parse *parse, const char *name);
void block_begin_score(struct parse *parse, const char *id);
void block_line(struct parse *parse, const char *word, char *rest);
void block_finish_rule(struct rule *rule);
void block_finish_guard(struct guard *guard);

/* pattern.c: "@who ..3 (slaat|sloeg)" as PCRE2 over folded text. Gaps are captured. */
struct rows {
	struct row *all;
	size_t count;
};
/* Adds to the rows. false: errors has why. */
bool pattern_compile(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct rows *rows, struct config_errors *errors);
bool pattern_whole(const struct line_text *source); /* it is for the message as a whole */
/* "a | b c | @list | d*": alternatives in any order. */
bool pattern_words(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct phrases *phrases_r, struct config_errors *errors);

/* compile.c: everything that was parsed into what scan.c runs. */
void compile_set(struct triage *set, struct config_errors *errors);

/* Where a rule matches in the folded text, and which parts of that are gaps. */
struct place {
	size_t from, to;
	struct {
		size_t from, to;
	} gaps[GAPS_MAX];
	size_t gap_count;
};

/* guards.c */
/* The guard that lowers, or NULL. A guard's words count around the match and in its gaps, not where
 * the rule itself names them. */
const struct guard *guards_lower(
	struct triage *set, const struct rule *rule, const struct place *place);
const struct cue *guards_own(struct triage *set, const struct cues *cues, const struct place *place);
bool guards_cue(struct triage *set, const struct cue *cue, const struct place *place);

/* language.c: which languages a text can be in. */
int language_find(const struct triage *set, const char *code); /* -1: none */
/* Bit i: language i is not clearly foreign to the text looked at last. */
unsigned language_of(const struct triage *set, const char *hint);

/* load.c: one file that is in memory; text is written over. For tests. */
must_check enum err triage_load_text(
	const char *name, char *text, struct triage **set_r, struct config_errors *errors);

/* scan.c: the level that one rule gives; -1: it does not match. */
bool scan_answers(const struct rule *rule, const char *who, int minute);
int scan_rule(const struct triage *set, const struct rule *rule, const char *text);

#endif
