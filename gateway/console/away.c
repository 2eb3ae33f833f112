#include "console/away.h"
#include "base/clock.h"

#include <sodium.h>
#include <string.h>

static void hash_of(const char *token, uint8_t hash_r[STAFF_HASH_SIZE])
{
	crypto_generichash(hash_r, STAFF_HASH_SIZE, (const unsigned char *)token, strlen(token),
		NULL, 0);
}

/* AWAY_MAX: none. */
static unsigned place_of(const struct away *away, const char *token)
{
	uint8_t hash[STAFF_HASH_SIZE];
	unsigned i = 0;

	hash_of(token, hash);
	while (i < AWAY_MAX
		&& (!away->sessions[i].lock_mono
			|| memcmp(away->sessions[i].hash, hash, sizeof hash) != 0))
		i++;
	return i;
}

void away_go(struct away *away, const char *token, int64_t lock_mono)
{
	unsigned i = place_of(away, token);

	if (i < AWAY_MAX) {
		if (lock_mono < away->sessions[i].lock_mono)
			away->sessions[i].lock_mono = lock_mono;
		return;
	}
	hash_of(token, away->sessions[away->next].hash);
	away->sessions[away->next].lock_mono = lock_mono;
	away->next = (away->next + 1) % AWAY_MAX;
}

void away_back(struct away *away, const char *token)
{
	unsigned i = place_of(away, token);
	if (i < AWAY_MAX)
		away->sessions[i].lock_mono = 0;
}

bool away_locked(const struct away *away, const char *token)
{
	unsigned i = place_of(away, token);
	return i < AWAY_MAX && clock_mono() >= away->sessions[i].lock_mono;
}

void away_each(const struct away *away, void (*on_locked)(void *arg, const uint8_t *hash), void *arg)
{
	for (unsigned i = 0; i < AWAY_MAX; i++)
		if (away->sessions[i].lock_mono && clock_mono() >= away->sessions[i].lock_mono)
			on_locked(arg, away->sessions[i].hash);
}
