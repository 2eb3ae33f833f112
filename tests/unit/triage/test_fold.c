#include "triage/fold.h"
#include "tests/unit/unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct fold folded;
static struct fold_words words;

static int learn(void **state)
{
	static const char *const exact[] = { "alone", "dood", "help", "kill", "nu", "slaat", "tonight",
		"wil", "ik", "suicide", "alleen", "allen", "le", "elf" };
	(void)state;
	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
		fold_learn(&words, exact[i], strlen(exact[i]), false);
	fold_learn(&words, "slaap", 5, true);
	words.emoji = calloc(1, sizeof *words.emoji);
	words.emoji[words.emoji_count++] = (struct fold_emoji) { 0x1f52a, "emo_knife" };
	fold_ready(&words);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	fold_forget(&words);
	return 0;
}

static void gives(const char *source, const char *expected)
{
	fold(source, strlen(source), &words, &folded);
	assert_string_equal(folded.text, expected);
}

static void words_stand_between_spaces(void **state)
{
	(void)state;
	gives("Hij slaat MIJ, nu!", " hij slaat mij nu . ");
	gives("", " ");
	gives("...", " ");
	gives("a\nb", " a . b ");
	gives("hij... sloeg.. mij… nu. Ja", " hij sloeg mij nu . ja "); /* a pause is no end */
	gives("één naïef Œuvre straße", " een naief oeuvre strasse ");
	gives("ｈｅｌｐ", " help "); /* full width */
	gives("\xff\xfe ok \xc3", " ok ");
}

static void apostrophes_split_french_and_join_the_rest(void **state)
{
	(void)state;
	gives("j'ai qu'il l'eau d’où", " j ai qu il l eau d ou ");
	gives("m'n don't foto's 'k heb", " mn dont fotos k heb ");
}

static void odd_spellings_become_what_a_rule_knows(void **state)
{
	(void)state;
	gives("nuuuuu slaaaat slaaaaapt", " nu slaat slaapt ");
	gives("papaaaa", " papa "); /* unknown: one letter */
	gives("t0night k1ll a1one @lone", " tonight kill alone alone ");
	gives("groep4 mp3 d00s", " groep4 mp3 d00s "); /* no rule knows what it would be */
	gives("d o o d", " dood ");
	gives("d.o.o.d nu", " dood nu ");
	gives("a b c d", " a b c d ");
	gives("000 11111", " 000 11111 ");
	gives("🔪 hier🔪🏻nu", " emo_knife hier emo_knife nu ");
}

static void signs_may_stand_for_letters(void **state)
{
	(void)state;
	gives("su!cide, su*c*de s*icide", " suicide suicide suicide ");
	gives("nu!ik **nu** *slaat*", " nu . ik nu slaat ");
	gives("alleeeeen alleen", " alleen alleen "); /* rather than allen */
	gives("helpp", " help ");
	gives("1e 11e 3lf", " 1e 11e 3lf "); /* too short to be anything else */
	gives("om 2.30u, 3.5", " om 2 30u 3 5 ");
	gives("_nooit_ emo_knife", " nooit emo_knife ");
	gives("don´t don＇t l´eau", " dont dont l eau ");
}

static void too_many_stars_are_said_not_to_be_checked(void **state)
{
	static char source[200];
	(void)state;
	for (int i = 0; i < 16; i++)
		strcat(source, "su*c*de ");
	fold(source, strlen(source), &words, &folded);
	assert_false(folded.cut);
	strcat(source, "su*c*de ");
	fold(source, strlen(source), &words, &folded);
	assert_true(folded.cut);
}

static void scripts_of_the_world_stay_words(void **state)
{
	(void)state;
	gives("İYİ ışık", " iyi isik ");
	gives("مـرحبا، كَيْف", " مرحبا كيف ");
	gives("👨‍👩‍👧 nu 🔪️ 1️⃣", " nu emo_knife 1 ");
	gives("𝓱𝓮𝓵𝓹 ⓝⓤ ﬁn", " help nu fin ");
	gives("हिन्दी", " हनद ");
}

static void marks_belong_to_what_they_stand_on(void **state)
{
	const char *source = "e\xcc\x81 🔪🏻 ab\xcc\x81";
	(void)state;
	fold(source, strlen(source), &words, &folded);
	assert_string_equal(folded.text, " e emo_knife ab ");
	assert_int_equal(folded.to[1], 3);
	assert_int_equal(folded.to[11], 12); /* with the tone of the skin */
	assert_int_equal(folded.to[14], strlen(source));
}

static void offsets_lead_back_to_the_source(void **state)
{
	const char *source = "Ée nuuuu";
	(void)state;
	fold(source, strlen(source), &words, &folded);
	assert_string_equal(folded.text, " ee nu ");
	assert_int_equal(folded.from[1], 0);
	assert_int_equal(folded.to[1], 2); /* two bytes */
	assert_int_equal(folded.from[4], 4);
	assert_int_equal(folded.to[5], strlen(source)); /* with all of the run */
}

static void what_is_too_long_is_cut_and_said(void **state)
{
	static char source[3 * FOLD_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof source; i++)
		source[i] = i % 8 == 7 ? ' ' : 'x' - (char)(i % 8);
	fold(source, FOLD_MAX - 2, &words, &folded);
	assert_false(folded.cut);
	fold(source, sizeof source, &words, &folded);
	assert_true(folded.cut);
	assert_true(folded.length <= FOLD_MAX);
	fold(source, FOLD_MAX - 1, NULL, &folded);
	assert_true(folded.length <= FOLD_MAX);
}

