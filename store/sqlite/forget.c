/* One contact, destroyed before its time. Who asks (store_forget) is another process than the daemon that may
 * serve the folder, and have words of it in memory and on screens: a row asks it to let go, and is dropped
 * when it has. */
#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite/private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { POLLS_A_SECOND = 20, PATH_BYTES = 4096 };

static enum err run(sqlite3 *sqlite, const char *sql)
{
	return sqlite3_exec(sqlite, sql, NULL, NULL, NULL) ? ERR_IO : OK;
}

/* One number of the contact, or none. */
static enum err find(sqlite3 *sqlite, const char *sql, uint64_t contact, int *number_r)
{
	sqlite3_stmt *row = NULL;
	int code = SQLITE_ERROR;

	if (!sqlite3_prepare_v2(sqlite, sql, -1, &row, NULL)
		&& !sqlite3_bind_int64(row, 1, (int64_t)contact)) {
		code = sqlite3_step(row);
		*number_r = code == SQLITE_ROW ? sqlite3_column_int(row, 0) : 0;
	}
	sqlite3_finalize(row);
	return code == SQLITE_ROW ? OK : code == SQLITE_DONE ? ERR_NOT_FOUND : ERR_IO;
}

static enum err find_state(sqlite3 *sqlite, uint64_t contact, enum contact_state *state_r)
{
	int state = 0;
	enum err err = find(sqlite, "SELECT state FROM contact WHERE id = ?1", contact, &state);

	*state_r = (enum contact_state)state;
	return err;
}

static enum err shred(sqlite3 *sqlite, uint64_t contact)
{
	enum err err = keep_shred(sqlite, contact);
	return err ? err : keep_count_forgotten(sqlite);
}

/* ---- in the daemon */

static enum err let_go(struct store *store, struct job *job)
{
	sqlite3 *sqlite = store->writer.sqlite;
	sqlite3_stmt *drop = db_statement(&store->writer, DROP_FORGETTING);
	enum err err;

	sqlite3_bind_int64(drop, 1, (int64_t)job->contact);
	job->contact = 0;
	err = batch_step(store, DROP_FORGETTING);
	sqlite3_reset(drop);
	if (!keep_empty_wal(sqlite)) {
		pthread_mutex_lock(&store->mutex);
		store->keep_due = true;
		pthread_mutex_unlock(&store->mutex);
	}
	return err;
}

static enum err look(struct store *store, struct job *job)
{
	sqlite3_stmt *first = db_statement(&store->writer, FIND_FORGETTING);
	int code = sqlite3_step(first);

	if (code == SQLITE_ROW) {
		job->contact = (uint64_t)sqlite3_column_int64(first, 0);
		job->outcome.state = (enum contact_state)sqlite3_column_int(first, 1);
	}
	sqlite3_reset(first);
	return code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;
}

/* It was open when it was asked for, and is closed by now. */
static enum err shred_here(sqlite3 *sqlite, uint64_t contact)
{
	enum contact_state state;
	enum err err = run(sqlite, "BEGIN IMMEDIATE");

	if (!err)
		err = find_state(sqlite, contact, &state);
	if (!err)
		err = state == CONTACT_CLOSED ? shred(sqlite, contact) : ERR_STALE;
	if (!err)
		err = run(sqlite, "COMMIT");
	if (err && !sqlite3_get_autocommit(sqlite))
		(void)!run(sqlite, "ROLLBACK");
	return err == ERR_NOT_FOUND ? OK : err; /* shredded where it was asked for */
}

void forget_run(struct store *store, struct job *job)
{
	enum err err = job->contact ? let_go(store, job) : look(store, job);

	if (!err && job->contact && job->outcome.state == CONTACT_CLOSED)
		err = shred_here(store->writer.sqlite, job->contact);
	if (err)
		job->contact = 0; /* again in a second */
	if (err && err != ERR_STALE)
		log_error("forgetting failed", "err=%s sqlite=%d", err_word(err),
			sqlite3_extended_errcode(store->writer.sqlite));
}

/* ---- beside it */

