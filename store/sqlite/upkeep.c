/* Backup, restore, check: by the command line, each on a connection of its own. */
#include "base/clock.h"
#include "base/mem.h"
#include "store/sqlite/private.h"
#include "store/staff.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static enum err open_read_only(const char *path, sqlite3 **sqlite_r, char *error, size_t size)
{
	if (access(path, R_OK)) {
		snprintf(error, size, "%s: %s", path, strerror(errno));
		return ERR_NOT_FOUND;
	}
	if (!sqlite3_open_v2(path, sqlite_r, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL)
		&& !sqlite3_busy_timeout(*sqlite_r, 10000))
		return OK;
	snprintf(error, size, "%s: %s", path, sqlite3_errmsg(*sqlite_r));
	return ERR_IO;
}

static int sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return result;
}

static void folder_of(const char *file, char folder_r[PATH_BYTES])
{
	const char *slash = strrchr(file, '/');

	if (slash)
		snprintf(folder_r, PATH_BYTES, "%.*s/", (int)(slash - file), file);
	else
		strcpy(folder_r, ".");
}

int upkeep_sync_folder(const char *path)
{
	char folder[PATH_BYTES];

	folder_of(path, folder);
	return sync_file(folder);
}

/* A whole, compact copy of one moment; free pages, which may hold old text, are not in it. */
static enum err copy_into(sqlite3 *sqlite, const char *to, char *error, size_t size)
{
	sqlite3_stmt *copy = NULL;
	int code = sqlite3_prepare_v2(sqlite, "VACUUM INTO ?1", -1, &copy, NULL);

	if (!code)
		code = sqlite3_bind_text(copy, 1, to, -1, SQLITE_STATIC);
	if (!code)
		code = sqlite3_step(copy);
	if (code != SQLITE_DONE)
		snprintf(error, size, "%s cannot be written: %s", to, sqlite3_errmsg(sqlite));
	sqlite3_finalize(copy);
	return code == SQLITE_DONE ? OK : ERR_IO;
}

static enum err stamp(const char *made, char *error, size_t size)
{
	sqlite3 *sqlite = NULL;
	char sql[120];
	bool good;

	snprintf(sql, sizeof sql, "CREATE TABLE backup (made INTEGER); INSERT INTO backup VALUES (%lld)",
		(long long)clock_wall());
	good = !sqlite3_open_v2(made, &sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
		&& !sqlite3_exec(sqlite, sql, NULL, NULL, NULL);
	if (!good)
		snprintf(error, size, "%s: %s", made, sqlite3_errmsg(sqlite));
	sqlite3_close(sqlite);
	return good ? OK : ERR_IO;
}

enum err store_backup_made(const char *file, int64_t *made_r, char *error, size_t size)
{
	sqlite3 *sqlite = NULL;
	sqlite3_stmt *find = NULL;
	enum err err = open_read_only(file, &sqlite, error, size);

	if (err)
		return err;
	if (sqlite3_prepare_v2(sqlite, "SELECT made FROM backup", -1, &find, NULL)
		|| sqlite3_step(find) != SQLITE_ROW) {
		snprintf(error, size, "%s is not a backup made by onthaal backup", file);
		err = ERR_INVALID;
	} else {
		*made_r = sqlite3_column_int64(find, 0);
	}
	sqlite3_finalize(find);
	sqlite3_close(sqlite);
	return err;
}

/* Not over what is there. */
static int move(const char *made, const char *to)
{
	if (!renameat2(AT_FDCWD, made, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS) /* else the file system cannot: a stick, a share */
		return -1;
	if (!access(to, F_OK)) {
		errno = EEXIST;
		return -1;
	}
	return rename(made, to);
}

static enum err land(const char *made, const char *to, char *error, size_t size)
{
	if (!chmod(made, 0600) && !sync_file(made) && !move(made, to) && !upkeep_sync_folder(to))
		return OK;
	snprintf(error, size, "%s cannot be written: %s", to, strerror(errno));
	return errno == EEXIST ? ERR_EXISTS : ERR_IO;
}

/* One at a time into a folder: whoever comes second waits. What is unfinished there is then nobody's. */
static int lock_target(const char *file)
{
	char folder[PATH_BYTES];
	int fd;

	folder_of(file, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)!flock(fd, LOCK_EX); /* a file system may have none */
	return fd;
}

static void drop_part(const char *made)
{
	static const char *const more[] = { "", "-journal", "-wal", "-shm" };
	char path[PATH_BYTES + 8];

	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		snprintf(path, sizeof path, "%s%s", made, more[i]);
		unlink(path);
	}
}

static enum err write_backup(const char *folder, const char *file, char *error, size_t size)
{
	char from[PATH_BYTES], made[PATH_BYTES + 8];
	sqlite3 *sqlite = NULL;
	enum err err;

