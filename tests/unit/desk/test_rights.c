/* The table of who may do what, held up whole: a change of it is a change here. */
#include "desk/rights.h"
#include "tests/unit/unit.h"

static void the_table(void **state)
{
	static const struct {
		enum right right;
		bool counsellor, coordinator, administrator, auditor;
	} rows[] = { { RIGHT_SEE, true, true, false, false }, { RIGHT_TALK, true, true, false, false },
		{ RIGHT_OPEN_OWN, true, true, false, false },
		{ RIGHT_OPEN_ALL, false, true, false, false },
		{ RIGHT_STAFF, false, false, true, false }, { RIGHT_AUDIT, false, false, false, true },
		{ RIGHT_RULES, false, true, false, false },
		{ RIGHT_FIGURES, false, true, false, false } };

	(void)state;
	assert_int_equal(sizeof rows / sizeof *rows, RIGHTS);
	for (size_t i = 0; i < RIGHTS; i++) {
		enum right right = rows[i].right;
		assert_int_equal(right, i);
		assert_int_equal(rights_may(ROLE_COUNSELLOR, right), rows[i].counsellor);
		assert_int_equal(rights_may(ROLE_COORDINATOR, right), rows[i].coordinator);
		assert_int_equal(rights_may(ROLE_ADMINISTRATOR, right), rows[i].administrator);
		assert_int_equal(rights_may(ROLE_AUDITOR, right), rows[i].auditor);
	}
	for (int role = -1; role <= 6; role++)
		for (int right = -1; right <= RIGHTS; right++)
			if (role < ROLE_COUNSELLOR || role > ROLE_AUDITOR || right < 0 || right == RIGHTS)
				assert_false(rights_may((enum staff_role)role, (enum right)right));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_table) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
