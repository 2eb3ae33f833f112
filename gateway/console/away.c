#include "console/away.h"
#include "base/clock.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { AWAY_FEW = 64 };

static void hash_of(const char *token, uint8_t hash_r[STAFF_HASH_SIZE])
{
	crypto_generichash(hash_r, STAFF_HASH_SIZE, (const unsigned char *)token, strlen(token),
		NULL, 0);
}

/* NULL: none. */
static struct away_session *find(const struct away *away, const char *token)
{
	uint8_t hash[STAFF_HASH_SIZE];

	hash_of(token, hash);
	for (size_t i = 0; i < away->count; i++)
		if (!memcmp(away->sessions[i].hash, hash, sizeof hash))
			return &away->sessions[i];
	return NULL;
}

static void drop(struct away *away, size_t i)
{
	away->sessions[i] = away->sessions[--away->count];
}

/* Half of it is free then, so that the others are asked about seldom. */
static void make_place(struct away *away)
{
	for (size_t i = away->count; i--;)
		if (!away->holds(away->arg, away->sessions[i].hash))
			drop(away, i);
	while (!away->capacity || away->count > away->capacity / 2)
		away->capacity = away->capacity ? 2 * away->capacity : AWAY_FEW;
	away->sessions = mem_grow(away->sessions, away->capacity, sizeof *away->sessions);
}

void away_finish(struct away *away)
{
	free(away->sessions);
	*away = (struct away) { 0 };
}

void away_go(struct away *away, const char *token, int64_t lock_mono)
{
	struct away_session *session = find(away, token);

	if (session) {
		if (lock_mono < session->lock_mono)
			session->lock_mono = lock_mono;
		return;
	}
	if (away->count == away->capacity)
		make_place(away);
	session = &away->sessions[away->count++];
	hash_of(token, session->hash);
	session->lock_mono = lock_mono;
}

void away_back(struct away *away, const char *token)
{
	struct away_session *session = find(away, token);
	if (session)
		drop(away, (size_t)(session - away->sessions));
}

bool away_locked(const struct away *away, const char *token)
{
	const struct away_session *session = find(away, token);
	return session && clock_mono() >= session->lock_mono;
}

void away_each(const struct away *away, void (*on_locked)(void *arg, const uint8_t *hash), void *arg)
{
	for (size_t i = 0; i < away->count; i++)
		if (clock_mono() >= away->sessions[i].lock_mono)
			on_locked(arg, away->sessions[i].hash);
}
