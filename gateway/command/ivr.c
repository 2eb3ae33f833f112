/* onthaal ivr check | walk | fallback: the call script without a telephone. */
#include "base/clock.h"
#include "command/command.h"
#include "ivr/adapters/fallback.h"
#include "ivr/number.h"
#include "ivr/prompts.h"
#include "ivr/telephone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	const struct script *script;
	struct ivr_settings settings;
	struct script_state state;
	struct script_world world;
	struct ivr_turn turn;
};

static void print_prompts(const struct walk *walk, const struct ivr_step *step)
{
	for (uint32_t i = 0; i < step->prompt_count; i++) {
		const char *text;
		(void)!script_prompt(walk->script, &step->prompts[i], &text);
		printf("  %-3s %s\n", step->prompts[i].lang, text ? text : step->prompts[i].id);
	}
}

static void print_wait(const struct ivr_step *step)
{
	switch (step->kind) {
	case IVR_MENU:
		printf("  … keys %s, %u s\n", step->keys, step->seconds);
		break;
	case IVR_COLLECT:
		printf("  … at most %u digits, ended by %c; or %s\n", step->most, step->finish,
			step->keys);
		break;
	case IVR_HOLD:
		printf("  ♪ %s, %u s; keys %s\n", step->segment.id, step->seconds, step->keys);
		break;
	case IVR_RECORD:
		printf("  ● records at most %u s, ended by %c\n", step->most, step->finish);
		break;
	case IVR_HANGUP:
		printf("  ✆ hangs up\n");
		break;
	default:
		break;
	}
}

static void print_follows(const struct walk *walk, unsigned follows)
{
	if (follows & SCRIPT_DO_LEVEL)
		puts("  → serious: rings louder");
	if (follows & SCRIPT_DO_CALLBACK)
		printf("  → call back, %zu digits\n", strlen(walk->state.digits));
	if (follows & SCRIPT_DO_VOICEMAIL)
		puts("  → a message was left");
	if (follows & SCRIPT_DO_QUEUE)
		printf("  → in the queue%s%s%s\n", *walk->state.who ? ", " : "", walk->state.who,
			walk->state.silent ? ", silent" : "");
}

static void put(struct walk *walk, enum script_input input, const char *pressed)
{
	const char *keys = number_keys(&walk->settings, walk->script, &walk->state, pressed);
	unsigned follows = script_advance(
		walk->script, &walk->state, input, keys, &walk->world, &walk->turn);

	if (keys != pressed)
		puts("  → no number that we call back: telephone.callback_numbers");

	printf("[%s, %s]\n", script_step_name(walk->script, &walk->state), walk->state.language);
	for (uint32_t i = 0; i < walk->turn.count; i++)
		print_prompts(walk, &walk->turn.steps[i]);
	print_follows(walk, follows);
	print_wait(ivr_turn_last(&walk->turn));
	walk->world.tell_place = false;
}

static bool wish(struct walk *walk, const char *word)
{
	if (!strcmp(word, "open") || !strcmp(word, "closed"))
		walk->world.open = *word == 'o';
	else if (!strcmp(word, "trouble"))
		walk->world.degraded = !walk->world.degraded;
	else if (!strncmp(word, "place ", 6)) {
		walk->world.place = (uint32_t)strtoul(word + 6, NULL, 10);
		walk->world.tell_place = true;
	} else if (!strcmp(word, "again")) {
		walk->state = (struct script_state) { 0 };
		put(walk, SCRIPT_START, "");
	} else
		return false;
	return true;
}

