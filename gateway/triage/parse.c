#include "base/mem.h"
#include "triage/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/utf8.h>

struct parse {
	struct triage *set;
	const char *file;
	struct config_errors *errors;
	int line;
	struct rule *rule; /* the block under way, or NULL */
	struct guard *guard;
};

__attribute__((format(printf, 2, 3))) static void wrong(
	const struct parse *parse, const char *format, ...)
{
	char what[400];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	config_errors_add(parse->errors, "%s:%d: %s", parse->file, parse->line, what);
}

void texts_add(struct text_list *list, const char *text, size_t length)
{
	char *copy = mem_alloc(length + 1);
	memcpy(copy, text, length);
	list->texts = mem_grow(list->texts, list->count + 1, sizeof(char *));
	list->texts[list->count++] = copy;
}

void texts_finish(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->texts[i]);
	free(list->texts);
	*list = (struct text_list) { 0 };
}

static void lines_add(const struct parse *parse, struct lines *lines, const char *text)
{
	lines->all = mem_grow(lines->all, lines->count + 1, sizeof *lines->all);
	lines->all[lines->count++]
		= (struct line_text) { .text = mem_dup(text), .line = parse->line };
}

static void lines_finish(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->all[i].text);
	free(lines->all);
	*lines = (struct lines) { 0 };
}

/* Cuts the first word off; gives what follows. */
static char *cut_word(char *text)
{
	size_t length = strcspn(text, " \t");
	if (text[length])
		text[length++] = '\0';
	return text + length + strspn(text + length, " \t");
}

static void begin_rule(struct parse *parse, const char *id)
{
	struct triage *set = parse->set;

	for (size_t i = 0; i < set->rule_count; i++)
		if (!strcmp(set->rules[i].id, id))
			wrong(parse, "rule %s is there already (%s:%d): choose another id", id,
				set->rules[i].file, set->rules[i].line);
	set->rules = mem_grow(set->rules, set->rule_count + 1, sizeof *set->rules);
	parse->rule = &set->rules[set->rule_count++];
	parse->guard = NULL;
	*parse->rule
		= (struct rule) { .id = mem_dup(id), .file = parse->file, .line = parse->line };
}

static void begin_guard(struct parse *parse, const char *name)
{
	struct triage *set = parse->set;

	for (size_t i = 0; i < set->guard_count; i++)
		if (!strcmp(set->guards[i].name, name))
			wrong(parse, "guard %s is there already (%s:%d)", name,
				set->guards[i].file, set->guards[i].line);
	set->guards = mem_grow(set->guards, set->guard_count + 1, sizeof *set->guards);
	parse->guard = &set->guards[set->guard_count++];
	parse->rule = NULL;
	*parse->guard = (struct guard) { .name = mem_dup(name),
		.file = parse->file,
		.line = parse->line,
		.lowers = 2 };
}

static void add_list(struct parse *parse, char *rest)
{
	struct triage *set = parse->set;
	char *words = cut_word(rest);

	parse->rule = NULL;
	parse->guard = NULL;
	if (*rest != '@' || *words != '=') {
		wrong(parse, "write: words @name = one | two words | any*");
		return;
	}
	for (size_t i = 0; i < set->list_count; i++)
		if (!strcmp(set->lists[i].name, rest))
			wrong(parse, "%s is there already (%s:%d)", rest, set->lists[i].file,
				set->lists[i].source.line);
	set->lists = mem_grow(set->lists, set->list_count + 1, sizeof *set->lists);
	set->lists[set->list_count++] = (struct word_list) { .name = mem_dup(rest),
		.file = parse->file,
		.source = { .text = mem_dup(words + 1), .line = parse->line } };
}

