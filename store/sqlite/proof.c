#include "store/proof.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DAY = 86400000, HOUR = 3600000, PATH_BYTES = 4096 };

void proof_day_text(int64_t day, char text_r[PROOF_DAY_TEXT])
{
	time_t seconds = (time_t)(day * (DAY / 1000));
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text_r, PROOF_DAY_TEXT, "%Y-%m-%d", &tm);
}

static void put_hex(struct json_out *out, const char *key, const uint8_t *bytes, size_t size)
{
	char hex[2 * AUDIT_SIGNATURE_SIZE + 1];
	json_put_text(out, key, sodium_bin2hex(hex, sizeof hex, bytes, size));
}

static void put_head(struct json_out *out, const struct audit_head *head)
{
	json_put_object(out, "audit_head");
	json_put_number(out, "row", head->last);
	json_put_number(out, "time", head->time);
	put_hex(out, "hash", head->hash, sizeof head->hash);
	put_hex(out, "signature", head->signature, sizeof head->signature);
	json_put_object_end(out);
}

void proof_write(struct json_out *out, const struct staff_db *db, const struct store_proof *proof,
	const struct store_retention *retention, const struct audit_head *head)
{
	uint8_t signature[AUDIT_SIGNATURE_SIZE], public[AUDIT_PUBLIC_SIZE];
	char day[PROOF_DAY_TEXT];

	proof_day_text(proof->day, day);
	json_put_object(out, NULL);
	json_put_text(out, "day", day);
	json_put_number(out, "asked", clock_wall());
	json_put_object(out, "shredded");
	json_put_number(out, "chats", proof->chats);
	json_put_number(out, "telephone", proof->telephone);
	json_put_number(out, "notes", proof->notes);
	json_put_number(out, "forgotten", proof->forgotten);
	json_put_number(out, "audit_rows", proof->audit);
	json_put_object_end(out);
	json_put_object(out, "kept");
	json_put_number(out, "closed", proof->kept);
	json_put_number(out, "overdue", proof->overdue);
	json_put_number(out, "unsealed", proof->unsealed);
	json_put_number(out, "oldest", proof->oldest);
	json_put_object_end(out);
	json_put_object(out, "days");
	json_put_number(out, "chat", retention->chat_days);
	json_put_number(out, "telephone", retention->telephone_days);
	json_put_number(out, "notes", retention->notes_days);
	json_put_number(out, "backup", retention->backup_days);
	json_put_object_end(out);
	if (head)
		put_head(out, head);
	audit_sign_bytes(db, (const uint8_t *)out->bytes, out->length, signature, public);
	put_hex(out, "signature", signature, sizeof signature);
	put_hex(out, "public", public, sizeof public);
	json_put_object_end(out);
}

/* The folder of the proofs, made when it is missing, or -1. */
static int open_folder(sqlite3 *sqlite)
{
	const char *file = sqlite3_db_filename(sqlite, "main"), *slash = file ? strrchr(file, '/') : NULL;
	char path[PATH_BYTES];

	if (!slash)
		return -1;
	snprintf(path, sizeof path, "%.*s/proofs", (int)(slash - file), file);
	if (mkdir(path, 0700) && errno != EEXIST)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Whole, or not at all. */
static enum err write_file(int folder, const char *name, const struct json_out *out)
{
	int file = openat(folder, "part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = file >= 0 && write(file, out->bytes, out->length) == (ssize_t)out->length
		&& write(file, "\n", 1) == 1 && !fsync(file);

	if (file >= 0)
		close(file);
	return good && !renameat(folder, "part", folder, name) && !fsync(folder) ? OK : ERR_IO;
}

static void drop_old(int folder, int64_t before)
{
	char oldest[PROOF_DAY_TEXT];
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	proof_day_text(before, oldest);
	while (list && (entry = readdir(list)))
		if (strlen(entry->d_name) == strlen("2026-11-25.json") && !strcmp(entry->d_name + 10, ".json")
			&& strncmp(entry->d_name, oldest, 10) < 0)
			unlinkat(folder, entry->d_name, 0);
	if (list)
		closedir(list);
	else if (again >= 0)
		close(again);
}

static void tell(const struct store_proof *proof, const char *day)
{
	if (proof->overdue || proof->unsealed)
		log_warn("the day's proof", "day=%s overdue=%u unsealed=%u advice=\"onthaal proof\"", day,
			proof->overdue, proof->unsealed);
	else
		log_info("the day's proof", "day=%s overdue=0 unsealed=0 chats=%u telephone=%u notes=%u",
			day, proof->chats, proof->telephone, proof->notes);
}

int64_t proof_due(const struct store_retention *retention)
{
	return (clock_wall() - retention->proof_hour * (int64_t)HOUR) / DAY - 1;
}

enum err proof_of_day(const struct staff_db *db, const struct store_retention *retention, int64_t day,
	const struct audit_head *head)
{
	char text[PROOF_DAY_TEXT], name[PROOF_DAY_TEXT + 8];
	struct store_proof proof;
	struct json_out out;
	int folder = open_folder(db->sqlite);
	enum err err = folder < 0 ? ERR_IO : OK;

	proof_day_text(day, text);
	snprintf(name, sizeof name, "%s.json", text);
	if (!err && !faccessat(folder, name, F_OK, 0)) {
		close(folder);
		return OK;
	}
	if (!err)
		err = proof_find(db->sqlite, retention, day, &proof);
	if (!err) {
		json_out_init(&out, 0);
		proof_write(&out, db, &proof, retention, head);
		err = write_file(folder, name, &out);
		json_out_finish(&out);
	}
	if (!err)
		tell(&proof, text);
	if (!err && retention->audit_days)
		drop_old(folder, day - retention->audit_days);
	if (folder >= 0)
		close(folder);
	return err;
}
