/* How lines come, go, fall silent and are lost; and who calls. */
#include "tests/unit/ivr/line.h"

static void gone_before_it_came_and_gone_for_good(void **state)
{
	struct ivr_figures figures;
	(void)state;
	assert_int_equal(tell("late", IVR_EVENT_GONE, 0, "", 0), ERR_EXISTS);
	assert_int_equal(next("late", IVR_EVENT_INCOMING, ""), IVR_HANGUP);
	assert_int_equal(tell("late", IVR_EVENT_GONE, 0, "", 0), ERR_EXISTS);
	ivr_figures(ivr, &figures);
	assert_int_equal(figures.unknown, 1);
	assert_int_equal(figures.calls, 0);
	clock_advance(IVR_TOMBSTONE_MINUTES * 60000 + 1);
	ivr_second(ivr);
	assert_int_equal(next("late", IVR_EVENT_INCOMING, ""), IVR_MENU);
}

static void hanging_up_in_the_queue_closes_the_contact(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	tell("c1", IVR_EVENT_GONE, 0, "", 0);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
	next("c2", IVR_EVENT_INCOMING, "");
	next("c2", IVR_EVENT_KEYS, "1");
	next("c2", IVR_EVENT_KEYS, "1");
	tell("c2", IVR_EVENT_GONE, 0, "", 0); /* before the store has answered */
	UNTIL(desk_queue(desk)->length);
	contact = first()->id;
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
}

static void a_repeated_event_does_nothing_twice(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint32_t number = turn.number;
	assert_int_equal(tell("c1", IVR_EVENT_KEYS, number - 1, "1", 0), ERR_EXISTS);
	assert_int_equal(tell("c1", IVR_EVENT_INCOMING, 0, "", 0), ERR_EXISTS);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HOLD);
	assert_int_equal(turn.number, number + 1);
}

static void a_line_that_says_nothing_is_asked_and_then_let_go(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	clock_advance(IVR_SILENT_MINUTES * 60000);
	ivr_second(ivr);
	assert_string_equal(asked, "");
	clock_advance(1);
	ivr_second(ivr);
	assert_string_equal(asked, " query:c1");
	clock_advance(30001);
	ivr_second(ivr);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
}

