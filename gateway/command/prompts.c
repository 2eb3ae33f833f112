/* onthaal prompts list | make: what callers will hear, and by whom it was spoken. */
#include "command/command.h"
#include "ivr/prompts.h"

#include <stdio.h>
#include <string.h>

struct listing {
	size_t count[PROMPT_RECORDED + 1], faults;
	bool all;
};

static void print(void *arg, const struct ivr_prompt *prompt, enum prompt_source source,
	const char *text, const char *fault)
{
	static const char *const words[] = { "missing", "made", "recorded" };
	struct listing *listing = arg;

	listing->count[source]++;
	listing->faults += fault != NULL;
	printf("%-9s %-4s %-20s %s\n", words[source], prompt->lang, prompt->id,
		text ? text : "(a sound)");
	if (fault)
		printf("          the recording %s\n", fault);
}

static int list(const struct config *config, const struct prompts *prompts)
{
	struct listing listing = { 0 };

	printf("%-9s %-4s %-20s %s\n", "SOURCE", "LANG", "PROMPT", "TEXT");
	prompts_each(prompts, print, &listing);
	printf("\n%zu recorded (%s), %zu made by a machine, %zu missing (%s)\n",
		listing.count[PROMPT_RECORDED], config->telephone.prompts,
		listing.count[PROMPT_MADE], listing.count[PROMPT_MISSING],
		listing.count[PROMPT_MISSING] ? "onthaal prompts make" : "good");
	return listing.faults ? 1 : 0;
}

static int make(struct prompts *prompts)
{
	char error[4200] = "";
	size_t failed = prompts_make(prompts, error, sizeof error);

	if (!failed) {
		puts("Every prompt has a sound.");
		return 0;
	}
	fprintf(stderr, "onthaal: %zu prompts could not be made: %s\n", failed, error);
	return 1;
}

int command_prompts(int argc, char **argv)
{
	struct command_options options;
	struct config_errors errors = { 0 };
	struct config *config;
	struct script *script = NULL;
	struct prompts *prompts;
	int first, status = 1;
	const char *what;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	what = argc - first == 1 ? argv[first] : "";
	if (strcmp(what, "list") != 0 && strcmp(what, "make") != 0) {
		fputs("onthaal prompts list|make\n", stderr);
		return 2;
	}
	config = command_config(&options);
	if (config && !script_load(config->telephone.script, &script, &errors)) {
		prompts = prompts_create(script, config->telephone.prompts, config->data);
		status = !strcmp(what, "list") ? list(config, prompts) : make(prompts);
		prompts_destroy(&prompts);
		script_destroy(&script);
	}
	command_say_errors(&errors);
	config_destroy(&config);
	return status;
}
