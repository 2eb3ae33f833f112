/* The desk: conversations, their flags and limits, and what a restart keeps. */
#include "tests/unit/desk/levels.h"

static void a_start_sent_again_gives_the_same_conversation(void **state)
{
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	uint64_t contact = start(START_A, port);
	char secret[DESK_SECRET_SIZE];
	struct contact *found;
	(void)state;
	strcpy(secret, last_secret);
	assert_int_equal(start(START_A, port), contact);
	assert_string_equal(last_secret, secret);
	desk_destroy(&desk); /* restarted in between */
	open_desk();
	port = desk_visitor_port(desk, &listener, visitor_name);
	assert_int_equal(start(START_A, port), contact);
	assert_string_equal(last_secret, secret);
	assert_int_equal(desk_visitor_attach(desk, secret, &listener, visitor_name, &port, &found),
		OK);
	assert_int_equal(found->id, contact);
	secret[0] = secret[0] == 'A' ? 'B' : 'A';
	assert_int_equal(desk_visitor_attach(desk, secret, &listener, visitor_name, &port, &found),
		ERR_NOT_FOUND);
}

static void flags_move_a_contact_and_the_tail_is_given(void **state)
{
	uint64_t first = start(START_A, 0), second = start(START_B, 0);
	(void)state;
	assert_int_equal(desk_queue(desk)->order[0]->id == first
			|| desk_queue(desk)->order[0]->id == second,
		1);
	clock_advance(60000);
	assert_int_equal(say(second, "1", "serious"), OK);
	assert_int_equal(desk_queue(desk)->order[0]->id, second);
	assert_int_equal(desk_contact(desk, second)->due,
		INT64_C(1700000000000) + 60000 + 5 * 60000);
	assert_int_equal(say(first, "1", "immediate"), OK);
	assert_int_equal(desk_queue(desk)->order[0]->id, first);
	assert_int_equal(say(first, "2", "zin"), OK);
	assert_string_equal(tail_seen, "immediate");
	struct contact *contact = desk_contact(desk, first);
	assert_int_equal(contact->flag_count, 1);
	assert_int_equal(contact->flags[0].seq, 2);
	assert_int_equal(say(first, "2", "zin"), OK); /* a retry */
	assert_int_equal(contact->messages, 2);
}

static void limits_hold_on_both_sides(void **state)
{
	uint64_t contact = start(START_A, 0);
	(void)state;
	assert_int_equal(say(contact, "1", "0123456789"), OK);
	assert_int_equal(say(contact, "2", "éééééééééé"), OK);
	assert_int_equal(say(contact, "3", "0123456789a"), ERR_TOO_LONG);
	assert_int_equal(say(contact, "4", ""), ERR_INVALID);
	assert_int_equal(say(contact, "bad id", "x"), ERR_INVALID);
	assert_int_equal(say(contact + 1, "5", "x"), ERR_NOT_FOUND);
	start(START_B, 0);
	start(START_C, 0);
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = START_D };
	assert_int_equal(desk_submit(desk, &command), ERR_LIMIT);
	start(START_C, 0); /* known: not one more */
	command.id = "aaaaaaaaaaaaaaaaaaaaa";
	assert_int_equal(desk_submit(desk, &command), ERR_INVALID);
}

static void answers_raise_a_contact_from_its_start(void **state)
{
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = START_A, .answers = { .who = "child" } };
	(void)state;
	command.port = desk_visitor_port(desk, &listener, visitor_name);
	assert_int_equal(submit(command), OK);
	uint64_t id = last.contact->id;
	assert_int_equal(minute_seen, 23 * 60 + 13); /* 22:13 UTC in winter */
	assert_int_equal(desk_contact(desk, id)->level, LEVEL_ELEVATED);
	assert_int_equal(desk_contact(desk, id)->flag_count, 1);
	assert_string_equal(desk_contact(desk, id)->flags[0].rule, "night");
	int64_t due = desk_contact(desk, id)->due;
	assert_int_equal(due - desk_contact(desk, id)->arrived, 15 * 60000);
	desk_destroy(&desk);
	open_desk();
	assert_int_equal(desk_contact(desk, id)->level, LEVEL_ELEVATED);
	assert_int_equal(desk_contact(desk, id)->due, due);
	assert_int_equal(desk_contact(desk, id)->flag_count, 1);
}

static void the_desk_is_the_same_after_a_restart(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t first = start(START_A, 0), second = start(START_B, 0);
	(void)state;
	say(first, "1", "serious");
	assert_int_equal(by(1, anke, COMMAND_TAKE, second, "take", NULL), OK);
	int64_t due = desk_contact(desk, first)->due;
	desk_destroy(&desk);
	open_desk();
	assert_int_equal(desk_queue(desk)->length, 1);
	assert_int_equal(desk_contact(desk, first)->due, due);
	assert_int_equal(desk_contact(desk, first)->level, LEVEL_SERIOUS);
	assert_int_equal(desk_contact(desk, second)->owner, 1);
	assert_int_equal(desk_counsellor(desk, 1)->contacts, 1);
	anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	assert_int_equal(by(1, anke, COMMAND_SAY, second, "on", "verder"), OK);
}

