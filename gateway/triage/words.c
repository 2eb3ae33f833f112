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

/* What folding may turn odd spellings into. */
static void learn_words(struct fold_words *words, const char *folded, bool star)
{
	while (*folded) {
		size_t length = strcspn(folded, " ");
		bool last = !folded[length];
		fold_learn(words, folded, length, star && last);
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
static bool add_word(const struct compile *compile, const char *word, size_t length,
	struct required *required, struct pattern *out)
{
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
			learn_words(&compile->set->words, folded, sign == '*');
		if (sign) {
			pattern_add(out, sign == '#' ? "[0-9]+" : "[^ ]*");
			required->run[0] = '\0';
		}
		from += piece + (sign != '\0');
	}
	return true;
}

struct alternatives { /* of an element */
	char **texts; /* as PCRE2 */
	size_t count;
	struct phrases *phrases;
};

/* "loop weg*": words in a row. */
static bool add_phrase(const struct compile *compile, const char *text, size_t length,
	struct alternatives *out)
{
	struct required required = { 0 };
	struct pattern pattern = { 0 };

	while (length) {
		size_t word = 0;
		while (word < length && text[word] != ' ' && text[word] != '\t')
			word++;
		if (word && !add_word(compile, text, word, &required, &pattern)) {
			pattern_finish(&pattern);
			return false;
		}
		word += word < length;
		text += word;
		length -= word;
	}
	if (required.run[0])
		require(&required, " ");
	phrases_add(out->phrases, required.best, required.best_first, required.words);
	out->texts = mem_grow(out->texts, out->count + 1, sizeof(char *));
	out->texts[out->count++] = pattern.regex;
	return true;
}

static bool add_alternatives(const struct compile *compile, const char *text, size_t length,
	struct alternatives *out);

static bool add_list(const struct compile *compile, const char *name, size_t length,
	struct alternatives *out)
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
			compile, list->source.text, strlen(list->source.text), out);
		list->expanding = false;
		return good;
	}
	char copy[80];
	snprintf(copy, sizeof copy, "%.*s", (int)length, name);
	return words_wrong(compile, "there is no such list", copy);
}

static bool add_alternatives(const struct compile *compile, const char *text, size_t length,
	struct alternatives *out)
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
			if (!add_list(compile, from, (size_t)(to - from), out))
				return false;
		} else if (!add_phrase(compile, from, (size_t)(to - from), out)) {
			return false;
		}
		text = bar ? bar + 1 : end;
	}
	return true;
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

/* One sign of a pattern: a letter, "[^ ]*" or "[0-9]+". */
static size_t sign_length(const char *text)
{
	return *text == '[' ? strcspn(text, "]") + 2 : *text != '\0';
}

/* Sorted texts that are alike up to `done`, with what they begin with written once: PCRE2 tries the
 * alternatives one by one. */
static void write_tree(struct pattern *out, char *const *texts, size_t count, size_t done)
{
	size_t from = 0;

	pattern_add(out, count > 1 ? "(?:" : "");
	while (from < count) {
		const char *text = texts[from] + done;
		size_t length = sign_length(text), to = from + 1;
		while (to < count && length && !strncmp(texts[to] + done, text, length))
			to++;
		pattern_add(out, from ? "|" : "");
		if (to == from + 1) {
			pattern_add(out, text);
		} else {
			add(out, text, length);
			write_tree(out, texts + from, to - from, done + length);
		}
		from = to;
	}
	pattern_add(out, count > 1 ? ")" : "");
}

bool words_element(const struct compile *compile, const char *text, size_t length, bool optional,
	struct phrases *phrases_r)
{
	struct alternatives out = { .phrases = phrases_r };
	bool good;

	*phrases_r = (struct phrases) { 0 };
	good = add_alternatives(compile, text, length, &out);
	if (good && !out.count)
		good = words_wrong(compile, "words are missing", "");
	if (good) {
		sort_unique(out.texts, &out.count);
		pattern_add(compile->out, optional ? "(?:(?:" : "(?:");
		write_tree(compile->out, out.texts, out.count, 0);
		pattern_add(compile->out, optional ? ")(?= ))?" : ")(?= )");
	}
	if (!good)
		phrases_finish(phrases_r);
	for (size_t i = 0; i < out.count; i++)
		free(out.texts[i]);
	free(out.texts);
	return good;
}
