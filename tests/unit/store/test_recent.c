/* Where the events of open contacts stand: over closing, coming back, a restart, a failed commit, an
 * older schema. */
#include "base/clock.h"
#include "tests/unit/store/asking.h"

#include <sqlite3.h>

enum { ONE = 77, OTHER = 78 };

static uint8_t opener[STORE_TOKEN_SIZE] = { 2 };

static struct store_outcome put(struct store *store, uint64_t contact, enum store_change change,
	enum event_kind kind, const char *id)
{
	struct store_write write = { .change = change, .channel = CHANNEL_CHAT };
	write.event = (struct event) { .contact = contact,
		.kind = kind,
		.author = AUTHOR_VISITOR,
		.time = clock_wall(),
		.body = "hallo",
		.body_length = 5 };
	snprintf(write.event.client_id, sizeof write.event.client_id, "%s", id);
	memset(write.token, (int)contact, sizeof write.token);
	memcpy(write.opener, opener, sizeof write.opener);
	return asking_write(store, &write);
}

static struct store_outcome say(struct store *store, uint64_t contact, const char *id)
{
	return put(store, contact, CHANGE_NONE, EVENT_MESSAGE, id);
}

static void begin(struct store *store, uint64_t contact)
{
	assert_int_equal(put(store, contact, CHANGE_OPEN, EVENT_OPENED, "").err, OK);
}

static void run(const char *sql)
{
	char path[200], *error = NULL;
	sqlite3 *sqlite;
	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	if (sqlite3_exec(sqlite, sql, NULL, NULL, &error))
		fail_msg("%s", error);
	sqlite3_close(sqlite);
}

struct heard {
	bool there;
	enum err err;
	size_t count;
	uint32_t seq[64];
};

static void hear(void *arg, enum err err, const struct event *events, size_t count)
{
	struct heard *heard = arg;
	*heard = (struct heard) { .there = true, .err = err, .count = count };
	for (size_t i = 0; i < count && i < 64; i++) {
		heard->seq[i] = events[i].seq;
		assert_memory_equal(events[i].body, "hallo", 5);
	}
}

static struct heard all_of(struct store *store, uint64_t contact, uint32_t after, uint32_t limit)
{
	struct heard heard = { 0 };
	assert_int_equal(store_read(store, contact, after, limit, hear, &heard), OK);
	while (!heard.there)
		asking_pump(store);
	return heard;
}

static void assert_all_there(struct store *store, uint64_t contact, uint32_t last)
{
	struct heard heard = all_of(store, contact, 0, 64);
	assert_int_equal(heard.err, OK);
	assert_int_equal(heard.count, last);
	for (uint32_t i = 0; i < last; i++)
		assert_int_equal(heard.seq[i], i + 1);
}

static void a_part_is_read(void **state)
{
	struct store *store = asking_open();
	struct heard heard;

	(void)state;
	begin(store, ONE);
	begin(store, OTHER);
	for (int i = 0; i < 40; i++) {
		char id[16];
		snprintf(id, sizeof id, "m%d", i);
		assert_int_equal(say(store, i % 2 ? ONE : OTHER, id).err, OK);
	}
	assert_all_there(store, ONE, 21);
	heard = all_of(store, OTHER, 19, 64);
	assert_int_equal(heard.count, 2);
	assert_int_equal(heard.seq[0], 20);
	heard = all_of(store, OTHER, 3, 2);
	assert_int_equal(heard.count, 2);
	assert_int_equal(heard.seq[1], 5);
	assert_int_equal(all_of(store, OTHER, 21, 64).count, 0);
	store_close(&store);
}