	if (!access(file, F_OK)) {
		snprintf(error, size,
			"%s is there already, and stays as it is: give another name, or a folder: "
			"there each gets its own, and those past their time go",
			file);
		return ERR_EXISTS;
	}
	snprintf(from, sizeof from, "%s/onthaal.db", folder);
	snprintf(made, sizeof made, "%s" STORE_PART, file);
	drop_part(made);
	err = open_read_only(from, &sqlite, error, size);
	if (!err)
		err = copy_into(sqlite, made, error, size);
	sqlite3_close(sqlite);
	if (!err)
		err = stamp(made, error, size);
	if (!err)
		err = land(made, file, error, size);
	if (err)
		drop_part(made);
	return err;
}

enum err store_backup(const char *folder, const char *file, char *error, size_t size)
{
	mode_t mask = umask(077);
	int lock = lock_target(file);
	enum err err = write_backup(folder, file, error, size);

	if (lock >= 0)
		close(lock);
	umask(mask);
	return err;
}

static enum err corrupt(char *error, size_t size, const char *path, const char *what)
{
	snprintf(error, size, "%s: %s: restore the latest backup (onthaal restore)", path, what);
	return ERR_CORRUPT;
}

static enum err check_pages(sqlite3 *sqlite, const char *path, char *error, size_t size)
{
	sqlite3_stmt *statement = NULL;
	enum err err = OK;

