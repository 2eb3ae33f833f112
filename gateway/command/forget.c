/* onthaal forget CONTACT: one closed contact is destroyed now. */
#include "command/command.h"
#include "desk/contact.h"
#include "store/staff.h"

#include <stdio.h>

static enum err tell_audit(const char *folder, const char *contact, char *error, size_t size)
{
	char detail[64];
	struct staff_db *db = NULL;
	enum err err = staff_open(folder, &db, error, size);

	snprintf(detail, sizeof detail, "{\"contact\":\"%s\"}", contact);
	if (!err)
		err = audit_add(db, 0, "contact.forgotten", detail);
	staff_close(&db);
	return err;
}

int command_forget(int argc, char **argv)
{
	struct command_options options;
	struct config *config;
	char error[1024] = "it is gone, but the audit log could not be written";
	uint64_t contact;
	int first;
	enum err err;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	if (argc - first != 1 || contact_public_parse(argv[first], &contact)) {
		fputs("onthaal forget CONTACT: a contact is named by its 16 digits and letters a-f\n",
			stderr);
		return 2;
	}
	config = command_config(&options);
	if (!config)
		return 1;
	err = store_forget(config->data, contact, error, sizeof error);
	if (!err)
		err = tell_audit(config->data, argv[first], error, sizeof error);
	if (err)
		fprintf(stderr, "onthaal: %s\n", error);
	else
		printf("%s is destroyed: keys first, then rows. Backups that hold it end within %u "
		       "days.\n",
			argv[first], config->retention.backup_days);
	config_destroy(&config);
	return err ? 1 : 0;
}
