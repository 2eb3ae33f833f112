/* Who is let in by the house's provider: a link and a code connect, and an account opens nothing more than
 * what it was connected to. */
#include "tests/unit/console/asking.h"
#include "store/audit.h"
#include "store/signons.h"

#include <sodium.h>

static struct signin *signin;
static char secret[SIGNIN_SECRET_SIZE];
static uint32_t anke;
static const uint8_t account[STAFF_HASH_SIZE] = { 7 }, other[STAFF_HASH_SIZE] = { 8 };

static struct staff_db *opened(void)
{
	char error[256];
	struct staff_db *db = NULL;
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	return db;
}

static void link_of(uint32_t staff, char token_r[SIGNIN_TOKEN_SIZE])
{
	struct staff_db *db = opened();
	assert_int_equal(signin_connect(db, staff, token_r), OK);
	staff_close(&db);
}

static struct signin_question question_of(const uint8_t *of, bool second)
{
	struct signin_question question
		= { .kind = SIGNIN_SIGNON, .id = "r", .session_hours = 8, .signon = { .second = second } };
	memcpy(question.signon.account, of, STAFF_HASH_SIZE);
	return question;
}

/* Anke has set up password and authenticator; Bert only has his link. */
static int set_up(void **state)
{
	struct staff bert = { .name = "bert", .display = "Bert", .role = ROLE_COUNSELLOR };
	struct signin_answer answer;
	struct staff_db *db;

	if (folder_set_up(state))
		return -1;
	clock_fake(INT64_C(1700000000000), 1000000);
	signin = begin_with("zeven dromedarissen", secret, &answer);
	anke = answer.person.id;
	db = opened();
	assert_int_equal(staff_put(db, &bert), OK);
	staff_close(&db);
	clock_advance(30000);
	return 0;
}

static int tear_down(void **state)
{
	signin_destroy(&signin);
	clock_real();
	return folder_tear_down(state);
}

static void connect_account(void)
{
	struct signin_question question = question_of(account, true);

	link_of(anke, question.token);
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	clock_advance(30000);
}

static void a_link_needs_the_code_whatever_the_provider_says(void **state)
{
	struct signin_question question = question_of(account, true), link = { .kind = SIGNIN_SIGNON_LINK };
	struct signin_answer answer;
	(void)state;

	link_of(anke, question.token);
	strcpy(link.token, question.token);
	assert_string_equal(ask(signin, &link).person.display, "Anke");
	assert_int_equal(ask(signin, &question).result, SIGNIN_SECOND);
	strcpy(question.code, "000000");
	assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	code_now(secret, question.code);
	answer = ask(signin, &question);
	assert_int_equal(answer.result, SIGNIN_OK);
	assert_int_equal(answer.person.id, anke);
	assert_int_equal(strlen(answer.token), SIGNIN_TOKEN_SIZE - 1);
	assert_int_equal(ask(signin, &link).result, SIGNIN_EXPIRED); /* once */
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
}

static void the_code_is_asked_unless_the_provider_asked(void **state)
{
	struct signin_question question = question_of(account, false);
	(void)state;

	connect_account();
	assert_int_equal(ask(signin, &question).result, SIGNIN_SECOND);
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	assert_int_equal(ask(signin, &question).result, SIGNIN_USED); /* each code once */
	question = question_of(account, true);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
}

static void a_recovery_code_serves_once(void **state)
{
	struct signin_question question = question_of(account, false);
	char codes[STAFF_CODES][STAFF_CODE_SIZE];
	struct staff_db *db = opened();
	(void)state;

	connect_account();
	assert_int_equal(staff_codes_make(db, anke, codes), OK);
	staff_close(&db);
	strcpy(question.code, codes[0]);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
}

