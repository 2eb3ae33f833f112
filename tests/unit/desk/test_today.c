#include "desk/today.h"
#include "tests/unit/unit.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static struct config config;

/* 2026-01-15 00:00 in Brussels. */
static const int64_t midnight = INT64_C(1768431600000);

static int set_up(void **state)
{
	static char zone[] = "Europe/Brussels";
	(void)state;
	config.centre.timezone = zone;
	return 0;
}

static void it_counts_by_the_hour_of_the_centre(void **state)
{
	struct today today = { 0 };

	(void)state;
	today_arrived(&today, &config, midnight + 19 * HOUR + 59 * MINUTE);
	today_arrived(&today, &config, midnight + 20 * HOUR);
	today_taken(&today, &config, midnight + 20 * HOUR, LEVEL_SERIOUS, true);
	today_taken(&today, &config, midnight + 20 * HOUR, LEVEL_SERIOUS, false);
	assert_int_equal(today.midnight, midnight);
	assert_int_equal(today.since, midnight + 19 * HOUR + 59 * MINUTE);
	assert_int_equal(today.arrived[19], 1);
	assert_int_equal(today.arrived[20], 1);
	assert_int_equal(today.taken[20], 2);
	assert_int_equal(today.picked_up[LEVEL_SERIOUS], 2);
	assert_int_equal(today.in_time[LEVEL_SERIOUS], 1);
}

static void who_left_is_counted_by_the_wait(void **state)
{
	static const struct {
		int64_t waited;
		int band;
	} rows[] = { { -1, 0 }, { MINUTE - 1, 0 }, { MINUTE, 1 }, { 5 * MINUTE - 1, 1 },
		{ 5 * MINUTE, 2 }, { 15 * MINUTE, 3 }, { 30 * MINUTE - 1, 3 }, { 30 * MINUTE, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct today today = { 0 };
		today_left(&today, &config, midnight + HOUR, rows[i].waited);
		assert_int_equal(today.left[1], 1);
		assert_int_equal(today.left_after[rows[i].band], 1);
	}
}

static void a_new_day_begins_at_its_midnight(void **state)
{
	struct today today = { 0 };

	(void)state;
	today_arrived(&today, &config, midnight + 24 * HOUR - 1);
	today_roll(&today, &config, midnight + 24 * HOUR - 1);
	assert_int_equal(today.arrived[23], 1);
	today_arrived(&today, &config, midnight + 24 * HOUR);
	assert_int_equal(today.arrived[23], 0);
	assert_int_equal(today.arrived[0], 1);
	assert_int_equal(today.since, midnight + 24 * HOUR);
}

static void a_day_of_25_hours_is_one_day(void **state)
{
	int64_t autumn = INT64_C(1792879200000); /* 2026-10-25 00:00, summer time ends at 3 */
	struct today today = { 0 };

	(void)state;
	today_arrived(&today, &config, autumn + HOUR);
	today_arrived(&today, &config, autumn + 24 * HOUR + MINUTE);
	assert_int_equal(today.arrived[1], 1);
	assert_int_equal(today.arrived[24], 1);
	today_arrived(&today, &config, autumn + 25 * HOUR + MINUTE);
	assert_int_equal(today.arrived[1], 0);
	assert_int_equal(today.arrived[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_counts_by_the_hour_of_the_centre),
		cmocka_unit_test(who_left_is_counted_by_the_wait),
		cmocka_unit_test(a_new_day_begins_at_its_midnight),
		cmocka_unit_test(a_day_of_25_hours_is_one_day) };
	return cmocka_run_group_tests(tests, set_up, NULL);
}
