#include "store/staff.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELD_TOTP = 3, FIELD_TELEPHONE = 5 };

#define COLUMNS                                                                                    \
	"id, name, display, role, disabled, password, totp, totp_step, invite, invite_expires,"    \
	" telephone"

enum err staff_open(const char *folder, struct staff_db **db_r, char *error, size_t error_size)
{
	struct staff_db *db = seal_alloc(sizeof *db);
	enum err err = OK;

	if (mkdir(folder, 0700) && access(folder, W_OK)) {
		snprintf(error, error_size, "%s cannot be written: check the folder's rights",
			folder);
		err = ERR_IO;
	}
	if (!err)
		err = seal_server_key(folder, db->server, error, error_size);
	if (!err)
		err = db_connect(folder, &db->sqlite, error, error_size);
	if (err) {
		seal_free(db);
		return err;
	}
	*db_r = db;
	return OK;
}

void staff_close(struct staff_db **db)
{
	if (!*db)
		return;
	sqlite3_close((*db)->sqlite);
	seal_free(*db);
	*db = NULL;
}

static enum err err_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_DONE:
	case SQLITE_ROW:
	case SQLITE_OK:
		return OK;
	case SQLITE_CONSTRAINT:
		return ERR_EXISTS;
	case SQLITE_BUSY:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	default:
		return ERR_FULL;
	}
}

sqlite3_stmt *staff_prepare(const struct staff_db *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);
	return statement; /* NULL is accepted by every call that follows, and gives an error */
}

enum err staff_finish(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	enum err err = err_of(code);
	sqlite3_finalize(statement);
	return err;
}

enum err staff_begin(struct staff_db *db)
{
	return err_of(sqlite3_exec(db->sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL));
}

enum err staff_end(struct staff_db *db, enum err err)
{
	if (!err)
		err = err_of(sqlite3_exec(db->sqlite, "COMMIT", NULL, NULL, NULL));
	if (err && !sqlite3_get_autocommit(db->sqlite))
		sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

static void bind_or_null(sqlite3_stmt *statement, int at, const uint8_t *bytes, size_t size)
{
	if (sodium_is_zero(bytes, size))
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_blob(statement, at, bytes, (int)size, SQLITE_STATIC);
}

/* A person's number is known only after the row is there; so the code's secret is put second. */
enum err staff_put_totp(struct staff_db *db, const struct staff *person)
{
	struct seal_place place = { .contact = person->id, .field = FIELD_TOTP };
	uint8_t sealed[STAFF_TOTP_SIZE + SEAL_OVERHEAD];
	sqlite3_stmt *put = staff_prepare(db, "UPDATE staff SET totp = ?2 WHERE id = ?1");

	sqlite3_bind_int64(put, 1, person->id);
	if (!sodium_is_zero(person->totp, STAFF_TOTP_SIZE)) {
		seal_close(db->server, &place, person->totp, STAFF_TOTP_SIZE, sealed);
		sqlite3_bind_blob(put, 2, sealed, sizeof sealed, SQLITE_STATIC);
	}
	return staff_finish(put);
}

enum err staff_put_telephone(struct staff_db *db, const struct staff *person)
{
	struct seal_place place = { .contact = person->id, .field = FIELD_TELEPHONE };
	uint8_t sealed[STAFF_TELEPHONE_MAX + SEAL_OVERHEAD];
	size_t length = strlen(person->telephone);
	sqlite3_stmt *put = staff_prepare(db, "UPDATE staff SET telephone = ?2 WHERE id = ?1");

	sqlite3_bind_int64(put, 1, person->id);
	if (length) {
		seal_close(db->server, &place, person->telephone, length, sealed);
		sqlite3_bind_blob(put, 2, sealed, (int)(length + SEAL_OVERHEAD), SQLITE_STATIC);
	}
	return staff_finish(put);
}

enum err staff_put(struct staff_db *db, struct staff *person)
{
	bool is_new = !person->id;
	sqlite3_stmt *put;
	enum err err;

