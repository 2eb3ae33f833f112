#include "console/reading.h"

#include <string.h>

void reading_stops(struct reading *reading, const uint8_t session[STAFF_HASH_SIZE], uint64_t contact,
	uint32_t after)
{
	struct reading_place *place = &reading->places[reading->next];

	reading->next = (reading->next + 1) % READING_MAX;
	memcpy(place->session, session, STAFF_HASH_SIZE);
	place->contact = contact;
	place->after = after;
}

bool reading_goes_on(struct reading *reading, const uint8_t session[STAFF_HASH_SIZE],
	uint64_t contact, uint32_t after)
{
	for (unsigned i = 0; contact && after && i < READING_MAX; i++) {
		struct reading_place *place = &reading->places[i];
		if (place->contact != contact || place->after != after
			|| memcmp(place->session, session, STAFF_HASH_SIZE) != 0)
			continue;
		memset(place, 0, sizeof *place);
		return true;
	}
	return false;
}
