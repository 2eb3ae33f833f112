/* What must outlive us and then be destroyed: requests to be sent again, numbers to be called back.
 * Sealed with the server key, bound to their id. Synchronous, on a connection of its own: the outbox's
 * thread uses it, and the command line. */
#ifndef STORE_LETTERS_H
#define STORE_LETTERS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LETTER_ID_MAX = 64, LETTER_ERROR_MAX = 100, LETTER_BYTES_MAX = 64 * 1024 };

enum letter_kind { LETTER_REQUEST = 1, LETTER_CALLBACK }; /* stored: append only */

struct letter {
	char id[LETTER_ID_MAX + 1];
	enum letter_kind kind;
	const void *bytes; /* borrowed */
	size_t length;
	uint32_t attempts;
	int64_t due, since; /* clock_wall */
	bool dead;
	char error[LETTER_ERROR_MAX + 1];
};

struct letters;

must_check enum err letters_open(
	const char *folder, struct letters **letters_r, char *error, size_t error_size);
void letters_close(struct letters **letters);
must_check enum err letters_put(struct letters *letters, const struct letter *letter); /* or over */
must_check enum err letters_drop(struct letters *letters, const char *id);
must_check enum err letters_revive(struct letters *letters, const char *id); /* NULL: every dead one */
/* In the order of `since`. One that cannot be opened has bytes NULL. */
must_check enum err letters_each(struct letters *letters, enum letter_kind kind,
	void (*on_letter)(void *arg, const struct letter *letter), void *arg);

#endif
