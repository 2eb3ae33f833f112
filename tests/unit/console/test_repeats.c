/* What a window writes into the audit log: nothing lost that is new, nothing twice within a minute. */
#include "console/repeats.h"
#include "base/clock.h"
#include "store/audit.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

static struct repeats repeats;
static struct staff_db *db;

static int set_up(void **state)
{
	char error[256];

	if (folder_set_up(state))
		return -1;
	clock_fake(INT64_C(1700000000000), 0); /* as early as it can be */
	return staff_open(folder, &db, error, sizeof error);
}

static int tear_down(void **state)
{
	repeats_finish(&repeats);
	staff_close(&db);
	clock_real();
	return folder_tear_down(state);
}

static enum err row(uint32_t staff, const char *what, const char *about)
{
	return repeats_audit(
		&repeats, db, &(struct repeats_row) { staff, what, "{}", about });
}

static void count(void *arg, const struct audit_row *of)
{
	(void)of;
	++*(unsigned *)arg;
}

static unsigned rows(void)
{
	unsigned all = 0;
	assert_int_equal(audit_each(db, 0, count, &all), OK);
	return all;
}

static void the_same_is_written_once_a_minute(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(row(1, "key.rotated", ""), OK);
	assert_int_equal(rows(), 1);
	clock_advance(REPEATS_SECONDS * 1000 - 1);
	assert_int_equal(row(1, "key.rotated", ""), OK);
	assert_int_equal(rows(), 1);
	clock_advance(1);
	assert_int_equal(row(1, "key.rotated", ""), OK);
	assert_int_equal(rows(), 2);
}

static void what_differs_is_not_lost(void **state)
{
	(void)state;
	assert_int_equal(row(1, "passkey.vault", "7"), OK);
	assert_int_equal(row(1, "passkey.vault", "8"), OK); /* another passkey */
	assert_int_equal(row(1, "passkey.vault8", ""), OK);
	assert_int_equal(row(1, "key.shared", "7"), OK);
	assert_int_equal(row(2, "passkey.vault", "7"), OK); /* another person */
	assert_int_equal(row(257, "passkey.vault", "7"), OK);
	assert_int_equal(rows(), 6);
}

static void a_person_writes_so_many_a_minute_and_the_rest_is_refused(void **state)
{
	char about[16];
	(void)state;

	for (int i = 0; i < REPEATS_MAX; i++) {
		assert_true(repeats_room(&repeats, 1));
		snprintf(about, sizeof about, "%d", i);
		assert_int_equal(row(1, "contact.opened", about), OK);
		clock_advance(1);
	}
	assert_false(repeats_room(&repeats, 1));
	assert_int_equal(row(1, "contact.opened", "another"), ERR_BUSY);
	assert_int_equal(row(1, "contact.opened", "0"), OK); /* that is written */
	assert_int_equal(rows(), REPEATS_MAX);
	assert_true(repeats_room(&repeats, 2));
	assert_int_equal(row(2, "contact.opened", "another"), OK);
	clock_advance(REPEATS_SECONDS * 1000 - REPEATS_MAX);
	assert_int_equal(row(1, "contact.opened", "another"), OK); /* the first is a minute old */
	assert_int_equal(row(1, "contact.opened", "one more"), ERR_BUSY);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { IN_A_FOLDER(the_same_is_written_once_a_minute),
		IN_A_FOLDER(what_differs_is_not_lost),
		IN_A_FOLDER(a_person_writes_so_many_a_minute_and_the_rest_is_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
