/* A match line: elements and gaps, as PCRE2 and as rows for the prefilter. */
#include "base/mem.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line { /* under way */
	struct compile compile;
	struct row *row;
	int gaps; /* captured in this row */
	struct rows *rows;
};

static bool wrong(const struct line *line, const char *what, const char *about)
{
	return words_wrong(&line->compile, what, about);
}

static bool add_element(struct line *line, const char *text, size_t length, bool optional)
{
	struct phrases phrases;

	if (!words_element(&line->compile, text, length, optional, &phrases))
		return false;
	row_step(line->row, line->compile.set->elements, &phrases, optional);
	return true;
}

static bool add_gap(struct line *line, const char *text, size_t length)
{
	char gap[64];
	int words = atoi(text);

	if (!length || strspn(text, "0123456789") < length || words < 1 || words > 20)
		return wrong(line, "a gap is ..1 to ..20, or <1> to <20> in either order", "");
	if (++line->gaps > GAPS_MAX)
		return wrong(line, "too many gaps", "");
	snprintf(gap, sizeof gap, "((?:(?! \\.) [^ ]+){0,%d}?)", words);
	pattern_add(line->compile.out, gap);
	line->row->gap += (unsigned)words;
	return true;
}

static bool add_item(struct line *line, const char **at, const char *end, bool *gap_r,
	bool *needed)
{
	const char *text = *at;
	size_t length = 0;
	bool optional;

	*gap_r = false;
	if (*text == '(') {
		const char *close = memchr(text, ')', (size_t)(end - text));
		if (!close)
			return wrong(line, "a ) is missing", text);
		if (memchr(text + 1, '(', (size_t)(close - text - 1)))
			return wrong(line, "no ( within ( ): write each possibility out, or "
				"make a list of words", text);
		optional = close + 1 < end && close[1] == '?';
		*at = close + 1 + optional;
		*needed = *needed || !optional;
		return add_element(line, text + 1, (size_t)(close - text - 1), optional);
	}
	while (text + length < end && !strchr(" \t(", text[length]))
		length++;
	*at = text + length;
	if (length >= 2 && !strncmp(text, "..", 2)) {
		*gap_r = true;
		return add_gap(line, text + 2, length - 2);
	}
	optional = length > 1 && text[length - 1] == '?';
	*needed = *needed || !optional;
	return add_element(line, text, length - optional, optional);
}

/* Elements and gaps in a row, in the order written. */
static bool add_row(struct line *line, const char *text, const char *end)
{
	bool gap = false, first = true, needed = false;

	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	while (text < end) {
		if (!add_item(line, &text, end, &gap, &needed))
			return false;
		if (gap && first)
			return wrong(line, "begin with words, not with a gap", "");
		first = false;
		while (text < end && (*text == ' ' || *text == '\t'))
			text++;
	}
	if (gap)
		return wrong(line, "end with words, not with a gap", "");
	if (!needed)
		return wrong(line, "one part at least must stand there for certain", "");
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

static void begin_row(struct line *line)
{
	struct rows *rows = line->rows;

	rows->all = mem_grow(rows->all, rows->count + 1, sizeof *rows->all);
	line->row = &rows->all[rows->count++];
	*line->row = (struct row) { 0 };
	line->gaps = 0;
}

/* "A <5> B": A ..5 B or B ..5 A. */
static bool add_either(struct line *line, const char *text, const char *end)
{
	const char *sign = outside(text, end, '<');
	const char *close = sign < end ? memchr(sign, '>', (size_t)(end - sign)) : NULL;

	if (sign == end)
		return add_row(line, text, end);
	if (!close)
		return wrong(line, "a > is missing", sign);
	if (outside(close, end, '<') < end)
		return wrong(line, "only one <5> in a match", "");
	pattern_add(line->compile.out, "(?|");
	if (!add_row(line, text, sign) || !add_gap(line, sign + 1, (size_t)(close - sign - 1))
		|| !add_row(line, close + 1, end))
		return false;
	pattern_add(line->compile.out, "|");
	begin_row(line);
	if (!add_row(line, close + 1, end)
		|| !add_gap(line, sign + 1, (size_t)(close - sign - 1))
		|| !add_row(line, text, sign))
		return false;
	pattern_add(line->compile.out, ")");
	return true;
}

bool pattern_compile(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct rows *rows, struct config_errors *errors)
{
	struct line line = { .compile = { .set = set,
				     .file = file,
				     .line = source->line,
				     .errors = errors,
				     .out = pattern_r },
		.rows = rows };
	bool whole = pattern_whole(source), first = true;
	const char *text = source->text + (whole ? 6 : 0), *end = text + strlen(text);

	*pattern_r = (struct pattern) { 0 };
	pattern_add(pattern_r, whole ? "^(?|" : "(?|");
	while (text <= end) {
		const char *bar = outside(text, end, '|');
		if (!first)
			pattern_add(pattern_r, "|");
		first = false;
		begin_row(&line);
		if (!add_either(&line, text, bar))
			return false;
		text = bar + 1;
	}
	pattern_add(pattern_r, whole ? ")(?: \\.)* $" : ")");
	return true;
}

bool pattern_whole(const struct line_text *source)
{
	return !strncmp(source->text, "whole ", 6);
}

bool pattern_words(struct triage *set, const char *file, const struct line_text *source,
	struct pattern *pattern_r, struct phrases *phrases_r, struct config_errors *errors)
{
	struct compile compile = {
		.set = set, .file = file, .line = source->line, .errors = errors, .out = pattern_r
	};
	*pattern_r = (struct pattern) { 0 };
	return words_element(&compile, source->text, strlen(source->text), false, phrases_r);
}
