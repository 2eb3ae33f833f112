/* What is kept of the provider: its own word of itself, and its keys. */
#include "base/clock.h"
#include "base/log.h"
#include "oidc/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fresh(const struct fetched *when)
{
	return when->since_mono && clock_mono() - when->since_mono < OIDC_FRESH_MS;
}

static bool may_ask(const struct fetched *when)
{
	return !when->failed_mono || clock_mono() - when->failed_mono >= OIDC_FAILED_MS;
}

static void failed(struct fetched *when, const char *what, const char *why)
{
	when->failed_mono = clock_mono();
	when->since_mono = 0;
	log_warn("the sign-on provider cannot be used", "what=%s why=\"%s\"", what, why);
}

static const char *why_of(enum err err)
{
	return err == ERR_DENIED   ? "it refused, or its address is private"
		: err == ERR_TOO_LONG ? "its answer is too long"
				      : "it cannot be reached";
}

/* An answer to what was asked under another configuration is none. */
static bool ours(const struct oidc *oidc, const char *tag)
{
	return strtoul(tag, NULL, 10) == oidc->epoch;
}

static enum ready ask(struct oidc *oidc, struct fetched *when, const char *url, outbox_done *done)
{
	struct outbox_job job = { .method = "GET",
		.url = url,
		.headers = { "Accept: application/json" },
		.file = OIDC_ANSWER_MAX };
	char tag[16];

	snprintf(tag, sizeof tag, "%u", oidc->epoch);
	job.tag = tag;
	if (outbox_send(oidc->outbox, &job, done, oidc)) {
		when->failed_mono = clock_mono();
		return READY_NOT;
	}
	when->asked = true;
	return READY_LATER;
}

static void on_about(
	void *arg, const char *tag, enum err err, long status, const char *body, size_t length)
{
	struct oidc *oidc = arg;
	struct fetched *when = &oidc->about_when;
	const char *issuer = oidc->config->oidc.issuer, *why;

	(void)status;
	if (!ours(oidc, tag))
		return;
	when->asked = false;
	if (err) {
		failed(when, "discovery", why_of(err));
	} else if (discovery_parse(
			   body, length, issuer, !strncmp(issuer, "http:", 5), &oidc->about, &why)) {
		failed(when, "discovery", why);
	} else {
		when->since_mono = clock_mono();
		when->failed_mono = 0;
	}
	oidc_step(oidc);
}

static void on_keys(
	void *arg, const char *tag, enum err err, long status, const char *body, size_t length)
{
	struct oidc *oidc = arg;
	struct fetched *when = &oidc->keys_when;
	struct jwks *keys = NULL;

	(void)status;
	if (!ours(oidc, tag))
		return;
	when->asked = false;
	if (err) {
		failed(when, "keys", why_of(err));
	} else if (jwks_parse(body, length, &keys)) {
		failed(when, "keys", "there is none that we can use");
	} else {
		jwks_destroy(&oidc->keys);
		oidc->keys = keys;
		when->since_mono = clock_mono();
		when->failed_mono = 0;
	}
	oidc_step(oidc);
}

enum ready fetch_about(struct oidc *oidc)
{
	const char *issuer = oidc->config->oidc.issuer;
	size_t length = strlen(issuer);
	char url[DISCOVERY_URL_MAX + 64];

	if (fresh(&oidc->about_when))
		return READY;
	if (oidc->about_when.asked)
		return READY_LATER;
	if (!may_ask(&oidc->about_when))
		return READY_NOT;
	snprintf(url, sizeof url, "%.*s/.well-known/openid-configuration",
		(int)(length - (issuer[length - 1] == '/')), issuer);
	return ask(oidc, &oidc->about_when, url, on_about);
}

enum ready fetch_keys(struct oidc *oidc, bool anew)
{
	struct fetched *when = &oidc->keys_when;

	if (when->asked)
		return READY_LATER;
	if (fresh(when) && (!anew || clock_mono() - when->since_mono < OIDC_AGAIN_MS))
		return anew ? READY_NOT : READY;
	if (!may_ask(when))
		return READY_NOT;
	return ask(oidc, when, oidc->about.keys, on_keys);
}

void fetch_forget(struct oidc *oidc)
{
	oidc->about_when = oidc->keys_when = (struct fetched) { 0 };
	jwks_destroy(&oidc->keys);
}
