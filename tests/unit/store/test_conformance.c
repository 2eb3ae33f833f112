/* What every engine behind store.h has to keep. */
#include "store/store.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

static int wake_fd;
static int batches;

static void on_wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(wake_fd, &one, sizeof one);
}

static void on_batch(void *arg)
{
	(void)arg;
	batches++;
}

static const struct store_hooks hooks = { .wake = on_wake, .on_batch = on_batch };

static struct store *opened(void)
{
	char error[512] = "";
	struct store *store = NULL;
	if (store_open(folder, &hooks, &store, error, sizeof error))
		fail_msg("%s", error);
	return store;
}

static void pump_until(struct store *store, const int *counter, int value)
{
	while (*counter < value) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
		uint64_t read_off;
		assert_int_equal(poll(&wait, 1, 10000), 1);
		(void)!read(wake_fd, &read_off, sizeof read_off);
		store_pump(store);
	}
}

struct answer {
	int count;
	struct store_outcome outcome;
};

static void keep(void *arg, const struct store_outcome *outcome)
{
	struct answer *answer = arg;
	answer->outcome = *outcome;
	answer->count++;
}

static struct store_outcome append(struct store *store, const struct store_write *write)
{
	struct answer answer = { 0 };
	assert_int_equal(store_append(store, write, keep, &answer), OK);
	pump_until(store, &answer.count, 1);
	return answer.outcome;
}

static struct store_write writing(
	uint64_t contact, enum store_change change, enum event_kind kind, const char *id)
{
	struct store_write write = { .change = change, .channel = CHANNEL_CHAT };
	write.event.contact = contact;
	write.event.kind = kind;
	write.event.time = 1234;
	snprintf(write.event.client_id, sizeof write.event.client_id, "%s", id);
	memset(write.token, (int)contact, sizeof write.token);
	return write;
}

static struct store_outcome open_contact(struct store *store, uint64_t contact)
{
	struct store_write write = writing(contact, CHANGE_OPEN, EVENT_OPENED, "open");
	return append(store, &write);
}

static struct store_outcome say(
	struct store *store, uint64_t contact, const char *id, const char *text, uint32_t epoch)
{
	struct store_write write = writing(contact, CHANGE_NONE, EVENT_MESSAGE, id);
	write.event.body = text;
	write.event.body_length = (uint32_t)strlen(text);
	write.epoch = epoch;
	return append(store, &write);
}

static struct store_outcome change(
	struct store *store, uint64_t contact, enum store_change what, uint32_t staff, uint32_t epoch)
{
	struct store_write write = writing(contact, what, EVENT_TAKEN, "");
	write.event.staff = staff;
	write.epoch = epoch;
	return append(store, &write);
}

static void seq_is_dense_and_a_retry_is_harmless(void **state)
{
	struct store *store = opened();
	(void)state;
	assert_int_equal(open_contact(store, 7).seq, 1);
	assert_int_equal(say(store, 7, "a", "hallo", 0).seq, 2);
	assert_int_equal(say(store, 7, "b", "daar", 0).seq, 3);
	struct store_outcome again = say(store, 7, "a", "hallo", 0);
	assert_int_equal(again.err, OK);
	assert_true(again.duplicate);
	assert_int_equal(again.seq, 2);
	assert_int_equal(say(store, 7, "c", "!", 0).seq, 4);
	struct store_write other = writing(7, CHANGE_OPEN, EVENT_OPENED, "other");
	assert_int_equal(append(store, &other).err, ERR_EXISTS);
	struct store_outcome reopened = open_contact(store, 7);
	assert_int_equal(reopened.err, OK);
	assert_true(reopened.duplicate);
	assert_int_equal(say(store, 8, "a", "nobody", 0).err, ERR_STALE);
	store_close(&store);
}

static void one_claim_wins_and_a_stale_epoch_is_refused(void **state)
{
	struct store *store = opened();
	(void)state;
	open_contact(store, 7);
	struct store_outcome first = change(store, 7, CHANGE_TAKE, 1, 0);
	assert_int_equal(first.err, OK);
	assert_int_equal(first.epoch, 1);
	assert_int_equal(first.owner, 1);
	struct store_outcome second = change(store, 7, CHANGE_TAKE, 2, 0);
	assert_int_equal(second.err, ERR_STALE);
	assert_int_equal(second.owner, 1);
	assert_int_equal(say(store, 7, "x", "mine", 1).err, OK);
	assert_int_equal(change(store, 7, CHANGE_RETURN, 1, 2).err, ERR_STALE);
	assert_int_equal(change(store, 7, CHANGE_RETURN, 1, 1).err, OK);
	assert_int_equal(change(store, 7, CHANGE_RETURN, 1, 1).err, ERR_STALE);
	assert_int_equal(change(store, 7, CHANGE_TAKE, 2, 0).epoch, 2);
	assert_int_equal(say(store, 7, "y", "too late", 1).err, ERR_STALE);
	assert_int_equal(say(store, 7, "z", "visitor", 0).err, OK);
	assert_int_equal(change(store, 7, CHANGE_CLOSE, 2, 1).err, ERR_STALE);
	assert_int_equal(change(store, 7, CHANGE_CLOSE, 2, 2).err, OK);
	assert_int_equal(say(store, 7, "w", "closed", 0).err, ERR_STALE);
	assert_true(say(store, 7, "z", "visitor", 0).duplicate);
	store_close(&store);
}

