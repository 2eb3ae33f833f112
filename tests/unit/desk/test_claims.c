/* Who has whom, for how long, and for whom it rings. */
#include "tests/unit/desk/levels.h"

static char bert_name[] = "bert";

/* Until what the desk itself asked of the store has come. */
static void settle(uint64_t contact)
{
	while (desk_contact(desk, contact)->inflight)
		bench_pump();
}

static void one_counsellor_wins_and_the_place_is_kept(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t bert = desk_counsellor_attach(desk, 2, "Bert", &listener, bert_name);
	(void)state;
	uint64_t first = start(START_A, desk_visitor_port(desk, &listener, visitor_name));
	clock_advance(1000);
	uint64_t second = start(START_B, desk_visitor_port(desk, &listener, visitor_name));
	*heard = '\0';
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-1", NULL), OK);
	assert_int_equal(last.contact->id, first);
	assert_non_null(strstr(heard, "anke:gained"));
	assert_null(strstr(heard, "bert:gained"));
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-1", NULL), OK); /* a retry */
	assert_int_equal(last.contact->id, first);
	assert_int_equal(desk_counsellor(desk, 1)->contacts, 1);
	assert_int_equal(by(2, bert, COMMAND_TAKE, first, "take-2", NULL), ERR_STALE);
	assert_int_equal(by(2, bert, COMMAND_SAY, first, "say-1", "x"), ERR_STALE);
	assert_int_equal(by(1, anke, COMMAND_SAY, first, "say-2", "dag"), OK);
	*heard = '\0';
	assert_int_equal(by(1, anke, COMMAND_NOTE, first, "note", "intern"), OK);
	assert_null(strstr(heard, "visitor:")); /* a note has no way to the visitor */
	assert_int_equal(by(1, anke, COMMAND_RETURN, first, "back", NULL), OK);
	assert_int_equal(desk_queue(desk)->order[0]->id, first);
	assert_int_equal(desk_queue(desk)->order[1]->id, second);
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-3", NULL), OK);
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-4", NULL), OK);
	assert_int_equal(last.contact->id, second);
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-5", NULL), ERR_LIMIT);
	assert_int_equal(by(2, bert, COMMAND_TAKE, 0, "take-6", NULL), ERR_NOT_FOUND);
	assert_int_equal(by(1, anke, COMMAND_CLOSE, second, "close", NULL), OK);
	assert_int_equal(say(second, "late", "x"), ERR_STALE);
}

static void a_silent_counsellor_loses_the_contact_and_nothing_else(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t contact = start(START_A, desk_visitor_port(desk, &listener, visitor_name));
	(void)state;
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take", NULL), OK);
	clock_advance(30000);
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, contact)->inflight, 0);
	clock_advance(1);
	desk_heard(desk, anke); /* back in time */
	desk_attended(desk, anke);
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, contact)->inflight, 0);
	clock_advance(30001);
	*heard = '\0';
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, contact)->inflight, 1);
	settle(contact);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_WAITING);
	assert_int_equal(queue_place(desk_queue(desk), desk_contact(desk, contact)), 1);
	assert_non_null(strstr(heard, "anke:lost-lease"));
	assert_non_null(strstr(heard, "visitor:event5"));
	assert_int_equal(by(1, anke, COMMAND_SAY, contact, "late", "x"), ERR_STALE);
}

static void who_was_sent_away_by_a_stop_keeps_the_contact(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t contact = start(START_A, desk_visitor_port(desk, &listener, visitor_name));
	(void)state;
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take", NULL), OK);
	desk_drain(desk);
	clock_advance(600000);
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, contact)->inflight, 0);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
	assert_int_equal(desk_contact(desk, contact)->owner, 1);
}

/* A chat and a call in one pair of hands. */
static void take_both(uint64_t anke, uint64_t *chat_r, uint64_t *call_r)
{
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_TELEPHONE, .id = START_B };

	*chat_r = start(START_A, desk_visitor_port(desk, &listener, visitor_name));
	command.port = desk_visitor_port(desk, &listener, visitor_name);
	desk_staff_telephone(desk, 1, "anke");
	desk_counsellor_duty(desk, 1, DUTY_ON);
	assert_int_equal(by(1, anke, COMMAND_TAKE, *chat_r, "take-1", NULL), OK);
	assert_int_equal(submit(command), OK);
	*call_r = last.contact->id;
	assert_int_equal(by(1, anke, COMMAND_TAKE, *call_r, "take-2", NULL), OK);
}

