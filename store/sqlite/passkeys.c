#include "store/passkeys.h"
#include "base/clock.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { FIELD_PUBLIC = 8, FIELD_LABEL = 9, DAY_MS = 86400000 };

#define COLUMNS "id, staff, credential, public, count, label, vault, created, used"

static int64_t today(void)
{
	int64_t now = clock_wall();
	return now - now % DAY_MS;
}

/* A sealed value is bound to the person, and to the beginning of the credential's hash. */
static struct seal_place place_of(const struct passkey *passkey, uint32_t field)
{
	struct seal_place place = { .contact = passkey->staff, .field = field };
	uint8_t hash[crypto_generichash_BYTES];

	crypto_generichash(hash, sizeof hash, passkey->credential, passkey->credential_length,
		NULL, 0);
	memcpy(&place.seq, hash, sizeof place.seq);
	memcpy(&place.kind, hash + sizeof place.seq, sizeof place.kind);
	return place;
}

/* The algorithm stands before the key, so that it is sealed too. */
static uint32_t close_public(const struct staff_db *db, const struct passkey *passkey, uint8_t *sealed_r)
{
	struct seal_place place = place_of(passkey, FIELD_PUBLIC);
	uint8_t plain[sizeof(int32_t) + PASSKEY_PUBLIC_MAX];
	size_t length = sizeof(int32_t) + passkey->public_length;

	memcpy(plain, &passkey->algorithm, sizeof(int32_t));
	memcpy(plain + sizeof(int32_t), passkey->public, passkey->public_length);
	seal_close(db->server, &place, plain, length, sealed_r);
	return (uint32_t)(length + SEAL_OVERHEAD);
}

static enum err insert(struct staff_db *db, const struct passkey *passkey)
{
	struct seal_place place = place_of(passkey, FIELD_LABEL);
	uint8_t public[sizeof(int32_t) + PASSKEY_PUBLIC_MAX + SEAL_OVERHEAD];
	uint8_t label[PASSKEY_LABEL_MAX + SEAL_OVERHEAD];
	uint32_t public_length = close_public(db, passkey, public);
	size_t length = strlen(passkey->label);
	sqlite3_stmt *put = staff_prepare(db,
		"INSERT INTO passkey (staff, credential, public, count, label, created, used)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)");

	seal_close(db->server, &place, passkey->label, length, label);
	sqlite3_bind_int64(put, 1, passkey->staff);
	sqlite3_bind_blob(put, 2, passkey->credential, (int)passkey->credential_length,
		SQLITE_STATIC);
	sqlite3_bind_blob(put, 3, public, (int)public_length, SQLITE_STATIC);
	sqlite3_bind_int64(put, 4, passkey->count);
	sqlite3_bind_blob(put, 5, label, (int)(length + SEAL_OVERHEAD), SQLITE_STATIC);
	sqlite3_bind_int64(put, 6, passkey->created);
	return staff_finish(put);
}

enum err passkeys_put(struct staff_db *db, struct passkey *passkey)
{
	uint32_t count;
	enum err err;

	if (!passkey->staff || !passkey->credential_length || !passkey->public_length
		|| passkey->credential_length > PASSKEY_ID_MAX
		|| passkey->public_length > PASSKEY_PUBLIC_MAX || !*passkey->label)
		return ERR_INVALID;
	passkey->created = today();
	err = staff_begin(db);
	if (err)
		return err;
	err = passkeys_count(db, passkey->staff, &count);
	if (!err && count >= PASSKEYS_MAX)
		err = ERR_LIMIT;
	if (!err)
		err = insert(db, passkey);
	if (!err)
		passkey->id = (uint32_t)sqlite3_last_insert_rowid(db->sqlite);
	err = staff_end(db, err);
	if (err)
		passkey->id = 0;
	return err;
}

static enum err open_sealed(const struct staff_db *db, sqlite3_stmt *row, struct passkey *passkey)
{
	struct seal_place public_place = place_of(passkey, FIELD_PUBLIC);
	struct seal_place label_place = place_of(passkey, FIELD_LABEL);
	uint8_t plain[sizeof(int32_t) + PASSKEY_PUBLIC_MAX];
	size_t public = (size_t)sqlite3_column_bytes(row, 3);
	size_t label = (size_t)sqlite3_column_bytes(row, 5);

	if (public <= SEAL_OVERHEAD + sizeof(int32_t)
		|| public - SEAL_OVERHEAD > sizeof plain || label <= SEAL_OVERHEAD
		|| label - SEAL_OVERHEAD > PASSKEY_LABEL_MAX)
		return ERR_CORRUPT;
	if (seal_open(db->server, &public_place, sqlite3_column_blob(row, 3), public, plain)
		|| seal_open(db->server, &label_place, sqlite3_column_blob(row, 5), label,
			(uint8_t *)passkey->label))
		return ERR_CORRUPT;
	passkey->label[label - SEAL_OVERHEAD] = '\0';
	memcpy(&passkey->algorithm, plain, sizeof(int32_t));
	passkey->public_length
		= (uint32_t)(public - SEAL_OVERHEAD - sizeof(int32_t));
	memcpy(passkey->public, plain + sizeof(int32_t), passkey->public_length);
	return OK;
}

