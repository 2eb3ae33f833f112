#include "webchat/words.h"
#include "base/mem.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { LISTS_MAX = 16, TYPED_MAX = 400, FIT = WORDS_COUNT + 1 };

struct list {
	char lang[9];
	char words[WORDS_LIST][WORDS_LONGEST + 1];
	uint32_t letters[WORDS_LIST]; /* which stand in each word */
};

struct words {
	struct list *lists[LISTS_MAX];
	size_t count;
};

struct typed {
	char words[WORDS_COUNT][WORDS_LONGEST + 2]; /* a letter too many is one slip */
	int count; /* WORDS_COUNT + 1: too many */
};

static bool good_word(const char *word)
{
	size_t length = strlen(word);
	return length >= 3 && length <= WORDS_LONGEST
		&& strspn(word, "abcdefghijklmnopqrstuvwxyz") == length;
}

/* One bit for each letter that stands in it, and one for whatever is no letter. */
static uint32_t letters_of(const char *word)
{
	uint32_t letters = 0;
	for (; *word; word++)
		letters |= UINT32_C(1) << (*word >= 'a' && *word <= 'z' ? *word - 'a' : 26);
	return letters;
}

static bool read_list(FILE *file, struct list *list)
{
	char line[200];
	size_t count = 0;

	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line == '#' || !*line)
			continue;
		if (count == WORDS_LIST || !good_word(line)
			|| (count && strcmp(list->words[count - 1], line) >= 0))
			return false;
		list->letters[count] = letters_of(line);
		strcpy(list->words[count++], line);
	}
	return count == WORDS_LIST;
}

static enum err load_one(
	struct words *words, const char *folder, const char *name, struct config_errors *errors)
{
	char path[4096];
	struct list *list;
	size_t length = strlen(name);
	bool good;
	FILE *file;

	if (length < 5 || length > 12 || strcmp(name + length - 4, ".txt") != 0)
		return OK;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "re");
	list = mem_alloc(sizeof *list);
	snprintf(list->lang, sizeof list->lang, "%.*s", (int)length - 4, name);
	good = file && words->count < LISTS_MAX && read_list(file, list);
	if (file)
		fclose(file);
	if (!good) {
		config_errors_add(errors,
			"%s: not a list of %d words of 3 to %d small letters, sorted: put the shipped "
			"one back",
			path, WORDS_LIST, WORDS_LONGEST);
		free(list);
		return ERR_INVALID;
	}
	words->lists[words->count++] = list;
	return OK;
}

enum err words_load(const char *folder, struct words **words_r, struct config_errors *errors)
{
	struct words *words = mem_alloc(sizeof *words);
	DIR *entries = opendir(folder);
	struct dirent *entry;
	enum err err = OK;

	while (!err && entries && (entry = readdir(entries)))
		err = load_one(words, folder, entry->d_name, errors);
	if (entries)
		closedir(entries);
	if (!err && !words->count) {
		config_errors_add(errors, "%s: no lists of words for return codes (nl.txt, …)", folder);
		err = ERR_NOT_FOUND;
	}
	if (err)
		words_destroy(&words);
	*words_r = words;
	return err;
}

void words_destroy(struct words **words)
{
	if (!*words)
		return;
	for (size_t i = 0; i < (*words)->count; i++)
		free((*words)->lists[i]);
	free(*words);
	*words = NULL;
}

void words_make(const struct words *words, const char *lang, char text_r[WORDS_TEXT])
{
	const struct list *list = words->lists[0];
	char *at = text_r;

	for (size_t i = 0; i < words->count; i++)
		if (!strcmp(words->lists[i]->lang, lang))
			list = words->lists[i];
	for (int i = 0; i < WORDS_COUNT; i++)
		at += sprintf(at, "%s%s", i ? " " : "", list->words[randombytes_uniform(WORDS_LIST)]);
}

/* Small letters without accents; what is no letter ends a word. */
static void take(struct typed *typed, int *length, UChar unit)
{
	char *word = typed->words[typed->count - (typed->count > 0)];

	if (unit >= 'A' && unit <= 'Z')
		unit += 'a' - 'A';
	if (unit >= 0x300 && unit < 0x370) /* an accent, on its own after NFKD */
		return;
	if (unit < 'a' || unit > 'z') {
		*length = 0;
		return;
	}
	if (!*length) {
		if (typed->count >= WORDS_COUNT) {
			typed->count = WORDS_COUNT + 1;
			return;
		}
		word = typed->words[typed->count++];
	}
	if (*length <= WORDS_LONGEST)
		word[(*length)++] = (char)unit;
	else
		word[0] = '?'; /* longer than any */
}

