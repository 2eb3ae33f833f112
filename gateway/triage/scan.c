#include "base/mem.h"
#include "triage/private.h"

#include <stdlib.h>
#include <string.h>

static const char *const level_words[] = { "none", "elevated", "serious", "immediate" };

const char *triage_level_word(enum triage_level level)
{
	return level_words[level];
}

bool triage_level_parse(const char *word, enum triage_level *level_r)
{
	for (int level = LEVEL_NONE; level <= LEVEL_IMMEDIATE; level++)
		if (!strcmp(word, level_words[level])) {
			*level_r = (enum triage_level)level;
			return true;
		}
	return false;
}

struct scan {
	struct triage *set;
	size_t tail; /* bytes of the buffer before the text */
	size_t buffered; /* bytes of the buffer */
	unsigned languages; /* bits: which the text can be in */
	const char *plain[LANGUAGES_MAX + 1]; /* as far as made */
	struct triage_result *result;
};

enum { MASKS_MAX = 200, MASK = 1 };

static enum triage_level lowered(enum triage_level level, int by)
{
	int lower = (int)level - by;
	if (level == LEVEL_IMMEDIATE && lower < LEVEL_ELEVATED)
		return LEVEL_ELEVATED;
	return lower < LEVEL_NONE ? LEVEL_NONE : (enum triage_level)lower;
}

static enum triage_level raised(
	struct triage *set, const struct rule *rule, const struct place *place)
{
	enum triage_level level = rule->level;
	for (size_t i = 0; i < rule->raises.count; i++)
		if (rule->raises.all[i].level > level
			&& guards_cue(set, &rule->raises.all[i], place))
			level = rule->raises.all[i].level;
	return level;
}

/* false: it lies in the tail alone. */
static bool locate(const struct scan *scan, size_t from, size_t to, struct triage_flag *flag)
{
	const struct fold *folded = scan->set->folded;
	uint32_t begin, end;

	if (from < to && folded->text[from] == ' ')
		from++;
	begin = folded->from[from];
	end = folded->to[to ? to - 1 : 0];
	if (end <= scan->tail && scan->tail)
		return false;
	flag->from = begin > scan->tail ? begin - (uint32_t)scan->tail : 0;
	flag->to = end > scan->tail ? end - (uint32_t)scan->tail : 0;
	return true;
}

static bool match_at(struct scan *scan, pcre2_code *code, const char *text, size_t at,
	struct place *place_r)
{
	struct triage *set = scan->set;
	int matched = pcre2_jit_match(code, (PCRE2_SPTR)text, set->folded->length, at, 0,
		set->match, set->context);

	if (matched < 0) {
		if (matched != PCRE2_ERROR_NOMATCH)
			scan->result->complete = false;
		return false;
	}
	PCRE2_SIZE *at_r = pcre2_get_ovector_pointer(set->match);
	place_r->from = at_r[0];
	place_r->to = at_r[1];
	place_r->gap_count = 0;
	for (int i = 1; i < (matched ? matched : GAPS_MAX + 1); i++)
		if (at_r[2 * i] != PCRE2_UNSET && at_r[2 * i] < at_r[2 * i + 1]) {
			place_r->gaps[place_r->gap_count].from = at_r[2 * i];
			place_r->gaps[place_r->gap_count++].to = at_r[2 * i + 1];
		}
	return true;
}

/* Where an owner's anchored pattern matches from `at` on; false: nowhere, or a limit was reached. */
static bool match(struct scan *scan, uint32_t owner, pcre2_code *code, const char *text, size_t at,
	struct place *place_r)
{
	uint32_t start;

	while ((start = elements_next(scan->set->elements, owner, at)) != UINT32_MAX) {
		if (match_at(scan, code, text, start, place_r))
			return true;
		at = start + 1;
	}
	return false;
}

/* Blanks the words where code matches `text` out of `masked`. */
static bool mask(
	struct scan *scan, uint32_t owner, pcre2_code *code, const char *text, char *masked)
{
	struct place place;
	size_t at = 0;
	bool any = false;

