/* What a window asks with a passkey. A challenge is of one window, for one answer, for a while. */
#include "base/clock.h"
#include "console/private.h"

#include <sodium.h>
#include <string.h>

enum { CHALLENGE_SECONDS = 300 };

void passkey_offer(struct json_out *out, const struct config *config)
{
	struct webauthn_site site;
	if (webauthn_site(config, &site))
		json_put_text(out, "passkeys", site.rp);
}

void passkey_show(struct json_out *out, const struct signin_answer *answer)
{
	if (!answer->passkey)
		return;
	json_put_number(out, "passkey", answer->passkey);
	if (answer->vault_length)
		archive_put_bytes(out, "vault", answer->vault, answer->vault_length);
}

/* user: of whom one is to be made; NULL: one is to be used. */
static void give_challenge(struct window *window, const char *id, const uint8_t *user)
{
	struct passkey_challenge *challenge = &window->challenge;
	struct json_out out = window_begin("ok");
	struct webauthn_site site;

	(void)webauthn_site(window->config, &site);
	randombytes_buf(challenge->bytes, sizeof challenge->bytes);
	challenge->until_mono = clock_mono() + CHALLENGE_SECONDS * 1000;
	challenge->create = user;
	json_put_text(&out, "id", id);
	archive_put_bytes(&out, "challenge", challenge->bytes, sizeof challenge->bytes);
	json_put_text(&out, "rp", site.rp);
	if (user)
		archive_put_bytes(&out, "user", user, PASSKEY_USER_SIZE);
	window_end(window, &out);
}

/* Whatever comes of it, it is gone. */
static bool take_challenge(struct window *window, bool create, uint8_t *bytes_r)
{
	struct passkey_challenge *challenge = &window->challenge;
	bool good = challenge->until_mono > clock_mono() && challenge->create == create;

	memcpy(bytes_r, challenge->bytes, sizeof challenge->bytes);
	sodium_memzero(challenge, sizeof *challenge);
	return good;
}

static bool read_answer(const json_t *frame, enum signin_kind kind, struct signin_passkey *passkey)
{
	struct webauthn_answer *answer = &passkey->answer;
	const char *label = json_get_text(frame, "label");
	bool good = sealed_bytes(frame, "client", answer->client, sizeof answer->client,
			    &answer->client_length)
		&& sealed_bytes(frame, "data", answer->data, sizeof answer->data,
			&answer->data_length)
		&& sealed_bytes(frame, "credential", answer->credential,
			sizeof answer->credential, &answer->credential_length)
		&& sealed_bytes(frame, "signature", answer->signature, sizeof answer->signature,
			&answer->signature_length)
		&& sealed_bytes(frame, "user", answer->user, sizeof answer->user,
			&answer->user_length);

	if (!good || !answer->client_length || !answer->data_length)
		return false;
	if (kind != SIGNIN_PASSKEY_ADD)
		return answer->credential_length && answer->signature_length;
	if (!label || !*label || strlen(label) > PASSKEY_LABEL_MAX)
		return false;
	strcpy(passkey->label, label);
	return true;
}

static void ask(struct window *window, enum signin_kind kind, const char *id, const json_t *frame)
{
	struct signin_question question = { .kind = kind,
		.staff = window->me.id,
		.session_hours = window->config->desk.session_hours,
		.renew = kind == SIGNIN_PASSKEY_UNLOCK && window->locked };
	const char *password = json_get_text(frame, "password");
	bool made = kind == SIGNIN_PASSKEY_NEW;

	(void)webauthn_site(window->config, &question.passkey.site);
	memcpy(question.id, id, strlen(id) + 1);
	memcpy(question.token, window->token, sizeof question.token);
	if (made ? !password || strlen(password) > SIGNIN_PASSWORD_MAX
		 : !read_answer(frame, kind, &question.passkey)) {
		window_no(window, id, "invalid", NULL, 0);
	} else if (!made
		&& !take_challenge(window, kind == SIGNIN_PASSKEY_ADD,
			question.passkey.challenge)) {
		window_no(window, id, "late", NULL, 0);
	} else {
		if (made)
			strcpy(question.password, password);
		window_ask(window, &question);
	}
	sodium_memzero(&question, sizeof question);
}

bool passkey_request(struct window *window, const char *t, const char *id, const json_t *frame)
{
	static const struct {
		const char *t;
		enum signin_kind kind;
		bool inside, open; /* by who is signed in, or by who is not; not while it is locked */
	} kinds[] = { { "passkey-in", SIGNIN_PASSKEY, false, false },
		{ "passkey-unlock", SIGNIN_PASSKEY_UNLOCK, true, false },
		{ "passkey-new", SIGNIN_PASSKEY_NEW, true, true },
		{ "passkey-add", SIGNIN_PASSKEY_ADD, true, true } };
	bool challenge = !strcmp(t, "passkey");
	struct webauthn_site site;
	size_t i = 0;

	while (!challenge && i < sizeof kinds / sizeof *kinds && strcmp(t, kinds[i].t) != 0)
		i++;
	if (i == sizeof kinds / sizeof *kinds)
		return false;
	if (window->port && !window->locked)
		window->active_mono = clock_mono();
	if (!webauthn_site(window->config, &site))
		window_no(window, id, "no-name", NULL, 0);
	else if (challenge)
		give_challenge(window, id, NULL);
	else if (kinds[i].inside != (window->port != 0))
		window_no(window, id, "invalid", NULL, 0);
	else if (kinds[i].open && window->locked)
		window_no(window, id, "locked", NULL, 0);
	else
		ask(window, kinds[i].kind, id, frame);
	return true;
}

void passkey_signed(struct window *window, const struct signin_answer *answer)
{
	struct json_out out;

	if (answer->kind == SIGNIN_PASSKEY_NEW) {
		give_challenge(window, answer->id, answer->user);
		return;
	}
	out = window_begin("ok");
	json_put_text(&out, "id", answer->id);
	passkey_show(&out, answer);
	window_end(window, &out);
}
