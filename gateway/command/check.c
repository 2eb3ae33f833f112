#include "command/command.h"
#include "config/languages.h"
#include "ivr/prompts.h"
#include "ivr/speak.h"
#include "ivr/telephone.h"
#include "store/keys.h"
#include "store/store.h"
#include "triage/triage.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static bool check_rules(const struct config *config, struct config_errors *errors)
{
	struct triage *rules = NULL;
	bool good = !triage_load(config->rules, &rules, errors)
		&& !triage_validate(rules, config->rules, errors);

	if (good)
		printf("rules          %s, set %.12s\n", config->rules, triage_hash(rules));
	triage_destroy(&rules);
	return good;
}

static bool check_languages(const struct config *config, struct config_errors *errors)
{
	struct languages *set = NULL;

	if (languages_load(config->languages, config->centre.language, &set, errors))
		return false;
	printf("languages     ");
	for (size_t i = 0; i < languages_count(set); i++)
		printf(" %s", languages_code(set, i));
	printf("\nconsole       ");
	for (size_t i = 0; i < languages_count(set); i++)
		if (languages_has(set, i, "console"))
			printf(" %s", languages_code(set, i));
	printf("; what one lacks is in %s\n", config->centre.language);
	enum err err = languages_load_cards(set, config->pages, errors);
	languages_destroy(&set);
	return !err;
}

/* Without these nothing is destroyed at the end of a conversation: it is said, and is no error. */
static void check_keys(const struct config *config)
{
	struct staff_db *db = NULL;
	struct sealing_key key;
	char error[1024];
	bool recovery, coordinators;

	if (staff_open(config->data, &db, error, sizeof error))
		return;
	recovery = !keys_current(db, KEY_RECOVERY, 0, &key);
	coordinators = !keys_current(db, KEY_COORDINATORS, 0, &key);
	staff_close(&db);
	printf("closed ones    sealed to: %s%s%s\n", coordinators ? "the coordinators" : "",
		coordinators && recovery ? ", " : "", recovery ? "the recovery key" : "");
	if (!recovery)
		printf("               no recovery key yet: onthaal recovery create\n");
	if (!recovery && !coordinators)
		printf("               NOBODY: they stay readable here until there is one of both\n");
}

static void count_missing(void *arg, const struct ivr_prompt *prompt, enum prompt_source source,
	const char *text, const char *fault)
{
	size_t *missing = arg;
	(void)prompt, (void)text, (void)fault;
	*missing += source == PROMPT_MISSING;
}

/* What has no sound is made at the start, where it can be. Where no platform speaks, it is not said. */
static void check_sounds(
	const struct config *config, const struct script *script, struct config_errors *warnings)
{
	struct prompts *prompts
		= prompts_create(script, config->telephone.prompts, config->data);
	size_t missing = 0;

	prompts_each(prompts, count_missing, &missing);
	if (missing && telephone_mute(config) && !speak_possible())
		config_errors_add(warnings,
			"%s: %zu prompts have no sound, and callers would hear nothing: apt-get "
			"install espeak-ng sox, or record them (onthaal prompts list)",
			config->telephone.prompts, missing);
	prompts_destroy(&prompts);
}

static bool check_script(
	const struct config *config, struct config_errors *errors, struct config_errors *warnings)
{
	struct script *script = NULL;
	bool good = !script_load(config->telephone.script, &script, errors);

	if (good)
		printf("call script    %s\n", config->telephone.script);
	if (good)
		check_sounds(config, script, warnings);
	script_destroy(&script);
	return good;
}

static bool check_data(const struct config *config, struct config_errors *errors)
{
	char path[4096], error[1024];
	struct stat about;

	snprintf(path, sizeof path, "%s/onthaal.db", config->data);
	if (stat(config->data, &about)) {
		printf("data folder    %s, made at the first start\n", config->data);
		return true;
	}
	if (about.st_mode & 077)
		config_errors_add(errors, "%s: others can look into it: chmod 700 it", config->data);
	if (stat(path, &about)) {
		printf("data folder    %s, empty\n", config->data);
	} else if (store_check(config->data, error, sizeof error)) {
		config_errors_add(errors, "%s", error);
	} else {
		printf("data folder    %s, sound, %lld KiB\n", config->data,
			(long long)about.st_size / 1024);
		check_keys(config);
	}
	return !errors->count;
}

/* It can run so, and may be meant so: no error. */
static void say_warnings(struct config_errors *warnings)
{
	for (uint32_t i = 0; i < warnings->count; i++)
		fprintf(stderr, "warning: %s\n", warnings->texts[i]);
	config_errors_finish(warnings);
}

int command_check(int argc, char **argv)
{
	struct command_options options;
	struct config_errors errors = { 0 }, warnings = { 0 };
	char path[PATH_MAX];
	struct config *config;
	int first;
	bool good;

	if (!command_options(argc, argv, &options, &first) || !command_no_more(argc, argv, first))
		return 2;
	config = command_config(&options);
	if (!config)
		return 1;
	printf("configuration  good\n");
	command_config_path(&options, path, sizeof path);
	config_warn(path, config, &warnings);
	good = !command_check_files(config, &errors);
	good = check_languages(config, &errors) && good;
	good = check_rules(config, &errors) && good;
	good = check_script(config, &errors, &warnings) && good;
	good = check_data(config, &errors) && good;
	fflush(stdout);
	say_warnings(&warnings);
	command_say_errors(&errors);
	config_destroy(&config);
	return good ? 0 : 1;
}
