#include "triage/fold.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct fold folded;
static char slaat[] = "slaat", nu[] = "nu", tonight[] = "tonight", dood[] = "dood", kill[] = "kill",
	    slaap[] = "slaap", alone[] = "alone";
static char *exact[] = { alone, dood, kill, nu, slaat, tonight };
static char *prefixes[] = { slaap };
static struct fold_emoji emoji[] = { { 0x1f52a, "emo_knife" } };
static const struct fold_words words = { .exact = exact, .exact_count = 6, .prefixes = prefixes,
	.prefix_count = 1, .emoji = emoji, .emoji_count = 1 };

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
	memset(source, 'a', sizeof source);
	source[1] = 'b';
	fold(source, FOLD_WORD_MAX, &words, &folded);
	assert_false(folded.cut);
	fold(source, FOLD_WORD_MAX + 1, &words, &folded);
	assert_true(folded.cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_between_spaces),
		cmocka_unit_test(apostrophes_split_french_and_join_the_rest),
		cmocka_unit_test(odd_spellings_become_what_a_rule_knows),
		cmocka_unit_test(offsets_lead_back_to_the_source),
		cmocka_unit_test(what_is_too_long_is_cut_and_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
