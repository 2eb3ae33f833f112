/* onthaal forget CONTACT: one contact is destroyed now. */
#include "command/command.h"
#include "desk/contact.h"
#include "store/store.h"

#include <stdio.h>

int command_forget(int argc, char **argv)
{
	struct command_options options;
	struct config *config;
	char error[1024] = "";
	uint64_t contact;
	int first;
	enum err err;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	if (argc - first != 1 || contact_public_parse(argv[first], &contact)) {
		fputs("onthaal forget CONTACT [--open]: a contact is named by its 16 digits and letters a-f\n",
			stderr);
		return 2;
	}
	config = command_config(&options);
	if (!config)
		return 1;
	err = store_forget(config->data, contact, options.open, error, sizeof error);
	if (err)
		fprintf(stderr, "onthaal: %s\n", error);
	if (!err)
		printf("%s is destroyed: keys first, then rows; pages that showed it do not any more.\n"
		       "Backups that hold it end within %u days.\n",
			argv[first], config->retention.backup_days);
	config_destroy(&config);
	return err ? 1 : 0;
}