static void a_long_word_is_several_and_a_long_run_is_one(void **state)
{
	static char source[2 * FOLD_WORD_MAX + 32];
	(void)state;
	for (size_t i = 0; i < 2 * FOLD_WORD_MAX; i++)
		source[i] = "xyz"[i % 3];
	strcpy(source + 2 * FOLD_WORD_MAX, " slaat");
	fold(source, strlen(source), &words, &folded);
	assert_false(folded.cut);
	assert_int_equal(folded.text[FOLD_WORD_MAX + 1], ' ');
	assert_string_equal(folded.text + 2 * FOLD_WORD_MAX + 2, " slaat ");
	memset(source, 'u', 2 * FOLD_WORD_MAX);
	source[0] = 'n';
	fold(source, strlen(source), &words, &folded);
	assert_string_equal(folded.text, " nu slaat ");
	assert_int_equal(folded.to[2], 2 * FOLD_WORD_MAX);
}

static void spelled_letters_are_the_words_they_make(void **state)
{
	static const char *const rows[][2] = {
		{ "i k w i l d o o d", " ik wil dood " }, /* not "ikw": the split that leaves nothing over */
		{ "i k  w i l  d o o d", " ik wil dood " }, /* a wider gap is a word's end */
		{ "i k   w i l   d o o d", " ik wil dood " },
		{ "n u  i k", " nu ik " }, /* between wider gaps two letters are enough */
		{ "i k", " i k " }, /* too short to say */
		{ "x y z", " x y z " },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fold(rows[i][0], strlen(rows[i][0]), &words, &folded);
		assert_string_equal(folded.text, rows[i][1]);
	}
}

static void too_many_spelled_letters_are_said_not_to_be_checked(void **state)
{
	static char source[4000];
	(void)state;
	for (size_t i = 0; i + 1 < sizeof source; i++)
		source[i] = i % 2 ? ' ' : 'a' + (char)(i / 2 % 26);
	fold(source, 200, &words, &folded);
	assert_false(folded.cut);
	strcpy(source, "i k w i l d o o d");
	fold(source, strlen(source), &words, &folded);
	assert_string_equal(folded.text, " ik wil dood ");
	assert_int_equal(folded.from[1], 0);
	for (size_t i = 0; i + 8 < sizeof source; i += 4)
		memcpy(source + i, "i k ", 5);
	fold(source, strlen(source), &words, &folded);
	assert_true(folded.cut);
}

/* An invisible sign within a word takes it the longer way. */
static void plain_words_fold_as_all_others(void **state)
{
	static const char *const pieces[] = { "hij", "Slaat", "MIJ", "nu", "helpp", "wil", "zee", "bidden", "ik",
		"nuuu", "a", "d o o d", "t0night", "j'ai", "qu'il", "na\xc3\xafve", "\xf0\x9f\x94\xaa", "2u", "emo_knife",
		"alleen", "@lone", "su!cide", "s*icide", "Hottentottententententoonstellingsterreinverantwoordelijkheden" };
	static const char *const ends[] = { " ", " ", ", ", ". ", "! ", "!", "? ", "; ", "... ", "-", "/", "(", ")",
		"\n", ".", "_", "'", "\xe2\x80\x99", ":", "\"" };
	static struct fold longer;

	(void)state;
	srand(11);
	for (int round = 0; round < 5000; round++) {
		char source[1024] = "", slow[4096] = "";
		for (int i = rand() % 12; i >= 0; i--) {
			strcat(source, pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
			strcat(source, ends[(size_t)rand() % (sizeof ends / sizeof *ends)]);
		}
		for (const char *c = source; *c; c++) {
			bool within = isalpha((unsigned char)c[0]) && isalpha((unsigned char)c[1]);
			strncat(slow, c, 1);
			strcat(slow, within ? "\xe2\x80\x8d" : "");
		}
		fold(slow, strlen(slow), &words, &longer);
		gives(source, longer.text);
		for (size_t i = 0; i < folded.length; i++) {
			assert_true(folded.to[i] >= folded.from[i] && folded.to[i] <= strlen(source));
			if (isalpha((unsigned char)folded.text[i]) && isalpha((unsigned char)source[folded.from[i]])
				&& folded.to[i] == folded.from[i] + 1)
				assert_int_equal(tolower((unsigned char)source[folded.from[i]]), folded.text[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_between_spaces),
		cmocka_unit_test(apostrophes_split_french_and_join_the_rest),
		cmocka_unit_test(odd_spellings_become_what_a_rule_knows),
		cmocka_unit_test(signs_may_stand_for_letters),
		cmocka_unit_test(plain_words_fold_as_all_others),
		cmocka_unit_test(too_many_stars_are_said_not_to_be_checked),
		cmocka_unit_test(scripts_of_the_world_stay_words),
		cmocka_unit_test(marks_belong_to_what_they_stand_on),
		cmocka_unit_test(offsets_lead_back_to_the_source),
		cmocka_unit_test(what_is_too_long_is_cut_and_said),
		cmocka_unit_test(a_long_word_is_several_and_a_long_run_is_one),
		cmocka_unit_test(spelled_letters_are_the_words_they_make),
		cmocka_unit_test(too_many_spelled_letters_are_said_not_to_be_checked),
	};
	return cmocka_run_group_tests(tests, learn, forget);
}
