#include "triage/fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf8.h>

enum { SPELLED_MIN = 3, RUN_MIN = 3, RUNS_MAX = 3 };

struct character { /* of a word, folded */
	char byte;
	uint32_t from, to;
};

struct word {
	struct character characters[FOLD_WORD_MAX];
	size_t length;
};

struct folding {
	const struct fold_words *words;
	struct fold *out;
	struct word word; /* under way */
	struct character spelled[FOLD_WORD_MAX]; /* single letters in a row, not yet written */
	size_t spelled_length;
};

static int compare_text(const void *key, const void *entry)
{
	return strcmp(key, *(char *const *)entry);
}

static bool known(const struct fold_words *words, const char *text, size_t length)
{
	char copy[FOLD_WORD_MAX + 1];

	if (!words || length > FOLD_WORD_MAX)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	const char *key = copy;
	if (words->exact_count
		&& bsearch(key, words->exact, words->exact_count, sizeof(char *), compare_text))
		return true;
	for (size_t end = length; end >= 3 && words->prefix_count; end--) {
		copy[end] = '\0';
		if (bsearch(key, words->prefixes, words->prefix_count, sizeof(char *),
			    compare_text))
			return true;
	}
	return false;
}

static void put(struct fold *out, char byte, uint32_t from, uint32_t to)
{
	if (out->length >= FOLD_MAX - 1) { /* the last space has room */
		out->cut = true;
		return;
	}
	out->text[out->length] = byte;
	out->from[out->length] = from;
	out->to[out->length++] = to;
}

static void put_word(struct fold *out, const struct character *characters, size_t length)
{
	if (!length)
		return;
	put(out, ' ', characters[0].from, characters[0].from);
	for (size_t i = 0; i < length; i++)
		put(out, characters[i].byte, characters[i].from, characters[i].to);
}

static bool known_word(const struct folding *folding, const struct word *word)
{
	char text[FOLD_WORD_MAX];
	for (size_t i = 0; i < word->length; i++)
		text[i] = word->characters[i].byte;
	return known(folding->words, text, word->length);
}

