/* Messages that callers speak by SIP, or over a platform that keeps none, from the turn that asks for one
 * until the core has it safe: on the loop thread, in memory alone, wiped when they go. `most` of them at once, those being spoken included, are
 * what bounds the memory (TAPE_BYTES_MAX each, and as much again while the core stores one). */
#ifndef IVR_MESSAGES_H
#define IVR_MESSAGES_H

#include "ivr/step.h"

#include <stdbool.h>
#include <stddef.h>

enum { MESSAGES_NAME = 17 }; /* a reference, with its end */

struct message {
	struct message *next;
	char call[IVR_CALL_ID_MAX + 1], reference[MESSAGES_NAME]; /* reference "": it is being spoken */
	uint8_t *bytes;
	size_t size;
	bool asked;
};

struct messages {
	struct message *first;
	uint32_t most, count, kept;
};

bool messages_room(const struct messages *messages);
void messages_begin(struct messages *messages, const char *call); /* it is asked to speak */
void messages_end(struct messages *messages, const char *call); /* it left none: nothing when it did */
/* bytes: taken over. Gives the reference, borrowed until it is forgotten. */
const char *messages_keep(struct messages *messages, const char *call, uint8_t *bytes, size_t size);
bool messages_ask(struct messages *messages, const char *reference); /* false: unknown */
const struct message *messages_asked(struct messages *messages); /* each once; NULL: no more */
void messages_forget(struct messages *messages, const char *reference);
/* Ends those being spoken of whom speaks() says no: their end was not told. */
void messages_sweep(struct messages *messages, bool (*speaks)(void *arg, const char *call), void *arg);
void messages_finish(struct messages *messages);

#endif
