/* A window of its own for each test, and what it asks of others. */
#ifndef TESTS_WINDOW_H
#define TESTS_WINDOW_H

#include "console/window.h"
#include "tests/unit/desk/real.h"

#include <sodium.h>

static struct window *window;
static struct signin_question asked;
static enum err ask_answer;

static inline enum err ask(void *arg, const struct signin_question *question)
{
	(void)arg;
	asked = *question;
	return ask_answer;
}

static struct archive_question looked;

static inline enum err look(void *arg, const struct archive_question *question)
{
	(void)arg;
	looked = *question;
	return OK;
}

static const struct window_line line = { .send = real_send,
	.send_replay = real_send,
	.close = real_close,
	.ask = ask,
	.look = look };

static inline int set_up(void **state)
{
	int failed = real_set_up(state);
	ask_answer = OK;
	if (!failed)
		window = window_create(desk, config, false, &line, NULL);
	return failed;
}

static inline int tear_down(void **state)
{
	window_destroy(&window);
	return real_tear_down(state);
}

static inline void hear(const char *frame)
{
	*said = '\0';
	window_frame(window, frame, strlen(frame));
}

#define ID "0123456789abcdef"

static inline struct signin_answer answer_of(enum signin_kind kind, enum signin_result result)
{
	struct signin_answer answer = { .kind = kind, .result = result, .id = ID,
		.token = "ttttttttttttttttttttttttttttttttttttttttttt",
		.expires = clock_wall() + 8 * INT64_C(3600000),
		.person = { .id = 1, .name = "anke", .display = "Anke", .role = ROLE_COUNSELLOR } };
	if ((kind == SIGNIN_UNLOCK || kind == SIGNIN_PASSKEY_UNLOCK) && !asked.renew)
		*answer.token = '\0';
	return answer;
}

static inline void sign_in(void)
{
	struct signin_answer answer = answer_of(SIGNIN_PASSWORD, SIGNIN_OK);
	window_signed(window, &answer);
	hear("{\"t\":\"duty\",\"id\":\"" ID "\",\"duty\":\"on\"}");
	real_expect("{\"t\":\"ok\",\"id\":\"" ID "\"}");
}

static inline void begin_on(enum channel channel, const char *start_id, char public_r[CONTACT_PUBLIC_ID])
{
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = channel, .id = start_id, .answers = { .who = "child", .lang = "nl" } };
	*said = '\0';
	assert_int_equal(desk_submit(desk, &command), OK);
	real_pump("\"t\":\"queue\"");
	contact_public_id(desk_queue(desk)->order[desk_queue(desk)->length - 1]->id, public_r);
}

static inline void begin_contact(const char *start_id, char public_r[CONTACT_PUBLIC_ID])
{
	begin_on(CHANNEL_CHAT, start_id, public_r);
}

#endif
