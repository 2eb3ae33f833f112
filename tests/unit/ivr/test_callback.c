/* A number left to be called back. */
#include "ivr/number.h"
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
		assert_string_equal(ivr_turn_last(&turn)->target, "+32200000001");
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
	assert_string_equal(ivr_turn_last(&turn)->target, "+32200000001");
	tell(dialled[0], IVR_EVENT_ACCEPTED, 0, "", 0);
	assert_string_equal(vault_json, "");
	*asked = '\0';
	by_anke(COMMAND_CLOSE, contact, "close-1");
	assert_non_null(strstr(asked, "end:back-"));
}

static void a_restart_while_it_rings_gives_the_place_back(void **state)
{
	(void)state;
	leave_a_number("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	UNTIL(strstr(stages, "ringing"));
	close_all();
	open_all();
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
	assert_int_equal(ivr_callback_restore(ivr, vault_json, strlen(vault_json)), OK);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
	assert_string_equal(stages, " ringing cut");
	by_anke(COMMAND_TAKE, contact, "take-2");
	next(dialled[0], IVR_EVENT_INCOMING, "");
	assert_int_equal(next(dialled[0], IVR_EVENT_KEYS, "1"), IVR_CONNECT);
	assert_string_equal(ivr_turn_last(&turn)->target, "+32200000001");
}

static void only_numbers_of_the_beginnings_are_called(void **state)
{
	static char begins[][8] = { "+352", "+33", "-+3389", "+33891" };
	static char *own[] = { begins[0], begins[1], begins[2], begins[3] };
	static const struct {
		const char *typed, *belgian, *own;
	} numbers[] = {
		{ "0471926384", "+32471926384", "+352471926384" },
		{ "022000001", "+3222000001", "+35222000001" },
		{ "0032471926384", "+32471926384", "" },
		{ "32471926384", "+32471926384", "" },
		{ "092000001", "+3292000001", "+35292000001" }, /* Ghent */
		{ "090612345", "", "+35290612345" }, /* dear */
		{ "003290612345", "", "" },
		{ "070123456", "", "+35270123456" },
		{ "0777123456", "", "+352777123456" },
		{ "0033123456789", "", "+33123456789" },
		{ "0033891234567", "", "+33891234567" },
		{ "0033899234567", "", "" },
		{ "0088216123456", "", "" }, /* by satellite */
		{ "00320471926384", "+32471926384", "" }, /* written as (0) */
		{ "320471926384", "+32471926384", "" },
		{ "00320906123456", "", "" }, /* dear, past the rule by a 0 that networks leave out */
		{ "003200906123456", "", "" },
		{ "0032070123456", "", "" },
		{ "00330123456789", "", "+330123456789" },
		{ "00330899234567", "", "" },
		{ "003520471926384", "", "+352471926384" },
		{ "00320000000000", "", "" },
		{ "003202000000", "+322000000", "" },
		{ "0032020000000", "", "" }, /* the centre itself */
		{ "00000000", "", "" },
		{ "0032112", "", "" },
		{ "471926384", "", "" },
		{ "02000000", "+322000000", "+3522000000" },
		{ "0200000", "", "+352200000" },
		{ "012345678901234", "", "" },
		{ "0123456789012345", "", "" },
		{ "01234567890123", "+321234567890123", "" },
		{ "0471*26384", "", "" },
		{ "", "", "" },
		{ "020000000", "", "+35220000000" }, /* the centre itself */
	};
	struct ivr_settings to = { .cli = "+3220000000" };
	char number[NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		to.callback_numbers_count = 0;
		assert_int_equal(number_to_call(&to, numbers[i].typed, number),
			*numbers[i].belgian != '\0');
		assert_string_equal(number, numbers[i].belgian);
		to.callback_numbers = own;
		to.callback_numbers_count = 4;
		assert_int_equal(number_to_call(&to, numbers[i].typed, number),
			*numbers[i].own != '\0');
		assert_string_equal(number, numbers[i].own);
	}
}

static void a_dear_number_is_a_wrong_one(void **state)
{
	(void)state;
	to_the_queue("c1");
	assert_int_equal(next("c1", IVR_EVENT_KEYS, "*"), IVR_COLLECT);
	assert_int_equal(next("c1", IVR_EVENT_KEYS, "090612345"), IVR_COLLECT);
	assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, "again");
	assert_int_equal(next("c1", IVR_EVENT_KEYS, "0471926384"), IVR_MENU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_numbers_of_the_beginnings_are_called),
		ON_A_DESK(a_dear_number_is_a_wrong_one),
		ON_A_DESK(a_callback_keeps_its_place_and_is_dialled),
		ON_A_DESK(the_end_of_a_dialled_line_overtakes_its_name),
		ON_A_DESK(a_callback_survives_a_restart_and_its_number_not_the_success),
		ON_A_DESK(a_restart_while_it_rings_gives_the_place_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
