#include "config/languages.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

#define NL "language: nl\nname: Nederlands\ndirection: ltr\nreview: draft\nvisitor:\n  a:\n    b: \"dag {name}\"\n"
#define AR "language: ar\nname: العربية\ndirection: rtl\nreview: draft\nvisitor:\n  a: {b: \"مرحبا {name}\"}\n"

static void texts_are_found_and_picked(void **state)
{
	struct config_errors errors = { 0 };
	struct languages *set;
	(void)state;
	put("nl.yaml", NL);
	put("ar.yaml", AR);
	assert_int_equal(languages_load(folder, "nl", &set, &errors), OK);
	assert_int_equal(languages_count(set), 2);
	size_t nl = languages_pick(set, "visitor", NULL, "nl"), ar = languages_pick(set, "visitor", "en, ar-MA;q=0.5, nl;q=0.4", "nl");
	assert_string_equal(languages_code(set, nl), "nl");
	assert_string_equal(languages_code(set, ar), "ar");
	assert_int_equal(languages_pick(set, "visitor", "nl;q=0.8, ar;q=0.9", "nl"), ar);
	assert_int_equal(languages_pick(set, "visitor", "NL-be,ar", "ar"), nl);
	assert_int_equal(languages_pick(set, "visitor", "xx;q=,,;", "zz"), nl);
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
	assert_int_equal(languages_load(folder, "nl", &set, &errors), ERR_INVALID);
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
	put("ar.yaml", "language: ar\nname: x\ndirection: rtl\nreview: draft\nvisitor: {a: {b: \"{naam}\"}, c: x}\n");
	refused("/ar.yaml: visitor.a.b: {naam} means nothing here: placeholders stay as they are in the "
		"reference");
	put("ar.yaml", AR "  c: x\n  d: x\n");
	snprintf(expected, sizeof expected,
		"/ar.yaml: visitor.d is not in %s/nl.yaml: remove it, or add it there", folder);
	refused(expected);
	put("ar.yaml", "language: ar\nname: x\ndirection: up\n");
	refused("/ar.yaml:1: direction: write ltr or rtl");
	put("ar.yaml", "direction: ltr\n");
	refused("/ar.yaml:1: give language (its code, \"nl\") and name");
	put("ar.yaml", "language: ar\nname: x\ndirection: rtl\n");
	refused("/ar.yaml:1: review: write draft, or who reviewed it and when");
	put("ar.yaml", "a: [b]\nlanguage: ar\nname: x\ndirection: ltr\n");
	refused("/ar.yaml:1: texts stand in maps of keys, not in lists, and at most 16 maps in one another");
	put("ar.yaml", "language: ar\nname: x\ndirection: rtl\nreview: x\nvisitor: &a {\"\": *a}\n"); /* round and round */
	refused("/ar.yaml:1: texts stand in maps of keys, not in lists, and at most 16 maps in one another");
	take_away("nl.yaml");
	take_away("ar.yaml");
}

static struct languages *load(void)
{
	struct config_errors errors = { 0 };
	struct languages *set = NULL;
	enum err err = languages_load(folder, "nl", &set, &errors);
	for (uint32_t i = 0; i < errors.count; i++)
		print_message("%s\n", errors.texts[i]);
	assert_int_equal(err, OK);
	return set;
}

#define HEAD(code) "language: " code "\nname: x\ndirection: ltr\nreview: draft\n"

