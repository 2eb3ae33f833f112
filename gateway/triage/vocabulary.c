#include "triage/vocabulary.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX_MIN = 3, RUN_MIN = 3, RUNS_MAX = 3, LEET_MIN = 4, DOUBLED_MIN = 5, STARRED_MIN = 5,
	STARRED_TRIES = 400 };

static const uint64_t fnv_basis = 0xcbf29ce484222325u, fnv_prime = 0x100000001b3u,
		      prefix_mark = 0x9e3779b97f4a7c15u;

static uint64_t step(uint64_t hash, char byte)
{
	return (hash ^ (unsigned char)byte) * fnv_prime;
}

static bool holds(const struct fold_words *words, uint64_t hash)
{
	hash += !hash;
	for (size_t at = hash & (words->hash_size - 1); words->hashes[at];
		at = (at + 1) & (words->hash_size - 1))
		if (words->hashes[at] == hash)
			return true;
	return false;
}

static void insert(struct fold_words *words, uint64_t hash)
{
	size_t at = hash & (words->hash_size - 1);
	while (words->hashes[at])
		at = (at + 1) & (words->hash_size - 1);
	words->hashes[at] = hash;
	words->hash_count++;
}

static void grow(struct fold_words *words)
{
	struct fold_words larger = { .hash_size = words->hash_size ? 2 * words->hash_size : 256 };

	larger.hashes = mem_array(larger.hash_size, sizeof *larger.hashes);
	for (size_t i = 0; i < words->hash_size; i++)
		if (words->hashes[i])
			insert(&larger, words->hashes[i]);
	free(words->hashes);
	words->hashes = larger.hashes;
	words->hash_size = larger.hash_size;
}

void fold_learn(struct fold_words *words, const char *text, size_t length, bool prefix)
{
	uint64_t hash = fnv_basis;

	if (!length || length > FOLD_WORD_MAX || (prefix && length < PREFIX_MIN))
		return;
	for (size_t i = 0; i < length; i++)
		hash = step(hash, text[i]);
	hash ^= prefix ? prefix_mark : 0;
	hash += !hash;
	if (2 * words->hash_count >= words->hash_size)
		grow(words);
	if (holds(words, hash))
		return;
	insert(words, hash);
	if (prefix)
		return;
	char *copy = mem_alloc(length + 1);
	memcpy(copy, text, length);
	words->exact = mem_grow(words->exact, words->exact_count + 1, sizeof(char *));
	words->exact[words->exact_count++] = copy;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void fold_ready(struct fold_words *words)
{
	if (words->exact_count)
		qsort(words->exact, words->exact_count, sizeof *words->exact, compare);
}

void fold_forget(struct fold_words *words)
{
	for (size_t i = 0; i < words->exact_count; i++)
		free(words->exact[i]);
	free(words->exact);
	free(words->hashes);
	free(words->emoji);
	*words = (struct fold_words) { 0 };
}

void vocabulary_beginnings(const struct fold_words *words, const char *text, size_t most,
	enum vocabulary_how *how_r)
{
	uint64_t hash = fnv_basis;
	bool begins = false, none = !words || !words->hash_size;

	for (size_t i = 0; i < most; i++) {
		hash = step(hash, text[i]);
		begins = begins || (!none && i + 1 >= PREFIX_MIN && holds(words, hash ^ prefix_mark));
		how_r[i] = !none && holds(words, hash) ? VOCABULARY_WORD
			: begins			? VOCABULARY_BEGINS
							: VOCABULARY_UNKNOWN;
	}
}

bool vocabulary_knows(const struct fold_words *words, const struct word *word)
{
	char text[FOLD_WORD_MAX];
	enum vocabulary_how how[FOLD_WORD_MAX];

	if (!word->length)
		return false;
	for (size_t i = 0; i < word->length; i++)
		text[i] = word->characters[i].byte;
	vocabulary_beginnings(words, text, word->length, how);
	return how[word->length - 1] != VOCABULARY_UNKNOWN;
}

/* Runs of three and more become one letter, or two where `doubled` has their bit. */
static struct word shorten(const struct word *word, unsigned doubled)
{
	struct word shorter;
	unsigned runs = 0;

	shorter.length = 0;
	for (size_t i = 0; i < word->length;) {
		size_t run = 1;
		while (i + run < word->length
			&& word->characters[i + run].byte == word->characters[i].byte)
			run++;
		bool letter = word->characters[i].byte >= 'a';
		size_t keep = run;
		if (run >= RUN_MIN && letter) {
			keep = runs < RUNS_MAX && (doubled >> runs & 1) ? 2 : 1;
			runs++;
		}
		for (size_t k = 0; k < keep; k++)
			shorter.characters[shorter.length++] = word->characters[i + k];
		shorter.characters[shorter.length - 1].to = word->characters[i + run - 1].to;
		i += run;
	}
	return shorter;
}

static unsigned runs_of(const struct word *word)
{
	unsigned runs = 0;
	for (size_t i = 2; i < word->length; i++)
		if (word->characters[i].byte >= 'a'
			&& word->characters[i].byte == word->characters[i - 1].byte
			&& word->characters[i].byte == word->characters[i - 2].byte
			&& (i == 2 || word->characters[i].byte != word->characters[i - 3].byte))
			runs++;
	return runs < RUNS_MAX ? runs : RUNS_MAX;
}

/* "alleeeen" is "alleen" rather than "allen" if rules know both. */
static bool unstretch(const struct fold_words *words, struct word *word)
{
	unsigned ways = 1u << runs_of(word);

	for (unsigned doubled = ways; doubled-- > 0;) {
		struct word candidate = shorten(word, doubled);
		if (vocabulary_knows(words, &candidate)) {
			*word = candidate;
			return true;
		}
	}
	*word = shorten(word, 0);
	return false;
}

static bool unleet_as(const struct fold_words *words, struct word *word, char one)
{
	static const char signs[] = "034578@$", letters[] = "oeastbas";
	struct word plain = *word;

	for (size_t i = 0; i < plain.length; i++) {
		char *byte = &plain.characters[i].byte;
		const char *sign = memchr(signs, *byte, sizeof signs - 1);
		if (sign)
			*byte = letters[sign - signs];
		else if (*byte == '1' || *byte == '!')
			*byte = one;
		else if (*byte == '*')
			return false;
	}
	if (runs_of(&plain) ? !unstretch(words, &plain) : !vocabulary_knows(words, &plain))
		return false;
	*word = plain;
	return true;
}

static bool fits(const struct word *word, const char *text)
{
	if (strlen(text) != word->length)
		return false;
	for (size_t i = 0; i < word->length; i++)
		if (word->characters[i].byte != '*' && word->characters[i].byte != text[i])
			return false;
	return true;
}

/* "su*cide": the first word known that fits. */
static bool unstar(const struct fold_words *words, struct word *word, int *starred)
{
	char begin[FOLD_WORD_MAX + 1];
	size_t first = 0, stars = 0, low = 0, high;

	if (!words)
		return false;
	high = words->exact_count;
	while (first < word->length && word->characters[first].byte != '*') {
		begin[first] = word->characters[first].byte;
		first++;
	}
	begin[first] = '\0';
	for (size_t i = first; i < word->length; i++)
		stars += word->characters[i].byte == '*';
	if (!first || !stars || word->length < STARRED_MIN || 2 * stars > word->length)
		return false;
	if (--*starred < 0)
		return false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(words->exact[middle], begin) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i < words->exact_count && i < low + STARRED_TRIES
		&& !strncmp(words->exact[i], begin, first); i++)
		if (fits(word, words->exact[i])) {
			for (size_t k = 0; k < word->length; k++)
				word->characters[k].byte = words->exact[i][k];
			return true;
		}
	return false;
}