static enum err read_passkey(
	const struct staff_db *db, sqlite3_stmt *row, struct passkey *passkey_r)
{
	int credential = sqlite3_column_bytes(row, 2), vault = sqlite3_column_bytes(row, 6);

	if (credential < 1 || credential > PASSKEY_ID_MAX || vault > PASSKEY_VAULT_MAX)
		return ERR_CORRUPT;
	*passkey_r = (struct passkey) { .id = (uint32_t)sqlite3_column_int64(row, 0),
		.staff = (uint32_t)sqlite3_column_int64(row, 1),
		.credential_length = (uint32_t)credential,
		.count = (uint32_t)sqlite3_column_int64(row, 4),
		.vault_length = (uint32_t)vault,
		.created = sqlite3_column_int64(row, 7),
		.used = sqlite3_column_int64(row, 8) };
	memcpy(passkey_r->credential, sqlite3_column_blob(row, 2), (size_t)credential);
	if (vault)
		memcpy(passkey_r->vault, sqlite3_column_blob(row, 6), (size_t)vault);
	return open_sealed(db, row, passkey_r);
}

enum err passkeys_find(struct staff_db *db, const uint8_t *credential, uint32_t length,
	struct passkey *passkey_r)
{
	sqlite3_stmt *find
		= staff_prepare(db, "SELECT " COLUMNS " FROM passkey WHERE credential = ?1");
	enum err err;
	int code;

	sqlite3_bind_blob(find, 1, credential, (int)length, SQLITE_STATIC);
	code = sqlite3_step(find);
	err = code == SQLITE_ROW ? read_passkey(db, find, passkey_r)
		: code == SQLITE_DONE ? ERR_NOT_FOUND
				      : ERR_IO;
	sqlite3_finalize(find);
	return err;
}

enum err passkeys_each(struct staff_db *db, uint32_t staff,
	void (*on_passkey)(void *arg, const struct passkey *passkey), void *arg)
{
	sqlite3_stmt *all = staff_prepare(
		db, "SELECT " COLUMNS " FROM passkey WHERE staff = ?1 ORDER BY id");
	struct passkey passkey;
	enum err err = OK;
	int code = SQLITE_DONE;

	sqlite3_bind_int64(all, 1, staff);
	while (!err && (code = sqlite3_step(all)) == SQLITE_ROW) {
		err = read_passkey(db, all, &passkey);
		if (!err)
			on_passkey(arg, &passkey);
	}
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sqlite3_finalize(all);
	return err;
}

enum err passkeys_count(struct staff_db *db, uint32_t staff, uint32_t *count_r)
{
	sqlite3_stmt *count = staff_prepare(db, "SELECT count(*) FROM passkey WHERE staff = ?1");
	int code;

	sqlite3_bind_int64(count, 1, staff);
	code = sqlite3_step(count);
	*count_r = code == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(count, 0) : 0;
	sqlite3_finalize(count);
	return code == SQLITE_ROW ? OK : ERR_IO;
}

static enum err changed(struct staff_db *db, sqlite3_stmt *statement)
{
	enum err err = staff_finish(statement);
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_NOT_FOUND;
}

enum err passkeys_used(struct staff_db *db, uint32_t id, uint32_t count)
{
	sqlite3_stmt *put
		= staff_prepare(db, "UPDATE passkey SET count = ?2, used = ?3 WHERE id = ?1");
	sqlite3_bind_int64(put, 1, id);
	sqlite3_bind_int64(put, 2, count);
	sqlite3_bind_int64(put, 3, today());
	return changed(db, put);
}

enum err passkeys_vault(
	struct staff_db *db, uint32_t id, uint32_t staff, const uint8_t *vault, uint32_t length)
{
	sqlite3_stmt *put;

	if (!length || length > PASSKEY_VAULT_MAX)
		return ERR_INVALID;
	put = staff_prepare(db, "UPDATE passkey SET vault = ?3 WHERE id = ?1 AND staff = ?2");
	sqlite3_bind_int64(put, 1, id);
	sqlite3_bind_int64(put, 2, staff);
	sqlite3_bind_blob(put, 3, vault, (int)length, SQLITE_STATIC);
	return changed(db, put);
}

enum err passkeys_remove(struct staff_db *db, uint32_t id, uint32_t staff,
	const uint8_t session[STAFF_HASH_SIZE])
{
	enum err err = staff_begin(db);
	sqlite3_stmt *drop, *end;
	char detail[32];

	if (err)
		return err;
	drop = staff_prepare(db, "DELETE FROM passkey WHERE id = ?1 AND staff = ?2");
	sqlite3_bind_int64(drop, 1, id);
	sqlite3_bind_int64(drop, 2, staff);
	err = changed(db, drop);
	if (!err) {
		end = staff_prepare(db, "DELETE FROM session WHERE staff = ?1 AND hash <> ?2");
		sqlite3_bind_int64(end, 1, staff);
		sqlite3_bind_blob(end, 2, session, STAFF_HASH_SIZE, SQLITE_STATIC);
		err = staff_finish(end);
	}
	snprintf(detail, sizeof detail, "{\"passkey\":%u}", id);
	if (!err)
		err = audit_append(db, clock_wall(), staff, "passkey.removed", detail);
	return staff_end(db, err);
}

enum err passkeys_drop(struct staff_db *db, uint32_t staff)
{
	sqlite3_stmt *drop = staff_prepare(db, "DELETE FROM passkey WHERE staff = ?1");
	sqlite3_bind_int64(drop, 1, staff);
	return staff_finish(drop);
}

void passkeys_user(const struct staff_db *db, uint32_t staff, uint8_t user_r[PASSKEY_USER_SIZE])
{
	uint8_t key[SEAL_KEY_SIZE];

	seal_derive(db->server, "passkey-user", key);
	crypto_generichash(user_r, PASSKEY_USER_SIZE, (const uint8_t *)&staff, sizeof staff, key,
		sizeof key);
	sodium_memzero(key, sizeof key);
}
