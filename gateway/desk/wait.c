#include "desk/wait.h"

#include <stdlib.h>

void wait_measured(struct wait *wait, uint32_t place, int64_t waited, int64_t mono)
{
	wait->picks[wait->next].taken_mono = mono;
	wait->picks[wait->next].per_place = (waited > 0 ? waited : 0) / (place ? place : 1);
	wait->next = (wait->next + 1) % WAIT_KEPT;
	if (wait->count < WAIT_KEPT)
		wait->count++;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

struct wait_pace wait_pace_of(const struct wait *wait, uint32_t sample, int64_t mono)
{
	int64_t recent[WAIT_KEPT];
	uint32_t count = 0;

	for (uint32_t i = 0; i < wait->count; i++)
		if (mono - wait->picks[i].taken_mono <= WAIT_WINDOW_MINUTES * INT64_C(60000))
			recent[count++] = wait->picks[i].per_place;
	if (!count || count < sample)
		return (struct wait_pace) { 0 };
	qsort(recent, count, sizeof *recent, ascending);
	return (struct wait_pace) {
		.known = true, .low = recent[count / 4], .high = recent[count * 3 / 4]
	};
}

bool wait_range(const struct wait_pace *pace, uint32_t place, uint32_t *low_r, uint32_t *high_r)
{
	if (!pace->known)
		return false;
	*low_r = (uint32_t)(pace->low * place / 60000);
	*high_r = (uint32_t)((pace->high * place + 59999) / 60000);
	if (*high_r <= *low_r)
		*high_r = *low_r + 1;
	return true;
}
