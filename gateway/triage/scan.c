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
	struct triage_result *result;
};

static enum triage_level lowered(enum triage_level level, int by)
{
	int lower = (int)level - by;
	if (level == LEVEL_IMMEDIATE && lower < LEVEL_ELEVATED)
		return LEVEL_ELEVATED;
	return lower < LEVEL_NONE ? LEVEL_NONE : (enum triage_level)lower;
}

static enum triage_level raised(struct triage *set, const struct rule *rule, size_t from, size_t to)
{
	enum triage_level level = rule->level;
	for (size_t i = 0; i < rule->raise_count; i++)
		if (rule->raises[i].level > level
			&& guards_cue(set, &rule->raises[i], NULL, from, to))
			level = rule->raises[i].level;
	return level;
}

/* false: it lies in the tail alone. */
static bool place(const struct scan *scan, size_t from, size_t to, struct triage_flag *flag)
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

/* The most urgent of the places where the rule matches. */
static bool try_rule(struct scan *scan, const struct rule *rule, struct triage_flag *flag_r)
{
	struct triage *set = scan->set;
	bool found = false;
	size_t at = 0;

	for (int tries = 0; at < set->folded->length; tries++) {
		struct triage_flag flag
			= { .rule = rule->id, .category = rule->category, .why = rule->why };
		int matched = pcre2_jit_match(rule->code, (PCRE2_SPTR)set->folded->text,
			set->folded->length, at, 0, set->match, set->context);
		if (matched == PCRE2_ERROR_NOMATCH)
			break;
		if (matched < 0 || tries == MATCHES_MAX) {
			scan->result->complete = false;
			break;
		}
		PCRE2_SIZE *place_at = pcre2_get_ovector_pointer(set->match);
		size_t from = place_at[0], to = place_at[1];
		at = to > from ? to : from + 1;
		if (!place(scan, from, to, &flag))
			continue;
		flag.level = raised(set, rule, from, to);
		const struct guard *guard = guards_lower(set, rule, from, to);
		if (guard) {
			flag.level = lowered(flag.level, guard->lowers);
			flag.lowered_by = guard->name;
		}
		if (!found || flag.level > flag_r->level)
			*flag_r = flag;
		found = true;
		if (!guard)
			break;
	}
	return found;
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

static void fold_both(struct triage *set, const char *text, size_t length, const char *tail,
	size_t tail_length)
{
	size_t whole = tail_length + 1 + length;

	if (!tail_length) {
		fold(text, length, &set->words, set->folded);
		return;
	}
	if (whole > set->buffer_size) {
		set->buffer = mem_grow(set->buffer, whole, 1);
		set->buffer_size = whole;
	}
	memcpy(set->buffer, tail, tail_length);
	set->buffer[tail_length] = ' ';
	memcpy(set->buffer + tail_length + 1, text, length);
	fold(set->buffer, whole, &set->words, set->folded);
}

void triage_scan(const struct triage *rules, const char *text, size_t length, const char *lang,
	const char *tail, size_t tail_length, struct triage_result *result_r)
{
	struct triage *set = (struct triage *)rules; /* scratch; see the header */
	struct scan scan = { .set = set,
		.tail = tail_length ? tail_length + 1 : 0,
		.result = result_r };
	size_t tried = 0;

	(void)lang; /* every language is tried: people mix them */
	*result_r = (struct triage_result) { .complete = true };
	fold_both(set, text, length, tail, tail_length);
	result_r->complete = !set->folded->cut;
	memset(set->candidate, 0, set->rule_count + 1);
	literals_find(set->literals, set->folded->text, set->folded->length, set->candidate);
	for (size_t i = 0; i < set->rule_count; i++) {
		struct triage_flag flag;
		if (!set->candidate[i] && set->rules[i].literals.count)
			continue;
		if (++tried > CANDIDATES_MAX) {
			result_r->complete = false;
			break;
		}
		if (try_rule(&scan, &set->rules[i], &flag))
			keep(result_r, &flag);
	}
	if (result_r->count)
		result_r->level = result_r->flags[0].level;
	if (!result_r->complete && result_r->level < LEVEL_ELEVATED)
		result_r->level = LEVEL_ELEVATED;
}
