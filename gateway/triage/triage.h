/* Urgency triage: scans what a visitor wrote against the rules of a folder, and says how urgent it
 * is, and why. The rule files are described in config/rules/README.md.
 *
 * A set is immutable once loaded; scanning one set from several threads is not supported (it keeps
 * scratch memory), loading another set beside it is. */
#ifndef TRIAGE_TRIAGE_H
#define TRIAGE_TRIAGE_H

#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum triage_level { LEVEL_NONE, LEVEL_ELEVATED, LEVEL_SERIOUS, LEVEL_IMMEDIATE };

enum { TRIAGE_FLAGS_MAX = 8, /* of one message, the most urgent first */
	TRIAGE_ORDINARY_PERCENT = 2, /* of harmless messages that may be raised */
	TRIAGE_HASH_SIZE = 65 }; /* hexadecimal, with its end */

struct triage_flag { /* strings belong to the set */
	const char *rule, *category;
	const char *why; /* for the counsellor, with a hint what to ask */
	const char *lowered_by; /* the guard that lowered the level, or NULL */
	enum triage_level level;
	uint32_t from, to; /* bytes of the text scanned; within it even when the match began earlier */
};

struct triage_result {
	enum triage_level level; /* elevated at least when not complete */
	bool complete; /* false: a limit was reached, the text was not checked fully */
	size_t count;
	struct triage_flag flags[TRIAGE_FLAGS_MAX];
};

struct triage;

const char *triage_level_word(enum triage_level level); /* "none" … "immediate" */
bool triage_level_parse(const char *word, enum triage_level *level_r);

/* Every *.rules file of the folder. On error nothing is returned but the texts, each with file and
 * line. */
must_check enum err triage_load(
	const char *folder, struct triage **set_r, struct config_errors *errors);
void triage_destroy(struct triage **set);
const char *triage_hash(const struct triage *set); /* of the files' contents, hexadecimal */

size_t triage_rules(const struct triage *set); /* how many */
size_t triage_bytes(const struct triage *set); /* memory of the automaton of literals */

/* text: UTF-8, need not end in NUL. lang: the visitor's, "" when unknown: a hint, all rules are
 * tried. tail: the visitor's words just before (may be empty); a match must touch the text. */
void triage_scan(const struct triage *set, const char *text, size_t length, const char *lang,
	const char *tail, size_t tail_length, struct triage_result *result_r);

/* What the answers alone say: who ("" when not said), and the local minute of the day. Without a set:
 * nothing. */
void triage_answers(
	const struct triage *set, const char *who, int minute, struct triage_result *result_r);

/* The examples of every rule and the ordinary messages of the folder. */
must_check enum err triage_validate(
	const struct triage *set, const char *folder, struct config_errors *errors);

/* onthaal rules test|scan|eval: argv[0] is the subcommand; gives the exit status. */
int triage_cli(const char *folder, int argc, char **argv);

#endif
