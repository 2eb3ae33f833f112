#include "triage/words.h"
#include "base/mem.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_MAX = FOLD_WORD_MAX * 4 };

bool words_wrong(const struct compile *compile, const char *what, const char *about)
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

void pattern_add(struct pattern *pattern, const char *text)
{
	add(pattern, text, strlen(text));
}

void pattern_finish(struct pattern *pattern)
{
	free(pattern->regex);
	*pattern = (struct pattern) { 0 };
}

/* The folded form of a piece between stars, without the spaces around it. */
static size_t fold_piece(const char *piece, size_t length, char folded_r[PIECE_MAX])
{
	static struct fold folded; /* loading is one after the other */
	size_t from = 0, to;

	fold(piece, length, NULL, &folded);
	to = folded.length;
	while (from < to && folded.text[from] == ' ')
		from++;
	while (to > from && folded.text[to - 1] == ' ')
		to--;
	if (to - from >= PIECE_MAX)
		to = from;
	memcpy(folded_r, folded.text + from, to - from);
	folded_r[to - from] = '\0';
	return to - from;
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
	char best[PIECE_MAX], run[PIECE_MAX];
	unsigned best_first, run_first; /* the word in which it begins */
	unsigned words;
};

static void require(struct required *required, const char *text)
{
	size_t length = strlen(required->run);

	if (length + strlen(text) >= sizeof required->run) {
		required->run[0] = '\0'; /* what follows is a row of its own */
		return;
	}
	if (!length)
		required->run_first = required->words - 1;
	strcpy(required->run + length, text);
	if (strlen(required->run) > strlen(required->best)) {
		strcpy(required->best, required->run);
		required->best_first = required->run_first;
	}
}

static unsigned spaces(const char *text)
{
	unsigned count = 0;
	for (; *text; text++)
		count += *text == ' ';
	return count;
}

/* One word: pieces, stars and numbers. */
static bool add_word(
	const struct compile *compile, const char *word, size_t length, struct required *required)
{
	struct pattern *out = compile->out;
	const char *from = word, *end = word + length;

	required->words++;
	pattern_add(out, " ");
	require(required, " ");
	while (from < end) {
		char folded[PIECE_MAX];
		size_t piece = 0;
		while (from + piece < end && from[piece] != '*' && from[piece] != '#')
			piece++;
		char sign = from + piece < end ? from[piece] : '\0';
		size_t folded_length = fold_piece(from, piece, folded);
		if (piece && !folded_length)
			return words_wrong(compile, "nothing is left of this word", word);
		if (folded_length && memchr(folded, '.', folded_length))
			return words_wrong(compile, "a sentence cannot end within a match", word);
		add(out, folded, folded_length);
		require(required, folded);
		required->words += spaces(folded);
		if (folded_length && sign != '#')
			learn_words(compile->set, folded, sign == '*');
		if (sign) {
			pattern_add(out, sign == '#' ? "[0-9]+" : "[^ ]*");
			required->run[0] = '\0';
		}
		from += piece + (sign != '\0');
	}
	return true;
}

/* "loop weg*": words in a row. */
static bool add_phrase(const struct compile *compile, const char *text, size_t length,
	struct phrases *phrases)
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
	phrases_add(phrases, required.best, required.best_first, required.words);
	return true;
}

static bool add_alternatives(const struct compile *compile, const char *text, size_t length,
	struct phrases *phrases, bool *first);

static bool add_list(const struct compile *compile, const char *name, size_t length,
	struct phrases *phrases, bool *first)
{
	struct triage *set = compile->set;

	for (size_t i = 0; i < set->list_count; i++) {
		struct word_list *list = &set->lists[i];
		if (strlen(list->name) != length || strncmp(list->name, name, length) != 0)
			continue;
		if (list->expanding)
			return words_wrong(compile, "this list holds itself", list->name);
		list->expanding = true;
		bool good = add_alternatives(
			compile, list->source.text, strlen(list->source.text), phrases, first);
		list->expanding = false;
		return good;
	}
	char copy[80];
	snprintf(copy, sizeof copy, "%.*s", (int)length, name);
	return words_wrong(compile, "there is no such list", copy);
}

static bool add_alternatives(const struct compile *compile, const char *text, size_t length,
	struct phrases *phrases, bool *first)
{
	const char *end = text + length;

	while (text < end) {
		const char *bar = memchr(text, '|', (size_t)(end - text));
		const char *from = text, *to = bar ? bar : end;
		while (from < to && (*from == ' ' || *from == '\t'))
			from++;
		while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
			to--;
		if (from == to || (bar && bar + 1 == end))
			return words_wrong(compile, "an empty place beside |", "");
		if (*from == '@') {
			if (!add_list(compile, from, (size_t)(to - from), phrases, first))
				return false;
		} else {
			if (!*first)
				pattern_add(compile->out, "|");
			*first = false;
			if (!add_phrase(compile, from, (size_t)(to - from), phrases))
				return false;
		}
		text = bar ? bar + 1 : end;
	}
	return true;
}

bool words_element(const struct compile *compile, const char *text, size_t length, bool optional,
	struct phrases *phrases_r)
{
	bool first = true, good;

	*phrases_r = (struct phrases) { 0 };
	pattern_add(compile->out, optional ? "(?:(?:" : "(?:");
	good = add_alternatives(compile, text, length, phrases_r, &first);
	pattern_add(compile->out, optional ? ")(?= ))?" : ")(?= )");
	if (good && first)
		return words_wrong(compile, "words are missing", "");
	return good;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
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

void words_sort(struct fold_words *words)
{
	sort_unique(words->exact, &words->exact_count);
	sort_unique(words->prefixes, &words->prefix_count);
}
