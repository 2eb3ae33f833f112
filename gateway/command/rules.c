#include "command/command.h"
#include "store/feedback.h"
#include "triage/triage.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void print_one(void *arg, const struct feedback *feedback)
{
	time_t day = (time_t)(feedback->day * 24 * 3600);
	char date[16] = "";
	struct tm tm;

	if (gmtime_r(&day, &tm))
		strftime(date, sizeof date, "%Y-%m-%d", &tm);
	printf("%-6s %-10s %5llu  last %s  %s\n",
		feedback->kind == FEEDBACK_WRONG ? "wrong" : "missed",
		triage_level_word((enum triage_level)feedback->level),
		(unsigned long long)feedback->count, date, feedback->rule);
	++*(size_t *)arg;
}

/* What counsellors said of flags, by rule. */
static int print_feedback(const struct config *config)
{
	struct staff_db *db = NULL;
	char error[1024];
	size_t count = 0;
	enum err err = staff_open(config->data, &db, error, sizeof error);

	if (err) {
		fprintf(stderr, "onthaal: %s\n", error);
		return 1;
	}
	err = feedback_each(db, print_one, &count);
	staff_close(&db);
	if (err)
		fprintf(stderr, "onthaal: %s cannot be read: onthaal check says more\n",
			config->data);
	else if (!count)
		puts("nobody has said anything of the rules yet");
	return err ? 1 : 0;
}

int command_rules(int argc, char **argv)
{
	struct command_options options = { .port = -1 };
	struct config *config;
	int status, first, own = 1;
	bool feedback;

	/* rules [--config FILE] test|scan|eval … : what follows is the engine's */
	while (own + 1 < argc && argv[own][0] == '-' && argv[own][1] == '-')
		own += 2;
	feedback = argc == own + 1 && !strcmp(argv[own], "feedback");
	if (own == 1 && !feedback)
		return triage_cli(ONTHAAL_SHARE "/rules", argc - 1, argv + 1);
	if (!command_options(own, argv, &options, &first))
		return 2;
	config = command_config(&options);
	if (!config)
		return 1;
	status = feedback ? print_feedback(config)
			  : triage_cli(config->rules, argc - own, argv + own);
	config_destroy(&config);
	return status;
}
