/* Guesses of a code at the door: an end to what one of them may open, and nobody kept out by strangers. */
#include "tests/unit/console/asking.h"
#include "console/tries.h"
#include "store/audit.h"

static const char password[] = "zeven dromedarissen";
static struct signin *signin;
static char secret[SIGNIN_SECRET_SIZE];
static uint32_t anke;

static int set_up(void **state)
{
	struct signin_answer answer;

	if (folder_set_up(state))
		return -1;
	clock_fake(INT64_C(1700000000000), 1000);
	signin = begin_with(password, secret, &answer);
	anke = answer.person.id;
	clock_advance(30000);
	return 0;
}

static int tear_down(void **state)
{
	signin_destroy(&signin);
	clock_real();
	return folder_tear_down(state);
}

static struct signin_question of(const char *name)
{
	struct signin_question question
		= { .kind = SIGNIN_PASSWORD, .id = "r", .session_hours = 8 };
	strcpy(question.name, name);
	strcpy(question.password, password);
	return question;
}

static enum signin_result sign_in(void)
{
	struct signin_question question = of("anke");
	code_now(secret, question.code);
	return ask(signin, &question).result;
}

/* One each so many seconds, so that none of them waits. */
static void guess(const char *name, int times)
{
	for (int i = 0; i < times; i++) {
		struct signin_question question = of(name);
		clock_advance(SIGNIN_RETRY_SECONDS * 1000);
		code_wrong(secret, question.code);
		assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	}
}

static void after_many_wrong_codes_two_in_a_row_are_asked(void **state)
{
	struct signin_answer answer;
	struct signin_question question;
	(void)state;

	guess("anke", TRIES_CODES);
	question = of("anke");
	code_now(secret, question.code);
	answer = ask(signin, &question);
	assert_int_equal(answer.result, SIGNIN_NEXT);
	assert_string_equal(answer.token, "");
	assert_int_equal(ask(signin, &question).result, SIGNIN_USED);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_OK);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_NEXT); /* it is no key for the time after */
}

static void before_that_one_is_enough(void **state)
{
	(void)state;
	guess("anke", TRIES_CODES - 1);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_OK);
	guess("anke", 1);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_NEXT); /* signing in does not begin anew */
}

static void the_next_one_may_be_the_one_after_and_no_later(void **state)
{
	(void)state;
	guess("anke", TRIES_CODES);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_NEXT);
	clock_advance((TRIES_NEXT_STEPS + 1) * 30000);
	assert_int_equal(sign_in(), SIGNIN_NEXT);
	clock_advance(TRIES_NEXT_STEPS * 30000);
	assert_int_equal(sign_in(), SIGNIN_OK);
}

static void it_passes_and_is_never_more_than_a_day(void **state)
{
	(void)state;
	guess("anke", 3 * TRIES_CODES);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_NEXT);
	clock_advance(TRIES_CODE_SECONDS * 1000); /* one is forgotten */
	assert_int_equal(sign_in(), SIGNIN_OK);
	guess("anke", 1);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_NEXT);
	clock_advance(24 * 3600000);
	guess("anke", TRIES_CODES - 1);
	clock_advance(30000);
	assert_int_equal(sign_in(), SIGNIN_OK);
}

static void a_recovery_code_is_no_guess(void **state)
{
	struct signin_question question = of("anke");
	char codes[STAFF_CODES][STAFF_CODE_SIZE], error[256];
	struct staff_db *db = NULL;
	(void)state;

	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(staff_codes_make(db, anke, codes), OK);
	staff_close(&db);
	guess("anke", TRIES_CODES);
	strcpy(question.code, codes[0]);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
}

static void whoever_lacks_the_password_learns_nothing_of_it(void **state)
{
	struct signin_question question = of("anke");
	(void)state;

	guess("nobody", TRIES_CODES); /* of nobody: counts for nobody */
	clock_advance(SIGNIN_TRIES * SIGNIN_RETRY_SECONDS * 1000); /* should they share a place */
	assert_int_equal(sign_in(), SIGNIN_OK);
	guess("anke", TRIES_CODES);
	clock_advance(30000);
	strcpy(question.password, "acht trage kamelen");
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	assert_int_equal(sign_in(), SIGNIN_NEXT); /* that code was not taken */
}

static void count(void *arg, const struct audit_row *row)
{
	unsigned *rows = arg;
	*rows += !strcmp(row->what, "sign-in.guessed") && row->staff == anke;
}

static void that_codes_are_guessed_is_recorded(void **state)
{
	char error[256];
	struct staff_db *db = NULL;
	unsigned rows = 0;
	(void)state;

	guess("anke", TRIES_CODES - 1);
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(audit_each(db, 0, count, &rows), OK);
	assert_int_equal(rows, 0);
	guess("anke", 10);
	assert_int_equal(audit_each(db, 0, count, &rows), OK);
	staff_close(&db);
	assert_int_equal(rows, 1);
}

#define WITH_ANKE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ANKE(after_many_wrong_codes_two_in_a_row_are_asked),
		WITH_ANKE(before_that_one_is_enough),
		WITH_ANKE(the_next_one_may_be_the_one_after_and_no_later),
		WITH_ANKE(it_passes_and_is_never_more_than_a_day),
		WITH_ANKE(a_recovery_code_is_no_guess),
		WITH_ANKE(whoever_lacks_the_password_learns_nothing_of_it),
		WITH_ANKE(that_codes_are_guessed_is_recorded),
	};
	sem_init(&answered, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
