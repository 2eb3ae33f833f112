#include "store/credentials.h"
#include "base/clock.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <string.h>

/* ?1 is the person, ?2 the password that was verified. */
#define VERIFIED " WHERE id = ?1 AND password = ?2 AND disabled = 0"

static sqlite3_stmt *of_person(struct staff_db *db, const char *sql, const struct staff *person)
{
	sqlite3_stmt *statement = staff_prepare(db, sql);
	sqlite3_bind_int64(statement, 1, person->id);
	sqlite3_bind_text(statement, 2, person->password, -1, SQLITE_STATIC);
	return statement;
}

static enum err one_row(struct staff_db *db, sqlite3_stmt *update)
{
	enum err err = staff_finish(update);
	return err ? err : sqlite3_changes(db->sqlite) == 1 ? OK : ERR_STALE;
}

/* The invitation that was shown, or used, is still theirs. */
static enum err set_invited(struct staff_db *db, const struct staff *person, const char *sql)
{
	sqlite3_stmt *put = of_person(db, sql, person);
	sqlite3_bind_blob(put, 3, person->invite, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(put, 4, person->totp_step);
	return one_row(db, put);
}

enum err credentials_invited(struct staff_db *db, const struct staff *person)
{
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = set_invited(db, person,
		"UPDATE staff SET totp_step = ?4" VERIFIED " AND invite = ?3");
	if (!err)
		err = staff_put_totp(db, person);
	return staff_end(db, err);
}

enum err credentials_accepted(struct staff_db *db, const struct staff *person)
{
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = set_invited(db, person,
		"UPDATE staff SET password = ?2, totp_step = ?4, invite = NULL, invite_expires = 0"
		" WHERE id = ?1 AND invite = ?3 AND disabled = 0");
	if (!err)
		err = staff_sessions_end(db, person->id);
	return staff_end(db, err);
}

static enum err drop_oldest(struct staff_db *db, const struct staff_session *session)
{
	sqlite3_stmt *drop = staff_prepare(db,
		"DELETE FROM session WHERE staff = ?1 AND hash <> ?2 AND hash NOT IN"
		" (SELECT hash FROM session WHERE staff = ?1 AND hash <> ?2"
		"  ORDER BY created DESC, hash LIMIT ?3)");
	sqlite3_bind_int64(drop, 1, session->staff);
	sqlite3_bind_blob(drop, 2, session->hash, STAFF_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int(drop, 3, STAFF_SESSIONS_MAX - 1);
	return staff_finish(drop);
}

static enum err put_step(struct staff_db *db, const struct staff *person)
{
	sqlite3_stmt *put
		= of_person(db, "UPDATE staff SET totp_step = max(totp_step, ?3)" VERIFIED, person);
	sqlite3_bind_int64(put, 3, person->totp_step);
	return one_row(db, put);
}

enum err credentials_coded(struct staff_db *db, const struct staff *person)
{
	enum err err = staff_begin(db);
	return err ? err : staff_end(db, put_step(db, person));
}

enum err credentials_signed_in(
	struct staff_db *db, const struct staff *person, const struct staff_session *session)
{
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = put_step(db, person);
	if (!err)
		err = staff_session_put(db, session);
	if (!err)
		err = drop_oldest(db, session);
	return staff_end(db, err);
}

enum err credentials_telephone(struct staff_db *db, const struct staff *person)
{
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = one_row(db, of_person(db, "UPDATE staff SET totp_step = totp_step" VERIFIED, person));
	if (!err)
		err = staff_put_telephone(db, person);
	return staff_end(db, err);
}

static enum err begin(struct staff_db *db, const struct credentials_change *change)
{
	struct staff_session session = { .staff = 0 };
	enum err err = staff_begin(db);

	if (err)
		return err;
	err = staff_session_get(db, change->session, &session);
	return err == ERR_NOT_FOUND || (!err && session.staff != change->person->id) ? ERR_DENIED
										     : err;
}

/* Whoever was in elsewhere may be the reason for the change. */
static enum err end_others(struct staff_db *db, const struct credentials_change *change)
{
	sqlite3_stmt *end
		= staff_prepare(db, "DELETE FROM session WHERE staff = ?1 AND hash <> ?2");
	sqlite3_bind_int64(end, 1, change->person->id);
	sqlite3_bind_blob(end, 2, change->session, STAFF_HASH_SIZE, SQLITE_STATIC);
	return staff_finish(end);
}

static enum err end(struct staff_db *db, const struct credentials_change *change, const char *what,
	enum err err)
{
	if (!err)
		err = end_others(db, change);
	if (!err)
		err = audit_append(db, clock_wall(), change->person->id, what, "{}");
	return staff_end(db, err);
}

static enum err put_vault(struct staff_db *db, uint32_t staff, uint32_t number,
	const uint8_t *vault, uint32_t length)
{
	struct sealing_key key = { .id = 0 };
	enum err err = keys_current(db, KEY_PERSON, staff, &key);

	if (err == ERR_NOT_FOUND)
		return number ? ERR_STALE : OK;
	if (err || key.id != number)
		return err ? err : ERR_STALE;
	return keys_vault(db, number, vault, length);
}

enum err credentials_password(struct staff_db *db, const struct credentials_change *change,
	const char *password, uint32_t key, const uint8_t *vault, uint32_t length)
{
	enum err err = begin(db, change);

	if (!err) {
		sqlite3_stmt *put
			= of_person(db, "UPDATE staff SET password = ?3" VERIFIED, change->person);
		sqlite3_bind_text(put, 3, password, -1, SQLITE_STATIC);
		err = one_row(db, put);
	}
	if (!err)
		err = put_vault(db, change->person->id, key, vault, length);
	return end(db, change, "password.changed", err);
}

enum err credentials_authenticator(struct staff_db *db, const struct credentials_change *change,
	const uint8_t totp[STAFF_TOTP_SIZE], int64_t step)
{
	struct staff person = *change->person;
	enum err err = begin(db, change);

	memcpy(person.totp, totp, STAFF_TOTP_SIZE);
	if (!err) {
		sqlite3_stmt *put
			= of_person(db, "UPDATE staff SET totp_step = ?3" VERIFIED, &person);
		sqlite3_bind_int64(put, 3, step);
		err = one_row(db, put);
	}
	if (!err)
		err = staff_put_totp(db, &person);
	sodium_memzero(&person, sizeof person);
	return end(db, change, "authenticator.changed", err);
}