static void a_retry_is_known_in_every_state(void **state)
{
	struct store *store = asking_open();
	struct store_outcome outcome;

	(void)state;
	begin(store, ONE);
	begin(store, OTHER);
	assert_int_equal(say(store, ONE, "a").seq, 2);
	assert_int_equal(say(store, OTHER, "a").seq, 2); /* of another contact: not the same */
	for (int restart = 0; restart < 2; restart++) {
		outcome = say(store, ONE, "a");
		assert_true(outcome.duplicate);
		assert_int_equal(outcome.seq, 2);
		store_close(&store);
		store = asking_open();
	}
	assert_int_equal(put(store, ONE, CHANGE_CLOSE, EVENT_CLOSED, "z").seq, 3);
	outcome = say(store, ONE, "a");
	assert_true(outcome.duplicate);
	assert_int_equal(outcome.seq, 2);
	assert_int_equal(put(store, ONE, CHANGE_CLOSE, EVENT_CLOSED, "z").seq, 3);
	assert_int_equal(say(store, ONE, "b").err, ERR_STALE);
	assert_int_equal(put(store, ONE, CHANGE_REOPEN, EVENT_RETURNED, "r").seq, 4);
	outcome = say(store, ONE, "a");
	assert_true(outcome.duplicate);
	assert_int_equal(outcome.seq, 2);
	assert_int_equal(say(store, ONE, "b").seq, 5);
	assert_all_there(store, ONE, 5);
	store_close(&store);
	store = asking_open();
	assert_all_there(store, ONE, 5);
	assert_all_there(store, OTHER, 2);
	store_close(&store);
}

static void a_failed_commit_leaves_no_trace(void **state)
{
	struct store *store = asking_open();

	(void)state;
	begin(store, ONE);
	assert_int_equal(say(store, ONE, "a").seq, 2);
	run("CREATE TRIGGER no BEFORE UPDATE OF last_seq ON contact BEGIN SELECT RAISE(ABORT, 'full'); END");
	assert_int_equal(say(store, ONE, "b").err, ERR_FULL);
	assert_int_equal(put(store, ONE, CHANGE_CLOSE, EVENT_CLOSED, "z").err, ERR_FULL);
	run("DROP TRIGGER no");
	assert_int_equal(say(store, ONE, "b").seq, 3);
	assert_true(say(store, ONE, "b").duplicate);
	assert_all_there(store, ONE, 3);
	store_close(&store);
}

static void an_older_schema_is_taken_over(void **state)
{
	char error[512];
	struct store *store = asking_open();

	(void)state;
	begin(store, ONE);
	begin(store, OTHER);
	assert_int_equal(say(store, ONE, "a").seq, 2);
	assert_int_equal(put(store, OTHER, CHANGE_CLOSE, EVENT_CLOSED, "z").seq, 2);
	store_close(&store);
	run("INSERT INTO event SELECT contact, seq, kind, author, staff, time, client_id, body, meta"
	    " FROM recent; DROP TABLE recent; DROP TABLE staff_settings; DROP TABLE passkey; DROP TABLE signon; DROP TABLE keeping;"
	    " DROP TABLE forgetting;"
	    " PRAGMA user_version = 7");
	assert_int_equal(store_check(folder, error, sizeof error), OK);
	store = asking_open();
	assert_int_equal(store_check(folder, error, sizeof error), OK);
	assert_true(say(store, ONE, "a").duplicate);
	assert_int_equal(say(store, ONE, "b").seq, 3);
	assert_all_there(store, ONE, 3);
	assert_true(put(store, OTHER, CHANGE_CLOSE, EVENT_CLOSED, "z").duplicate);
	store_close(&store);
}

static void a_gap_is_damage(void **state)
{
	static const struct store_hooks hooks = { .wake = asking_wake };
	char error[512] = "";
	struct store *store = asking_open();

	(void)state;
	begin(store, ONE);
	assert_int_equal(say(store, ONE, "a").seq, 2);
	assert_int_equal(say(store, ONE, "b").seq, 3);
	store_close(&store);
	run("DELETE FROM recent WHERE seq = 2");
	assert_int_equal(store_check(folder, error, sizeof error), ERR_CORRUPT);
	assert_int_equal(store_open(folder, &hooks, &store, error, sizeof error), ERR_CORRUPT);
	assert_non_null(strstr(error, "restore the latest backup"));
}

static void recalled(void *arg, enum err err, const struct store_contact *contact,
	const struct event *events, size_t count)
{
	struct heard *heard = arg;
	(void)contact;
	(void)events;
	*heard = (struct heard) { .there = true, .err = err, .count = count };
}

static struct heard recall(struct store *store, uint64_t contact)
{
	struct heard heard = { 0 };
	uint8_t token[STORE_TOKEN_SIZE];

	memset(token, (int)contact, sizeof token);
	assert_int_equal(store_recall(store, token, opener, recalled, &heard), OK);
	while (!heard.there)
		asking_pump(store);
	return heard;
}

