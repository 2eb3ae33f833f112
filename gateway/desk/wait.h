/* How long will it take? From measured pick-ups: how many minutes each place in the queue cost those
 * who were taken in the last two hours. Shown as the range in which the middle half of them lay. */
#ifndef DESK_WAIT_H
#define DESK_WAIT_H

#include <stdbool.h>
#include <stdint.h>

enum { WAIT_KEPT = 64, WAIT_WINDOW_MINUTES = 120 };

struct wait {
	struct {
		int64_t taken_mono;
		int64_t per_place; /* ms */
	} picks[WAIT_KEPT];
	uint32_t count, next;
};

struct wait_pace { /* of one moment, for every place */
	bool known; /* false while fewer than sample pick-ups were measured */
	int64_t low, high; /* ms for each place */
};

/* place: where it stood when it came in; waited in ms (less than 0 after a step of the clock: 0). */
void wait_measured(struct wait *wait, uint32_t place, int64_t waited, int64_t mono);
struct wait_pace wait_pace_of(const struct wait *wait, uint32_t sample, int64_t mono);
/* Whole minutes, low < high; false while the pace is not known. */
bool wait_range(
	const struct wait_pace *pace, uint32_t place, uint32_t *low_r, uint32_t *high_r);

#endif
