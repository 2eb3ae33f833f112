/* The idle lock: when it comes, what it keeps shut, and what opens it. */
#include "tests/unit/console/window.h"

static void it_locks_when_nobody_is_there(void **state)
{
	int64_t minutes = config->desk.idle_lock_minutes * INT64_C(60000);
	char contact[CONTACT_PUBLIC_ID], ring[64];
	struct signin_answer answer;
	(void)state;
	sign_in();
	*said = '\0';
	clock_advance(minutes);
	hear("{\"t\":\"beat\"}"); /* the page's own, not a person's */
	window_tick(window, false);
	assert_null(strstr(said, "locked"));
	clock_advance(1);
	window_tick(window, false);
	real_expect("{\"t\":\"locked\"}");
	assert_int_equal(asked.kind, SIGNIN_AWAY); /* no reload opens it */
	assert_true(asked.lock_mono == clock_mono());
	hear("{\"t\":\"take\",\"id\":\"" ID "\"}");
	real_expect("\"code\":\"locked\"");
	*said = '\0';
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = "abcdefghijklmnopqrstuv" };
	assert_int_equal(desk_submit(desk, &command), OK);
	real_pump("\"t\":\"alarm\""); /* it still rings, but shows nothing */
	assert_null(strstr(said, "\"t\":\"queue\""));
	contact_public_id(desk_queue(desk)->order[0]->id, contact);
	snprintf(ring, sizeof ring, "\"id\":\"%s\"", contact);
	hear("{\"t\":\"unlock\",\"id\":\"" ID "\",\"password\":\"geheim\"}");
	assert_int_equal(asked.kind, SIGNIN_UNLOCK);
	assert_int_equal(asked.staff, 1);
	answer = answer_of(SIGNIN_UNLOCK, SIGNIN_OK);
	window_signed(window, &answer);
	real_expect("\"t\":\"desk\"");
	real_expect(ring);
}

static void the_page_alone_is_nobody(void **state)
{
	char contact[CONTACT_PUBLIC_ID], frame[128];
	int64_t lock = config->desk.idle_lock_minutes * INT64_C(60000);
	(void)state;
	sign_in();
	begin_contact("abcdefghijklmnopqrstuv", contact);
	snprintf(frame, sizeof frame, "{\"t\":\"take\",\"id\":\"" ID "x\",\"contact\":\"%s\"}",
		contact);
	hear(frame);
	real_pump("\"t\":\"contact\"");
	clock_advance(lock);
	hear("{\"t\":\"here\"}"); /* somebody reads, and moves */
	assert_string_equal(said, "");
	clock_advance(lock);
	snprintf(frame, sizeof frame, "{\"t\":\"read\",\"contact\":\"%s\",\"seq\":1}", contact);
	hear(frame); /* the page's own word */
	window_tick(window, false);
	assert_null(strstr(said, "locked"));
	clock_advance(1);
	hear(frame);
	window_tick(window, false);
	real_expect("{\"t\":\"locked\"}");
}

static void a_locked_window_gives_its_chats_back_after_the_lease(void **state)
{
	char chat[CONTACT_PUBLIC_ID], frame[128];
	int64_t lease = config->desk.lease_seconds * INT64_C(1000);
	struct signin_answer answer;
	(void)state;
	sign_in();
	begin_contact("abcdefghijklmnopqrstuv", chat);
	snprintf(frame, sizeof frame, "{\"t\":\"take\",\"id\":\"" ID "x\",\"contact\":\"%s\"}",
		chat);
	hear(frame);
	real_pump("\"t\":\"contact\"");
	clock_advance(config->desk.idle_lock_minutes * INT64_C(60000));
	hear("{\"t\":\"beat\"}");
	clock_advance(1);
	window_tick(window, false);
	real_expect("{\"t\":\"locked\"}");
	clock_advance(lease - 1);
	hear("{\"t\":\"beat\"}");
	desk_tick(desk);
	assert_int_equal(desk_counsellor(desk, 1)->contacts, 1);
	answer = answer_of(SIGNIN_UNLOCK, SIGNIN_OK); /* back within it: goes on */
	window_signed(window, &answer);
	clock_advance(lease);
	desk_tick(desk);
	assert_int_equal(desk_queue(desk)->length, 0);
	clock_advance(config->desk.idle_lock_minutes * INT64_C(60000) - lease + 1);
	hear("{\"t\":\"beat\"}");
	window_tick(window, false);
	clock_advance(lease + 1);
	hear("{\"t\":\"beat\"}"); /* the page is alive, and nobody sits there */
	desk_tick(desk);
	real_pump("\"why\":\"lease\"");
	assert_int_equal(desk_queue(desk)->length, 1);
	assert_int_equal(desk_counsellor(desk, 1)->duty, DUTY_ON); /* it rings */
}

