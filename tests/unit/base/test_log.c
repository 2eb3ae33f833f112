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

static int lines;

static void count(const char *line, void *arg)
{
	keep(line, arg);
	lines++;
}

static void test_a_flood_of_one_warning_is_cut(void **state)
{
	(void)state;
	clock_fake(1000, 1000);
	log_capture(count, NULL);
	for (int i = 0; i < LOG_MOST; i++)
		log_warn("again", "i=%d", i);
	assert_int_equal(lines, LOG_MOST);
	log_warn("again", "%s", "");
	log_warn("again", "%s", "");
	assert_int_equal(lines, LOG_MOST);
	log_error("something else", "%s", "");
	assert_int_equal(lines, LOG_MOST + 1);
	clock_advance(59999);
	log_warn("again", "%s", "");
	assert_int_equal(lines, LOG_MOST + 1);
	clock_advance(1);
	log_warn("again", "i=%d", 0);
	assert_int_equal(lines, LOG_MOST + 2);
	assert_non_null(strstr(last, "msg=\"again\" left_out=3 i=0"));
	log_warn("again", "i=%d", 1);
	assert_null(strstr(last, "left_out"));
	for (int i = 0; i < 2 * LOG_MOST; i++)
		log_info("news", "i=%d", i); /* what goes well is told whole */
	assert_int_equal(lines, 3 * LOG_MOST + 3);
	log_capture(NULL, NULL);
	clock_real();
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
		cmocka_unit_test(test_a_flood_of_one_warning_is_cut),
		cmocka_unit_test(test_the_clock_stands_still_in_tests),
	};
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
