/* What a window asks to sign on by the house's own provider: begun here, done there, and come back to by
 * a page that was loaded anew. */
#include "base/clock.h"
#include "base/log.h"
#include "console/private.h"

#include <sodium.h>
#include <string.h>

enum { CODE_MS = 5 * 60 * 1000 }; /* so long our own code is waited for */

void signon_offer(struct json_out *out, const struct config *config)
{
	if (config->oidc.issuer)
		json_put_text(out, "oidc", config->oidc.label);
}

void signon_forget(struct window *window)
{
	sodium_memzero(&window->signon, sizeof window->signon);
}

/* false: it is there, and too long. */
static bool copy(const json_t *frame, const char *key, char *to, size_t size)
{
	const char *text = json_get_text(frame, key);

	if (!text)
		return true;
	if (strlen(text) >= size)
		return false;
	memcpy(to, text, strlen(text) + 1);
	return true;
}

static void ask_provider(struct window *window, struct oidc_question *question, const char *id)
{
	memcpy(question->id, id, strlen(id) + 1);
	if (window->line->sign_on(window->arg, question))
		window_no(window, id, "slow", NULL, 2);
	sodium_memzero(question, sizeof *question);
}

static void begin(struct window *window, const char *id)
{
	struct oidc_question question = { .kind = OIDC_BEGIN };
	ask_provider(window, &question, id);
}

static void come_back(struct window *window, const char *id, const json_t *frame)
{
	struct oidc_question question = { .kind = OIDC_RETURN };

	signon_forget(window);
	if (copy(frame, "flow", question.ticket, sizeof question.ticket)
		&& copy(frame, "state", question.state, sizeof question.state)
		&& copy(frame, "code", question.code, sizeof question.code)
		&& copy(frame, "iss", question.issuer, sizeof question.issuer)
		&& copy(frame, "token", window->signon.link, sizeof window->signon.link))
		ask_provider(window, &question, id);
	else
		window_no(window, id, "invalid", NULL, 0);
}

static void ask(struct window *window, struct signin_question *question, const char *id)
{
	memcpy(question->id, id, strlen(id) + 1);
	question->session_hours = window->config->desk.session_hours;
	window_ask(window, question);
	sodium_memzero(question, sizeof *question);
}

static void show_link(struct window *window, const char *id, const json_t *frame)
{
	struct signin_question question = { .kind = SIGNIN_SIGNON_LINK };

	if (copy(frame, "token", question.token, sizeof question.token))
		ask(window, &question, id);
	else
		window_no(window, id, "invalid", NULL, 0);
}

static void sign_on(struct window *window, const char *id, const char *code)
{
	struct signin_question question = { .kind = SIGNIN_SIGNON, .signon = window->signon.who };

	memcpy(question.token, window->signon.link, sizeof question.token);
	memcpy(question.code, code, strlen(code) + 1);
	ask(window, &question, id);
}

static void give_code(struct window *window, const char *id, const json_t *frame)
{
	char code[STAFF_CODE_SIZE] = "";

	if (clock_mono() >= window->signon.until_mono) {
		signon_forget(window);
		window_no(window, id, "expired", NULL, 0);
	} else if (!copy(frame, "code", code, sizeof code) || !*code) {
		window_no(window, id, "wrong", NULL, 0);
	} else {
		sign_on(window, id, code);
	}
	sodium_memzero(code, sizeof code);
}

bool signon_request(struct window *window, const char *t, const char *id, const json_t *frame)
{
	if (strcmp(t, "oidc") != 0 && strncmp(t, "oidc-", 5) != 0)
		return false;
	if (window->port || !window->config->oidc.issuer)
		window_no(window, id, "invalid", NULL, 0);
	else if (!strcmp(t, "oidc"))
		begin(window, id);
	else if (!strcmp(t, "oidc-return"))
		come_back(window, id, frame);
	else if (!strcmp(t, "oidc-link"))
		show_link(window, id, frame);
	else if (!strcmp(t, "oidc-code"))
		give_code(window, id, frame);
	else
		return false;
	return true;
}

/* A row of the audit log; nobody waits for it. */
static void failed(struct window *window)
{
	struct signin_question question = { .kind = SIGNIN_SIGNON_FAILED };

	if (window->line->ask(window->arg, &question))
		log_error("audit could not be written", "what=%s", "sign-in.failed");
}

void window_signed_on(struct window *window, const struct oidc_answer *answer)
{
	static const char *const codes[] = { [OIDC_SLOW] = "slow",
		[OIDC_EXPIRED] = "expired",
		[OIDC_DECLINED] = "declined",
		[OIDC_AWAY] = "provider" };
	struct json_out out;

	if (window->port || window->closing)
		return;
	if (answer->result) {
		signon_forget(window);
		if (answer->kind == OIDC_RETURN && answer->result != OIDC_SLOW)
			failed(window);
		window_no(window, answer->id, codes[answer->result], NULL, answer->retry);
	} else if (answer->kind == OIDC_BEGIN) {
		out = window_begin("ok");
		json_put_text(&out, "id", answer->id);
		json_put_text(&out, "url", answer->url);
		json_put_text(&out, "flow", answer->ticket);
		window_end(window, &out);
	} else {
		memcpy(window->signon.who.account, answer->subject, sizeof answer->subject);
		window->signon.who.second = answer->second;
		window->signon.until_mono = clock_mono() + CODE_MS;
		sign_on(window, answer->id, "");
	}
}

void signon_show_link(struct window *window, const struct signin_answer *answer)
{
	struct json_out out = window_begin("ok");

	json_put_text(&out, "id", answer->id);
	json_put_text(&out, "name", answer->person.name);
	json_put_text(&out, "display", answer->person.display);
	window_end(window, &out);
}
