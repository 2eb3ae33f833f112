/* Failed tries, slowed: SIGNIN_TRIES at once, then one each SIGNIN_RETRY_SECONDS. Each kind has places of its
 * own, shared by what falls on the same one; in memory alone, of the sign-in's thread. A bucket is a time: it
 * is that far ahead of now as there were tries. */
#ifndef CONSOLE_TRIES_H
#define CONSOLE_TRIES_H

#include <sodium.h>
#include <stdint.h>

enum { TRIES_PLACES = 256 };

struct tries_name { /* buckets of one name */
	int64_t until_mono; /* with a wrong code */
	int64_t coded_mono; /* with the right one, and a wrong password */
	int64_t inside_mono; /* in a window that is signed in: keeps nobody from signing in */
};

struct tries {
	struct tries_name names[TRIES_PLACES];
	int64_t passkeys_mono[TRIES_PLACES]; /* by their numbers */
	int64_t signons_mono[TRIES_PLACES]; /* of codes, after the provider let them in, by staff */
	uint8_t key[crypto_shorthash_KEYBYTES]; /* random */
};

struct tries_name *tries_of(struct tries *tries, const char *name); /* capitals do not count */
int tries_wait(int64_t until_mono); /* seconds; 0: a try is allowed */
void tries_failed(int64_t *until_mono);

#endif
