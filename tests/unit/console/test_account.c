/* What a person changes of the own account, asked of the sign-in's thread. */
#include "tests/unit/console/asking.h"
#include "console/tries.h"

static const char password[] = "zeven dromedarissen", other[] = "acht trage kamelen";
static struct signin *signin;
static char secret[SIGNIN_SECRET_SIZE], session[SIGNIN_TOKEN_SIZE];
static uint32_t staff;

static struct signin_question question_of(enum signin_kind kind)
{
	struct signin_question question
		= { .kind = kind, .id = "r", .staff = staff, .session_hours = 8 };
	strcpy(question.token, session);
	return question;
}

static struct signin_answer sign_in(const char *with)
{
	struct signin_question question = question_of(SIGNIN_PASSWORD);
	clock_advance(SIGNIN_TRIES * SIGNIN_RETRY_SECONDS * 1000); /* a new code, and no waiting */
	strcpy(question.name, "anke");
	strcpy(question.password, with);
	code_now(secret, question.code);
	return ask(signin, &question);
}

static int set_up(void **state)
{
	struct signin_answer answer;

	if (folder_set_up(state))
		return -1;
	clock_fake(INT64_C(1700000000000), 1000);
	signin = begin_with(password, secret, &answer);
	staff = answer.person.id;
	strcpy(session, answer.token);
	return 0;
}

static int tear_down(void **state)
{
	signin_destroy(&signin);
	clock_real();
	return folder_tear_down(state);
}

static bool goes_on(const char *token)
{
	struct signin_question question = question_of(SIGNIN_RESUME);
	strcpy(question.token, token);
	return ask(signin, &question).result == SIGNIN_OK;
}

static enum signin_result change(const char *from, const char *to)
{
	struct signin_question question = question_of(SIGNIN_CHANGE);
	strcpy(question.password, from);
	strcpy(question.account.password, to);
	return ask(signin, &question).result;
}

static void a_password_is_changed_with_the_present_one(void **state)
{
	struct signin_answer elsewhere = sign_in(password);
	(void)state;

	assert_int_equal(elsewhere.result, SIGNIN_OK);
	assert_int_equal(change(other, other), SIGNIN_WRONG);
	assert_int_equal(change(password, "te kort, ja??"), SIGNIN_WEAK);
	assert_int_equal(change(password, password), SIGNIN_SAME);
	assert_true(goes_on(elsewhere.token));
	assert_int_equal(change(password, other), SIGNIN_OK);
	assert_false(goes_on(elsewhere.token));
	assert_true(goes_on(session));
	assert_int_equal(sign_in(password).result, SIGNIN_WRONG);
	assert_int_equal(sign_in(other).result, SIGNIN_OK);
}

static void guessing_it_in_an_open_window_is_slowed_down(void **state)
{
	struct signin_question elsewhere = question_of(SIGNIN_PASSWORD);
	(void)state;
	for (int i = 0; i < SIGNIN_TRIES; i++)
		assert_int_equal(change(other, "iets heel anders"), SIGNIN_WRONG);
	assert_int_equal(change(password, other), SIGNIN_SLOW);
	clock_advance(SIGNIN_RETRY_SECONDS * 1000 - 1);
	assert_int_equal(change(password, other), SIGNIN_SLOW);
	code_now(secret, elsewhere.code); /* and keeps her from nothing else */
	strcpy(elsewhere.name, "anke");
	strcpy(elsewhere.password, password);
	assert_int_equal(ask(signin, &elsewhere).result, SIGNIN_OK);
	clock_advance(1);
	assert_int_equal(change(password, other), SIGNIN_OK);
}

static void a_window_whose_session_ended_changes_nothing(void **state)
{
	struct signin_question question = question_of(SIGNIN_OUT);
	(void)state;
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	assert_int_equal(change(password, other), SIGNIN_EXPIRED);
	for (enum signin_kind kind = SIGNIN_UNLOCK; kind <= SIGNIN_PASSKEY_UNLOCK; kind++) {
		if (kind == SIGNIN_OUT || kind == SIGNIN_AWAY || kind == SIGNIN_PASSKEY
			|| kind == SIGNIN_AUTHENTICATOR) /* ask no password, or need a secret */
			continue;
		question = question_of(kind);
		strcpy(question.password, password);
		assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	}
	assert_int_equal(sign_in(password).result, SIGNIN_OK);
}

static struct signin_answer new_secret(const char *with, const char *code)
{
	struct signin_question question = question_of(SIGNIN_SECRET);
	strcpy(question.password, with);
	strcpy(question.code, code);
	return ask(signin, &question);
}

static struct signin_answer set_authenticator(const char *text, const char *code)
{
	struct signin_question question = question_of(SIGNIN_AUTHENTICATOR);
	strcpy(question.account.secret, text);
	strcpy(question.code, code);
	return ask(signin, &question);
}

