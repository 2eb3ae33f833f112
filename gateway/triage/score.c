#include "triage/score.h"
#include "base/mem.h"
#include "triage/private.h"

#include <stdlib.h>
#include <string.h>

#define HASH_BEGIN UINT32_C(2166136261)

enum { SEEN_BITS = 1 << 17 }; /* what no sign begins with is told by one look */

enum { BEGIN = 14 }; /* bytes that lie with the sign: few are longer */

struct sign {
	char *literal; /* of folded text: " word", " word ", " two words " */
	uint32_t hash, score;
	int16_t points; /* SCORE_POINTS_MAX */
	bool seen; /* in the text looked at last */
	uint8_t length; /* UINT8_MAX: it is longer */
	char begin[BEGIN];
};

struct score {
	char *id, *category, *why;
	const char *file;
	int line, language;
	struct lines points, yes, no;
	int at[LEVEL_IMMEDIATE + 1]; /* 0: gives no such flag */
	int under; /* a lower sum calms the rules */
	bool calms;
	int sum, best; /* of the text looked at last; best: points of its weightiest sign */
	size_t best_sign;
};

struct scores {
	struct score *all;
	size_t count;
	struct sign *signs;
	size_t sign_count;
	unsigned words; /* of the longest sign */
	struct slot {
		uint32_t hash, sign; /* index + 1; 0: free */
	} *slots;
	uint32_t slot_count; /* by hash, a power of two, at most half full */
	uint64_t hashes[SEEN_BITS / 64];
	uint64_t begins[SEEN_BITS / 64]; /* of a sign's first words, when more follow */
	uint32_t *seen; /* signs of the text looked at last */
	size_t seen_count;
};

struct score *score_begin(struct parse *parse, const char *id)
{
	struct scores *scores = parse->set->scores;

	if (!scores)
		scores = parse->set->scores = mem_alloc(sizeof *scores);
	for (size_t i = 0; i < scores->count; i++)
		if (!strcmp(scores->all[i].id, id))
			parse_wrong(parse, "score %s is there already (%s:%d)", id,
				scores->all[i].file, scores->all[i].line);
	scores->all = mem_grow(scores->all, scores->count + 1, sizeof *scores->all);
	scores->all[scores->count] = (struct score) { .id = mem_dup(id),
		.file = parse->file,
		.line = parse->line,
		.language = parse->language };
	return &scores->all[scores->count++];
}

static void set_at(const struct parse *parse, char *rest)
{
	const char *word = parse_cut_word(rest);
	enum triage_level level;
	int sum = atoi(rest);

	if (sum < 1 || !triage_level_parse(word, &level) || level == LEVEL_NONE)
		parse_wrong(parse, "write: at 12 serious");
	else
		parse->score->at[level] = sum;
}

static void set_text(const struct parse *parse, char **text, const char *value, const char *word)
{
	if (*text || !*value)
		parse_wrong(parse, "%s: once, and with a text", word);
	free(*text);
	*text = mem_dup(value);
}

static void set_under(const struct parse *parse, char *rest)
{
	const char *word = parse_cut_word(rest);
	char *end;

	parse->score->under = (int)strtol(rest, &end, 10);
	parse->score->calms = true;
	if (*end || end == rest || strcmp(word, "elevated") != 0)
		parse_wrong(parse, "write: under 0 elevated");
}

void score_line(struct parse *parse, const char *word, char *rest)
{
	struct score *score = parse->score;

	if (!strcmp(word, "category"))
		set_text(parse, &score->category, rest, word);
	else if (!strcmp(word, "why"))
		set_text(parse, &score->why, rest, word);
	else if (!strcmp(word, "points"))
		parse_keep(parse, &score->points, rest);
	else if (!strcmp(word, "yes"))
		parse_keep(parse, &score->yes, rest);
	else if (!strcmp(word, "no"))
		parse_keep(parse, &score->no, rest);
	else if (!strcmp(word, "at"))
		set_at(parse, rest);
	else if (!strcmp(word, "under"))
		set_under(parse, rest);
	else
		parse_wrong(parse,
			"%s is not known in a score: category, why, points, at, under, yes, no",
			word);
}

/* "wurg*" as " wurg", "op slot" as " op slot "; NULL: it is no word, words or a beginning*. */
static char *literal_of(const char *word, struct fold *scratch)
{
	size_t length = strlen(word);
	bool star = length && word[length - 1] == '*';

	length -= star;
	fold(word, length, NULL, scratch);
	if (!length || strcspn(word, "*@#()") < length || scratch->length < 3)
		return NULL;
	scratch->text[scratch->length - star] = '\0'; /* its last sign is a space */
	return mem_dup(scratch->text);
}

static void add_sign(struct triage *set, size_t score, int points, const struct line_text *word,
	struct fold *scratch, struct config_errors *errors)
{
	struct scores *scores = set->scores;
	char *literal = literal_of(word->text, scratch);

