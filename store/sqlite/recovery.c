/* One-time codes of staff. */
#include "store/sqlite/private.h"

#include <sodium.h>
#include <string.h>

static void hash_of(const struct staff_db *db, uint32_t staff, const char *code,
	uint8_t hash_r[STAFF_HASH_SIZE])
{
	uint8_t key[SEAL_KEY_SIZE];
	crypto_generichash_state state;

	seal_derive(db->server, "recovery-code", key);
	crypto_generichash_init(&state, key, sizeof key, STAFF_HASH_SIZE);
	crypto_generichash_update(&state, (const uint8_t *)&staff, sizeof staff);
	crypto_generichash_update(&state, (const uint8_t *)code, strlen(code));
	crypto_generichash_final(&state, hash_r, STAFF_HASH_SIZE);
	sodium_memzero(key, sizeof key);
}

static sqlite3_stmt *with_code(
	struct staff_db *db, const char *sql, uint32_t staff, const uint8_t *hash)
{
	sqlite3_stmt *statement = staff_prepare(db, sql);
	sqlite3_bind_int64(statement, 1, staff);
	if (hash)
		sqlite3_bind_blob(statement, 2, hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	return statement;
}

enum err staff_codes_drop(struct staff_db *db, uint32_t staff)
{
	return staff_finish(
		with_code(db, "DELETE FROM recovery_code WHERE staff = ?1", staff, NULL));
}

enum err staff_codes_make(
	struct staff_db *db, uint32_t staff, char codes_r[STAFF_CODES][STAFF_CODE_SIZE])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t hash[STAFF_HASH_SIZE];
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = staff_codes_drop(db, staff);
	for (int i = 0; i < STAFF_CODES && !err; i++) {
		for (int j = 0; j < STAFF_CODE_SIZE - 1; j++)
			codes_r[i][j] = alphabet[randombytes_uniform(32)];
		codes_r[i][STAFF_CODE_SIZE - 1] = '\0';
		hash_of(db, staff, codes_r[i], hash);
		err = staff_finish(with_code(
			db, "INSERT INTO recovery_code (staff, hash) VALUES (?1, ?2)", staff, hash));
	}
	return staff_end(db, err);
}

enum err staff_code_find(struct staff_db *db, uint32_t staff, const char *code)
{
	uint8_t hash[STAFF_HASH_SIZE];
	sqlite3_stmt *find;
	int found;

	if (strlen(code) != STAFF_CODE_SIZE - 1)
		return ERR_NOT_FOUND;
	hash_of(db, staff, code, hash);
	find = with_code(
		db, "SELECT 1 FROM recovery_code WHERE staff = ?1 AND hash = ?2", staff, hash);
	found = sqlite3_step(find);
	sqlite3_finalize(find);
	return found == SQLITE_ROW ? OK : found == SQLITE_DONE ? ERR_NOT_FOUND : ERR_IO;
}

enum err staff_code_take(struct staff_db *db, uint32_t staff, const char *code)
{
	uint8_t hash[STAFF_HASH_SIZE];
	enum err err;

	hash_of(db, staff, code, hash);
	err = staff_finish(with_code(
		db, "DELETE FROM recovery_code WHERE staff = ?1 AND hash = ?2", staff, hash));
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_NOT_FOUND;
}