static void another_authenticator_needs_the_present_one_and_a_code_of_its_own(void **state)
{
	struct signin_question elsewhere = question_of(SIGNIN_PASSWORD);
	char code[STAFF_CODE_SIZE], next[SIGNIN_SECRET_SIZE];
	struct signin_answer answer;
	(void)state;

	code_now(secret, code);
	assert_int_equal(new_secret(password, code).result, SIGNIN_USED); /* to sign in */
	assert_int_equal(new_secret(password, "aaaaaaaaaa").result, SIGNIN_WRONG);
	clock_advance(30000);
	code_now(secret, code);
	assert_int_equal(new_secret(other, code).result, SIGNIN_WRONG);
	answer = new_secret(password, code);
	assert_int_equal(answer.result, SIGNIN_OK);
	strcpy(next, answer.secret);
	assert_string_not_equal(next, secret);
	assert_int_equal(new_secret(password, code).result, SIGNIN_USED);
	strcpy(elsewhere.name, "anke");
	strcpy(elsewhere.password, password);
	strcpy(elsewhere.code, code);
	assert_int_equal(ask(signin, &elsewhere).result, SIGNIN_USED); /* by who looked on */

	assert_int_equal(set_authenticator(next, code).result, SIGNIN_WRONG); /* of the old one */
	assert_int_equal(sign_in(password).result, SIGNIN_OK); /* still by the old one */
	code_now(next, code);
	assert_int_equal(set_authenticator(next, code).result, SIGNIN_OK);
	assert_true(goes_on(session));
	assert_int_equal(sign_in(password).result, SIGNIN_WRONG);
	strcpy(secret, next);
	assert_int_equal(sign_in(password).result, SIGNIN_OK);
}

static void who_lost_it_uses_a_one_time_code(void **state)
{
	struct signin_question question = question_of(SIGNIN_CODES);
	struct signin_answer codes;
	(void)state;

	strcpy(question.password, password);
	codes = ask(signin, &question);
	assert_int_equal(codes.result, SIGNIN_OK);
	assert_int_equal(new_secret(other, codes.codes[0]).result, SIGNIN_WRONG);
	assert_int_equal(new_secret(password, codes.codes[0]).result, SIGNIN_OK);
	assert_int_equal(new_secret(password, codes.codes[0]).result, SIGNIN_WRONG); /* once */
}

static void guessing_codes_is_slowed_down(void **state)
{
	(void)state;
	for (int i = 0; i < SIGNIN_TRIES; i++)
		assert_int_equal(new_secret(password, "aaaaaaaaaa").result, SIGNIN_WRONG);
	assert_int_equal(new_secret(password, "aaaaaaaaaa").result, SIGNIN_SLOW);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static struct signin_answer try_code(const char *with, bool right)
{
	struct signin_question question = question_of(SIGNIN_SECRET);

	clock_advance(SIGNIN_RETRY_SECONDS * 2000); /* two tries are paid: the password's, and a code's */
	strcpy(question.password, with);
	if (right)
		code_now(secret, question.code);
	else
		code_wrong(secret, question.code);
	return ask(signin, &question);
}

static void codes_at_an_open_window_are_guessed_some_twenty_times_a_day(void **state)
{
	struct signin_answer answer;
	(void)state;

	for (int i = 0; i < TRIES_CODES; i++)
		assert_int_equal(try_code(password, false).result, SIGNIN_WRONG);
	answer = try_code(password, true);
	assert_int_equal(answer.result, SIGNIN_SLOW);
	assert_in_range(answer.retry, 1, TRIES_CODE_SECONDS);
	assert_int_equal(sign_in(password).result, SIGNIN_OK); /* keeps nobody from signing in */
	clock_advance(TRIES_CODE_SECONDS * 1000);
	assert_int_equal(try_code(password, true).result, SIGNIN_OK);
}

static void changes_have_a_pace(void **state)
{
	struct signin_question question = question_of(SIGNIN_CODES);
	struct signin_answer answer;
	(void)state;

	strcpy(question.password, password);
	for (int i = 0; i < TRIES_CHANGES; i++)
		assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	for (int i = 0; i < 3; i++) {
		static const enum signin_kind kinds[]
			= { SIGNIN_CODES, SIGNIN_TELEPHONE, SIGNIN_PASSKEY_NEW };
		question.kind = kinds[i];
		answer = ask(signin, &question);
		assert_int_equal(answer.result, SIGNIN_SLOW);
		assert_int_equal(answer.retry, TRIES_CHANGE_SECONDS);
	}
	assert_int_equal(change(password, other), SIGNIN_SLOW);
	question.kind = SIGNIN_UNLOCK; /* is none */
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	question.kind = SIGNIN_CODES;
	clock_advance(TRIES_CHANGE_SECONDS * 1000 - 1);
	assert_int_equal(ask(signin, &question).result, SIGNIN_SLOW);
	clock_advance(1);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	assert_int_equal(ask(signin, &question).result, SIGNIN_SLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_password_is_changed_with_the_present_one),
		IN_A_FOLDER(guessing_it_in_an_open_window_is_slowed_down),
		IN_A_FOLDER(a_window_whose_session_ended_changes_nothing),
		IN_A_FOLDER(another_authenticator_needs_the_present_one_and_a_code_of_its_own),
		IN_A_FOLDER(who_lost_it_uses_a_one_time_code),
		IN_A_FOLDER(guessing_codes_is_slowed_down),
		IN_A_FOLDER(changes_have_a_pace),
		IN_A_FOLDER(codes_at_an_open_window_are_guessed_some_twenty_times_a_day),
	};
	sem_init(&answered, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