static void add_emoji(struct parse *parse, char *rest)
{
	struct fold_words *words = &parse->set->words;
	char *signs = cut_word(rest);
	size_t length = strlen(signs);

	parse->rule = NULL;
	parse->guard = NULL;
	if (*signs != '=' || strlen(rest) >= sizeof words->emoji->word) {
		wrong(parse, "write: emoji a_word = 🔪 🗡");
		return;
	}
	for (int32_t i = 1; i < (int32_t)length;) {
		UChar32 point;
		U8_NEXT((const uint8_t *)signs, i, (int32_t)length, point);
		if (point < 0x80 || (point >= 0xfe00 && point <= 0xfe0f) || point == 0x200d)
			continue;
		words->emoji = mem_grow(
			words->emoji, words->emoji_count + 1, sizeof *words->emoji);
		words->emoji[words->emoji_count].point = (uint32_t)point;
		strcpy(words->emoji[words->emoji_count++].word, rest);
	}
}

static const struct {
	const char *word;
	enum scope scope;
	bool counted;
} scopes[] = { { "before", SCOPE_BEFORE, true }, { "after", SCOPE_AFTER, true },
	{ "near", SCOPE_NEAR, true }, { "sentence", SCOPE_SENTENCE, false },
	{ "message", SCOPE_MESSAGE, false } };

/* "near 4 nu | straks" */
static bool add_cue(struct parse *parse, struct cue *cues, size_t *count, enum triage_level level,
	const char *word, char *rest)
{
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
		int words = 0;
		if (strcmp(word, scopes[i].word) != 0)
			continue;
		if (scopes[i].counted) {
			char *after = cut_word(rest);
			words = atoi(rest);
			rest = after;
			if (words < 1 || words > 20)
				wrong(parse, "write: %s 3 words | to look for (1 to 20)", word);
		}
		if (*count == CUES_MAX)
			wrong(parse, "at most %d of these lines", CUES_MAX);
		else
			cues[(*count)++] = (struct cue) { .scope = scopes[i].scope,
				.words = words,
				.level = level,
				.source = { .text = mem_dup(rest), .line = parse->line } };
		return true;
	}
	return false;
}

static void guard_line(struct parse *parse, const char *word, char *rest)
{
	struct guard *guard = parse->guard;

	if (!strcmp(word, "lowers")) {
		guard->lowers = atoi(rest);
		if (guard->lowers < 1 || guard->lowers > 3)
			wrong(parse, "lowers: 1, 2 or 3 levels");
	} else if (!strcmp(word, "stop")) {
		free(guard->stop.text);
		guard->stop = (struct line_text) { .text = mem_dup(rest), .line = parse->line };
	} else if (!add_cue(parse, guard->cues, &guard->cue_count, LEVEL_NONE, word, rest)) {
		wrong(parse,
			"%s is not known in a guard: lowers, before, after, near, sentence, message, "
			"stop",
			word);
	}
}

static void set_once(struct parse *parse, char **text, const char *value, const char *word)
{
	if (*text || !*value)
		wrong(parse, "%s: once, and with a text", word);
	free(*text);
	*text = mem_dup(value);
}

static void raise_line(struct parse *parse, char *rest)
{
	enum triage_level level;
	char *scope = cut_word(rest), *words = cut_word(scope);

	if (!triage_level_parse(rest, &level)
		|| !add_cue(parse, parse->rule->raises, &parse->rule->raise_count, level, scope,
			words))
		wrong(parse, "write: raise immediate sentence nu | vanavond");
}

static void rule_line(struct parse *parse, const char *word, char *rest)
{
	struct rule *rule = parse->rule;
	struct {
		const char *word;
		struct lines *lines;
	} many[] = { { "match", &rule->matches }, { "regex", &rule->regexes },
		{ "needs", &rule->needs }, { "unless", &rule->unless }, { "yes", &rule->yes },
		{ "no", &rule->no } };

	for (size_t i = 0; i < sizeof many / sizeof *many; i++)
		if (!strcmp(word, many[i].word)) {
			if (!*rest)
				wrong(parse, "%s: a text is missing", word);
			lines_add(parse, many[i].lines, rest);
			return;
		}
	if (!strcmp(word, "level")) {
		rule->has_level = triage_level_parse(rest, &rule->level);
		if (!rule->has_level)
			wrong(parse, "level: immediate, serious, elevated or none");
	} else if (!strcmp(word, "category")) {
		set_once(parse, &rule->category, rest, word);
	} else if (!strcmp(word, "why")) {
		set_once(parse, &rule->why, rest, word);
	} else if (!strcmp(word, "raise")) {
		raise_line(parse, rest);
	} else {
		wrong(parse,
			"%s is not known in a rule: level, category, match, regex, needs, raise, "
			"unless, why, yes, no",
			word);
	}
}