static void a_lost_window_is_locked_in_its_time(void **state)
{
	int64_t due = clock_mono() + config->desk.idle_lock_minutes * INT64_C(60000);
	(void)state;
	sign_in();
	clock_advance(5000);
	window_destroy(&window);
	assert_int_equal(asked.kind, SIGNIN_AWAY);
	assert_true(asked.lock_mono == due);
	assert_string_equal(asked.token, answer_of(SIGNIN_PASSWORD, SIGNIN_OK).token);
}

static void a_locked_window_changes_nothing(void **state)
{
	(void)state;
	sign_in();
	clock_advance(config->desk.idle_lock_minutes * INT64_C(60000));
	hear("{\"t\":\"beat\"}");
	clock_advance(1);
	window_tick(window, false);
	hear("{\"t\":\"password\",\"id\":\"" ID "\",\"password\":\"oud\",\"new\":\"nieuw\"}");
	real_expect("\"code\":\"locked\"");
	hear("{\"t\":\"authenticator-new\",\"id\":\"" ID "\",\"password\":\"oud\",\"code\":\"654321\"}");
	real_expect("\"code\":\"locked\"");
	assert_int_equal(asked.kind, SIGNIN_AWAY);
}

static void unlocking_gives_another_token(void **state)
{
	struct archive_answer ended = { .ended = true };
	struct signin_answer answer = answer_of(SIGNIN_UNLOCK, SIGNIN_OK);
	(void)state;
	sign_in();
	window_tick(window, false);
	memcpy(ended.session, looked.session, sizeof ended.session); /* asked with the token before */
	hear("{\"t\":\"unlock\",\"id\":\"" ID "\",\"password\":\"geheim\"}"); /* of the archive */
	assert_false(asked.renew);
	*answer.token = '\0';
	window_signed(window, &answer);
	assert_null(strstr(said, "session"));
	clock_advance(config->desk.idle_lock_minutes * INT64_C(60000) + 1);
	hear("{\"t\":\"beat\"}");
	window_tick(window, false);
	hear("{\"t\":\"unlock\",\"id\":\"" ID "\",\"password\":\"geheim\"}");
	assert_true(asked.renew);
	assert_string_equal(asked.token, answer_of(SIGNIN_PASSWORD, SIGNIN_OK).token);
	window_found(window, &ended); /* before its answer */
	memset(answer.token, 'u', sizeof answer.token - 1);
	window_signed(window, &answer);
	real_expect("\"session\":\"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu\"");
	window_found(window, &ended); /* and after it */
	assert_null(strstr(said, "bye"));
	looked = (struct archive_question) { 0 };
	window_tick(window, false); /* it is looked up anew */
	assert_int_equal(looked.kind, ARCHIVE_CHECK);
	assert_memory_not_equal(looked.session, ended.session, sizeof ended.session);
	memcpy(ended.session, looked.session, sizeof ended.session);
	window_found(window, &ended);
	real_expect("{\"t\":\"bye\",\"why\":\"session\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(it_locks_when_nobody_is_there),
		WITH_A_DESK(the_page_alone_is_nobody),
		WITH_A_DESK(a_locked_window_gives_its_chats_back_after_the_lease),
		WITH_A_DESK(a_lost_window_is_locked_in_its_time),
		WITH_A_DESK(a_locked_window_changes_nothing),
		WITH_A_DESK(unlocking_gives_another_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
