/* A call becomes a contact, and its counsellor's telephone is rung. */
#include "tests/unit/ivr/line.h"

static void a_call_is_a_contact_and_is_connected(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	assert_int_equal(first()->channel, CHANNEL_TELEPHONE);
	assert_string_equal(first()->answers.who, "professional");
	assert_string_equal(first()->answers.lang, "nl");
	by_anke(COMMAND_TAKE, contact, "take-1");
	assert_string_equal(asked, " interrupt:c1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	const struct ivr_step *connect = ivr_turn_last(&turn);
	assert_string_equal(connect->target, "sip:anke@127.0.0.1");
	assert_string_equal(connect->cli, "+3220000000");
	assert_string_equal(connect->accept.id, "accept");
	assert_int_equal(connect->seconds, 25);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, NULL, 0), IVR_LEG_ASK);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "", 1), IVR_LEG_ASK);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "", 2), IVR_LEG_DROP);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "1", 1), IVR_LEG_JOIN);
	assert_int_equal(tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0), ERR_EXISTS);
	UNTIL(strstr(stages, "connected"));
	assert_string_equal(desk_contact(desk, contact)->call, "connected");
	assert_int_equal(tell("c1", IVR_EVENT_GONE, 0, "", IVR_CAUSE_DONE), ERR_EXISTS);
	UNTIL(strstr(stages, "ended"));
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN); /* to be written up */
	by_anke(COMMAND_CLOSE, contact, "close-1");
	assert_string_equal(stages, " ringing connected ended");
}

static void every_failed_pick_up_keeps_the_place(void **state)
{
	static const enum ivr_cause causes[] = { IVR_CAUSE_BUSY, IVR_CAUSE_NO_ANSWER,
		IVR_CAUSE_DECLINED, IVR_CAUSE_FAILED };
	(void)state;
	to_the_queue("c1");
	struct ivr_turn kept = turn;
	uint64_t contact = first()->id;
	clock_advance(1000);
	to_the_queue("c2");
	for (size_t i = 0; i < 4; i++) {
		char id[8];
		snprintf(id, sizeof id, "t%zu", i);
		turn = kept;
		by_anke(COMMAND_TAKE, contact, id);
		assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
		assert_int_equal(tell("c1", IVR_EVENT_DROPPED, turn.number, "", causes[i]), OK);
		assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HOLD);
		assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, "not-yet");
		UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
		assert_int_equal(first()->id, contact); /* before c2, as ever */
		kept = turn;
	}
	assert_string_equal(
		stages, " ringing busy ringing no-answer ringing declined ringing failed");
	assert_int_equal(ivr_leg(ivr, "line", "c1", kept.number, "1", 0), IVR_LEG_DROP);
}

static void the_caller_leaves_while_it_rings(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	next("c1", IVR_EVENT_POLL, "");
	tell("c1", IVR_EVENT_GONE, 0, "", IVR_CAUSE_CALLER);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "1", 0), IVR_LEG_DROP);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
	assert_string_equal(stages, " ringing caller-left");
	assert_int_equal(desk_counsellor(desk, 1)->calls, 0);
	assert_int_equal(tell("c1", IVR_EVENT_DROPPED, turn.number, "", IVR_CAUSE_CALLER), OK);
	assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HANGUP); /* absorbed */
}

static void a_taken_contact_can_be_given_back(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	*asked = '\0';
	by_anke(COMMAND_RETURN, contact, "back-1");
	assert_string_equal(asked, " interrupt:c1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HOLD);
	by_anke(COMMAND_TAKE, contact, "take-2");
	by_anke(COMMAND_CLOSE, contact, "close");
	assert_non_null(strstr(asked, "end:c1"));
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HANGUP);
}

static void hold_and_ring_again(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	assert_int_equal(ivr_order(ivr, 1, contact, ORDER_HOLD), ERR_STALE);
	by_anke(COMMAND_TAKE, contact, "take-1");
	next("c1", IVR_EVENT_POLL, "");
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	assert_int_equal(ivr_order(ivr, 1, contact, ORDER_HOLD), OK);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HOLD);
	clock_advance(61000);
	ivr_second(ivr); /* held on purpose: not hung up */
	assert_int_equal(ivr_order(ivr, 1, contact, ORDER_RING), OK);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	tell("c1", IVR_EVENT_DROPPED, turn.number, "", IVR_CAUSE_DONE);
	assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HOLD); /* the caller is still there */
	clock_advance(60001);
	ivr_second(ivr);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HANGUP); /* no endless music */
	UNTIL(strstr(stages, "parked"));
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
}

static void nine_rings_louder_also_before_the_queue(void **state)
{
	(void)state;
	to_the_queue("c1");
	next("c2", IVR_EVENT_INCOMING, "");
	next("c2", IVR_EVENT_KEYS, "9");
	assert_int_equal(next("c2", IVR_EVENT_KEYS, ""), IVR_HOLD);
	UNTIL(desk_queue(desk)->length == 2);
	UNTIL(first()->level == LEVEL_SERIOUS);
	assert_int_equal(desk_queue(desk)->order[1]->level, LEVEL_NONE);
}

static void on_the_telephone_nothing_new_is_taken(void **state)
{
	struct command take = { .kind = COMMAND_TAKE,
		.author = AUTHOR_COUNSELLOR,
		.staff = 1,
		.port = anke,
		.id = "take-2" };
	(void)state;
	to_the_queue("c1");
	to_the_queue("c2");
	by_anke(COMMAND_TAKE, first()->id, "take-1");
	assert_int_equal(desk_submit(desk, &take), ERR_LIMIT);
	desk_staff_telephone(desk, 2, "");
	take.staff = 2;
	assert_int_equal(desk_submit(desk, &take), ERR_NOT_FOUND); /* no telephone: not offered */
	take.contact = first()->id;
	assert_int_equal(desk_submit(desk, &take), ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_call_is_a_contact_and_is_connected),
		ON_A_DESK(every_failed_pick_up_keeps_the_place),
		ON_A_DESK(the_caller_leaves_while_it_rings),
		ON_A_DESK(a_taken_contact_can_be_given_back),
		ON_A_DESK(hold_and_ring_again),
		ON_A_DESK(nine_rings_louder_also_before_the_queue),
		ON_A_DESK(on_the_telephone_nothing_new_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
