#include "config/hours.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { MINUTE = 60000, DAY_MINUTES = 24 * 60, LOOK_AHEAD_MINUTES = 8 * DAY_MINUTES };

static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static int day_number(const char *name, size_t length) /* 0: Monday; -1: none */
{
	for (int day = 0; length == 3 && day < 7; day++)
		if (!strncasecmp(name, names[day], 3))
			return day;
	return -1;
}

bool hours_days(const char *days, bool on_r[7])
{
	memset(on_r, 0, 7 * sizeof *on_r);
	if (!strcmp(days, "daily")) {
		memset(on_r, 1, 7 * sizeof *on_r);
		return true;
	}
	for (;;) {
		size_t length = strcspn(days, ",");
		const char *dash = memchr(days, '-', length);
		size_t first_length = dash ? (size_t)(dash - days) : length;
		int first = day_number(days, first_length);
		int last = dash ? day_number(dash + 1, length - first_length - 1) : first;
		if (first < 0 || last < 0)
			return false;
		for (int day = first;; day = (day + 1) % 7) { /* "sat-mon" goes round */
			on_r[day] = true;
			if (day == last)
				break;
		}
		if (!days[length])
			return true;
		days += length + 1;
	}
}

int hours_minutes(const char *time)
{
	int hour, minute, end = 0;

	if (strlen(time) != 5 || sscanf(time, "%2d:%2d%n", &hour, &minute, &end) != 2 || end != 5
		|| strspn(time, "0123456789:") != 5 || minute > 59
		|| hour * 60 + minute > DAY_MINUTES)
		return -1;
	return hour * 60 + minute;
}

bool hours_zone(const char *zone)
{
	UChar name[64], canonical[64];
	UErrorCode status = U_ZERO_ERROR;
	UBool system = false;

	u_uastrncpy(name, zone, 63);
	name[63] = 0;
	ucal_getCanonicalTimeZoneID(name, -1, canonical, 64, &system, &status);
	return U_SUCCESS(status) && system;
}

static UCalendar *calendar(const struct config *config)
{
	UChar zone[64];
	UErrorCode status = U_ZERO_ERROR;

	u_uastrncpy(zone, config->centre.timezone, 63);
	zone[63] = 0;
	return ucal_open(zone, -1, "en", UCAL_GREGORIAN, &status);
}

static bool open_at(const struct config *config, UCalendar *local, int64_t wall)
{
	UErrorCode status = U_ZERO_ERROR;

	ucal_setMillis(local, (UDate)wall, &status);
	int day = (ucal_get(local, UCAL_DAY_OF_WEEK, &status) + 5) % 7; /* ICU: 1 is Sunday */
	int now = ucal_get(local, UCAL_HOUR_OF_DAY, &status) * 60
		+ ucal_get(local, UCAL_MINUTE, &status);
	for (uint32_t i = 0; i < config->centre.hours_count; i++) {
		const struct config_hours *hours = &config->centre.hours[i];
		int from = hours_minutes(hours->from), to = hours_minutes(hours->to);
		bool on[7];
		if (!hours_days(hours->days, on))
			continue;
		if (from < to && on[day] && now >= from && now < to)
			return true;
		if (from >= to && ((on[day] && now >= from) || (on[(day + 6) % 7] && now < to)))
			return true; /* through midnight */
	}
	return false;
}

bool hours_open(const struct config *config, int64_t wall)
{
	UCalendar *local;
	bool open;

	if (!config->centre.hours_count)
		return true;
	local = calendar(config);
	open = local && open_at(config, local, wall);
	ucal_close(local);
	return open;
}

int64_t hours_next_opening(const struct config *config, int64_t wall)
{
	UCalendar *local;
	int64_t found = -1, at = wall - wall % MINUTE;

	if (hours_open(config, wall))
		return -1;
	local = calendar(config);
	for (int i = 1; local && found < 0 && i <= LOOK_AHEAD_MINUTES; i++)
		if (open_at(config, local, at + i * (int64_t)MINUTE))
			found = at + i * (int64_t)MINUTE;
	ucal_close(local);
	return found;
}

int hours_minute(const struct config *config, int64_t wall)
{
	UCalendar *local = calendar(config);
	UErrorCode status = U_ZERO_ERROR;
	int minute;

	if (!local)
		return (int)(wall / MINUTE % DAY_MINUTES);
	ucal_setMillis(local, (UDate)wall, &status);
	minute = ucal_get(local, UCAL_HOUR_OF_DAY, &status) * 60
		+ ucal_get(local, UCAL_MINUTE, &status);
	ucal_close(local);
	return minute;
}
