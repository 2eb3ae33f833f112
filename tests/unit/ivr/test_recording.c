/* A spoken message on its way from the platform into its contact. */
#include "base/log.h"
#include "tests/unit/ivr/line.h"

#include <sodium.h>

enum { REFUSED_MOST = 12, PAUSE_MOST = 600000 };

static char logged[2048];
static uint8_t sound[2 * DESK_PIECE_BYTES + 1];

static void on_log(const char *text, void *arg)
{
	(void)arg;
	add(logged, sizeof logged, text, "");
}

static int set_up_logged(void **state)
{
	*logged = '\0';
	randombytes_buf(sound, sizeof sound);
	memcpy(sound, "RIFF", 4);
	log_threshold(LOG_WARN);
	log_capture(on_log, NULL);
	return set_up(state);
}

static int tear_down_logged(void **state)
{
	log_capture(NULL, NULL);
	return tear_down(state);
}

/* The contact of a caller who left one, and is gone. */
static uint64_t leave_a_message(const char *call, const char *recording)
{
	struct ivr_event event = { .kind = IVR_EVENT_RECORDED,
		.call = call,
		.recording = recording,
		.seconds = 12 };
	to_the_queue(call);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "0"), IVR_RECORD);
	event.turn = turn.number;
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), OK);
	tell(call, IVR_EVENT_GONE, 0, "", 0);
	return first()->id;
}

static void arrives(enum err err, bool absent, size_t length)
{
	ivr_fetched(ivr, "line", fetched_call, err, absent, sound, length);
}

static void second(void)
{
	clock_advance(1000);
	ivr_second(ivr);
}

static uint32_t pieces_of(uint64_t contact, const struct contact_event *pieces_r[4])
{
	const struct contact *of = desk_contact(desk, contact);
	uint32_t count = 0;

	for (uint32_t i = 0; i < of->event_count; i++)
		if (of->events[i]->kind == EVENT_RECORDING) {
			assert_true(count < 4);
			pieces_r[count++] = of->events[i];
		}
	return count;
}

static void assert_pieces(uint64_t contact, size_t length)
{
	const struct contact_event *pieces[4];
	uint32_t count = pieces_of(contact, pieces);
	size_t at = 0;

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *body = (const uint8_t *)contact_event_body(pieces[i]);
		const uint8_t head[DESK_PIECE_HEAD] = { 0, (uint8_t)(i + 1), 0, (uint8_t)count, 0, 12 };
		size_t more = pieces[i]->body_length - DESK_PIECE_HEAD;
		assert_memory_equal(body, head, sizeof head);
		assert_true(at + more <= length);
		assert_memory_equal(body + DESK_PIECE_HEAD, sound + at, more);
		at += more;
	}
	assert_int_equal(at, length);
}

static void a_message_is_kept_in_pieces_and_then_deleted(void **state)
{
	static const size_t lengths[] = { 12, DESK_PIECE_BYTES, DESK_PIECE_BYTES + 1, sizeof sound };
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		char call[8], name[8];
		snprintf(call, sizeof call, "c%zu", i);
		snprintf(name, sizeof name, "RE%zu", i);
		*forgotten = '\0';
		uint64_t contact = leave_a_message(call, name);
		assert_non_null(strstr(vault_json, name));
		second();
		assert_string_equal(fetched_call, call);
		arrives(OK, false, lengths[i]);
		assert_string_equal(forgotten, ""); /* not before it is durable */
		UNTIL((ivr_second(ivr), *forgotten));
		assert_string_equal(forgotten + 1, name);
		assert_pieces(contact, lengths[i]);
		assert_string_equal(vault_json, "");
		by_anke(COMMAND_TAKE, contact, "take");
		by_anke(COMMAND_CLOSE, contact, "close");
	}
	assert_int_equal(fetches, 4);
	assert_string_equal(logged, "");
}

