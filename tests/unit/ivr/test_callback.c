/* A number left to be called back. */
#include "tests/unit/ivr/line.h"

static void a_callback_keeps_its_place_and_is_dialled(void **state)
{
	(void)state;
	leave_a_number("c1");
	uint64_t contact = first()->id;
	clock_advance(1000);
	to_the_queue("c2");
	assert_int_equal(first()->id, contact);
	for (int attempt = 0; attempt < 2; attempt++) {
		char id[8];
		snprintf(id, sizeof id, "t%d", attempt);
		by_anke(COMMAND_TAKE, contact, id);
		assert_string_equal(dialled[1], "sip:anke@127.0.0.1");
		ivr_rename(ivr, "line", dialled[0], id);
		assert_int_equal(next(id, IVR_EVENT_INCOMING, ""), IVR_MENU);
		assert_int_equal(next(id, IVR_EVENT_KEYS, ""), IVR_MENU);
		assert_int_equal(next(id, IVR_EVENT_KEYS, "1"), IVR_CONNECT);
		assert_string_equal(ivr_turn_last(&turn)->target, "0200000001");
		assert_string_equal(ivr_turn_last(&turn)->cli, "+3220000000");
		assert_string_equal(ivr_turn_last(&turn)->accept.id, "");
		assert_int_equal(
			tell(id, IVR_EVENT_DROPPED, turn.number, "", IVR_CAUSE_BUSY), OK);
		assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HANGUP);
		tell(id, IVR_EVENT_GONE, 0, "", 0);
		if (attempt == 0) {
			UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
			assert_int_equal(first()->id, contact);
		}
	}
	UNTIL(strstr(stages, "unreached"));
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
	assert_string_equal(stages, " ringing busy ringing busy unreached");
}

static void the_end_of_a_dialled_line_overtakes_its_name(void **state)
{
	(void)state;
	leave_a_number("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	tell("p1", IVR_EVENT_GONE, 0, "", 0);
	ivr_rename(ivr, "line", dialled[0], "p1");
	UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
	assert_string_equal(stages, " ringing no-answer");
}

static void a_callback_survives_a_restart_and_its_number_not_the_success(void **state)
{
	(void)state;
	leave_a_number("c1");
	assert_non_null(strstr(vault_json, "0200000001"));
	close_all();
	open_all();
	assert_int_equal(ivr_callback_restore(ivr, vault_json, strlen(vault_json)), OK);
	assert_int_equal(ivr_callback_restore(ivr, "{", 1), ERR_INVALID);
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	UNTIL(strstr(stages, "ringing"));
	next(dialled[0], IVR_EVENT_INCOMING, "");
	assert_int_equal(next(dialled[0], IVR_EVENT_KEYS, "1"), IVR_CONNECT);
	assert_string_equal(ivr_turn_last(&turn)->target, "0200000001");
	tell(dialled[0], IVR_EVENT_ACCEPTED, 0, "", 0);
	assert_string_equal(vault_json, "");
	*asked = '\0';
	by_anke(COMMAND_CLOSE, contact, "close-1");
	assert_non_null(strstr(asked, "end:back-"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_callback_keeps_its_place_and_is_dialled),
		ON_A_DESK(the_end_of_a_dialled_line_overtakes_its_name),
		ON_A_DESK(a_callback_survives_a_restart_and_its_number_not_the_success),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