	if (!literal) {
		config_errors_add(errors, "%s:%d: %s: a sign is a word, words or a beginning*",
			scores->all[score].file, word->line, word->text);
		return;
	}
	scores->signs = mem_grow(scores->signs, scores->sign_count + 1, sizeof *scores->signs);
	scores->signs[scores->sign_count++]
		= (struct sign) { .points = (int16_t)points, .literal = literal, .score = (uint32_t)score };
}

/* "6 keel | wurg*" */
static void add_signs(struct triage *set, size_t score, const struct line_text *line,
	struct fold *scratch, struct config_errors *errors)
{
	char *copy = mem_dup(line->text), *words = parse_cut_word(copy), *save = NULL;
	int points = atoi(copy);

	if (!points || abs(points) > SCORE_POINTS_MAX)
		config_errors_add(errors, "%s:%d: write: points 5 word | two words | beginning* (%d "
			"to %d, not 0)", set->scores->all[score].file, line->line,
			-SCORE_POINTS_MAX, SCORE_POINTS_MAX);
	for (char *word = strtok_r(words, "|", &save); word; word = strtok_r(NULL, "|", &save)) {
		word += strspn(word, " \t");
		for (size_t end = strlen(word); end && strchr(" \t", word[end - 1]); end--)
			word[end - 1] = '\0';
		add_sign(set, score, points, &(struct line_text) { word, line->line }, scratch,
			errors);
	}
	free(copy);
}

static void check(const struct score *score, struct config_errors *errors)
{
	const char *missing = !score->category ? "category"
		: !score->why		       ? "why"
		: !score->points.count	       ? "points"
		: score->yes.count < 2	       ? "two yes examples"
		: score->no.count < 2	       ? "two no examples"
		: !score->at[1] && !score->at[2] && !score->at[3] ? "at"
								   : NULL;
	if (missing)
		config_errors_add(errors, "%s:%d: score %s: %s missing", score->file, score->line,
			score->id, missing);
}

static uint32_t hash_on(uint32_t hash, char sign) /* FNV-1a */
{
	return (hash ^ (unsigned char)sign) * UINT32_C(16777619);
}

static void note(uint64_t *bits, uint32_t hash)
{
	bits[hash % SEEN_BITS / 64] |= UINT64_C(1) << hash % 64;
}

static bool noted(const uint64_t *bits, uint32_t hash)
{
	return bits[hash % SEEN_BITS / 64] >> hash % 64 & 1;
}

static void index_signs(struct scores *scores)
{
	scores->slot_count = 16;
	while (scores->slot_count < 2 * scores->sign_count)
		scores->slot_count *= 2;
	scores->slots = mem_array(scores->slot_count, sizeof *scores->slots);
	for (size_t i = 0; i < scores->sign_count; i++) {
		struct sign *sign = &scores->signs[i];
		unsigned words = 0;
		sign->hash = HASH_BEGIN;
		for (const char *at = sign->literal; *at; at++) {
			sign->hash = hash_on(sign->hash, *at);
			words += *at == ' ' && at[1];
			if (*at == ' ' && at[1])
				note(scores->begins, sign->hash);
		}
		size_t length = strlen(sign->literal);
		sign->length = (uint8_t)(length < UINT8_MAX ? length : UINT8_MAX);
		memcpy(sign->begin, sign->literal, length < BEGIN ? length : BEGIN);
		if (words > scores->words)
			scores->words = words;
		note(scores->hashes, sign->hash);
		uint32_t slot = sign->hash & (scores->slot_count - 1);
		while (scores->slots[slot].sign)
			slot = (slot + 1) & (scores->slot_count - 1);
		scores->slots[slot] = (struct slot) { sign->hash, (uint32_t)i + 1 };
	}
}

void score_compile_all(struct triage *set, struct config_errors *errors)
{
	struct scores *scores = set->scores;
	struct fold *scratch;

	if (!scores)
		return;
	scratch = mem_alloc(sizeof *scratch);
	for (size_t i = 0; i < scores->count; i++) {
		check(&scores->all[i], errors);
		for (size_t l = 0; l < scores->all[i].points.count; l++)
			add_signs(set, i, &scores->all[i].points.all[l], scratch, errors);
	}
	free(scratch);
	index_signs(scores);
	scores->seen = mem_array(scores->sign_count + 1, sizeof *scores->seen);
}

void score_finish_all(struct triage *set)
{
	struct scores *scores = set->scores;

	if (!scores)
		return;
	for (size_t i = 0; i < scores->count; i++) {
		struct score *score = &scores->all[i];
		parse_lines_finish(&score->points);
		parse_lines_finish(&score->yes);
		parse_lines_finish(&score->no);
		free(score->id);
		free(score->category);
		free(score->why);
	}
	for (size_t i = 0; i < scores->sign_count; i++)
		free(scores->signs[i].literal);
	free(scores->slots);
	free(scores->seen);
	free(scores->signs);
	free(scores->all);
	free(scores);
	set->scores = NULL;
}


