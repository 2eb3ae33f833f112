/* What a window that is signed in may write into the audit log: a row that says the same of the same person as
 * one within the last REPEATS_SECONDS is not written again, and of others there are REPEATS_MAX of a person in
 * that time. What was refused then was not done: no row is lost that says something new. Of the archive's
 * thread. */
#ifndef CONSOLE_REPEATS_H
#define CONSOLE_REPEATS_H

#include "store/staff.h"

enum { REPEATS_SECONDS = 60, REPEATS_MAX = 30 };

struct repeats_person;

struct repeats {
	struct repeats_person *people;
	size_t count; /* who did anything yet */
};

void repeats_finish(struct repeats *repeats);

struct repeats_row {
	uint32_t staff;
	const char *what, *detail; /* as of audit_add */
	const char *about; /* what tells it from another one of that person and that kind */
};

/* Its like was written already: it would not be. */
bool repeats_again(const struct repeats *repeats, const struct repeats_row *row);
/* ERR_BUSY: REPEATS_MAX were written, and this one was not; it is to be refused. */
must_check enum err repeats_audit(
	struct repeats *repeats, struct staff_db *db, const struct repeats_row *row);
/* Asked before anything is done that is to be recorded by it. */
bool repeats_room(const struct repeats *repeats, uint32_t staff);

#endif