static void levels_are_set_some_at_once_and_then_slowly(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t bert = desk_counsellor_attach(desk, 2, "Bert", &listener, anke_name);
	uint64_t contact = start(START_A, 0);
	char id[16];
	(void)state;

	for (int i = 0; i < DESK_LEVELS; i++) {
		snprintf(id, sizeof id, "%d", i);
		assert_int_equal(by(1, anke, COMMAND_LEVEL, contact, id, "reden"), OK);
	}
	assert_int_equal(by(1, anke, COMMAND_LEVEL, contact, "more", "reden"), ERR_BUSY);
	assert_int_equal(by(1, anke, COMMAND_LEVEL, contact, "0", "reden"), OK); /* a retry */
	assert_int_equal(by(2, bert, COMMAND_LEVEL, contact, "his", "reden"), OK);
	clock_advance(DESK_LEVEL_SECONDS * 1000 - 1);
	assert_int_equal(by(1, anke, COMMAND_LEVEL, contact, "more", "reden"), ERR_BUSY);
	clock_advance(1);
	assert_int_equal(by(1, anke, COMMAND_LEVEL, contact, "more", "reden"), OK);
	assert_int_equal(by(1, anke, COMMAND_LEVEL, contact, "most", "reden"), ERR_BUSY);
}

static void an_id_names_one_thing(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t contact = start(START_A, 0);
	(void)state;
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take", NULL), OK);
	assert_int_equal(by(1, anke, COMMAND_SAY, contact, "one", "dag"), OK);
	assert_int_equal(by(1, anke, COMMAND_SAY, contact, "one", "dag"), OK); /* a retry */
	assert_int_equal(say(contact, "one", "hallo"), ERR_INVALID); /* not stored: not acknowledged */
	assert_int_equal(by(1, anke, COMMAND_NOTE, contact, "one", "nota"), ERR_INVALID);
	assert_int_equal(by(1, anke, COMMAND_CLOSE, contact, "one", NULL), ERR_INVALID);
	assert_int_equal(desk_contact(desk, contact)->event_count, 3);
	assert_int_equal(by(1, anke, COMMAND_RETURN, contact, "back", NULL), OK);
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take", NULL), ERR_STALE);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_WAITING);
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "again", NULL), OK);
}

static void one_line_has_one_conversation(void **state)
{
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = START_A, .port = port };
	(void)state;
	assert_int_equal(desk_submit(desk, &command), OK);
	command.id = START_B; /* while the first is with the store */
	assert_int_equal(desk_submit(desk, &command), ERR_INVALID);
	pump(1);
	uint64_t first = last.contact->id;
	assert_int_equal(desk_submit(desk, &command), ERR_INVALID);
	command = (struct command) { .kind = COMMAND_LEAVE, .author = AUTHOR_VISITOR,
		.contact = first, .id = "leave", .port = port };
	assert_int_equal(submit(command), OK);
	uint64_t second = start(START_B, port);
	assert_int_equal(desk_contact(desk, first)->port, 0); /* forgotten in its time */
	assert_int_equal(desk_contact(desk, second)->port, port);
	clock_advance(DESK_REMEMBER_MINUTES * 60000 + 1);
	desk_tick(desk);
	assert_null(desk_contact(desk, first));
}

static void a_clock_set_back_gives_sound_figures(void **state)
{
	struct desk_figures figures;
	(void)state;
	start(START_A, 0);
	clock_fake(INT64_C(1600000000000), 200000);
	desk_figures(desk, &figures);
	assert_int_equal(figures.longest_seconds, 0);
	assert_int_equal(figures.started, 1);
}

static void what_was_before_the_start_is_not_counted_again(void **state)
{
	uint64_t contact = start(START_A, 0);
	struct desk_figures figures;
	(void)state;
	assert_int_equal(say(contact, "1", "een"), OK);
	desk_figures(desk, &figures);
	assert_int_equal(figures.messages, 1);
	desk_destroy(&desk);
	open_desk();
	desk_figures(desk, &figures);
	assert_int_equal(figures.messages, 0);
	assert_int_equal(figures.waiting[LEVEL_NONE], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_start_sent_again_gives_the_same_conversation),
		ON_A_DESK(flags_move_a_contact_and_the_tail_is_given),
		ON_A_DESK(limits_hold_on_both_sides),
		ON_A_DESK(answers_raise_a_contact_from_its_start),
		ON_A_DESK(the_desk_is_the_same_after_a_restart),
		ON_A_DESK(levels_are_set_some_at_once_and_then_slowly),
		ON_A_DESK(an_id_names_one_thing),
		ON_A_DESK(one_line_has_one_conversation),
		ON_A_DESK(a_clock_set_back_gives_sound_figures),
		ON_A_DESK(what_was_before_the_start_is_not_counted_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
