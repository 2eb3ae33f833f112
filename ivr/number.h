/* Which numbers we call back: what a caller typed costs the centre money, and rings somebody. */
#ifndef IVR_NUMBER_H
#define IVR_NUMBER_H

#include "ivr/ivr.h"

enum { NUMBER_LEAST = 9, NUMBER_MOST = 15, /* digits behind the + */
	NUMBER_SIZE = NUMBER_MOST + 2 };

/* "0471…", "0032471…" or "32471…" → "+32471…". settings.callback_numbers: beginnings in that form, or
 * behind a - those that are refused; the longest that fits decides, and none refuses. The first is the
 * country of numbers with a single 0; a 0 behind it ("0032 0471…") is left out. false: it is not called;
 * number_r is "". Our own number is not. */
must_check bool number_to_call(
	const struct ivr_settings *settings, const char *typed, char number_r[NUMBER_SIZE]);

/* Digits to collect are a number to call back: the keys as the script is to take them, "?" (a wrong
 * one) for a number that we would not call. */
const char *number_keys(const struct ivr_settings *settings, const struct script *script,
	const struct script_state *state, const char *keys);

#endif
