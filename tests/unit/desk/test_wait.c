#include "desk/wait.h"
#include "tests/unit/unit.h"

static bool range(const struct wait *wait, uint32_t place, int64_t mono, uint32_t *low_r,
	uint32_t *high_r)
{
	struct wait_pace pace = wait_pace_of(wait, 8, mono);
	return wait_range(&pace, place, low_r, high_r);
}

static void nothing_is_said_below_the_sample(void **state)
{
	struct wait wait = { 0 };
	uint32_t low = 9, high = 9;

	(void)state;
	for (int i = 0; i < 7; i++)
		wait_measured(&wait, 1, 60000, 1000);
	assert_false(range(&wait, 1, 1000, &low, &high));
	wait_measured(&wait, 1, 60000, 1000);
	assert_true(range(&wait, 1, 1000, &low, &high));
	assert_int_equal(low, 1);
	assert_int_equal(high, 2); /* never a range of nothing */
}

static void the_range_is_the_middle_half_for_that_place(void **state)
{
	struct wait wait = { 0 };
	uint32_t low, high;

	(void)state;
	for (int64_t minutes = 1; minutes <= 8; minutes++)
		wait_measured(&wait, 2, minutes * 2 * 60000, 1000);
	assert_true(range(&wait, 3, 1000, &low, &high));
	assert_int_equal(low, 9);
	assert_int_equal(high, 21);
}

static void what_was_measured_long_ago_counts_no_more(void **state)
{
	struct wait wait = { 0 };
	uint32_t low, high;
	int64_t window = WAIT_WINDOW_MINUTES * INT64_C(60000);

	(void)state;
	for (int i = 0; i < 8; i++)
		wait_measured(&wait, 1, 60000, 5000);
	assert_true(range(&wait, 1, 5000 + window, &low, &high));
	assert_false(range(&wait, 1, 5001 + window, &low, &high));
}

static void a_clock_set_back_does_not_make_it_absurd(void **state)
{
	struct wait wait = { 0 };
	uint32_t low, high;

	(void)state;
	for (int i = 0; i < 8; i++)
		wait_measured(&wait, 1, -3600000, 1000);
	assert_true(range(&wait, 5, 1000, &low, &high));
	assert_int_equal(low, 0);
	assert_int_equal(high, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_below_the_sample),
		cmocka_unit_test(the_range_is_the_middle_half_for_that_place),
		cmocka_unit_test(what_was_measured_long_ago_counts_no_more),
		cmocka_unit_test(a_clock_set_back_does_not_make_it_absurd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
