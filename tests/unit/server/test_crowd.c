#include "base/clock.h"
#include "server/private.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <string.h>

static struct crowd crowd;

static uint64_t number(const char *peer, const char *forwarded)
{
	char text[200];
	snprintf(text, sizeof text, "%s", forwarded);
	return crowd_number(&crowd, peer, text);
}

static void a_network_is_one_number(void **state)
{
	(void)state;
	assert_int_equal(number("198.51.100.7", ""), number("198.51.100.200", ""));
	assert_int_not_equal(number("198.51.100.7", ""), number("198.51.101.7", ""));
	assert_int_equal(number("2001:db8:1:2::3", ""), number("2001:db8:1:ffff::9", ""));
	assert_int_not_equal(number("2001:db8:1::3", ""), number("2001:db8:2::3", ""));
	assert_int_equal(number("::ffff:198.51.100.7", ""), number("198.51.100.7", ""));
	assert_int_equal(number("", ""), 0);
	assert_int_equal(number("nothing", ""), 0);
}

static void a_proxy_is_believed_on_this_machine_alone(void **state)
{
	(void)state;
	assert_int_equal(number("127.0.0.1", ""), 0);
	assert_int_equal(number("::1", ""), 0);
	assert_int_equal(number("127.0.0.1", "198.51.100.7"), number("198.51.100.7", ""));
	assert_int_equal(number("::1", "203.0.113.1, 198.51.100.7"), number("198.51.100.7", ""));
	assert_int_equal(number("198.51.100.7", "203.0.113.1"), number("198.51.100.7", ""));
	assert_int_equal(number("127.0.0.1", "unknown"), 0);
	assert_int_equal(number("127.0.0.1", ",,,"), 0);
	assert_int_equal(number("127.0.0.1", "203.0.113.1,"), 0);
}

static void the_key_changes(void **state)
{
	uint64_t before = number("198.51.100.7", "");
	(void)state;
	clock_advance(599000);
	assert_int_equal(number("198.51.100.7", ""), before);
	clock_advance(2000);
	assert_int_not_equal(number("198.51.100.7", ""), before);
}

static void that_of_open_lines_changes_later(void **state)
{
	uint64_t before;

	(void)state;
	crowd.minutes = CROWD_NETWORK_MINUTES;
	before = number("198.51.100.7", "");
	clock_advance(CROWD_NETWORK_MINUTES * 60000 - 1000);
	assert_int_equal(number("198.51.100.7", ""), before);
	clock_advance(2000);
	assert_int_not_equal(number("198.51.100.7", ""), before);
}

static int set_up(void **state)
{
	(void)state;
	clock_fake(1000, 1000);
	memset(&crowd, 0, sizeof crowd);
	return sodium_init() < 0;
}

#define TEST(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a_network_is_one_number),
		TEST(a_proxy_is_believed_on_this_machine_alone), TEST(the_key_changes),
		TEST(that_of_open_lines_changes_later) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