static void each_language_has_its_own_plural_forms(void **state)
{
	struct languages *set;
	(void)state;
	put("nl.yaml", HEAD("nl") "visitor: {n: {one: \"{n} dag\", other: \"{n} dagen\"}}\n");
	put("pl.yaml", HEAD("pl") "visitor: {n: {one: a, few: \"{n}\", other: \"{n}\"}}\n");
	refused("/pl.yaml: visitor.n.many is missing: this language has that form for some numbers");
	put("pl.yaml", HEAD("pl") "visitor: {n: {one: a, two: b, few: \"{n}\", many: c, other: \"{n}\"}}\n");
	refused("/pl.yaml: visitor.n.two: this language has no such form: remove it");
	put("pl.yaml", HEAD("pl") "visitor: {n: {one: a, few: b, many: c, other: d}}\n");
	refused("/pl.yaml: visitor.n.other: {n} is missing: keep the placeholder");
	put("pl.yaml", HEAD("pl") "visitor: {n: {one: a, few: b, many: c, other: \"{n}\"}}\n");
	put("uk.yaml", HEAD("uk") "visitor: {n: {one: a, few: b, many: c, other: \"{n}\", dual: d}}\n");
	char expected[300];
	snprintf(expected, sizeof expected,
		"/uk.yaml: visitor.n.dual is not in %s/nl.yaml: remove it, or add it there", folder);
	refused(expected);
	take_away("uk.yaml");
	put("fr.yaml", HEAD("fr") "visitor: {n: {one: a, other: \"{n}\"}}\n"); /* many: of millions */
	set = load();
	languages_destroy(&set);
	take_away("nl.yaml");
	take_away("pl.yaml");
	take_away("fr.yaml");
}

static void a_console_that_misses_texts_has_those_of_the_centre(void **state)
{
	struct config_errors errors = { 0 };
	struct languages *set;
	(void)state;
	put("nl.yaml", HEAD("nl") "visitor: {a: a}\nconsole: {b: b, c: {one: c, other: cc}, d: d}\n");
	put("fr.yaml", HEAD("fr") "visitor: {a: fa}\nconsole: {b: fb, c: {one: fc, other: fcc}}\n");
	put("de.yaml", HEAD("de") "visitor: {a: da}\n");
	assert_int_equal(languages_load(folder, "fr", &set, &errors), OK);
	size_t de = languages_pick(set, "visitor", "de", "fr"), fr = languages_pick(set, "console", "de", "fr");
	assert_string_equal(languages_code(set, de), "de");
	assert_string_equal(languages_code(set, fr), "fr");
	assert_false(languages_has(set, de, "console"));
	assert_true(languages_has(set, fr, "console"));
	assert_int_equal(languages_missing(set, de, "console"), 4);
	assert_int_equal(languages_missing(set, fr, "console"), 1);
	assert_string_equal(languages_json(set, fr, "console"),
		"{\"b\":\"fb\",\"c.one\":\"fc\",\"c.other\":\"fcc\",\"d\":\"d\"}");
	assert_string_equal(languages_json(set, de, "console"),
		"{\"b\":\"fb\",\"c.one\":\"fc\",\"c.other\":\"fcc\",\"d\":\"d\"}");
	assert_string_equal(languages_review(set, de), "draft");
	languages_destroy(&set);
	assert_int_equal(languages_load(folder, "es", &set, &errors), ERR_INVALID);
	assert_non_null(strstr(errors.texts[0], "centre.language is es, and there is no such catalogue"));
	config_errors_finish(&errors);
	take_away("nl.yaml");
	take_away("fr.yaml");
	take_away("de.yaml");
}

static void what_a_page_uses_is_compared(void **state)
{
	struct config_errors errors = { 0 };
	struct languages *set;
	(void)state;
	put("nl.yaml", HEAD("nl") "visitor: {a: a, who: {x: x, y: y}, n: {one: o, other: o}, old: {b: b}}\n");
	set = load();
	languages_unused(set, "visitor", "start who.\ntext a\ntext n\nword old.b\n", &errors);
	assert_int_equal(errors.count, 0);
	languages_unused(set, "visitor", "text a\ntext a.more\ntext n\nword old.b\nstart who.x\n", &errors);
	assert_int_equal(errors.count, 3);
	assert_non_null(strstr(errors.texts[0], "nl.yaml: visitor.who.x is used nowhere on the page: remove it"));
	assert_non_null(strstr(errors.texts[2], "nl.yaml: visitor.a.more is missing: the page uses it"));
	config_errors_finish(&errors);
	languages_destroy(&set);
	take_away("nl.yaml");
}

