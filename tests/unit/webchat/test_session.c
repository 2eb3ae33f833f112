/* The visitor's protocol, without a socket. */
#include "webchat/session.h"
#include "tests/unit/desk/real.h"

static struct session *session;
static int replays;

static void send_replay(void *arg, const char *bytes, size_t length)
{
	replays++;
	real_send(arg, bytes, length);
}

static const struct session_line line
	= { .send = real_send, .send_replay = send_replay, .close = real_close };

static int set_up(void **state)
{
	int failed = real_set_up(state);
	replays = 0;
	if (!failed)
		session = session_create(desk, config, NULL, &line, NULL);
	return failed;
}

static int tear_down(void **state)
{
	session_destroy(&session);
	return real_tear_down(state);
}

static void hear(const char *frame)
{
	*said = '\0';
	session_frame(session, frame, strlen(frame));
}

#define START_ID "abcdefghijklmnopqrstuv"
#define START "{\"t\":\"start\",\"id\":\"" START_ID "\",\"answers\":{\"who\":\"child\",\"lang\":\"nl\"}}"

static void begin(char secret_r[DESK_SECRET_SIZE])
{
	hear("{\"t\":\"hello\"}");
	hear(START);
	real_pump("\"t\":\"started\"");
	if (secret_r)
		snprintf(secret_r, DESK_SECRET_SIZE, "%s",
			strstr(said, "\"secret\":\"") + strlen("\"secret\":\""));
}

static void the_first_frame_is_hello_within_ten_seconds(void **state)
{
	(void)state;
	clock_advance(SESSION_HELLO_SECONDS * 1000);
	session_tick(session, true);
	assert_int_equal(closed_with, 0);
	assert_string_equal(said, ""); /* no beat before it */
	clock_advance(1);
	session_tick(session, false);
	assert_int_equal(closed_with, SESSION_CLOSE_RULE);
}

static void another_first_frame_closes_the_line(void **state)
{
	(void)state;
	hear("{\"t\":\"beat\"}");
	assert_string_equal(said, "{\"t\":\"error\",\"code\":\"invalid\"}\n");
	assert_int_equal(closed_with, SESSION_CLOSE_RULE);
	hear("{\"t\":\"hello\"}"); /* too late */
	assert_string_equal(said, "");
}

static void what_is_not_a_frame_closes_the_line(void **state)
{
	(void)state;
	hear("{\"t\":\"hello\"}");
	real_expect("{\"t\":\"welcome\",\"open\":true,\"beat\":8,"
		    "\"limits\":{\"characters\":4000,\"per_minute\":100},\"trouble\":false}");
	hear("{\"t\":\"hello\"}");
	real_expect("\"code\":\"invalid\"");
	hear("{\"t\":\"what\"}");
	real_expect("\"code\":\"unknown\"");
	assert_int_equal(closed_with, 0);
	hear("[1]");
	real_expect("\"code\":\"invalid\"");
	assert_int_equal(closed_with, SESSION_CLOSE_RULE);
}

static void a_nul_is_refused_and_the_line_stays(void **state)
{
	(void)state;
	begin(NULL);
	hear("{\"t\":\"say\",\"id\":\"a\",\"text\":\"d\\u0000g\"}");
	assert_string_equal(said, "{\"t\":\"error\",\"code\":\"invalid\",\"id\":\"a\"}\n");
	assert_int_equal(closed_with, 0);
	hear("{\"t\":\"say\",\"id\":\"a\",\"text\":\"dag\"}");
	real_pump("{\"t\":\"stored\",\"id\":\"a\",\"n\":2}");
	hear("{\"t\":\"typing\",\"on\":\"\\u0000\"}");
	assert_int_equal(closed_with, SESSION_CLOSE_RULE);
}

static void before_hello_a_nul_closes_it(void **state)
{
	(void)state;
	hear("{\"t\":\"say\",\"id\":\"a\",\"text\":\"d\\u0000g\"}");
	assert_int_equal(closed_with, SESSION_CLOSE_RULE);
}

