/* A clock that is wrong does not destroy: what is past its time by a leap waits some days. */
#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/store/asking.h"

#include <sodium.h>
#include <sqlite3.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };
static const int64_t day = INT64_C(86400000), start = INT64_C(1795600800000); /* 2026-11-25 10:00 UTC */
static const struct store_retention days = { .chat_days = 90, .telephone_days = 90, .notes_days = 90,
	.return_hours = 24, .audit_days = 730, .backup_days = 14, .proof_hour = 3 };
static char logged[8192];

static void on_log(const char *line, void *arg)
{
	(void)arg;
	snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", line);
}

/* One more turn, of a minute later. */
static bool keep(struct store *store)
{
	struct store_figures figures;

	clock_advance(MINUTE);
	store_keep(store, &days);
	asking_pump(store);
	store_figures(store, &figures);
	return figures.held;
}

/* The wall clock alone. */
static void leap(int64_t ms)
{
	clock_fake(clock_wall() + ms, clock_mono());
}

static int number(const char *sql)
{
	char path[128];
	sqlite3 *sqlite = NULL;
	sqlite3_stmt *row = NULL;
	int found;

	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	assert_int_equal(sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	found = sqlite3_column_int(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(sqlite);
	return found;
}

static int kept(void)
{
	return number("SELECT count(*) FROM contact WHERE visitor IS NOT NULL");
}

/* A conversation that is over, and two rows of the audit log. */
static struct store *begin(void)
{
	struct store *store;
	struct store_write write = { .change = CHANGE_OPEN, .channel = CHANNEL_CHAT, .opener = { 1 } };

	clock_fake(start, MINUTE);
	store = asking_open();
	write.event = (struct event) { .contact = 7, .kind = EVENT_OPENED, .time = clock_wall() };
	assert_int_equal(asking_write(store, &write).err, OK);
	write.change = CHANGE_CLOSE;
	write.event.kind = EVENT_CLOSED;
	assert_int_equal(asking_write(store, &write).err, OK);
	assert_false(keep(store));
	return store;
}

static void a_leap_of_the_clock_destroys_nothing_for_three_days(void **state)
{
	struct store *store = begin();

	(void)state;
	leap(3000 * day);
	assert_true(keep(store));
	assert_non_null(strstr(logged, "msg=\"the clock leapt ahead\" days=3000"));
	assert_int_equal(kept(), 1);
	clock_advance(STORE_HOLD_DAYS * day - 2 * MINUTE);
	assert_true(keep(store));
	assert_non_null(strstr(logged, "msg=\"forgetting waits\""));
	assert_int_equal(kept(), 1);
	assert_false(keep(store)); /* it seems to be right */
	assert_int_equal(number("SELECT count(*) FROM contact"), 0);
	store_close(&store);
}

static void set_right_again_all_is_as_it_was(void **state)
{
	struct store *store = begin();

	(void)state;
	leap(100 * day);
	assert_true(keep(store));
	leap(-100 * day);
	assert_false(keep(store));
	assert_int_equal(kept(), 1);
	clock_advance(25 * HOUR);
	assert_false(keep(store));
	assert_int_equal(kept(), 0); /* the visitor's own way ended in time */
	clock_advance(88 * day);
	assert_false(keep(store));
	assert_int_equal(number("SELECT count(*) FROM contact"), 1);
	clock_advance(day);
	assert_false(keep(store));
	assert_int_equal(number("SELECT count(*) FROM contact"), 0);
	store_close(&store);
}

static void a_restart_neither_ends_nor_lengthens_it(void **state)
{
	struct store *store = begin();

	(void)state;
	leap(100 * day);
	assert_true(keep(store));
	for (int i = 1; i <= STORE_HOLD_DAYS; i++) {
		store_close(&store);
		clock_advance(day - MINUTE);
		store = asking_open();
		assert_int_equal(keep(store), i < STORE_HOLD_DAYS);
		assert_int_equal(number("SELECT count(*) FROM contact"), i < STORE_HOLD_DAYS);
	}
	store_close(&store);
}

static void after_a_long_sleep_it_waits_as_well(void **state)
{
	struct store *store = begin();

	(void)state;
	store_close(&store);
	clock_fake(clock_wall() + 100 * day, 5 * MINUTE); /* another start of the machine */
	store = asking_open();
	assert_true(keep(store));
	assert_int_equal(number("SELECT count(*) FROM contact"), 1);
	clock_advance(STORE_HOLD_DAYS * day);
	assert_false(keep(store));
	assert_int_equal(number("SELECT count(*) FROM contact"), 0);
	store_close(&store);
}

static void a_week_is_no_leap(void **state)
{
	struct store *store = begin();

	(void)state;
	leap(STORE_LEAP_DAYS * day);
	assert_false(keep(store));
	leap(STORE_LEAP_DAYS * day + 1);
	assert_true(keep(store));
	store_close(&store);
}

static void proofs_and_the_audit_log_wait_too(void **state)
{
	struct store *store = begin();
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/proofs/2026-11-24.json", folder);
	assert_int_equal(access(path, F_OK), 0);
	leap(1000 * day);
	assert_true(keep(store));
	assert_int_equal(access(path, F_OK), 0);
	assert_null(strstr(logged, "pruned=1"));
	clock_advance(STORE_HOLD_DAYS * day);
	assert_false(keep(store));
	assert_int_equal(access(path, F_OK), -1);
	store_close(&store);
}

static void another_retention_is_in_the_audit_log(void **state)
{
	struct store *store = begin();
	struct store_retention shorter = days;

	(void)state;
	assert_int_equal(number("SELECT count(*) FROM audit"), 1);
	assert_false(keep(store));
	assert_int_equal(number("SELECT count(*) FROM audit"), 1);
	shorter.chat_days = 1;
	clock_advance(MINUTE);
	store_keep(store, &shorter);
	asking_pump(store);
	assert_int_equal(number("SELECT count(*) FROM audit WHERE what = 'retention.set'"
				" AND detail LIKE '{\"chat_days\":1,%' AND id = 2"), 1);
	store_close(&store);
}

static int set_up(void **state)
{
	*logged = '\0';
	log_threshold(LOG_INFO);
	log_capture(on_log, NULL);
	return sodium_init() < 0 ? -1 : folder_set_up(state);
}

static int tear_down(void **state)
{
	log_capture(NULL, NULL);
	clock_real();
	return folder_tear_down(state);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { IN_A_FOLDER(a_leap_of_the_clock_destroys_nothing_for_three_days),
		IN_A_FOLDER(set_right_again_all_is_as_it_was),
		IN_A_FOLDER(a_restart_neither_ends_nor_lengthens_it),
		IN_A_FOLDER(after_a_long_sleep_it_waits_as_well), IN_A_FOLDER(a_week_is_no_leap),
		IN_A_FOLDER(another_retention_is_in_the_audit_log),
		IN_A_FOLDER(proofs_and_the_audit_log_wait_too) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
