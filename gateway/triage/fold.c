#include "triage/fold.h"
#include "triage/vocabulary.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf8.h>

enum { SPELLED_MIN = 3, SPELLED_WORD_MAX = 14, SPELLED_LOOKUPS = 2000, KEPT_RUN = 3,
	STARRED_MAX = 16 };

struct folding {
	const struct fold_words *words;
	struct fold *out;
	struct word word; /* under way */
	struct word spelled; /* single letters in a row, not yet written */
	uint32_t gap; /* between the first two of them, in bytes */
	bool gapped; /* a wider gap was met: they are words apart */
	unsigned lookups; /* of spelled words; beyond a limit they are not looked for */
	int starred; /* words that may still be looked for */
};

static void put(struct fold *out, char byte, uint32_t from, uint32_t to)
{
	out->text[out->length] = byte;
	out->from[out->length] = from;
	out->to[out->length++] = to;
}

static bool room(struct fold *out, size_t length) /* the last space has room */
{
	if (out->length + length < FOLD_MAX)
		return true;
	out->cut = true;
	return false;
}

static void put_word(struct fold *out, const struct character *characters, size_t length)
{
	if (!length || !room(out, length + 1))
		return;
	put(out, ' ', characters[0].from, characters[0].from);
	for (size_t i = 0; i < length; i++)
		put(out, characters[i].byte, characters[i].from, characters[i].to);
}

/* Splits letters into words that rules know, so that there are few, and whole ones rather than what only
 * begins as one does. The word that begins at i has lengths[i] letters; false: they are not made of them. */
static bool split(struct folding *folding, const char *text, size_t count, uint8_t *lengths)
{
	enum { NEVER = 10000, WORD = 2, BEGINNING = 5 };
	enum vocabulary_how how[SPELLED_WORD_MAX];
	unsigned cost[FOLD_WORD_MAX + 1];

	cost[count] = 0;
	for (size_t at = count; at-- > 0;) {
		size_t most = count - at < SPELLED_WORD_MAX ? count - at : SPELLED_WORD_MAX;
		folding->lookups += (unsigned)most;
		if (folding->lookups > SPELLED_LOOKUPS) {
			folding->out->cut = true;
			return false;
		}
		vocabulary_beginnings(folding->words, text + at, most, how);
		cost[at] = NEVER;
		for (size_t length = 2; length <= most; length++) {
			unsigned all = cost[at + length]
				+ (how[length - 1] == VOCABULARY_WORD ? WORD : BEGINNING);
			if (how[length - 1] == VOCABULARY_UNKNOWN || all >= cost[at])
				continue;
			cost[at] = all;
			lengths[at] = (uint8_t)length;
		}
	}
	return cost[0] < NEVER;
}

/* A row of single letters is the words that rules know, if it is made of them, else what it was. Between
 * wider gaps even two letters are a word. */
static void end_spelled(struct folding *folding)
{
	const struct word *spelled = &folding->spelled;
	char text[FOLD_WORD_MAX];
	uint8_t lengths[FOLD_WORD_MAX];
	size_t least = folding->gapped ? 2 : SPELLED_MIN, longest = 0;

	for (size_t i = 0; i < spelled->length; i++)
		text[i] = spelled->characters[i].byte;
	if (spelled->length >= least && split(folding, text, spelled->length, lengths))
		for (size_t at = 0; at < spelled->length; at += lengths[at])
			longest = lengths[at] > longest ? lengths[at] : longest;
	for (size_t at = 0; at < spelled->length;) {
		size_t length = longest >= least ? lengths[at] : 1;
		put_word(folding->out, &spelled->characters[at], length);
		at += length;
	}
	folding->spelled.length = 0;
}

static void add_spelled(struct folding *folding, const struct character *letter)
{
	struct word *spelled = &folding->spelled;
	uint32_t gap = 0;

	if (spelled->length) {
		gap = letter->from - spelled->characters[spelled->length - 1].to;
		if (spelled->length == 1 && !folding->gapped)
			folding->gap = gap;
		if (gap > folding->gap || spelled->length == FOLD_WORD_MAX) {
			folding->gapped = gap > folding->gap;
			end_spelled(folding);
		}
	}
	spelled->characters[spelled->length++] = *letter;
}

