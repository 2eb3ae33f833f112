/* What a window shows: offsets as the page counts them, words cut between characters. */
#include "console/show.h"
#include "tests/unit/desk/real.h"

static struct contact *contact;

static int set_up(void **state)
{
	int failed = real_set_up(state);
	contact = failed ? NULL : contact_create(0x1234);
	return failed;
}

static int tear_down(void **state)
{
	contact_destroy(&contact);
	return real_tear_down(state);
}

static void say(const char *text)
{
	struct event event = { .contact = contact->id, .seq = contact->last_seq + 1,
		.kind = EVENT_MESSAGE, .author = AUTHOR_VISITOR, .time = 5, .body = text,
		.body_length = (uint32_t)strlen(text) };
	contact_keep(contact, contact_event_create(&event));
}

static void flag(uint32_t seq, uint32_t from, uint32_t to)
{
	contact->flags = realloc(contact->flags, (contact->flag_count + 1) * sizeof *contact->flags);
	contact->flags[contact->flag_count++] = (struct contact_flag) { .rule = strdup("r"),
		.category = strdup("c"), .level = LEVEL_SERIOUS, .seq = seq, .from = from, .to = to };
}

static void show(void)
{
	struct json_out out;
	json_out_init(&out, 0);
	show_card(&out, NULL, desk, contact, 2);
	*said = '\0';
	real_send(NULL, out.bytes, out.length);
	json_out_finish(&out);
	json_t *read = json_loads(said, 0, NULL); /* refuses what is not UTF-8 */
	assert_non_null(read);
	json_decref(read);
}

/* The row of a changed database: what was sealed is gone. */
static void an_event_without_its_answers_is_still_one(void **state)
{
	struct event event = { .contact = contact->id, .seq = 1, .kind = EVENT_OPENED,
		.author = AUTHOR_VISITOR, .time = 5 };
	struct contact_event *opened = contact_event_create(&event);
	struct json_out out;

	(void)state;
	json_out_init(&out, 0);
	show_event(&out, desk, contact, opened, false);
	json_t *read = json_loadb(out.bytes, out.length, 0, NULL);
	assert_true(json_is_object(json_object_get(read, "answers")));
	json_decref(read);
	json_out_finish(&out);
	free(opened);
}

static void offsets_are_in_utf16_units(void **state)
{
	(void)state;
	assert_int_equal(show_utf16("", 0), 0);
	assert_int_equal(show_utf16("abc", 2), 2);
	assert_int_equal(show_utf16("\xc3\xa9t", 3), 2);
	assert_int_equal(show_utf16("\xe2\x82\xac!", 4), 2);
	assert_int_equal(show_utf16("\xf0\x9f\x98\x80!", 5), 3);
}

static void the_flagged_words_are_shown(void **state)
{
	(void)state;
	say("\xf0\x9f\x98\x80 hij slaat mij");
	flag(1, 9, 18);
	show();
	real_expect("\"from\":7,\"to\":16,\"words\":\"slaat mij\"");
}

static void long_words_are_cut_between_characters(void **state)
{
	char text[200] = "";
	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(text, "\xe2\x82\xac"); /* 3 bytes each: 80 is no multiple */
	say(text);
	flag(1, 0, 180);
	show();
	char words[200] = "\"words\":\"";
	for (int i = 0; i < 26; i++)
		strcat(words, "\xe2\x82\xac");
	real_expect(strcat(words, "\"}"));
}

static void a_flag_that_does_not_fit_shows_no_words(void **state)
{
	(void)state;
	say("kort");
	flag(1, 2, 400);
	flag(7, 0, 2); /* of a message that is not there */
	show();
	real_expect("\"seq\":1,\"from\":0,\"to\":0,\"words\":\"\"");
	real_expect("\"seq\":7,\"from\":0,\"to\":0,\"words\":\"\"");
}

static void a_colleagues_contact_shows_no_words(void **state)
{
	(void)state;
	say("hij slaat mij");
	flag(1, 4, 13);
	contact->owner = 2;
	show();
	real_expect("\"words\":\"slaat mij\"");
	contact->owner = 1;
	show();
	real_expect("\"seq\":1,\"from\":0,\"to\":0,\"words\":\"\"");
}

static void at_most_eight_flags_newest_first(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= SHOW_FLAGS + 1; i++) {
		say("zin");
		flag(i, 0, 3);
	}
	show();
	real_expect("\"flags\":[{\"rule\":\"r\",\"category\":\"c\",\"level\":\"serious\",\"why\":\"\",\"seq\":9,");
	real_expect("\"seq\":2,\"from\"");
	assert_null(strstr(said, "\"seq\":1,\"from\""));
}

static void immediate_has_no_deadline(void **state)
{
	(void)state;
	contact->due = 77;
	show();
	real_expect("\"level\":\"none\"");
	real_expect("\"due\":77");
	contact->level = LEVEL_IMMEDIATE;
	show();
	assert_null(strstr(said, "due"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(an_event_without_its_answers_is_still_one),
		WITH_A_DESK(offsets_are_in_utf16_units),
		WITH_A_DESK(the_flagged_words_are_shown),
		WITH_A_DESK(long_words_are_cut_between_characters),
		WITH_A_DESK(a_flag_that_does_not_fit_shows_no_words),
		WITH_A_DESK(a_colleagues_contact_shows_no_words),
		WITH_A_DESK(at_most_eight_flags_newest_first),
		WITH_A_DESK(immediate_has_no_deadline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
