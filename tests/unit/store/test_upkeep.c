/* Backup, restore and check, on real folders. */
#include "base/clock.h"
#include "store/store.h"
#include "folder.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

static int wake_fd;
static int answered;
static char error[1024];

static void wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(wake_fd, &one, sizeof one);
}

static void no_batch(void *arg)
{
	(void)arg;
}

static void no_trouble(void *arg, bool trouble)
{
	(void)arg;
	(void)trouble;
}

static struct store *open_store(void)
{
	struct store_hooks hooks = { .wake = wake, .on_batch = no_batch, .on_trouble = no_trouble };
	struct store *store = NULL;
	assert_int_equal(store_open(folder, &hooks, &store, error, sizeof error), OK);
	return store;
}

static void on_done(void *arg, const struct store_outcome *outcome)
{
	(void)arg;
	assert_int_equal(outcome->err, OK);
	answered++;
}

static void write_event(struct store *store, uint64_t contact, enum store_change change, const char *body)
{
	struct store_write write = { .event = { .contact = contact, .author = AUTHOR_VISITOR,
					     .kind = change == CHANGE_OPEN ? EVENT_OPENED : EVENT_MESSAGE,
					     .time = 1, .body = body, .body_length = (uint32_t)strlen(body) },
		.change = change, .channel = CHANNEL_CHAT };
	int until = answered + 1;
	assert_int_equal(store_append(store, &write, on_done, NULL), OK);
	while (answered < until) {
		struct pollfd fd = { .fd = wake_fd, .events = POLLIN };
		uint64_t count;
		assert_int_equal(poll(&fd, 1, 10000), 1);
		(void)!read(wake_fd, &count, sizeof count);
		store_pump(store);
	}
}

static char *in(const char *name)
{
	static char paths[8][128];
	static int next;
	char *path = paths[next++ % 8];
	snprintf(path, 128, "%s/%s", folder, name);
	return path;
}

static int events_seen;
static char last_body[64];

static void count_contact(void *arg, const struct store_contact *contact)
{
	(void)arg;
	(void)contact;
}

static void count_event(void *arg, const struct event *event)
{
	(void)arg;
	events_seen++;
	snprintf(last_body, sizeof last_body, "%.*s", (int)event->body_length, event->body);
}

