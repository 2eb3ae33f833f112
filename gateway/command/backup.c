#include "base/clock.h"
#include "command/command.h"
#include "store/staff.h"
#include "store/store.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DAY = 86400000, PATH_BYTES = 4096, TRIES = 3 };

static const char prefix[] = "onthaal-", suffix[] = ".backup";

static bool is_folder(const char *path)
{
	struct stat about;
	return !stat(path, &about) && S_ISDIR(about.st_mode);
}

static bool overdue(int64_t made, const struct config *config)
{
	return clock_wall() - made > config->retention.backup_days * (int64_t)DAY;
}

static bool begins_as_ours(const char *name)
{
	return !strncmp(name, prefix, sizeof prefix - 1);
}

static bool is_backup(const char *name)
{
	size_t length = strlen(name);
	return length >= sizeof prefix + sizeof suffix && begins_as_ours(name)
		&& !strcmp(name + length - (sizeof suffix - 1), suffix);
}

/* Of one that was interrupted, with what SQLite had beside it. */
static bool is_part(const char *name)
{
	const char *end = begins_as_ours(name) ? strstr(name, suffix) : NULL;
	return end && !strncmp(end + sizeof suffix - 1, STORE_PART, sizeof STORE_PART - 1);
}

static bool is_overdue(const char *path, const struct config *config)
{
	char error[512];
	int64_t made;
	return !store_backup_made(path, &made, error, sizeof error) && overdue(made, config);
}

/* Of the backups that were made into this folder, those past their time; and parts of interrupted ones,
 * unless one is under way. */
static unsigned prune(const char *folder, const struct config *config)
{
	DIR *list = opendir(folder);
	bool alone = list && !flock(dirfd(list), LOCK_EX | LOCK_NB);
	struct dirent *entry;
	unsigned gone = 0;

	while (list && (entry = readdir(list))) {
		char path[PATH_BYTES];
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (alone && is_part(entry->d_name))
			unlink(path);
		else if (is_backup(entry->d_name) && is_overdue(path, config) && !unlink(path))
			gone++;
	}
	if (list)
		closedir(list);
	return gone;
}

static enum err make_in_folder(const struct config *config, const char *folder,
	char path_r[PATH_BYTES], char *error, size_t size)
{
	enum err err = ERR_EXISTS;

	for (int tries = 0; err == ERR_EXISTS && tries < TRIES; tries++) {
		char when[32];
		if (tries) /* another was made in this second */
			sleep(1);
		time_t now = (time_t)(clock_wall() / 1000);
		strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime(&now));
		snprintf(path_r, PATH_BYTES, "%s/%s%s%s", folder, prefix, when, suffix);
		err = store_backup(config->data, path_r, error, size);
	}
	return err;
}

/* A copy of everything was made, or all is again as it was: whoever reads the log later must know. */
static int tell_audit(const struct config *config, const char *what, const char *detail)
{
	struct staff_db *db = NULL;
	char error[PATH_BYTES + 256] = "the audit log cannot be written";
	enum err err = staff_open(config->data, &db, error, sizeof error);

	if (!err)
		err = audit_add(db, 0, what, detail);
	staff_close(&db);
	if (err)
		fprintf(stderr, "onthaal: it is done, but not recorded: %s\n", error);
	return err ? 1 : 0;
}

static int make(const struct config *config, const char *where)
{
	char path[PATH_BYTES], error[PATH_BYTES + 256];
	bool folder = is_folder(where);
	enum err err;

	snprintf(path, sizeof path, "%s", where);
	err = folder ? make_in_folder(config, where, path, error, sizeof error)
		     : store_backup(config->data, path, error, sizeof error);
	if (err) {
		fprintf(stderr, "onthaal: %s\n", error);
		return 1;
	}
	printf("%s is written. It opens only with %s/server.key: keep a copy of that elsewhere.\n",
		path, config->data);
	if (folder)
		printf("%u older than %u days are gone.\n", prune(where, config),
			config->retention.backup_days);
	else
		printf("Destroy it within %u days: then it holds what is promised to be gone.\n",
			config->retention.backup_days);
	return tell_audit(config, "backup.made", "{}");
}

static int put_back(const struct config *config, const char *file)
{
	char error[1024], detail[48];
	int64_t made;

	if (store_backup_made(file, &made, error, sizeof error)) {
		fprintf(stderr, "onthaal: %s\n", error);
		return 1;
	}
	if (overdue(made, config)) {
		fprintf(stderr,
			"onthaal: %s is older than retention.backup_days (%u): it holds what is "
			"promised to be gone\n",
			file, config->retention.backup_days);
		return 1;
	}
	if (store_restore(file, config->data, error, sizeof error)) {
		fprintf(stderr, "onthaal: %s\n", error);
		return 1;
	}
	printf("%s is restored into %s. What is past its time since then is shredded at the next "
	       "start.\nPeople, roles and passwords are those of that day: look through onthaal staff list.\n",
		file, config->data);
	snprintf(detail, sizeof detail, "{\"made\":%lld}", (long long)made);
	return tell_audit(config, "backup.restored", detail);
}

static int run(int argc, char **argv, int (*act)(const struct config *config, const char *file),
	const char *usage)
{
	struct command_options options;
	struct config *config;
	int first, status;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	if (argc - first != 1) {
		fprintf(stderr, "%s\n", usage);
		return 2;
	}
	config = command_config(&options);
	if (!config)
		return 1;
	status = act(config, argv[first]);
	config_destroy(&config);
	return status;
}

int command_backup(int argc, char **argv)
{
	return run(argc, argv, make, "onthaal backup FILE, or onthaal backup FOLDER");
}

int command_restore(int argc, char **argv)
{
	return run(argc, argv, put_back, "onthaal restore FILE");
}