static void put_stop(struct fold *out, uint32_t from, uint32_t to)
{
	if (!out->length || out->text[out->length - 1] == '.' || !room(out, 2))
		return;
	put(out, ' ', from, from);
	put(out, '.', from, to);
}

static void end_tidied(struct folding *folding, struct word *word)
{
	if (word->length == 1) {
		add_spelled(folding, &word->characters[0]);
	} else if (word->length) {
		end_spelled(folding);
		folding->gapped = false;
		put_word(folding->out, word->characters, word->length);
	}
	word->length = 0;
}

/* Signs that stand for nothing end what stands before them. */
static void end_signed(struct folding *folding, const struct word *word)
{
	struct word piece;

	piece.length = 0;
	for (size_t i = 0; i <= word->length; i++) {
		const struct character *c = &word->characters[i];
		if (i < word->length && !memchr("@$!*", c->byte, 4)) {
			piece.characters[piece.length++] = *c;
			continue;
		}
		(void)vocabulary_tidy(folding->words, &piece, &folding->starred);
		end_tidied(folding, &piece);
		if (i < word->length && c->byte == '!') {
			end_spelled(folding);
			put_stop(folding->out, c->from, c->to);
		}
	}
}

static void end_word(struct folding *folding)
{
	struct word *word = &folding->word;

	if (!word->length)
		return;
	if (vocabulary_tidy(folding->words, word, &folding->starred))
		end_tidied(folding, word);
	else
		end_signed(folding, word);
	word->length = 0;
}

static void end_sentence(struct folding *folding, uint32_t from, uint32_t to)
{
	end_word(folding);
	end_spelled(folding);
	put_stop(folding->out, from, to);
}

static void add_bytes(
	struct folding *folding, const char *bytes, size_t length, uint32_t from, uint32_t to)
{
	struct word *word = &folding->word;
	struct character *last = &word->characters[word->length ? word->length - 1 : 0];

	if (length == 1 && word->length >= KEPT_RUN && *bytes >= 'a' && last->byte == *bytes
		&& last[-1].byte == *bytes && last[-2].byte == *bytes) {
		last->to = to; /* a run is a run */
		return;
	}
	if (word->length + length > FOLD_WORD_MAX)
		end_word(folding);
	for (size_t i = 0; i < length; i++)
		word->characters[word->length++] = (struct character) { bytes[i], from, to };
}

static void add_byte(struct folding *folding, char byte, uint32_t from, uint32_t to)
{
	add_bytes(folding, &byte, 1, from, to);
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
	U8_APPEND(bytes, length, 4, point, failed);
	if (!failed)
		add_bytes(folding, (const char *)bytes, (size_t)length, from, to);
}

static bool joins(UChar32 point) /* invisible, or a mark on what stands before it */
{
	int8_t type = u_charType(point);
	return type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK
		|| type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR || point == 0x640
		|| (point >= 0x1f3fb && point <= 0x1f3ff);
}

/* What is highlighted has its marks. */
static void extend(struct folding *folding, uint32_t from, uint32_t to)
{
	struct word *word = &folding->word;
	struct fold *out = folding->out;

	if (word->length && word->characters[word->length - 1].to == from)
		word->characters[word->length - 1].to = to;
	else if (!word->length && folding->spelled.length
		&& folding->spelled.characters[folding->spelled.length - 1].to == from)
		folding->spelled.characters[folding->spelled.length - 1].to = to;
	else if (!word->length && out->length && out->to[out->length - 1] == from)
		out->to[out->length - 1] = to;
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
		else if (!joins(part))
			end_word(folding);
	}
}

/* What decomposition leaves of U+00C0 to U+00FF; a space: look there. */
static char latin(UChar32 point)
{
	static const char plain[] = "aaaaaa ceeeeiiii nooooo  uuuuy  aaaaaa ceeeeiiii nooooo  uuuuy y";
	return point >= 0xc0 && point <= 0xff ? plain[point - 0xc0] : ' ';
}