static void what_is_read_while_waiting_is_there_in_the_centres_language(void **state)
{
	struct config_errors errors = { 0 };
	struct languages *set;
	char pages[64], path[100];
	(void)state;
	put("nl.yaml", HEAD("nl") "visitor: {a: a}\n");
	put("fr.yaml", HEAD("fr") "visitor: {a: a}\n");
	set = load();
	snprintf(pages, sizeof pages, "%s/pages", folder);
	assert_int_equal(mkdir(pages, 0700), 0);
	assert_int_equal(languages_load_cards(set, pages, &errors), ERR_INVALID);
	assert_non_null(strstr(errors.texts[0], "pages/nl.yaml: cannot be read"));
	put("pages/nl.yaml", "review: draft\ncards:\n  - title: \"T\"\n    text: [\"een\", \"twee\"]\n");
	assert_int_equal(languages_load_cards(set, pages, &errors), OK);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(languages_cards(set, i),
			"{\"lang\":\"nl\",\"dir\":\"ltr\",\"cards\":[{\"title\":\"T\",\"text\":[\"een\",\"twee\"]}]}");
	assert_string_equal(languages_cards_review(set, languages_pick(set, "visitor", "nl", "nl")), "draft");
	assert_null(languages_cards_review(set, languages_pick(set, "visitor", "fr", "nl")));
	languages_destroy(&set);
	static const char *const wrong[][2] = { { "cards:\n  - title: T\n    text: [a]\n", ":1: review: write draft" },
		{ "a: b\n", ":1: give a list of cards" },
		{ "cards:\n  - title: T\n", ":2: text: give a list of paragraphs" },
		{ "cards:\n  - title: T\n    text: []\n", ":2: text: give a list of paragraphs" },
		{ "cards:\n  - text: [a]\n", ":2: title is a text of 1 to 200 bytes" },
		{ "cards:\n  - title: T\n    text: [\"\"]\n", "a paragraph is a text of 1 to 2000 bytes" },
		{ "cards:\n  - title: T\n    text: [a,b,c,d,e,f,g,h,i]\n", "at most 8 paragraphs" } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		config_errors_finish(&errors);
		set = load();
		put("pages/nl.yaml", wrong[i][0]);
		assert_int_equal(languages_load_cards(set, pages, &errors), ERR_INVALID);
		if (!strstr(errors.texts[0], wrong[i][1]))
			fail_msg("%s", errors.texts[0]);
		languages_destroy(&set);
	}
	config_errors_finish(&errors);
	take_away("pages/nl.yaml");
	take_away("nl.yaml");
	take_away("fr.yaml");
	snprintf(path, sizeof path, "%s/pages", folder);
	assert_int_equal(rmdir(path), 0);
}

static void a_text_fits_its_place(void **state)
{
	char text[400];
	struct languages *set;
	(void)state;
	put("nl.yaml", HEAD("nl") "visitor: {chat: {me: \"éééééééééééé\"}}\n"); /* twelve, of two bytes */
	set = load();
	languages_destroy(&set);
	snprintf(text, sizeof text, "%svisitor: {chat: {me: \"ééééééééééééé\"}}\n", HEAD("nl"));
	put("nl.yaml", text);
	refused("/nl.yaml: visitor.chat.me has 13 characters, and room for 12: say it shorter");
	put("nl.yaml", HEAD("nl") "visitor: {a: \"\"}\n");
	refused("/nl.yaml: visitor.a is empty: write its text");
	take_away("nl.yaml");
}

static void the_shipped_ones_are_complete(void **state)
{
	struct config_errors errors = { 0 };
	struct languages *set = NULL;
	(void)state;
	enum err err = languages_load("config/languages", "nl", &set, &errors);
	for (uint32_t i = 0; i < errors.count; i++)
		print_message("%s\n", errors.texts[i]);
	assert_int_equal(err, OK);
	assert_int_equal(languages_count(set), 11);
	err = languages_load_cards(set, "config/pages", &errors);
	for (uint32_t i = 0; i < errors.count; i++)
		print_message("%s\n", errors.texts[i]);
	assert_int_equal(err, OK);
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
		cmocka_unit_test(each_language_has_its_own_plural_forms),
		cmocka_unit_test(a_console_that_misses_texts_has_those_of_the_centre),
		cmocka_unit_test(what_a_page_uses_is_compared),
		cmocka_unit_test(what_is_read_while_waiting_is_there_in_the_centres_language),
		cmocka_unit_test(a_text_fits_its_place),
		cmocka_unit_test(the_shipped_ones_are_complete),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
