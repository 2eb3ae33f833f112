#include "base/mem.h"
#include "triage/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/utf8.h>

void parse_wrong(const struct parse *parse, const char *format, ...)
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

void parse_keep(const struct parse *parse, struct lines *lines, const char *text)
{
	lines->all = mem_grow(lines->all, lines->count + 1, sizeof *lines->all);
	lines->all[lines->count++]
		= (struct line_text) { .text = mem_dup(text), .line = parse->line };
}

void parse_lines_finish(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->all[i].text);
	free(lines->all);
	*lines = (struct lines) { 0 };
}

char *parse_cut_word(char *text)
{
	size_t length = strcspn(text, " \t");
	if (text[length])
		text[length++] = '\0';
	return text + length + strspn(text + length, " \t");
}

static void add_list(struct parse *parse, char *rest)
{
	struct triage *set = parse->set;
	char *words = parse_cut_word(rest);

	if (*rest != '@' || *words != '=') {
		parse_wrong(parse, "write: words @name = one | two words | any*");
		return;
	}
	for (size_t i = 0; i < set->list_count; i++)
		if (!strcmp(set->lists[i].name, rest))
			parse_wrong(parse, "%s is there already (%s:%d)", rest, set->lists[i].file,
				set->lists[i].source.line);
	set->lists = mem_grow(set->lists, set->list_count + 1, sizeof *set->lists);
	set->lists[set->list_count++] = (struct word_list) { .name = mem_dup(rest),
		.file = parse->file,
		.source = { .text = mem_dup(words + 1), .line = parse->line } };
}

static void add_group(struct parse *parse, char *rest)
{
	struct triage *set = parse->set;
	char *names = parse_cut_word(rest);

	if (!*rest || *names != '=') {
		parse_wrong(parse, "write: group name = guard, guard");
		return;
	}
	for (size_t i = 0; i < set->group_count; i++)
		if (!strcmp(set->groups[i].name, rest))
			parse_wrong(parse, "group %s is there already (%s:%d)", rest,
				set->groups[i].file, set->groups[i].source.line);
	set->groups = mem_grow(set->groups, set->group_count + 1, sizeof *set->groups);
	set->groups[set->group_count++] = (struct group) { .name = mem_dup(rest),
		.file = parse->file,
		.source = { .text = mem_dup(names + 1), .line = parse->line } };
}

static void add_emoji(struct parse *parse, char *rest)
{
	struct fold_words *words = &parse->set->words;
	char *signs = parse_cut_word(rest);
	size_t length = strlen(signs);

	if (*signs != '=' || strlen(rest) >= sizeof words->emoji->word) {
		parse_wrong(parse, "write: emoji a_word = 🔪 🗡");
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

static void set_language(struct parse *parse, char *rest)
{
	struct triage *set = parse->set;

	parse->language = language_find(set, rest);
	if (parse->language >= 0)
		return;
	if (!*rest || strlen(rest) >= sizeof set->languages->code || strpbrk(rest, " \t")) {
		parse_wrong(parse, "write: language nl");
		return;
	}
	if (set->language_count == LANGUAGES_MAX) {
		parse_wrong(parse, "at most %d languages", LANGUAGES_MAX);
		return;
	}
	parse->language = set->language_count++;
	strcpy(set->languages[parse->language].code, rest);
	set->languages[parse->language].file = parse->file;
}

static void add_tells(struct parse *parse, char *rest)
{
	if (parse->language < 0)
		parse_wrong(parse, "tells: first say which language this file is, as: language nl");
	else if (!*rest)
		parse_wrong(parse, "write: tells one | two words");
	else
		parse_keep(parse, &parse->set->languages[parse->language].tells, rest);
}

static void add_harmless(struct parse *parse, char *rest)
{
	struct triage *set = parse->set;

	if (!*rest) {
		parse_wrong(parse, "write: harmless a phrase ..3 (that|which) means no harm");
		return;
	}
	set->harmless = mem_grow(set->harmless, set->harmless_count + 1, sizeof *set->harmless);
	set->harmless[set->harmless_count++] = (struct harmless) { .file = parse->file,
		.language = parse->language,
		.source = { .text = mem_dup(rest), .line = parse->line } };
}

static const struct {
	const char *word;
	void (*take)(struct parse *parse, char *rest);
} tops[] = { { "words", add_list }, { "emoji", add_emoji }, { "group", add_group },
	{ "language", set_language }, { "tells", add_tells }, { "harmless", add_harmless } };

static void on_line(struct parse *parse, char *line)
{
	char *rest = parse_cut_word(line);

	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
		if (!strcmp(line, tops[i].word)) {
			parse->rule = NULL;
			parse->guard = NULL;
			parse->score = NULL;
			tops[i].take(parse, rest);
			return;
		}
	if (!strcmp(line, "rule") && *rest)
		block_begin_rule(parse, rest);
	else if (!strcmp(line, "guard") && *rest)
		block_begin_guard(parse, rest);
	else if (!strcmp(line, "score") && *rest)
		block_begin_score(parse, rest);
	else if (parse->rule || parse->guard || parse->score)
		block_line(parse, line, rest);
	else
		parse_wrong(parse,
			"%s: a rule, a guard, a score, words, emoji, group, language, tells or harmless is "
			"expected here",
			line);
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
static char *join_continued(char *line, char **next, int *lines)
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
	return trim(line);
}

void parse_file(struct triage *set, const char *name, char *bytes, struct config_errors *errors)
{
	struct parse parse = { .set = set, .file = name, .errors = errors, .language = -1 };
	char *next = bytes;
	int line_number = 0;
	bool headed = false;

	if (!strncmp(next, "\xef\xbb\xbf", 3)) /* as some editors begin a file */
		next += 3;
	while (next) {
		char *line = next, *end = strchr(line, '\n');
		int lines = 0;
		if (end)
			*end = '\0';
		next = end ? end + 1 : NULL;
		parse.line = ++line_number;
		line = join_continued(line, &next, &lines);
		line_number += lines;
		if (!*line || *line == '#')
			continue;
		if (!headed) {
			char head[32];
			snprintf(head, sizeof head, "onthaal rules %d", RULES_VERSION);
			headed = true;
			if (strcmp(line, head) != 0) {
				parse_wrong(&parse, "the first line is: %s", head);
				return;
			}
			continue;
		}
		on_line(&parse, line);
	}
}


void parse_finish(struct triage *set)
{
	for (size_t i = 0; i < set->list_count; i++) {
		free(set->lists[i].name);
		free(set->lists[i].source.text);
	}
	for (size_t i = 0; i < set->group_count; i++) {
		free(set->groups[i].name);
		free(set->groups[i].source.text);
	}
	for (size_t i = 0; i < set->harmless_count; i++) {
		free(set->harmless[i].source.text);
		pcre2_code_free(set->harmless[i].code);
	}
	for (int i = 0; i < set->language_count; i++)
		parse_lines_finish(&set->languages[i].tells);
	for (size_t i = 0; i < set->guard_count; i++)
		block_finish_guard(&set->guards[i]);
	for (size_t i = 0; i < set->rule_count; i++)
		block_finish_rule(&set->rules[i]);
	score_finish_all(set);
	free(set->lists);
	free(set->groups);
	free(set->harmless);
	free(set->guards);
	free(set->rules);
}
