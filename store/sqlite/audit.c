#include "store/audit.h"
#include "base/clock.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_MOST = 1 << 30 }; /* more are not ours */

struct ends { /* of the chain; sealed by a MAC, so that a cut at either end shows */
	int64_t first, last; /* rows; last 0: none yet */
	uint8_t before[STAFF_HASH_SIZE]; /* hash of the row before the first */
	uint8_t hash[STAFF_HASH_SIZE]; /* of the last */
};

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

static void ends_mac(
	const struct staff_db *db, const struct ends *ends, uint8_t mac_r[STAFF_HASH_SIZE])
{
	uint8_t key[SEAL_KEY_SIZE];
	crypto_generichash_state state;
	int64_t numbers[2] = { ends->first, ends->last };

	seal_derive(db->server, "audit-ends", key);
	crypto_generichash_init(&state, key, sizeof key, STAFF_HASH_SIZE);
	crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof numbers);
	crypto_generichash_update(&state, ends->before, STAFF_HASH_SIZE);
	crypto_generichash_update(&state, ends->hash, STAFF_HASH_SIZE);
	crypto_generichash_final(&state, mac_r, STAFF_HASH_SIZE);
	sodium_memzero(key, sizeof key);
}

static bool column_hash(sqlite3_stmt *row, int column, uint8_t hash_r[STAFF_HASH_SIZE])
{
	if (sqlite3_column_bytes(row, column) != STAFF_HASH_SIZE)
		return false;
	memcpy(hash_r, sqlite3_column_blob(row, column), STAFF_HASH_SIZE);
	return true;
}

static enum err without_ends(const struct staff_db *db, struct ends *ends_r)
{
	sqlite3_stmt *last
		= staff_prepare(db, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1");
	int code = sqlite3_step(last);

	if (code == SQLITE_ROW) {
		ends_r->last = sqlite3_column_int64(last, 0);
		column_hash(last, 1, ends_r->hash);
	}
	sqlite3_finalize(last);
	return code == SQLITE_DONE ? OK : code == SQLITE_ROW ? ERR_CORRUPT : ERR_IO;
}

/* ERR_CORRUPT: the ends were changed by somebody without the server key. */
static enum err read_ends(const struct staff_db *db, struct ends *ends_r)
{
	sqlite3_stmt *find
		= staff_prepare(db, "SELECT first, before, last, hash, mac FROM audit_ends");
	uint8_t mac[STAFF_HASH_SIZE], expected[STAFF_HASH_SIZE];
	int code = sqlite3_step(find);
	enum err err = code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;

	*ends_r = (struct ends) { .first = 1 };
	if (code == SQLITE_ROW) {
		ends_r->first = sqlite3_column_int64(find, 0);
		ends_r->last = sqlite3_column_int64(find, 2);
		if (!column_hash(find, 1, ends_r->before) || !column_hash(find, 3, ends_r->hash)
			|| !column_hash(find, 4, mac))
			err = ERR_CORRUPT;
		ends_mac(db, ends_r, expected);
		if (!err && sodium_memcmp(mac, expected, sizeof mac))
			err = ERR_CORRUPT;
		if (err && (ends_r->last < 0 || ends_r->last >= ROWS_MOST))
			ends_r->last = 0; /* it goes on after the rows that are there */
	}
	sqlite3_finalize(find);
	return code == SQLITE_DONE ? without_ends(db, ends_r) : err;
}

/* sound false: they stay as they were found, broken, though the log goes on. */
static enum err write_ends(struct staff_db *db, const struct ends *ends, bool sound)
{
	sqlite3_stmt *put = staff_prepare(db,
		"INSERT OR REPLACE INTO audit_ends (id, first, before, last, hash, mac)"
		" VALUES (1, ?1, ?2, ?3, ?4, ?5)");
	uint8_t mac[STAFF_HASH_SIZE] = { 0 };

