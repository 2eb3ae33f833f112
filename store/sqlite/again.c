/* DATA/forgotten: the contacts that were destroyed before their time, a line each ("ID DAY"), so that a backup
 * of before, put back, is without them again. */
#include "base/clock.h"
#include "store/sqlite/private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY = 86400000, PATH_BYTES = 4096, LINE_BYTES = 64,
	BACKUP_DAYS = 90 }; /* the most that retention.backup_days can be: then no backup holds it */

static bool read_line(FILE *file, uint64_t *contact_r, int64_t *day_r)
{
	char line[LINE_BYTES];

	while (fgets(line, sizeof line, file))
		if (sscanf(line, "%" SCNx64 " %" SCNd64, contact_r, day_r) == 2)
			return true;
	return false;
}

/* Whole, or not at all; and there before the contact is gone, also after a power cut. */
static enum err write_with(const char *path, uint64_t contact)
{
	char made[PATH_BYTES + 8];
	int64_t today = clock_wall() / DAY, day;
	FILE *from = fopen(path, "re"), *to;
	uint64_t each;
	bool good;
	int fd;

	snprintf(made, sizeof made, "%s.part", path);
	fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	while (from && to && read_line(from, &each, &day))
		if (each != contact && today - day <= BACKUP_DAYS)
			fprintf(to, "%016" PRIx64 " %" PRId64 "\n", each, day);
	if (from)
		fclose(from);
	if (!to)
		return ERR_IO;
	fprintf(to, "%016" PRIx64 " %" PRId64 "\n", contact, today);
	good = !fflush(to) && !ferror(to) && !fsync(fd);
	good = !fclose(to) && good;
	return good && !rename(made, path) && !upkeep_sync_folder(path) ? OK : ERR_IO;
}

enum err again_note(sqlite3 *sqlite, uint64_t contact)
{
	const char *file = sqlite3_db_filename(sqlite, "main"), *slash = file ? strrchr(file, '/') : NULL;
	char path[PATH_BYTES];

	if (!slash)
		return ERR_IO;
	snprintf(path, sizeof path, "%.*s/forgotten", (int)(slash - file), file);
	return write_with(path, contact);
}

static enum err forget_one(sqlite3 *sqlite, uint64_t contact)
{
	char sql[80]; /* it may have been open then */

	snprintf(sql, sizeof sql, "DELETE FROM recent WHERE contact = %" PRId64, (int64_t)contact);
	return sqlite3_exec(sqlite, sql, NULL, NULL, NULL) ? ERR_IO : keep_shred(sqlite, contact);
}

static enum err forget_all(sqlite3 *sqlite, const char *folder)
{
	char path[PATH_BYTES];
	uint64_t contact;
	int64_t day;
	FILE *file;
	enum err err = OK;

	snprintf(path, sizeof path, "%s/forgotten", folder);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? OK : ERR_IO;
	while (!err && read_line(file, &contact, &day))
		err = forget_one(sqlite, contact);
	if (ferror(file))
		err = ERR_IO;
	fclose(file);
	return err;
}

enum err again_settle(const char *folder, char *error, size_t size)
{
	/* What the clock was then says nothing now; who was signed in, signs in again. */
	static const char begin[]
		= "BEGIN IMMEDIATE; UPDATE keeping SET seen = 0, until = 0; DELETE FROM session";
	sqlite3 *sqlite = NULL;
	enum err err = db_connect(folder, &sqlite, error, size);

	if (err)
		return err;
	if (sqlite3_exec(sqlite, begin, NULL, NULL, NULL) || forget_all(sqlite, folder)
		|| sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL)) {
		snprintf(error, size,
			"%s/onthaal.db holds what was forgotten after that backup, and %s/forgotten cannot be "
			"followed: %s: move the database away, see to that file, restore again",
			folder, folder, sqlite3_errmsg(sqlite));
		err = ERR_IO;
	}
	if (!err)
		(void)!keep_empty_wal(sqlite);
	sqlite3_close(sqlite);
	return err;
}
