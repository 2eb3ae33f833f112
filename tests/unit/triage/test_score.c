#include "triage/private.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char good[] = "onthaal rules 1\n"
	"language nl\n"
	"tells ik | het | van | een\n"
	"rule nl.mes\n"
	"  level immediate\n"
	"  category weapon\n"
	"  match papa ..3 mes\n"
	"  why Mes.\n"
	"  yes papa heeft een mes\n"
	"  yes papa pakt het mes\n"
	"  no het mes van papa\n"
	"  no een mes\n"
	"score nl.tekens\n"
	"  category signs\n"
	"  why Meerdere tekens samen.\n"
	"  points 5 kelder | op slot\n"
	"  points 3 donker | papa | opgeslot*\n"
	"  points -6 spel\n"
	"  at 8 serious\n"
	"  at 13 immediate\n"
	"  under 0 elevated\n"
	"  yes papa deed de kelder op slot\n"
	"  yes papa en de kelder\n"
	"  no de kelder\n"
	"  no in het spel is papa in de kelder\n";

static struct triage *set;

static int set_up(void **state)
{
	struct config_errors errors = { 0 };
	char *text = strdup(good);
	(void)state;
	if (triage_load_text("good.rules", text, &set, &errors)
		|| triage_validate(set, "/nowhere", &errors)) {
		fprintf(stderr, "%s\n", errors.texts[0]);
		return 1;
	}
	free(text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	triage_destroy(&set);
	return 0;
}

static struct triage_result scan(const char *text, const char *tail)
{
	struct triage_result result;
	triage_scan(set, text, strlen(text), "nl", tail, strlen(tail), &result);
	return result;
}

static void signs_count_once_and_reach_a_level(void **state)
{
	(void)state;
	assert_int_equal(scan("ik zit in de kelder", "").level, LEVEL_NONE); /* 5 */
	assert_int_equal(scan("kelder kelder kelder van een huis", "").level, LEVEL_NONE);
	assert_int_equal(scan("ik zit in de kelder, papa", "").level, LEVEL_SERIOUS); /* 8 */
	assert_int_equal(scan("kelder op slot, donker", "").level, LEVEL_IMMEDIATE); /* 13 */
	assert_int_equal(scan("Kéldér, opgeslóten", "").level, LEVEL_SERIOUS); /* folded; a beginning */
	assert_int_equal(scan("papas kelder", "").level, LEVEL_NONE); /* papa is a whole word */
	assert_int_equal(scan("papa in de kelder van het spel", "").level, LEVEL_NONE); /* 2 */
}

static void the_flag_shows_the_weightiest_sign(void **state)
{
	const char *text = "hier is papa in de kelder";
	struct triage_result result = scan(text, "");

	(void)state;
	assert_int_equal(result.count, 1);
	assert_string_equal(result.flags[0].rule, "nl.tekens");
	assert_string_equal(result.flags[0].category, "signs");
	assert_int_equal(result.flags[0].from, strstr(text, "kelder") - text);
	assert_int_equal(result.flags[0].to - result.flags[0].from, strlen("kelder"));
}

static void only_the_new_words_count(void **state)
{
	struct triage_result result = scan("en nu is het donker", "papa zit in de kelder");

	(void)state;
	assert_int_equal(result.level, LEVEL_NONE);
	result = scan("kelder, donker", "ik ben hier");
	assert_int_equal(result.level, LEVEL_SERIOUS);
	assert_int_equal(result.flags[0].from, 0);
	assert_int_equal(result.flags[0].to, 6);
}

static void a_rule_that_saw_as_much_speaks_alone(void **state)
{
	struct triage_result result = scan("papa heeft een mes in de kelder", "");

	(void)state;
	assert_int_equal(result.level, LEVEL_IMMEDIATE);
	assert_int_equal(result.count, 1);
	assert_string_equal(result.flags[0].rule, "nl.mes");
}

static void a_harmless_text_calms_a_rule(void **state)
{
	struct triage_result result = scan("papa pakt een mes in het spel", ""); /* 3 - 6 */

	(void)state;
	assert_int_equal(result.level, LEVEL_ELEVATED);
	assert_string_equal(result.flags[0].rule, "nl.mes");
	assert_string_equal(result.flags[0].lowered_by, "nl.tekens");
	assert_int_equal(scan("papa pakt een mes", "").level, LEVEL_IMMEDIATE);
	assert_int_equal(scan("mes in het spel", "papa pakt").level, LEVEL_IMMEDIATE); /* began before */
}

/* More calmed flags than are kept must not hide a rule of no language, which is never calmed. */
static void calmed_rules_hide_no_other(void **state)
{
	static const char head[] = "onthaal rules 1\n"
				   "rule common.touw\n  level serious\n  category c\n  match touw\n"
				   "  why w\n  yes touw\n  yes het touw\n  no een\n  no het\n"
				   "language nl\ntells ik | het\n"
				   "score nl.t\n  category c\n  why w\n  points 9 kelder\n"
				   "  points -6 spel\n  at 9 serious\n  under 0 elevated\n"
				   "  yes kelder\n  yes de kelder\n  no een\n  no het\n";
	struct config_errors errors = { 0 };
	struct triage *many = NULL;
	struct triage_result result;
	char text[4096];
	size_t length = (size_t)snprintf(text, sizeof text, "%s", head);

	(void)state;
	for (int i = 0; i < TRIAGE_FLAGS_MAX; i++)
		length += (size_t)snprintf(text + length, sizeof text - length,
			"rule nl.r%d\n  level immediate\n  category c\n  match mes\n  why w\n"
			"  yes mes\n  yes het mes\n  no een\n  no het\n", i);
	assert_int_equal(triage_load_text("many.rules", text, &many, &errors), OK);
	triage_scan(many, "het mes in het spel", 19, "nl", "", 0, &result);
	assert_int_equal(result.count, TRIAGE_FLAGS_MAX);
	assert_int_equal(result.level, LEVEL_ELEVATED);
	triage_scan(many, "het mes in het spel, touw", 25, "nl", "", 0, &result);
	assert_int_equal(result.level, LEVEL_SERIOUS);
	assert_string_equal(result.flags[0].rule, "common.touw");
	triage_destroy(&many);
}

static void another_language_is_left_alone(void **state)
{
	struct config_errors errors = { 0 };
	struct triage *both = NULL;
	struct triage_result result;
	char text[] = "onthaal rules 1\n"
		      "language nl\ntells ik | het | een\n"
		      "score nl.t\n  category c\n  why w\n  points 9 kelder\n  at 9 serious\n"
		      "  yes kelder\n  yes de kelder\n  no een\n  no het\n"
		      "language fr\ntells je | suis | dans | avec\n";

	(void)state;
	assert_int_equal(triage_load_text("both.rules", text, &both, &errors), OK);
	triage_scan(both, "je suis dans le kelder avec", 27, "", "", 0, &result);
	assert_int_equal(result.level, LEVEL_NONE);
	triage_scan(both, "ik ben in de kelder", 19, "", "", 0, &result);
	assert_int_equal(result.level, LEVEL_SERIOUS);
	triage_destroy(&both);
}

static void refused(const char *block, const char *why)
{
	struct config_errors errors = { 0 };
	struct triage *bad = NULL;
	char text[600];

	snprintf(text, sizeof text, "onthaal rules 1\nlanguage nl\n%s", block);
	if (!triage_load_text("bad.rules", text, &bad, &errors))
		fail_msg("taken: %s", block);
	bool told = false;
	for (uint32_t i = 0; i < errors.count; i++)
		told = told || strstr(errors.texts[i], why);
	if (!told)
		fail_msg("%s: %s", block, errors.texts[0]);
	config_errors_finish(&errors);
}

static void mistakes_are_told_with_their_line(void **state)
{
	(void)state;
	refused("score a\n points x een\n", "bad.rules:4: write: points 5");
	refused("score a\n points 100 een\n", "bad.rules:4: write: points 5");
	refused("score a\n points 5 @lijst\n", "bad.rules:4: ");
	refused("score a\n points 5 ee*n\n", "bad.rules:4: ee*n: a sign is");
	refused("score a\n at 0 serious\n", "bad.rules:4: write: at 12 serious");
	refused("score a\n at 5 none\n", "bad.rules:4: write: at 12 serious");
	refused("score a\n under x elevated\n", "bad.rules:4: write: under 0 elevated");
	refused("score a\n under 0 none\n", "bad.rules:4: write: under 0 elevated");
	refused("score a\n level serious\n", "bad.rules:4: level is not known in a score");
	refused("score a\nscore a\n", "bad.rules:4: score a is there already");
	refused("score a\n category c\n why w\n points 5 een\n at 5 serious\n yes een\n yes een\n no e\n",
		"bad.rules:3: score a: two no examples missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_count_once_and_reach_a_level),
		cmocka_unit_test(the_flag_shows_the_weightiest_sign),
		cmocka_unit_test(only_the_new_words_count),
		cmocka_unit_test(a_rule_that_saw_as_much_speaks_alone),
		cmocka_unit_test(a_harmless_text_calms_a_rule),
		cmocka_unit_test(calmed_rules_hide_no_other),
		cmocka_unit_test(another_language_is_left_alone),
		cmocka_unit_test(mistakes_are_told_with_their_line),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
