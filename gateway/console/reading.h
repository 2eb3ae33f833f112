/* Who is in the middle of a closed conversation that is read in pieces: its beginning is recorded, what
 * follows is not. One is known by session, contact and the last event sent, and goes on from there once;
 * whatever else is asked for is a beginning. Of the last READING_MAX; who is pushed out begins anew. */
#ifndef CONSOLE_READING_H
#define CONSOLE_READING_H

#include "store/staff.h"

enum { READING_MAX = 64 };

struct reading {
	struct reading_place {
		uint8_t session[STAFF_HASH_SIZE];
		uint64_t contact; /* 0: free */
		uint32_t after;
	} places[READING_MAX];
	unsigned next;
};

/* There is more after this event. */
void reading_stops(struct reading *reading, const uint8_t session[STAFF_HASH_SIZE], uint64_t contact,
	uint32_t after);
/* true: it is what follows. */
bool reading_goes_on(struct reading *reading, const uint8_t session[STAFF_HASH_SIZE],
	uint64_t contact, uint32_t after);

#endif
