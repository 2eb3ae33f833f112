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

int tries_wait(int64_t until_mono)
{
	int64_t most = SIGNIN_TRIES * SIGNIN_RETRY_SECONDS * INT64_C(1000);
	int64_t over = until_mono - clock_mono() + SIGNIN_RETRY_SECONDS * 1000 - most;
	return over > 0 ? (int)((over + 999) / 1000) : 0;
}

void tries_failed(int64_t *until_mono)
{
	int64_t mono = clock_mono();
	if (*until_mono < mono)
		*until_mono = mono;
	*until_mono += SIGNIN_RETRY_SECONDS * 1000;
}