static void one_that_fails_takes_no_other_with_it(void **state)
{
	enum { COUNT = 300 };
	struct store *store = opened();
	struct answer answers[COUNT] = { 0 };
	int ok = 0;
	(void)state;
	open_contact(store, 7);
	for (int i = 0; i < COUNT; i++) {
		struct store_write write
			= writing(i % 3 ? 7 : 99, CHANGE_NONE, EVENT_MESSAGE, "");
		assert_int_equal(store_append(store, &write, keep, &answers[i]), OK);
	}
	for (int i = 0; i < COUNT; i++)
		pump_until(store, &answers[i].count, 1);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(answers[i].outcome.err, i % 3 ? OK : ERR_STALE);
		if (i % 3)
			assert_int_equal(answers[i].outcome.seq, ++ok + 1);
	}
	struct store_figures figures;
	store_figures(store, &figures);
	assert_true(figures.batches < COUNT); /* grouped: what queued meanwhile went together */
	store_close(&store);
}

static char seen[1024];

/* Submitted together, so that many are likely to share a batch: the answers are those of one by one. */
static void in_one_batch_each_sees_what_went_before(void **state)
{
	static const struct {
		enum store_change change;
		enum event_kind kind;
		const char *id;
		uint32_t epoch;
		enum err err;
		bool duplicate;
		uint32_t seq, epoch_after;
	} steps[] = { { CHANGE_OPEN, EVENT_OPENED, "o", 0, OK, false, 1, 0 },
		{ CHANGE_OPEN, EVENT_OPENED, "o", 0, OK, true, 1, 0 },
		{ CHANGE_OPEN, EVENT_OPENED, "p", 0, ERR_EXISTS, false, 0, 0 },
		{ CHANGE_NONE, EVENT_MESSAGE, "a", 0, OK, false, 2, 0 },
		{ CHANGE_NONE, EVENT_MESSAGE, "a", 0, OK, true, 2, 0 },
		{ CHANGE_TAKE, EVENT_TAKEN, "t", 0, OK, false, 3, 1 },
		{ CHANGE_TAKE, EVENT_TAKEN, "t", 0, OK, true, 3, 1 },
		{ CHANGE_TAKE, EVENT_TAKEN, "u", 0, ERR_STALE, false, 0, 1 },
		{ CHANGE_NONE, EVENT_MESSAGE, "b", 2, ERR_STALE, false, 0, 1 },
		{ CHANGE_NONE, EVENT_MESSAGE, "b", 1, OK, false, 4, 1 },
		{ CHANGE_CLOSE, EVENT_CLOSED, "c", 1, OK, false, 5, 1 },
		{ CHANGE_NONE, EVENT_MESSAGE, "a", 0, OK, true, 2, 1 },
		{ CHANGE_NONE, EVENT_MESSAGE, "d", 0, ERR_STALE, false, 0, 1 } };
	enum { STEPS = sizeof steps / sizeof *steps };
	struct answer answers[STEPS] = { 0 };
	struct store *store = opened();

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		struct store_write write
			= writing(11, steps[i].change, steps[i].kind, steps[i].id);
		write.epoch = steps[i].epoch;
		write.event.staff = steps[i].change == CHANGE_TAKE ? 4 : 0;
		assert_int_equal(store_append(store, &write, keep, &answers[i]), OK);
	}
	pump_until(store, &answers[STEPS - 1].count, 1);
	for (int i = 0; i < STEPS; i++) {
		const struct store_outcome *outcome = &answers[i].outcome;
		if (outcome->err != steps[i].err || outcome->duplicate != steps[i].duplicate
			|| (!outcome->err && outcome->seq != steps[i].seq)
			|| (outcome->err != ERR_EXISTS && outcome->epoch != steps[i].epoch_after))
			fail_msg("step %d: %s, duplicate %d, seq %u, epoch %u", i,
				err_word(outcome->err), outcome->duplicate, outcome->seq,
				outcome->epoch);
	}
	store_close(&store);
}

static void load_contact(void *arg, const struct store_contact *contact)
{
	(void)arg;
	snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "[%d state %d epoch %u owner %u]",
		(int)contact->id, (int)contact->state, contact->epoch, contact->owner);
}

static void load_event(void *arg, const struct event *event)
{
	(void)arg;
	snprintf(seen + strlen(seen), sizeof seen - strlen(seen), " %u:%s:%.*s/%.*s", event->seq,
		event->client_id, (int)event->body_length, event->body ? event->body : "",
		(int)event->meta_length, event->meta ? event->meta : "");
}

