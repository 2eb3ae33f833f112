/* onthaal languages check: what is wrong with the catalogues, and how far each of them is. */
#include "command/command.h"
#include "config/languages.h"
#include "pages/pages.h"

#include <stdio.h>
#include <string.h>

static const char *const sections[] = { "visitor", "console" };
enum { SECTIONS = sizeof sections / sizeof *sections };

static void print(const struct languages *set)
{
	size_t drafts = 0;

	printf("%-5s %-10s %-12s %-20s %-20s %s\n", "LANG", "VISITOR", "CONSOLE", "REVIEW", "PAGES",
		"NAME");
	for (size_t i = 0; i < languages_count(set); i++) {
		size_t missing = languages_missing(set, i, "console");
		const char *pages = languages_cards_review(set, i);
		char console[40] = "complete";
		if (!languages_has(set, i, "console"))
			snprintf(console, sizeof console, "none");
		else if (missing)
			snprintf(console, sizeof console, "%zu missing", missing);
		printf("%-5s %-10s %-12s %-20s %-20s %s\n", languages_code(set, i), "complete", console,
			languages_review(set, i), pages ? pages : "none", languages_name(set, i));
		drafts += !strcmp(languages_review(set, i), "draft") || (pages && !strcmp(pages, "draft"));
	}
	if (drafts)
		printf("\n%zu of %zu are drafts: have somebody who speaks the language read them, and write\n"
		       "who and when behind review.\n", drafts, languages_count(set));
}

int command_languages(int argc, char **argv)
{
	struct command_options options;
	struct config_errors errors = { 0 };
	struct languages *set = NULL;
	struct config *config;
	int first;
	bool good = false;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	if (argc - first != 1 || strcmp(argv[first], "check") != 0) {
		fputs("onthaal languages check\n", stderr);
		return 2;
	}
	config = command_config(&options);
	if (!config)
		return 1;
	if (!languages_load(config->languages, config->centre.language, &set, &errors)) {
		for (int i = 0; i < SECTIONS; i++)
			languages_unused(set, sections[i], pages_keys(sections[i]), &errors);
		good = !languages_load_cards(set, config->pages, &errors) && !errors.count;
		print(set);
	}
	fflush(stdout);
	command_say_errors(&errors);
	languages_destroy(&set);
	config_destroy(&config);
	return good ? 0 : 1;
}