	for (int tries = 0; at < scan->set->folded->length && match(scan, owner, code, text, at, &place);
		tries++) {
		if (tries == MASKS_MAX) {
			scan->result->complete = false;
			break;
		}
		for (size_t i = place.from; i < place.to; i++)
			if (masked[i] != ' ')
				masked[i] = MASK;
		any = true;
		at = place.from + 1;
	}
	return any;
}

/* The text without the phrases that are harmless in this language. */
static const char *plain_of(struct scan *scan, int language)
{
	struct triage *set = scan->set;
	char *plain = set->plain[language + 1];

	if (scan->plain[language + 1])
		return scan->plain[language + 1];
	scan->plain[language + 1] = set->folded->text;
	for (size_t i = 0; i < set->harmless_count; i++) {
		const struct harmless *harmless = &set->harmless[i];
		if ((harmless->language != language && harmless->language >= 0)
			|| !elements_named(set->elements, (uint32_t)(set->rule_count + i)))
			continue;
		if (scan->plain[language + 1] != plain)
			memcpy(plain, set->folded->text, set->folded->length + 1);
		if (mask(scan, (uint32_t)(set->rule_count + i), harmless->code, set->folded->text,
			    plain))
			scan->plain[language + 1] = plain;
	}
	return scan->plain[language + 1];
}

/* The level at one place; false: it does not count there. */
static bool judge(struct scan *scan, const struct rule *rule, const struct place *place,
	struct triage_flag *flag_r)
{
	struct triage *set = scan->set;
	const struct guard *guard;
	const struct cue *cue;
	int lowers;

	*flag_r = (struct triage_flag) {
		.rule = rule->id, .category = rule->category, .why = rule->why
	};
	if (!locate(scan, place->from, place->to, flag_r))
		return false;
	for (size_t i = 0; i < rule->with.count; i++)
		if (!guards_cue(set, &rule->with.all[i], place))
			return false;
	flag_r->level = raised(set, rule, place);
	guard = guards_lower(set, rule, place);
	cue = guards_own(set, &rule->lowers, place);
	lowers = guard ? guard->lowers : 0;
	flag_r->lowered_by = guard ? guard->name : NULL;
	if (cue && cue->lowers > lowers) {
		lowers = cue->lowers;
		flag_r->lowered_by = rule->id;
	}
	flag_r->level = lowered(flag_r->level, lowers);
	return true;
}

static bool match_rule(struct scan *scan, const struct rule *rule, const char *text, size_t at,
	struct place *place_r)
{
	if (rule->whole)
		return match_at(scan, rule->code, text, at, place_r);
	return match(
		scan, (uint32_t)(rule - scan->set->rules), rule->code, text, at, place_r);
}

/* The text without the rule's own exceptions. */
static const char *except(struct scan *scan, const struct rule *rule, const char *text)
{
	struct triage *set = scan->set;
	uint32_t owner = (uint32_t)(set->rule_count + set->harmless_count
		+ (size_t)(rule - set->rules));

	if (!rule->except_code || !elements_named(set->elements, owner))
		return text;
	memcpy(set->masked, text, set->folded->length + 1);
	return mask(scan, owner, rule->except_code, text, set->masked) ? set->masked : text;
}

/* The most urgent of the places where the rule matches. */
static bool try_rule(struct scan *scan, const struct rule *rule, struct triage_flag *flag_r)
{
	struct triage *set = scan->set;
	const char *text = plain_of(scan, rule->language);
	struct place place;
	bool found = false;
	size_t at = 0;

	if (!match_rule(scan, rule, text, at, &place))
		return false;
	text = except(scan, rule, text);
	for (int tries = 0; at < set->folded->length && match_rule(scan, rule, text, at, &place);
		tries++) {
		struct triage_flag flag;
		if (tries == MATCHES_MAX) {
			scan->result->complete = false;
			break;
		}
		at = place.to > place.from ? place.to : place.from + 1;
		if (!judge(scan, rule, &place, &flag))
			continue;
		if (!found || flag.level > flag_r->level)
			*flag_r = flag;
		found = true;
		if (!flag.lowered_by)
			break;
	}
	return found;
}