static void what_was_answered_is_there_after_reopening(void **state)
{
	struct store *store = opened();
	uint8_t secret[32], other[32], again[32];
	(void)state;
	store_secret(store, "visitor", secret);
	store_secret(store, "other", other);
	assert_memory_not_equal(secret, other, 32);
	open_contact(store, 7);
	struct store_write write = writing(7, CHANGE_NONE, EVENT_MESSAGE, "m");
	write.event.body = "woorden";
	write.event.body_length = 7;
	write.event.meta = "{}";
	write.event.meta_length = 2;
	append(store, &write);
	change(store, 7, CHANGE_TAKE, 3, 0);
	open_contact(store, 8);
	change(store, 8, CHANGE_CLOSE, 0, 0);
	store_close(&store);
	store = opened();
	store_secret(store, "visitor", again);
	assert_memory_equal(secret, again, 32);
	*seen = '\0';
	assert_int_equal(store_load(store, load_contact, load_event, NULL), OK);
	assert_string_equal(
		seen, "[7 state 2 epoch 1 owner 3] 1:open:/ 2:m:woorden/{} 3::/");
	store_close(&store);
}

static int reads;

static void on_read(void *arg, enum err err, const struct event *events, size_t count)
{
	enum err *err_r = arg;
	*err_r = err;
	*seen = '\0';
	for (size_t i = 0; i < count; i++)
		load_event(NULL, &events[i]);
	reads++;
}

static void reading_goes_on_from_where_one_was(void **state)
{
	struct store *store = opened();
	enum err err = ERR_IO;
	(void)state;
	open_contact(store, 7);
	say(store, 7, "a", "een", 0);
	say(store, 7, "b", "twee", 0);
	say(store, 7, "c", "drie", 0);
	reads = 0;
	assert_int_equal(store_read(store, 7, 1, 2, on_read, &err), OK);
	pump_until(store, &reads, 1);
	assert_int_equal(err, OK);
	assert_string_equal(seen, " 2:a:een/ 3:b:twee/");
	assert_int_equal(store_read(store, 12, 0, 2, on_read, &err), OK);
	pump_until(store, &reads, 2);
	assert_int_equal(err, ERR_NOT_FOUND);
	store_close(&store);
}

static void limits_are_kept_on_both_sides(void **state)
{
	static char text[EVENT_BODY_MAX + 1];
	struct store *store = opened();
	(void)state;
	memset(text, 'x', sizeof text);
	open_contact(store, 7);
	struct store_write write = writing(7, CHANGE_NONE, EVENT_MESSAGE, "long");
	write.event.body = text;
	write.event.body_length = EVENT_BODY_MAX;
	assert_int_equal(append(store, &write).err, OK);
	write.event.body_length++;
	assert_int_equal(store_append(store, &write, NULL, NULL), ERR_INVALID);
	write.event.body_length = 0;
	write.event.contact = 0;
	assert_int_equal(store_append(store, &write, NULL, NULL), ERR_INVALID);
	store_close(&store);
}

static void a_second_daemon_is_refused(void **state)
{
	struct store *store = opened(), *second = NULL;
	char error[512];
	(void)state;
	assert_int_equal(store_open(folder, &hooks, &second, error, sizeof error), ERR_BUSY);
	assert_non_null(strstr(error, "in use by another"));
	store_close(&store);
}

static void nothing_that_was_written_is_readable_on_the_disk(void **state)
{
	static const char marker[] = "een-zeldzaam-merkteken";
	static const char *const files[] = { "onthaal.db", "onthaal.db-wal" };
	struct store *store = opened();
	char path[128], *bytes;
	(void)state;
	open_contact(store, 7);
	say(store, 7, "a", marker, 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		fseek(file, 0, SEEK_END);
		size_t size = (size_t)ftell(file);
		rewind(file);
		bytes = malloc(size + 1);
		assert_int_equal(fread(bytes, 1, size, file), size);
		assert_null(memmem(bytes, size, marker, sizeof marker - 1));
		free(bytes);
		fclose(file);
	}
	store_close(&store);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(seq_is_dense_and_a_retry_is_harmless),
		IN_A_FOLDER(one_claim_wins_and_a_stale_epoch_is_refused),
		IN_A_FOLDER(one_that_fails_takes_no_other_with_it),
		IN_A_FOLDER(in_one_batch_each_sees_what_went_before),
		IN_A_FOLDER(what_was_answered_is_there_after_reopening),
		IN_A_FOLDER(reading_goes_on_from_where_one_was),
		IN_A_FOLDER(limits_are_kept_on_both_sides),
		IN_A_FOLDER(a_second_daemon_is_refused),
		IN_A_FOLDER(nothing_that_was_written_is_readable_on_the_disk),
	};
	wake_fd = eventfd(0, EFD_CLOEXEC);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