	if (sound)
		ends_mac(db, ends, mac);
	sqlite3_bind_int64(put, 1, ends->first);
	sqlite3_bind_blob(put, 2, ends->before, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(put, 3, ends->last);
	sqlite3_bind_blob(put, 4, ends->hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(put, 5, mac, sizeof mac, SQLITE_STATIC);
	return staff_finish(put);
}

enum err audit_append(
	struct staff_db *db, int64_t time, uint32_t staff, const char *what, const char *detail)
{
	struct ends ends;
	sqlite3_stmt *add;
	enum err err = read_ends(db, &ends);
	bool sound = !err;

	if (err && err != ERR_CORRUPT) /* broken: goes on, so that nothing more is lost */
		return err;
	chain(db, ends.hash, time, staff, what, detail, ends.hash);
	add = staff_prepare(db,
		"INSERT INTO audit (id, time, staff, what, detail, hash)" /* beside a forged row too */
		" VALUES (max(?1, 1 + (SELECT coalesce(max(id), 0) FROM audit WHERE id < ?7)), ?2, ?3, ?4, ?5, ?6)");
	sqlite3_bind_int64(add, 1, ends.last + 1);
	sqlite3_bind_int64(add, 2, time);
	sqlite3_bind_int64(add, 3, staff);
	sqlite3_bind_text(add, 4, what, -1, SQLITE_STATIC);
	sqlite3_bind_text(add, 5, detail, -1, SQLITE_STATIC);
	sqlite3_bind_blob(add, 6, ends.hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(add, 7, ROWS_MOST);
	err = staff_finish(add);
	ends.last = sqlite3_last_insert_rowid(db->sqlite);
	return err ? err : write_ends(db, &ends, sound);
}

enum err audit_add(struct staff_db *db, uint32_t staff, const char *what, const char *detail)
{
	enum err err = staff_begin(db);
	if (err)
		return err;
	return staff_end(db, audit_append(db, clock_wall(), staff, what, detail));
}

static enum err broken(char *error, size_t size, const char *what, int64_t row)
{
	snprintf(error, size,
		"the audit log was changed: %s %lld: compare with an export or a backup", what,
		(long long)row);
	return ERR_CORRUPT;
}

/* Nothing stands behind a NUL, where nobody would read it. */
static bool whole(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);
	return text && strlen(text) == (size_t)sqlite3_column_bytes(row, column);
}

static bool row_good(const struct staff_db *db, sqlite3_stmt *row, uint8_t before[STAFF_HASH_SIZE])
{
	const char *what = (const char *)sqlite3_column_text(row, 3);
	const char *detail = (const char *)sqlite3_column_text(row, 4);
	uint8_t hash[STAFF_HASH_SIZE], kept[STAFF_HASH_SIZE];

	chain(db, before, sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2),
		what ? what : "", detail ? detail : "", hash);
	memcpy(before, hash, STAFF_HASH_SIZE);
	return whole(row, 3) && whole(row, 4) && column_hash(row, 5, kept)
		&& !sodium_memcmp(hash, kept, STAFF_HASH_SIZE);
}

enum err audit_verify(struct staff_db *db, char *error, size_t error_size)
{
	sqlite3_stmt *all = staff_prepare(
		db, "SELECT id, time, staff, what, detail, hash FROM audit ORDER BY id");
	uint8_t before[STAFF_HASH_SIZE];
	struct ends ends;
	enum err err = read_ends(db, &ends);
	int64_t expected = ends.first;
	int code = SQLITE_DONE;

