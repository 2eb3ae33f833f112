/* onthaal: one program, several commands. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = { { "serve", command_serve }, { "check", command_check }, { "staff", command_staff },
	{ "status", command_status }, { "backup", command_backup }, { "restore", command_restore },
	{ "languages", command_languages }, { "rules", command_rules }, { "recovery", command_recovery },
	{ "forget", command_forget }, { "audit", command_audit },
	{ "proof", command_proof }, { "ivr", command_ivr }, { "prompts", command_prompts },
	{ "outbox", command_outbox } };

int main(int argc, char **argv)
{
	umask(077); /* whatever is written is this user's alone */
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
		fputs(command_help, stdout);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("onthaal " ONTHAAL_VERSION);
		return 0;
	}
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], "--help")) {
			fputs(command_help, stdout);
			return 0;
		}
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fputs(command_help, stderr);
	return 2;
}
