#include "base/mem.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pcre2_code *to_code(
	const char *regex, const char *file, int line, struct config_errors *errors)
{
	PCRE2_SIZE offset;
	PCRE2_UCHAR what[128];
	int code;
	pcre2_code *compiled = strlen(regex) > REGEX_MAX
		? NULL
		: pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, 0, &code, &offset, NULL);

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

static pcre2_code *words_code(struct triage *set, const char *file, const struct line_text *source,
	struct config_errors *errors)
{
	struct pattern pattern;
	pcre2_code *code = NULL;

	if (pattern_words(set, file, source, &pattern, errors))
		code = to_code(pattern.regex, file, source->line, errors);
	pattern_finish(&pattern);
	return code;
}

static void add_alternative(struct pattern *whole, const char *regex)
{
	size_t length = strlen(regex);
	whole->regex = mem_grow(whole->regex, whole->length + length + 8, 1);
	whole->length += (size_t)sprintf(
		whole->regex + whole->length, "%s(?:%s)", whole->length ? "|" : "", regex);
}

static void move_literals(struct rule *rule, struct text_list *from, bool *unknown)
{
	if (!from->count)
		*unknown = true;
	for (size_t i = 0; i < from->count; i++) {
		if (!*from->texts[i])
			*unknown = true;
		texts_add(&rule->literals, from->texts[i], strlen(from->texts[i]));
	}
}

static void compile_matches(struct triage *set, struct rule *rule, struct pattern *whole,
	bool *unknown, struct config_errors *errors)
{
	for (size_t i = 0; i < rule->matches.count; i++) {
		struct pattern pattern;
		if (pattern_compile(set, rule->file, &rule->matches.all[i], &pattern, errors)) {
			add_alternative(whole, pattern.regex);
			move_literals(rule, &pattern.literals, unknown);
		}
		pattern_finish(&pattern);
	}
}

static void compile_regexes(struct triage *set, struct rule *rule, struct pattern *whole,
	bool *unknown, struct config_errors *errors)
{
	for (size_t i = 0; i < rule->regexes.count; i++)
		add_alternative(whole, rule->regexes.all[i].text);
	for (size_t i = 0; i < rule->needs.count; i++) {
		struct pattern pattern;
		if (pattern_words(set, rule->file, &rule->needs.all[i], &pattern, errors))
			move_literals(rule, &pattern.literals, unknown);
		pattern_finish(&pattern);
	}
	if (rule->regexes.count && !rule->needs.count)
		*unknown = true;
}

static void find_guards(struct triage *set, struct rule *rule, struct config_errors *errors)
{
	for (size_t i = 0; i < rule->unless.count; i++) {
		char *name = rule->unless.all[i].text, *end;
		for (; *name; name = end) {
			size_t length;
			const struct guard *found = NULL;
			name += strspn(name, " ,\t");
			length = strcspn(name, " ,\t");
			end = name + length;
			for (size_t g = 0; g < set->guard_count && length; g++)
				if (strlen(set->guards[g].name) == length
					&& !strncmp(set->guards[g].name, name, length))
					found = &set->guards[g];
			if (found && rule->guard_count < RULE_GUARDS_MAX)
				rule->guards[rule->guard_count++] = found;
			else if (length)
				config_errors_add(errors, "%s:%d: there is no guard %.*s", rule->file,
					rule->unless.all[i].line, (int)length, name);
		}
	}
}

static void check_rule(const struct rule *rule, struct config_errors *errors)
{
	const char *missing = !rule->has_level ? "level"
		: !rule->category	       ? "category"
		: !rule->why		       ? "why"
		: !(rule->matches.count + rule->regexes.count) ? "match"
		: rule->yes.count < 2		       ? "two yes examples"
		: rule->no.count < 2		       ? "two no examples"
							       : NULL;
	if (missing)
		config_errors_add(errors, "%s:%d: rule %s: %s missing", rule->file, rule->line,
			rule->id, missing);
}

static void compile_rule(struct triage *set, struct rule *rule, struct config_errors *errors)
{
	struct pattern whole = { 0 };
	bool unknown = false;

	check_rule(rule, errors);
	compile_matches(set, rule, &whole, &unknown, errors);
	compile_regexes(set, rule, &whole, &unknown, errors);
	find_guards(set, rule, errors);
	if (whole.regex)
		rule->code = to_code(whole.regex, rule->file, rule->line, errors);
	if (unknown)
		texts_finish(&rule->literals);
	for (size_t i = 0; i < rule->raise_count; i++)
		rule->raises[i].code
			= words_code(set, rule->file, &rule->raises[i].source, errors);
	pattern_finish(&whole);
}

static void compile_guard(struct triage *set, struct guard *guard, struct config_errors *errors)
{
	if (!guard->cue_count)
		config_errors_add(errors, "%s:%d: guard %s looks for nothing", guard->file,
			guard->line, guard->name);
	for (size_t i = 0; i < guard->cue_count; i++)
		guard->cues[i].code
			= words_code(set, guard->file, &guard->cues[i].source, errors);
	if (guard->stop.text)
		guard->stop_code = words_code(set, guard->file, &guard->stop, errors);
}

static int by_point(const void *a, const void *b)
{
	const struct fold_emoji *one = a, *other = b;
	return one->point < other->point ? -1 : one->point > other->point;
}

void compile_set(struct triage *set, struct config_errors *errors)
{
	if (set->words.emoji_count)
		qsort(set->words.emoji, set->words.emoji_count, sizeof *set->words.emoji, by_point);
	for (size_t i = 0; i < set->guard_count; i++)
		compile_guard(set, &set->guards[i], errors);
	for (size_t i = 0; i < set->rule_count; i++)
		compile_rule(set, &set->rules[i], errors);
	pattern_sort_words(&set->words);
	set->literals = literals_create();
	for (size_t i = 0; i < set->rule_count; i++)
		for (size_t l = 0; l < set->rules[i].literals.count; l++)
			literals_add(set->literals, set->rules[i].literals.texts[l], (uint32_t)i);
	literals_ready(set->literals);
}