/* "helpp" */
static void undouble(const struct fold_words *words, struct word *word)
{
	struct character *last = &word->characters[word->length - 1];

	if (word->length < DOUBLED_MIN || last->byte != last[-1].byte || last->byte < 'a'
		|| vocabulary_knows(words, word))
		return;
	word->length--;
	if (vocabulary_knows(words, word))
		last[-1].to = last->to;
	else
		word->length++;
}

bool vocabulary_tidy(const struct fold_words *words, struct word *word, int *starred)
{
	bool letter = false, digit = false, sign = false;

	for (size_t i = 0; i < word->length; i++) {
		char byte = word->characters[i].byte;
		sign = sign || byte == '@' || byte == '$' || byte == '!' || byte == '*';
		digit = digit || (byte >= '0' && byte <= '9');
		letter = letter || (byte >= 'a' && byte <= 'z');
	}
	if ((sign || digit) && letter && word->length >= LEET_MIN
		&& (unleet_as(words, word, 'i') || unleet_as(words, word, 'l')
			|| unstar(words, word, starred)))
		return true;
	if (sign)
		return false;
	if (runs_of(word))
		unstretch(words, word);
	else if (word->length)
		undouble(words, word);
	return true;
}

static bool is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

size_t vocabulary_plain(const char *source, size_t length)
{
	size_t count = 0;
	char last = '\0', before = '\0';

	for (; count < length && is_letter(source[count]); count++) {
		char letter = (char)(source[count] | 0x20);
		if ((letter == last && letter == before) || count == FOLD_WORD_MAX)
			return 0;
		before = last;
		last = letter;
	}
	if (count < 2 || (last == before && count >= DOUBLED_MIN))
		return 0;
	if (count == length)
		return count;
	char end = source[count];
	if ((unsigned char)end >= 128 || (end >= '0' && end <= '9'))
		return 0;
	switch (end) {
	case '@':
	case '$':
	case '*':
	case '_':
	case '\'':
	case '`':
		return 0;
	case '!':
		return count + 1 < length && is_letter(source[count + 1]) ? 0 : count;
	default:
		return count;
	}
}
