/* A bounded queue of fixed-size values between threads. Values are copied; a value that owns
 * memory hands it over. A full mailbox is an answer (ERR_BUSY), not a wait. */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct mailbox;

/* wake, if given, runs in the sender's thread after a post to an empty mailbox. */
struct mailbox *mailbox_create(
	size_t capacity, size_t value_size, void (*wake)(void *arg), void *wake_arg);
void mailbox_destroy(struct mailbox **box); /* every thread has let go of it by then */

must_check enum err mailbox_post(struct mailbox *box, const void *value);
size_t mailbox_take(struct mailbox *box, void *values, size_t most); /* never waits */
/* Waits until there is something or the mailbox is closed; 0 only when closed and empty. */
size_t mailbox_wait(struct mailbox *box, void *values, size_t most);
void mailbox_close(struct mailbox *box); /* posts fail with ERR_BUSY, waiters drain and end */
bool mailbox_closed(struct mailbox *box);
size_t mailbox_length(struct mailbox *box);

#endif