/* Every answer without the file: tried twelve times with growing pauses, then told. */
static void refused(const char *why, enum err err, bool absent, size_t length)
{
	uint64_t contact = leave_a_message(why, "RE1");

	fetches = 0;
	*forgotten = *logged = '\0';
	for (int i = 1; i <= REFUSED_MOST; i++) {
		assert_non_null(strstr(vault_json, "RE1"));
		clock_advance(PAUSE_MOST);
		ivr_second(ivr);
		assert_int_equal(fetches, i);
		ivr_second(ivr);
		assert_int_equal(fetches, i); /* one at a time */
		arrives(err, absent, length);
	}
	UNTIL(!strcmp(desk_contact(desk, contact)->call, "message-left"));
	assert_string_equal(vault_json, "");
	assert_string_equal(forgotten, ""); /* it is heard there, or nowhere */
	assert_non_null(strstr(logged, "a message was not fetched"));
	assert_non_null(strstr(logged, absent ? "why=absent" : "why=refused"));
	clock_advance(PAUSE_MOST);
	ivr_second(ivr);
	assert_int_equal(fetches, REFUSED_MOST);
	by_anke(COMMAND_TAKE, contact, "take");
	by_anke(COMMAND_CLOSE, contact, "close");
}

static void what_the_platform_refuses_twelve_times_stays_there(void **state)
{
	(void)state;
	refused("absent", ERR_DENIED, true, 0);
	refused("denied", ERR_DENIED, false, 0); /* 401, 403, a redirect, a private address */
	refused("page", OK, false, 11); /* 200, and no sound: too short for one */
	memcpy(sound, "<htm", 4);
	refused("html", OK, false, 100);
}

static void eleven_refusals_and_then_it_comes(void **state)
{
	uint64_t contact = leave_a_message("c1", "RE1");
	(void)state;
	for (int i = 1; i < REFUSED_MOST; i++) {
		clock_advance(PAUSE_MOST);
		ivr_second(ivr);
		arrives(ERR_DENIED, i % 2, 0);
	}
	clock_advance(PAUSE_MOST);
	ivr_second(ivr);
	arrives(OK, false, 100);
	UNTIL((ivr_second(ivr), *forgotten));
	assert_pieces(contact, 100);
	assert_string_equal(logged, "");
}

static void what_cannot_be_reached_is_asked_for_ever(void **state)
{
	uint64_t contact = leave_a_message("c1", "RE1");
	(void)state;
	for (int i = 0; i < 3 * REFUSED_MOST; i++) {
		clock_advance(PAUSE_MOST);
		ivr_second(ivr);
		assert_int_equal(fetches, i + 1);
		arrives(ERR_IO, false, 0);
	}
	assert_non_null(strstr(logged, "a message is not fetched yet"));
	assert_null(strstr(strstr(logged, "not fetched yet") + 1, "not fetched yet")); /* told once */
	clock_advance(PAUSE_MOST);
	ivr_second(ivr);
	arrives(OK, false, 100);
	UNTIL((ivr_second(ivr), *forgotten));
	assert_pieces(contact, 100);
}

static void one_that_is_too_long_stays_at_the_platform(void **state)
{
	uint64_t contact = leave_a_message("c1", "RE1");
	(void)state;
	second();
	arrives(ERR_TOO_LONG, false, 0);
	UNTIL(!strcmp(desk_contact(desk, contact)->call, "message-left"));
	assert_non_null(strstr(logged, "why=too-long"));
	assert_string_equal(forgotten, "");
	assert_string_equal(vault_json, "");
}

static void closed_before_it_came_it_is_deleted_unheard(void **state)
{
	uint64_t contact = leave_a_message("c1", "RE1");
	(void)state;
	second(); /* it is being fetched */
	by_anke(COMMAND_TAKE, contact, "take");
	by_anke(COMMAND_CLOSE, contact, "close");
	second();
	assert_string_equal(forgotten, ""); /* what comes is waited for */
	arrives(OK, false, 100);
	assert_string_equal(forgotten, " RE1");
	assert_string_equal(vault_json, "");
	assert_non_null(strstr(logged, "a message was deleted unheard"));

	contact = leave_a_message("c2", "RE2");
	second();
	arrives(ERR_DENIED, true, 0); /* not ready yet */
	by_anke(COMMAND_TAKE, contact, "take");
	by_anke(COMMAND_CLOSE, contact, "close");
	second();
	assert_string_equal(forgotten, " RE1 RE2");
	assert_string_equal(vault_json, "");
	assert_int_equal(fetches, 2);
}