static void a_message_is_stored_once(void **state)
{
	(void)state;
	begin(NULL);
	hear("{\"t\":\"say\",\"id\":\"a\",\"text\":\"dag\"}");
	assert_string_equal(said, ""); /* not before it is durable */
	real_pump("{\"t\":\"stored\",\"id\":\"a\",\"n\":2}");
	hear("{\"t\":\"say\",\"id\":\"a\",\"text\":\"dag\"}");
	real_pump("{\"t\":\"stored\",\"id\":\"a\",\"n\":2}");
	hear(START);
	real_pump("\"n\":1}");
	hear("{\"t\":\"start\",\"id\":\"zzzzzzzzzzzzzzzzzzzzzz\"}");
	real_expect("\"code\":\"invalid\"");
}

static void limits_of_a_message_on_both_sides(void **state)
{
	char frame[8192], text[4002];
	(void)state;
	begin(NULL);
	memset(text, 'x', sizeof text);
	snprintf(frame, sizeof frame, "{\"t\":\"say\",\"id\":\"a\",\"text\":\"%.4000s\"}", text);
	hear(frame);
	real_pump("\"t\":\"stored\"");
	snprintf(frame, sizeof frame, "{\"t\":\"say\",\"id\":\"b\",\"text\":\"%.4001s\"}", text);
	hear(frame);
	real_expect("{\"t\":\"error\",\"code\":\"too_long\",\"id\":\"b\"}");
	hear("{\"t\":\"say\",\"id\":\"c\",\"text\":\"\"}");
	real_expect("{\"t\":\"error\",\"code\":\"invalid\",\"id\":\"c\"}");
	for (int i = 1; i < 100; i++) { /* one was sent already */
		snprintf(frame, sizeof frame, "{\"t\":\"say\",\"id\":\"n%d\",\"text\":\"x\"}", i);
		hear(frame);
		assert_string_equal(said, "");
	}
	hear("{\"t\":\"say\",\"id\":\"more\",\"text\":\"x\"}");
	real_expect("{\"t\":\"error\",\"code\":\"too_fast\",\"id\":\"more\",\"retry\":5}");
	clock_advance(600);
	hear("{\"t\":\"say\",\"id\":\"more\",\"text\":\"x\"}");
	real_pump("{\"t\":\"stored\",\"id\":\"more\",\"n\":102}");
}

static void a_conversation_that_is_full_says_so(void **state)
{
	char frame[100];
	(void)state;
	config->limits.contact_messages = 2;
	begin(NULL);
	for (int i = 0; i < 2; i++) {
		snprintf(frame, sizeof frame, "{\"t\":\"say\",\"id\":\"n%d\",\"text\":\"x\"}", i);
		hear(frame);
		real_pump("\"t\":\"stored\"");
	}
	hear("{\"t\":\"say\",\"id\":\"more\",\"text\":\"x\"}");
	real_expect("{\"t\":\"error\",\"code\":\"spent\",\"id\":\"more\"}");
	hear("{\"t\":\"say\",\"id\":\"n1\",\"text\":\"x\"}"); /* a retry of what is stored */
	real_pump("{\"t\":\"stored\",\"id\":\"n1\",\"n\":3}");
}

static void whoever_comes_back_gets_just_what_is_missed(void **state)
{
	char frame[5000], secret[DESK_SECRET_SIZE], text[4001] = "";
	struct session *again = NULL;
	(void)state;
	begin(secret);
	memset(text, 'x', sizeof text - 1);
	for (int i = 0; i < 20; i++) {
		snprintf(frame, sizeof frame, "{\"t\":\"say\",\"id\":\"m%d\",\"text\":\"%s\"}", i, text);
		hear(frame);
		real_pump("\"t\":\"stored\"");
	}
	again = session_create(desk, config, NULL, &line, NULL);
	*said = '\0';
	snprintf(frame, sizeof frame, "{\"t\":\"hello\",\"secret\":\"%s\",\"after\":19}", secret);
	session_frame(again, frame, strlen(frame));
	real_expect("{\"t\":\"bye\",\"why\":\"replaced\"}"); /* the first line */
	real_expect("\"t\":\"resumed\"");
	real_expect("\"state\":\"waiting\",\"n\":21}");
	real_expect("\"list\":[{\"n\":20,");
	real_expect(",{\"n\":21,");
	real_expect("\"t\":\"place\",\"place\":1");
	assert_null(strstr(said, "\"n\":19,"));
	assert_int_equal(replays, 1);
	session_destroy(&again);
	again = session_create(desk, config, NULL, &line, NULL);
	replays = 0;
	snprintf(frame, sizeof frame, "{\"t\":\"hello\",\"secret\":\"%s\",\"after\":0}", secret);
	session_frame(again, frame, strlen(frame));
	assert_int_equal(replays, 2); /* in pieces of 48 KB, none counted as waiting */
	session_destroy(&again);
}