static void add_other(struct folding *folding, UChar32 point, uint32_t from, uint32_t to)
{
	const char *word = emoji_word(folding->words, point), *letters = expansion(point);

	if (word) {
		end_word(folding);
		end_spelled(folding);
		add_bytes(folding, word, strlen(word), from, to);
		end_word(folding);
	} else if (letters) {
		add_bytes(folding, letters, strlen(letters), from, to);
	} else if (latin(point) != ' ') {
		add_byte(folding, latin(point), from, to);
	} else if (joins(point)) {
		extend(folding, from, to);
	} else {
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

static bool is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Gives how many bytes were taken. */
static size_t add_plain(struct folding *folding, const char *source, size_t length, uint32_t at)
{
	struct fold *out = folding->out;
	size_t count = folding->word.length ? 0 : vocabulary_plain(source + at, length - at);

	if (!count)
		return 0;
	if (folding->spelled.length)
		end_spelled(folding);
	folding->gapped = false;
	if (!room(out, count + 1))
		return count;
	put(out, ' ', at, at);
	for (size_t i = 0; i < count; i++) {
		out->text[out->length + i] = (char)(source[at + i] | 0x20);
		out->from[out->length + i] = at + (uint32_t)i;
		out->to[out->length + i] = at + (uint32_t)i + 1;
	}
	out->length += count;
	return count;
}

/* "@lone", "su!cide", "d*od": a sign within a word may stand for a letter. */
static bool stands_for_letter(const struct folding *folding, char c, char next)
{
	bool within = folding->word.length > 0;

	switch (c) {
	case '@':
	case '$':
		return is_letter(next) || within;
	case '!':
		return is_letter(next) && within;
	case '*':
		return (is_letter(next) || next == '*') && within;
	default:
		return false;
	}
}

/* A point that ends no sentence: "d.o.o.d", "2.30", "…". */
static bool goes_on(const struct folding *folding, char before, char next)
{
	return next == '.' || before == '.' || (folding->word.length == 1 && next > ' ')
		|| (is_digit(before) && is_digit(next));
}

static void add_ascii(struct folding *folding, const char *source, size_t length, uint32_t at)
{
	char c = source[at], next = at + 1 < length ? source[at + 1] : '\0';

	if ((c >= 'a' && c <= 'z') || is_digit(c)) {
		add_byte(folding, c, at, at + 1);
	} else if (c >= 'A' && c <= 'Z') {
		add_byte(folding, (char)(c + 32), at, at + 1);
	} else if (stands_for_letter(folding, c, next)) {
		add_byte(folding, c, at, at + 1);
	} else if (c == '_' && folding->word.length == 3
		&& folding->word.characters[0].byte == 'e'
		&& folding->word.characters[1].byte == 'm'
		&& folding->word.characters[2].byte == 'o') { /* "emo_knife" in a rule */
		add_byte(folding, c, at, at + 1);
	} else if (c == '\'' || c == '`') {
		if (splits(folding, next))
			end_word(folding);
	} else if (c == '.' && goes_on(folding, at ? source[at - 1] : '\0', next)) {
		end_word(folding);
	} else if (c == '.' || c == '!' || c == '?' || c == ';' || c == '\n') {
		end_sentence(folding, at, at + 1);
	} else {
		end_word(folding);
	}
}

static bool apostrophe(UChar32 point)
{
	return point == 0x2018 || point == 0x2019 || point == 0xb4 || point == 0x2bc
		|| point == 0x2032 || point == 0xff07;
}

void fold(const char *source, size_t length, const struct fold_words *words, struct fold *fold_r)
{
	struct folding folding;

	folding.words = words;
	folding.out = fold_r;
	folding.word.length = folding.spelled.length = 0;
	folding.lookups = 0;
	folding.gap = 0;
	folding.gapped = false;
	folding.starred = STARRED_MAX;
	fold_r->length = 0;
	fold_r->cut = false;
	for (size_t i = 0; i < length && !fold_r->cut;) {
		int32_t next = (int32_t)i;
		UChar32 point;
		if ((unsigned char)source[i] < 128) {
			size_t taken = add_plain(&folding, source, length, (uint32_t)i);
			if (!taken)
				add_ascii(&folding, source, length, (uint32_t)i++);
			i += taken;
			continue;
		}
		U8_NEXT((const uint8_t *)source, next, (int32_t)length, point);
		if (apostrophe(point)) {
			if (splits(&folding, (size_t)next < length ? source[next] : '\0'))
				end_word(&folding);
		} else if (point == 0x3002 || point == 0x61f || point == 0x6d4) {
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
	fold_r->cut = fold_r->cut || folding.starred < 0;
	fold_r->text[fold_r->length] = ' ';
	fold_r->from[fold_r->length] = fold_r->to[fold_r->length] = (uint32_t)length;
	fold_r->text[++fold_r->length] = '\0';
}
