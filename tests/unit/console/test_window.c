/* The counsellor's protocol, without a socket. */
#include "tests/unit/console/window.h"

static void nothing_is_told_before_signing_in(void **state)
{
	struct signin_answer wrong = answer_of(SIGNIN_PASSWORD, SIGNIN_WRONG);
	(void)state;
	assert_string_equal(said, "{\"t\":\"hello\",\"passkeys\":\"localhost\"}\n");
	hear("{\"t\":\"take\",\"id\":\"" ID "\"}");
	assert_string_equal(said, "{\"t\":\"no\",\"id\":\"" ID "\",\"code\":\"sign-in\"}\n");
	hear("{\"t\":\"unlock\",\"id\":\"" ID "\",\"password\":\"x\"}");
	real_expect("\"code\":\"invalid\"");
	hear("{\"t\":\"sign-in\",\"id\":\"" ID "\",\"name\":\"anke\",\"password\":\"geheim\",\"code\":\"123456\"}");
	assert_string_equal(said, "");
	assert_int_equal(asked.kind, SIGNIN_PASSWORD);
	assert_string_equal(asked.name, "anke");
	assert_string_equal(asked.password, "geheim");
	assert_string_equal(asked.code, "123456");
	assert_int_equal(asked.session_hours, 8);
	window_signed(window, &wrong);
	*said = '\0';
	ask_answer = ERR_BUSY;
	hear("{\"t\":\"resume\",\"id\":\"" ID "\",\"session\":\"s\"}");
	assert_string_equal(said, "{\"t\":\"no\",\"id\":\"" ID "\",\"code\":\"slow\",\"retry\":2}\n");
}

static void each_result_has_its_code(void **state)
{
	static const struct {
		enum signin_result result;
		const char *code;
	} cases[] = { { SIGNIN_WRONG, "wrong" }, { SIGNIN_SLOW, "slow" }, { SIGNIN_USED, "used" },
		{ SIGNIN_WEAK, "weak" }, { SIGNIN_SAME, "same" }, { SIGNIN_STALE, "stale" }, { SIGNIN_EXPIRED, "expired" }, { SIGNIN_MANY, "many" },
		{ SIGNIN_FAILED, "full" } };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct signin_answer answer = answer_of(SIGNIN_PASSWORD, cases[i].result);
		char expected[64];
		*said = '\0';
		window_signed(window, &answer);
		snprintf(expected, sizeof expected, "\"code\":\"%s\"}", cases[i].code);
		real_expect(expected);
		assert_null(strstr(said, "session"));
	}
}

static void a_stranger_may_not_say_much(void **state)
{
	(void)state;
	for (int i = 0; i < WINDOW_FRAMES; i++)
		hear("{\"t\":\"take\",\"id\":\"" ID "\"}");
	assert_int_equal(closed_with, 0);
	for (int i = 0; i < 1000; i++)
		hear("{\"t\":\"beat\"}"); /* of a page that stands open */
	assert_int_equal(closed_with, 0);
	assert_string_equal(logged, "");
	hear("{\"t\":\"take\",\"id\":\"" ID "\"}");
	assert_int_equal(closed_with, WINDOW_CLOSE_RULE);
	assert_non_null(strstr(logged, "level=warn msg=\"console's line closed\" why=flood"));
}

static void a_window_begins_one_session_at_a_time(void **state)
{
	struct signin_answer answer = answer_of(SIGNIN_RESUME, SIGNIN_EXPIRED);
	(void)state;
	hear("{\"t\":\"resume\",\"id\":\"" ID "\",\"session\":\"s\"}");
	assert_string_equal(asked.token, "s");
	hear("{\"t\":\"sign-in\",\"id\":\"" ID "\",\"name\":\"anke\",\"password\":\"geheim\",\"code\":\"123456\"}");
	real_expect("\"code\":\"busy\"");
	window_signed(window, &answer);
	hear("{\"t\":\"resume\",\"id\":\"" ID "\",\"session\":\"s\"}");
	assert_string_equal(said, "");
	answer.result = SIGNIN_OK;
	strcpy(answer.token, "another");
	window_signed(window, &answer);
	hear("{\"t\":\"sign-out\",\"id\":\"" ID "\"}");
	assert_string_equal(asked.token, "another"); /* the one that was found, not the one said */
}