/* One waits, one talks, one waits to be called back; then we are gone, and come again. */
static void lines_end_with_us(uint64_t contacts_r[3])
{
	to_the_queue("c1");
	contacts_r[0] = first()->id;
	by_anke(COMMAND_TAKE, contacts_r[0], "take-1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	UNTIL(strstr(stages, "connected"));
	leave_a_number("c2");
	contacts_r[1] = first()->id;
	clock_advance(1000);
	to_the_queue("c3");
	contacts_r[2] = desk_queue(desk)->order[1]->id;
	close_all();
	open_all();
	assert_int_equal(ivr_callback_restore(ivr, vault_json, strlen(vault_json)), OK);
}

static void lines_of_our_own_that_ended_are_marked(void **state)
{
	uint64_t contacts[3];
	(void)state;
	no_platform = true;
	close_all();
	open_all();
	lines_end_with_us(contacts);
	clock_advance(5000);
	ivr_second(ivr);
	assert_string_equal(desk_contact(desk, contacts[0])->call, "connected");
	clock_advance(1);
	UNTIL((ivr_second(ivr), !strcmp(desk_contact(desk, contacts[2])->call, "cut")));
	assert_string_equal(desk_contact(desk, contacts[0])->call, "cut");
	assert_int_equal(desk_contact(desk, contacts[0])->state, CONTACT_TAKEN);
	assert_int_equal(desk_contact(desk, contacts[2])->state, CONTACT_WAITING);
	assert_string_equal(desk_contact(desk, contacts[1])->call, ""); /* the number is kept */
}

static void lines_of_a_platform_come_back_or_are_marked(void **state)
{
	uint64_t contacts[3];
	(void)state;
	lines_end_with_us(contacts);
	clock_advance(IVR_SILENT_MINUTES * 60000);
	ivr_second(ivr);
	assert_string_equal(desk_contact(desk, contacts[2])->call, "");
	clock_advance(1);
	UNTIL((ivr_second(ivr), !strcmp(desk_contact(desk, contacts[2])->call, "cut")));
	assert_string_equal(desk_contact(desk, contacts[0])->call, "connected"); /* perhaps they talk */
	assert_string_equal(desk_contact(desk, contacts[1])->call, "");
}

static void open_without_dialling(void)
{
	no_dialling = true;
	close_all();
	open_all();
}

static void no_callback_is_promised_that_nobody_can_make(void **state)
{
	(void)state;
	open_without_dialling();
	to_the_queue("c1");
	assert_int_equal(next("c1", IVR_EVENT_KEYS, "*"), IVR_MENU);
	assert_string_equal(turn.steps[0].prompts[0].id, "callback-off");
	assert_int_equal(next("c1", IVR_EVENT_KEYS, ""), IVR_MENU); /* said once more */
	assert_int_equal(next("c1", IVR_EVENT_KEYS, ""), IVR_HOLD);
}

/* It can neither be ended nor asked: what it does not tell we never hear. */
static void a_closed_talk_whose_line_says_nothing_is_let_go(void **state)
{
	struct ivr_figures figures;

	(void)state;
	open_without_dialling();
	to_the_queue("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	clock_advance(60 * 60000);
	ivr_second(ivr);
	ivr_figures(ivr, &figures);
	assert_int_equal(figures.talking, 1); /* they may talk for long */
	by_anke(COMMAND_CLOSE, contact, "close-1");
	ivr_second(ivr);
	ivr_figures(ivr, &figures);
	assert_int_equal(figures.calls, 0);
}

static void a_line_that_is_cut_says_so(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	tell("c1", IVR_EVENT_GONE, 0, "", IVR_CAUSE_CUT);
	UNTIL(strstr(stages, "cut"));
	assert_string_equal(stages, " ringing connected cut");
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
}

static void who_calls_too_often_is_told_so(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		char call[16];
		snprintf(call, sizeof call, "n%d", i);
		next(call, IVR_EVENT_INCOMING, "");
		assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, i < 3 ? "greeting" : "often");
	}
	clock_advance(3600000);
	ivr_second(ivr);
	next("n5", IVR_EVENT_INCOMING, "");
	assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, "greeting");
}

static void a_number_is_a_hash_of_one_day(void **state)
{
	struct ivr_caller_key key = *ivr_caller_key(ivr);
	(void)state;
	assert_int_equal(ivr_caller(&key, "anonymous", 9), 0);
	assert_int_equal(ivr_caller(&key, "", 0), 0);
	uint64_t one = ivr_caller(&key, "+32 2 000 00 01", 15);
	assert_int_equal(one, ivr_caller(&key, "3220000001", 10));
	assert_int_not_equal(one, ivr_caller(&key, "3220000002", 10));
	clock_advance(86400000);
	ivr_second(ivr);
	assert_int_not_equal(one, ivr_caller(ivr_caller_key(ivr), "3220000001", 10));
}

static void names_that_are_none_are_refused(void **state)
{
	struct ivr_event event = { .kind = IVR_EVENT_INCOMING, .call = "a b" };
	char long_name[IVR_CALL_ID_MAX + 2];
	(void)state;
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), ERR_INVALID);
	event.call = "";
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), ERR_INVALID);
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	event.call = long_name;
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), ERR_INVALID);
	event.call = long_name + 1;
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), OK);
	assert_int_equal(ivr_drive(ivr, "nobody", &event, &turn), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(gone_before_it_came_and_gone_for_good),
		ON_A_DESK(hanging_up_in_the_queue_closes_the_contact),
		ON_A_DESK(a_repeated_event_does_nothing_twice),
		ON_A_DESK(a_line_that_says_nothing_is_asked_and_then_let_go),
		ON_A_DESK(lines_of_our_own_that_ended_are_marked),
		ON_A_DESK(lines_of_a_platform_come_back_or_are_marked),
		ON_A_DESK(a_line_that_is_cut_says_so),
		ON_A_DESK(no_callback_is_promised_that_nobody_can_make),
		ON_A_DESK(a_closed_talk_whose_line_says_nothing_is_let_go),
		ON_A_DESK(who_calls_too_often_is_told_so),
		ON_A_DESK(a_number_is_a_hash_of_one_day),
		ON_A_DESK(names_that_are_none_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
