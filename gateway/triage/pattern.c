#include "base/mem.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct compile {
	struct triage *set;
	const char *file;
	int line;
	struct config_errors *errors;
	struct pattern *out;
	int *gaps; /* of the row under way */
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

/* The longest row of letters that a phrase holds for certain. */
struct required {
	char best[FOLD_WORD_MAX * 4], run[FOLD_WORD_MAX * 4];
};

static void require(struct required *required, const char *text)
{
	size_t length = strlen(required->run);
	if (length + strlen(text) < sizeof required->run)
		strcpy(required->run + length, text);
	if (strlen(required->run) > strlen(required->best))
		strcpy(required->best, required->run);
}

/* One word: pieces, stars and numbers. */
static bool add_word(
	const struct compile *compile, const char *word, size_t length, struct required *required)
{
	struct pattern *out = compile->out;
	const char *from = word, *end = word + length;

	add_text(out, " ");
	require(required, " ");
	while (from < end) {
		char folded[FOLD_WORD_MAX * 4];
		size_t piece = 0;
		while (from + piece < end && from[piece] != '*' && from[piece] != '#')
			piece++;
		char sign = from + piece < end ? from[piece] : '\0';
		size_t folded_length = fold_piece(from, piece, folded);
		if (piece && !folded_length)
			return wrong(compile, "nothing is left of this word", word);
		if (folded_length && memchr(folded, '.', folded_length))
			return wrong(compile, "a sentence cannot end within a match", word);
		add(out, folded, folded_length);
		require(required, folded);
		if (folded_length && sign != '#')
			learn_words(compile->set, folded, sign == '*');
		if (sign) {
			add_text(out, sign == '#' ? "[0-9]+" : "[^ ]*");
			required->run[0] = '\0';
		}
		from += piece + (sign != '\0');
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
	struct required required = { 0 };

	while (length) {
		size_t word = 0;
		while (word < length && text[word] != ' ' && text[word] != '\t')
			word++;
		if (word && !add_word(compile, text, word, &required))
			return false;
		word += word < length;
		text += word;
		length -= word;
	}
	if (required.run[0])
		require(&required, " ");
	add_literal(literals, strcmp(required.best, " ") != 0 ? required.best : "");
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
		return wrong(compile, "a gap is ..1 to ..20, or <1> to <20> in either order", "");
	if (++*compile->gaps > GAPS_MAX)
		return wrong(compile, "too many gaps", "");
	snprintf(gap, sizeof gap, "((?:(?! \\.) [^ ]+){0,%d}?)", words);
	add_text(compile->out, gap);
	return true;
}

static bool add_item(const struct compile *compile, const char **at, const char *end, bool *gap_r,
	bool *needed)
{
	const char *text = *at;
	size_t length = 0;
	bool optional;

	*gap_r = false;
	if (*text == '(') {
		const char *close = memchr(text, ')', (size_t)(end - text));
		if (!close)
			return wrong(compile, "a ) is missing", text);
		if (memchr(text + 1, '(', (size_t)(close - text - 1)))
			return wrong(compile, "no ( within ( ): write each possibility out, or "
				"make a list of words", text);
		optional = close + 1 < end && close[1] == '?';
		*at = close + 1 + optional;
		*needed = *needed || !optional;
		return add_element(compile, text + 1, (size_t)(close - text - 1), optional);
	}
	while (text + length < end && !strchr(" \t(", text[length]))
		length++;
	*at = text + length;
	if (length >= 2 && !strncmp(text, "..", 2)) {
		*gap_r = true;
		return add_gap(compile, text + 2, length - 2);
	}
	optional = length > 1 && text[length - 1] == '?';
	*needed = *needed || !optional;
	return add_element(compile, text, length - optional, optional);
}

/* Elements and gaps in a row, in the order written. */
static bool add_row(const struct compile *compile, const char *text, const char *end)
{
	bool gap = false, first = true, needed = false;

	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	while (text < end) {
		if (!add_item(compile, &text, end, &gap, &needed))
			return false;
		if (gap && first)
			return wrong(compile, "begin with words, not with a gap", "");
		first = false;
		while (text < end && (*text == ' ' || *text == '\t'))
			text++;
	}
	if (gap)
		return wrong(compile, "end with words, not with a gap", "");
	if (!needed)
		return wrong(compile, "one part at least must stand there for certain", "");
	return true;
}

/* Where a sign stands outside of ( ), or end. */
static const char *outside(const char *text, const char *end, char sign)
{
	int depth = 0;

	for (; text < end; text++) {
		if (*text == sign && !depth)
			return text;
		depth += *text == '(' ? 1 : *text == ')' && depth ? -1 : 0;
	}
	return end;
}

/* "A <5> B": A ..5 B or B ..5 A. */
static bool add_either(const struct compile *compile, const char *text, const char *end)
{
	const char *sign = outside(text, end, '<');
	const char *close = sign < end ? memchr(sign, '>', (size_t)(end - sign)) : NULL;
	int gaps = *compile->gaps;

	if (sign == end)
		return add_row(compile, text, end);
	if (!close)
		return wrong(compile, "a > is missing", sign);
	if (outside(close, end, '<') < end)
		return wrong(compile, "only one <5> in a match", "");
	add_text(compile->out, "(?|");
	if (!add_row(compile, text, sign) || !add_gap(compile, sign + 1, (size_t)(close - sign - 1))
		|| !add_row(compile, close + 1, end))
		return false;
	add_text(compile->out, "|");
	*compile->gaps = gaps;
	if (!add_row(compile, close + 1, end)
		|| !add_gap(compile, sign + 1, (size_t)(close - sign - 1))
		|| !add_row(compile, text, sign))
		return false;
	add_text(compile->out, ")");
	return true;
}

/* The alternatives of a line each need one of their own literals. */
static bool add_line(const struct compile *compile, const char *text)
{
	const char *end = text + strlen(text);
	struct text_list all = { 0 };
	bool good = true, first = true;

	add_text(compile->out, "(?|");
	while (good && text <= end) {
		const char *bar = outside(text, end, '|');
		if (!first)
			add_text(compile->out, "|");
		first = false;
		*compile->gaps = 0;
		good = add_either(compile, text, bar);
		for (size_t i = 0; i < compile->out->literals.count; i++)
			add_literal(&all, compile->out->literals.texts[i]);
		if (!compile->out->literals.count)
			add_literal(&all, "");
		texts_finish(&compile->out->literals);
		text = bar + 1;
	}
	add_text(compile->out, ")");
	compile->out->literals = all;
	return good;
}

bool pattern_compile(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct config_errors *errors)
{
	int gaps = 0;
	struct compile compile = { .set = set,
		.file = file,
		.line = source->line,
		.errors = errors,
		.out = pattern_r,
		.gaps = &gaps };
	bool whole = !strncmp(source->text, "whole ", 6);

	*pattern_r = (struct pattern) { 0 };
	add_text(pattern_r, whole ? "^" : "");
	if (!add_line(&compile, source->text + (whole ? 6 : 0)))
		return false;
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
	if (!*source->text)
		return wrong(&compile, "words to look for are missing", "");
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
