/* The shipped rules on any text: flags stand in it, and the prefilter leaves nothing out. The first
 * byte says whether the rest is text, or picks words that the rules know. */
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { TEXT_MAX = 2000 };

static struct triage *set;

static void must(bool good)
{
	if (!good)
		abort();
}

static void load(void)
{
	struct config_errors errors = { 0 };
	if (triage_load(ONTHAAL_SHARE "/rules", &set, &errors)) {
		fprintf(stderr, "%s\n", errors.texts[0]);
		exit(1);
	}
}

static size_t pick_words(const uint8_t *bytes, size_t length, char *text)
{
	const struct fold_words *words = &set->words;
	size_t written = 0;

	for (size_t i = 0; i + 1 < length; i += 2) {
		size_t number = (size_t)bytes[i] << 8 | bytes[i + 1];
		const char *word = number % 13 == 0 ? "."
					    : words->exact[number % words->exact_count];
		if (written + strlen(word) + 2 > TEXT_MAX)
			break;
		written += (size_t)sprintf(text + written, "%s ", word);
	}
	return written;
}

static void check(const struct triage_result *result, size_t length)
{
	must(result->complete || result->level >= LEVEL_ELEVATED);
	must(result->count <= TRIAGE_FLAGS_MAX);
	for (size_t i = 0; i < result->count; i++) {
		const struct triage_flag *flag = &result->flags[i];
		must(flag->from <= flag->to && flag->to <= length);
		must(flag->level <= result->level);
		must(!i || flag->level <= result->flags[i - 1].level);
	}
}

static void alike(const struct triage_result *one, const struct triage_result *other)
{
	if (!one->complete || !other->complete)
		return;
	must(one->count == other->count && one->level == other->level);
	for (size_t i = 0; i < one->count; i++)
		must(one->flags[i].rule == other->flags[i].rule
			&& one->flags[i].level == other->flags[i].level
			&& one->flags[i].from == other->flags[i].from
			&& one->flags[i].to == other->flags[i].to);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const langs[] = { "", "nl", "fr", "en" };
	char text[TEXT_MAX + 1];
	struct triage_result filtered, all;
	size_t tail;

	if (!set)
		load();
	if (length < 2 || length > TEXT_MAX)
		return 0;
	const char *lang = langs[bytes[0] >> 1 & 3];
	tail = bytes[1];
	if (bytes[0] & 1) {
		length = pick_words(bytes + 2, length - 2, text);
	} else {
		memcpy(text, bytes + 2, length - 2);
		length -= 2;
	}
	tail = tail < length && bytes[0] & 8 ? tail : 0;
	triage_scan(set, text + tail, length - tail, lang, text, tail, &filtered);
	check(&filtered, length - tail);
	elements_find_all(set->elements, true);
	triage_scan(set, text + tail, length - tail, lang, text, tail, &all);
	elements_find_all(set->elements, false);
	alike(&filtered, &all);
	return 0;
}
