/* Failed tries, slowed: SIGNIN_TRIES at once, then one each SIGNIN_RETRY_SECONDS. Codes of an authenticator are
 * few, so that this alone would let one be hit within months: of those TRIES_CODES at once, then one each
 * TRIES_CODE_SECONDS. Each kind has places of its own, shared by what falls on the same one; in memory alone,
 * of the sign-in's thread: a restart is in no stranger's hand. A bucket is a time: it is that far ahead of now
 * as there were tries. */
#ifndef CONSOLE_TRIES_H
#define CONSOLE_TRIES_H

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>

enum { TRIES_PLACES = 256,
	TRIES_CODES = 20,
	TRIES_CODE_SECONDS = 86400 / TRIES_CODES,
	TRIES_NEXT_STEPS = 2, /* so much later the next code may be */
	TRIES_CHANGES = 20, /* of the own account, and then one each TRIES_CHANGE_SECONDS */
	TRIES_CHANGE_SECONDS = 60 };

struct tries_name { /* buckets of one name */
	int64_t until_mono; /* with a wrong code */
	int64_t coded_mono; /* with the right one, and a wrong password */
};

struct tries_person { /* whoever makes them */
	int64_t guessed_mono; /* of a code, at the door */
	int64_t inside_mono; /* of the password, in a window that is signed in: keeps nobody from signing in */
	int64_t inside_code_mono; /* of a code, with the password, there */
	int64_t step; /* of the code that this person gave, and the next is waited for */
	uint32_t staff; /* 0: it is not */
};

struct tries {
	struct tries_name names[TRIES_PLACES];
	struct tries_person persons[TRIES_PLACES]; /* by staff */
	int64_t passkeys_mono[TRIES_PLACES]; /* by their numbers */
	int64_t changes_mono[TRIES_PLACES]; /* made with the right password, by staff: each is recorded */
	int64_t signons_mono[TRIES_PLACES]; /* of codes, after the provider let them in, by staff */
	uint8_t key[crypto_shorthash_KEYBYTES]; /* random */
};

struct tries_name *tries_of(struct tries *tries, const char *name); /* capitals do not count */
struct tries_person *tries_of_person(struct tries *tries, uint32_t staff);
int64_t *tries_of_passkey(struct tries *tries, uint32_t passkey);
int64_t *tries_of_signon(struct tries *tries, uint32_t staff);

int tries_wait(int64_t until_mono); /* seconds; 0: a try is allowed */
void tries_failed(int64_t *until_mono);
int tries_wait_code(int64_t until_mono); /* the same, of codes */
void tries_failed_code(int64_t *until_mono);
/* One more change; else seconds: so long none is made. */
int tries_change(struct tries *tries, uint32_t staff);

/* A wrong code at the door, which nobody is kept out for. true: the last one of those that a single code
 * is asked after. */
bool tries_guessed(struct tries *tries, uint32_t staff);
/* This code is right. true: too many wrong ones were tried; asked again with the next one it is not. */
bool tries_want_next(struct tries *tries, uint32_t staff, int64_t step);

#endif
