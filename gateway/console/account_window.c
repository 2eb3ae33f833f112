/* What a window asks of the own account. */
#include "base/clock.h"
#include "console/private.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SECRET_SECONDS = 600 };

static const struct {
	const char *t;
	enum signin_kind kind;
} kinds[] = { { "password", SIGNIN_CHANGE }, { "authenticator-new", SIGNIN_SECRET },
	{ "authenticator", SIGNIN_AUTHENTICATOR } };

/* false: missing, or too long. */
static bool read_text(const json_t *frame, const char *key, char *to, size_t size)
{
	const char *text = json_get_text(frame, key);

	if (!text || strlen(text) >= size)
		return false;
	memcpy(to, text, strlen(text) + 1);
	return true;
}

static bool read_change(const json_t *frame, struct signin_question *question)
{
	struct signin_account *account = &question->account;
	int64_t key = json_get_number(frame, "key", 0);
	size_t vault = 0;

	if (key < 0 || key > UINT32_MAX
		|| !sealed_bytes(frame, "vault", account->vault, KEYS_VAULT_MAX, &vault)
		|| !key != !vault)
		return false;
	account->key = (uint32_t)key;
	account->vault_length = (uint32_t)vault;
	return read_text(frame, "password", question->password, sizeof question->password)
		&& read_text(frame, "new", account->password, sizeof account->password);
}

static const char *read_question(
	struct window *window, const json_t *frame, struct signin_question *question)
{
	struct account_secret *secret = &window->secret;

	switch (question->kind) {
	case SIGNIN_CHANGE:
		return read_change(frame, question) ? NULL : "invalid";
	case SIGNIN_SECRET:
		return read_text(frame, "password", question->password, sizeof question->password)
				&& read_text(frame, "code", question->code, sizeof question->code)
			? NULL
			: "invalid";
	default:
		if (!read_text(frame, "code", question->code, sizeof question->code))
			return "invalid";
		if (secret->until_mono <= clock_mono())
			return "expired";
		memcpy(question->account.secret, secret->text, sizeof secret->text);
		return NULL;
	}
}

bool account_request(struct window *window, const char *t, const char *id, const json_t *frame)
{
	struct signin_question question = { .staff = window->me.id };
	const char *refused;
	size_t i = 0;

	while (i < sizeof kinds / sizeof *kinds && strcmp(t, kinds[i].t) != 0)
		i++;
	if (i == sizeof kinds / sizeof *kinds)
		return false;
	question.kind = kinds[i].kind;
	memcpy(question.id, id, strlen(id) + 1);
	memcpy(question.token, window->token, sizeof question.token);
	refused = read_question(window, frame, &question);
	if (refused)
		window_no(window, id, refused, NULL, 0);
	else
		window_ask(window, &question);
	sodium_memzero(&question, sizeof question);
	return true;
}

void account_show_secret(struct window *window, const struct signin_answer *answer)
{
	struct json_out out = window_begin("ok");
	char uri[256];

	snprintf(uri, sizeof uri, "otpauth://totp/Onthaal:%u?secret=%s&issuer=Onthaal",
		answer->person.id, answer->secret);
	json_put_text(&out, "id", answer->id);
	json_put_text(&out, "name", answer->person.name);
	json_put_text(&out, "display", answer->person.display);
	json_put_text(&out, "secret", answer->secret);
	json_put_text(&out, "uri", uri);
	window_end(window, &out);
}

void account_signed(struct window *window, const struct signin_answer *answer)
{
	if (answer->kind == SIGNIN_SECRET) {
		memcpy(window->secret.text, answer->secret, sizeof window->secret.text);
		window->secret.until_mono = clock_mono() + SECRET_SECONDS * 1000;
		account_show_secret(window, answer);
		return;
	}
	if (answer->kind == SIGNIN_AUTHENTICATOR)
		sodium_memzero(&window->secret, sizeof window->secret);
	window_ok(window, answer->id);
}