/* Whether its flag could still be kept. */
static bool counts(const struct triage_result *result, const struct rule *rule)
{
	enum triage_level least = result->flags[TRIAGE_FLAGS_MAX - 1].level;

	if (result->count < TRIAGE_FLAGS_MAX || rule->level > least)
		return true;
	for (size_t i = 0; i < rule->raises.count; i++)
		if (rule->raises.all[i].level > least)
			return true;
	return false;
}

/* Sorted by level, the most urgent first; of equals, the first rule. */
static void keep(struct triage_result *result, const struct triage_flag *flag)
{
	size_t at = result->count;

	while (at && result->flags[at - 1].level < flag->level)
		at--;
	if (at == TRIAGE_FLAGS_MAX)
		return;
	if (result->count < TRIAGE_FLAGS_MAX)
		result->count++;
	memmove(&result->flags[at + 1], &result->flags[at],
		(result->count - 1 - at) * sizeof *flag);
	result->flags[at] = *flag;
}

/* Gives how many bytes of the buffer it took. */
static size_t fold_both(struct triage *set, const char *text, size_t length, const char *tail,
	size_t tail_length)
{
	size_t whole = tail_length + 1 + length;

	if (!tail_length) {
		fold(text, length, &set->words, set->folded);
		return 0;
	}
	if (whole > set->buffer_size) {
		set->buffer = mem_grow(set->buffer, whole, 1);
		set->buffer_size = whole;
	}
	memcpy(set->buffer, tail, tail_length);
	set->buffer[tail_length] = ' ';
	memcpy(set->buffer + tail_length + 1, text, length);
	fold(set->buffer, whole, &set->words, set->folded);
	return whole;
}

static bool wanted(const struct scan *scan, size_t i)
{
	const struct triage *set = scan->set;
	const struct rule *rule = &set->rules[i];

	if (!elements_named(set->elements, (uint32_t)i))
		return false;
	return rule->language < 0 || rule->anywhere || scan->languages >> rule->language & 1;
}

/* The first word's space that is not of the tail alone. */
static size_t text_from(const struct scan *scan)
{
	const struct fold *folded = scan->set->folded;
	size_t at = 0;

	while (scan->tail && at < folded->length
		&& (folded->text[at] == ' ' || folded->from[at] < scan->tail))
		at++;
	return at ? at - 1 : 0;
}

/* What a rule flagged is lowered to elevated where the whole text speaks against it; not where the
 * match began in the message before, of which the score knows nothing. */
static void calm(const struct scan *scan, const struct rule *rule, struct triage_flag *flag)
{
	if (rule->language < 0 || (scan->tail && !flag->from))
		return;
	for (size_t i = 0; i < score_count(scan->set) && flag->level > LEVEL_ELEVATED; i++) {
		const char *by = score_calming(scan->set, i, rule->language);
		if (by) {
			flag->level = LEVEL_ELEVATED;
			flag->lowered_by = by;
		}
	}
}

/* Where the rules have not seen as much already. */
static void try_scores(struct scan *scan)
{
	struct triage *set = scan->set;

	for (size_t i = 0; i < score_count(set); i++) {
		struct triage_flag flag, placed;
		size_t from, to;
		if (!score_in(set, i, scan->languages) || !score_flag(set, i, &flag, &from, &to)
			|| (scan->result->count && scan->result->flags[0].level >= flag.level)
			|| !locate(scan, from, to, &placed))
			continue;
		flag.from = placed.from;
		flag.to = placed.to;
		keep(scan->result, &flag);
	}
}