static void a_start_whose_answer_was_lost_is_told_what_came_since(void **state)
{
	struct session *again = NULL;
	(void)state;
	begin(NULL);
	hear("{\"t\":\"say\",\"id\":\"a\",\"text\":\"dag\"}");
	real_pump("\"t\":\"stored\"");
	again = session_create(desk, config, NULL, &line, NULL);
	replays = 0;
	session_frame(again, "{\"t\":\"hello\"}", strlen("{\"t\":\"hello\"}"));
	*said = '\0';
	session_frame(again, START, strlen(START));
	real_pump("{\"n\":2,\"kind\":\"message\"");
	real_expect("\"t\":\"started\"");
	assert_true(strstr(said, "\"t\":\"started\"") < strstr(said, "\"t\":\"events\""));
	assert_null(strstr(said, "{\"n\":1,")); /* started says it */
	assert_int_equal(replays, 1);
	session_destroy(&again);
}

static void typing_seen(void *arg, const struct contact *contact, bool on)
{
	(void)arg;
	(void)contact;
	strcat(said, on ? "types" : "stops");
}

static void typing_is_told_at_most_once_a_second_and_never_forgotten(void **state)
{
	static const struct desk_listener listener = { .on_typing = typing_seen };
	(void)state;
	begin(NULL);
	uint64_t port = desk_counsellor_attach(desk, 1, "Anke", &listener, NULL);
	desk_counsellor_duty(desk, 1, DUTY_ON);
	*said = '\0';
	assert_int_equal(desk_submit(desk,
				 &(struct command) { .kind = COMMAND_TAKE,
					 .contact = desk_queue(desk)->order[0]->id,
					 .staff = 1,
					 .port = port,
					 .id = "take" }),
		OK);
	real_pump("\"kind\":\"taken\"");
	hear("{\"t\":\"typing\",\"on\":true}");
	assert_string_equal(said, "types");
	hear("{\"t\":\"typing\",\"on\":false}");
	assert_string_equal(said, "stops"); /* an end is never held back */
	hear("{\"t\":\"typing\",\"on\":true}");
	assert_string_equal(said, "");
	session_tick(session, false); /* too early: it stays due */
	assert_string_equal(said, "");
	clock_advance(SESSION_TYPING_MS);
	session_tick(session, false);
	assert_string_equal(said, "types");
	hear("{\"t\":\"typing\",\"on\":false}");
	hear("{\"t\":\"typing\",\"on\":true}");
	hear("{\"t\":\"typing\",\"on\":false}"); /* what is due no more is not told */
	clock_advance(SESSION_TYPING_MS);
	session_tick(session, false);
	assert_string_equal(said, "");
	desk_detach(desk, port);
}

static void silence_is_noticed_and_the_desk_knows(void **state)
{
	(void)state;
	begin(NULL);
	struct contact *contact = desk_queue(desk)->order[0];
	assert_int_not_equal(contact->port, 0);
	clock_advance(SESSION_SILENCE_SECONDS * 1000);
	session_tick(session, false);
	assert_int_equal(closed_with, 0);
	clock_advance(1);
	session_tick(session, false);
	assert_int_equal(closed_with, SESSION_CLOSE_NORMAL);
	assert_int_equal(contact->port, 0); /* before the line is gone */
	assert_true(SESSION_SILENCE_SECONDS + 2 <= 20);
}

static void beats_are_answered_and_do_not_go_on_for_ever(void **state)
{
	(void)state;
	hear("{\"t\":\"hello\"}");
	*said = '\0';
	session_tick(session, true);
	assert_string_equal(said, "{\"t\":\"beat\"}\n");
	hear("{\"t\":\"beat\"}"); /* the answer to ours */
	assert_string_equal(said, "");
	hear("{\"t\":\"beat\"}"); /* a question */
	assert_string_equal(said, "{\"t\":\"beat\"}\n");
	hear("{\"t\":\"beat\"}");
	assert_string_equal(said, "");
	clock_advance(1000);
	hear("{\"t\":\"beat\"}");
	assert_string_equal(said, "{\"t\":\"beat\"}\n");
}

