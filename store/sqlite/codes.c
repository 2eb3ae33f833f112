#include "store/codes.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 64 << 20, ROUNDS = 2, FIELD_SECRET = 4 };

void codes_hash(const struct staff_db *db, const char *words, struct code_hash *hash_r)
{
	uint8_t salt[SEAL_KEY_SIZE], both[CODES_LOOKUP_SIZE + SEAL_KEY_SIZE];

	seal_derive(db->server, "return-code", salt);
	if (crypto_pwhash(both, sizeof both, words, strlen(words), salt, ROUNDS, MEMORY,
		    crypto_pwhash_ALG_ARGON2ID13))
		abort(); /* no memory */
	memcpy(hash_r->lookup, both, CODES_LOOKUP_SIZE);
	memcpy(hash_r->key, both + CODES_LOOKUP_SIZE, SEAL_KEY_SIZE);
	sodium_memzero(both, sizeof both);
	sodium_memzero(salt, sizeof salt);
}

enum err codes_put(struct staff_db *db, const struct code_hash *hash, uint64_t contact,
	const uint8_t token[STORE_TOKEN_SIZE], const char *secret)
{
	struct seal_place place = { .contact = contact, .field = FIELD_SECRET };
	uint8_t sealed[CODES_SEALED_SIZE];
	sqlite3_stmt *put = staff_prepare(db,
		"INSERT OR REPLACE INTO return_code (contact, lookup, sealed)"
		" SELECT id, ?3, ?4 FROM contact WHERE id = ?1 AND token = ?2"
		" AND visitor IS NOT NULL");
	enum err err;

	seal_close(hash->key, &place, secret, CODES_SECRET_SIZE, sealed);
	sqlite3_bind_int64(put, 1, (int64_t)contact);
	sqlite3_bind_blob(put, 2, token, STORE_TOKEN_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(put, 3, hash->lookup, CODES_LOOKUP_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(put, 4, sealed, sizeof sealed, SQLITE_STATIC);
	err = staff_finish(put);
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_NOT_FOUND;
}

enum err codes_find(struct staff_db *db, const struct code_hash *hash,
	char secret_r[CODES_SECRET_SIZE + 1])
{
	sqlite3_stmt *find
		= staff_prepare(db, "SELECT contact, sealed FROM return_code WHERE lookup = ?1");
	enum err err = ERR_NOT_FOUND;
	int code;

	sqlite3_bind_blob(find, 1, hash->lookup, CODES_LOOKUP_SIZE, SQLITE_STATIC);
	code = sqlite3_step(find);
	memset(secret_r, 0, CODES_SECRET_SIZE + 1);
	if (code == SQLITE_ROW) {
		struct seal_place place = { .contact = (uint64_t)sqlite3_column_int64(find, 0),
			.field = FIELD_SECRET };
		err = sqlite3_column_bytes(find, 1) == CODES_SEALED_SIZE
			? seal_open(hash->key, &place, sqlite3_column_blob(find, 1),
				  CODES_SEALED_SIZE, (uint8_t *)secret_r)
			: ERR_CORRUPT;
	} else if (code != SQLITE_DONE) {
		err = ERR_IO;
	}
	sqlite3_finalize(find);
	return err;
}