/* Rows that somebody changed beside us: what is about that contact is refused, and no other's. */
static void a_changed_row_takes_no_other_contact_with_it(void **state)
{
	struct store *store = asking_open();

	(void)state;
	begin(store, ONE);
	begin(store, OTHER);
	assert_int_equal(say(store, ONE, "a").err, OK);
	assert_int_equal(say(store, ONE, "b").err, OK);
	run("UPDATE contact SET last_seq = 9 WHERE id = 77");
	assert_int_equal(say(store, ONE, "c").err, ERR_CORRUPT);
	run("UPDATE contact SET last_seq = 3, state = 7 WHERE id = 77");
	assert_int_equal(say(store, ONE, "c").err, ERR_CORRUPT);
	assert_int_equal(recall(store, ONE).err, ERR_CORRUPT);
	run("UPDATE contact SET state = 1 WHERE id = 77; UPDATE recent SET client_id = 'a' WHERE contact = 77"
	    " AND seq > 1"); /* of which its archive has each once */
	assert_int_equal(put(store, ONE, CHANGE_CLOSE, EVENT_CLOSED, "z").err, ERR_CORRUPT);
	assert_int_equal(say(store, ONE, "d").seq, 4);
	assert_int_equal(say(store, OTHER, "a").seq, 2);
	run("UPDATE recent SET client_id = 'b' WHERE contact = 77 AND seq = 3");
	assert_int_equal(put(store, ONE, CHANGE_CLOSE, EVENT_CLOSED, "z").seq, 5);
	run("UPDATE contact SET last_seq = 4000000000 WHERE id = 77");
	assert_int_equal(recall(store, ONE).count, 5); /* no room is made for what is not there */
	run("DELETE FROM event WHERE contact = 77 AND seq = 2");
	assert_int_equal(put(store, ONE, CHANGE_REOPEN, EVENT_REOPENED, "r").err, ERR_STALE);
	assert_int_equal(say(store, OTHER, "b").seq, 3);
	assert_all_there(store, OTHER, 3);
	store_close(&store);
}

static void events_out_of_their_range_are_damage(void **state)
{
	static const char *const changes[] = { "kind = 99, body = NULL", "author = 3", "seq = -2" };
	struct store *store = asking_open();

	(void)state;
	begin(store, ONE);
	assert_int_equal(say(store, ONE, "a").err, OK);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		char sql[200];
		run("CREATE TABLE kept AS SELECT * FROM recent");
		snprintf(sql, sizeof sql, "UPDATE recent SET %s WHERE contact = 77 AND seq = 2", changes[i]);
		run(sql);
		assert_int_equal(all_of(store, ONE, 0, 64).err, ERR_CORRUPT);
		run("DELETE FROM recent; INSERT INTO recent SELECT * FROM kept; DROP TABLE kept");
	}
	run("UPDATE recent SET client_id = '<b>' WHERE contact = 77");
	assert_all_there(store, ONE, 2);
	store_close(&store);
}

/* Of one contact alone: the others go on, and the process too. */
static void a_contact_that_is_not_whole_is_refused_alone(void **state)
{
	struct store *store = asking_open();

	(void)state;
	begin(store, ONE);
	begin(store, OTHER);
	assert_int_equal(say(store, ONE, "a").seq, 2);
	assert_int_equal(say(store, OTHER, "a").seq, 2);
	assert_int_equal(put(store, OTHER, CHANGE_CLOSE, EVENT_CLOSED, "z").err, OK);
	store_close(&store);
	run("UPDATE contact SET last_seq = 9 WHERE id = 77; DELETE FROM event WHERE seq = 2");
	store = asking_open();
	assert_int_equal(say(store, ONE, "b").err, ERR_CORRUPT);
	assert_int_equal(all_of(store, ONE, 0, 64).err, ERR_CORRUPT);
	assert_int_equal(put(store, OTHER, CHANGE_REOPEN, EVENT_REOPENED, "r").err, ERR_STALE);
	begin(store, 79);
	assert_int_equal(say(store, 79, "a").seq, 2);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_part_is_read, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			a_retry_is_known_in_every_state, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			a_failed_commit_leaves_no_trace, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			an_older_schema_is_taken_over, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(a_changed_row_takes_no_other_contact_with_it,
			folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			events_out_of_their_range_are_damage, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(a_gap_is_damage, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(a_contact_that_is_not_whole_is_refused_alone, folder_set_up,
			folder_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