static void split(const char *text, struct typed *typed_r)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&status);
	UChar wide[TYPED_MAX], plain[2 * TYPED_MAX];
	int32_t length = 0;
	int word = 0;

	*typed_r = (struct typed) { .count = 0 };
	u_strFromUTF8WithSub(wide, TYPED_MAX, &length, text, -1, '?', NULL, &status);
	length = unorm2_normalize(nfkd, wide, length, plain, 2 * TYPED_MAX, &status);
	if (U_FAILURE(status))
		return;
	for (int32_t i = 0; i < length; i++) {
		if (plain[i] == 0x153 || plain[i] == 0x152) { /* œ */
			take(typed_r, &word, 'o');
			take(typed_r, &word, 'e');
		} else {
			take(typed_r, &word, plain[i]);
		}
	}
	sodium_memzero(wide, sizeof wide);
	sodium_memzero(plain, sizeof plain);
}

/* At most one slip: a letter more, less or other, or two neighbours swapped. */
static bool near(const char *a, const char *b)
{
	size_t from = 0, long_a = strlen(a), long_b = strlen(b);

	if (long_a > long_b + 1 || long_b > long_a + 1)
		return false;
	while (a[from] && a[from] == b[from])
		from++;
	while (long_a > from && long_b > from && a[long_a - 1] == b[long_b - 1]) {
		long_a--;
		long_b--;
	}
	long_a -= from;
	long_b -= from;
	return (long_a <= 1 && long_b <= 1)
		|| (long_a == 2 && long_b == 2 && a[from] == b[from + 1] && a[from + 1] == b[from]);
}

/* Which words could be meant, at most WORDS_MEANT; 0: none, or too many. */
static int meant(const struct list *list, const char *word, const char *found[WORDS_MEANT])
{
	uint32_t letters = letters_of(word);
	int count = 0;

	for (size_t i = 0; i < WORDS_LIST; i++) {
		if (__builtin_popcount(list->letters[i] ^ letters) > 2)
			continue; /* one slip takes away one letter and brings one, at most */
		if (!strcmp(list->words[i], word)) {
			found[0] = list->words[i];
			return 1;
		}
		if (near(list->words[i], word) && count++ < WORDS_MEANT)
			found[count - 1] = list->words[i];
	}
	return count <= WORDS_MEANT ? count : 0;
}

/* Each text so far with each word that may follow. */
static bool follow(struct words_read *read, const char *const found[WORDS_MEANT], int count)
{
	struct words_read next = { .count = 0, .wrong = read->wrong };

	if (read->count * count > WORDS_MEANT)
		return false;
	for (int i = 0; i < read->count; i++)
		for (int j = 0; j < count; j++)
			snprintf(next.texts[next.count++], WORDS_TEXT, "%.80s%s%.10s",
				read->texts[i], *read->texts[i] ? " " : "", found[j]);
	*read = next;
	return true;
}

/* How well the list fits: by how many words are of it, and then by how many of those have no slip. */
static int read_as(const struct list *list, const struct typed *typed, struct words_read *read_r)
{
	int known = 0, exact = 0;

	*read_r = (struct words_read) { .count = 1 };
	for (int i = 0; i < WORDS_COUNT; i++) {
		const char *found[WORDS_MEANT];
		int count = meant(list, typed->words[i], found);
		known += count > 0;
		exact += count == 1 && !strcmp(found[0], typed->words[i]);
		if ((!count || !follow(read_r, found, count)) && !read_r->wrong) {
			read_r->wrong = i + 1;
			known -= count > 0;
		}
	}
	return known * FIT + exact;
}

enum err words_read(const struct words *words, const char *text, struct words_read *read_r)
{
	struct typed typed;
	struct words_read as;
	int best = -1;

	*read_r = (struct words_read) { .wrong = 0 };
	split(text, &typed);
	for (size_t i = 0; i < words->count && typed.count == WORDS_COUNT; i++) {
		int fit = read_as(words->lists[i], &typed, &as);
		if (fit <= best)
			continue;
		best = fit;
		*read_r = as;
	}
	sodium_memzero(&typed, sizeof typed);
	sodium_memzero(&as, sizeof as);
	return best / FIT == WORDS_COUNT ? OK : ERR_INVALID;
}
