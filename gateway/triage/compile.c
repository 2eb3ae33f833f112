#include "base/mem.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pcre2_code *to_code(
	const char *regex, const char *file, int line, bool anchored, struct config_errors *errors)
{
	PCRE2_SIZE offset;
	PCRE2_UCHAR what[128];
	int code;
	pcre2_code *compiled = strlen(regex) > REGEX_MAX
		? NULL
		: pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED,
			anchored ? PCRE2_ANCHORED : 0, &code, &offset, NULL);

	if (compiled) {
		pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
		return compiled;
	}
	if (strlen(regex) > REGEX_MAX) {
		config_errors_add(errors, "%s:%d: this grows too large: split the rule", file, line);
		return NULL;
	}
	pcre2_get_error_message(code, what, sizeof what);
	config_errors_add(errors, "%s:%d: at sign %zu: %s", file, line, (size_t)offset, what);
	return NULL;
}

static void compile_cue(
	struct triage *set, const char *file, struct cue *cue, struct config_errors *errors)
{
	struct pattern pattern;
	struct phrases phrases;

	if (pattern_words(set, file, &cue->source, &pattern, &phrases, errors))
		cue->code = to_code(pattern.regex, file, cue->source.line, false, errors);
	cue->element = elements_intern(set->elements, &phrases);
	pattern_finish(&pattern);
}

static void add_alternative(struct pattern *whole, const char *regex)
{
	size_t length = strlen(regex);
	whole->regex = mem_grow(whole->regex, whole->length + length + 12, 1);
	whole->length += (size_t)sprintf(
		whole->regex + whole->length, "%s(?:%s)", whole->length ? "|" : "(?|", regex);
}

static void end_alternatives(struct pattern *whole)
{
	strcpy(whole->regex + whole->length++, ")"); /* room was kept */
}

static void compile_lines(struct triage *set, const char *file, const struct lines *lines,
	struct pattern *whole, struct rows *rows, struct config_errors *errors)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct pattern pattern;
		if (pattern_compile(set, file, &lines->all[i], &pattern, rows, errors))
			add_alternative(whole, pattern.regex);
		pattern_finish(&pattern);
	}
}

static void compile_regexes(struct triage *set, struct rule *rule, struct pattern *whole,
	struct rows *rows, struct config_errors *errors)
{
	for (size_t i = 0; i < rule->regexes.count; i++) {
		const struct line_text *regex = &rule->regexes.all[i];
		pcre2_code *alone = to_code(regex->text, rule->file, regex->line, false, errors);
		if (alone) /* else it is told with its own line */
			add_alternative(whole, regex->text);
		pcre2_code_free(alone);
	}
	for (size_t i = 0; i < rule->needs.count; i++) {
		struct pattern pattern;
		struct phrases phrases;
		struct row row = { 0 };
		if (pattern_words(set, rule->file, &rule->needs.all[i], &pattern, &phrases, errors))
			row_step(&row, set->elements, &phrases, false);
		rows->all = mem_grow(rows->all, rows->count + 1, sizeof *rows->all);
		rows->all[rows->count++] = row;
		pattern_finish(&pattern);
	}
	if (rule->regexes.count && !rule->needs.count) { /* it can be anywhere */
		rows->all = mem_grow(rows->all, rows->count + 1, sizeof *rows->all);
		rows->all[rows->count++] = (struct row) { 0 };
	}
}

static void own_rows(struct triage *set, struct rows *rows, size_t owner)
{
	for (size_t i = 0; i < rows->count; i++)
		elements_add_row(set->elements, &rows->all[i], (uint32_t)owner);
	free(rows->all);
}

static void add_guard(struct rule *rule, const struct guard *guard, int line,
	struct config_errors *errors)
{
	for (size_t i = 0; i < rule->guard_count; i++)
		if (rule->guards[i] == guard)
			return;
	if (rule->guard_count == RULE_GUARDS_MAX)
		config_errors_add(errors, "%s:%d: at most %d guards", rule->file, line,
			RULE_GUARDS_MAX);
	else
		rule->guards[rule->guard_count++] = guard;
}

static bool same(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && !strncmp(name, text, length);
}

/* names: guards, and groups of guards when `grouped`. */
static void find_guards(struct triage *set, struct rule *rule, const char *names, int line,
	bool grouped, struct config_errors *errors)
{
	while (*(names += strspn(names, " ,\t"))) {
		size_t length = strcspn(names, " ,\t");
		bool found = false;
		for (size_t g = 0; g < set->guard_count; g++)
			if (same(set->guards[g].name, names, length)) {
				add_guard(rule, &set->guards[g], line, errors);
				found = true;
			}
		for (size_t g = 0; grouped && !found && g < set->group_count; g++)
			if (same(set->groups[g].name, names, length)) {
				find_guards(set, rule, set->groups[g].source.text, line, false,
					errors);
				found = true;
			}
		if (!found)
			config_errors_add(errors, "%s:%d: there is no guard %.*s", rule->file, line,
				(int)length, names);
		names += length;
	}
}

