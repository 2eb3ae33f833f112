#include "tests/unit/console/asking.h"
#include "store/audit.h"

#include <sqlite3.h>

static const char password[] = "zeven dromedarissen";

static struct signin *with_invited(char token_r[SIGNIN_TOKEN_SIZE])
{
	struct staff person = { .name = "anke", .display = "Anke", .role = ROLE_COUNSELLOR };
	struct signin *signin = NULL;
	struct staff_db *db = NULL;
	char error[256];

	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(signin_invite(db, &person, token_r), OK);
	staff_close(&db);
	assert_int_equal(signin_create(folder, on_answers, NULL, &signin, error, sizeof error), OK);
	return signin;
}

static struct signin_question with_token(enum signin_kind kind, const char *token)
{
	struct signin_question question = { .kind = kind, .session_hours = 8, .id = "r" };
	strcpy(question.token, token);
	return question;
}

static void from_invitation_to_signing_out(void **state)
{
	char token[SIGNIN_TOKEN_SIZE];
	clock_fake(INT64_C(1700000000000), 0);
	struct signin *signin = with_invited(token);
	struct signin_question question = with_token(SIGNIN_INVITE, token);
	struct signin_answer answer;
	char secret[33];
	(void)state;

	answer = ask(signin, &question);
	assert_int_equal(answer.result, SIGNIN_OK);
	strcpy(secret, answer.secret);
	assert_int_equal(strlen(secret), 32);
	assert_string_equal(ask(signin, &question).secret, secret); /* a reload shows the same */

	question.kind = SIGNIN_ACCEPT;
	code_now(secret, question.code);
	strcpy(question.password, "te kort, ja??"); /* 13 */
	assert_int_equal(ask(signin, &question).result, SIGNIN_WEAK);
	strcpy(question.password, password);
	strcpy(question.code, "000000");
	assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	code_now(secret, question.code);
	answer = ask(signin, &question);
	assert_int_equal(answer.result, SIGNIN_OK);
	assert_string_equal(answer.person.display, "Anke");
	assert_string_equal(answer.person.password, "");
	assert_int_equal(answer.expires, INT64_C(1700000000000) + 8 * 3600000);
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED); /* once */

	question = with_token(SIGNIN_PASSWORD, "");
	strcpy(question.name, "ANKE");
	strcpy(question.password, password);
	code_now(secret, question.code);
	assert_int_equal(ask(signin, &question).result, SIGNIN_USED);
	clock_advance(30000);
	code_now(secret, question.code);
	answer = ask(signin, &question);
	assert_int_equal(answer.result, SIGNIN_OK);

	question = with_token(SIGNIN_RESUME, answer.token);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	question.kind = SIGNIN_OUT;
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	question.kind = SIGNIN_RESUME;
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	clock_real();
	signin_destroy(&signin);
}

static void guessing_is_slowed_down_for_one_name_alone(void **state)
{
	char token[SIGNIN_TOKEN_SIZE];
	struct signin *signin = with_invited(token);
	struct signin_question question = with_token(SIGNIN_PASSWORD, "");
	struct signin_answer answer;
	(void)state;

	clock_fake(INT64_C(1700000000000), 1000);
	strcpy(question.name, "anke");
	strcpy(question.password, "guess");
	strcpy(question.code, "123456");
	for (int i = 0; i < SIGNIN_TRIES; i++)
		assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	answer = ask(signin, &question);
	assert_int_equal(answer.result, SIGNIN_SLOW);
	assert_int_equal(answer.retry, SIGNIN_RETRY_SECONDS);
	clock_advance(SIGNIN_RETRY_SECONDS * 1000 - 1);
	assert_int_equal(ask(signin, &question).result, SIGNIN_SLOW);
	clock_advance(1);
	assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	assert_int_equal(ask(signin, &question).result, SIGNIN_SLOW);
	clock_real();
	signin_destroy(&signin);
}

static struct signin *start_anew(struct signin *signin)
{
	char error[256];

	signin_destroy(&signin);
	assert_int_equal(signin_create(folder, on_answers, NULL, &signin, error, sizeof error), OK);
	return signin;
}