static void what_is_not_a_frame_closes_the_line(void **state)
{
	(void)state;
	hear("{\"t\":\"take\",\"id\":\"0123456789012345678901234567890123456\"}"); /* 37 */
	real_expect("{\"t\":\"no\",\"code\":\"invalid\"}");
	assert_int_equal(closed_with, WINDOW_CLOSE_RULE);
	hear("{\"t\":\"beat\"}");
	assert_string_equal(said, "");
}

static void a_nul_is_refused_and_the_line_stays(void **state)
{
	(void)state;
	hear("{\"t\":\"sign-in\",\"id\":\"" ID "\",\"name\":\"a\\u0000b\"}");
	assert_string_equal(said, "{\"t\":\"no\",\"id\":\"" ID "\",\"code\":\"invalid\"}\n");
	sign_in();
	hear("{\"t\":\"say\",\"id\":\"" ID "\",\"contact\":\"0000000000000001\",\"text\":\"a\\u0000b\"}");
	assert_string_equal(said, "{\"t\":\"no\",\"id\":\"" ID "\",\"code\":\"invalid\"}\n");
	assert_int_equal(closed_with, 0);
	hear("{\"t\":\"typing\",\"contact\":\"a\\u0000b\"}"); /* nobody waits for an answer */
	assert_string_equal(said, "{\"t\":\"no\",\"code\":\"invalid\"}\n");
	assert_int_equal(closed_with, WINDOW_CLOSE_RULE);
}

static void a_stranger_may_not_say_much_with_a_nul_either(void **state)
{
	(void)state;
	for (int i = 0; i < WINDOW_FRAMES; i++)
		hear("{\"t\":\"sign-in\",\"id\":\"" ID "\",\"name\":\"a\\u0000b\"}");
	assert_int_equal(closed_with, 0);
	hear("{\"t\":\"sign-in\",\"id\":\"" ID "\",\"name\":\"a\\u0000b\"}");
	assert_int_equal(closed_with, WINDOW_CLOSE_RULE);
}

static void the_work_of_an_evening(void **state)
{
	char contact[CONTACT_PUBLIC_ID], frame[600], expected[256], reason[DESK_REASON_MAX + 2] = "";
	(void)state;
	sign_in();
	hear("{\"t\":\"take\",\"id\":\"" ID "0\"}");
	real_expect("\"code\":\"none\"");
	begin_contact("abcdefghijklmnopqrstuv", contact);
	real_expect("{\"t\":\"alarm\",\"contact\":");
	snprintf(frame, sizeof frame, "{\"t\":\"say\",\"id\":\"" ID "1\",\"contact\":\"%s\",\"text\":\"x\"}", contact);
	hear(frame);
	real_expect("\"code\":\"stale\""); /* not ours yet */
	snprintf(frame, sizeof frame, "{\"t\":\"open\",\"id\":\"" ID "2\",\"contact\":\"%s\"}", contact);
	hear(frame);
	real_expect("\"t\":\"contact\"");
	hear("{\"t\":\"take\",\"id\":\"" ID "3\"}");
	snprintf(expected, sizeof expected, "{\"t\":\"ok\",\"id\":\"" ID "3\",\"seq\":2,\"contact\":\"%s\"}", contact);
	real_pump(expected);
	snprintf(frame, sizeof frame, "{\"t\":\"note\",\"id\":\"" ID "4\",\"contact\":\"%s\",\"text\":\"nota\"}", contact);
	hear(frame);
	real_pump("\"kind\":\"note\"");
	memset(reason, 'r', DESK_REASON_MAX + 1);
	snprintf(frame, sizeof frame,
		"{\"t\":\"level\",\"id\":\"" ID "5\",\"contact\":\"%s\",\"level\":\"serious\",\"reason\":\"%s\"}", contact, reason);
	frame[sizeof frame - 1] = '\0';
	hear(frame);
	real_expect("\"code\":\"too_long\"");
	reason[DESK_REASON_MAX] = '\0';
	snprintf(frame, sizeof frame,
		"{\"t\":\"level\",\"id\":\"" ID "6\",\"contact\":\"%s\",\"level\":\"high\",\"reason\":\"x\"}", contact);
	hear(frame);
	real_expect("\"code\":\"invalid\"");
	snprintf(frame, sizeof frame, "{\"t\":\"close\",\"id\":\"" ID "7\",\"contact\":\"%s\"}", contact);
	hear(frame);
	real_pump("\"t\":\"lost\"");
	assert_true(strstr(said, "\"kind\":\"closed\"") < strstr(said, "\"t\":\"lost\""));
	hear("{\"t\":\"dance\",\"id\":\"" ID "8\"}");
	real_expect("\"code\":\"unknown\"");
}

