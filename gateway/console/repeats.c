#include "console/repeats.h"
#include "base/clock.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct repeats_act {
	uint8_t hash[crypto_generichash_BYTES];
	int64_t until_mono; /* 0: a free place */
};

struct repeats_person {
	uint32_t staff;
	struct repeats_act acts[REPEATS_MAX];
};

void repeats_finish(struct repeats *repeats)
{
	free(repeats->people);
	*repeats = (struct repeats) { 0 };
}

static struct repeats_person *find(const struct repeats *repeats, uint32_t staff)
{
	for (size_t i = 0; i < repeats->count; i++)
		if (repeats->people[i].staff == staff)
			return &repeats->people[i];
	return NULL;
}

static struct repeats_person *find_or_add(struct repeats *repeats, uint32_t staff)
{
	struct repeats_person *person = find(repeats, staff);

	if (person)
		return person;
	repeats->people = mem_grow(repeats->people, repeats->count + 1, sizeof *person);
	person = &repeats->people[repeats->count++];
	*person = (struct repeats_person) { .staff = staff };
	return person;
}

static bool over(const struct repeats_act *act)
{
	return !act->until_mono || act->until_mono <= clock_mono();
}

static void hash_of(const struct repeats_row *row, uint8_t hash_r[crypto_generichash_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)row->what, strlen(row->what) + 1);
	crypto_generichash_update(&state, (const uint8_t *)row->about, strlen(row->about));
	crypto_generichash_final(&state, hash_r, crypto_generichash_BYTES);
}

bool repeats_again(const struct repeats *repeats, const struct repeats_row *row)
{
	const struct repeats_person *person = find(repeats, row->staff);
	uint8_t hash[crypto_generichash_BYTES];

	hash_of(row, hash);
	for (int i = 0; person && i < REPEATS_MAX; i++)
		if (!over(&person->acts[i]) && !memcmp(person->acts[i].hash, hash, sizeof hash))
			return true;
	return false;
}

/* NULL: there is none. */
static struct repeats_act *free_place(struct repeats_person *person)
{
	for (int i = 0; i < REPEATS_MAX; i++)
		if (over(&person->acts[i]))
			return &person->acts[i];
	return NULL;
}

enum err repeats_audit(
	struct repeats *repeats, struct staff_db *db, const struct repeats_row *row)
{
	struct repeats_act *place;
	enum err err;

	if (repeats_again(repeats, row))
		return OK;
	place = free_place(find_or_add(repeats, row->staff));
	if (!place)
		return ERR_BUSY;
	err = audit_add(db, row->staff, row->what, row->detail);
	if (err)
		return err;
	hash_of(row, place->hash);
	place->until_mono = clock_mono() + REPEATS_SECONDS * 1000;
	return OK;
}

bool repeats_room(const struct repeats *repeats, uint32_t staff)
{
	struct repeats_person *person = find(repeats, staff);
	return !person || free_place(person);
}
