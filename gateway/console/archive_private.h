/* Shared by the archive's files alone; all of it is of its thread. */
#ifndef CONSOLE_ARCHIVE_PRIVATE_H
#define CONSOLE_ARCHIVE_PRIVATE_H

#include "base/json.h"
#include "base/mailbox.h"
#include "console/archive.h"
#include "console/reading.h"
#include "console/repeats.h"

#include <pthread.h>

enum { ARCHIVE_DETAIL = 80 };

struct archive {
	struct staff_db *db;
	struct repeats repeats, denials; /* a denial is recorded whatever else was done */
	struct reading reading;
	struct mailbox *questions, *answers;
	pthread_t thread;
};

struct archive_work { /* one question being answered */
	struct archive *archive;
	const struct archive_question *question;
	struct json_out *out;
	uint32_t count, ended, last;
	bool allowed, more;
};

bool archive_may_all(const struct archive_work *work);
void archive_detail(uint64_t contact, char detail_r[ARCHIVE_DETAIL]); /* of the audit log */
/* Of what can be asked for again and again. about: what tells it from another one. */
must_check enum err archive_audit(
	const struct archive_work *work, const char *what, const char *detail, const char *about);

/* archive_keys.c */
must_check enum err archive_keys_list(struct archive_work *work);
must_check enum err archive_keys_enrol(struct archive_work *work);
must_check enum err archive_keys_group(struct archive_work *work);
must_check enum err archive_keys_share(struct archive_work *work);
must_check enum err archive_keys_reseal(struct archive_work *work);
must_check enum err archive_keys_rotated(struct archive_work *work);

#endif
