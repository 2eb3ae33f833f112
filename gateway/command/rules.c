#include "command/command.h"
#include "triage/triage.h"

int command_rules(int argc, char **argv)
{
	struct command_options options = { .port = -1 };
	struct config *config;
	int status;

	/* rules [--config FILE] test|scan|eval … : what follows is the engine's */
	int own = 1;
	while (own + 1 < argc && argv[own][0] == '-' && argv[own][1] == '-')
		own += 2;
	if (own > 1) {
		int first;
		if (!command_options(own, argv, &options, &first))
			return 2;
		config = command_config(&options);
		if (!config)
			return 1;
		status = triage_cli(config->rules, argc - own, argv + own);
		config_destroy(&config);
		return status;
	}
	return triage_cli(ONTHAAL_SHARE "/rules", argc - 1, argv + 1);
}
