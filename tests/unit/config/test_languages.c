#include "config/languages.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/onthaal-languages-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[100];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void take_away(const char *name)
{
	char path[100];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

#define NL "language: nl\nname: Nederlands\ndirection: ltr\nvisitor:\n  a:\n    b: \"dag {name}\"\n"
#define AR "language: ar\nname: العربية\ndirection: rtl\nvisitor:\n  a: {b: \"مرحبا\"}\n"

static void texts_are_found_and_picked(void **state)
{
	struct config_errors errors = { 0 };
	struct languages *set;
	(void)state;
	put("nl.yaml", NL);
	put("ar.yaml", AR);
	assert_int_equal(languages_load(folder, &set, &errors), OK);
	assert_int_equal(languages_count(set), 2);
	size_t nl = languages_pick(set, NULL, "nl"), ar = languages_pick(set, "en, ar-MA;q=0.5, nl;q=0.4", "nl");
	assert_string_equal(languages_code(set, nl), "nl");
	assert_string_equal(languages_code(set, ar), "ar");
	assert_int_equal(languages_pick(set, "nl;q=0.8, ar;q=0.9", "nl"), ar);
	assert_int_equal(languages_pick(set, "NL-be,ar", "ar"), nl);
	assert_int_equal(languages_pick(set, "xx;q=,,;", "zz"), 0);
	assert_true(languages_right_to_left(set, ar));
	assert_false(languages_right_to_left(set, nl));
	assert_string_equal(languages_text(set, nl, "visitor.a.b"), "dag {name}");
	assert_null(languages_text(set, nl, "visitor.a"));
	assert_string_equal(languages_json(set, nl, "visitor"), "{\"a.b\":\"dag {name}\"}");
	assert_string_equal(languages_json(set, nl, "console"), "{}");
	languages_destroy(&set);
	take_away("nl.yaml");
	take_away("ar.yaml");
}

static void refused(const char *expected)
{
	struct config_errors errors = { 0 };
	struct languages *set = NULL;
	char whole[300];
	assert_int_equal(languages_load(folder, &set, &errors), ERR_INVALID);
	snprintf(whole, sizeof whole, "%s%s", folder, expected);
	assert_string_equal(errors.texts[0], whole);
	config_errors_finish(&errors);
}

static void a_text_missing_or_too_much_is_named(void **state)
{
	char expected[300];
	(void)state;
	refused(": no catalogue (nl.yaml …) is here: see languages in the configuration");
	put("ar.yaml", AR);
	refused(": nl.yaml, the reference, is missing");
	put("nl.yaml", NL "  c: x\n");
	snprintf(expected, sizeof expected,
		"/ar.yaml: visitor.c is missing: translate it from %s/nl.yaml", folder);
	refused(expected);
	put("ar.yaml", AR "  c: x\n  d: x\n");
	snprintf(expected, sizeof expected,
		"/ar.yaml: visitor.d is not in %s/nl.yaml: remove it, or add it there", folder);
	refused(expected);
	put("ar.yaml", "language: ar\nname: x\ndirection: up\n");
	refused("/ar.yaml:1: direction: write ltr or rtl");
	put("ar.yaml", "direction: ltr\n");
	refused("/ar.yaml:1: give language (its code, \"nl\") and name");
	put("ar.yaml", "a: [b]\nlanguage: ar\nname: x\ndirection: ltr\n");
	refused("/ar.yaml:1: texts stand in maps of keys, not in lists");
	take_away("nl.yaml");
	take_away("ar.yaml");
}

static void the_shipped_ones_are_complete(void **state)
{
	struct config_errors errors = { 0 };
	struct languages *set = NULL;
	(void)state;
	enum err err = languages_load("config/languages", &set, &errors);
	for (uint32_t i = 0; i < errors.count; i++)
		print_message("%s\n", errors.texts[i]);
	assert_int_equal(err, OK);
	assert_true(languages_count(set) >= 3);
	languages_destroy(&set);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_found_and_picked),
		cmocka_unit_test(a_text_missing_or_too_much_is_named),
		cmocka_unit_test(the_shipped_ones_are_complete),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
