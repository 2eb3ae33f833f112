/* What stands around a match, and lowers or raises it. */
#include "triage/private.h"

static size_t words_back(const char *text, size_t from, int words)
{
	while (from && words--) {
		size_t at = from;
		while (at && text[at - 1] != ' ')
			at--;
		if (!at)
			break;
		if (text[at] == '.' && text[at + 1] == ' ') /* a sentence ends here */
			break;
		from = at - 1;
	}
	return from;
}

static size_t words_on(const char *text, size_t length, size_t to, int words)
{
	while (to + 1 < length && words--) {
		if (text[to + 1] == '.' && text[to + 2] == ' ')
			break;
		to++;
		while (to < length && text[to] != ' ')
			to++;
	}
	return to;
}

/* Where code is found in [from, to), as [from_r, to_r); the last or the first place. */
static bool find(struct triage *set, pcre2_code *code, size_t from, size_t to, bool last,
	size_t *from_r, size_t *to_r)
{
	bool found = false;

	while (from < to) {
		int matched = pcre2_jit_match(code, (PCRE2_SPTR)set->folded->text, to + 1, from, 0,
			set->match, set->context);
		if (matched <= 0)
			break;
		PCRE2_SIZE *at = pcre2_get_ovector_pointer(set->match);
		found = true;
		*from_r = at[0];
		*to_r = at[1];
		if (!last)
			break;
		from = at[0] + 1;
	}
	return found;
}

static bool find_first(struct triage *set, const struct cue *asked, size_t from, size_t to,
	size_t *from_r, size_t *to_r)
{
	struct cue *cue = (struct cue *)asked; /* what it keeps is scratch; see triage.h */

	if (cue->last.pass != set->pass || cue->last.from != from || cue->last.to != to) {
		bool found = find(set, cue->code, from, to, false, from_r, to_r);
		cue->last.pass = set->pass;
		cue->last.from = (uint32_t)from;
		cue->last.to = (uint32_t)to;
		cue->last.found_from = found ? (uint32_t)*from_r : 0;
		cue->last.found_to = found ? (uint32_t)*to_r : 0;
	}
	*from_r = cue->last.found_from;
	*to_r = cue->last.found_to;
	return cue->last.found_to > 0;
}

/* The words around a match, as far as a scope reaches; from stands on a space. */
static void window_of(struct triage *set, const struct cue *cue, const struct cue *stop, size_t *from,
	size_t *to)
{
	const struct fold *folded = set->folded;
	size_t start = *from, end = *to, stop_from, stop_to;

	switch (cue->scope) {
	case SCOPE_BEFORE:
		*from = words_back(folded->text, start, cue->words);
		break;
	case SCOPE_AFTER:
		*from = end;
		*to = words_on(folded->text, folded->length, end, cue->words);
		break;
	case SCOPE_NEAR:
		*from = words_back(folded->text, start, cue->words);
		*to = words_on(folded->text, folded->length, end, cue->words);
		break;
	case SCOPE_SENTENCE:
		*from = words_back(folded->text, start, FOLD_MAX);
		*to = words_on(folded->text, folded->length, end, FOLD_MAX);
		break;
	case SCOPE_MESSAGE:
		*from = 0;
		*to = folded->length - 1;
		return;
	}
	if (!stop || !stop->code || !elements_found(set->elements, stop->element))
		return;
	if (*from < start && find(set, stop->code, *from, start, true, &stop_from, &stop_to))
		*from = stop_to;
	if (*to > end && find(set, stop->code, end, *to, false, &stop_from, &stop_to))
		*to = stop_from;
}

/* Words that the rule itself names; those in its gaps are the visitor's. */
static bool own(const struct place *place, size_t from, size_t to)
{
	if (from < place->from || to > place->to)
		return false;
	for (size_t i = 0; i < place->gap_count; i++)
		if (from < place->gaps[i].to && to > place->gaps[i].from)
			return false;
	return true;
}

static bool excepted(struct triage *set, const struct cue *except, size_t window_from, size_t window_to,
	size_t from, size_t to)
{
	size_t at = window_from, except_from, except_to;

	if (!except || !except->code || !elements_found(set->elements, except->element))
		return false;
	while (at < window_to
		&& find(set, except->code, at, window_to, false, &except_from, &except_to)
		&& except_from < to) {
		if (except_to > from)
			return true;
		at = except_from + 1;
	}
	return false;
}

static bool stands(struct triage *set, const struct cue *cue, const struct guard *guard,
	const struct place *place, bool owned)
{
	size_t from = place->from, to = place->to, at, found_from, found_to;

	if (!elements_found(set->elements, cue->element))
		return false;
	window_of(set, cue, guard ? &guard->stop : NULL, &from, &to);
	for (at = from; at < to
		&& (at == from ? find_first(set, cue, at, to, &found_from, &found_to)
			       : find(set, cue->code, at, to, false, &found_from, &found_to));
		at = found_from + 1)
		if ((owned || !own(place, found_from, found_to))
			&& !excepted(set, guard ? &guard->except : NULL, from, to, found_from,
				found_to))
			return true;
	return false;
}

bool guards_cue(struct triage *set, const struct cue *cue, const struct place *place)
{
	return stands(set, cue, NULL, place, true);
}

const struct cue *guards_own(struct triage *set, const struct cues *cues, const struct place *place)
{
	const struct cue *most = NULL;

	for (size_t i = 0; i < cues->count; i++)
		if ((!most || cues->all[i].lowers > most->lowers)
			&& stands(set, &cues->all[i], NULL, place, false))
			most = &cues->all[i];
	return most;
}

const struct guard *guards_lower(
	struct triage *set, const struct rule *rule, const struct place *place)
{
	const struct guard *most = NULL;

	for (size_t i = 0; i < rule->guard_count; i++) {
		const struct guard *guard = rule->guards[i];
		for (size_t c = 0; c < guard->cues.count; c++)
			if ((!most || guard->lowers > most->lowers)
				&& stands(set, &guard->cues.all[c], guard, place, false))
				most = guard;
	}
	return most;
}