static void closed_between_two_pieces_it_is_deleted_too(void **state)
{
	struct command close = { .kind = COMMAND_CLOSE,
		.author = AUTHOR_COUNSELLOR,
		.staff = 1,
		.port = anke,
		.id = "close" };
	const struct contact_event *pieces[4];
	(void)state;
	close.contact = leave_a_message("c1", "RE1");
	by_anke(COMMAND_TAKE, close.contact, "take");
	second();
	assert_int_equal(desk_submit(desk, &close), OK); /* under way before the first piece */
	arrives(OK, false, sizeof sound);
	UNTIL((ivr_second(ivr), *forgotten));
	assert_int_equal(desk_contact(desk, close.contact)->state, CONTACT_CLOSED);
	assert_int_equal(pieces_of(close.contact, pieces), 0);
	assert_string_equal(forgotten, " RE1");
	assert_string_equal(vault_json, "");
}

static void a_restart_fetches_it_again(void **state)
{
	uint64_t contact = leave_a_message("c1", "RE1");
	(void)state;
	second();
	close_all();
	open_all();
	assert_int_equal(ivr_callback_restore(ivr, vault_json, strlen(vault_json)), OK);
	fetches = 0;
	UNTIL((second(), fetches)); /* once its contact is found again */
	arrives(OK, false, sizeof sound);
	UNTIL((ivr_second(ivr), *forgotten));
	assert_pieces(contact, sizeof sound);
}

static void a_restart_deletes_what_was_closed_meanwhile(void **state)
{
	uint64_t contact = leave_a_message("c1", "RE1");
	char kept[sizeof vault_json];
	(void)state;
	by_anke(COMMAND_TAKE, contact, "take");
	by_anke(COMMAND_CLOSE, contact, "close");
	strcpy(kept, vault_json); /* nobody came to look before we were killed */
	close_all();
	open_all();
	assert_int_equal(ivr_callback_restore(ivr, kept, strlen(kept)), OK);
	UNTIL((second(), *forgotten));
	assert_string_equal(forgotten, " RE1");
	assert_int_equal(fetches, 0);
}

static void names_that_are_none_are_not_asked_for(void **state)
{
	char long_name[IVR_RECORDING_MAX + 2] = "";
	static const char outside[] = "../Calls/CA1";
	(void)state;
	memset(long_name, 'x', IVR_RECORDING_MAX + 1);
	leave_a_message("c1", outside);
	leave_a_message("c2", long_name);
	leave_a_message("c3", "");
	second();
	assert_int_equal(fetches, 0);
	assert_string_equal(vault_json, "");
	leave_a_message("c4", long_name + 1);
	second();
	assert_int_equal(fetches, 1);
	ivr_fetched(ivr, "line", "c1", OK, false, sound, 100); /* nobody asked */
	ivr_fetched(ivr, "nobody", "c4", OK, false, sound, 100);
	assert_string_equal(forgotten, "");
}

#undef ON_A_DESK
#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, set_up_logged, tear_down_logged)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_message_is_kept_in_pieces_and_then_deleted),
		ON_A_DESK(what_the_platform_refuses_twelve_times_stays_there),
		ON_A_DESK(eleven_refusals_and_then_it_comes),
		ON_A_DESK(what_cannot_be_reached_is_asked_for_ever),
		ON_A_DESK(one_that_is_too_long_stays_at_the_platform),
		ON_A_DESK(closed_before_it_came_it_is_deleted_unheard),
		ON_A_DESK(closed_between_two_pieces_it_is_deleted_too),
		ON_A_DESK(a_restart_fetches_it_again),
		ON_A_DESK(a_restart_deletes_what_was_closed_meanwhile),
		ON_A_DESK(names_that_are_none_are_not_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
