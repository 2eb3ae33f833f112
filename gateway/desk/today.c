#include "desk/today.h"
#include "config/hours.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY_MINUTES = 24 * 60 };

const int32_t today_bands[TODAY_BANDS - 1] = { 1, 5, 15, 30 };

/* A day of 25 hours is found out at its 24th. */
void today_roll(struct today *today, const struct config *config, int64_t wall)
{
	int64_t minute, midnight;

	if (wall < today->until && wall >= today->midnight)
		return;
	minute = hours_minute(config, wall);
	midnight = (wall / MINUTE - minute) * MINUTE;
	if (!today->until || wall < today->midnight || midnight > today->midnight + 12 * HOUR)
		*today = (struct today) { .midnight = midnight,
			.since = today->until ? midnight : wall };
	today->until = (wall / MINUTE + DAY_MINUTES - minute) * MINUTE;
}

static int hour_of(struct today *today, const struct config *config, int64_t wall)
{
	int64_t hour;

	today_roll(today, config, wall);
	hour = (wall - today->midnight) / HOUR;
	return hour < TODAY_HOURS ? (int)hour : TODAY_HOURS - 1;
}

void today_arrived(struct today *today, const struct config *config, int64_t wall)
{
	int hour = hour_of(today, config, wall);
	today->arrived[hour]++;
}

void today_taken(struct today *today, const struct config *config, int64_t wall,
	enum triage_level level, bool in_time)
{
	int hour = hour_of(today, config, wall);
	today->taken[hour]++;
	today->picked_up[level]++;
	today->in_time[level] += in_time;
}

void today_left(struct today *today, const struct config *config, int64_t wall, int64_t waited)
{
	int hour = hour_of(today, config, wall), band = 0;

	while (band < TODAY_BANDS - 1 && waited >= (int64_t)today_bands[band] * MINUTE)
		band++;
	today->left[hour]++;
	today->left_after[band]++;
}
