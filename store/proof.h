/* The proof of a day: what was shredded on it, and that nothing is kept past its time, as one line of
 * JSON, signed as the audit log's head is. `onthaal proof` prints one; the store writes that of the day
 * before by itself, from retention.proof_hour on (UTC), into DATA/proofs/YYYY-MM-DD.json (mode 0600),
 * with the log's head in it; none of a day after which it did not run. The signature is of all that
 * stands before the last `,"signature"`. One that is there is never written anew; those older than
 * retention.audit_days go. */
#ifndef STORE_PROOF_H
#define STORE_PROOF_H

#include "base/json.h"
#include "store/audit.h"
#include "store/store.h"

enum { PROOF_DAY_TEXT = 16 };

void proof_day_text(int64_t day, char text_r[PROOF_DAY_TEXT]); /* "2026-11-25" */
/* head: NULL, or the audit log's of that moment. out is the caller's to finish. */
void proof_write(struct json_out *out, const struct staff_db *db, const struct store_proof *proof,
	const struct store_retention *retention, const struct audit_head *head);

#endif
