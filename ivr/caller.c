/* What is kept of a caller's number: a hash with a key that lives for one day and in memory alone. */
#include "ivr/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000, HOUR_MS = 3600000 };

const struct ivr_caller_key *ivr_caller_key(const struct ivr *ivr)
{
	return &ivr->caller_key;
}

uint64_t ivr_caller(const struct ivr_caller_key *key, const char *number, size_t length)
{
	crypto_generichash_state state;
	uint8_t hash[16];
	uint64_t caller;
	bool digits = false;

	crypto_generichash_init(&state, key->bytes, sizeof key->bytes, sizeof hash);
	for (size_t i = 0; i < length; i++) {
		if (number[i] < '0' || number[i] > '9')
			continue;
		digits = true;
		crypto_generichash_update(&state, (const unsigned char *)&number[i], 1);
	}
	crypto_generichash_final(&state, hash, sizeof hash);
	memcpy(&caller, hash, sizeof caller);
	sodium_memzero(&state, sizeof state);
	return digits ? (caller ? caller : 1) : 0;
}

static void clear_counts(struct ivr *ivr)
{
	struct often *each, *next;
	HASH_ITER (hh, ivr->often, each, next) {
		HASH_DEL(ivr->often, each);
		free(each);
	}
}

void caller_second(struct ivr *ivr, int64_t wall)
{
	if (wall / DAY_MS != ivr->day) {
		ivr->day = wall / DAY_MS;
		randombytes_buf(&ivr->caller_key, sizeof ivr->caller_key);
		clear_counts(ivr);
	}
	if (wall / HOUR_MS != ivr->hour) {
		ivr->hour = wall / HOUR_MS;
		clear_counts(ivr);
	}
}

bool caller_often(struct ivr *ivr, uint64_t caller)
{
	struct often *found;

	if (!caller || !ivr->settings.calls_per_hour)
		return false;
	HASH_FIND(hh, ivr->often, &caller, sizeof caller, found);
	if (!found) {
		if (HASH_COUNT(ivr->often) >= OFTEN_MAX)
			return false;
		found = calloc(1, sizeof *found);
		if (!found)
			abort();
		found->caller = caller;
		HASH_ADD(hh, ivr->often, caller, sizeof found->caller, found);
	}
	return ++found->count > ivr->settings.calls_per_hour;
}

void caller_finish(struct ivr *ivr)
{
	clear_counts(ivr);
	sodium_memzero(&ivr->caller_key, sizeof ivr->caller_key);
}
