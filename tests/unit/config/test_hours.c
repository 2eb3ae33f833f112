#include "config/hours.h"
#include "tests/unit/unit.h"

#define TEXT(literal) (char[]) { literal }

/* 2026-03-29 01:00 UTC: Brussels' clocks jump from 02:00 to 03:00. A Sunday. */
static const int64_t jump = INT64_C(1774746000000);
static const int64_t hour = 3600000;

static struct config with(struct config_hours *hours, uint32_t count)
{
	static char zone[] = "Europe/Brussels";
	struct config config = { 0 };
	config.centre.timezone = zone;
	config.centre.hours = hours;
	config.centre.hours_count = count;
	return config;
}

static void without_hours_it_is_always_open(void **state)
{
	struct config config = with(NULL, 0);
	(void)state;
	assert_true(hours_open(&config, jump));
	assert_int_equal(hours_next_opening(&config, jump), -1);
}

static void both_edges_are_right_in_summer_and_winter(void **state)
{
	struct config_hours evening = { TEXT("daily"), TEXT("18:00"), TEXT("22:00") };
	struct config config = with(&evening, 1);
	int64_t summer = jump + 15 * hour; /* 18:00 of that day, UTC+2 */
	int64_t winter = jump - 8 * hour; /* 18:00 of the day before, UTC+1 */
	(void)state;
	for (int i = 0; i < 2; i++) {
		int64_t from = i ? winter : summer;
		assert_false(hours_open(&config, from - 1));
		assert_true(hours_open(&config, from));
		assert_true(hours_open(&config, from + 4 * hour - 1));
		assert_false(hours_open(&config, from + 4 * hour));
	}
	assert_int_equal(hours_next_opening(&config, winter + 4 * hour), summer);
}

static void days_are_the_local_ones_and_a_night_belongs_to_its_evening(void **state)
{
	struct config_hours night = { TEXT("sat"), TEXT("22:00"), TEXT("02:00") };
	struct config config = with(&night, 1);
	(void)state;
	assert_true(hours_open(&config, jump - 4 * hour)); /* Saturday 22:00 */
	assert_true(hours_open(&config, jump - 1)); /* Sunday 01:59 */
	assert_false(hours_open(&config, jump)); /* Sunday 03:00 */
	assert_false(hours_open(&config, jump + 20 * hour)); /* Sunday 23:00 */
	assert_int_equal(hours_minute(&config, jump - 4 * hour), 22 * 60);
	assert_int_equal(hours_minute(&config, jump), 3 * 60);
}

static void what_is_not_a_form_is_refused(void **state)
{
	bool on[7];
	(void)state;
	assert_true(hours_days("mon-fri", on) && on[4] && !on[5]);
	assert_true(hours_days("sat,sun", on) && on[5] && on[6] && !on[0]);
	assert_true(hours_days("sat-mon", on) && on[6] && on[0] && !on[1]);
	assert_false(hours_days("", on));
	assert_false(hours_days("mo-fr", on));
	assert_false(hours_days("mon,", on));
	assert_int_equal(hours_minutes("00:00"), 0);
	assert_int_equal(hours_minutes("24:00"), 1440);
	assert_int_equal(hours_minutes("24:01"), -1);
	assert_int_equal(hours_minutes("12:60"), -1);
	assert_int_equal(hours_minutes("8:00"), -1);
	assert_int_equal(hours_minutes("-1:00"), -1);
	assert_true(hours_zone("Europe/Brussels"));
	assert_false(hours_zone("Europe/Gent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_hours_it_is_always_open),
		cmocka_unit_test(both_edges_are_right_in_summer_and_winter),
		cmocka_unit_test(days_are_the_local_ones_and_a_night_belongs_to_its_evening),
		cmocka_unit_test(what_is_not_a_form_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
