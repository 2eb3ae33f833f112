/* Forgetting follows the clock, and one that is wrong would have everything destroyed at once: after a leap
 * ahead nothing is destroyed for some days, so that somebody can set it right. */
#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite/private.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { HOUR = 3600000, DAY = 24 * HOUR, DAYS_BYTES = 200 };

struct seen {
	int64_t wall, until; /* at the last keeping; nothing is destroyed before until */
};

static enum err read_seen(sqlite3 *sqlite, struct seen *seen_r)
{
	sqlite3_stmt *find = NULL;
	int code = SQLITE_ERROR;

	*seen_r = (struct seen) { 0 };
	if (!sqlite3_prepare_v2(sqlite, "SELECT seen, until FROM keeping", -1, &find, NULL)
		&& (code = sqlite3_step(find)) == SQLITE_ROW)
		*seen_r = (struct seen) { sqlite3_column_int64(find, 0), sqlite3_column_int64(find, 1) };
	sqlite3_finalize(find);
	return code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;
}

static enum err write_seen(sqlite3 *sqlite, const struct seen *seen)
{
	sqlite3_stmt *put = NULL;
	bool good = !sqlite3_prepare_v2(sqlite,
			    "UPDATE keeping SET seen = ?1, until = ?2", -1, &put, NULL)
		&& !sqlite3_bind_int64(put, 1, seen->wall) && !sqlite3_bind_int64(put, 2, seen->until)
		&& sqlite3_step(put) == SQLITE_DONE;

	sqlite3_finalize(put);
	return good ? OK : ERR_IO;
}

/* A time within a range that arithmetic can bear, whatever the row says. */
static bool sane(int64_t time)
{
	return time > 0 && time < INT64_MAX / 4;
}

/* How far the clock went beyond what has passed; 0: not known. */
static int64_t leap(const struct store *store, const struct seen *seen, int64_t wall, int64_t mono)
{
	if (store->seen_mono)
		return wall - store->seen_wall - (mono - store->seen_mono);
	return sane(seen->wall) ? wall - seen->wall : 0;
}

static void tell(const struct seen *seen, int64_t ahead)
{
	if (ahead)
		log_warn("the clock leapt ahead", "days=%" PRId64 " until=%" PRId64
			" advice=\"nothing is destroyed until then: set the clock right\"",
			ahead / DAY, seen->until);
	else
		log_warn("forgetting waits", "until=%" PRId64
			" advice=\"the clock leapt ahead: set it right, or let it pass\"", seen->until);
}

enum err leap_look(struct store *store, bool *held_r)
{
	sqlite3 *sqlite = store->writer.sqlite;
	int64_t wall = clock_wall(), mono = clock_mono(), ahead;
	struct seen seen;
	enum err err = read_seen(sqlite, &seen);
	bool hour = wall / HOUR != seen.wall / HOUR;

	if (err)
		return err;
	ahead = leap(store, &seen, wall, mono);
	ahead = ahead > STORE_LEAP_DAYS * (int64_t)DAY ? ahead : 0;
	if (ahead)
		seen.until = wall + STORE_HOLD_DAYS * (int64_t)DAY;
	/* until is further away than that: the clock was set right */
	*held_r = sane(seen.until) && wall < seen.until && seen.until - wall <= STORE_HOLD_DAYS * (int64_t)DAY;
	if (ahead || (*held_r && (hour || !store->seen_mono)))
		tell(&seen, ahead);
	seen.wall = wall;
	return ahead || hour ? write_seen(sqlite, &seen) : OK;
}

static void write_days(const struct store_retention *now, char *text_r, size_t size)
{
	snprintf(text_r, size,
		"{\"chat_days\":%u,\"telephone_days\":%u,\"notes_days\":%u,\"return_hours\":%u,\"audit_days\":%u,"
		"\"backup_days\":%u}", now->chat_days, now->telephone_days, now->notes_days, now->return_hours,
		now->audit_days, now->backup_days);
}

/* ERR_NOT_FOUND: they are the same as before. */
static enum err put_days(sqlite3 *sqlite, const char *days)
{
	sqlite3_stmt *put = NULL;
	bool good = !sqlite3_prepare_v2(
			    sqlite, "UPDATE keeping SET days = ?1 WHERE days <> ?1", -1, &put, NULL)
		&& !sqlite3_bind_text(put, 1, days, -1, SQLITE_STATIC) && sqlite3_step(put) == SQLITE_DONE;

	sqlite3_finalize(put);
	return !good ? ERR_IO : sqlite3_changes(sqlite) ? OK : ERR_NOT_FOUND;
}

enum err leap_retention(struct store *store, const struct store_retention *now)
{
	struct staff_db db = { .sqlite = store->writer.sqlite };
	char days[DAYS_BYTES];
	enum err err;

	write_days(now, days, sizeof days);
	err = put_days(db.sqlite, days);
	if (err)
		return err == ERR_NOT_FOUND ? OK : err;
	memcpy(db.server, store->key, sizeof db.server);
	err = audit_append(&db, clock_wall(), 0, "retention.set", days);
	sodium_memzero(db.server, sizeof db.server);
	return err;
}

void leap_note(struct store *store)
{
	int64_t mono = clock_mono();

	store->seen_wall = clock_wall();
	store->seen_mono = mono ? mono : 1;
}
