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
	whole->regex = mem_grow(whole->regex, whole->length + length + 12, 1);
	whole->length += (size_t)sprintf(
		whole->regex + whole->length, "%s(?:%s)", whole->length ? "|" : "(?|", regex);
}

static void end_alternatives(struct pattern *whole)
{
	strcpy(whole->regex + whole->length++, ")"); /* room was kept */
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
	for (size_t i = 0; i < rule->regexes.count; i++) {
		const struct line_text *regex = &rule->regexes.all[i];
		pcre2_code *alone = to_code(regex->text, rule->file, regex->line, errors);
		if (alone) /* else it is told with its own line */
			add_alternative(whole, regex->text);
		pcre2_code_free(alone);
	}
	for (size_t i = 0; i < rule->needs.count; i++) {
		struct pattern pattern;
		if (pattern_words(set, rule->file, &rule->needs.all[i], &pattern, errors))
			move_literals(rule, &pattern.literals, unknown);
		pattern_finish(&pattern);
	}
	if (rule->regexes.count && !rule->needs.count)
		*unknown = true;
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
		: !(rule->matches.count + rule->regexes.count) ? "match"
		: rule->yes.count < 2		       ? "two yes examples"
		: rule->no.count < 2		       ? "two no examples"
							       : NULL;
	if (missing)
		config_errors_add(errors, "%s:%d: rule %s: %s missing", rule->file, rule->line,
			rule->id, missing);
}

static void compile_cues(struct triage *set, const char *file, struct cues *cues,
	struct config_errors *errors)
{
	for (size_t i = 0; i < cues->count; i++)
		cues->all[i].code = words_code(set, file, &cues->all[i].source, errors);
}

/* Lines of one kind as one pattern: the phrases that are cut out before. */
static pcre2_code *compile_except(
	struct triage *set, const struct rule *rule, struct config_errors *errors)
{
	struct pattern whole = { 0 };
	pcre2_code *code = NULL;

	for (size_t i = 0; i < rule->except.count; i++) {
		struct pattern pattern;
		if (pattern_compile(set, rule->file, &rule->except.all[i], &pattern, errors))
			add_alternative(&whole, pattern.regex);
		pattern_finish(&pattern);
	}
	if (whole.regex) {
		end_alternatives(&whole);
		code = to_code(whole.regex, rule->file, rule->line, errors);
	}
	pattern_finish(&whole);
	return code;
}

static void compile_rule(struct triage *set, struct rule *rule, struct config_errors *errors)
{
	struct pattern whole = { 0 };
	bool unknown = false;

	check_rule(rule, errors);
	compile_matches(set, rule, &whole, &unknown, errors);
	compile_regexes(set, rule, &whole, &unknown, errors);
	for (size_t i = 0; i < rule->unless.count; i++)
		find_guards(set, rule, rule->unless.all[i].text, rule->unless.all[i].line, true,
			errors);
	if (whole.regex) {
		end_alternatives(&whole);
		rule->code = to_code(whole.regex, rule->file, rule->line, errors);
	}
	if (unknown)
		texts_finish(&rule->literals);
	rule->except_code = compile_except(set, rule, errors);
	compile_cues(set, rule->file, &rule->raises, errors);
	compile_cues(set, rule->file, &rule->lowers, errors);
	compile_cues(set, rule->file, &rule->with, errors);
	pattern_finish(&whole);
}

static void compile_guard(struct triage *set, struct guard *guard, struct config_errors *errors)
{
	if (!guard->cues.count)
		config_errors_add(errors, "%s:%d: guard %s looks for nothing", guard->file,
			guard->line, guard->name);
	compile_cues(set, guard->file, &guard->cues, errors);
	if (guard->stop.text)
		guard->stop_code = words_code(set, guard->file, &guard->stop, errors);
	if (guard->except.text)
		guard->except_code = words_code(set, guard->file, &guard->except, errors);
}

static void compile_harmless(
	struct triage *set, struct harmless *harmless, struct config_errors *errors)
{
	struct pattern pattern;

	if (pattern_compile(set, harmless->file, &harmless->source, &pattern, errors)) {
		harmless->code = to_code(
			pattern.regex, harmless->file, harmless->source.line, errors);
		harmless->literals = pattern.literals;
		pattern.literals = (struct text_list) { 0 };
		for (size_t i = 0; i < harmless->literals.count; i++)
			if (!*harmless->literals.texts[i]) {
				texts_finish(&harmless->literals);
				break;
			}
	}
	pattern_finish(&pattern);
}

static int by_point(const void *a, const void *b)
{
	const struct fold_emoji *one = a, *other = b;
	return one->point < other->point ? -1 : one->point > other->point;
}

static void add_literals(
	struct triage *set, const struct text_list *literals, size_t value)
{
	for (size_t i = 0; i < literals->count; i++)
		literals_add(set->literals, literals->texts[i], (uint32_t)value);
}

/* "tells een | twee": each word a candidate of its own, so that each counts once. */
static void add_tells(struct triage *set, int language, struct config_errors *errors)
{
	const struct language *of = &set->languages[language];

	for (size_t i = 0; i < of->tells.count; i++) {
		struct pattern pattern;
		if (pattern_words(set, of->file, &of->tells.all[i], &pattern, errors))
			for (size_t t = 0; t < pattern.literals.count; t++) {
				set->tells = mem_grow(set->tells, set->tell_count + 1, 1);
				set->tells[set->tell_count] = (uint8_t)language;
				literals_add(set->literals, pattern.literals.texts[t],
					(uint32_t)(set->rule_count + set->harmless_count
						+ set->tell_count++));
			}
		pattern_finish(&pattern);
	}
}

void compile_set(struct triage *set, struct config_errors *errors)
{
	if (set->words.emoji_count)
		qsort(set->words.emoji, set->words.emoji_count, sizeof *set->words.emoji, by_point);
	for (size_t i = 0; i < set->guard_count; i++)
		compile_guard(set, &set->guards[i], errors);
	for (size_t i = 0; i < set->harmless_count; i++)
		compile_harmless(set, &set->harmless[i], errors);
	for (size_t i = 0; i < set->rule_count; i++)
		compile_rule(set, &set->rules[i], errors);
	set->literals = literals_create();
	for (size_t i = 0; i < set->rule_count; i++)
		add_literals(set, &set->rules[i].literals, i);
	for (size_t i = 0; i < set->harmless_count; i++)
		add_literals(set, &set->harmless[i].literals, set->rule_count + i);
	for (int i = 0; i < set->language_count; i++)
		add_tells(set, i, errors);
	pattern_sort_words(&set->words);
	literals_ready(set->literals);
}