static int do_walk(const struct config *config, const struct script *script)
{
	bool lines = config->telephone.lines_count || config->sip.address;
	struct walk walk = { .script = script,
		.settings = telephone_settings(config),
		.world = { .open = script_open(script, config, clock_wall()),
			.voicemail = config->telephone.voicemail,
			.callbacks = config->telephone.callback_attempts > 0
				&& (!lines || telephone_dials(config)),
			.place = 1 } };
	char line[100];

	puts("Keys as a caller would press them; an empty line is silence, or the end of the sound.\n"
	     ":open :closed :trouble :place N :again, and :quit.\n");
	put(&walk, SCRIPT_START, "");
	while (printf("> "), fflush(stdout), fgets(line, sizeof line, stdin)) {
		enum ivr_step_kind waits = ivr_turn_last(&walk.turn)->kind;
		line[strcspn(line, "\r\n")] = '\0';
		if (!strcmp(line, ":quit"))
			break;
		if (*line == ':') {
			if (!wish(&walk, line + 1))
				puts("  that is no wish");
		} else if (strlen(line) > IVR_DIGITS_MAX
			|| strspn(line, "0123456789*#") != strlen(line)) {
			puts("  a telephone has no such keys; :quit ends");
		} else if (waits == IVR_HANGUP) {
			puts("  the call is over: :again");
		} else if (waits == IVR_RECORD && !*line) {
			put(&walk, SCRIPT_RECORDED, "");
		} else {
			put(&walk, *line ? SCRIPT_KEYS : waits == IVR_HOLD ? SCRIPT_POLL : SCRIPT_KEYS,
				line);
		}
	}
	puts("");
	return 0;
}

struct tally {
	size_t missing, faults, all;
	double greeting;
};

static void count(void *arg, const struct ivr_prompt *prompt, enum prompt_source source,
	const char *text, const char *fault)
{
	struct tally *tally = arg;
	(void)text;
	tally->all++;
	tally->missing += source == PROMPT_MISSING;
	tally->faults += fault != NULL;
	if (fault)
		fprintf(stderr, "%s/%s.wav %s\n", prompt->lang, prompt->id, fault);
}

static double seconds_of(struct prompts *prompts, const struct ivr_prompt *prompt)
{
	char name[PROMPTS_NAME_MAX];
	const char *bytes, *fault;
	size_t length;

	if (!prompts_name(prompts, prompt, name))
		return 0;
	bytes = prompts_bytes(prompts, name, &length);
	return bytes ? prompts_check_wav(bytes, length, &fault) : 0;
}

static int do_check(const struct config *config, const struct script *script)
{
	struct prompts *prompts
		= prompts_create(script, config->telephone.prompts, config->data);
	struct walk walk = { .script = script, .world = { .open = true } };
	struct tally tally = { 0 };
	int status;

	script_advance(script, &walk.state, SCRIPT_START, "", &walk.world, &walk.turn);
	for (uint32_t i = 0; i < walk.turn.steps[0].prompt_count; i++)
		tally.greeting += seconds_of(prompts, &walk.turn.steps[0].prompts[i]);
	prompts_each(prompts, count, &tally);
	printf("script    %s\n", config->telephone.script);
	printf("languages");
	for (size_t i = 0; i < script_languages(script); i++)
		printf(" %s", script_language(script, i));
	printf("\nprompts   %zu, of which %zu without a sound%s\n", tally.all, tally.missing,
		tally.missing ? ": onthaal prompts make" : "");
	if (tally.greeting > 0)
		printf("greeting  %.1f s%s\n", tally.greeting,
			tally.greeting > 8 ? ": people hang up after 8: shorten it" : "");
	printf("now       %s\n", script_open(script, config, clock_wall()) ? "open" : "closed");
	status = tally.faults || tally.greeting > 8;
	prompts_destroy(&prompts);
	return status;
}

static int do_fallback(const struct script *script, const char *kind)
{
	char *document = fallback_document(script, kind);

	if (!document) {
		fputs("onthaal ivr fallback twilio|jambonz (the others play the away.wav of onthaal "
			"prompts make, see README)\n", stderr);
		return 2;
	}
	fputs(document, stdout);
	free(document);
	return 0;
}

int command_ivr(int argc, char **argv)
{
	struct command_options options;
	struct config_errors errors = { 0 };
	struct config *config;
	struct script *script = NULL;
	int first, status = 1;
	const char *what;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	what = argc > first ? argv[first] : "";
	if (strcmp(what, "check") != 0 && strcmp(what, "walk") != 0
		&& strcmp(what, "fallback") != 0) {
		fputs("onthaal ivr check, ivr walk, or ivr fallback twilio|jambonz\n", stderr);
		return 2;
	}
	config = command_config(&options);
	if (config && !script_load(config->telephone.script, &script, &errors)) {
		if (!strcmp(what, "check"))
			status = do_check(config, script);
		else if (!strcmp(what, "walk"))
			status = do_walk(config, script);
		else
			status = do_fallback(script, argc - first == 2 ? argv[first + 1] : "twilio");
		script_destroy(&script);
	}
	command_say_errors(&errors);
	config_destroy(&config);
	return status;
}
