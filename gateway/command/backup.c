#include "command/command.h"
#include "store/store.h"

#include <stdio.h>

typedef enum err work(const char *folder, const char *file, char *error, size_t size);

static int run(int argc, char **argv, work *act, const char *done)
{
	struct command_options options;
	struct config *config;
	char error[1024];
	int first;
	enum err err;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	if (argc - first != 1) {
		fprintf(stderr, "onthaal %s FILE\n", argv[0]);
		return 2;
	}
	config = command_config(&options);
	if (!config)
		return 1;
	err = act(config->data, argv[first], error, sizeof error);
	if (err)
		fprintf(stderr, "onthaal: %s\n", error);
	else
		printf(done, argv[first], config->data);
	config_destroy(&config);
	return err ? 1 : 0;
}

static enum err restore(const char *folder, const char *file, char *error, size_t size)
{
	return store_restore(file, folder, error, size);
}

int command_backup(int argc, char **argv)
{
	return run(argc, argv, store_backup,
		"%s is written. It opens only with %s/server.key: keep a copy of that elsewhere.\n");
}

int command_restore(int argc, char **argv)
{
	return run(argc, argv, restore, "%s is restored into %s.\n");
}
