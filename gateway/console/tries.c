#include "console/tries.h"
#include "base/clock.h"
#include "console/signin.h"

#include <string.h>

struct tries_name *tries_of(struct tries *tries, const char *name)
{
	unsigned char hash[crypto_shorthash_BYTES];
	char lower[STAFF_NAME_MAX + 1];
	size_t length = strlen(name);

	for (size_t i = 0; i <= length; i++)
		lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	crypto_shorthash(hash, (const unsigned char *)lower, length, tries->key);
	return &tries->names[hash[0]];
}

struct tries_person *tries_of_person(struct tries *tries, uint32_t staff)
{
	return &tries->persons[staff % TRIES_PLACES];
}

int64_t *tries_of_passkey(struct tries *tries, uint32_t passkey)
{
	return &tries->passkeys_mono[passkey % TRIES_PLACES];
}

int64_t *tries_of_signon(struct tries *tries, uint32_t staff)
{
	return &tries->signons_mono[staff % TRIES_PLACES];
}

/* So many at once, and one more each so many seconds. */
static int wait_for(int64_t until_mono, int tries, int seconds)
{
	int64_t over = until_mono - clock_mono() - (tries - 1) * seconds * INT64_C(1000);
	return over > 0 ? (int)((over + 999) / 1000) : 0;
}

static void add(int64_t *until_mono, int seconds)
{
	int64_t mono = clock_mono();
	if (*until_mono < mono)
		*until_mono = mono;
	*until_mono += seconds * INT64_C(1000);
}

int tries_wait(int64_t until_mono)
{
	return wait_for(until_mono, SIGNIN_TRIES, SIGNIN_RETRY_SECONDS);
}

void tries_failed(int64_t *until_mono)
{
	add(until_mono, SIGNIN_RETRY_SECONDS);
}

int tries_wait_code(int64_t until_mono)
{
	return wait_for(until_mono, TRIES_CODES, TRIES_CODE_SECONDS);
}

void tries_failed_code(int64_t *until_mono)
{
	add(until_mono, TRIES_CODE_SECONDS);
}

/* Further ones fill nothing: the day after the last guess all is as before. */
bool tries_guessed(struct tries *tries, uint32_t staff)
{
	int64_t *until_mono = &tries_of_person(tries, staff)->guessed_mono;

	if (tries_wait_code(*until_mono))
		return false;
	tries_failed_code(until_mono);
	return tries_wait_code(*until_mono);
}

bool tries_want_next(struct tries *tries, uint32_t staff, int64_t step)
{
	struct tries_person *person = tries_of_person(tries, staff);
	bool follows = person->staff == staff && step > person->step
		&& step - person->step <= TRIES_NEXT_STEPS;

	person->staff = follows || !tries_wait_code(person->guessed_mono) ? 0 : staff;
	person->step = step;
	return person->staff;
}

int tries_change(struct tries *tries, uint32_t staff)
{
	int64_t *until_mono = &tries->changes_mono[staff % TRIES_PLACES];
	int wait = wait_for(*until_mono, TRIES_CHANGES, TRIES_CHANGE_SECONDS);

	if (!wait)
		add(until_mono, TRIES_CHANGE_SECONDS);
	return wait;
}