	if (sqlite3_prepare_v2(sqlite, "PRAGMA integrity_check(1)", -1, &statement, NULL)
		|| sqlite3_step(statement) != SQLITE_ROW)
		err = corrupt(error, size, path, sqlite3_errmsg(sqlite));
	else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
		err = corrupt(error, size, path,
			(const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return err;
}

/* Dense from 1 to last_seq, and every sealed text opens; key is NULL where the server has none. */
static enum err check_contact(
	sqlite3_stmt *events, uint64_t contact, uint32_t last, const uint8_t *key)
{
	uint32_t seq = 0;
	enum err err = OK;

	sqlite3_reset(events);
	sqlite3_bind_int64(events, 1, (int64_t)contact);
	while (!err && sqlite3_step(events) == SQLITE_ROW) {
		struct event event = { .seq = (uint32_t)sqlite3_column_int64(events, 1) };
		if (key)
			err = event_unseal(events, key, &event);
		if (!err && event.seq != ++seq)
			err = ERR_CORRUPT;
		event_free(&event);
	}
	return err || seq != last ? ERR_CORRUPT : OK;
}

static enum err check_contacts(sqlite3 *sqlite, const uint8_t server[SEAL_KEY_SIZE],
	const char *path, char *error, size_t size)
{
	sqlite3_stmt *contacts = NULL, *events = NULL;
	uint8_t key[SEAL_KEY_SIZE];
	enum err err = OK;

	if (sqlite3_prepare_v2(
		    sqlite, "SELECT id, last_seq, key, state, (SELECT count(*) FROM seal"
		    " WHERE contact = id) FROM contact",
		    -1, &contacts, NULL)
		|| recent_places(sqlite)
		|| sqlite3_prepare_v2(sqlite,
			"SELECT contact, seq, kind, author, staff, time, client_id, body, meta"
			" FROM event WHERE contact = ?1 UNION ALL"
			" SELECT r.contact, r.seq, r.kind, r.author, r.staff, r.time, r.client_id,"
			" r.body, r.meta FROM place p JOIN recent r ON r.id = p.row"
			" WHERE p.contact = ?1 ORDER BY 2",
			-1, &events, NULL))
		err = corrupt(error, size, path, sqlite3_errmsg(sqlite));
	while (!err && sqlite3_step(contacts) == SQLITE_ROW) {
		uint64_t contact = (uint64_t)sqlite3_column_int64(contacts, 0);
		bool sealed = sqlite3_column_int(contacts, 3) == CONTACT_CLOSED
			&& sqlite3_column_type(contacts, 2) == SQLITE_NULL
			&& sqlite3_column_int(contacts, 4) > 0;
		if (!sealed && seal_unwrap(server, contact, sqlite3_column_blob(contacts, 2),
			    (size_t)sqlite3_column_bytes(contacts, 2), key)) {
			snprintf(error, size,
				"%s does not open with this server.key: restore the key that "
				"belongs to it",
				path);
			err = ERR_CORRUPT;
		} else if (check_contact(events, contact,
				   (uint32_t)sqlite3_column_int64(contacts, 1),
				   sealed ? NULL : key)) {
			err = corrupt(error, size, path, "a contact is damaged");
		}
	}
	sodium_memzero(key, sizeof key);
	sqlite3_finalize(contacts);
	sqlite3_finalize(events);
	return err;
}

static enum err check_file(
	const char *path, const char *folder, char *error, size_t size)
{
	uint8_t key[SEAL_KEY_SIZE];
	sqlite3 *sqlite = NULL;
	enum err err = open_read_only(path, &sqlite, error, size);

	if (!err)
		err = check_pages(sqlite, path, error, size);
	if (!err)
		err = seal_server_key(folder, key, error, size);
	if (!err)
		err = check_contacts(sqlite, key, path, error, size);
	sodium_memzero(key, sizeof key);
	sqlite3_close(sqlite);
	return err;
}

enum err store_check(const char *folder, char *error, size_t size)
{
	char path[PATH_BYTES];
	struct staff_db *staff = NULL;
	enum err err;

	if (sodium_init() < 0)
		abort();
	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	err = check_file(path, folder, error, size);
	if (!err)
		err = staff_open(folder, &staff, error, size);
	if (!err)
		err = audit_verify(staff, error, size);
	staff_close(&staff);
	return err;
}

static enum err copy_file(const char *from, const char *to, char *error, size_t size)
{
	static char bytes[1 << 16];
	FILE *in = fopen(from, "re"), *out = in ? fopen(to, "we") : NULL;
	size_t length;
	bool good = out != NULL;

	while (good && (length = fread(bytes, 1, sizeof bytes, in)) > 0)
		good = fwrite(bytes, 1, length, out) == length;
	good = good && !ferror(in);
	if (in)
		fclose(in);
	if (out && fclose(out))
		good = false;
	if (!good)
		snprintf(error, size, "%s: %s", out ? to : from, strerror(errno));
	return good ? OK : ERR_IO;
}

static enum err restore_locked(const char *file, const char *folder, char *error, size_t size)
{
	char path[PATH_BYTES], made[PATH_BYTES];
	enum err err;

	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	snprintf(made, sizeof made, "%s/onthaal.db.part", folder);
	if (!access(path, F_OK)) {
		snprintf(error, size,
			"%s is there already: move it away first (with its -wal file), nothing was "
			"changed",
			path);
		return ERR_EXISTS;
	}
	err = copy_file(file, made, error, size);
	if (!err)
		err = check_file(made, folder, error, size);
	if (!err)
		err = land(made, path, error, size);
	if (err)
		unlink(made);
	return err ? err : again_settle(folder, error, size);
}

enum err store_restore(const char *file, const char *folder, char *error, size_t size)
{
	char path[PATH_BYTES];
	mode_t mask;
	enum err err;
	int lock;

	if (sodium_init() < 0)
		abort();
	snprintf(path, sizeof path, "%s/server.key", folder);
	if (access(path, R_OK) && !seal_credential(path, sizeof path)) {
		snprintf(error, size,
			"%s is missing: put the copy of the key that belongs to this backup there first",
			path);
		return ERR_NOT_FOUND;
	}
	mask = umask(077);
	snprintf(path, sizeof path, "%s/lock", folder);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB)) {
		snprintf(error, size, "%s is in use by a running onthaal: stop it first", folder);
		err = ERR_BUSY;
	} else {
		err = restore_locked(file, folder, error, size);
	}
	if (lock >= 0)
		close(lock);
	umask(mask);
	return err;
}
