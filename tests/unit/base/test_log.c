#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/unit.h"

#include <string.h>

static char last[2048];

static void keep(const char *line, void *arg)
{
	(void)arg;
	strncpy(last, line, sizeof last - 1);
}

static void test_a_line_is_one_line(void **state)
{
	(void)state;
	log_capture(keep, NULL);
	log_warn("a thing", "contact=%s note=%s", "c1", "two\nlines");
	assert_non_null(strstr(last, "level=warn msg=\"a thing\" contact=c1 note=two?lines"));
	log_debug("below the threshold", "%s", "");
	assert_null(strstr(last, "below"));
	log_capture(NULL, NULL);
}

static void test_a_long_line_is_cut_not_overrun(void **state)
{
	char wide[4000];
	(void)state;
	memset(wide, 'x', sizeof wide - 1);
	wide[sizeof wide - 1] = '\0';
	log_capture(keep, NULL);
	log_error("long", "%s", wide);
	assert_in_range(strlen(last), 1000, 1023);
	log_capture(NULL, NULL);
}

static void test_the_clock_stands_still_in_tests(void **state)
{
	(void)state;
	clock_fake(1000, 50);
	clock_advance(7);
	assert_int_equal(clock_wall(), 1007);
	assert_int_equal(clock_mono(), 57);
	clock_real();
	assert_true(clock_wall() > 1007);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_one_line),
		cmocka_unit_test(test_a_long_line_is_cut_not_overrun),
		cmocka_unit_test(test_the_clock_stands_still_in_tests),
	};
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
