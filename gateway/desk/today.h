/* What this day was, in numbers: for the coordinator's wall and the shift. Counted in memory since the
 * centre's midnight, or since the start; nothing of it points at one contact, but that the hours of a
 * quiet day are small numbers. Times are wall milliseconds. */
#ifndef DESK_TODAY_H
#define DESK_TODAY_H

#include "config/config.h"
#include "triage/triage.h"

enum { TODAY_HOURS = 25, /* the longest day has that many */
	TODAY_BANDS = 5 }; /* who left before 1, 5, 15, 30 minutes, and after */

struct today {
	int64_t since, midnight, until; /* counted from; of this day */
	uint32_t arrived[TODAY_HOURS], taken[TODAY_HOURS], left[TODAY_HOURS];
	uint32_t left_after[TODAY_BANDS];
	uint32_t picked_up[LEVEL_IMMEDIATE + 1], in_time[LEVEL_IMMEDIATE + 1]; /* by level when taken */
};

extern const int32_t today_bands[TODAY_BANDS - 1]; /* minutes */

void today_roll(struct today *today, const struct config *config, int64_t wall);
void today_arrived(struct today *today, const struct config *config, int64_t wall);
void today_taken(struct today *today, const struct config *config, int64_t wall,
	enum triage_level level, bool in_time);
void today_left(
	struct today *today, const struct config *config, int64_t wall, int64_t waited);

#endif
