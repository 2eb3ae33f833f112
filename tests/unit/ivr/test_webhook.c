/* A platform that asks by webhook: repeated, late, and after a restart of ours. */
#include "tests/unit/ivr/line.h"

static bool late; /* ask: after an interrupt */

static void ask(const char *call, enum ivr_event_kind kind, const char *keys, const char *answer,
	char answer_r[300])
{
	const struct ivr_bytes *bytes;
	const char *token = answer ? strrchr(answer, ' ') + 1 : NULL;
	struct ivr_event event = { .kind = kind, .call = call, .token = token, .latest = late };
	event.turn = token ? ivr_token_turn(ivr, "hook", call, token) : 0;
	snprintf(event.keys, sizeof event.keys, "%s", keys);
	assert_int_equal(ivr_ask(ivr, "hook", &event, &bytes), OK);
	snprintf(answer_r, 300, "%.*s", (int)bytes->length, bytes->length ? bytes->bytes : "");
}

static void a_retried_webhook_gets_the_very_bytes(void **state)
{
	char one[300], two[300], three[300], again[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	ask("h1", IVR_EVENT_INCOMING, "", NULL, again);
	assert_string_equal(one, again);
	ask("h1", IVR_EVENT_KEYS, "1", one, two);
	ask("h1", IVR_EVENT_KEYS, "1", two, three);
	ask("h1", IVR_EVENT_KEYS, "1", one, again);
	assert_string_equal(two, again);
	ask("h1", IVR_EVENT_KEYS, "1", two, again);
	assert_string_equal(three, again);
	ask("h1", IVR_EVENT_GONE, "", NULL, again);
	assert_string_equal(again, "");
}

static void an_interrupt_that_comes_late_rings_again(void **state)
{
	char one[300], hold[300], connect[300], again[300], more[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	ask("h1", IVR_EVENT_KEYS, "1", one, one);
	ask("h1", IVR_EVENT_KEYS, "1", one, hold);
	UNTIL(desk_queue(desk)->length);
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	ask("h1", IVR_EVENT_POLL, "", hold, connect); /* as the sound came round */
	assert_memory_equal(connect, "4 6 ", 4);
	late = true;
	ask("h1", IVR_EVENT_POLL, "", hold, again); /* the interrupt: it cuts that leg */
	assert_memory_equal(again, "5 6 ", 4);
	ask("h1", IVR_EVENT_POLL, "", hold, more); /* its retry */
	assert_string_equal(again, more);
	late = false;
	ask("h1", IVR_EVENT_DROPPED, "", connect, more); /* of the leg that was cut */
	assert_string_equal(again, more);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
	ask("h1", IVR_EVENT_DROPPED, "", again, hold);
	assert_memory_equal(hold, "6 5 ", 4);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
	late = true;
	ask("h1", IVR_EVENT_POLL, "", connect, more); /* later still: what it does now */
	assert_string_equal(hold, more);
	late = false;
	assert_string_equal(stages, " ringing ringing failed");
}

static void a_restart_goes_on_where_the_token_says(void **state)
{
	char one[300], two[300], three[300], four[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	ask("h1", IVR_EVENT_KEYS, "3", one, two);
	ask("h1", IVR_EVENT_KEYS, "1", two, three);
	UNTIL(desk_queue(desk)->length);
	uint64_t contact = first()->id;
	close_all();
	open_all();
	assert_int_equal(first()->id, contact);
	ask("h1", IVR_EVENT_POLL, "", three, four);
	assert_memory_equal(four, "4 5 ", 4); /* HOLD, turn 4 */
	assert_non_null(strstr(four, ".queue.en.4"));
	by_anke(COMMAND_TAKE, contact, "take-1"); /* no second contact came */
	ask("h1", IVR_EVENT_POLL, "", four, one);
	assert_memory_equal(one, "5 6 ", 4); /* CONNECT */
	close_all();
	open_all(); /* in the middle of a pick-up: it is taken, so it rings again */
	ask("h1", IVR_EVENT_POLL, "", four, two);
	struct ivr_figures figures;
	ivr_figures(ivr, &figures);
	assert_int_equal(figures.calls, 1);
	for (int i = 0; i < 20 && memcmp(strchr(two, ' '), " 6", 2) != 0; i++) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
		if (poll(&wait, 1, 100) == 1)
			bench_pump();
		ask("h1", IVR_EVENT_POLL, "", two, two);
	}
	assert_memory_equal(strchr(two, ' '), " 6", 2);
}

static void a_number_that_a_restart_forgot_is_asked_again(void **state)
{
	char one[300], two[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	ask("h1", IVR_EVENT_KEYS, "3", one, two);
	ask("h1", IVR_EVENT_KEYS, "*", two, one);
	ask("h1", IVR_EVENT_KEYS, "0200000001", one, two);
	assert_non_null(strstr(two, ".callback-confirm.en."));
	close_all();
	open_all();
	*vault_json = '\0';
	ask("h1", IVR_EVENT_KEYS, "1", two, one);
	assert_non_null(strstr(one, ".callback.en."));
	assert_string_equal(vault_json, "");
	ask("h1", IVR_EVENT_KEYS, "0200000001", one, two);
	ask("h1", IVR_EVENT_KEYS, "1", two, one);
	assert_non_null(strstr(one, ".callback-done.en."));
	assert_non_null(strstr(vault_json, "\"0200000001\""));
}

static void a_token_of_another_call_is_none(void **state)
{
	char one[300], two[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	const char *token = strrchr(one, ' ') + 1;
	assert_int_equal(ivr_token_turn(ivr, "hook", "h1", token), 1);
	assert_int_equal(ivr_token_turn(ivr, "hook", "h2", token), 0);
	assert_int_equal(ivr_token_turn(ivr, "line", "h1", token), 0);
	one[strlen(one) - 1] ^= 1;
	assert_int_equal(ivr_token_turn(ivr, "hook", "h1", token), 0);
	ask("h3", IVR_EVENT_KEYS, "1", one, two); /* a person who hears nothing is worse */
	assert_memory_equal(two, "1 3 ", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_retried_webhook_gets_the_very_bytes),
		ON_A_DESK(an_interrupt_that_comes_late_rings_again),
		ON_A_DESK(a_restart_goes_on_where_the_token_says),
		ON_A_DESK(a_number_that_a_restart_forgot_is_asked_again),
		ON_A_DESK(a_token_of_another_call_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
