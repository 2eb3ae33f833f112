/* The lines of a rule and of a guard; a score's are in score.c. */
#include "base/mem.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void block_begin_rule(struct parse *parse, const char *id)
{
	struct triage *set = parse->set;

	for (size_t i = 0; i < set->rule_count; i++)
		if (!strcmp(set->rules[i].id, id))
			parse_wrong(parse, "rule %s is there already (%s:%d): choose another id", id,
				set->rules[i].file, set->rules[i].line);
	set->rules = mem_grow(set->rules, set->rule_count + 1, sizeof *set->rules);
	parse->rule = &set->rules[set->rule_count++];
	parse->guard = NULL;
	parse->score = NULL;
	*parse->rule = (struct rule) { .id = mem_dup(id),
		.file = parse->file,
		.line = parse->line,
		.language = parse->language };
}

void block_begin_guard(struct parse *parse, const char *name)
{
	struct triage *set = parse->set;

	for (size_t i = 0; i < set->guard_count; i++)
		if (!strcmp(set->guards[i].name, name))
			parse_wrong(parse, "guard %s is there already (%s:%d)", name,
				set->guards[i].file, set->guards[i].line);
	set->guards = mem_grow(set->guards, set->guard_count + 1, sizeof *set->guards);
	parse->guard = &set->guards[set->guard_count++];
	parse->rule = NULL;
	parse->score = NULL;
	*parse->guard = (struct guard) { .name = mem_dup(name),
		.file = parse->file,
		.line = parse->line,
		.lowers = 2 };
}

void block_begin_score(struct parse *parse, const char *id)
{
	parse->rule = NULL;
	parse->guard = NULL;
	parse->score = score_begin(parse, id);
}

static const struct {
	const char *word;
	enum scope scope;
	bool counted;
} scopes[] = { { "before", SCOPE_BEFORE, true }, { "after", SCOPE_AFTER, true },
	{ "near", SCOPE_NEAR, true }, { "sentence", SCOPE_SENTENCE, false },
	{ "message", SCOPE_MESSAGE, false } };

/* "near 4 nu | straks"; NULL: word is no scope, or a mistake that was told. */
static struct cue *add_cue(
	struct parse *parse, struct cues *cues, const char *word, char *rest, bool *known_r)
{
	size_t i = 0;
	int words = 0;

	while (i < sizeof scopes / sizeof *scopes && strcmp(word, scopes[i].word) != 0)
		i++;
	*known_r = i < sizeof scopes / sizeof *scopes;
	if (!*known_r)
		return NULL;
	if (scopes[i].counted) {
		char *after = parse_cut_word(rest);
		words = atoi(rest);
		rest = after;
		if (words < 1 || words > 20)
			parse_wrong(parse, "write: %s 3 words | to look for (1 to 20)", word);
	}
	if (cues->count == CUES_MAX) {
		parse_wrong(parse, "at most %d of these lines", CUES_MAX);
		return NULL;
	}
	struct cue *cue = &cues->all[cues->count++];
	*cue = (struct cue) { .scope = scopes[i].scope,
		.words = words,
		.source = { .text = mem_dup(rest), .line = parse->line } };
	return cue;
}

static void set_line(const struct parse *parse, struct line_text *line, const char *text,
	const char *word)
{
	if (line->text)
		parse_wrong(parse, "%s: once, with all its words", word);
	free(line->text);
	*line = (struct line_text) { .text = mem_dup(text), .line = parse->line };
}

static void guard_line(struct parse *parse, const char *word, char *rest)
{
	struct guard *guard = parse->guard;
	bool known = true;

	if (!strcmp(word, "lowers")) {
		guard->lowers = atoi(rest);
		if (guard->lowers < 1 || guard->lowers > 3)
			parse_wrong(parse, "lowers: 1, 2 or 3 levels");
	} else if (!strcmp(word, "stop")) {
		set_line(parse, &guard->stop.source, rest, word);
	} else if (!strcmp(word, "except")) {
		set_line(parse, &guard->except.source, rest, word);
	} else {
		add_cue(parse, &guard->cues, word, rest, &known);
	}
	if (!known)
		parse_wrong(parse,
			"%s is not known in a guard: lowers, before, after, near, sentence, message, "
			"stop, except",
			word);
}

static void set_once(const struct parse *parse, char **text, const char *value, const char *word)
{
	if (*text || !*value)
		parse_wrong(parse, "%s: once, and with a text", word);
	free(*text);
	*text = mem_dup(value);
}

static void raise_line(struct parse *parse, char *rest)
{
	enum triage_level level;
	char *scope = parse_cut_word(rest), *words = parse_cut_word(scope);
	bool known = false;

	if (triage_level_parse(rest, &level)) {
		struct cue *cue = add_cue(parse, &parse->rule->raises, scope, words, &known);
		if (cue)
			cue->level = level;
	}
	if (!known)
		parse_wrong(parse, "write: raise immediate sentence nu | vanavond");
}