static bool is_served(const char *folder)
{
	char path[PATH_BYTES];
	int fd;
	bool served;

	snprintf(path, sizeof path, "%s/lock", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	served = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB);
	if (fd >= 0)
		close(fd);
	return served;
}

static enum err ask(sqlite3 *sqlite, uint64_t contact)
{
	char sql[100];
	snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO forgetting VALUES (%lld)", (long long)contact);
	return run(sqlite, sql);
}

static enum err note(struct staff_db *db, uint64_t contact)
{
	char detail[64];
	snprintf(detail, sizeof detail, "{\"contact\":\"%016" PRIx64 "\"}", contact);
	return audit_append(db, clock_wall(), 0, "contact.forgotten", detail);
}

/* *asked_r: whoever serves the folder, now or next, has to let go of it. */
static enum err begin(
	struct staff_db *db, uint64_t contact, bool open_too, bool served, bool *asked_r)
{
	sqlite3 *sqlite = db->sqlite;
	enum contact_state state;
	enum err err = run(sqlite, "BEGIN IMMEDIATE");

	if (!err)
		err = find_state(sqlite, contact, &state);
	if (!err && state != CONTACT_CLOSED && !open_too)
		err = ERR_STALE;
	if (!err)
		err = again_note(sqlite, contact);
	if (!err && state == CONTACT_CLOSED)
		err = shred(sqlite, contact);
	*asked_r = !err && (served || state != CONTACT_CLOSED);
	if (*asked_r)
		err = ask(sqlite, contact);
	if (!err)
		err = note(db, contact);
	if (!err)
		err = run(sqlite, "COMMIT");
	return err;
}

static enum err wait_for_daemon(sqlite3 *sqlite, uint64_t contact)
{
	static const struct timespec pause = { .tv_nsec = 1000000000 / POLLS_A_SECOND };
	int number;

	for (int i = 0; i < STORE_FORGET_SECONDS * POLLS_A_SECOND; i++) {
		enum err err
			= find(sqlite, "SELECT 1 FROM forgetting WHERE contact = ?1", contact, &number);
		if (err)
			return err == ERR_NOT_FOUND ? OK : err;
		nanosleep(&pause, NULL);
	}
	return ERR_BUSY;
}

/* Readers are done soon, but a backup may take its time. */
static void empty_log(sqlite3 *sqlite)
{
	static const struct timespec pause = { .tv_nsec = 1000000000 / POLLS_A_SECOND };
	bool empty = keep_empty_wal(sqlite);

	for (int i = 0; !empty && i < 2 * POLLS_A_SECOND; i++) {
		nanosleep(&pause, NULL);
		empty = keep_empty_wal(sqlite);
	}
	if (!empty)
		log_warn("the log is in use", "%s",
			"why=\"a backup reads it\" advice=\"it is emptied by the running onthaal, or at the next start\"");
}

static const char *why(enum err err, bool served)
{
	switch (err) {
	case ERR_NOT_FOUND:
		return "there is no such contact (any more)";
	case ERR_STALE:
		return "it is still open: close it first, in the console, or end it with --open: its "
		       "visitor then reads that it is over, and erased";
	case ERR_BUSY:
		return served ? "the running onthaal does not answer, so pages that are open may still "
				"show it: restart it"
			      : "it is open, and no onthaal runs that could end it: it is destroyed when "
				"one is started";
	default:
		return NULL;
	}
}

enum err store_forget(
	const char *folder, uint64_t contact, bool open_too, char *error, size_t size)
{
	struct staff_db *db = NULL;
	bool asked, served = is_served(folder);
	enum err err = staff_open(folder, &db, error, size);

	if (err)
		return err;
	err = begin(db, contact, open_too, served, &asked);
	if (!err && asked)
		err = served ? wait_for_daemon(db->sqlite, contact) : ERR_BUSY;
	if (err)
		snprintf(error, size, "%s",
			why(err, served) ? why(err, served) : sqlite3_errmsg(db->sqlite));
	if (err && !sqlite3_get_autocommit(db->sqlite))
		(void)!run(db->sqlite, "ROLLBACK");
	if (!err || err == ERR_BUSY)
		empty_log(db->sqlite);
	staff_close(&db);
	return err;
}