static void a_flood_closes_the_line_and_is_logged(void **state)
{
	(void)state;
	hear("{\"t\":\"hello\"}");
	for (int i = 1; i < SESSION_FRAMES; i++)
		hear("{\"t\":\"read\",\"n\":1}");
	assert_int_equal(closed_with, 0);
	clock_advance(1000 / SESSION_FRAMES_SECOND);
	hear("{\"t\":\"read\",\"n\":1}"); /* one more is free by now */
	assert_int_equal(closed_with, 0);
	assert_string_equal(logged, "");
	hear("{\"t\":\"read\",\"n\":1}");
	assert_int_equal(closed_with, SESSION_CLOSE_RULE);
	real_expect("\"code\":\"too_fast\"");
	assert_non_null(strstr(logged, "level=warn msg=\"visitor's line closed\" why=flood"));
}

static void outside_hours_nothing_begins(void **state)
{
	static char days[] = "daily", from[] = "00:00", to[] = "00:01";
	struct config_hours hours[] = { { days, from, to } }; /* 22:13 UTC on a Tuesday */
	(void)state;
	config->centre.hours = hours;
	config->centre.hours_count = 1;
	hear("{\"t\":\"hello\"}");
	real_expect("\"open\":false,\"opens\":");
	hear(START);
	real_expect("{\"t\":\"error\",\"code\":\"not_open\",\"id\":\"" START_ID "\"}");
	config->centre.hours = NULL;
	config->centre.hours_count = 0;
}

static void leaving_ends_it_and_later_words_are_refused(void **state)
{
	(void)state;
	begin(NULL);
	hear("{\"t\":\"leave\",\"id\":\"l\"}");
	real_pump("{\"n\":2,\"kind\":\"closed\",");
	real_expect("\"why\":\"visitor\"");
	hear("{\"t\":\"say\",\"id\":\"late\",\"text\":\"x\"}");
	real_expect("{\"t\":\"error\",\"code\":\"closed\",\"id\":\"late\"}");
}

static void farewells_have_their_codes(void **state)
{
	(void)state;
	hear("{\"t\":\"hello\"}");
	session_bye(session, "restart");
	real_expect("{\"t\":\"bye\",\"why\":\"restart\"}");
	assert_int_equal(closed_with, SESSION_CLOSE_RESTART);
	*said = '\0';
	session_bye(session, "replaced"); /* said once */
	assert_string_equal(said, "");
}

static void an_unknown_secret_is_told_so(void **state)
{
	(void)state;
	hear("{\"t\":\"hello\",\"secret\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"after\":0}");
	real_pump("{\"t\":\"unknown\"}");
	hear("{\"t\":\"say\",\"id\":\"a\",\"text\":\"x\"}");
	real_expect("\"code\":\"closed\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(the_first_frame_is_hello_within_ten_seconds),
		WITH_A_DESK(another_first_frame_closes_the_line),
		WITH_A_DESK(what_is_not_a_frame_closes_the_line),
		WITH_A_DESK(a_nul_is_refused_and_the_line_stays),
		WITH_A_DESK(before_hello_a_nul_closes_it),
		WITH_A_DESK(a_message_is_stored_once),
		WITH_A_DESK(limits_of_a_message_on_both_sides),
		WITH_A_DESK(a_conversation_that_is_full_says_so),
		WITH_A_DESK(whoever_comes_back_gets_just_what_is_missed),
		WITH_A_DESK(a_start_whose_answer_was_lost_is_told_what_came_since),
		WITH_A_DESK(typing_is_told_at_most_once_a_second_and_never_forgotten),
		WITH_A_DESK(silence_is_noticed_and_the_desk_knows),
		WITH_A_DESK(beats_are_answered_and_do_not_go_on_for_ever),
		WITH_A_DESK(a_flood_closes_the_line_and_is_logged),
		WITH_A_DESK(outside_hours_nothing_begins),
		WITH_A_DESK(leaving_ends_it_and_later_words_are_refused),
		WITH_A_DESK(farewells_have_their_codes),
		WITH_A_DESK(an_unknown_secret_is_told_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
