#include "webchat/networks.h"
#include "tests/unit/unit.h"

static void lines_are_counted_by_network(void **state)
{
	struct networks *networks = networks_create();

	(void)state;
	networks_enter(networks, 7);
	networks_enter(networks, 7);
	networks_enter(networks, 8);
	assert_int_equal(networks_count(networks, 7), 2);
	assert_int_equal(networks_count(networks, 8), 1);
	networks_leave(networks, 7);
	assert_int_equal(networks_count(networks, 7), 1);
	networks_leave(networks, 7);
	assert_int_equal(networks_count(networks, 7), 0);
	assert_int_equal(networks_count(networks, 8), 1);
	networks_destroy(&networks);
	assert_null(networks);
}

static void the_machine_itself_is_not_counted(void **state)
{
	struct networks *networks = networks_create();

	(void)state;
	for (int i = 0; i < 1000; i++)
		networks_enter(networks, 0);
	assert_int_equal(networks_count(networks, 0), 0);
	networks_leave(networks, 0);
	networks_destroy(&networks);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines_are_counted_by_network),
		cmocka_unit_test(the_machine_itself_is_not_counted) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
