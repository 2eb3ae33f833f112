/* The client, with the outbox in the test's hands: what it asks, when, and how often. */
#include "base/clock.h"
#include "base/mem.h"
#include "oidc/oidc.h"
#include "tests/unit/oidc/signer.h"

#include <stdlib.h>

enum { WALL = 1700000000, ASKED_MAX = 64 };

#define ISSUER "https://login.example.org/realms/house"
#define ABOUT                                                                                      \
	"{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://login.example.org/auth?x=y\"," \
	"\"token_endpoint\":\"https://login.example.org/token\","                                  \
	"\"jwks_uri\":\"https://login.example.org/keys\"}"

static struct asked { /* what lies in the outbox */
	char url[200], body[4000], tag[OUTBOX_TAG_MAX + 1];
	outbox_done *done;
} asked[ASKED_MAX];
static size_t asked_count;
static enum err outbox_err;
static void *outbox_arg;
static struct config config;
static struct oidc *oidc;
static unsigned woken;

/* In the place of the outbox's own. */
enum err outbox_send(
	struct outbox *outbox, const struct outbox_job *job, outbox_done *done, void *arg)
{
	struct asked *one = &asked[asked_count];

	(void)outbox;
	if (outbox_err)
		return outbox_err;
	assert_true(asked_count < ASKED_MAX);
	asked_count++;
	snprintf(one->url, sizeof one->url, "%s", job->url);
	snprintf(one->body, sizeof one->body, "%s", job->body ? job->body : "");
	snprintf(one->tag, sizeof one->tag, "%s", job->tag);
	one->done = done;
	outbox_arg = arg;
	assert_null(job->id); /* never kept */
	return OK;
}

static void on_wake(void *arg)
{
	(void)arg;
	woken++;
}

/* The oldest of what was asked of such an address is answered; false: nothing was. */
static bool answer(const char *url, enum err err, long status, const char *body)
{
	for (size_t i = 0; i < asked_count; i++) {
		struct asked one = asked[i];
		if (strcmp(one.url, url) != 0)
			continue;
		memmove(&asked[i], &asked[i + 1], (asked_count - i - 1) * sizeof *asked);
		asked_count--;
		one.done(outbox_arg, one.tag, err, status, body, strlen(body));
		return true;
	}
	return false;
}

static bool about(void)
{
	return answer(ISSUER "/.well-known/openid-configuration", OK, 200, ABOUT);
}

static bool keys(EVP_PKEY *key, const char *kid)
{
	struct text text = { 0 };
	bool was;

	text_put(&text, "{\"keys\":[");
	put_jwk(&text, key, kid, "");
	text_put(&text, "]}");
	was = answer("https://login.example.org/keys", OK, 200, text.bytes);
	text_free(&text);
	return was;
}

static struct oidc_answer taken(void)
{
	struct oidc_answer one;
	if (!oidc_take(oidc, &one))
		fail_msg("there is no answer");
	return one;
}

static void nothing_yet(void)
{
	struct oidc_answer one;
	assert_false(oidc_take(oidc, &one));
}

static uint64_t windows;

static struct oidc_question began(char nonce_r[FLOW_WORD_SIZE])
{
	struct oidc_question question = { .kind = OIDC_BEGIN, .window = ++windows, .id = "b" };
	struct oidc_answer one;
	const char *at;

	assert_int_equal(oidc_ask(oidc, &question), OK);
	about();
	one = taken();
	assert_int_equal(one.result, OIDC_OK);
	assert_int_equal(one.window, windows);
	question.kind = OIDC_RETURN;
	strcpy(question.id, "r");
	strcpy(question.code, "the-code");
	strcpy(question.ticket, one.ticket);
	at = strstr(one.url, "&state=");
	memcpy(question.state, at + 7, FLOW_WORD_SIZE - 1);
	at = strstr(one.url, "&nonce=");
	memcpy(nonce_r, at + 7, FLOW_WORD_SIZE - 1);
	nonce_r[FLOW_WORD_SIZE - 1] = '\0';
	return question;
}

static bool token(int signer, const char *kid, const char *nonce)
{
	struct text text = { 0 }, id = { 0 };
	char head[60], body[400];
	bool was;

	snprintf(head, sizeof head, "{\"alg\":\"%s\",\"kid\":\"%s\"}", signer == SIGNER_ED ? "EdDSA" : "ES256",
		kid);
	snprintf(body, sizeof body,
		"{\"iss\":\"" ISSUER "\",\"aud\":\"onthaal\",\"exp\":%lld,\"iat\":%lld,\"nonce\":\"%s\","
		"\"sub\":\"anna\"}",
		(long long)clock_wall() / 1000 + 60, (long long)clock_wall() / 1000, nonce);
	make_token(&id, signers[signer], false, head, body);
	text_format(&text, "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}", id.bytes);
	was = answer("https://login.example.org/token", OK, 200, text.bytes);
	text_free(&id);
	text_free(&text);
	return was;
}

