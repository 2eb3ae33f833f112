#include "store/keys.h"
#include "base/clock.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <string.h>

#define COLUMNS "id, kind, staff, public, vault, created, retired"

static bool sealable(const uint8_t public[HPKE_KEY_SIZE])
{
	uint8_t key[SEAL_KEY_SIZE] = { 0 }, sealed[KEYS_SEALED_SIZE];
	return !keys_seal(public, 0, key, sealed);
}

static enum err retire(struct staff_db *db, const struct sealing_key *key)
{
	sqlite3_stmt *retire = staff_prepare(db,
		"UPDATE sealing SET retired = ?3 WHERE kind = ?1 AND staff = ?2 AND retired = 0");
	sqlite3_bind_int(retire, 1, (int)key->kind);
	sqlite3_bind_int64(retire, 2, key->staff);
	sqlite3_bind_int64(retire, 3, clock_wall());
	return staff_finish(retire);
}

static enum err insert(struct staff_db *db, const struct sealing_key *key)
{
	sqlite3_stmt *put = staff_prepare(db,
		"INSERT INTO sealing (kind, staff, public, vault, created)"
		" VALUES (?1, ?2, ?3, ?4, ?5)");
	sqlite3_bind_int(put, 1, (int)key->kind);
	sqlite3_bind_int64(put, 2, key->staff);
	sqlite3_bind_blob(put, 3, key->public, HPKE_KEY_SIZE, SQLITE_STATIC);
	if (key->vault_length)
		sqlite3_bind_blob(put, 4, key->vault, (int)key->vault_length, SQLITE_STATIC);
	sqlite3_bind_int64(put, 5, key->created);
	return staff_finish(put);
}

enum err keys_put(struct staff_db *db, struct sealing_key *key)
{
	enum err err;

	if (key->kind < KEY_PERSON || key->kind > KEY_RECOVERY || !sealable(key->public)
		|| key->vault_length > KEYS_VAULT_MAX || (key->kind == KEY_PERSON) != !!key->staff)
		return ERR_INVALID;
	key->created = clock_wall();
	err = staff_begin(db);
	if (err)
		return err;
	err = retire(db, key);
	if (!err)
		err = insert(db, key);
	if (!err)
		key->id = (uint32_t)sqlite3_last_insert_rowid(db->sqlite);
	return staff_end(db, err);
}

enum err keys_vault(struct staff_db *db, uint32_t id, const uint8_t *vault, uint32_t length)
{
	sqlite3_stmt *put;

	if (!length || length > KEYS_VAULT_MAX)
		return ERR_INVALID;
	put = staff_prepare(db, "UPDATE sealing SET vault = ?2 WHERE id = ?1 AND retired = 0");
	sqlite3_bind_int64(put, 1, id);
	sqlite3_bind_blob(put, 2, vault, (int)length, SQLITE_STATIC);
	enum err err = staff_finish(put);
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_NOT_FOUND;
}

static enum err read_key(sqlite3_stmt *row, struct sealing_key *key_r)
{
	int length = sqlite3_column_bytes(row, 4);

	if (sqlite3_column_bytes(row, 3) != HPKE_KEY_SIZE || length > KEYS_VAULT_MAX)
		return ERR_CORRUPT;
	*key_r = (struct sealing_key) { .id = (uint32_t)sqlite3_column_int64(row, 0),
		.kind = (enum key_kind)sqlite3_column_int(row, 1),
		.staff = (uint32_t)sqlite3_column_int64(row, 2),
		.vault_length = (uint32_t)length,
		.created = sqlite3_column_int64(row, 5),
		.retired = sqlite3_column_int64(row, 6) != 0 };
	memcpy(key_r->public, sqlite3_column_blob(row, 3), HPKE_KEY_SIZE);
	if (length)
		memcpy(key_r->vault, sqlite3_column_blob(row, 4), (size_t)length);
	return OK;
}

enum err keys_current(
	struct staff_db *db, enum key_kind kind, uint32_t staff, struct sealing_key *key_r)
{
	sqlite3_stmt *find = staff_prepare(db,
		"SELECT " COLUMNS " FROM sealing WHERE kind = ?1 AND staff = ?2 AND retired = 0");
	int code;
	enum err err;

	sqlite3_bind_int(find, 1, (int)kind);
	sqlite3_bind_int64(find, 2, staff);
	code = sqlite3_step(find);
	err = code == SQLITE_ROW ? read_key(find, key_r)
		: code == SQLITE_DONE ? ERR_NOT_FOUND
				       : ERR_IO;
	sqlite3_finalize(find);
	return err;
}

