/* Whoever is on duty but not at the console: told when somebody waits in danger, or beyond the target,
 * by webhook (Standard Webhooks), ntfy or mail; again every NOTICES_REPEAT_MINUTES, and to further ones
 * after their minutes, until a counsellor takes the contact or hushes it. Nothing of a contact goes
 * out but its level, its channel, and how long it has waited. */
#ifndef NOTICES_NOTICES_H
#define NOTICES_NOTICES_H

#include "desk/desk.h"
#include "outbox/outbox.h"

enum { NOTICES_REPEAT_MINUTES = 5,
	NOTICES_MAX = 8,
	NOTICES_GAP_SECONDS = 30 }; /* between two messages of one notice; one tells of all who wait */

struct notices;

/* Borrowed until notices_destroy, config until notices_configure. */
struct notices *notices_create(
	const struct desk *desk, struct outbox *outbox, const struct config *config);
void notices_destroy(struct notices **notices);
void notices_configure(struct notices *notices, const struct config *config);
void notices_second(struct notices *notices);

#endif