static void guesses_are_slowed_and_keep_nobody_else_waiting(void **state)
{
	struct signin_question question = question_of(account, false), password;
	struct signin_answer answer;
	(void)state;

	connect_account();
	strcpy(question.code, "000000");
	for (int i = 0; i < SIGNIN_TRIES; i++)
		assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	answer = ask(signin, &question);
	assert_int_equal(answer.result, SIGNIN_SLOW);
	assert_int_equal(answer.retry, SIGNIN_RETRY_SECONDS);
	password = (struct signin_question) { .kind = SIGNIN_PASSWORD, .name = "anke",
		.password = "zeven dromedarissen", .session_hours = 8 };
	code_now(secret, password.code);
	assert_int_equal(ask(signin, &password).result, SIGNIN_OK);
	clock_advance(SIGNIN_RETRY_SECONDS * 1000);
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
}

static struct signin_question by_password(void)
{
	struct signin_question question = { .kind = SIGNIN_PASSWORD, .name = "anke",
		.password = "zeven dromedarissen", .session_hours = 8 };
	code_now(secret, question.code);
	return question;
}

/* One each so many seconds, so that none of them waits. */
static enum signin_result guess(struct signin_question *question, int times)
{
	enum signin_result result = SIGNIN_OK;

	for (int i = 0; i < times; i++) {
		clock_advance(SIGNIN_RETRY_SECONDS * 1000);
		code_wrong(secret, question->code);
		result = ask(signin, question).result;
	}
	return result;
}

static void start_anew(void)
{
	char error[256];

	signin_destroy(&signin);
	assert_int_equal(signin_create(folder, on_answers, NULL, &signin, error, sizeof error), OK);
}

static void guesses_have_an_end(void **state)
{
	struct signin_question question = question_of(account, false), password;
	struct signin_answer answer;
	int64_t began;
	(void)state;

	connect_account();
	began = clock_wall() + SIGNIN_RETRY_SECONDS * 1000;
	assert_int_equal(guess(&question, SIGNONS_GUESSES - 1), SIGNIN_WRONG);
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	assert_int_equal(guess(&question, 1), SIGNIN_STOPPED);
	clock_advance(SIGNIN_RETRY_SECONDS * 1000);
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_STOPPED); /* the right one too */
	*question.code = '\0';
	assert_int_equal(ask(signin, &question).result, SIGNIN_STOPPED); /* none is asked for */
	start_anew(); /* it is kept */
	assert_int_equal(ask(signin, &question).result, SIGNIN_STOPPED);
	question.signon.second = true; /* none of ours is needed */
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	question.signon.second = false;
	clock_advance(began + SIGNONS_GUESSED_MS - 1 - clock_wall());
	assert_int_equal(ask(signin, &question).result, SIGNIN_STOPPED);
	clock_advance(1);
	assert_int_equal(ask(signin, &question).result, SIGNIN_SECOND);
	assert_int_equal(guess(&question, SIGNONS_GUESSES - 1), SIGNIN_WRONG); /* counted anew */
	password = by_password();
	answer = ask(signin, &password);
	assert_int_equal(answer.result, SIGNIN_OK);
	assert_false(answer.guessed);
}

static void who_signs_in_otherwise_opens_it_again_and_is_told(void **state)
{
	struct signin_question question = question_of(account, false), password;
	struct signin_answer answer;
	(void)state;

	connect_account();
	assert_int_equal(guess(&question, SIGNONS_GUESSES), SIGNIN_STOPPED);
	password = by_password();
	answer = ask(signin, &password);
	assert_int_equal(answer.result, SIGNIN_OK);
	assert_true(answer.guessed);
	clock_advance(30000);
	password = by_password();
	assert_false(ask(signin, &password).guessed); /* once */
	assert_int_equal(guess(&question, SIGNONS_GUESSES - 1), SIGNIN_WRONG);
	assert_int_equal(guess(&question, 1), SIGNIN_STOPPED);
}

static void a_new_link_opens_it_again_and_has_an_end_too(void **state)
{
	struct signin_question question = question_of(account, false), link;
	(void)state;

	connect_account();
	assert_int_equal(guess(&question, SIGNONS_GUESSES), SIGNIN_STOPPED);
	link = question_of(other, true);
	link_of(anke, link.token);
	assert_int_equal(guess(&link, SIGNONS_GUESSES - 1), SIGNIN_WRONG);
	assert_int_equal(guess(&link, 1), SIGNIN_STOPPED);
	link_of(anke, link.token);
	clock_advance(SIGNIN_RETRY_SECONDS * 1000);
	code_now(secret, link.code);
	assert_int_equal(ask(signin, &link).result, SIGNIN_OK);
}