	if (!*person->name || person->role < ROLE_COUNSELLOR || person->role > ROLE_AUDITOR)
		return ERR_INVALID;
	err = staff_begin(db);
	if (err)
		return err;
	put = staff_prepare(db,
		is_new ? "INSERT INTO staff (id, name, display, role, disabled, password, totp_step,"
			 " invite, invite_expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
		       : "UPDATE staff SET name = ?2, display = ?3, role = ?4, disabled = ?5,"
			 " password = ?6, totp_step = ?7, invite = ?8, invite_expires = ?9"
			 " WHERE id = ?1");
	if (!is_new)
		sqlite3_bind_int64(put, 1, person->id);
	sqlite3_bind_text(put, 2, person->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 3, person->display, -1, SQLITE_STATIC);
	sqlite3_bind_int(put, 4, (int)person->role);
	sqlite3_bind_int(put, 5, person->disabled);
	sqlite3_bind_text(put, 6, person->password, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 7, person->totp_step);
	bind_or_null(put, 8, person->invite, STAFF_HASH_SIZE);
	sqlite3_bind_int64(put, 9, person->invite_expires);
	err = staff_finish(put);
	if (!err && is_new)
		person->id = (uint32_t)sqlite3_last_insert_rowid(db->sqlite);
	else if (!err && !sqlite3_changes(db->sqlite))
		err = ERR_NOT_FOUND;
	if (!err)
		err = staff_put_totp(db, person);
	if (!err)
		err = staff_put_telephone(db, person);
	err = staff_end(db, err);
	if (err && is_new)
		person->id = 0;
	return err;
}

static void text(sqlite3_stmt *row, int column, char *to, size_t size)
{
	const char *from = (const char *)sqlite3_column_text(row, column);
	snprintf(to, size, "%s", from ? from : "");
	if (!text_is_utf8(to, strlen(to))) /* somebody changed it; frames are of such text */
		snprintf(to, size, "%s", "?");
}

static enum err read_telephone(
	const struct staff_db *db, sqlite3_stmt *row, struct staff *person)
{
	struct seal_place place = { .contact = person->id, .field = FIELD_TELEPHONE };
	size_t length = (size_t)sqlite3_column_bytes(row, 10);

	if (!length)
		return OK;
	if (length <= SEAL_OVERHEAD || length - SEAL_OVERHEAD > STAFF_TELEPHONE_MAX)
		return ERR_CORRUPT;
	return seal_open(db->server, &place, sqlite3_column_blob(row, 10), length,
		       (uint8_t *)person->telephone)
			|| !staff_telephone_fits(person->telephone)
		? ERR_CORRUPT
		: OK;
}

static enum err read_person(
	const struct staff_db *db, sqlite3_stmt *row, struct staff *person_r)
{
	struct seal_place place = { .field = FIELD_TOTP };

	memset(person_r, 0, sizeof *person_r);
	person_r->id = (uint32_t)sqlite3_column_int64(row, 0);
	text(row, 1, person_r->name, sizeof person_r->name);
	text(row, 2, person_r->display, sizeof person_r->display);
	person_r->role = (enum staff_role)sqlite3_column_int(row, 3);
	person_r->disabled = sqlite3_column_int(row, 4);
	text(row, 5, person_r->password, sizeof person_r->password);
	person_r->totp_step = sqlite3_column_int64(row, 7);
	if (sqlite3_column_bytes(row, 8) == STAFF_HASH_SIZE)
		memcpy(person_r->invite, sqlite3_column_blob(row, 8), STAFF_HASH_SIZE);
	person_r->invite_expires = sqlite3_column_int64(row, 9);
	place.contact = person_r->id;
	if (read_telephone(db, row, person_r))
		return ERR_CORRUPT;
	if (sqlite3_column_type(row, 6) == SQLITE_NULL)
		return OK;
	if (sqlite3_column_bytes(row, 6) != STAFF_TOTP_SIZE + SEAL_OVERHEAD)
		return ERR_CORRUPT;
	return seal_open(db->server, &place, sqlite3_column_blob(row, 6),
		STAFF_TOTP_SIZE + SEAL_OVERHEAD, person_r->totp);
}

static enum err read_one(const struct staff_db *db, sqlite3_stmt *find, struct staff *person_r)
{
	int code = sqlite3_step(find);
	enum err err = code == SQLITE_ROW ? read_person(db, find, person_r)
		: code == SQLITE_DONE     ? ERR_NOT_FOUND
					  : ERR_IO;
	sqlite3_finalize(find);
	return err;
}

enum err staff_by_id(struct staff_db *db, uint32_t id, struct staff *person_r)
{
	sqlite3_stmt *find = staff_prepare(db, "SELECT " COLUMNS " FROM staff WHERE id = ?1");
	sqlite3_bind_int64(find, 1, id);
	return read_one(db, find, person_r);
}

enum err staff_by_name(struct staff_db *db, const char *name, struct staff *person_r)
{
	sqlite3_stmt *find = staff_prepare(db, "SELECT " COLUMNS " FROM staff WHERE name = ?1");
	sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
	return read_one(db, find, person_r);
}

enum err staff_by_invite(
	struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE], struct staff *person_r)
{
	sqlite3_stmt *find = staff_prepare(db, "SELECT " COLUMNS " FROM staff WHERE invite = ?1");
	sqlite3_bind_blob(find, 1, hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	return read_one(db, find, person_r);
}

enum err staff_each(
	struct staff_db *db, void (*on_person)(void *arg, const struct staff *person), void *arg)
{
	sqlite3_stmt *all = staff_prepare(db, "SELECT " COLUMNS " FROM staff ORDER BY id");
	struct staff person;
	enum err err = OK;
	int code;

	while (!err && (code = sqlite3_step(all)) == SQLITE_ROW) {
		err = read_person(db, all, &person);
		if (!err)
			on_person(arg, &person);
	}
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sodium_memzero(&person, sizeof person);
	sqlite3_finalize(all);
	return err;
}

enum err staff_session_put(struct staff_db *db, const struct staff_session *session)
{
	sqlite3_stmt *put = staff_prepare(db,
		"INSERT INTO session (hash, staff, created, expires) VALUES (?1, ?2, ?3, ?4)");
	sqlite3_stmt *old = staff_prepare(db, "DELETE FROM session WHERE expires <= ?1");

	sqlite3_bind_int64(old, 1, clock_wall());
	sqlite3_bind_blob(put, 1, session->hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(put, 2, session->staff);
	sqlite3_bind_int64(put, 3, session->created);
	sqlite3_bind_int64(put, 4, session->expires);
	enum err err = staff_finish(old), put_err = staff_finish(put);
	return err ? err : put_err;
}

enum err staff_session_get(struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE],
	struct staff_session *session_r)
{
	sqlite3_stmt *find = staff_prepare(db,
		"SELECT s.staff, s.created, s.expires FROM session s JOIN staff p ON p.id = s.staff"
		" WHERE s.hash = ?1 AND s.expires > ?2 AND p.disabled = 0");
	enum err err;
	int code;

	sqlite3_bind_blob(find, 1, hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(find, 2, clock_wall());
	code = sqlite3_step(find);
	err = code == SQLITE_ROW ? OK : code == SQLITE_DONE ? ERR_NOT_FOUND : ERR_IO;
	if (!err) {
		memcpy(session_r->hash, hash, STAFF_HASH_SIZE);
		session_r->staff = (uint32_t)sqlite3_column_int64(find, 0);
		session_r->created = sqlite3_column_int64(find, 1);
		session_r->expires = sqlite3_column_int64(find, 2);
	}
	sqlite3_finalize(find);
	return err;
}

enum err staff_session_end(struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE])
{
	sqlite3_stmt *end = staff_prepare(db, "DELETE FROM session WHERE hash = ?1");
	sqlite3_bind_blob(end, 1, hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	return staff_finish(end);
}

enum err staff_session_renew(struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE],
	const uint8_t next[STAFF_HASH_SIZE])
{
	sqlite3_stmt *put = staff_prepare(db, "UPDATE session SET hash = ?2 WHERE hash = ?1");
	enum err err;

	sqlite3_bind_blob(put, 1, hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(put, 2, next, STAFF_HASH_SIZE, SQLITE_STATIC);
	err = staff_finish(put);
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_NOT_FOUND;
}

enum err staff_sessions_each(struct staff_db *db, uint32_t staff,
	void (*on_session)(void *arg, const struct staff_session *session), void *arg)
{
	sqlite3_stmt *all = staff_prepare(db,
		"SELECT hash, staff, created, expires FROM session"
		" WHERE (?1 = 0 OR staff = ?1) AND expires > ?2 ORDER BY staff, created");
	int code;

	sqlite3_bind_int64(all, 1, staff);
	sqlite3_bind_int64(all, 2, clock_wall());
	while ((code = sqlite3_step(all)) == SQLITE_ROW) {
		struct staff_session session
			= { .staff = (uint32_t)sqlite3_column_int64(all, 1),
				  .created = sqlite3_column_int64(all, 2),
				  .expires = sqlite3_column_int64(all, 3) };
		if (sqlite3_column_bytes(all, 0) != STAFF_HASH_SIZE)
			continue;
		memcpy(session.hash, sqlite3_column_blob(all, 0), STAFF_HASH_SIZE);
		on_session(arg, &session);
	}
	sqlite3_finalize(all);
	return code == SQLITE_DONE ? OK : ERR_IO;
}

enum err staff_sessions_end(struct staff_db *db, uint32_t staff)
{
	sqlite3_stmt *end = staff_prepare(db, "DELETE FROM session WHERE staff = ?1");
	sqlite3_bind_int64(end, 1, staff);
	return staff_finish(end);
}