static void lower_line(struct parse *parse, char *rest)
{
	char *scope = parse_cut_word(rest), *words = parse_cut_word(scope);
	int lowers = atoi(rest);
	bool known = false;

	if (lowers >= 1 && lowers <= 3) {
		struct cue *cue = add_cue(parse, &parse->rule->lowers, scope, words, &known);
		if (cue)
			cue->lowers = lowers;
	}
	if (!known)
		parse_wrong(parse, "write: lower 2 near 3 keelpijn | verkouden");
}

static void with_line(struct parse *parse, char *scope)
{
	char *words = parse_cut_word(scope);
	bool known;

	add_cue(parse, &parse->rule->with, scope, words, &known);
	if (!known)
		parse_wrong(parse, "write: with message baby | kindje");
}

static bool many_line(struct parse *parse, const char *word, const char *rest)
{
	struct rule *rule = parse->rule;
	const struct {
		const char *word;
		struct lines *lines;
	} many[] = { { "match", &rule->matches }, { "regex", &rule->regexes },
		{ "needs", &rule->needs }, { "except", &rule->except }, { "unless", &rule->unless },
		{ "yes", &rule->yes }, { "no", &rule->no } };

	for (size_t i = 0; i < sizeof many / sizeof *many; i++)
		if (!strcmp(word, many[i].word)) {
			if (!*rest)
				parse_wrong(parse, "%s: a text is missing", word);
			parse_keep(parse, many[i].lines, rest);
			return true;
		}
	return false;
}

/* "22 6": from 22:00 until 6:00 */
static void hour_line(struct parse *parse, char *rest)
{
	struct rule *rule = parse->rule;
	char end;

	if (sscanf(rest, "%d %d %c", &rule->hour_from, &rule->hour_to, &end) != 2
		|| rule->hour_from < 0 || rule->hour_from > 23 || rule->hour_to < 0
		|| rule->hour_to > 24 || rule->hour_from == rule->hour_to)
		parse_wrong(parse, "write: hour 22 6 (from 22:00 until 6:00, local time)");
	rule->answers = true;
}

static bool answers_line(struct parse *parse, const char *word, char *rest)
{
	if (!strcmp(word, "hour")) {
		hour_line(parse, rest);
	} else if (!strcmp(word, "who")) {
		set_once(parse, &parse->rule->who, rest, word);
		parse->rule->answers = true;
	} else {
		return false;
	}
	return true;
}

static void rule_line(struct parse *parse, const char *word, char *rest)
{
	struct rule *rule = parse->rule;

	if (many_line(parse, word, rest) || answers_line(parse, word, rest))
		return;
	if (!strcmp(word, "level")) {
		rule->has_level = triage_level_parse(rest, &rule->level);
		if (!rule->has_level)
			parse_wrong(parse, "level: immediate, serious, elevated or none");
	} else if (!strcmp(word, "category")) {
		set_once(parse, &rule->category, rest, word);
	} else if (!strcmp(word, "why")) {
		set_once(parse, &rule->why, rest, word);
	} else if (!strcmp(word, "anywhere") && !*rest) {
		rule->anywhere = true;
	} else if (!strcmp(word, "raise")) {
		raise_line(parse, rest);
	} else if (!strcmp(word, "lower")) {
		lower_line(parse, rest);
	} else if (!strcmp(word, "with")) {
		with_line(parse, rest);
	} else {
		parse_wrong(parse,
			"%s is not known in a rule: level, category, match, regex, needs, with, "
			"except, anywhere, raise, lower, unless, who, hour, why, yes, no",
			word);
	}
}

void block_line(struct parse *parse, const char *word, char *rest)
{
	if (parse->rule)
		rule_line(parse, word, rest);
	else if (parse->score)
		score_line(parse, word, rest);
	else
		guard_line(parse, word, rest);
}

static void cue_finish(struct cue *cue)
{
	free(cue->source.text);
	pcre2_code_free(cue->code);
}

static void cues_finish(struct cues *cues)
{
	for (size_t i = 0; i < cues->count; i++)
		cue_finish(&cues->all[i]);
}

void block_finish_guard(struct guard *guard)
{
	cues_finish(&guard->cues);
	free(guard->name);
	cue_finish(&guard->stop);
	cue_finish(&guard->except);
}

void block_finish_rule(struct rule *rule)
{
	cues_finish(&rule->raises);
	cues_finish(&rule->lowers);
	cues_finish(&rule->with);
	parse_lines_finish(&rule->matches);
	parse_lines_finish(&rule->regexes);
	parse_lines_finish(&rule->needs);
	parse_lines_finish(&rule->except);
	parse_lines_finish(&rule->unless);
	parse_lines_finish(&rule->yes);
	parse_lines_finish(&rule->no);
	pcre2_code_free(rule->code);
	pcre2_code_free(rule->except_code);
	free(rule->id);
	free(rule->who);
	free(rule->category);
	free(rule->why);
}
