/* The call script: what is shipped, walked as callers do; and what is refused. */
#include "base/clock.h"
#include "ivr/script.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct script *script;
static struct script_state state;
static struct script_world world;
static struct ivr_turn turn;

static const char *where(void)
{
	return script_step_name(script, &state);
}

static unsigned put(enum script_input input, const char *keys)
{
	return script_advance(script, &state, input, keys, &world, &turn);
}

static unsigned keys(const char *pressed)
{
	return put(SCRIPT_KEYS, pressed);
}

static bool says(const char *id, const char *lang)
{
	const struct ivr_step *step = &turn.steps[0];
	for (uint32_t i = 0; i < step->prompt_count; i++)
		if (!strcmp(step->prompts[i].id, id) && !strcmp(step->prompts[i].lang, lang))
			return true;
	return false;
}

static int set_up(void **unused)
{
	struct config_errors errors = { 0 };
	(void)unused;
	memset(&state, 0, sizeof state);
	world = (struct script_world) {
		.open = true, .voicemail = true, .callbacks = true, .poll = 10
	};
	return script_load("config/ivr.yaml", &script, &errors);
}

static int tear_down(void **unused)
{
	(void)unused;
	script_destroy(&script);
	return 0;
}

static void a_professional_reaches_the_queue_in_french(void **unused)
{
	(void)unused;
	assert_int_equal(put(SCRIPT_START, ""), 0);
	assert_string_equal(where(), "greeting");
	assert_true(says("greeting", "nl") && says("greeting", "fr") && says("greeting", "en"));
	assert_int_equal(turn.steps[0].kind, IVR_MENU);
	assert_string_equal(turn.steps[0].keys, "01239*#");
	keys("2");
	assert_true(says("role", "fr"));
	assert_int_equal(keys("1"), SCRIPT_DO_QUEUE);
	assert_string_equal(where(), "queue");
	assert_string_equal(state.who, "professional");
	assert_int_equal(turn.steps[0].kind, IVR_HOLD);
	assert_int_equal(turn.steps[0].seconds, 10); /* the adapter's wish, not the script's 20 */
	assert_true(says("queue", "fr"));
	assert_string_equal(turn.steps[0].segment.lang, IVR_LANG_ANY);
	assert_false(state.silent);
}

static void the_place_is_told_when_it_is_time_and_when_asked(void **unused)
{
	(void)unused;
	script_hold(script, &state);
	world.place = 3;
	put(SCRIPT_POLL, "");
	assert_false(says("place.3", "nl"));
	world.tell_place = true;
	put(SCRIPT_POLL, "");
	assert_true(says("place.3", "nl"));
	world.tell_place = false;
	world.place = 1;
	keys("#");
	assert_true(says("place-first", "nl") && says("queue", "nl"));
	world.place = 21;
	keys("#");
	assert_true(says("place-more", "nl"));
	world.place = 0;
	keys("#");
	assert_true(says("queue", "nl"));
	assert_int_equal(turn.steps[0].prompt_count, 1);
}

static void silence_ends_in_a_person_and_is_noted(void **unused)
{
	int turns = 0;
	(void)unused;
	put(SCRIPT_START, "");
	while (turn.steps[0].kind != IVR_HOLD && turns++ < 10)
		keys("");
	assert_string_equal(where(), "queue");
	assert_true(state.silent);
	assert_string_equal(state.language, "nl");
}

static void wrong_keys_end_in_a_person(void **unused)
{
	int turns = 0;
	(void)unused;
	put(SCRIPT_START, "");
	while (turn.steps[0].kind != IVR_HOLD && turns++ < 10)
		keys("7");
	assert_string_equal(where(), "queue");
	assert_false(state.silent);
}

static void nine_raises_everywhere_and_once(void **unused)
{
	(void)unused;
	put(SCRIPT_START, "");
	assert_int_equal(keys("9"), SCRIPT_DO_LEVEL);
	assert_true(says("danger", "nl"));
	assert_true(state.urgent);
	assert_int_equal(keys("9"), 0);
	assert_int_equal(keys(""), SCRIPT_DO_QUEUE);
	keys("*");
	assert_string_equal(where(), "callback");
	assert_int_equal(strcspn(turn.steps[0].keys, "9"), strlen(turn.steps[0].keys)); /* a digit here */
}

