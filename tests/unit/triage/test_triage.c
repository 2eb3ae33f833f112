/* A set of rules: parsed with errors that name the line, scanned, guarded, limited. */
#include "triage/triage.h"
#include "triage/eval.h"
#include "tests/unit/store/folder.h"
#include "tests/unit/unit.h"

#define HEAD "onthaal rules 1\n"
#define EXAMPLES "  why Vraag door.\n  yes papa slaat mij\n  yes papa  slaat me\n  no papa slaapt\n  no ok\n"
#define RULE "rule r.1\n  level serious\n  category violence\n"

static struct triage *set;
static struct triage_result result;

static void put_rules(const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/a.rules", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void load(const char *text)
{
	struct config_errors errors = { 0 };
	put_rules(text);
	enum err err = triage_load(folder, &set, &errors);
	if (errors.count)
		print_message("%s\n", errors.texts[0]);
	assert_int_equal(err, OK);
}

static void refused(const char *text, const char *expected)
{
	struct config_errors errors = { 0 };
	char whole[400];
	put_rules(text);
	assert_int_equal(triage_load(folder, &set, &errors), ERR_INVALID);
	snprintf(whole, sizeof whole, "%s/a.rules:%s", folder, expected);
	assert_string_equal(errors.texts[0], whole);
	config_errors_finish(&errors);
}

static enum triage_level scan(const char *text, const char *tail)
{
	triage_scan(set, text, strlen(text), "nl", tail, strlen(tail), &result);
	return result.level;
}

static void a_rule_matches_words_with_gaps_lists_and_endings(void **state)
{
	(void)state;
	load(HEAD "words @dader = papa | mijn vader\n  | stief*\n" RULE
		  "  match @dader ..3 (sla|slaat|geslagen*|op mijn gezicht)\n" EXAMPLES);
	assert_int_equal(scan("PAPA heeft mij weer geslagen", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("mijn vader slaat mij", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("stiefpapa en dan op mijn gezicht", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("papa een twee drie vier geslagen", ""), LEVEL_NONE);
	assert_int_equal(scan("papa. Hij geslagen", ""), LEVEL_NONE); /* another sentence */
	assert_int_equal(scan("opapa slaat", ""), LEVEL_NONE);
	assert_int_equal(scan("papa slaatje", ""), LEVEL_NONE);
	assert_int_equal(scan("dag. papa slaat", ""), LEVEL_SERIOUS);
	assert_int_equal(result.count, 1);
	assert_int_equal(result.flags[0].from, 5);
	assert_int_equal(result.flags[0].to, 15);
	assert_string_equal(result.flags[0].why, "Vraag door.");
	assert_true(result.complete);
}

static void a_guard_lowers_and_a_stop_word_ends_it(void **state)
{
	(void)state;
	load(HEAD "guard neen\n  lowers 2\n  before 3 niet | geen\n  after 1 niet\n  stop maar\n"
		  "guard spel\n  lowers 1\n  message roblox\n"
		  "rule r.1\n  level immediate\n  category x\n  match papa ..3 slaat\n  unless neen, spel\n" EXAMPLES);
	assert_int_equal(scan("papa slaat", ""), LEVEL_IMMEDIATE);
	assert_int_equal(scan("niet dat papa slaat", ""), LEVEL_ELEVATED); /* never lower than that */
	assert_string_equal(result.flags[0].lowered_by, "neen");
	assert_int_equal(scan("niet een twee drie papa slaat", ""), LEVEL_IMMEDIATE);
	assert_int_equal(scan("niet erg maar papa slaat", ""), LEVEL_IMMEDIATE);
	assert_int_equal(scan("papa doet niet alsof hij slaat", ""), LEVEL_NONE);
	assert_int_equal(scan("papa slaat niet", ""), LEVEL_ELEVATED);
	assert_int_equal(scan("papa slaat maar niet", ""), LEVEL_IMMEDIATE);
	assert_int_equal(scan("Niet nu. papa slaat", ""), LEVEL_IMMEDIATE);
	assert_int_equal(scan("papa slaat in roblox", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("papa slaat niet. papa slaat", ""), LEVEL_IMMEDIATE); /* the second does */
}

static void a_raise_needs_its_words_near(void **state)
{
	(void)state;
	load(HEAD RULE "  match papa ..3 slaat\n  raise immediate near 3 nu | op dit moment\n" EXAMPLES);
	assert_int_equal(scan("papa slaat mama", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("papa slaat mama nu", ""), LEVEL_IMMEDIATE);
	assert_int_equal(scan("op dit moment papa slaat", ""), LEVEL_IMMEDIATE);
	assert_int_equal(scan("papa slaat een twee drie nu", ""), LEVEL_SERIOUS);
}

static void a_sentence_over_two_messages_is_found_once(void **state)
{
	(void)state;
	load(HEAD RULE "  match papa ..3 slaat\n" EXAMPLES);
	assert_int_equal(scan("mij slaat", "en papa"), LEVEL_SERIOUS);
	assert_int_equal(result.flags[0].from, 0);
	assert_int_equal(result.flags[0].to, 9);
	assert_int_equal(scan("wat nu", "papa slaat mij"), LEVEL_NONE); /* told before */
	assert_int_equal(scan("papa slaat", "papa slaat mij"), LEVEL_SERIOUS);
}

static void raw_and_whole_patterns_work(void **state)
{
	(void)state;
	load(HEAD RULE "  regex  papa [^ ]+t mij(?= )\n  needs papa\n" EXAMPLES
		"rule r.2\n  level none\n  category test\n  match whole (test|proef)\n  why Proef.\n"
		"  yes test\n  yes Proef!\n  no een test\n  no testen\n");
	assert_int_equal(scan("papa slaat mij", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("papa slaan mij", ""), LEVEL_NONE);
	scan("test!!", "");
	assert_int_equal(result.count, 1);
	scan("een test", "");
	assert_int_equal(result.count, 0);
}

static void a_limit_reached_is_never_clean(void **state)
{
	static char text[9000], rules[200000];
	size_t length = 0;
	(void)state;
	load(HEAD RULE "  match papa ..3 slaat\n" EXAMPLES);
	for (size_t i = 0; i + 4 < sizeof text; i += 4)
		memcpy(text + i, "abc ", 4);
	text[8000] = '\0';
	assert_int_equal(scan(text, ""), LEVEL_NONE);
	assert_true(result.complete);
	text[8000] = ' ';
	assert_int_equal(scan(text, ""), LEVEL_ELEVATED);
	assert_false(result.complete);
	triage_destroy(&set);
	length = (size_t)sprintf(rules, HEAD); /* more rules than are tried on one message */
	for (int i = 0; i < 97; i++)
		length += (size_t)sprintf(rules + length,
			"rule r.%d\n level none\n category x\n match papa\n why x\n yes papa\n yes papa a\n no x\n no y\n", i);
	load(rules);
	assert_int_equal(scan("papa", ""), LEVEL_ELEVATED);
	assert_false(result.complete);
	assert_int_equal(result.count, TRIAGE_FLAGS_MAX);
	triage_destroy(&set);
	load(HEAD RULE "  regex  (?:[^x]*a){30}[bc]\n" EXAMPLES); /* grows without end */
	memset(text, 'a', 400);
	for (int i = 0; i < 400; i += 3)
		text[i] = ' ';
	text[400] = '\0';
	assert_int_equal(scan(text, ""), LEVEL_ELEVATED);
	assert_false(result.complete);
}

static void either_order_numbers_and_possibilities(void **state)
{
	(void)state;
	load(HEAD RULE "  match (weg|loop) <3> (nu|straks) | ik ben # | *slagen thuis\n    | ga ..2 dood\n" EXAMPLES);
	assert_int_equal(scan("nu ga ik weg", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("weg straks", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("weg een twee drie vier nu", ""), LEVEL_NONE);
	assert_int_equal(scan("ik ben 9", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("ik ben negen", ""), LEVEL_NONE);
	assert_int_equal(scan("ik ben 9a", ""), LEVEL_NONE);
	assert_int_equal(scan("afgeslagen thuis", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("ga nu dood", ""), LEVEL_SERIOUS);
}

static void excepted_phrases_are_not_seen(void **state)
{
	(void)state;
	load(HEAD "language nl\nharmless sterf ..1 lachen\n" RULE
		  "  match papa ..5 slaat | sterf\n  except slaat ..2 bal | op de trom slaat\n" EXAMPLES);
	assert_int_equal(scan("papa slaat een bal", ""), LEVEL_NONE);
	assert_int_equal(scan("papa slaat een bal en slaat mij", ""), LEVEL_SERIOUS);
	assert_int_equal(result.flags[0].to, 27);
	assert_int_equal(scan("papa die op de trom slaat", ""), LEVEL_NONE);
	assert_int_equal(scan("ik sterf van lachen", ""), LEVEL_NONE);
	assert_int_equal(scan("ik sterf van lachen. ik sterf", ""), LEVEL_SERIOUS);
}

static void a_rule_can_ask_for_more_and_lower_itself(void **state)
{
	(void)state;
	load(HEAD RULE "  match slaat\n  with message papa | mama\n  lower 1 near 2 judo\n" EXAMPLES);
	assert_int_equal(scan("hij slaat", ""), LEVEL_NONE);
	assert_int_equal(scan("hij slaat. het is papa", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("papa slaat bij judo", ""), LEVEL_ELEVATED);
	assert_string_equal(result.flags[0].lowered_by, "r.1");
}

static void a_guard_leaves_the_rules_own_words(void **state)
{
	(void)state;
	load(HEAD "guard neen\n  before 3 niet | nooit\n  except niet alleen\ngroup al = neen\n" RULE
		  "  match wil ..3 (niet meer leven|dood)\n  unless al\n" EXAMPLES);
	assert_int_equal(scan("ik wil niet meer leven", ""), LEVEL_SERIOUS);
	assert_int_equal(scan("ik wil niet dood", ""), LEVEL_NONE);
	assert_int_equal(scan("ik wil nooit niet meer leven", ""), LEVEL_NONE);
	assert_int_equal(scan("niet alleen wil ik dood", ""), LEVEL_SERIOUS);
	assert_string_equal(result.flags[0].rule, "r.1");
}

static enum triage_level scan_as(const char *lang, const char *text)
{
	triage_scan(set, text, strlen(text), lang, "", 0, &result);
	return result.level;
}

static void a_foreign_text_is_left_alone(void **state)
{
	FILE *file;
	char path[128];
	(void)state;
	snprintf(path, sizeof path, "%s/b.rules", folder);
	file = fopen(path, "w");
	fputs(HEAD "language fr\ntells je | tu | il | mes | avec | chez\n", file);
	fclose(file);
	load(HEAD "language nl\ntells ik | het | met\n" RULE "  match mes\n" EXAMPLES
		  "rule r.2\n  level elevated\n  category x\n  match kms\n  anywhere\n" EXAMPLES);
	assert_int_equal(scan_as("", "mes"), LEVEL_SERIOUS); /* can be any language */
	assert_int_equal(scan_as("", "il a mes clefs"), LEVEL_NONE);
	assert_int_equal(scan_as("nl", "il a mes clefs"), LEVEL_SERIOUS); /* chosen: needs more */
	assert_int_equal(scan_as("nl", "il est avec mes clefs chez moi"), LEVEL_NONE);
	assert_int_equal(scan_as("fr", "ik zie mes clefs avec toi"), LEVEL_SERIOUS); /* mixed */
	assert_int_equal(scan_as("fr", "je vais kms avec toi"), LEVEL_ELEVATED);
}

static void answers_raise_by_themselves(void **state)
{
	struct config_errors errors = { 0 };
	(void)state;
	load(HEAD "rule r.1\n  level elevated\n  category night\n  who child\n  hour 22 6\n  why x\n"
		  "  yes child 22:00\n  yes child 05:59\n  no child 06:00\n  no parent 23:00\n");
	assert_int_equal(triage_validate(set, folder, &errors), OK);
	triage_answers(set, "child", 23 * 60, &result);
	assert_int_equal(result.level, LEVEL_ELEVATED);
	assert_string_equal(result.flags[0].why, "x");
	triage_answers(set, "child", 12 * 60, &result);
	assert_int_equal(result.level, LEVEL_NONE);
	assert_int_equal(result.count, 0);
	triage_answers(set, "", 23 * 60, &result);
	assert_int_equal(result.count, 0);
	assert_int_equal(scan("child 23:00", ""), LEVEL_NONE);
}

static void a_file_of_another_editor_is_read(void **state)
{
	(void)state;
	load("\xef\xbb\xbf" "onthaal rules 1\r\n\r\nwords @wie = papa\r\n  | mama\r\n\r\nrule a.b\r\n level serious\r\n"
	     " category x\r\n match @wie slaat\r\n why x\r\n yes mama slaat\r\n yes papa slaat\r\n no papa\r\n no ok\r\n");
	assert_int_equal(scan("mama slaat mij", ""), LEVEL_SERIOUS);
}

static void mistakes_are_named_by_line(void **state)
{
	(void)state;
	refused("rules\n", "1: the first line is: onthaal rules 1");
	refused(HEAD "match x\n", "2: match: a rule, a guard, a score, words, emoji, group, language, tells or harmless is expected here");
	refused(HEAD "words dader = papa\n", "2: write: words @name = one | two words | any*");
	refused(HEAD RULE "  level hoog\n" EXAMPLES "  match a\n",
		"5: level: immediate, serious, elevated or none");
	refused(HEAD RULE "  match @niemand\n" EXAMPLES, "5: there is no such list: @niemand");
	refused(HEAD "words @a = @b\nwords @b = @a\n" RULE "  match @a\n" EXAMPLES,
		"7: this list holds itself: @a");
	refused(HEAD RULE "  match papa ..30 slaat\n" EXAMPLES, "5: a gap is ..1 to ..20, or <1> to <20> in either order");
	refused(HEAD RULE "  match (papa slaat\n" EXAMPLES, "5: a ) is missing: (papa slaat");
	refused(HEAD RULE "  match (papa||ma)\n" EXAMPLES, "5: an empty place beside |");
	refused(HEAD RULE "  match papa\n  unless joke\n" EXAMPLES, "6: there is no guard joke");
	refused(HEAD RULE "  match papa\n  why x\n  yes papa\n  no a\n  no b\n",
		"2: rule r.1: two yes examples missing");
	refused(HEAD RULE "  match papa\n  yes papa\n  yes a papa\n  no b\n  no c\n",
		"2: rule r.1: why missing");
	refused(HEAD RULE "  match papa\n  wat x\n" EXAMPLES,
		"6: wat is not known in a rule: level, category, match, regex, needs, with, except, anywhere, raise, lower, unless, who, hour, why, yes, no");
	refused(HEAD RULE "  regex  (a\n" EXAMPLES, "5: at sign 2: missing closing parenthesis");
	refused(HEAD RULE "  match papa\n  raise nu\n" EXAMPLES,
		"6: write: raise immediate sentence nu | vanavond");
	refused(HEAD "guard g\n  before 99 x\n", "3: write: before 3 words | to look for (1 to 20)");
	refused(HEAD "guard g\n", "2: guard g looks for nothing");
	refused(HEAD RULE "  match ..3 papa\n" EXAMPLES, "5: begin with words, not with a gap");
	refused(HEAD RULE "  match papa ..3\n" EXAMPLES, "5: end with words, not with a gap");
	refused(HEAD RULE "  match papa?\n" EXAMPLES, "5: one part at least must stand there for certain");
	refused(HEAD RULE "  match (a|(b)\n" EXAMPLES,
		"5: no ( within ( ): write each possibility out, or make a list of words: (a|(b)");
	refused(HEAD RULE "  match a <3 b\n" EXAMPLES, "5: a > is missing: <3 b");
	refused(HEAD RULE "  match a <3> b <3> c\n" EXAMPLES, "5: only one <5> in a match");
	refused(HEAD RULE "  match a. b\n" EXAMPLES, "5: a sentence cannot end within a match: a. b");
	refused(HEAD RULE "  lower 9 near 3 x\n" EXAMPLES, "5: write: lower 2 near 3 keelpijn | verkouden");
	refused(HEAD RULE "  with x\n" EXAMPLES, "5: write: with message baby | kindje");
	refused(HEAD "tells ik\n", "2: tells: first say which language this file is, as: language nl");
	refused(HEAD "language een twee\n", "2: write: language nl");
	refused(HEAD RULE "  hour 22 25\n" EXAMPLES,
		"5: write: hour 22 6 (from 22:00 until 6:00, local time)");
	refused(HEAD RULE "  match a\n  who child\n" EXAMPLES,
		"2: rule r.1: who and hour are for the answers: no match beside them");
	refused(HEAD "group x\n", "2: write: group name = guard, guard");
}

static void examples_are_tried(void **state)
{
	struct config_errors errors = { 0 };
	char expected[300];
	(void)state;
	load(HEAD RULE "  match papa ..3 slaat\n  why x\n  yes papa slaat\n  yes papa weent\n  no a\n  no papa slaat\n");
	assert_int_equal(triage_validate(set, folder, &errors), ERR_INVALID);
	assert_int_equal(errors.count, 2);
	snprintf(expected, sizeof expected,
		"%s/a.rules:8: rule r.1 gives no flag, not serious: papa weent", folder);
	assert_string_equal(errors.texts[0], expected);
	snprintf(expected, sizeof expected, "%s/a.rules:10: rule r.1 must not match: papa slaat", folder);
	assert_string_equal(errors.texts[1], expected);
	config_errors_finish(&errors);
}

static void the_same_files_have_the_same_hash(void **state)
{
	char first[TRIAGE_HASH_SIZE];
	(void)state;
	load(HEAD RULE "  match papa ..3 slaat\n" EXAMPLES);
	strcpy(first, triage_hash(set));
	triage_destroy(&set);
	load(HEAD RULE "  match papa ..3 slaat\n" EXAMPLES);
	assert_string_equal(triage_hash(set), first);
	triage_destroy(&set);
	load(HEAD RULE "  match papa ..4 slaat\n" EXAMPLES);
	assert_string_not_equal(triage_hash(set), first);
}

static void intervals_are_wilsons(void **state)
{
	double low, high;
	(void)state;
	eval_wilson(8, 10, &low, &high); /* 0.4902 to 0.9433, as published tables give it */
	assert_true(low > 49.01 && low < 49.03);
	assert_true(high > 94.32 && high < 94.34);
	eval_wilson(0, 0, &low, &high);
	assert_true(low == 0 && high == 0);
}

static void the_shipped_rules_are_good(void **state)
{
	struct config_errors errors = { 0 };
	(void)state;
	enum err err = triage_load("config/rules", &set, &errors);
	if (!err)
		err = triage_validate(set, "config/rules", &errors);
	for (uint32_t i = 0; i < errors.count; i++)
		print_message("%s\n", errors.texts[i]);
	assert_int_equal(err, OK);
}

static int tear_down(void **state)
{
	char path[128];
	snprintf(path, sizeof path, "%s/b.rules", folder);
	(void)remove(path);
	triage_destroy(&set);
	return folder_tear_down(state);
}

#define WITH_RULES(test) cmocka_unit_test_setup_teardown(test, folder_set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RULES(a_rule_matches_words_with_gaps_lists_and_endings),
		WITH_RULES(a_guard_lowers_and_a_stop_word_ends_it),
		WITH_RULES(a_raise_needs_its_words_near),
		WITH_RULES(a_sentence_over_two_messages_is_found_once),
		WITH_RULES(raw_and_whole_patterns_work),
		WITH_RULES(a_limit_reached_is_never_clean),
		WITH_RULES(either_order_numbers_and_possibilities),
		WITH_RULES(excepted_phrases_are_not_seen),
		WITH_RULES(a_rule_can_ask_for_more_and_lower_itself),
		WITH_RULES(a_guard_leaves_the_rules_own_words),
		WITH_RULES(a_foreign_text_is_left_alone),
		WITH_RULES(answers_raise_by_themselves),
		WITH_RULES(a_file_of_another_editor_is_read),
		WITH_RULES(mistakes_are_named_by_line),
		WITH_RULES(examples_are_tried),
		WITH_RULES(the_same_files_have_the_same_hash),
		WITH_RULES(intervals_are_wilsons),
		WITH_RULES(the_shipped_rules_are_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