static void a_reload_does_not_open_the_lock(void **state)
{
	char token[SIGNIN_TOKEN_SIZE], session[SIGNIN_TOKEN_SIZE];
	clock_fake(INT64_C(1700000000000), 1000);
	struct signin *signin = with_invited(token);
	struct signin_question question = with_token(SIGNIN_INVITE, token), away, unlock;
	struct signin_answer answer = ask(signin, &question);
	(void)state;

	question.kind = SIGNIN_ACCEPT;
	strcpy(question.password, password);
	code_now(answer.secret, question.code);
	answer = ask(signin, &question);
	strcpy(session, answer.token);
	question = with_token(SIGNIN_RESUME, session);
	away = with_token(SIGNIN_AWAY, session);
	away.lock_mono = clock_mono() + 60000; /* the window is gone, not locked yet */
	assert_int_equal(signin_ask(signin, &away), OK);
	clock_advance(59999);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	clock_advance(1);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK); /* it came back before */
	away.lock_mono = clock_mono();
	assert_int_equal(signin_ask(signin, &away), OK);
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	away.lock_mono = clock_mono() + 60000;
	assert_int_equal(signin_ask(signin, &away), OK); /* does not put it off */
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	unlock = with_token(SIGNIN_UNLOCK, session);
	unlock.staff = answer.person.id;
	strcpy(unlock.password, "een gok");
	assert_int_equal(ask(signin, &unlock).result, SIGNIN_WRONG);
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	strcpy(unlock.password, password);
	answer = ask(signin, &unlock);
	assert_int_equal(answer.result, SIGNIN_OK);
	assert_string_equal(answer.token, "");
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	signin = start_anew(signin); /* nor does a restart */
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	away.lock_mono = clock_mono() + 1;
	assert_int_equal(signin_ask(signin, &away), OK);
	signin = start_anew(signin);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	away.lock_mono = clock_mono();
	assert_int_equal(signin_ask(signin, &away), OK);
	signin = start_anew(signin);
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	clock_real();
	signin_destroy(&signin);
}

static void whoever_took_the_token_before_the_lock_has_nothing_after_it(void **state)
{
	char token[SIGNIN_TOKEN_SIZE];
	clock_fake(INT64_C(1700000000000), 1000);
	struct signin *signin = with_invited(token);
	struct signin_question question = with_token(SIGNIN_INVITE, token), taken, mine, unlock, away;
	struct signin_answer answer = ask(signin, &question), before;
	(void)state;

	question.kind = SIGNIN_ACCEPT;
	strcpy(question.password, password);
	code_now(answer.secret, question.code);
	before = ask(signin, &question);
	taken = with_token(SIGNIN_RESUME, before.token);
	assert_int_equal(ask(signin, &taken).result, SIGNIN_OK);
	clock_advance(60000);
	away = with_token(SIGNIN_AWAY, before.token);
	away.lock_mono = clock_mono();
	assert_int_equal(signin_ask(signin, &away), OK);
	unlock = with_token(SIGNIN_UNLOCK, before.token);
	unlock.staff = before.person.id;
	unlock.renew = true;
	strcpy(unlock.password, "een gok");
	answer = ask(signin, &unlock);
	assert_int_equal(answer.result, SIGNIN_WRONG);
	assert_string_equal(answer.token, "");
	strcpy(unlock.password, password);
	answer = ask(signin, &unlock);
	assert_int_equal(answer.result, SIGNIN_OK);
	assert_int_equal(strlen(answer.token), SIGNIN_TOKEN_SIZE - 1);
	assert_string_not_equal(answer.token, before.token);
	assert_int_equal(ask(signin, &taken).result, SIGNIN_EXPIRED);
	assert_int_equal(ask(signin, &unlock).result, SIGNIN_EXPIRED);
	mine = with_token(SIGNIN_RESUME, answer.token);
	answer = ask(signin, &mine);
	assert_int_equal(answer.result, SIGNIN_OK);
	assert_true(answer.expires == before.expires); /* it is the same session, no longer */
	clock_real();
	signin_destroy(&signin);
}

static void others_that_go_away_push_none_out(void **state)
{
	char token[SIGNIN_TOKEN_SIZE], session[SIGNIN_TOKEN_SIZE];
	clock_fake(INT64_C(1700000000000), 1000);
	struct signin *signin = with_invited(token);
	struct signin_question question = with_token(SIGNIN_INVITE, token), away;
	struct signin_answer answer = ask(signin, &question);
	(void)state;

	question.kind = SIGNIN_ACCEPT;
	strcpy(question.password, password);
	code_now(answer.secret, question.code);
	strcpy(session, ask(signin, &question).token);
	question = with_token(SIGNIN_RESUME, session);
	assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
	away = with_token(SIGNIN_AWAY, session);
	away.lock_mono = clock_mono();
	assert_int_equal(signin_ask(signin, &away), OK);
	for (int i = 0; i < 600; i++) {
		snprintf(away.token, sizeof away.token, "of another window %d", i);
		assert_int_equal(signin_ask(signin, &away), OK);
		if (i % 100 == 0) { /* they are heard before each question */
			question.kind = SIGNIN_OUT;
			strcpy(question.token, "nobody's");
			assert_int_equal(ask(signin, &question).result, SIGNIN_OK);
		}
	}
	question = with_token(SIGNIN_RESUME, session);
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	clock_real();
	signin_destroy(&signin);
}