static void a_callback_is_entered_read_back_and_confirmed(void **unused)
{
	(void)unused;
	script_hold(script, &state);
	keys("*");
	assert_int_equal(turn.steps[0].kind, IVR_COLLECT);
	assert_int_equal(turn.steps[0].finish, '#');
	keys("123"); /* too short */
	assert_string_equal(where(), "callback");
	assert_true(says("again", "nl"));
	keys("0200000001");
	assert_string_equal(where(), "callback-confirm");
	assert_true(says("digit.2", "nl") && says("digit.1", "nl"));
	keys("2");
	assert_string_equal(where(), "callback");
	keys("0200000002");
	assert_int_equal(keys("1"), SCRIPT_DO_CALLBACK);
	assert_string_equal(state.digits, "0200000002");
	assert_int_equal(turn.steps[1].kind, IVR_HANGUP);
	keys("1");
	assert_int_equal(turn.steps[1].kind, IVR_HANGUP); /* it stays ended */
}

static void voicemail_is_offered_only_when_it_is_on(void **unused)
{
	(void)unused;
	script_hold(script, &state);
	keys("0");
	assert_int_equal(turn.steps[0].kind, IVR_RECORD);
	assert_int_equal(put(SCRIPT_RECORDED, ""), SCRIPT_DO_VOICEMAIL);
	world.voicemail = false;
	script_hold(script, &state);
	keys("0");
	assert_true(says("voicemail-off", "nl"));
	keys("");
	keys("");
	assert_string_equal(where(), "queue");
}

static void outside_the_hours_others_are_named(void **unused)
{
	(void)unused;
	world.open = false;
	put(SCRIPT_START, "");
	keys("3");
	assert_string_equal(where(), "closed");
	assert_true(says("closed", "en"));
	keys("");
	assert_string_equal(where(), "closed"); /* said twice */
	keys("");
	assert_int_equal(turn.steps[1].kind, IVR_HANGUP);
	memset(&state, 0, sizeof state);
	put(SCRIPT_START, "");
	keys("1");
	keys("9");
	assert_true(says("closed-danger", "nl"));
}

static void closing_time_does_not_throw_out_who_waits(void **unused)
{
	(void)unused;
	put(SCRIPT_START, "");
	keys("1");
	keys("1");
	world.open = false;
	put(SCRIPT_POLL, "");
	assert_string_equal(where(), "queue");
	keys("9");
	assert_true(says("danger", "nl"));
	keys("");
	assert_string_equal(where(), "queue");
}

static void trouble_is_said_once(void **unused)
{
	(void)unused;
	world.degraded = true;
	put(SCRIPT_START, "");
	keys("1");
	keys("1");
	assert_true(says("degraded", "nl"));
	assert_int_equal(keys(""), SCRIPT_DO_QUEUE);
	put(SCRIPT_POLL, "");
	assert_string_equal(where(), "queue");
}

static void who_calls_too_often_can_still_be_in_danger(void **unused)
{
	(void)unused;
	world.often = true;
	put(SCRIPT_START, "");
	assert_true(says("often", "nl") && says("often", "fr"));
	assert_int_equal(keys("9"), SCRIPT_DO_LEVEL);
	assert_int_equal(keys(""), SCRIPT_DO_QUEUE);
}

static void any_input_in_any_step_gives_a_whole_turn(void **unused)
{
	static const char *const pressed[]
		= { "", "1", "9", "*", "#", "0", "x", "12345678901234567890123456789012" };
	uint32_t seed = 1;
	(void)unused;
	for (int i = 0; i < 20000; i++) {
		seed = seed * 1664525 + 1013904223;
		world = (struct script_world) { .open = seed & 256,
			.voicemail = seed & 512,
			.callbacks = seed & 1024,
			.degraded = seed & 2048,
			.place = seed >> 24,
			.poll = seed & 3 };
		if (!(seed & 0xf000))
			memset(&state, 0, sizeof state);
		put((enum script_input)((seed >> 16) % 5), pressed[(seed >> 20) & 7]);
		assert_in_range(turn.count, 1, IVR_STEPS_MAX);
		enum ivr_step_kind last = ivr_turn_last(&turn)->kind;
		assert_true(last == IVR_MENU || last == IVR_COLLECT || last == IVR_HOLD
			|| last == IVR_RECORD || last == IVR_HANGUP);
		for (uint32_t p = 0; p < turn.steps[0].prompt_count; p++) {
			const char *text;
			assert_true(script_prompt(script, &turn.steps[0].prompts[p], &text));
		}
	}
}

static char *edited(const char *from, const char *to)
{
	static char text[SCRIPT_FILE_MAX];
	FILE *file = fopen("config/ivr.yaml", "r");
	size_t length = fread(text, 1, sizeof text - 1000, file);
	fclose(file);
	text[length] = '\0';
	char *at = strstr(text, from);
	assert_non_null(at);
	memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
	memcpy(at, to, strlen(to));
	return text;
}