enum err keys_each(
	struct staff_db *db, void (*on_key)(void *arg, const struct sealing_key *key), void *arg)
{
	sqlite3_stmt *all = staff_prepare(db, "SELECT " COLUMNS " FROM sealing ORDER BY id");
	struct sealing_key key;
	enum err err = OK;
	int code = SQLITE_DONE;

	while (!err && (code = sqlite3_step(all)) == SQLITE_ROW) {
		err = read_key(all, &key);
		if (!err)
			on_key(arg, &key);
	}
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sqlite3_finalize(all);
	return err;
}

enum err keys_opens(struct staff_db *db, uint32_t key, struct keys_opens *opens_r)
{
	sqlite3_stmt *all = staff_prepare(db,
		"SELECT c.channel = 3, count(*), max(c.closed) FROM seal s"
		" JOIN contact c ON c.id = s.contact WHERE s.key = ?1 AND c.state = 3 GROUP BY 1");
	int code;

	*opens_r = (struct keys_opens) { 0 };
	sqlite3_bind_int64(all, 1, key);
	while ((code = sqlite3_step(all)) == SQLITE_ROW) {
		bool call = sqlite3_column_int(all, 0);
		uint32_t count = (uint32_t)sqlite3_column_int64(all, 1);
		*(call ? &opens_r->calls : &opens_r->chats) = count;
		*(call ? &opens_r->last_call : &opens_r->last_chat) = sqlite3_column_int64(all, 2);
	}
	sqlite3_finalize(all);
	return code == SQLITE_DONE ? OK : ERR_IO;
}

enum err keys_share_put(struct staff_db *db, uint32_t key, uint32_t staff,
	const uint8_t sealed[KEYS_SEALED_SIZE])
{
	sqlite3_stmt *put = staff_prepare(db,
		"INSERT OR REPLACE INTO key_share (key, staff, sealed) VALUES (?1, ?2, ?3)");
	sqlite3_bind_int64(put, 1, key);
	sqlite3_bind_int64(put, 2, staff);
	sqlite3_bind_blob(put, 3, sealed, KEYS_SEALED_SIZE, SQLITE_STATIC);
	return staff_finish(put);
}

enum err keys_share_get(
	struct staff_db *db, uint32_t key, uint32_t staff, uint8_t sealed_r[KEYS_SEALED_SIZE])
{
	sqlite3_stmt *find
		= staff_prepare(db, "SELECT sealed FROM key_share WHERE key = ?1 AND staff = ?2");
	int code;
	enum err err = ERR_NOT_FOUND;

	sqlite3_bind_int64(find, 1, key);
	sqlite3_bind_int64(find, 2, staff);
	code = sqlite3_step(find);
	if (code == SQLITE_ROW) {
		err = sqlite3_column_bytes(find, 0) == KEYS_SEALED_SIZE ? OK : ERR_CORRUPT;
		if (!err)
			memcpy(sealed_r, sqlite3_column_blob(find, 0), KEYS_SEALED_SIZE);
	} else if (code != SQLITE_DONE) {
		err = ERR_IO;
	}
	sqlite3_finalize(find);
	return err;
}

enum err keys_shares_each(
	struct staff_db *db, void (*on_share)(void *arg, uint32_t key, uint32_t staff), void *arg)
{
	sqlite3_stmt *all
		= staff_prepare(db, "SELECT key, staff FROM key_share ORDER BY key, staff");
	int code;

	while ((code = sqlite3_step(all)) == SQLITE_ROW)
		on_share(arg, (uint32_t)sqlite3_column_int64(all, 0),
			(uint32_t)sqlite3_column_int64(all, 1));
	sqlite3_finalize(all);
	return code == SQLITE_DONE ? OK : ERR_IO;
}

static enum err run_for(struct staff_db *db, const char *sql, uint32_t staff)
{
	sqlite3_stmt *statement = staff_prepare(db, sql);
	sqlite3_bind_int64(statement, 1, staff);
	return staff_finish(statement);
}

enum err keys_drop_shares(struct staff_db *db, uint32_t staff)
{
	return run_for(db, "DELETE FROM key_share WHERE staff = ?1", staff);
}

enum err keys_drop_person(struct staff_db *db, uint32_t staff)
{
	static const char *const steps[] = {
		"DELETE FROM key_share WHERE staff = ?1",
		"DELETE FROM seal WHERE key IN (SELECT id FROM sealing WHERE kind = 1 AND staff = ?1)",
		"DELETE FROM sealing WHERE kind = 1 AND staff = ?1",
	};
	enum err err = staff_begin(db);

	if (err)
		return err;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && !err; i++)
		err = run_for(db, steps[i], staff);
	return staff_end(db, err);
}