static void a_page_that_is_gone_ends_no_talk(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t chat, call;
	(void)state;
	take_both(anke, &chat, &call);
	assert_int_equal(desk_call_note(desk, call, "connected", 1), OK);
	settle(call);
	assert_int_equal(desk_call_note(desk, call, "message-left", 0), OK); /* they talk all the same */
	assert_int_equal(desk_call_heard(desk, call, 1), OK);
	settle(call);
	assert_string_equal(desk_contact(desk, call)->call, "connected");
	clock_advance(30001);
	desk_tick(desk);
	settle(chat);
	assert_int_equal(desk_contact(desk, chat)->state, CONTACT_WAITING);
	assert_int_equal(desk_contact(desk, call)->inflight, 0);
	assert_int_equal(desk_contact(desk, call)->state, CONTACT_TAKEN);
	assert_int_equal(desk_counsellor(desk, 1)->duty, DUTY_OFF);
	assert_int_equal(desk_call_note(desk, call, "ended", 1), OK); /* and nobody came back to it */
	settle(call);
	desk_tick(desk);
	settle(call);
	assert_int_equal(desk_contact(desk, call)->state, CONTACT_WAITING);
}

static void a_locked_window_keeps_the_call_and_not_the_chats(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t chat, call;
	(void)state;
	take_both(anke, &chat, &call);
	clock_advance(30000);
	desk_heard(desk, anke); /* its page lives */
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, chat)->inflight, 0);
	clock_advance(1);
	desk_tick(desk);
	settle(chat);
	assert_int_equal(desk_contact(desk, chat)->state, CONTACT_WAITING);
	assert_int_equal(desk_contact(desk, call)->inflight, 0);
	assert_int_equal(desk_contact(desk, call)->state, CONTACT_TAKEN);
	assert_int_equal(desk_counsellor(desk, 1)->duty, DUTY_ON);
	assert_non_null(strstr(heard, "anke:lost-lease"));
	desk_tick(desk); /* and nothing more */
	assert_int_equal(desk_counsellor(desk, 1)->contacts, 1);
}

static void it_rings_until_hushed_and_not_for_ghosts(void **state)
{
	desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	uint64_t contact = start(START_A, port);
	(void)state;
	assert_non_null(strstr(heard, "anke:alarm0"));
	*heard = '\0';
	clock_advance(DESK_ALARM_SECONDS * 1000 - 1);
	desk_tick(desk);
	assert_string_equal(heard, "");
	clock_advance(1);
	desk_tick(desk);
	assert_string_equal(heard, " anke:alarm0");
	desk_hush(desk, contact, 1);
	*heard = '\0';
	clock_advance(DESK_ALARM_SECONDS * 1000);
	desk_tick(desk);
	assert_string_equal(heard, "");
	assert_int_equal(say(contact, "1", "immediate"), OK); /* louder than the hush */
	assert_non_null(strstr(heard, "anke:alarm1"));
	desk_detach(desk, port);
	clock_advance(config.desk.gone_seconds * 1000 + 1);
	desk_tick(desk);
	assert_true(desk_contact(desk, contact)->gone);
	*heard = '\0';
	clock_advance(DESK_ALARM_SECONDS * 1000);
	desk_tick(desk);
	assert_string_equal(heard, "");
}

static void nobody_is_abandoned_while_being_taken(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	uint64_t contact = start(START_A, port);
	struct command take = { .kind = COMMAND_TAKE, .author = AUTHOR_COUNSELLOR, .staff = 1,
		.port = anke, .contact = contact, .id = "take" };
	(void)state;
	desk_detach(desk, port);
	clock_advance(config.desk.abandon_minutes * 60000 + 1);
	desk_heard(desk, anke);
	assert_int_equal(desk_submit(desk, &take), OK);
	desk_tick(desk);
	pump(2);
	assert_int_equal(last.err, OK);
	assert_int_equal(desk_contact(desk, contact)->inflight, 0);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(one_counsellor_wins_and_the_place_is_kept),
		ON_A_DESK(a_silent_counsellor_loses_the_contact_and_nothing_else),
		ON_A_DESK(who_was_sent_away_by_a_stop_keeps_the_contact),
		ON_A_DESK(a_locked_window_keeps_the_call_and_not_the_chats),
		ON_A_DESK(a_page_that_is_gone_ends_no_talk),
		ON_A_DESK(it_rings_until_hushed_and_not_for_ghosts),
		ON_A_DESK(nobody_is_abandoned_while_being_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