/* As another process may, for a moment: what is to be written waits. */
static sqlite3 *hold_writers(void)
{
	char path[128];
	sqlite3 *sqlite;

	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return sqlite;
}

static void a_full_queue_forgets_nobody_who_is_away(void **state)
{
	char token[SIGNIN_TOKEN_SIZE], session[SIGNIN_TOKEN_SIZE];
	clock_fake(INT64_C(1700000000000), 1000);
	struct signin *signin = with_invited(token);
	struct signin_question question = with_token(SIGNIN_INVITE, token), away, guess;
	struct signin_answer answer = ask(signin, &question);
	unsigned asked = 0;
	sqlite3 *sqlite;
	(void)state;

	question.kind = SIGNIN_ACCEPT;
	strcpy(question.password, password);
	code_now(answer.secret, question.code);
	strcpy(session, ask(signin, &question).token);
	guess = with_token(SIGNIN_PASSWORD, "");
	strcpy(guess.name, "nobody");
	sqlite = hold_writers(); /* the first guess waits to be recorded */
	while (!signin_ask(signin, &guess))
		asked++;
	assert_in_range(asked, SIGNIN_QUEUE_MAX, SIGNIN_QUEUE_MAX + 1);
	away = with_token(SIGNIN_AWAY, session);
	away.lock_mono = clock_mono();
	assert_int_equal(signin_ask(signin, &away), OK);
	sqlite3_close(sqlite);
	while (asked)
		if (signin_take(signin, &answer))
			asked--;
		else
			sem_wait(&answered);
	question = with_token(SIGNIN_RESUME, session);
	assert_int_equal(ask(signin, &question).result, SIGNIN_EXPIRED);
	for (int i = 0; i < SIGNIN_AWAY_MAX; i++)
		assert_int_equal(signin_ask(signin, &away), OK);
	assert_int_equal(signin_ask(signin, &away), ERR_BUSY);
	clock_real();
	signin_destroy(&signin);
}

static void count_failures(void *arg, const struct audit_row *row)
{
	unsigned *counts = arg;
	if (!strcmp(row->what, "sign-in.failed"))
		counts[row->staff ? 1 : 0]++;
}

static void every_guess_at_a_colleague_is_recorded_and_strangers_by_the_minute(void **state)
{
	char token[SIGNIN_TOKEN_SIZE], error[256];
	struct signin *signin = with_invited(token);
	struct signin_question question = with_token(SIGNIN_PASSWORD, "");
	struct staff_db *db = NULL;
	unsigned counts[2] = { 0 };
	(void)state;

	clock_fake(INT64_C(1700000000000), 1000);
	strcpy(question.password, "guess");
	strcpy(question.code, "123456");
	for (int i = 0; i < 200; i++) { /* some share a bucket, and are slowed down */
		snprintf(question.name, sizeof question.name, "nobody%d", i);
		assert_int_not_equal(ask(signin, &question).result, SIGNIN_OK);
	}
	clock_advance(60000);
	strcpy(question.name, "nobody at all");
	assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	clock_advance(SIGNIN_TRIES * SIGNIN_RETRY_SECONDS * 1000); /* should they share one with her */
	strcpy(question.name, "anke");
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(signin, &question).result, SIGNIN_WRONG);
	clock_real();
	signin_destroy(&signin);
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(audit_each(db, 0, count_failures, counts), OK);
	staff_close(&db);
	assert_int_equal(counts[0], 2);
	assert_int_equal(counts[1], 3);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(from_invitation_to_signing_out),
		IN_A_FOLDER(guessing_is_slowed_down_for_one_name_alone),
		IN_A_FOLDER(a_reload_does_not_open_the_lock),
		IN_A_FOLDER(whoever_took_the_token_before_the_lock_has_nothing_after_it),
		IN_A_FOLDER(others_that_go_away_push_none_out),
		IN_A_FOLDER(a_full_queue_forgets_nobody_who_is_away),
		IN_A_FOLDER(every_guess_at_a_colleague_is_recorded_and_strangers_by_the_minute),
	};
	sem_init(&answered, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
