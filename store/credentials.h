/* What somebody signs in with, changed while the daemon runs: each call is one transaction and writes its
 * own columns alone, so that what the command line did meanwhile (disable, reset, another role) stays.
 * ERR_STALE: it did; what was verified before the call no longer holds, and nothing was written.
 * On the connection of store/staff.h: synchronous, never on the loop. */
#ifndef STORE_CREDENTIALS_H
#define STORE_CREDENTIALS_H

#include "store/keys.h"
#include "store/staff.h"

/* The authenticator's secret of who is invited (person->totp), while the invitation stands. */
must_check enum err credentials_invited(struct staff_db *db, const struct staff *person);
/* The invitation was used: password and totp_step, and every session before it ends. */
must_check enum err credentials_accepted(struct staff_db *db, const struct staff *person);
/* Verified against person->password: totp_step (never back), and the session. Beyond
 * STAFF_SESSIONS_MAX the oldest of theirs end. */
must_check enum err credentials_signed_in(struct staff_db *db, const struct staff *person,
	const struct staff_session *session);
/* Verified so: the code of totp_step was used, here as elsewhere. */
must_check enum err credentials_coded(struct staff_db *db, const struct staff *person);
must_check enum err credentials_telephone(struct staff_db *db, const struct staff *person);

struct credentials_change {
	const struct staff *person; /* as read before: password is what was verified */
	const uint8_t *session; /* STAFF_HASH_SIZE: it stays, all others of this person end */
};

/* ERR_DENIED, with both: that session has ended. The audit log's row is of the same transaction. */
/* A new password, and the vault of the person's own key locked with it. ERR_STALE also when key is not
 * that key's number (0: there is none). */
must_check enum err credentials_password(struct staff_db *db, const struct credentials_change *change,
	const char *password, uint32_t key, const uint8_t *vault, uint32_t length);
/* Another authenticator: its secret, and the step of the code that proved it. */
must_check enum err credentials_authenticator(struct staff_db *db,
	const struct credentials_change *change, const uint8_t totp[STAFF_TOTP_SIZE], int64_t step);

#endif