size_t score_count(const struct triage *set)
{
	return set->scores ? set->scores->count : 0;
}

static void count_sign(struct scores *scores, uint32_t number)
{
	struct sign *sign = &scores->signs[number];
	struct score *score = &scores->all[sign->score];

	if (sign->seen)
		return;
	sign->seen = true;
	scores->seen[scores->seen_count++] = number;
	score->sum += sign->points;
	if (sign->points > score->best) {
		score->best = sign->points;
		score->best_sign = number;
	}
}

static bool is_sign(const struct sign *sign, const char *text, size_t length)
{
	size_t begin = length < BEGIN ? length : BEGIN;

	if (sign->length != (length < UINT8_MAX ? length : UINT8_MAX))
		return false;
	for (size_t i = 0; i < begin; i++)
		if (sign->begin[i] != text[i])
			return false;
	return length <= BEGIN
		|| (!strncmp(sign->literal, text, length) && !sign->literal[length]);
}

/* Every sign that is these bytes; two scores may have the same. */
static void count_all(struct scores *scores, uint32_t hash, const char *text, size_t length)
{
	uint32_t slot = hash & (scores->slot_count - 1);

	for (; scores->slots[slot].sign; slot = (slot + 1) & (scores->slot_count - 1)) {
		uint32_t number = scores->slots[slot].sign - 1;
		const struct sign *sign = &scores->signs[number];
		if (scores->slots[slot].hash == hash && is_sign(sign, text, length))
			count_sign(scores, number);
	}
}

/* From a word's space on, as far as the longest sign reaches. */
static void look_from(struct scores *scores, const char *text, const char *end)
{
	uint32_t hash = HASH_BEGIN;
	unsigned words = 0;

	for (const char *at = text; at < end; at++) {
		hash = hash_on(hash, *at);
		if (noted(scores->hashes, hash))
			count_all(scores, hash, text, (size_t)(at + 1 - text));
		if (*at == ' ' && (words++ == scores->words || !noted(scores->begins, hash)))
			return;
	}
}

void score_find(struct triage *set, size_t from)
{
	struct scores *scores = set->scores;
	const char *text = set->folded->text, *end = text + set->folded->length;

	for (size_t i = 0; i < scores->count; i++)
		scores->all[i].sum = scores->all[i].best = 0;
	while (scores->seen_count)
		scores->signs[scores->seen[--scores->seen_count]].seen = false;
	for (text += from; text < end; text++)
		if (*text == ' ')
			look_from(scores, text, end);
	set->scored_from = from;
}

static int level_of(const struct score *score) /* LEVEL_NONE: reaches none */
{
	int level = LEVEL_IMMEDIATE;
	while (level > LEVEL_NONE && (!score->at[level] || score->sum < score->at[level]))
		level--;
	return level;
}

bool score_flag(const struct triage *set, size_t number, struct triage_flag *flag_r, size_t *from_r,
	size_t *to_r)
{
	const struct score *score = &set->scores->all[number];
	int level = level_of(score);

	if (level == LEVEL_NONE)
		return false;
	*flag_r = (struct triage_flag) { .rule = score->id,
		.category = score->category,
		.why = score->why,
		.level = (enum triage_level)level };
	const char *literal = set->scores->signs[score->best_sign].literal;
	const char *at = strstr(set->folded->text + set->scored_from, literal);
	*from_r = at ? (size_t)(at - set->folded->text) : set->scored_from;
	*to_r = *from_r + strlen(literal);
	if (*to_r > *from_r + 1 && literal[strlen(literal) - 1] == ' ')
		--*to_r;
	return true;
}

const char *score_calming(const struct triage *set, size_t number, int language)
{
	const struct score *score = &set->scores->all[number];
	return score->calms && score->language == language && score->sum < score->under ? score->id
											 : NULL;
}

bool score_in(const struct triage *set, size_t number, unsigned languages)
{
	int language = set->scores->all[number].language;
	return language < 0 || languages >> language & 1;
}

static int give(struct triage *set, const struct score *score, const char *text)
{
	fold(text, strlen(text), &set->words, set->folded);
	score_find(set, 0);
	return level_of(score);
}

void score_validate(struct triage *set, struct config_errors *errors)
{
	for (size_t i = 0; set->scores && i < set->scores->count; i++) {
		const struct score *score = &set->scores->all[i];
		for (size_t e = 0; e < score->yes.count; e++)
			if (give(set, score, score->yes.all[e].text) == LEVEL_NONE)
				config_errors_add(errors, "%s:%d: score %s gives only %d: %s",
					score->file, score->yes.all[e].line, score->id, score->sum,
					score->yes.all[e].text);
		for (size_t e = 0; e < score->no.count; e++)
			if (give(set, score, score->no.all[e].text) != LEVEL_NONE)
				config_errors_add(errors, "%s:%d: score %s gives %d: %s",
					score->file, score->no.all[e].line, score->id, score->sum,
					score->no.all[e].text);
	}
}