static void on_line(struct parse *parse, char *line)
{
	char *rest = cut_word(line);

	if (!strcmp(line, "words"))
		add_list(parse, rest);
	else if (!strcmp(line, "emoji"))
		add_emoji(parse, rest);
	else if (!strcmp(line, "rule") && *rest)
		begin_rule(parse, rest);
	else if (!strcmp(line, "guard") && *rest)
		begin_guard(parse, rest);
	else if (parse->rule)
		rule_line(parse, line, rest);
	else if (parse->guard)
		guard_line(parse, line, rest);
	else
		wrong(parse, "%s: a rule, a guard, words or emoji is expected here", line);
}

static char *trim(char *line)
{
	size_t length;

	line += strspn(line, " \t");
	length = strlen(line);
	while (length && strchr(" \t\r", line[length - 1]))
		line[--length] = '\0';
	return line;
}

/* A line that begins with "|" goes on with the one before it. */
static char *join_continued(struct parse *parse, char *line, char **next, int *lines)
{
	while (*next) {
		char *following = *next, *end = strchr(following, '\n');
		char *begin = following + strspn(following, " \t");
		if (*begin != '|')
			break;
		memset(line + strlen(line), ' ', (size_t)(begin - (line + strlen(line))));
		if (end)
			*end = '\0';
		*next = end ? end + 1 : NULL;
		(*lines)++;
	}
	(void)parse;
	return trim(line);
}

void parse_file(struct triage *set, const char *name, char *bytes, struct config_errors *errors)
{
	struct parse parse = { .set = set, .file = name, .errors = errors };
	char *next = bytes;
	int line_number = 0;
	bool headed = false;

	while (next) {
		char *line = next, *end = strchr(line, '\n');
		int lines = 0;
		if (end)
			*end = '\0';
		next = end ? end + 1 : NULL;
		parse.line = ++line_number;
		line = join_continued(&parse, line, &next, &lines);
		line_number += lines;
		if (!*line || *line == '#')
			continue;
		if (!headed) {
			char head[32];
			snprintf(head, sizeof head, "onthaal rules %d", RULES_VERSION);
			headed = true;
			if (strcmp(line, head) != 0) {
				wrong(&parse, "the first line is: %s", head);
				return;
			}
			continue;
		}
		on_line(&parse, line);
	}
}

static void cue_finish(struct cue *cue)
{
	free(cue->source.text);
	pcre2_code_free(cue->code);
}

void parse_finish(struct triage *set)
{
	for (size_t i = 0; i < set->list_count; i++) {
		free(set->lists[i].name);
		free(set->lists[i].source.text);
		texts_finish(&set->lists[i].alternatives);
	}
	for (size_t i = 0; i < set->guard_count; i++) {
		struct guard *guard = &set->guards[i];
		for (size_t c = 0; c < guard->cue_count; c++)
			cue_finish(&guard->cues[c]);
		free(guard->name);
		free(guard->stop.text);
		pcre2_code_free(guard->stop_code);
	}
	for (size_t i = 0; i < set->rule_count; i++) {
		struct rule *rule = &set->rules[i];
		for (size_t c = 0; c < rule->raise_count; c++)
			cue_finish(&rule->raises[c]);
		lines_finish(&rule->matches);
		lines_finish(&rule->regexes);
		lines_finish(&rule->needs);
		lines_finish(&rule->unless);
		lines_finish(&rule->yes);
		lines_finish(&rule->no);
		texts_finish(&rule->literals);
		pcre2_code_free(rule->code);
		free(rule->id);
		free(rule->category);
		free(rule->why);
	}
	free(set->lists);
	free(set->guards);
	free(set->rules);
}
