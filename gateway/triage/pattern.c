#include "base/mem.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_BYTES = 4096 };

struct compile {
	struct triage *set;
	const char *file;
	int line;
	struct config_errors *errors;
	struct pattern *out;
};

static bool wrong(const struct compile *compile, const char *what, const char *about)
{
	config_errors_add(compile->errors, "%s:%d: %s%s%s", compile->file, compile->line, what,
		*about ? ": " : "", about);
	return false;
}

static void add(struct pattern *out, const char *text, size_t length)
{
	out->regex = mem_grow(out->regex, out->length + length + 1, 1);
	memcpy(out->regex + out->length, text, length);
	out->length += length;
	out->regex[out->length] = '\0';
}

static void add_text(struct pattern *out, const char *text)
{
	add(out, text, strlen(text));
}

/* The folded form of a piece between stars, without the spaces around it. */
static size_t fold_piece(const char *piece, size_t length, char folded_r[FOLD_WORD_MAX * 4])
{
	static struct fold folded; /* loading is one after the other */
	size_t from = 0, to;

	fold(piece, length, NULL, &folded);
	to = folded.length;
	while (from < to && folded.text[from] == ' ')
		from++;
	while (to > from && folded.text[to - 1] == ' ')
		to--;
	if (to - from >= FOLD_WORD_MAX * 4)
		to = from;
	memcpy(folded_r, folded.text + from, to - from);
	folded_r[to - from] = '\0';
	return to - from;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void learn(char ***texts, size_t *count, const char *text, size_t length)
{
	char *copy = mem_alloc(length + 1);
	memcpy(copy, text, length);
	*texts = mem_grow(*texts, *count + 1, sizeof(char *));
	(*texts)[(*count)++] = copy;
}

/* What folding may turn odd spellings into. */
static void learn_words(struct triage *set, const char *folded, bool star)
{
	while (*folded) {
		size_t length = strcspn(folded, " ");
		bool last = !folded[length];
		if (star && last && length >= 3)
			learn(&set->words.prefixes, &set->words.prefix_count, folded, length);
		else if (!star || !last)
			learn(&set->words.exact, &set->words.exact_count, folded, length);
		folded += length + !last;
	}
}

/* One word: pieces and stars. literal grows as long as nothing is open. */
static bool add_word(const struct compile *compile, const char *word, size_t length, char *literal,
	bool *open)
{
	struct pattern *out = compile->out;
	bool first = true;

	while (length) {
		size_t piece = 0;
		char folded[FOLD_WORD_MAX * 4];
		while (piece < length && word[piece] != '*')
			piece++;
		bool star = piece < length;
		size_t folded_length = fold_piece(word, piece, folded);
		if (piece && !folded_length)
			return wrong(compile, "nothing is left of this word", word);
		if (first)
			add_text(out, " ");
		if (first && !folded_length && !star)
			return wrong(compile, "an empty word", "");
		add(out, folded, folded_length);
		if (first || !*open) {
			if (!*open && strlen(literal) + folded_length + 2 < WORDS_BYTES) {
				if (first && folded_length)
					strcat(literal, " ");
				strcat(literal, folded);
			}
		}
		if (folded_length)
			learn_words(compile->set, folded, star);
		if (star) {
			add_text(out, "[^ ]*");
			*open = true;
			piece++;
		}
		first = false;
		word += piece;
		length -= piece;
	}
	return true;
}

static void add_literal(struct text_list *literals, const char *literal)
{
	texts_add(literals, literal, strlen(literal));
}

static bool add_alternatives(const struct compile *compile, const char *text, size_t length,
	struct text_list *literals, bool *first);

static bool add_list(const struct compile *compile, const char *name, size_t length,
	struct text_list *literals, bool *first)
{
	struct triage *set = compile->set;

	for (size_t i = 0; i < set->list_count; i++) {
		struct word_list *list = &set->lists[i];
		if (strlen(list->name) != length || strncmp(list->name, name, length) != 0)
			continue;
		if (list->expanding)
			return wrong(compile, "this list holds itself", list->name);
		list->expanding = true;
		bool good = add_alternatives(
			compile, list->source.text, strlen(list->source.text), literals, first);
		list->expanding = false;
		return good;
	}
	char copy[80];
	snprintf(copy, sizeof copy, "%.*s", (int)length, name);
	return wrong(compile, "there is no such list", copy);
}

/* "loop weg*": words in a row. */
static bool add_phrase(const struct compile *compile, const char *text, size_t length,
	struct text_list *literals)
{
	char literal[WORDS_BYTES] = "";
	bool open = false;

	while (length) {
		size_t word = 0;
		while (word < length && text[word] != ' ' && text[word] != '\t')
			word++;
		if (word && !add_word(compile, text, word, literal, &open))
			return false;
		word += word < length;
		text += word;
		length -= word;
	}
	add_literal(literals, literal);
	return true;
}

static bool add_alternatives(const struct compile *compile, const char *text, size_t length,
	struct text_list *literals, bool *first)
{
	const char *end = text + length;

	while (text < end) {
		const char *bar = memchr(text, '|', (size_t)(end - text));
		const char *from = text, *to = bar ? bar : end;
		while (from < to && (*from == ' ' || *from == '\t'))
			from++;
		while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
			to--;
		if (from == to)
			return wrong(compile, "an empty place beside |", "");
		if (*from == '@') {
			if (!add_list(compile, from, (size_t)(to - from), literals, first))
				return false;
		} else {
			if (!*first)
				add_text(compile->out, "|");
			*first = false;
			if (!add_phrase(compile, from, (size_t)(to - from), literals))
				return false;
		}
		text = bar ? bar + 1 : end;
	}
	return true;
}

static size_t shortest(const struct text_list *literals)
{
	size_t least = literals->count ? SIZE_MAX : 0;
	for (size_t i = 0; i < literals->count; i++)
		if (strlen(literals->texts[i]) < least)
			least = strlen(literals->texts[i]);
	return least;
}

/* The element that is named by the longest literals finds the fewest texts in vain. */
static void keep_better(struct text_list *best, struct text_list *other)
{
	size_t mine = shortest(best), theirs = shortest(other);
	if (theirs > mine || (theirs == mine && theirs && other->count < best->count)) {
		struct text_list swap = *best;
		*best = *other;
		*other = swap;
	}
	texts_finish(other);
}

static bool add_element(
	const struct compile *compile, const char *text, size_t length, bool optional)
{
	struct text_list literals = { 0 };
	bool first = true, good;

	add_text(compile->out, optional ? "(?:(?:" : "(?:");
	good = add_alternatives(compile, text, length, &literals, &first);
	add_text(compile->out, optional ? ")(?= ))?" : ")(?= )");
	if (optional)
		texts_finish(&literals);
	keep_better(&compile->out->literals, &literals);
	return good;
}

static bool add_gap(const struct compile *compile, const char *text, size_t length)
{
	char gap[64];
	int words = atoi(text);

	if (!length || strspn(text, "0123456789") < length || words < 1 || words > 20)
		return wrong(compile, "a gap is ..1 to ..20", "");
	snprintf(gap, sizeof gap, "(?:(?! \\.) [^ ]+){0,%d}?", words);
	add_text(compile->out, gap);
	return true;
}

static bool add_item(const struct compile *compile, const char **at)
{
	const char *text = *at;
	size_t length;

	if (*text == '(') {
		const char *close = strchr(text, ')');
		if (!close)
			return wrong(compile, "a ) is missing", text);
		bool optional = close[1] == '?';
		*at = close + 1 + optional;
		return add_element(compile, text + 1, (size_t)(close - text - 1), optional);
	}
	length = strcspn(text, " \t(");
	*at = text + length;
	if (!strncmp(text, "..", 2))
		return add_gap(compile, text + 2, length - 2);
	bool optional = length > 1 && text[length - 1] == '?';
	return add_element(compile, text, length - optional, optional);
}

bool pattern_compile(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct config_errors *errors)
{
	struct compile compile = {
		.set = set, .file = file, .line = source->line, .errors = errors, .out = pattern_r
	};
	const char *at = source->text;
	bool whole = !strncmp(at, "whole ", 6);

	*pattern_r = (struct pattern) { 0 };
	at += whole ? 6 : 0;
	add_text(pattern_r, whole ? "^" : "");
	while (*at) {
		if (!add_item(&compile, &at))
			return false;
		at += strspn(at, " \t");
	}
	if (whole)
		add_text(pattern_r, "(?: \\.)* $");
	return true;
}

bool pattern_words(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct config_errors *errors)
{
	struct compile compile = {
		.set = set, .file = file, .line = source->line, .errors = errors, .out = pattern_r
	};
	*pattern_r = (struct pattern) { 0 };
	return add_element(&compile, source->text, strlen(source->text), false);
}

void pattern_finish(struct pattern *pattern)
{
	free(pattern->regex);
	texts_finish(&pattern->literals);
	*pattern = (struct pattern) { 0 };
}

static void sort_unique(char **texts, size_t *count)
{
	size_t kept = 0;

	if (*count)
		qsort(texts, *count, sizeof *texts, compare);
	for (size_t i = 0; i < *count; i++) {
		if (kept && !strcmp(texts[kept - 1], texts[i]))
			free(texts[i]);
		else
			texts[kept++] = texts[i];
	}
	*count = kept;
}

void pattern_sort_words(struct fold_words *words)
{
	sort_unique(words->exact, &words->exact_count);
	sort_unique(words->prefixes, &words->prefix_count);
}
