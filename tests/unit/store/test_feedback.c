/* What counsellors say of rules: counted by day, and nothing more. */
#include "store/feedback.h"
#include "base/clock.h"
#include "tests/unit/store/folder.h"
#include "tests/unit/unit.h"

static struct staff_db *db;
static char seen[512];

static int set_up(void **state)
{
	char error[512];
	if (folder_set_up(state))
		return -1;
	clock_fake(INT64_C(1700000000000), 0); /* day 19675 */
	*seen = '\0';
	return staff_open(folder, &db, error, sizeof error) ? -1 : 0;
}

static int tear_down(void **state)
{
	staff_close(&db);
	clock_real();
	return folder_tear_down(state);
}

static void on_feedback(void *arg, const struct feedback *feedback)
{
	size_t length = strlen(seen);
	(void)arg;
	snprintf(seen + length, sizeof seen - length, "%d %s %d %llu %lld\n", (int)feedback->kind,
		feedback->rule, feedback->level, (unsigned long long)feedback->count,
		(long long)feedback->day);
}

static void it_is_counted_by_rule_and_kept(void **state)
{
	struct feedback wrong = { .kind = FEEDBACK_WRONG, .level = 2, .rule = "nl.a", .rules = "s1" };
	struct feedback missed = { .kind = FEEDBACK_MISSED, .level = 3, .rules = "s1" };
	char error[512];
	(void)state;
	assert_int_equal(feedback_add(db, &wrong), OK);
	assert_int_equal(feedback_add(db, &wrong), OK);
	assert_int_equal(feedback_add(db, &missed), OK);
	clock_fake(INT64_C(1700000000000) + INT64_C(86400000), 0);
	strcpy(wrong.rules, "s2");
	assert_int_equal(feedback_add(db, &wrong), OK);
	staff_close(&db);
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(feedback_each(db, on_feedback, NULL), OK);
	assert_string_equal(seen, "1 nl.a 2 3 19676\n2  3 1 19675\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_counted_by_rule_and_kept, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
