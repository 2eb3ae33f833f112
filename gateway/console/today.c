/* What a window asks of this day: the own shift, and for coordinators the wall. */
#include "console/private.h"
#include "desk/rights.h"

#include <string.h>

static uint32_t sum(const uint32_t *numbers, int count)
{
	uint32_t all = 0;
	for (int i = 0; i < count; i++)
		all += numbers[i];
	return all;
}

/* One's own, and the team's as a whole: nobody is compared with anybody. */
static void shift(struct window *window, const char *id)
{
	const struct counsellor *me = desk_counsellor(window->desk, window->me.id);
	const struct today *today = desk_today(window->desk);
	struct json_out out = window_begin("ok");

	json_put_text(&out, "id", id);
	json_put_object(&out, "shift");
	json_put_number(&out, "since", me ? me->shift_since : 0);
	json_put_number(&out, "taken", me ? me->shift_taken : 0);
	json_put_number(&out, "closed", me ? me->shift_closed : 0);
	json_put_number(&out, "returned", me ? me->shift_returned : 0);
	json_put_object(&out, "team");
	json_put_number(&out, "since", today->since);
	json_put_number(&out, "arrived", sum(today->arrived, TODAY_HOURS));
	json_put_number(&out, "taken", sum(today->taken, TODAY_HOURS));
	json_put_object_end(&out);
	json_put_object_end(&out);
	window_end(window, &out);
}

static void put_numbers(struct json_out *out, const char *key, const uint32_t *numbers, int count)
{
	json_put_list(out, key);
	for (int i = 0; i < count; i++)
		json_put_number(out, NULL, numbers[i]);
	json_put_list_end(out);
}

static void put_levels(struct json_out *out, const struct today *today)
{
	json_put_list(out, "levels");
	for (int level = LEVEL_NONE; level <= LEVEL_IMMEDIATE; level++) {
		json_put_object(out, NULL);
		json_put_text(out, "level", triage_level_word((enum triage_level)level));
		json_put_number(out, "taken", today->picked_up[level]);
		json_put_number(out, "in_time", today->in_time[level]);
		json_put_object_end(out);
	}
	json_put_list_end(out);
}

static void wall(struct window *window, const char *id)
{
	const struct today *today = desk_today(window->desk);
	struct json_out out = window_begin("ok");

	json_put_text(&out, "id", id);
	json_put_object(&out, "today");
	json_put_number(&out, "since", today->since);
	json_put_number(&out, "midnight", today->midnight);
	put_numbers(&out, "arrived", today->arrived, TODAY_HOURS);
	put_numbers(&out, "taken", today->taken, TODAY_HOURS);
	put_numbers(&out, "left", today->left, TODAY_HOURS);
	json_put_list(&out, "bands");
	for (int i = 0; i < TODAY_BANDS - 1; i++)
		json_put_number(&out, NULL, today_bands[i]);
	json_put_list_end(&out);
	put_numbers(&out, "left_after", today->left_after, TODAY_BANDS);
	put_levels(&out, today);
	json_put_object_end(&out);
	window_end(window, &out);
}

bool today_request(struct window *window, const char *t, const char *id)
{
	bool all = !strcmp(t, "wall");

	if (!all && strcmp(t, "shift") != 0)
		return false;
	if (!rights_may(window->me.role, all ? RIGHT_FIGURES : RIGHT_TALK))
		sealed_denied(window, id, all ? "wall" : "shift");
	else if (all)
		wall(window, id);
	else
		shift(window, id);
	return true;
}