static void every_mistake_is_named_with_its_line(void **unused)
{
	static const struct {
		const char *from, *to, *error;
	} mistakes[] = {
		{ "start: greeting", "start: welcome", "ivr.yaml:9: start: there is no step \"welcome\"" },
		{ "\"1\": {language: nl,", "\"1\": {language: de,", ":33: steps.greeting.keys.1.language: is not" },
		{ "goto: role}\n      \"2\"", "goto: roles}\n      \"2\"", ":33: steps.greeting.keys.1.goto: there is no step" },
		{ "wait: 4", "wait: 31", ":31: steps.greeting.wait: write a number from 0 to 30" },
		{ "wait: 4", "wiat: 4", ":31: steps.greeting: there is no key \"wiat\" here" },
		{ "say: [gentle]", "say: [gently]", "there is no prompt \"gently\"" },
		{ "silence: {tries: 1, goto: queue}", "silence: {tries: 1, goto: gentle}", "silence leads round in circles" },
		{ "silence: {tries: 2, goto: gentle}", "silence: {tries: 2, goto: closed-end}", "it must end in a person" },
		{ "do: hold", "do: hald", "write menu, hold, collect, record or end" },
		{ "    segment: hold\n", "", "segment is missing" },
		{ "level: serious", "level: urgent", "only serious can stand here" },
		{ "    fr: \"Vous êtes le prochain.\"\n", "", "prompts.place-first: has no text in fr" },
		{ "\"9\": {level", "\"99\": {level", "\"99\" is no key" },
		{ "languages: [nl", "languages: [nl, nl", "each once" },
		{ "  role:\n    do", "  greeting:\n    do", "stands once" },
		{ "wrong: {tries: 3, goto: role}\n", "\n", "wrong is missing" },
		{ "most: 180", "most: 4", ".voicemail.most: write a number from 5 to 240" },
		{ "most: 180", "most: 241", ".voicemail.most: write a number from 5 to 240" },
		{ "    when_off: voicemail-off\n", "", "when_off is missing: name the step" },
	};
	(void)unused;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		struct config_errors errors = { 0 };
		struct script *bad = NULL;
		bool found = false;
		char *text = edited(mistakes[i].from, mistakes[i].to);
		assert_int_equal(
			script_parse("ivr.yaml", text, strlen(text), &bad, &errors), ERR_INVALID);
		for (uint32_t e = 0; e < errors.count; e++)
			found = found || strstr(errors.texts[e], mistakes[i].error);
		if (!found)
			fail_msg("%s: %s", mistakes[i].error, errors.count ? errors.texts[0] : "-");
		config_errors_finish(&errors);
	}
}

static void the_longest_and_shortest_message_are_good(void **unused)
{
	static const char *const lengths[] = { "most: 5 ", "most: 240 " };
	(void)unused;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct config_errors errors = { 0 };
		struct script *good = NULL;
		char *text = edited("most: 180", lengths[i]);
		assert_int_equal(script_parse("ivr.yaml", text, strlen(text), &good, &errors), OK);
		script_destroy(&good);
		config_errors_finish(&errors);
	}
}

static void rubbish_is_refused(void **unused)
{
	static const char *const rubbish[] = { "", "a", "[1]", "{", "steps: {a: {do: hold}}",
		"languages: nl", "languages: [nl]\nsteps: []\nprompts: {}",
		"languages: &a [nl, *a]\nsteps: {a: *a}\nprompts: {b: *a}" };
	(void)unused;
	for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
		struct config_errors errors = { 0 };
		struct script *bad = NULL;
		assert_int_not_equal(
			script_parse("x", rubbish[i], strlen(rubbish[i]), &bad, &errors), OK);
		assert_true(errors.count > 0);
		config_errors_finish(&errors);
	}
}

#define WALK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WALK(a_professional_reaches_the_queue_in_french),
		WALK(the_place_is_told_when_it_is_time_and_when_asked),
		WALK(silence_ends_in_a_person_and_is_noted),
		WALK(wrong_keys_end_in_a_person),
		WALK(nine_raises_everywhere_and_once),
		WALK(a_callback_is_entered_read_back_and_confirmed),
		WALK(voicemail_is_offered_only_when_it_is_on),
		WALK(outside_the_hours_others_are_named),
		WALK(closing_time_does_not_throw_out_who_waits),
		WALK(trouble_is_said_once),
		WALK(who_calls_too_often_can_still_be_in_danger),
		WALK(any_input_in_any_step_gives_a_whole_turn),
		cmocka_unit_test(every_mistake_is_named_with_its_line),
		cmocka_unit_test(the_longest_and_shortest_message_are_good),
		cmocka_unit_test(rubbish_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
