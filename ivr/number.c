#include "ivr/number.h"

#include <stdio.h>
#include <string.h>

/* 090… and 070 cost by the minute, 077 are machines. */
static const char *const belgium[] = { "+32", "-+3290", "-+3270", "-+3277" };

static bool allowed(const char *const *begins, uint32_t count, const char *number)
{
	size_t longest = 0;
	bool good = false;

	for (uint32_t i = 0; i < count; i++) {
		bool refuses = begins[i][0] == '-';
		size_t length = strlen(begins[i] + refuses);
		if (length < longest || strncmp(begins[i] + refuses, number, length) != 0)
			continue;
		longest = length;
		good = !refuses;
	}
	return good;
}

/* "+32 0471…": the 0 of home behind the country's number, as many write it. Networks leave it out, so a rule
 * that does not would let "+32 0906…" pass. */
static const char *without_home_zeros(const char *begin, const char *digits)
{
	size_t country = strlen(begin + 1);

	if (strncmp(begin + 1, digits, country) != 0)
		return NULL;
	digits += country;
	return digits + strspn(digits, "0");
}

/* Abroad a 0 may belong there (Italy), so the number stays as it is; but not to get past a rule. */
static bool allowed_by_either(const char *const *begins, uint32_t count, const char *number)
{
	char other[NUMBER_SIZE];
	bool good = allowed(begins, count, number);

	for (uint32_t i = 0; i < count && good; i++) {
		const char *rest = *begins[i] == '-' ? NULL : without_home_zeros(begins[i], number + 1);
		if (!rest)
			continue;
		snprintf(other, sizeof other, "%s%s", begins[i], rest);
		good = allowed(begins, count, other);
	}
	explicit_bzero(other, sizeof other);
	return good;
}

bool number_to_call(
	const struct ivr_settings *settings, const char *typed, char number_r[NUMBER_SIZE])
{
	bool ours = settings->callback_numbers_count;
	const char *const *begins
		= ours ? (const char *const *)settings->callback_numbers : belgium;
	uint32_t count = ours ? settings->callback_numbers_count
			      : sizeof belgium / sizeof *belgium;
	bool abroad = !strncmp(typed, "00", 2), home = !abroad && *typed == '0';
	const char *rest = typed + (abroad ? 2 : home);
	const char *at_home = home ? NULL : without_home_zeros(begins[0], rest);
	int length;

	if (at_home) {
		home = true;
		rest = at_home;
	}
	length = snprintf(number_r, NUMBER_SIZE, "%s%s", home ? begins[0] : "+", rest);
	if (strspn(rest, "0123456789") == strlen(rest) && length > NUMBER_LEAST
		&& length < NUMBER_SIZE && strcmp(number_r, settings->cli) != 0
		&& allowed_by_either(begins, count, number_r))
		return true;
	memset(number_r, 0, NUMBER_SIZE);
	return false;
}

const char *number_keys(const struct ivr_settings *settings, const struct script *script,
	const struct script_state *state, const char *keys)
{
	char number[NUMBER_SIZE];
	bool good = script_step_kind(script, state) != SCRIPT_COLLECT || !*keys || *keys == '*'
		|| number_to_call(settings, keys, number);

	explicit_bzero(number, sizeof number);
	return good ? keys : "?";
}
