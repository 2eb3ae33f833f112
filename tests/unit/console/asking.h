/* A question to the sign-in's thread, and the codes of an authenticator. */
#ifndef TESTS_CONSOLE_ASKING_H
#define TESTS_CONSOLE_ASKING_H

#include "base/clock.h"
#include "console/signin.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <liboath/oath.h>
#include <semaphore.h>

static sem_t answered;

static void on_answers(void *arg)
{
	(void)arg;
	sem_post(&answered);
}

static struct signin_answer ask(struct signin *signin, const struct signin_question *question)
{
	struct signin_answer answer;
	assert_int_equal(signin_ask(signin, question), OK);
	while (!signin_take(signin, &answer))
		sem_wait(&answered);
	return answer;
}

static void code_at(const char *base32, int64_t wall, char code_r[STAFF_CODE_SIZE])
{
	char *bytes;
	size_t length;
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &bytes, &length), OATH_OK);
	assert_int_equal(
		oath_totp_generate(bytes, length, (time_t)(wall / 1000), 30, 0, 6, code_r), OATH_OK);
	free(bytes);
}

static void code_now(const char *base32, char code_r[STAFF_CODE_SIZE])
{
	code_at(base32, clock_wall(), code_r);
}

/* None of those that count now. */
static __attribute__((unused)) void code_wrong(const char *base32, char code_r[STAFF_CODE_SIZE])
{
	char good[3][STAFF_CODE_SIZE];
	bool hit = true;

	for (int i = 0; i < 3; i++)
		code_at(base32, clock_wall() + (i - 1) * 30000, good[i]);
	for (int code = 0; hit; code++) {
		snprintf(code_r, STAFF_CODE_SIZE, "%06d", code);
		hit = !strcmp(code_r, good[0]) || !strcmp(code_r, good[1])
			|| !strcmp(code_r, good[2]);
	}
}

/* Anke, who set up password and authenticator in a new folder; number and session in answer_r. */
static __attribute__((unused)) struct signin *begin_with(const char *password,
	char secret_r[SIGNIN_SECRET_SIZE], struct signin_answer *answer_r)
{
	struct staff person = { .name = "anke", .display = "Anke", .role = ROLE_COUNSELLOR };
	struct signin_question question = { .kind = SIGNIN_INVITE, .id = "r", .session_hours = 8 };
	struct signin *signin = NULL;
	struct staff_db *db = NULL;
	char error[256];

	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(signin_invite(db, &person, question.token), OK);
	staff_close(&db);
	assert_int_equal(signin_create(folder, on_answers, NULL, &signin, error, sizeof error), OK);
	strcpy(secret_r, ask(signin, &question).secret);
	question.kind = SIGNIN_ACCEPT;
	strcpy(question.password, password);
	code_now(secret_r, question.code);
	*answer_r = ask(signin, &question);
	assert_int_equal(answer_r->result, SIGNIN_OK);
	return signin;
}

#endif