static void whom_it_lets_in_and_whom_not(void **state)
{
	struct signin_question question = question_of(other, true);
	struct staff person;
	struct staff_db *db;
	char token[SIGNIN_TOKEN_SIZE];
	(void)state;

	connect_account();
	assert_int_equal(ask(signin, &question).result, SIGNIN_UNLINKED); /* nobody's */
	link_of(anke + 1, token);
	strcpy(question.token, token);
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED); /* Bert has no password yet */
	question = question_of(account, true);
	db = opened();
	assert_int_equal(staff_by_id(db, anke, &person), OK);
	person.disabled = true;
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(ask(signin, &question).result, SIGNIN_UNLINKED);
	person.disabled = false;
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	*person.password = '\0'; /* staff reset */
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(ask(signin, &question).result, SIGNIN_UNLINKED);
	staff_close(&db);
}

static void a_colleagues_account_is_not_taken(void **state)
{
	struct signin_question question = question_of(account, true);
	struct staff_db *db = opened();
	char token[SIGNIN_TOKEN_SIZE];
	(void)state;

	link_of(anke + 1, token);
	assert_int_equal(signons_bind(db, anke + 1, account), OK); /* it is Bert's */
	staff_close(&db);
	link_of(anke, question.token);
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_TAKEN);
	assert_int_equal(ask(signin, &question).result, SIGNIN_USED); /* the code, all the same */
}

static void count(void *arg, const struct audit_row *row)
{
	static const char *const words[]
		= { "sign-in.failed", "signon.connected", "sign-in.signon", "signon.stopped" };
	unsigned *counts = arg;

	for (int i = 0; i < 4; i++)
		if (!strcmp(row->what, words[i]))
			counts[i]++;
}

static void it_is_in_the_audit_log(void **state)
{
	struct signin_question question = question_of(account, true), failed = { .kind = SIGNIN_SIGNON_FAILED };
	unsigned counts[4] = { 0 };
	struct staff_db *db;
	(void)state;

	connect_account();
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(signin, &failed).result, SIGNIN_OK);
	db = opened();
	assert_int_equal(audit_each(db, 0, count, counts), OK);
	staff_close(&db);
	assert_int_equal(counts[0], 1); /* of nobody: one a minute */
	assert_int_equal(counts[1], 1);
	assert_int_equal(counts[2], 2);
	assert_int_equal(counts[3], 0);
}

static void that_it_was_stopped_is_recorded_once(void **state)
{
	struct signin_question question = question_of(account, false);
	unsigned counts[4] = { 0 };
	struct staff_db *db;
	(void)state;

	connect_account();
	assert_int_equal(guess(&question, SIGNONS_GUESSES + 3), SIGNIN_STOPPED);
	db = opened();
	assert_int_equal(audit_each(db, 0, count, counts), OK);
	staff_close(&db);
	assert_int_equal(counts[0], SIGNONS_GUESSES);
	assert_int_equal(counts[3], 1);
}

#define WITH_ANKE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ANKE(a_link_needs_the_code_whatever_the_provider_says),
		WITH_ANKE(the_code_is_asked_unless_the_provider_asked),
		WITH_ANKE(a_recovery_code_serves_once),
		WITH_ANKE(guesses_are_slowed_and_keep_nobody_else_waiting),
		WITH_ANKE(guesses_have_an_end),
		WITH_ANKE(who_signs_in_otherwise_opens_it_again_and_is_told),
		WITH_ANKE(a_new_link_opens_it_again_and_has_an_end_too),
		WITH_ANKE(that_it_was_stopped_is_recorded_once),
		WITH_ANKE(whom_it_lets_in_and_whom_not),
		WITH_ANKE(a_colleagues_account_is_not_taken),
		WITH_ANKE(it_is_in_the_audit_log),
	};
	sem_init(&answered, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
