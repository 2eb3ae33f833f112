#include "store/signons.h"
#include "base/clock.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <string.h>

enum { HASH = STAFF_HASH_SIZE };

/* Of what it is, and of whom; staff 0: of anybody. */
static void keyed(const struct staff_db *db, const char *what, const uint8_t hash[HASH],
	uint32_t staff, uint8_t keyed_r[HASH])
{
	uint8_t key[SEAL_KEY_SIZE];
	crypto_generichash_state state;

	seal_derive(db->server, what, key);
	crypto_generichash_init(&state, key, sizeof key, HASH);
	crypto_generichash_update(&state, hash, HASH);
	crypto_generichash_update(&state, (const uint8_t *)&staff, sizeof staff);
	crypto_generichash_final(&state, keyed_r, HASH);
	sodium_memzero(key, sizeof key);
	sodium_memzero(&state, sizeof state);
}

enum err signons_link(
	struct staff_db *db, uint32_t staff, const uint8_t token[STAFF_HASH_SIZE], int64_t expires)
{
	uint8_t link[HASH];
	sqlite3_stmt *put = staff_prepare(db,
		"INSERT INTO signon (staff, link, link_expires) VALUES (?1, ?2, ?3)"
		" ON CONFLICT (staff) DO UPDATE SET link = ?2, link_expires = ?3, guesses = 0");

	keyed(db, "signon-link", token, 0, link);
	sqlite3_bind_int64(put, 1, staff);
	sqlite3_bind_blob(put, 2, link, HASH, SQLITE_STATIC);
	sqlite3_bind_int64(put, 3, expires);
	return staff_finish(put);
}

static enum err find(sqlite3_stmt *statement, uint32_t *staff_r, uint8_t bound_r[HASH])
{
	int code = sqlite3_step(statement);
	enum err err = code == SQLITE_ROW ? OK : code == SQLITE_DONE ? ERR_NOT_FOUND : ERR_IO;

	if (!err) {
		*staff_r = (uint32_t)sqlite3_column_int64(statement, 0);
		if (sqlite3_column_bytes(statement, 1) == HASH)
			memcpy(bound_r, sqlite3_column_blob(statement, 1), HASH);
	}
	sqlite3_finalize(statement);
	return err;
}

enum err signons_by_link(
	struct staff_db *db, const uint8_t token[STAFF_HASH_SIZE], struct staff *person_r)
{
	uint8_t link[HASH], bound[HASH] = { 0 };
	uint32_t staff = 0;
	sqlite3_stmt *one = staff_prepare(
		db, "SELECT staff, bound FROM signon WHERE link = ?1 AND link_expires > ?2");
	enum err err;

	keyed(db, "signon-link", token, 0, link);
	sqlite3_bind_blob(one, 1, link, HASH, SQLITE_STATIC);
	sqlite3_bind_int64(one, 2, clock_wall());
	err = find(one, &staff, bound);
	return err ? err : staff_by_id(db, staff, person_r);
}

enum err signons_by_account(
	struct staff_db *db, const uint8_t account[STAFF_HASH_SIZE], struct staff *person_r)
{
	uint8_t hash[HASH], bound[HASH] = { 0 }, wanted[HASH];
	uint32_t staff = 0;
	sqlite3_stmt *one = staff_prepare(db, "SELECT staff, bound FROM signon WHERE account = ?1");
	enum err err;

	keyed(db, "signon-account", account, 0, hash);
	sqlite3_bind_blob(one, 1, hash, HASH, SQLITE_STATIC);
	err = find(one, &staff, bound);
	if (err)
		return err;
	keyed(db, "signon-bound", account, staff, wanted);
	if (sodium_memcmp(bound, wanted, HASH))
		return ERR_CORRUPT; /* put there by somebody else */
	return staff_by_id(db, staff, person_r);
}

enum err signons_bind(
	struct staff_db *db, uint32_t staff, const uint8_t account[STAFF_HASH_SIZE])
{
	uint8_t hash[HASH], bound[HASH];
	sqlite3_stmt *put = staff_prepare(db,
		"UPDATE signon SET account = ?2, bound = ?3, link = NULL, link_expires = 0"
		" WHERE staff = ?1");
	enum err err;

	keyed(db, "signon-account", account, 0, hash);
	keyed(db, "signon-bound", account, staff, bound);
	sqlite3_bind_int64(put, 1, staff);
	sqlite3_bind_blob(put, 2, hash, HASH, SQLITE_STATIC);
	sqlite3_bind_blob(put, 3, bound, HASH, SQLITE_STATIC);
	err = staff_finish(put);
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_NOT_FOUND;
}

enum err signons_drop(struct staff_db *db, uint32_t staff)
{
	sqlite3_stmt *drop = staff_prepare(db, "DELETE FROM signon WHERE staff = ?1");
	sqlite3_bind_int64(drop, 1, staff);
	return staff_finish(drop);
}

/* Within a day; should the clock have been set back, those before it no longer count. */
#define COUNTS "guessed > ?2 - ?3 AND guessed <= ?2"

static sqlite3_stmt *of_guesses(const struct staff_db *db, const char *sql, uint32_t staff)
{
	sqlite3_stmt *statement = staff_prepare(db, sql);

	sqlite3_bind_int64(statement, 1, staff);
	sqlite3_bind_int64(statement, 2, clock_wall());
	sqlite3_bind_int64(statement, 3, SIGNONS_GUESSED_MS);
	return statement;
}

static enum err count(struct staff_db *db, uint32_t staff, int *guesses_r)
{
	sqlite3_stmt *one = of_guesses(
		db, "SELECT guesses FROM signon WHERE staff = ?1 AND " COUNTS, staff);
	int code = sqlite3_step(one);

	*guesses_r = code == SQLITE_ROW ? sqlite3_column_int(one, 0) : 0;
	sqlite3_finalize(one);
	return code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;
}

enum err signons_guessed(struct staff_db *db, uint32_t staff, bool *stopped_r)
{
	int guesses = 0;
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = staff_finish(of_guesses(db,
		"UPDATE signon SET guesses = CASE WHEN guesses > 0 AND " COUNTS
		" THEN guesses + 1 ELSE 1 END,"
		" guessed = CASE WHEN guesses > 0 AND " COUNTS " THEN guessed ELSE ?2 END"
		" WHERE staff = ?1",
		staff));
	if (!err)
		err = count(db, staff, &guesses);
	if (!err && guesses == SIGNONS_GUESSES)
		err = audit_append(db, clock_wall(), staff, "signon.stopped", "{}");
	*stopped_r = guesses >= SIGNONS_GUESSES;
	return staff_end(db, err);
}

enum err signons_stopped(struct staff_db *db, uint32_t staff, bool *stopped_r)
{
	int guesses;
	enum err err = count(db, staff, &guesses);

	*stopped_r = guesses >= SIGNONS_GUESSES;
	return err;
}

enum err signons_trusted(struct staff_db *db, uint32_t staff)
{
	sqlite3_stmt *put = staff_prepare(
		db, "UPDATE signon SET guesses = 0 WHERE staff = ?1 AND guesses > 0");

	sqlite3_bind_int64(put, 1, staff);
	return staff_finish(put);
}

enum err signons_bound(struct staff_db *db, uint32_t staff, bool *bound_r)
{
	sqlite3_stmt *one = staff_prepare(
		db, "SELECT 1 FROM signon WHERE staff = ?1 AND account IS NOT NULL");
	int code;

	sqlite3_bind_int64(one, 1, staff);
	code = sqlite3_step(one);
	sqlite3_finalize(one);
	*bound_r = code == SQLITE_ROW;
	return code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;
}
