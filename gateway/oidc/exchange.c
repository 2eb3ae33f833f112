/* What is said to the provider: by the browser's address, and by us at its token endpoint. */
#include "base/json.h"
#include "base/log.h"
#include "oidc/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct text *text, const char *name, const char *value)
{
	text_put(text, name);
	text_put(text, "=");
	text_url(text, value);
}

static void put_list(struct text *text, const char *name, char *const *words, size_t count)
{
	text_put(text, name);
	text_put(text, "=");
	for (size_t i = 0; i < count; i++) {
		if (i)
			text_put(text, "%20");
		text_url(text, words[i]);
	}
}

static void put_redirect(struct text *text, const struct config *config)
{
	put(text, "&redirect_uri", config->server.public_url);
	text_put(text, "%2Fconsole%2F");
}

void exchange_url(const struct oidc *oidc, const struct flow *flow, char url_r[OIDC_URL_MAX + 1])
{
	const struct config *config = oidc->config;
	struct text text = { 0 };

	text_put(&text, oidc->about.authorization);
	text_put(&text, strchr(oidc->about.authorization, '?') ? "&" : "?");
	text_put(&text, "response_type=code");
	put(&text, "&client_id", config->oidc.client_id);
	put_redirect(&text, config);
	put_list(&text, "&scope", config->oidc.scopes, config->oidc.scopes_count);
	put(&text, "&state", flow->state);
	put(&text, "&nonce", flow->nonce);
	put(&text, "&code_challenge", flow->challenge);
	text_put(&text, "&code_challenge_method=S256");
	if (oidc->about.fragment)
		text_put(&text, "&response_mode=fragment");
	if (config->oidc.acr_count)
		put_list(&text, "&acr_values", config->oidc.acr, config->oidc.acr_count);
	if (config->oidc.max_age_minutes)
		text_format(&text, "&max_age=%u", config->oidc.max_age_minutes * 60);
	snprintf(url_r, OIDC_URL_MAX + 1, "%s", text.bytes); /* the configuration's limits keep it shorter */
	text_free(&text);
}

/* For the log: the words of RFC 6749, 5.2, and no other. */
static const char *error_word(const json_t *answer)
{
	static const char *const words[] = { "invalid_grant", "invalid_client", "invalid_request",
		"unauthorized_client", "unsupported_grant_type", "invalid_scope" };
	const char *said = json_get_text(answer, "error");

	for (size_t i = 0; said && i < sizeof words / sizeof *words; i++)
		if (!strcmp(said, words[i]))
			return words[i];
	return "refused";
}

static void on_token(
	void *arg, const char *tag, enum err err, long status, const char *body, size_t length)
{
	struct oidc *oidc = arg;
	unsigned epoch = 0;
	size_t job = 0;
	json_t *answer;
	const char *token, *word;

	if (sscanf(tag, "%u %zu", &epoch, &job) != 2 || epoch != oidc->epoch)
		return;
	answer = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	token = json_get_text(answer, "id_token");
	if (!err && token) {
		oidc_exchanged(oidc, job, OIDC_OK, token);
	} else if (err == ERR_DENIED && status) {
		word = error_word(answer);
		log_warn("sign-on failed", "why=%s status=%ld", word, status);
		oidc_exchanged(oidc, job,
			strcmp(word, "invalid_grant") != 0 ? OIDC_AWAY : OIDC_DECLINED, NULL);
	} else {
		log_warn("sign-on failed", "why=%s", err ? err_word(err) : "no-id-token");
		oidc_exchanged(oidc, job, OIDC_AWAY, NULL);
	}
	json_decref(answer);
}

bool exchange_ask(struct oidc *oidc, const struct job *job)
{
	const struct config *config = oidc->config;
	const char *secret = config->oidc.client_secret;
	bool basic = secret && oidc->about.method == DISCOVERY_BASIC;
	struct text body = { 0 }, user = { 0 }, password = { 0 };
	struct outbox_job send = { .method = "POST",
		.url = oidc->about.token,
		.type = "application/x-www-form-urlencoded",
		.headers = { "Accept: application/json" },
		.file = OIDC_ANSWER_MAX };
	char tag[40];
	enum err err;

	text_put(&body, "grant_type=authorization_code");
	put(&body, "&code", job->question.code);
	put_redirect(&body, config);
	put(&body, "&code_verifier", job->flow.verifier);
	if (basic) { /* RFC 6749, 2.3.1: both as in a form */
		text_url(&user, config->oidc.client_id);
		text_url(&password, secret);
		send.user = user.bytes;
		send.password = password.bytes;
	} else {
		put(&body, "&client_id", config->oidc.client_id);
		if (secret)
			put(&body, "&client_secret", secret);
	}
	snprintf(tag, sizeof tag, "%u %zu", oidc->epoch, (size_t)(job - oidc->jobs));
	send.tag = tag;
	send.body = body.bytes;
	send.length = body.length;
	err = outbox_send(oidc->outbox, &send, on_token, oidc);
	text_free(&body);
	text_free(&user);
	text_free(&password);
	return !err;
}