/* Runs of three and more become one letter, or two where `doubled` has their bit. */
static struct word shorten(const struct word *word, unsigned doubled)
{
	struct word shorter = { .length = 0 };
	unsigned runs = 0;

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

static bool has_run(const struct word *word)
{
	for (size_t i = 2; i < word->length; i++)
		if (word->characters[i].byte >= 'a'
			&& word->characters[i].byte == word->characters[i - 1].byte
			&& word->characters[i].byte == word->characters[i - 2].byte)
			return true;
	return false;
}

static void unstretch(const struct folding *folding, struct word *word)
{
	struct word best = shorten(word, 0);

	for (unsigned doubled = 0; doubled < 1u << RUNS_MAX; doubled++) {
		struct word candidate = shorten(word, doubled);
		if (known_word(folding, &candidate)) {
			*word = candidate;
			return;
		}
	}
	*word = best;
}

static bool unleet_as(const struct folding *folding, struct word *word, char one)
{
	static const char signs[] = "034578@$", letters[] = "oeastbas";
	struct word plain = *word;

	for (size_t i = 0; i < plain.length; i++) {
		const char *sign = memchr(signs, plain.characters[i].byte, sizeof signs - 1);
		if (sign)
			plain.characters[i].byte = letters[sign - signs];
		else if (plain.characters[i].byte == '1')
			plain.characters[i].byte = one;
	}
	if (has_run(&plain))
		unstretch(folding, &plain);
	if (!known_word(folding, &plain))
		return false;
	*word = plain;
	return true;
}

static void tidy(const struct folding *folding, struct word *word)
{
	bool letter = false, sign = false;
	size_t kept = 0;

	for (size_t i = 0; i < word->length; i++) {
		char byte = word->characters[i].byte;
		sign = sign || (byte >= '0' && byte <= '9') || byte == '@' || byte == '$';
		letter = letter || (byte >= 'a' && byte <= 'z');
	}
	if (sign && letter && (unleet_as(folding, word, 'i') || unleet_as(folding, word, 'l')))
		return;
	for (size_t i = 0; sign && i < word->length; i++)
		if (word->characters[i].byte != '@' && word->characters[i].byte != '$')
			word->characters[kept++] = word->characters[i];
	if (sign)
		word->length = kept;
	if (has_run(word))
		unstretch(folding, word);
}

/* A row of single letters is one word if a rule knows it, else what it was. */
static void end_spelled(struct folding *folding)
{
	char text[FOLD_WORD_MAX];
	size_t length = folding->spelled_length;

	folding->spelled_length = 0;
	for (size_t i = 0; i < length; i++)
		text[i] = folding->spelled[i].byte;
	if (length >= SPELLED_MIN && known(folding->words, text, length)) {
		put_word(folding->out, folding->spelled, length);
		return;
	}
	for (size_t i = 0; i < length; i++)
		put_word(folding->out, &folding->spelled[i], 1);
}

static void end_word(struct folding *folding)
{
	struct word *word = &folding->word;

	if (!word->length)
		return;
	if (word->length == 1 && folding->spelled_length < FOLD_WORD_MAX) {
		folding->spelled[folding->spelled_length++] = word->characters[0];
	} else {
		end_spelled(folding);
		tidy(folding, word);
		put_word(folding->out, word->characters, word->length);
	}
	word->length = 0;
}

static void end_sentence(struct folding *folding, uint32_t from, uint32_t to)
{
	struct fold *out = folding->out;

	end_word(folding);
	end_spelled(folding);
	if (out->length && out->text[out->length - 1] != '.') {
		put(out, ' ', from, from);
		put(out, '.', from, to);
	}
}

static void add_byte(struct folding *folding, char byte, uint32_t from, uint32_t to)
{
	struct word *word = &folding->word;
	if (word->length < FOLD_WORD_MAX)
		word->characters[word->length++] = (struct character) { byte, from, to };
	else
		folding->out->cut = true;
}

static const char *emoji_word(const struct fold_words *words, UChar32 point)
{
	size_t low = 0, high = words ? words->emoji_count : 0;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (words->emoji[middle].point == (uint32_t)point)
			return words->emoji[middle].word;
		if (words->emoji[middle].point < (uint32_t)point)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const char *expansion(UChar32 point) /* letters that NFKD leaves whole */
{
	switch (point) {
	case 0xdf:
		return "ss";
	case 0xe6:
	case 0xc6:
		return "ae";
	case 0x153:
	case 0x152:
		return "oe";
	case 0xf8:
	case 0xd8:
		return "o";
	case 0x142:
	case 0x141:
		return "l";
	case 0x131:
		return "i";
	default:
		return NULL;
	}
}

static void add_letter(struct folding *folding, UChar32 point, uint32_t from, uint32_t to)
{
	uint8_t bytes[4];
	int32_t length = 0;
	UBool failed = false;

	point = u_foldCase(point, U_FOLD_CASE_DEFAULT);
	if (point < 128) {
		add_byte(folding, (char)point, from, to);
		return;
	}
	U8_APPEND(bytes, length, 4, point, failed);
	for (int32_t i = 0; !failed && i < length; i++)
		add_byte(folding, (char)bytes[i], from, to);
}

static void add_decomposed(struct folding *folding, UChar32 point, uint32_t from, uint32_t to)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&status);
	UChar parts[32];
	int32_t length = unorm2_getDecomposition(nfkd, point, parts, 32, &status);

	if (length < 0 || U_FAILURE(status)) {
		if (u_isalnum(point))
			add_letter(folding, point, from, to);
		else
			end_word(folding);
		return;
	}
	for (int32_t i = 0; i < length;) {
		UChar32 part;
		U16_NEXT(parts, i, length, part);
		if (u_isalnum(part))
			add_letter(folding, part, from, to);
		else if (u_charType(part) != U_NON_SPACING_MARK)
			end_word(folding);
	}
}