static int set_up(void **state)
{
	static char issuer[] = ISSUER, client[] = "onthaal", url[] = "https://chat.example.org",
		    openid[] = "openid";
	static char *scopes[] = { openid };
	(void)state;
	clock_fake(WALL * INT64_C(1000), 1000000);
	memset(&config, 0, sizeof config);
	config.oidc.issuer = issuer;
	config.oidc.client_id = client;
	config.server.public_url = url;
	config.oidc.scopes = scopes;
	config.oidc.scopes_count = 1;
	asked_count = woken = 0;
	outbox_err = OK;
	oidc = oidc_create(NULL, &config, on_wake, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	oidc_destroy(&oidc);
	oidc_destroy(&oidc);
	clock_real();
	return 0;
}

static void there_and_back(void **state)
{
	char nonce[FLOW_WORD_SIZE];
	struct oidc_question question;
	struct oidc_answer first, second;
	(void)state;

	assert_int_equal(asked_count, 1); /* at the start already: the log tells what does not work */
	question = began(nonce);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(asked_count, 1);
	assert_non_null(strstr(asked[0].body, "grant_type=authorization_code&code=the-code&redirect_uri="
					      "https%3A%2F%2Fchat.example.org%2Fconsole%2F&code_verifier="));
	assert_non_null(strstr(asked[0].body, "&client_id=onthaal")); /* a public client */
	assert_null(strstr(asked[0].body, "secret"));
	assert_true(token(SIGNER_EC, "k", nonce));
	nothing_yet(); /* the keys are still to come */
	assert_true(keys(signers[SIGNER_EC], "k"));
	first = taken();
	assert_int_equal(first.result, OIDC_OK);
	assert_int_equal(first.window, question.window);
	assert_string_equal(first.id, "r");
	assert_false(first.second);
	question = began(nonce);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_true(token(SIGNER_EC, "k", nonce));
	second = taken();
	assert_memory_equal(first.subject, second.subject, sizeof first.subject);
	assert_int_equal(asked_count, 0);
	assert_true(woken >= 4);
}

static void what_is_known_of_the_provider_is_an_hour_old_at_most(void **state)
{
	struct oidc_question question = { .kind = OIDC_BEGIN, .window = 1 };
	(void)state;
	assert_true(about());
	clock_advance(OIDC_FRESH_MS - 1);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(taken().result, OIDC_OK);
	clock_advance(1);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	nothing_yet();
	assert_int_equal(asked_count, 1);
	assert_true(answer(ISSUER "/.well-known/openid-configuration", ERR_IO, 0, ""));
	assert_int_equal(taken().result, OIDC_AWAY); /* and the old word is worth nothing */
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(taken().result, OIDC_AWAY);
	assert_int_equal(asked_count, 0); /* not at each knock */
	clock_advance(OIDC_FAILED_MS);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_true(about());
	assert_int_equal(taken().result, OIDC_OK);
}

static void an_unknown_key_is_looked_for_once_a_minute(void **state)
{
	char nonce[FLOW_WORD_SIZE];
	struct oidc_question question = began(nonce);
	(void)state;

	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_true(token(SIGNER_EC, "old", nonce));
	assert_true(keys(signers[SIGNER_EC], "old"));
	assert_int_equal(taken().result, OIDC_OK);
	question = began(nonce);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_true(token(SIGNER_ED, "new", nonce));
	assert_int_equal(asked_count, 0); /* they are fresh */
	assert_int_equal(taken().result, OIDC_AWAY);
	clock_advance(OIDC_AGAIN_MS);
	question = began(nonce);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_true(token(SIGNER_ED, "new", nonce));
	nothing_yet();
	assert_true(keys(signers[SIGNER_ED], "new"));
	assert_int_equal(taken().result, OIDC_OK);
	clock_advance(OIDC_AGAIN_MS);
	question = began(nonce);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_true(token(SIGNER_EC, "forged", nonce));
	assert_true(keys(signers[SIGNER_ED], "new")); /* once for each token */
	assert_int_equal(asked_count, 0);
	assert_int_equal(taken().result, OIDC_AWAY);
}

static void two_at_once_the_others_in_their_turn(void **state)
{
	char nonce[FLOW_WORD_SIZE];
	struct oidc_question question;
	(void)state;
	for (int i = 0; i < OIDC_JOBS_MAX; i++) {
		question = began(nonce);
		assert_int_equal(oidc_ask(oidc, &question), OK);
	}
	assert_int_equal(asked_count, OIDC_EXCHANGES);
	question.window = ++windows;
	assert_int_equal(oidc_ask(oidc, &question), ERR_BUSY); /* one more than OIDC_JOBS_MAX */
	for (int i = 0; i < OIDC_JOBS_MAX; i++) {
		assert_true(answer("https://login.example.org/token", ERR_DENIED, 400,
			"{\"error\":\"invalid_grant\"}"));
		assert_int_equal(taken().result, OIDC_DECLINED);
	}
	assert_int_equal(asked_count, 0);
}

static void a_window_asks_once_at_a_time(void **state)
{
	char nonce[FLOW_WORD_SIZE];
	struct oidc_question question = began(nonce);
	(void)state;
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(oidc_ask(oidc, &question), ERR_BUSY);
	assert_true(answer("https://login.example.org/token", ERR_IO, 500, ""));
	assert_int_equal(taken().result, OIDC_AWAY);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(taken().result, OIDC_EXPIRED); /* its ticket was used */
}

static void after_a_burst_one_a_second(void **state)
{
	char nonce[FLOW_WORD_SIZE];
	struct oidc_question question;
	struct oidc_answer one;
	(void)state;
	for (int i = 0; i < OIDC_BURST; i++) {
		question = began(nonce);
		assert_int_equal(oidc_ask(oidc, &question), OK);
		assert_true(answer("https://login.example.org/token", ERR_IO, 0, ""));
		assert_int_equal(taken().result, OIDC_AWAY);
	}
	question = began(nonce);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	one = taken();
	assert_int_equal(one.result, OIDC_SLOW);
	assert_int_equal(one.retry, 1);
	assert_int_equal(asked_count, 0);
	clock_advance(999);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(taken().result, OIDC_SLOW);
	clock_advance(1); /* the ticket is still good: it was not used */
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(asked_count, 1);
}

static void another_configuration_ends_what_is_under_way(void **state)
{
	static char client[] = "another";
	char nonce[FLOW_WORD_SIZE];
	struct oidc_question question = began(nonce), later = began(nonce);
	struct config next = config;
	(void)state;

	assert_int_equal(oidc_ask(oidc, &question), OK);
	oidc_configure(oidc, &next); /* the same: it goes on, and is asked anew what it is */
	nothing_yet();
	assert_int_equal(asked_count, 2);
	next = config;
	config.oidc.client_id = client;
	oidc_configure(oidc, &config);
	assert_int_equal(taken().result, OIDC_EXPIRED);
	assert_true(answer("https://login.example.org/token", OK, 200, "{}")); /* too late: nobody hears it */
	nothing_yet();
	assert_true(about()); /* of before */
	assert_int_equal(oidc_ask(oidc, &later), OK); /* and tickets of before are worth nothing */
	assert_int_equal(taken().result, OIDC_EXPIRED);
	question = (struct oidc_question) { .kind = OIDC_BEGIN, .window = 1 };
	assert_int_equal(oidc_ask(oidc, &question), OK);
	nothing_yet();
	assert_true(about());
	assert_int_equal(taken().result, OIDC_OK);
}

static void off_without_an_issuer_and_not_caught_by_a_full_outbox(void **state)
{
	struct oidc_question question = { .kind = OIDC_BEGIN, .window = 1 };
	struct config off = config;
	(void)state;
	outbox_err = ERR_BUSY;
	assert_true(answer(ISSUER "/.well-known/openid-configuration", ERR_IO, 0, ""));
	clock_advance(OIDC_FAILED_MS);
	assert_int_equal(oidc_ask(oidc, &question), OK);
	assert_int_equal(taken().result, OIDC_AWAY);
	off.oidc.issuer = NULL;
	oidc_configure(oidc, &off);
	assert_int_equal(oidc_ask(oidc, &question), ERR_DENIED);
	oidc_configure(oidc, &config);
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(there_and_back),
		WITH_CLIENT(what_is_known_of_the_provider_is_an_hour_old_at_most),
		WITH_CLIENT(an_unknown_key_is_looked_for_once_a_minute),
		WITH_CLIENT(two_at_once_the_others_in_their_turn),
		WITH_CLIENT(a_window_asks_once_at_a_time),
		WITH_CLIENT(after_a_burst_one_a_second),
		WITH_CLIENT(another_configuration_ends_what_is_under_way),
		WITH_CLIENT(off_without_an_issuer_and_not_caught_by_a_full_outbox),
	};
	int failed;

	signers_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	signers_free();
	return failed;
}
