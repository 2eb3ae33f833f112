#include "console/reading.h"
#include "tests/unit/unit.h"

static const uint8_t mine[STAFF_HASH_SIZE] = { 1 }, other[STAFF_HASH_SIZE] = { 2 };

static void one_goes_on_where_one_stopped_once(void **state)
{
	struct reading reading = { .next = 0 };
	(void)state;

	assert_false(reading_goes_on(&reading, mine, 7, 3));
	reading_stops(&reading, mine, 7, 3);
	assert_false(reading_goes_on(&reading, mine, 7, 2));
	assert_false(reading_goes_on(&reading, mine, 7, 0));
	assert_false(reading_goes_on(&reading, mine, 8, 3));
	assert_false(reading_goes_on(&reading, other, 7, 3));
	assert_true(reading_goes_on(&reading, mine, 7, 3));
	assert_false(reading_goes_on(&reading, mine, 7, 3));
}

static void a_free_place_is_nobodys(void **state)
{
	static const uint8_t zero[STAFF_HASH_SIZE];
	struct reading reading = { .next = 0 };
	(void)state;

	assert_false(reading_goes_on(&reading, zero, 0, 0));
}

static void who_is_pushed_out_begins_anew(void **state)
{
	struct reading reading = { .next = 0 };
	(void)state;

	reading_stops(&reading, mine, 7, 3);
	for (uint32_t i = 1; i < READING_MAX; i++)
		reading_stops(&reading, other, 7, i);
	assert_true(reading_goes_on(&reading, mine, 7, 3));
	reading_stops(&reading, mine, 7, 3);
	for (uint32_t i = 0; i < READING_MAX; i++)
		reading_stops(&reading, other, 7, i + 1);
	assert_false(reading_goes_on(&reading, mine, 7, 3));
	assert_true(reading_goes_on(&reading, other, 7, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_goes_on_where_one_stopped_once),
		cmocka_unit_test(a_free_place_is_nobodys),
		cmocka_unit_test(who_is_pushed_out_begins_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
