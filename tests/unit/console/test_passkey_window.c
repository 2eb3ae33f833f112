/* Passkeys by the protocol, without a socket and without a passkey: what is asked, and when. */
#include "tests/unit/console/window.h"

#define ANSWER                                                                                     \
	"\"credential\":\"AQ\",\"client\":\"AgI\",\"data\":\"AwMD\",\"signature\":\"BA\",\"user\":\"BQ\""
#define USE(t) "{\"t\":\"" t "\",\"id\":\"" ID "\"," ANSWER "}"
#define ADD "{\"t\":\"passkey-add\",\"id\":\"" ID "\",\"client\":\"AgI\",\"data\":\"AwMD\",\"label\":\"x\"}"

static void begin_passkey(void)
{
	hear("{\"t\":\"passkey\",\"id\":\"" ID "\"}");
	real_expect("\"rp\":\"localhost\"");
}

static void a_challenge_is_for_one_answer_for_a_while(void **state)
{
	struct signin_answer wrong = answer_of(SIGNIN_PASSKEY, SIGNIN_WRONG);
	uint8_t none[WEBAUTHN_CHALLENGE_SIZE] = { 0 }, first[WEBAUTHN_CHALLENGE_SIZE];
	(void)state;

	hear(USE("passkey-in"));
	real_expect("\"code\":\"late\"");
	begin_passkey();
	clock_advance(5 * 60000 - 1);
	hear(USE("passkey-in"));
	assert_string_equal(said, "");
	assert_int_equal(asked.kind, SIGNIN_PASSKEY);
	assert_int_equal(asked.staff, 0);
	assert_int_equal(asked.session_hours, 8);
	assert_string_equal(asked.passkey.site.rp, "localhost");
	assert_int_equal(asked.passkey.answer.client_length, 2);
	assert_int_equal(asked.passkey.answer.data_length, 3);
	assert_int_equal(asked.passkey.answer.user_length, 1);
	memcpy(first, asked.passkey.challenge, sizeof first);
	assert_memory_not_equal(first, none, sizeof first);
	hear(USE("passkey-in")); /* answered */
	real_expect("\"code\":\"late\"");
	begin_passkey();
	hear(USE("passkey-in"));
	real_expect("\"code\":\"busy\""); /* one at a time */
	window_signed(window, &wrong);
	begin_passkey();
	hear(USE("passkey-in"));
	assert_memory_not_equal(first, asked.passkey.challenge, sizeof first);
	begin_passkey();
	clock_advance(5 * 60000);
	hear(USE("passkey-in"));
	real_expect("\"code\":\"late\"");
	begin_passkey();
	hear("{\"t\":\"passkey-in\",\"id\":\"" ID "\"}");
	real_expect("\"code\":\"invalid\"");
	hear(ADD);
	real_expect("\"code\":\"invalid\""); /* not signed in */
}

static void a_passkey_is_made_by_who_is_in_and_gave_the_password(void **state)
{
	struct signin_answer answer;
	(void)state;

	sign_in();
	hear(ADD);
	real_expect("\"code\":\"late\"");
	hear("{\"t\":\"passkey-new\",\"id\":\"" ID "\"}");
	real_expect("\"code\":\"invalid\"");
	hear("{\"t\":\"passkey-new\",\"id\":\"" ID "\",\"password\":\"geheim\"}");
	assert_int_equal(asked.kind, SIGNIN_PASSKEY_NEW);
	assert_int_equal(asked.staff, 1);
	assert_string_equal(asked.password, "geheim");
	answer = answer_of(SIGNIN_PASSKEY_NEW, SIGNIN_MANY);
	window_signed(window, &answer);
	real_expect("\"code\":\"many\"");
	answer.result = SIGNIN_OK;
	window_signed(window, &answer);
	real_expect("\"user\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"");
	hear(USE("passkey-unlock"));
	real_expect("\"code\":\"late\""); /* that one was for making one */
	window_signed(window, &answer);
	hear(ADD);
	assert_int_equal(asked.kind, SIGNIN_PASSKEY_ADD);
	assert_string_equal(asked.passkey.label, "x");
	answer = answer_of(SIGNIN_PASSKEY_ADD, SIGNIN_OK);
	answer.passkey = 7;
	window_signed(window, &answer);
	real_expect("{\"t\":\"ok\",\"id\":\"" ID "\",\"passkey\":7}");
	hear("{\"t\":\"passkey-remove\",\"id\":\"" ID "\",\"passkey\":7}");
	assert_int_equal(looked.kind, ARCHIVE_PASSKEY_REMOVE);
	assert_int_equal(looked.key, 7);
	hear("{\"t\":\"passkey-vault\",\"id\":\"" ID "\",\"passkey\":7}");
	real_expect("\"code\":\"invalid\"");
}

static void a_passkey_ends_the_lock_and_brings_its_vault(void **state)
{
	struct signin_answer answer;
	(void)state;

	sign_in();
	clock_advance(config->desk.idle_lock_minutes * INT64_C(60000));
	hear("{\"t\":\"beat\"}");
	clock_advance(1);
	window_tick(window, false);
	real_expect("{\"t\":\"locked\"}");
	hear("{\"t\":\"passkey-new\",\"id\":\"" ID "\",\"password\":\"geheim\"}");
	real_expect("\"code\":\"locked\"");
	hear("{\"t\":\"passkeys\",\"id\":\"" ID "\"}");
	real_expect("\"code\":\"locked\"");
	begin_passkey();
	hear(USE("passkey-unlock"));
	assert_int_equal(asked.kind, SIGNIN_PASSKEY_UNLOCK);
	assert_int_equal(asked.staff, 1);
	answer = answer_of(SIGNIN_PASSKEY_UNLOCK, SIGNIN_WRONG);
	window_signed(window, &answer);
	hear("{\"t\":\"passkeys\",\"id\":\"" ID "\"}");
	real_expect("\"code\":\"locked\"");
	answer.result = SIGNIN_OK;
	answer.passkey = 7;
	answer.vault[0] = 1;
	answer.vault_length = 1;
	*said = '\0';
	window_signed(window, &answer);
	real_expect("{\"t\":\"ok\",\"id\":\"" ID "\",\"session\":\"tttt");
	real_expect("tttt\",\"passkey\":7,\"vault\":\"AQ\"}");
	*answer.token = '\0';
	real_expect("\"t\":\"desk\"");
	hear("{\"t\":\"passkeys\",\"id\":\"" ID "\"}");
	assert_int_equal(looked.kind, ARCHIVE_PASSKEYS);
	*said = '\0'; /* and without a lock: the vault alone */
	window_signed(window, &answer);
	assert_string_equal(said, "{\"t\":\"ok\",\"id\":\"" ID "\",\"passkey\":7,\"vault\":\"AQ\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(a_challenge_is_for_one_answer_for_a_while),
		WITH_A_DESK(a_passkey_is_made_by_who_is_in_and_gave_the_password),
		WITH_A_DESK(a_passkey_ends_the_lock_and_brings_its_vault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
