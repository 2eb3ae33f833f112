#include "base/clock.h"
#include "store/sqlite/private.h"
#include "store/staff.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* The hash of a row: keyed, over the hash before it and the row's own fields with their lengths. */
static void chain(const struct staff_db *db, const uint8_t before[STAFF_HASH_SIZE], int64_t time,
	int64_t staff, const char *what, const char *detail, uint8_t hash_r[STAFF_HASH_SIZE])
{
	uint8_t key[SEAL_KEY_SIZE];
	crypto_generichash_state state;
	int64_t numbers[4]
		= { time, staff, (int64_t)strlen(what), (int64_t)strlen(detail) };

	seal_derive(db->server, "audit", key);
	crypto_generichash_init(&state, key, sizeof key, STAFF_HASH_SIZE);
	crypto_generichash_update(&state, before, STAFF_HASH_SIZE);
	crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof numbers);
	crypto_generichash_update(&state, (const uint8_t *)what, strlen(what));
	crypto_generichash_update(&state, (const uint8_t *)detail, strlen(detail));
	crypto_generichash_final(&state, hash_r, STAFF_HASH_SIZE);
	sodium_memzero(key, sizeof key);
}

static enum err last_hash(const struct staff_db *db, uint8_t hash_r[STAFF_HASH_SIZE])
{
	sqlite3_stmt *last = staff_prepare(db, "SELECT hash FROM audit ORDER BY id DESC LIMIT 1");
	int code = sqlite3_step(last);
	enum err err = code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;

	memset(hash_r, 0, STAFF_HASH_SIZE);
	if (code == SQLITE_ROW && sqlite3_column_bytes(last, 0) == STAFF_HASH_SIZE)
		memcpy(hash_r, sqlite3_column_blob(last, 0), STAFF_HASH_SIZE);
	sqlite3_finalize(last);
	return err;
}

enum err audit_add(struct staff_db *db, uint32_t staff, const char *what, const char *detail)
{
	uint8_t before[STAFF_HASH_SIZE], hash[STAFF_HASH_SIZE];
	int64_t time = clock_wall();
	sqlite3_stmt *add;
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = last_hash(db, before);
	if (!err) {
		chain(db, before, time, staff, what, detail, hash);
		add = staff_prepare(db,
			"INSERT INTO audit (time, staff, what, detail, hash)"
			" VALUES (?1, ?2, ?3, ?4, ?5)");
		sqlite3_bind_int64(add, 1, time);
		sqlite3_bind_int64(add, 2, staff);
		sqlite3_bind_text(add, 3, what, -1, SQLITE_STATIC);
		sqlite3_bind_text(add, 4, detail, -1, SQLITE_STATIC);
		sqlite3_bind_blob(add, 5, hash, sizeof hash, SQLITE_STATIC);
		err = staff_finish(add);
	}
	return staff_end(db, err);
}

enum err audit_verify(struct staff_db *db, char *error, size_t error_size)
{
	sqlite3_stmt *all
		= staff_prepare(db, "SELECT id, time, staff, what, detail, hash FROM audit ORDER BY id");
	uint8_t before[STAFF_HASH_SIZE] = { 0 }, hash[STAFF_HASH_SIZE];
	int64_t expected = 1;
	enum err err = OK;
	int code;

	while (!err && (code = sqlite3_step(all)) == SQLITE_ROW) {
		chain(db, before, sqlite3_column_int64(all, 1), sqlite3_column_int64(all, 2),
			(const char *)sqlite3_column_text(all, 3),
			(const char *)sqlite3_column_text(all, 4), hash);
		if (sqlite3_column_int64(all, 0) != expected++
			|| sqlite3_column_bytes(all, 5) != STAFF_HASH_SIZE
			|| sodium_memcmp(hash, sqlite3_column_blob(all, 5), STAFF_HASH_SIZE)) {
			snprintf(error, error_size,
				"the audit log was changed or cut at row %lld: compare with a backup",
				(long long)expected - 1);
			err = ERR_CORRUPT;
		}
		memcpy(before, hash, sizeof before);
	}
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sqlite3_finalize(all);
	return err;
}
