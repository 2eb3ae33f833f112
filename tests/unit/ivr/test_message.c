/* A spoken message of a line of our own, whose only copy is in memory. */
#include "base/log.h"
#include "tests/unit/ivr/line.h"

static char logged[1024];
static uint8_t sound[3 * DESK_PIECE_BYTES] = "RIFF";
static bool room, lost;

static void on_log(const char *text, void *arg)
{
	(void)arg;
	add(logged, sizeof logged, text, "");
}

static enum err fetch_own(void *arg, const char *call, const char *recording)
{
	return lost ? (fetches++, ERR_NOT_FOUND) : fetch(arg, call, recording);
}

static bool has_room(void *arg)
{
	(void)arg;
	return room;
}

static const struct ivr_adapter own = { .name = "own",
	.poll = 20,
	.interrupt = interrupt,
	.end = end,
	.query = query,
	.record_room = has_room,
	.fetch = fetch_own,
	.forget = forget,
	.in_memory = true };

static int set_up_own(void **state)
{
	*logged = '\0';
	room = true;
	lost = false;
	log_threshold(LOG_WARN);
	log_capture(on_log, NULL);
	return set_up(state) || ivr_adapter_add(ivr, &own);
}

static int tear_down_own(void **state)
{
	log_capture(NULL, NULL);
	return tear_down(state);
}

static enum ivr_step_kind says(enum ivr_event_kind kind, const char *keys, const char *recording)
{
	struct ivr_event event = { .kind = kind,
		.call = "c1",
		.turn = kind == IVR_EVENT_INCOMING ? 0 : turn.number,
		.caller = 7,
		.recording = recording,
		.seconds = 12 };
	snprintf(event.keys, sizeof event.keys, "%s", keys);
	return ivr_drive(ivr, "own", &event, &turn) ? IVR_ANSWER : ivr_turn_last(&turn)->kind;
}

static void goes(void)
{
	says(IVR_EVENT_GONE, "", NULL);
}

static uint64_t waits(void)
{
	says(IVR_EVENT_INCOMING, "", NULL);
	says(IVR_EVENT_KEYS, "1", NULL);
	assert_int_equal(says(IVR_EVENT_KEYS, "1", NULL), IVR_HOLD);
	UNTIL(first());
	return first()->id;
}

static uint64_t speaks(void)
{
	uint64_t contact = waits();
	assert_int_equal(says(IVR_EVENT_KEYS, "0", NULL), IVR_RECORD);
	return contact;
}

static void second(void)
{
	clock_advance(1000);
	ivr_second(ivr);
}

static void arrives(void)
{
	assert_string_equal(fetched_call, "c1");
	ivr_fetched(ivr, "own", "c1", OK, false, sound, sizeof sound);
}

static uint32_t pieces(uint64_t contact)
{
	const struct contact *of = desk_contact(desk, contact);
	uint32_t count = 0;

	for (uint32_t i = 0; i < of->event_count; i++)
		count += of->events[i]->kind == EVENT_RECORDING;
	return count;
}

static uint64_t no_room(void)
{
	struct ivr_figures figures;
	ivr_figures(ivr, &figures);
	return figures.no_room;
}

static void its_pieces_do_not_wait_for_the_next_second(void **state)
{
	uint64_t contact = speaks();
	(void)state;

	assert_int_equal(says(IVR_EVENT_RECORDED, "", "m1"), IVR_HANGUP);
	goes();
	second();
	arrives();
	UNTIL(*forgotten); /* the clock stands still */
	assert_string_equal(forgotten, " m1");
	assert_int_equal(pieces(contact), 3);
	assert_string_equal(vault_json, "");
	assert_string_equal(logged, "");
}

static void one_that_is_there_no_more_is_said_to_be_lost(void **state)
{
	uint64_t contact = speaks();
	(void)state;

	says(IVR_EVENT_RECORDED, "", "m1");
	goes();
	lost = true;
	second();
	assert_int_equal(fetches, 1);
	UNTIL(!strcmp(desk_contact(desk, contact)->call, "message-lost"));
	assert_int_equal(first()->id, contact); /* and waits on */
	assert_non_null(strstr(logged, "why=gone"));
	assert_string_equal(vault_json, "");
	second();
	assert_int_equal(fetches, 1);
}

static void taken_while_it_is_spoken_and_gone_at_its_end(void **state)
{
	uint64_t contact = speaks();
	(void)state;

	by_anke(COMMAND_TAKE, contact, "take");
	assert_int_equal(says(IVR_EVENT_RECORDED, "", "m1"), IVR_CONNECT);
	goes();
	UNTIL(!strcmp(desk_contact(desk, contact)->call, "message"));
	second();
	arrives();
	UNTIL(*forgotten);
	assert_int_equal(pieces(contact), 3);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
}

static void taken_while_it_is_spoken_and_then_connected(void **state)
{
	uint64_t contact = speaks();
	(void)state;

	by_anke(COMMAND_TAKE, contact, "take");
	assert_int_equal(says(IVR_EVENT_RECORDED, "", "m1"), IVR_CONNECT);
	says(IVR_EVENT_RINGING, "", NULL);
	says(IVR_EVENT_ACCEPTED, "", NULL);
	second();
	arrives();
	UNTIL(*forgotten);
	assert_int_equal(pieces(contact), 3);
	goes();
	UNTIL(!strcmp(desk_contact(desk, contact)->call, "ended"));
}

static void without_room_another_way_is_said_and_counted(void **state)
{
	(void)state;
	waits();
	room = false;
	assert_int_equal(says(IVR_EVENT_KEYS, "0", NULL), IVR_MENU);
	assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, "voicemail-off");
	assert_int_equal(no_room(), 1);
	assert_int_equal(says(IVR_EVENT_KEYS, "", NULL), IVR_MENU); /* back … */
	assert_int_equal(says(IVR_EVENT_KEYS, "", NULL), IVR_HOLD);
	assert_int_equal(no_room(), 1);
	room = true;
	assert_int_equal(says(IVR_EVENT_KEYS, "0", NULL), IVR_RECORD);
	assert_int_equal(no_room(), 1);
}

static void where_messages_are_off_nobody_is_counted(void **state)
{
	struct ivr_settings off = settings;
	(void)state;

	off.voicemail = false;
	ivr_configure(ivr, script, &off);
	waits();
	room = false;
	assert_int_equal(says(IVR_EVENT_KEYS, "0", NULL), IVR_MENU);
	assert_int_equal(no_room(), 0);
}

static void what_is_not_taken_is_forgotten(void **state)
{
	(void)state;
	speaks();
	says(IVR_EVENT_RECORDED, "", "not a name");
	assert_string_equal(forgotten, " not a name");
	assert_non_null(strstr(logged, "a message is gone"));
	second();
	assert_int_equal(fetches, 0);
}

#define WITH_OUR_OWN(test) cmocka_unit_test_setup_teardown(test, set_up_own, tear_down_own)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_OUR_OWN(its_pieces_do_not_wait_for_the_next_second),
		WITH_OUR_OWN(one_that_is_there_no_more_is_said_to_be_lost),
		WITH_OUR_OWN(taken_while_it_is_spoken_and_gone_at_its_end),
		WITH_OUR_OWN(taken_while_it_is_spoken_and_then_connected),
		WITH_OUR_OWN(without_room_another_way_is_said_and_counted),
		WITH_OUR_OWN(where_messages_are_off_nobody_is_counted),
		WITH_OUR_OWN(what_is_not_taken_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
