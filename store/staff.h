/* The people who sign in, their sessions, and the audit log. Synchronous, on a connection of its
 * own: the command line uses it, and the daemon's sign-in thread, never the loop. */
#ifndef STORE_STAFF_H
#define STORE_STAFF_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STAFF_NAME_MAX = 64, /* bytes; sign-in name, unique without regard to case */
	STAFF_HASH_SIZE = 32,
	STAFF_TELEPHONE_MAX = 120,
	STAFF_SESSIONS_MAX = 8, /* of one person: the oldest makes place for a new one */
	STAFF_SETTINGS_MAX = 12288, /* bytes */
	STAFF_TOTP_SIZE = 20 };

enum staff_role { ROLE_COUNSELLOR = 1, ROLE_COORDINATOR, ROLE_ADMINISTRATOR, ROLE_AUDITOR };

struct staff {
	uint32_t id; /* 0: not yet stored */
	char name[STAFF_NAME_MAX + 1];
	char display[STAFF_NAME_MAX + 1]; /* what colleagues (and, if configured, visitors) see */
	enum staff_role role;
	bool disabled;
	char password[128]; /* Argon2id string; "" until set up */
	uint8_t totp[STAFF_TOTP_SIZE]; /* all zero until set up; sealed at rest */
	int64_t totp_step; /* last time step used: a code works once */
	uint8_t invite[STAFF_HASH_SIZE]; /* hash of the one-time link; all zero: none */
	int64_t invite_expires; /* clock_wall */
	/* own telephone: number, SIP URI or extension; "": none; sealed at rest */
	char telephone[STAFF_TELEPHONE_MAX + 1];
};

struct staff_session {
	uint8_t hash[STAFF_HASH_SIZE]; /* of the token the browser holds */
	uint32_t staff;
	int64_t created, expires; /* clock_wall */
};

struct staff_db;

must_check enum err staff_open(
	const char *folder, struct staff_db **db_r, char *error, size_t error_size);
void staff_close(struct staff_db **db);

must_check enum err staff_put(struct staff_db *db, struct staff *person); /* sets id when 0 */
must_check enum err staff_by_id(struct staff_db *db, uint32_t id, struct staff *person_r);
must_check enum err staff_by_name(struct staff_db *db, const char *name, struct staff *person_r);
must_check enum err staff_by_invite(
	struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE], struct staff *person_r);
must_check enum err staff_each(
	struct staff_db *db, void (*on_person)(void *arg, const struct staff *person), void *arg);

/* A number, a SIP URI or an extension, by its characters and length; "" is none. */
bool staff_telephone_fits(const char *telephone);

/* What a person chose for the own console: text that the page alone reads, "" until something was
 * put; sealed at rest. ERR_TOO_LONG: more than STAFF_SETTINGS_MAX; ERR_NOT_FOUND: nobody, or disabled. */
must_check enum err staff_settings_put(struct staff_db *db, uint32_t staff, const char *settings);
must_check enum err staff_settings_get(
	struct staff_db *db, uint32_t staff, char settings_r[STAFF_SETTINGS_MAX + 1]);
must_check enum err staff_settings_drop(struct staff_db *db, uint32_t staff);

must_check enum err staff_session_put(struct staff_db *db, const struct staff_session *session);
must_check enum err staff_session_get(struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE],
	struct staff_session *session_r); /* ERR_NOT_FOUND also when expired or disabled */
must_check enum err staff_session_end(struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE]);
/* The same session, by another token. ERR_NOT_FOUND: there is none. */
must_check enum err staff_session_renew(struct staff_db *db, const uint8_t hash[STAFF_HASH_SIZE],
	const uint8_t next[STAFF_HASH_SIZE]);
must_check enum err staff_sessions_each(struct staff_db *db, uint32_t staff, /* 0: of everybody */
	void (*on_session)(void *arg, const struct staff_session *session), void *arg);
must_check enum err staff_sessions_end(struct staff_db *db, uint32_t staff); /* all of a person */

/* One-time codes in the place of the authenticator's: only keyed hashes are kept. */
enum { STAFF_CODES = 8, STAFF_CODE_SIZE = 11 /* 10 of a-z 2-7, 50 bits, and the end */ };
must_check enum err staff_codes_make(
	struct staff_db *db, uint32_t staff, char codes_r[STAFF_CODES][STAFF_CODE_SIZE]);
must_check enum err staff_code_find(struct staff_db *db, uint32_t staff, const char *code);
must_check enum err staff_code_take(struct staff_db *db, uint32_t staff, const char *code);
must_check enum err staff_codes_drop(struct staff_db *db, uint32_t staff);

/* One row, chained to the one before it by hash. what: a constant word such as "sign-in.failed".
 * detail: JSON without anything of a visitor. staff 0: nobody known. */
must_check enum err audit_add(
	struct staff_db *db, uint32_t staff, const char *what, const char *detail);
must_check enum err audit_verify(struct staff_db *db, char *error, size_t error_size);

#endif