static void a_backup_of_a_running_store_is_restored(void **state)
{
	struct store *store = open_store();
	struct stat about;
	(void)state;
	write_event(store, 7, CHANGE_OPEN, "{}");
	write_event(store, 7, CHANGE_NONE, "voor de kopie");
	assert_int_equal(store_backup(folder, in("backup"), error, sizeof error), OK);
	assert_int_equal(stat(in("backup"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	write_event(store, 7, CHANGE_NONE, "erna");
	assert_int_equal(store_restore(in("backup"), folder, error, sizeof error), ERR_BUSY);
	assert_non_null(strstr(error, "stop it first"));
	store_close(&store);
	assert_int_equal(store_restore(in("backup"), folder, error, sizeof error), ERR_EXISTS);
	assert_non_null(strstr(error, "move it away first"));
	assert_int_equal(unlink(in("onthaal.db")), 0);
	unlink(in("onthaal.db-wal"));
	unlink(in("onthaal.db-shm"));
	assert_int_equal(store_restore(in("backup"), folder, error, sizeof error), OK);
	store = open_store();
	events_seen = 0;
	assert_int_equal(store_load(store, count_contact, count_event, NULL), OK);
	assert_int_equal(events_seen, 2);
	assert_string_equal(last_body, "voor de kopie");
	store_close(&store);
}

static void end(struct store *store, uint64_t contact)
{
	struct store_write write = { .event = { .contact = contact, .author = AUTHOR_VISITOR,
					     .kind = EVENT_CLOSED, .time = 2 },
		.change = CHANGE_CLOSE };
	int until = answered + 1;
	assert_int_equal(store_append(store, &write, on_done, NULL), OK);
	while (answered < until) {
		struct pollfd fd = { .fd = wake_fd, .events = POLLIN };
		uint64_t count;
		assert_int_equal(poll(&fd, 1, 10000), 1);
		(void)!read(wake_fd, &count, sizeof count);
		store_pump(store);
	}
}

static int rows(const char *sql)
{
	sqlite3 *sqlite = NULL;
	sqlite3_stmt *row = NULL;
	int found;

	assert_int_equal(sqlite3_open(in("onthaal.db"), &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	found = sqlite3_column_int(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(sqlite);
	return found;
}

static void what_was_forgotten_does_not_come_back_with_a_backup(void **state)
{
	struct store *store = open_store();
	struct stat about;

	(void)state;
	for (uint64_t contact = 7; contact < 10; contact++) {
		write_event(store, contact, CHANGE_OPEN, "{}");
		write_event(store, contact, CHANGE_NONE, "te vergeten");
	}
	end(store, 7);
	assert_int_equal(store_backup(folder, in("backup"), error, sizeof error), OK);
	end(store, 8); /* open in the backup */
	store_close(&store);
	assert_int_equal(store_forget(folder, 9, false, error, sizeof error), ERR_STALE);
	assert_int_equal(store_forget(folder, 7, false, error, sizeof error), OK);
	assert_int_equal(store_forget(folder, 8, false, error, sizeof error), OK);
	assert_int_equal(stat(in("forgotten"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(unlink(in("onthaal.db")), 0);
	unlink(in("onthaal.db-wal"));
	unlink(in("onthaal.db-shm"));
	assert_int_equal(store_restore(in("backup"), folder, error, sizeof error), OK);
	assert_int_equal(rows("SELECT count(*) FROM contact"), 1);
	assert_int_equal(rows("SELECT count(*) FROM event"), 0);
	assert_int_equal(rows("SELECT count(*) FROM recent WHERE contact = 9"), 2);
	assert_int_equal(rows("SELECT count(*) FROM recent"), 2);
	assert_int_equal(store_check(folder, error, sizeof error), OK);
	assert_int_equal(store_forget(folder, 7, false, error, sizeof error), ERR_NOT_FOUND);
}

static void the_list_of_what_was_forgotten_ends_with_the_backups(void **state)
{
	struct store *store = open_store();
	char line[80];
	FILE *file = fopen(in("forgotten"), "we");
	int64_t today = clock_wall() / 86400000;

	(void)state;
	fprintf(file, "%016x %lld\nnonsense\n%016x %lld\n", 1, (long long)today - 91, 2, (long long)today - 90);
	fclose(file);
	write_event(store, 7, CHANGE_OPEN, "{}");
	end(store, 7);
	store_close(&store);
	assert_int_equal(store_forget(folder, 7, false, error, sizeof error), OK);
	file = fopen(in("forgotten"), "re");
	assert_non_null(fgets(line, sizeof line, file));
	assert_memory_equal(line, "0000000000000002 ", 17);
	assert_non_null(fgets(line, sizeof line, file));
	assert_memory_equal(line, "0000000000000007 ", 17);
	assert_null(fgets(line, sizeof line, file));
	fclose(file);
}

static void no_word_stands_in_a_backup_as_it_was_written(void **state)
{
	static char bytes[1 << 20];
	struct store *store = open_store();
	(void)state;
	write_event(store, 7, CHANGE_OPEN, "{}");
	write_event(store, 7, CHANGE_NONE, "kanariewoord");
	assert_int_equal(store_backup(folder, in("backup"), error, sizeof error), OK);
	store_close(&store);
	FILE *file = fopen(in("backup"), "r");
	size_t length = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	assert_true(length > 4096 && length < sizeof bytes);
	assert_null(memmem(bytes, length, "kanariewoord", 12));
}

static void the_wrong_key_is_named_before_anything_changes(void **state)
{
	struct store *store = open_store();
	(void)state;
	write_event(store, 7, CHANGE_OPEN, "{}");
	assert_int_equal(store_backup(folder, in("backup"), error, sizeof error), OK);
	store_close(&store);
	unlink(in("onthaal.db"));
	unlink(in("onthaal.db-wal"));
	unlink(in("onthaal.db-shm"));
	assert_int_equal(unlink(in("server.key")), 0);
	assert_int_equal(store_restore(in("backup"), folder, error, sizeof error), ERR_NOT_FOUND);
	assert_non_null(strstr(error, "server.key is missing"));
	int fd = open(in("server.key"), O_WRONLY | O_CREAT, 0600);
	unsigned char other[32] = { 1 };
	assert_int_equal(write(fd, other, sizeof other), sizeof other);
	close(fd);
	assert_int_equal(store_restore(in("backup"), folder, error, sizeof error), ERR_CORRUPT);
	assert_non_null(strstr(error, "does not open with this server.key"));
	assert_int_not_equal(access(in("onthaal.db"), F_OK), 0);
}

static void a_database_whose_key_is_gone_gets_no_new_one(void **state)
{
	struct store_hooks hooks = { .wake = wake, .on_batch = no_batch, .on_trouble = no_trouble };
	struct store *store = open_store();
	(void)state;
	store_close(&store);
	assert_int_equal(unlink(in("server.key")), 0);
	assert_int_equal(store_open(folder, &hooks, &store, error, sizeof error), ERR_NOT_FOUND);
	assert_non_null(strstr(error, "put its copy back"));
	assert_int_not_equal(access(in("server.key"), F_OK), 0);
}

static void the_key_may_be_a_credential(void **state)
{
	struct store_hooks hooks = { .wake = wake, .on_batch = no_batch, .on_trouble = no_trouble };
	struct store *store = open_store();
	char path[256];

	(void)state;
	write_event(store, 7, CHANGE_OPEN, "{}");
	store_close(&store);
	assert_int_equal(mkdir(in("given"), 0700), 0);
	snprintf(path, sizeof path, "%s", in("given/server.key"));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", in("given"), 1), 0);
	store = open_store(); /* none was given: the folder's */
	store_close(&store);

	assert_int_equal(link(in("server.key"), path), 0);
	assert_int_equal(store_open(folder, &hooks, &store, error, sizeof error), ERR_DENIED);
	assert_non_null(strstr(error, "there are two server keys"));
	assert_int_equal(unlink(in("server.key")), 0);
	assert_int_equal(chmod(path, 0440), 0); /* as systemd's */
	store = open_store();
	write_event(store, 7, CHANGE_NONE, "x");
	store_close(&store);
	assert_int_not_equal(access(in("server.key"), F_OK), 0);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(store_open(folder, &hooks, &store, error, sizeof error), ERR_DENIED);
	assert_non_null(strstr(error, "can be read by others"));
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(store_open(folder, &hooks, &store, error, sizeof error), ERR_NOT_FOUND);
}

static void damage_is_found(void **state)
{
	struct store *store = open_store();
	(void)state;
	write_event(store, 7, CHANGE_OPEN, "{}");
	write_event(store, 7, CHANGE_NONE, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	store_close(&store);
	assert_int_equal(store_check(folder, error, sizeof error), OK);
	struct stat about;
	assert_int_equal(stat(in("onthaal.db"), &about), 0);
	/* cut: half of the pages are missing */
	assert_int_equal(truncate(in("onthaal.db"), about.st_size / 2), 0);
	assert_int_equal(store_check(folder, error, sizeof error), ERR_CORRUPT);
	assert_non_null(strstr(error, "restore the latest backup"));
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_backup_of_a_running_store_is_restored),
		IN_A_FOLDER(what_was_forgotten_does_not_come_back_with_a_backup),
		IN_A_FOLDER(the_list_of_what_was_forgotten_ends_with_the_backups),
		IN_A_FOLDER(no_word_stands_in_a_backup_as_it_was_written),
		IN_A_FOLDER(the_wrong_key_is_named_before_anything_changes),
		IN_A_FOLDER(a_database_whose_key_is_gone_gets_no_new_one),
		IN_A_FOLDER(the_key_may_be_a_credential),
		IN_A_FOLDER(damage_is_found),
	};
	wake_fd = eventfd(0, EFD_CLOEXEC);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
