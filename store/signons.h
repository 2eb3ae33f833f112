/* Who of staff signs on by which account of the house's own provider (OpenID Connect). An account is known
 * by a hash of issuer and subject alone, kept under the server's key and bound to the person: whoever reads
 * the database learns no account, and whoever writes it alone gives none to anybody. It is bound by whoever
 * opens a one-time link that an administrator made.
 * On the connection of store/staff.h: synchronous, never on the loop. */
#ifndef STORE_SIGNONS_H
#define STORE_SIGNONS_H

#include "store/staff.h"

enum { SIGNONS_GUESSES = 20, SIGNONS_GUESSED_MS = 24 * 3600 * 1000 };

/* token: a hash of the link's. Replaces an older link; an account that is bound stays so until then. */
must_check enum err signons_link(
	struct staff_db *db, uint32_t staff, const uint8_t token[STAFF_HASH_SIZE], int64_t expires);
/* ERR_NOT_FOUND: no such link, or it expired. */
must_check enum err signons_by_link(
	struct staff_db *db, const uint8_t token[STAFF_HASH_SIZE], struct staff *person_r);
must_check enum err signons_by_account(
	struct staff_db *db, const uint8_t account[STAFF_HASH_SIZE], struct staff *person_r);
/* The link is used up by it. ERR_EXISTS: the account is somebody else's. */
must_check enum err signons_bind(
	struct staff_db *db, uint32_t staff, const uint8_t account[STAFF_HASH_SIZE]);
must_check enum err signons_drop(struct staff_db *db, uint32_t staff);
/* One more wrong code by this way, kept over a restart. SIGNONS_GUESSES of them within SIGNONS_GUESSED_MS
 * after the first stop it until those are over, signons_trusted, or a new link; with the audit log's row. */
must_check enum err signons_guessed(struct staff_db *db, uint32_t staff, bool *stopped_r);
must_check enum err signons_stopped(struct staff_db *db, uint32_t staff, bool *stopped_r);
must_check enum err signons_trusted(struct staff_db *db, uint32_t staff);
must_check enum err signons_bound(struct staff_db *db, uint32_t staff, bool *bound_r);

#endif