static void begin(struct scan *scan, const char *text, size_t length, const char *lang,
	const char *tail, size_t tail_length)
{
	struct triage *set = scan->set;

	*scan->result = (struct triage_result) { .complete = true };
	set->pass++;
	scan->tail = tail_length ? tail_length + 1 : 0;
	scan->buffered = fold_both(set, text, length, tail, tail_length);
	scan->result->complete = !set->folded->cut;
	elements_find(set->elements, set->folded->text, set->folded->length);
	scan->languages = language_of(set, lang);
}

/* The scratch outlives every contact: nothing of a text stays in it. */
static void forget(struct scan *scan)
{
	struct triage *set = scan->set;

	for (size_t i = 0; i <= LANGUAGES_MAX; i++)
		if (scan->plain[i] && scan->plain[i] == set->plain[i])
			explicit_bzero(set->plain[i], set->folded->length + 1);
	explicit_bzero(set->masked, set->folded->length + 1);
	explicit_bzero(set->folded->text, set->folded->length + 1);
	if (scan->buffered)
		explicit_bzero(set->buffer, scan->buffered);
}

static int by_rank(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
	return one < other ? -1 : one > other;
}

void triage_scan(const struct triage *rules, const char *text, size_t length, const char *lang,
	const char *tail, size_t tail_length, struct triage_result *result_r)
{
	struct triage *set = (struct triage *)rules; /* scratch; see the header */
	struct scan scan = { .set = set, .result = result_r };
	const uint32_t *named;
	size_t count;

	begin(&scan, text, length, lang, tail, tail_length);
	if (set->scores)
		score_find(set, text_from(&scan));
	named = elements_all_named(set->elements, &count);
	set->tried = 0;
	for (size_t i = 0; i < count; i++)
		if (named[i] < set->rule_count && wanted(&scan, named[i]))
			set->candidates[set->tried++] = set->rank[named[i]];
	qsort(set->candidates, set->tried, sizeof *set->candidates, by_rank);
	for (size_t i = 0; i < set->tried; i++) {
		struct triage_flag flag;
		if (i == CANDIDATES_MAX && !elements_all(set->elements)) {
			result_r->complete = false;
			break;
		}
		const struct rule *rule = &set->rules[set->ranked[set->candidates[i]]];
		if (!counts(result_r, rule) || !try_rule(&scan, rule, &flag))
			continue;
		calm(&scan, rule, &flag); /* first: what `counts` leaves out is left out by final levels */
		keep(result_r, &flag);
	}
	try_scores(&scan);
	if (result_r->count)
		result_r->level = result_r->flags[0].level;
	if (!result_r->complete && result_r->level < LEVEL_ELEVATED)
		result_r->level = LEVEL_ELEVATED;
	forget(&scan);
}

bool scan_answers(const struct rule *rule, const char *who, int minute)
{
	int from = rule->hour_from * 60, to = rule->hour_to * 60;
	bool then = from == to || (from < to ? minute >= from && minute < to
					     : minute >= from || minute < to);
	return rule->answers && then && (!rule->who || !strcmp(rule->who, who));
}

void triage_answers(
	const struct triage *set, const char *who, int minute, struct triage_result *result_r)
{
	*result_r = (struct triage_result) { .complete = true };
	for (size_t i = 0; set && i < set->rule_count; i++) {
		const struct rule *rule = &set->rules[i];
		if (scan_answers(rule, who, minute))
			keep(result_r,
				&(struct triage_flag) { .rule = rule->id,
					.category = rule->category,
					.why = rule->why,
					.level = rule->level });
	}
	if (result_r->count)
		result_r->level = result_r->flags[0].level;
}

int scan_rule(const struct triage *rules, const struct rule *rule, const char *text)
{
	struct triage *set = (struct triage *)rules;
	struct triage_result result;
	struct scan scan = { .set = set, .result = &result };
	struct triage_flag flag;

	begin(&scan, text, strlen(text), "", "", 0);
	return wanted(&scan, (size_t)(rule - set->rules)) && try_rule(&scan, rule, &flag)
		? (int)flag.level
		: -1;
}