static void check_rule(const struct rule *rule, struct config_errors *errors)
{
	const char *missing = !rule->has_level ? "level"
		: !rule->category	       ? "category"
		: !rule->why		       ? "why"
		: !rule->answers && !(rule->matches.count + rule->regexes.count) ? "match"
		: rule->yes.count < 2		       ? "two yes examples"
		: rule->no.count < 2		       ? "two no examples"
							       : NULL;
	if (rule->answers
		&& rule->matches.count + rule->regexes.count + rule->unless.count
				+ rule->raises.count + rule->lowers.count + rule->with.count
			> 0)
		config_errors_add(errors,
			"%s:%d: rule %s: who and hour are for the answers: no match beside them",
			rule->file, rule->line, rule->id);
	if (missing)
		config_errors_add(errors, "%s:%d: rule %s: %s missing", rule->file, rule->line,
			rule->id, missing);
}

static void compile_cues(struct triage *set, const char *file, struct cues *cues,
	struct config_errors *errors)
{
	for (size_t i = 0; i < cues->count; i++)
		compile_cue(set, file, &cues->all[i], errors);
}

static pcre2_code *whole_code(struct pattern *whole, const struct rule *rule, bool anchored,
	struct config_errors *errors)
{
	pcre2_code *code = NULL;

	if (whole->regex) {
		end_alternatives(whole);
		code = to_code(whole->regex, rule->file, rule->line, anchored, errors);
	}
	pattern_finish(whole);
	return code;
}

static void compile_rule(struct triage *set, struct rule *rule, struct config_errors *errors)
{
	struct pattern match = { 0 }, except = { 0 };
	struct rows rows = { 0 }, except_rows = { 0 };
	size_t at = (size_t)(rule - set->rules);

	check_rule(rule, errors);
	compile_lines(set, rule->file, &rule->matches, &match, &rows, errors);
	compile_regexes(set, rule, &match, &rows, errors);
	compile_lines(set, rule->file, &rule->except, &except, &except_rows, errors);
	for (size_t i = 0; i < rule->unless.count; i++)
		find_guards(set, rule, rule->unless.all[i].text, rule->unless.all[i].line, true,
			errors);
	rule->whole = rule->regexes.count > 0;
	for (size_t i = 0; i < rule->matches.count; i++)
		rule->whole = rule->whole || pattern_whole(&rule->matches.all[i]);
	rule->code = whole_code(&match, rule, !rule->whole, errors);
	rule->except_code = whole_code(&except, rule, true, errors);
	compile_cues(set, rule->file, &rule->raises, errors);
	compile_cues(set, rule->file, &rule->lowers, errors);
	compile_cues(set, rule->file, &rule->with, errors);
	own_rows(set, &rows, at);
	own_rows(set, &except_rows, set->rule_count + set->harmless_count + at);
}

static void compile_guard(struct triage *set, struct guard *guard, struct config_errors *errors)
{
	if (!guard->cues.count)
		config_errors_add(errors, "%s:%d: guard %s looks for nothing", guard->file,
			guard->line, guard->name);
	compile_cues(set, guard->file, &guard->cues, errors);
	if (guard->stop.source.text)
		compile_cue(set, guard->file, &guard->stop, errors);
	if (guard->except.source.text)
		compile_cue(set, guard->file, &guard->except, errors);
}

static void compile_harmless(
	struct triage *set, struct harmless *harmless, struct config_errors *errors)
{
	struct pattern pattern;
	struct rows rows = { 0 };

	if (pattern_compile(set, harmless->file, &harmless->source, &pattern, &rows, errors))
		harmless->code = to_code(
			pattern.regex, harmless->file, harmless->source.line, true, errors);
	own_rows(set, &rows, set->rule_count + (size_t)(harmless - set->harmless));
	pattern_finish(&pattern);
}

static int by_point(const void *a, const void *b)
{
	const struct fold_emoji *one = a, *other = b;
	return one->point < other->point ? -1 : one->point > other->point;
}

static void add_tell(struct triage *set, int language, const struct phrase *phrase)
{
	struct phrases one = { 0 };

	phrases_copy(&one, phrase);
	elements_tell(set->elements, elements_intern(set->elements, &one), language);
}

/* "tells een | twee": each word by itself, so that each counts once. */
static void add_tells(struct triage *set, int language, struct config_errors *errors)
{
	const struct language *of = &set->languages[language];

	for (size_t i = 0; i < of->tells.count; i++) {
		struct pattern pattern;
		struct phrases phrases;
		if (pattern_words(set, of->file, &of->tells.all[i], &pattern, &phrases, errors))
			for (size_t p = 0; p < phrases.count; p++)
				add_tell(set, language, &phrases.all[p]);
		pattern_finish(&pattern);
		phrases_finish(&phrases);
	}
}

void compile_set(struct triage *set, struct config_errors *errors)
{
	if (set->words.emoji_count)
		qsort(set->words.emoji, set->words.emoji_count, sizeof *set->words.emoji, by_point);
	set->elements = elements_create();
	for (size_t i = 0; i < set->guard_count; i++)
		compile_guard(set, &set->guards[i], errors);
	for (size_t i = 0; i < set->harmless_count; i++)
		compile_harmless(set, &set->harmless[i], errors);
	for (size_t i = 0; i < set->rule_count; i++)
		compile_rule(set, &set->rules[i], errors);
	for (int i = 0; i < set->language_count; i++)
		add_tells(set, i, errors);
	score_compile_all(set, errors);
	fold_ready(&set->words);
	elements_ready(set->elements);
}
