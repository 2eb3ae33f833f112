#include "webchat/words.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct words *lists(void)
{
	struct config_errors errors = { 0 };
	struct words *words;
	if (words_load("config/words", &words, &errors))
		fail_msg("%s", errors.texts[0]);
	return words;
}

static void same(const struct words *words, const char *typed, const char *meant)
{
	struct words_read read;
	bool among = false;
	if (words_read(words, typed, &read))
		fail_msg("\"%s\": word %d was not understood", typed, read.wrong);
	for (int i = 0; i < read.count; i++)
		among = among || !strcmp(read.texts[i], meant);
	if (!among)
		fail_msg("\"%s\" was read as \"%s\"", typed, read.texts[0]);
}

static void what_is_made_is_read_in_every_language(void **state)
{
	static const char *const langs[] = { "nl", "fr", "en", "xx" };
	struct words *words = lists();
	char text[WORDS_TEXT], other[WORDS_TEXT];

	(void)state;
	for (int round = 0; round < 200; round++) {
		words_make(words, langs[round % 4], text);
		same(words, text, text);
		words_make(words, langs[round % 4], other);
		assert_string_not_equal(text, other);
	}
	words_destroy(&words);
}

/* Each of these is a slip away from one of the other language's. */
static void a_language_that_fits_without_a_slip_wins(void **state)
{
	static const char *const made[]
		= { "appel orde appel orde appel appel zone", "appel ordre appel ordre appel appel zone" };
	struct words *words = lists();
	struct words_read read;

	(void)state;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		assert_int_equal(words_read(words, made[i], &read), OK);
		assert_int_equal(read.count, 1);
		assert_string_equal(read.texts[0], made[i]);
	}
	words_destroy(&words);
}

static void case_accents_marks_and_slips_are_forgiven(void **state)
{
	struct words *words = lists();

	(void)state;
	same(words, "Maandag, DINOSAURUS; krokodil.  olifant\nparaplu-chocola tomaat",
		"maandag dinosaurus krokodil olifant paraplu chocola tomaat");
	same(words, "1. maandg 2. dinosauruss 3. krokodli 4. olifent 5. paralpu 6. chcola 7. tomaaat",
		"maandag dinosaurus krokodil olifant paraplu chocola tomaat");
	same(words, "éléphant dauphin crème école montagne chanson fenêtre",
		"elephant dauphin creme ecole montagne chanson fenetre");
	same(words, "elephant dauphin creme ecole montagne chanson fenetre",
		"elephant dauphin creme ecole montagne chanson fenetre");
	words_destroy(&words);
}

/* One slip anywhere, of every kind, in any word: it is understood, or (seldom) which word is unclear. */
static void one_slip_is_forgiven(void **state)
{
	struct words *words = lists();
	char text[WORDS_TEXT], typed[WORDS_TEXT + 1];
	struct words_read read;
	int understood = 0, all = 0;

	(void)state;
	for (int round = 0; round < 300; round++) {
		words_make(words, round % 2 ? "nl" : "fr", text);
		size_t at = (size_t)round * 7 % strlen(text);
		strcpy(typed, text);
		if (text[at] == ' ' || text[at + 1] == ' ' || !text[at + 1])
			continue;
		if (round % 4 == 0)
			typed[at] = (char)(text[at] == 'z' ? 'a' : text[at] + 1);
		else if (round % 4 == 1)
			memmove(typed + at, text + at + 1, strlen(text + at));
		else if (round % 4 == 2)
			memmove(typed + at + 1, text + at, strlen(text + at) + 1);
		else
			typed[at] = text[at + 1], typed[at + 1] = text[at];
		all++;
		if (words_read(words, typed, &read))
			continue;
		for (int i = 0; i < read.count; i++)
			understood += !strcmp(read.texts[i], text);
	}
	if (understood < all * 97 / 100)
		fail_msg("%d of %d slips were understood", understood, all);
	words_destroy(&words);
}

static void a_word_in_no_list_is_named(void **state)
{
	static const struct {
		const char *typed;
		int wrong;
	} cases[] = { { "maandag dinosaurus qqqqqq olifant paraplu chocola tomaat", 3 },
		{ "maandag dinosaurus krokodil olifant paraplu chocola qq", 7 },
		{ "maandag dinosaurus krokodil olifant paraplu chocola", 0 },
		{ "maandag dinosaurus krokodil olifant paraplu chocola tomaat tomaat", 0 },
		{ "", 0 }, { "dit is een hele gewone zin met veel te veel woorden", 0 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b c d e f g", 1 },
		{ "\xff\xfe\xfd", 0 }, { "日 月 火 水 木 金 土", 0 } };
	struct words *words = lists();
	struct words_read read;
	char longest[5000];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(words_read(words, cases[i].typed, &read), ERR_INVALID);
		assert_int_equal(read.wrong, cases[i].wrong);
	}
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(words_read(words, longest, &read), ERR_INVALID);
	words_destroy(&words);
}

static bool one_slip(const char *a, const char *b)
{
	size_t from = 0, x = strlen(a), y = strlen(b);
	while (a[from] && a[from] == b[from])
		from++;
	while (x > from && y > from && a[x - 1] == b[y - 1]) {
		x--;
		y--;
	}
	return x - from <= 1 && y - from <= 1;
}

/* Whole words are never taken for one another, and most are told by their first four letters. */
static void the_lists_keep_their_distance(void **state)
{
	static const char *const langs[] = { "nl", "fr", "en" };
	static char list[2048][12];

	(void)state;
	for (size_t l = 0; l < 3; l++) {
		char path[64], line[200];
		size_t count = 0, starts = 0;
		snprintf(path, sizeof path, "config/words/%s.txt", langs[l]);
		FILE *file = fopen(path, "re");
		assert_non_null(file);
		while (fgets(line, sizeof line, file))
			if (*line != '#')
				snprintf(list[count++], 12, "%.*s", (int)strcspn(line, "\n"), line);
		fclose(file);
		assert_int_equal(count, 2048);
		for (size_t i = 0; i < count; i++) {
			starts += !i || strncmp(list[i], list[i - 1], 4) != 0;
			for (size_t j = i + 1; j < count; j++)
				if (one_slip(list[i], list[j]))
					fail_msg("%s: %s and %s", langs[l], list[i], list[j]);
		}
		assert_true(starts > 1300);
	}
}

static void a_broken_list_is_refused(void **state)
{
	char folder[] = "/tmp/onthaal-words-XXXXXX", path[64];
	struct config_errors errors = { 0 };
	struct words *words;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(words_load(folder, &words, &errors), ERR_NOT_FOUND);
	assert_null(words);
	snprintf(path, sizeof path, "%s/nl.txt", folder);
	FILE *file = fopen(path, "we");
	fputs("appel\npeer\n", file);
	fclose(file);
	assert_int_equal(words_load(folder, &words, &errors), ERR_INVALID);
	assert_non_null(strstr(errors.texts[1], "nl.txt: not a list of 2048 words"));
	config_errors_finish(&errors);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_made_is_read_in_every_language),
		cmocka_unit_test(a_language_that_fits_without_a_slip_wins),
		cmocka_unit_test(case_accents_marks_and_slips_are_forgiven),
		cmocka_unit_test(one_slip_is_forgiven),
		cmocka_unit_test(a_word_in_no_list_is_named),
		cmocka_unit_test(the_lists_keep_their_distance),
		cmocka_unit_test(a_broken_list_is_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
