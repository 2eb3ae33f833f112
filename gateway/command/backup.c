#include "base/clock.h"
#include "base/mem.h"
#include "command/command.h"
#include "store/store.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DAY = 86400000, PATH_BYTES = 4096 };

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

/* Of the backups that were made into this folder, those past their time. */
static unsigned prune(const char *folder, const struct config *config)
{
	DIR *list = opendir(folder);
	struct dirent *entry;
	unsigned gone = 0;

	while (list && (entry = readdir(list))) {
		char path[PATH_BYTES], error[512];
		size_t length = strlen(entry->d_name);
		int64_t made;
		if (length < sizeof suffix + sizeof prefix
			|| strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0
			|| strcmp(entry->d_name + length - (sizeof suffix - 1), suffix) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (!store_backup_made(path, &made, error, sizeof error) && overdue(made, config)
			&& !unlink(path))
			gone++;
	}
	if (list)
		closedir(list);
	return gone;
}

static int make(const struct config *config, const char *where)
{
	char path[PATH_BYTES], error[1024];
	bool folder = is_folder(where);
	time_t now = (time_t)(clock_wall() / 1000);

	snprintf(path, sizeof path, "%s", where);
	if (folder) {
		char when[32];
		strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime(&now));
		snprintf(path, sizeof path, "%s/%s%s%s", where, prefix, when, suffix);
	}
	if (store_backup(config->data, path, error, sizeof error)) {
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
	return 0;
}

static int put_back(const struct config *config, const char *file)
{
	char error[1024];
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
	       "start.\n",
		file, config->data);
	return 0;
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
