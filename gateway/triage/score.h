/* Scores: signs that say little alone and much together. Each different sign of a score that stands in
 * the text counts its points once, less than nothing for what speaks for a harmless text; a sum that
 * reaches a level's number gives a flag. They catch what no rule has the words for. */
#ifndef TRIAGE_SCORE_H
#define TRIAGE_SCORE_H

#include "triage/triage.h"

struct parse;
struct triage;
struct score;

enum { SCORE_POINTS_MAX = 99 };

struct score *score_begin(struct parse *parse, const char *id);
void score_line(struct parse *parse, const char *word, char *rest);
void score_compile_all(struct triage *set, struct config_errors *errors);
void score_finish_all(struct triage *set);

size_t score_count(const struct triage *set);
/* Adds up all scores over the folded text from a byte on, which is a word's space. */
void score_find(struct triage *set, size_t from);
/* After it: the flag of one score, without its place; false: its sum reaches no level. The place in
 * the folded text is that of the weightiest sign. */
bool score_flag(const struct triage *set, size_t score, struct triage_flag *flag_r, size_t *from_r,
	size_t *to_r);
/* The score's name when its sum speaks for a harmless text of this language; else NULL. */
const char *score_calming(const struct triage *set, size_t score, int language);
bool score_in(const struct triage *set, size_t score, unsigned languages); /* bits */
/* The examples. */
void score_validate(struct triage *set, struct config_errors *errors);

#endif