static void a_call_needs_a_telephone_and_not_another_role(void **state)
{
	char contact[CONTACT_PUBLIC_ID], frame[200];
	(void)state;
	sign_in();
	begin_on(CHANNEL_TELEPHONE, "abcdefghijklmnopqrstuv", contact);
	snprintf(frame, sizeof frame, "{\"t\":\"take\",\"id\":\"" ID "1\",\"contact\":\"%s\"}", contact);
	hear(frame);
	real_expect("\"code\":\"no-telephone\"");
}

static void a_session_ends_in_its_time(void **state)
{
	(void)state;
	sign_in();
	clock_advance(8 * 3600000);
	hear("{\"t\":\"beat\"}");
	window_tick(window, false);
	assert_int_equal(closed_with, 0);
	clock_advance(1);
	*said = '\0';
	window_tick(window, false);
	real_expect("{\"t\":\"bye\",\"why\":\"session\"}");
	assert_int_equal(closed_with, WINDOW_CLOSE_NORMAL);
}

static void a_password_is_changed_whole_or_not_at_all(void **state)
{
	struct signin_answer answer = answer_of(SIGNIN_CHANGE, SIGNIN_OK);
	(void)state;
	sign_in();
	memset(&asked, 0, sizeof asked);
	hear("{\"t\":\"password\",\"id\":\"" ID "\",\"password\":\"oud\"}");
	real_expect("\"code\":\"invalid\"");
	hear("{\"t\":\"password\",\"id\":\"" ID "\",\"password\":\"oud\",\"new\":\"nieuw\",\"key\":3}");
	real_expect("\"code\":\"invalid\"");
	hear("{\"t\":\"password\",\"id\":\"" ID "\",\"password\":\"oud\",\"new\":\"nieuw\",\"vault\":\"AAAA\"}");
	real_expect("\"code\":\"invalid\"");
	assert_string_equal(asked.password, ""); /* nothing was asked */
	hear("{\"t\":\"password\",\"id\":\"" ID "\",\"password\":\"oud\",\"new\":\"nieuw\",\"key\":3,\"vault\":\"AAAA\"}");
	assert_string_equal(said, "");
	assert_int_equal(asked.kind, SIGNIN_CHANGE);
	assert_int_equal(asked.staff, 1);
	assert_string_equal(asked.token, answer.token);
	assert_string_equal(asked.password, "oud");
	assert_string_equal(asked.account.password, "nieuw");
	assert_int_equal(asked.account.key, 3);
	assert_int_equal(asked.account.vault_length, 3);
	window_signed(window, &answer);
	assert_string_equal(said, "{\"t\":\"ok\",\"id\":\"" ID "\"}\n");
}