static bool joins(UChar32 point) /* invisible, or a mark on what stands before it */
{
	return u_charType(point) == U_NON_SPACING_MARK || u_charType(point) == U_FORMAT_CHAR
		|| (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0x1f3fb && point <= 0x1f3ff);
}

static void add_other(struct folding *folding, UChar32 point, uint32_t from, uint32_t to)
{
	const char *word = emoji_word(folding->words, point), *letters = expansion(point);

	if (word) {
		end_word(folding);
		end_spelled(folding);
		while (*word)
			add_byte(folding, *word++, from, to);
		end_word(folding);
	} else if (letters) {
		while (*letters)
			add_byte(folding, *letters++, from, to);
	} else if (!joins(point)) {
		add_decomposed(folding, point, from, to);
	}
}

/* "j'ai" is two words, "m'n" and "don't" are one. */
static bool splits(const struct folding *folding, char next)
{
	const struct word *word = &folding->word;
	char last = word->length ? word->characters[word->length - 1].byte : '\0';

	if (!next || !strchr("aeiouyhAEIOUYH\xc3", next))
		return false;
	if (word->length == 1)
		return strchr("cdjlmnst", last) != NULL;
	return last == 'u' && word->length >= 2
		&& word->characters[word->length - 2].byte == 'q';
}

static void add_ascii(struct folding *folding, const char *source, size_t length, uint32_t at)
{
	char c = source[at], next = at + 1 < length ? source[at + 1] : '\0';

	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
		add_byte(folding, c, at, at + 1);
	} else if (c >= 'A' && c <= 'Z') {
		add_byte(folding, (char)(c + 32), at, at + 1);
	} else if (c == '@' || c == '$') {
		if ((next >= 'a' && next <= 'z') || folding->word.length)
			add_byte(folding, c, at, at + 1);
	} else if (c == '\'' || c == '`') {
		if (splits(folding, next))
			end_word(folding);
	} else if (c == '.' && folding->word.length == 1 && next > ' ') { /* "d.o.o.d" */
		end_word(folding);
	} else if (c == '.' && (next == '.' || (at && source[at - 1] == '.'))) { /* a pause */
		end_word(folding);
	} else if (c == '.' || c == '!' || c == '?' || c == ';' || c == '\n') {
		end_sentence(folding, at, at + 1);
	} else {
		end_word(folding);
	}
}

void fold(const char *source, size_t length, const struct fold_words *words, struct fold *fold_r)
{
	struct folding folding = { .words = words, .out = fold_r };

	fold_r->length = 0;
	fold_r->cut = false;
	for (size_t i = 0; i < length && !fold_r->cut;) {
		int32_t next = (int32_t)i;
		UChar32 point;
		if ((unsigned char)source[i] < 128) {
			add_ascii(&folding, source, length, (uint32_t)i++);
			continue;
		}
		U8_NEXT((const uint8_t *)source, next, (int32_t)length, point);
		if (point == 0x2019 || point == 0x2018) {
			if (splits(&folding, (size_t)next < length ? source[next] : '\0'))
				end_word(&folding);
		} else if (point == 0x3002) {
			end_sentence(&folding, (uint32_t)i, (uint32_t)next);
		} else if (point < 0) {
			end_word(&folding);
		} else {
			add_other(&folding, point, (uint32_t)i, (uint32_t)next);
		}
		i = (size_t)next;
	}
	end_word(&folding);
	end_spelled(&folding);
	fold_r->text[fold_r->length] = ' ';
	fold_r->from[fold_r->length] = fold_r->to[fold_r->length] = (uint32_t)length;
	fold_r->text[++fold_r->length] = '\0';
}