	if (err == ERR_CORRUPT)
		broken(error, error_size, "its ends do not fit, last row", ends.last);
	memcpy(before, ends.before, sizeof before);
	while (!err && (code = sqlite3_step(all)) == SQLITE_ROW) {
		if (sqlite3_column_int64(all, 0) != expected)
			err = broken(error, error_size, "missing is row", expected);
		else if (!row_good(db, all, before))
			err = broken(error, error_size, "another is row", expected);
		expected++;
	}
	sqlite3_finalize(all);
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	if (!err && expected - 1 != ends.last && (ends.last || expected > 1))
		err = broken(error, error_size, "it ends before row", ends.last);
	if (!err && ends.last && sodium_memcmp(before, ends.hash, sizeof before))
		err = broken(error, error_size, "another is the last row,", ends.last);
	return err;
}

enum err audit_each(struct staff_db *db, int64_t after,
	void (*on_row)(void *arg, const struct audit_row *row), void *arg)
{
	sqlite3_stmt *all = staff_prepare(db,
		"SELECT id, time, staff, what, detail, hash FROM audit WHERE id > ?1 ORDER BY id");
	int code;

	sqlite3_bind_int64(all, 1, after);
	while ((code = sqlite3_step(all)) == SQLITE_ROW) {
		struct audit_row row = { .id = sqlite3_column_int64(all, 0),
			.time = sqlite3_column_int64(all, 1),
			.staff = (uint32_t)sqlite3_column_int64(all, 2),
			.what = (const char *)sqlite3_column_text(all, 3),
			.detail = (const char *)sqlite3_column_text(all, 4) };
		column_hash(all, 5, row.hash);
		on_row(arg, &row);
	}
	sqlite3_finalize(all);
	return code == SQLITE_DONE ? OK : ERR_IO;
}

void audit_sign_bytes(const struct staff_db *db, const uint8_t *bytes, size_t length,
	uint8_t signature_r[AUDIT_SIGNATURE_SIZE], uint8_t public_r[AUDIT_PUBLIC_SIZE])
{
	uint8_t seed[crypto_sign_SEEDBYTES], secret[crypto_sign_SECRETKEYBYTES];

	seal_derive(db->server, "audit-sign", seed);
	crypto_sign_seed_keypair(public_r, secret, seed);
	crypto_sign_detached(signature_r, NULL, bytes, length, secret);
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(secret, sizeof secret);
}

enum err audit_sign(struct staff_db *db, struct audit_head *head_r)
{
	uint8_t bytes[16 + 8 + 8 + STAFF_HASH_SIZE] = "onthaal.audit.1";
	struct ends ends;
	enum err err = read_ends(db, &ends);

	if (err)
		return err;
	*head_r = (struct audit_head) { .last = ends.last, .time = clock_wall() };
	memcpy(head_r->hash, ends.hash, STAFF_HASH_SIZE);
	memcpy(bytes + 16, &head_r->last, 8);
	memcpy(bytes + 24, &head_r->time, 8);
	memcpy(bytes + 32, head_r->hash, STAFF_HASH_SIZE);
	audit_sign_bytes(db, bytes, sizeof bytes, head_r->signature, head_r->public);
	return OK;
}

enum err audit_had(struct staff_db *db, int64_t row, const uint8_t hash[STAFF_HASH_SIZE])
{
	sqlite3_stmt *find = staff_prepare(db, "SELECT hash FROM audit WHERE id = ?1");
	uint8_t kept[STAFF_HASH_SIZE];
	int code;
	bool same;

	sqlite3_bind_int64(find, 1, row);
	code = sqlite3_step(find);
	same = code == SQLITE_ROW && column_hash(find, 0, kept)
		&& !sodium_memcmp(kept, hash, STAFF_HASH_SIZE);
	sqlite3_finalize(find);
	return same ? OK : code == SQLITE_ROW || code == SQLITE_DONE ? ERR_CORRUPT : ERR_IO;
}

/* The last row before that time, so that the chain goes on from its hash. */
static enum err prune_to(struct staff_db *db, int64_t before, struct ends *ends, uint32_t *pruned_r)
{
	sqlite3_stmt *find = staff_prepare(db,
		"SELECT id, hash FROM audit WHERE id < (SELECT coalesce(min(id), ?2) FROM audit"
		" WHERE time >= ?1) AND id < ?2 ORDER BY id DESC LIMIT 1");
	sqlite3_stmt *drop;
	int64_t last = 0;
	int code;

	sqlite3_bind_int64(find, 1, before);
	sqlite3_bind_int64(find, 2, ends->last); /* the newest row stays */
	code = sqlite3_step(find);
	if (code == SQLITE_ROW && column_hash(find, 1, ends->before))
		last = sqlite3_column_int64(find, 0);
	sqlite3_finalize(find);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? OK : ERR_IO;
	drop = staff_prepare(db, "DELETE FROM audit WHERE id <= ?1");
	sqlite3_bind_int64(drop, 1, last);
	enum err err = staff_finish(drop);
	*pruned_r = err ? 0 : (uint32_t)sqlite3_changes(db->sqlite);
	ends->first = last + 1;
	return err ? err : write_ends(db, ends, true);
}

enum err audit_prune(struct staff_db *db, int64_t before, uint32_t *pruned_r)
{
	struct ends ends;
	enum err err = staff_begin(db);

	*pruned_r = 0;
	if (err)
		return err;
	err = read_ends(db, &ends);
	if (!err && ends.last)
		err = prune_to(db, before, &ends, pruned_r);
	return staff_end(db, err);
}