static void a_new_secret_is_of_one_window_for_a_while(void **state)
{
	static const char set[] = "{\"t\":\"authenticator\",\"id\":\"" ID "\",\"code\":\"123456\"}";
	struct signin_answer answer = answer_of(SIGNIN_SECRET, SIGNIN_OK);
	(void)state;
	sign_in();
	hear(set);
	real_expect("\"code\":\"expired\"");
	hear("{\"t\":\"authenticator-new\",\"id\":\"" ID "\",\"password\":\"oud\",\"code\":\"654321\"}");
	assert_int_equal(asked.kind, SIGNIN_SECRET);
	assert_string_equal(asked.code, "654321");
	strcpy(answer.secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
	window_signed(window, &answer);
	real_expect("\"uri\":\"otpauth://totp/Onthaal:1?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Onthaal\"");
	clock_advance(600 * 1000 - 1);
	hear(set);
	assert_int_equal(asked.kind, SIGNIN_AUTHENTICATOR);
	assert_string_equal(asked.account.secret, answer.secret);
	assert_string_equal(asked.code, "123456");
	clock_advance(1);
	hear(set);
	real_expect("\"code\":\"expired\"");
	window_signed(window, &answer);
	answer = answer_of(SIGNIN_AUTHENTICATOR, SIGNIN_OK);
	window_signed(window, &answer);
	hear(set);
	real_expect("\"code\":\"expired\""); /* once */
}

static void a_window_asks_one_thing_at_a_time(void **state)
{
	static const char codes[] = "{\"t\":\"codes\",\"id\":\"" ID "\",\"password\":\"een gok\"}";
	struct signin_answer answer = answer_of(SIGNIN_CODES, SIGNIN_WRONG);
	(void)state;
	sign_in();
	hear(codes);
	assert_string_equal(said, "");
	hear(codes);
	real_expect("\"code\":\"busy\",\"retry\":1");
	hear("{\"t\":\"sign-out\",\"id\":\"" ID "\"}"); /* always */
	assert_int_equal(asked.kind, SIGNIN_OUT);
	window_signed(window, &answer);
	hear(codes);
	assert_int_equal(asked.kind, SIGNIN_CODES);
}

static void a_session_ended_elsewhere_is_looked_up_at_once(void **state)
{
	struct archive_answer ended = { .ended = true };
	(void)state;
	sign_in();
	window_tick(window, false); /* the first look */
	memcpy(ended.session, looked.session, sizeof ended.session);
	looked = (struct archive_question) { 0 };
	window_recheck(window, 2); /* a colleague's */
	window_tick(window, false);
	assert_int_equal(looked.staff, 0);
	window_recheck(window, 1);
	window_tick(window, false);
	assert_int_equal(looked.kind, ARCHIVE_CHECK);
	assert_int_equal(looked.staff, 1);
	window_found(window, &ended);
	real_expect("{\"t\":\"bye\",\"why\":\"session\"}");
}

/* By the command line, which tells nobody: what it prints (staff.c) and SECURITY.md say 20 s. */
static void a_session_ended_by_the_command_line_is_known_within_20_seconds(void **state)
{
	struct archive_answer ended = { .ended = true };
	int seconds = 0;
	(void)state;
	sign_in();
	window_tick(window, false); /* it has just looked */
	looked = (struct archive_question) { .kind = ARCHIVE_KEYS };
	for (; looked.kind != ARCHIVE_CHECK && seconds < 60; seconds++) {
		clock_advance(1000);
		hear("{\"t\":\"beat\"}");
		window_tick(window, false);
	}
	assert_in_range(seconds, WINDOW_CHECK_SECONDS, 19); /* and is answered within the next one */
	memcpy(ended.session, looked.session, sizeof ended.session);
	window_found(window, &ended);
	real_expect("{\"t\":\"bye\",\"why\":\"session\"}");
}

static void silence_is_noticed(void **state)
{
	(void)state;
	clock_advance(WINDOW_SILENCE_SECONDS * 1000);
	window_tick(window, true);
	assert_int_equal(closed_with, 0);
	real_expect("{\"t\":\"beat\"}");
	clock_advance(1);
	window_tick(window, false);
	assert_int_equal(closed_with, WINDOW_CLOSE_NORMAL);
	assert_true(WINDOW_SILENCE_SECONDS + 2 <= 20);
}

static void a_restart_is_told(void **state)
{
	(void)state;
	window_bye(window, "restart");
	real_expect("{\"t\":\"bye\",\"why\":\"restart\"}");
	assert_int_equal(closed_with, WINDOW_CLOSE_RESTART);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(nothing_is_told_before_signing_in),
		WITH_A_DESK(each_result_has_its_code),
		WITH_A_DESK(a_stranger_may_not_say_much),
		WITH_A_DESK(a_window_begins_one_session_at_a_time),
		WITH_A_DESK(what_is_not_a_frame_closes_the_line),
		WITH_A_DESK(a_nul_is_refused_and_the_line_stays),
		WITH_A_DESK(a_stranger_may_not_say_much_with_a_nul_either),
		WITH_A_DESK(the_work_of_an_evening),
		WITH_A_DESK(a_call_needs_a_telephone_and_not_another_role),
		WITH_A_DESK(a_session_ends_in_its_time),
		WITH_A_DESK(a_password_is_changed_whole_or_not_at_all),
		WITH_A_DESK(a_new_secret_is_of_one_window_for_a_while),
		WITH_A_DESK(a_window_asks_one_thing_at_a_time),
		WITH_A_DESK(a_session_ended_elsewhere_is_looked_up_at_once),
		WITH_A_DESK(a_session_ended_by_the_command_line_is_known_within_20_seconds),
		WITH_A_DESK(silence_is_noticed),
		WITH_A_DESK(a_restart_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
