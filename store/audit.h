/* The audit log: who did what, append-only, each row chained to the one before it by a keyed hash.
 * A change, a gap, a row moved or the end cut off does not verify. What is rolled back as a whole, with
 * the server key in hand, is found by a head that was noted elsewhere: one is signed each day, logged,
 * and printed by `onthaal audit head`. Rows older than retention.audit_days go from the beginning.
 * audit_add and audit_verify stand in store/staff.h. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/staff.h"

enum { AUDIT_SIGNATURE_SIZE = 64, AUDIT_PUBLIC_SIZE = 32 };

struct audit_row { /* strings are valid during the call */
	int64_t id, time;
	uint32_t staff;
	const char *what, *detail;
	uint8_t hash[STAFF_HASH_SIZE];
};

struct audit_head {
	int64_t last; /* row; 0: none yet */
	int64_t time; /* when it was signed */
	uint8_t hash[STAFF_HASH_SIZE];
	uint8_t signature[AUDIT_SIGNATURE_SIZE], public[AUDIT_PUBLIC_SIZE]; /* Ed25519 */
};

must_check enum err audit_each(struct staff_db *db, int64_t after,
	void (*on_row)(void *arg, const struct audit_row *row), void *arg);
must_check enum err audit_sign(struct staff_db *db, struct audit_head *head_r);
/* ERR_CORRUPT: the row of that head is another now, or gone. */
must_check enum err audit_had(struct staff_db *db, int64_t row, const uint8_t hash[STAFF_HASH_SIZE]);
/* Signs bytes of our own making (an export) as the head is signed. */
void audit_sign_bytes(const struct staff_db *db, const uint8_t *bytes, size_t length,
	uint8_t signature_r[AUDIT_SIGNATURE_SIZE], uint8_t public_r[AUDIT_PUBLIC_SIZE]);
must_check enum err audit_prune(struct staff_db *db, int64_t before, uint32_t *pruned_r);

#endif
