#include "oidc/oidc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "oidc/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKET_MS = 1000 };

static void drop_token(struct job *job)
{
	if (job->token)
		sodium_memzero(job->token, strlen(job->token));
	free(job->token);
	job->token = NULL;
}

static void finish(struct oidc *oidc, struct job *job, enum oidc_result result)
{
	job->answer.kind = job->question.kind;
	job->answer.window = job->question.window;
	memcpy(job->answer.id, job->question.id, sizeof job->answer.id);
	job->answer.result = result;
	job->stage = JOB_DONE;
	drop_token(job);
	sodium_memzero(&job->question, sizeof job->question);
	sodium_memzero(&job->flow, sizeof job->flow);
	oidc->wake(oidc->arg);
}

static void begin(struct oidc *oidc, struct job *job)
{
	struct flow flow;

	flow_begin(oidc->key, clock_mono(), &flow, job->answer.ticket);
	exchange_url(oidc, &flow, job->answer.url);
	sodium_memzero(&flow, sizeof flow);
	finish(oidc, job, OIDC_OK);
}

static bool used(const struct oidc *oidc, const uint8_t id[FLOW_ID_SIZE])
{
	for (size_t i = 0; i < OIDC_USED_MAX; i++)
		if (!memcmp(oidc->used[i], id, FLOW_ID_SIZE))
			return true;
	return false;
}

/* Whether it comes back to where it began, once. */
static bool comes_back(struct oidc *oidc, struct job *job)
{
	const char *why = NULL;
	const struct oidc_question *question = &job->question;
	enum err err = flow_open(oidc->key, question->ticket, clock_mono(), &job->flow);

	if (err)
		why = err == ERR_STALE ? "too-late" : "not-ours";
	else if (sodium_memcmp(job->flow.state, question->state, FLOW_WORD_SIZE))
		why = "state";
	else if (used(oidc, job->flow.id))
		why = "twice";
	if (why)
		log_warn("sign-on failed", "why=%s", why);
	return !why;
}

/* 0: it may go now. */
static int must_wait(struct oidc *oidc)
{
	int64_t mono = clock_mono();
	int64_t over;

	if (oidc->bucket_mono < mono)
		oidc->bucket_mono = mono;
	over = oidc->bucket_mono + BUCKET_MS - mono - OIDC_BURST * BUCKET_MS;
	return over > 0 ? (int)((over + 999) / 1000) : 0;
}

/* RFC 9207: an answer of another provider is not ours, whatever else is right. */
static bool of_our_provider(const struct oidc *oidc, const struct oidc_question *question)
{
	return *question->issuer ? !strcmp(question->issuer, oidc->config->oidc.issuer)
				 : !oidc->about.names_itself;
}

static void come_back(struct oidc *oidc, struct job *job)
{
	if (oidc->exchanges == OIDC_EXCHANGES)
		return; /* its turn comes */
	if (!of_our_provider(oidc, &job->question)) {
		log_warn("sign-on failed", "why=another-issuer");
		finish(oidc, job, OIDC_EXPIRED);
		return;
	}
	job->answer.retry = must_wait(oidc);
	if (job->answer.retry) {
		finish(oidc, job, OIDC_SLOW);
		return;
	}
	if (!comes_back(oidc, job)) { /* again: another may have used it meanwhile */
		finish(oidc, job, OIDC_EXPIRED);
		return;
	}
	oidc->bucket_mono += BUCKET_MS;
	memcpy(oidc->used[oidc->used_next], job->flow.id, FLOW_ID_SIZE);
	oidc->used_next = (oidc->used_next + 1) % OIDC_USED_MAX;
	if (!*job->question.code) {
		log_warn("sign-on failed", "why=declined");
		finish(oidc, job, OIDC_DECLINED);
	} else if (exchange_ask(oidc, job)) {
		job->stage = JOB_EXCHANGE;
		oidc->exchanges++;
	} else {
		finish(oidc, job, OIDC_AWAY);
	}
}

static void hash_subject(const struct oidc *oidc, const char *subject, uint8_t hash_r[OIDC_SUBJECT_SIZE])
{
	const char *issuer = oidc->config->oidc.issuer;
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, OIDC_SUBJECT_SIZE);
	crypto_generichash_update(&state, (const uint8_t *)issuer, strlen(issuer) + 1);
	crypto_generichash_update(&state, (const uint8_t *)subject, strlen(subject));
	crypto_generichash_final(&state, hash_r, OIDC_SUBJECT_SIZE);
}

static enum idtoken_fault verify(const struct oidc *oidc, const struct job *job, struct idtoken *who_r)
{
	const struct config *config = oidc->config;
	struct idtoken_wish wish = { .issuer = config->oidc.issuer,
		.client = config->oidc.client_id,
		.nonce = job->flow.nonce,
		.now = clock_wall() / 1000,
		.max_age = config->oidc.max_age_minutes * INT64_C(60),
		.acrs = config->oidc.acr,
		.acrs_count = config->oidc.acr_count,
		.amrs = config->oidc.amr,
		.amrs_count = config->oidc.amr_count };

	return idtoken_verify(job->token, strlen(job->token), oidc->keys, &wish, who_r);
}

static void check(struct oidc *oidc, struct job *job)
{
	enum ready ready = fetch_keys(oidc, false);
	enum idtoken_fault fault;
	struct idtoken who;

	if (ready == READY_LATER)
		return;
	if (ready == READY_NOT) {
		finish(oidc, job, OIDC_AWAY);
		return;
	}
	fault = verify(oidc, job, &who);
	if (fault == IDTOKEN_KEY && !job->again) { /* they may have changed since */
		job->again = true;
		if (fetch_keys(oidc, true) == READY_LATER)
			return;
	}
	if (fault) {
		log_warn("sign-on failed", "why=token fault=%s", idtoken_fault_word(fault));
		finish(oidc, job, OIDC_AWAY);
		return;
	}
	hash_subject(oidc, who.subject, job->answer.subject);
	job->answer.second = who.second;
	sodium_memzero(&who, sizeof who);
	finish(oidc, job, OIDC_OK);
}

static void go_on(struct oidc *oidc, struct job *job)
{
	enum ready ready;

	if (job->stage == JOB_CHECK)
		check(oidc, job);
	if (job->stage != JOB_BEGIN && job->stage != JOB_RETURN)
		return;
	ready = fetch_about(oidc);
	if (ready == READY_NOT)
		finish(oidc, job, OIDC_AWAY);
	else if (ready == READY && job->stage == JOB_BEGIN)
		begin(oidc, job);
	else if (ready == READY)
		come_back(oidc, job);
}

void oidc_step(struct oidc *oidc)
{
	for (size_t i = 0; i < OIDC_JOBS_MAX; i++)
		go_on(oidc, &oidc->jobs[i]);
}

void oidc_exchanged(struct oidc *oidc, size_t at, enum oidc_result result, const char *token)
{
	struct job *job = at < OIDC_JOBS_MAX ? &oidc->jobs[at] : NULL;

	if (!job || job->stage != JOB_EXCHANGE)
		return;
	oidc->exchanges--;
	if (result) {
		finish(oidc, job, result);
	} else {
		job->token = mem_dup(token);
		job->stage = JOB_CHECK;
	}
	oidc_step(oidc);
}

/* At the start, so that the log tells early what does not work. */
static void look(struct oidc *oidc)
{
	if (oidc->config->oidc.issuer)
		(void)fetch_about(oidc);
}

struct oidc *oidc_create(
	struct outbox *outbox, const struct config *config, void (*wake)(void *arg), void *arg)
{
	struct oidc *oidc = mem_alloc(sizeof *oidc);

	oidc->outbox = outbox;
	oidc->config = config;
	oidc->wake = wake;
	oidc->arg = arg;
	oidc->epoch = 1;
	randombytes_buf(oidc->key, sizeof oidc->key);
	look(oidc);
	return oidc;
}

void oidc_destroy(struct oidc **oidc)
{
	if (!*oidc)
		return;
	for (size_t i = 0; i < OIDC_JOBS_MAX; i++)
		drop_token(&(*oidc)->jobs[i]);
	fetch_forget(*oidc);
	sodium_memzero(*oidc, sizeof **oidc);
	free(*oidc);
	*oidc = NULL;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_list(char *const *a, uint32_t a_count, char *const *b, uint32_t b_count)
{
	if (a_count != b_count)
		return false;
	for (uint32_t i = 0; i < a_count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool unchanged(const struct config *a, const struct config *b)
{
	return same(a->oidc.issuer, b->oidc.issuer) && same(a->oidc.client_id, b->oidc.client_id)
		&& same(a->oidc.client_secret, b->oidc.client_secret)
		&& same(a->server.public_url, b->server.public_url)
		&& same_list(a->oidc.scopes, a->oidc.scopes_count, b->oidc.scopes, b->oidc.scopes_count)
		&& same_list(a->oidc.acr, a->oidc.acr_count, b->oidc.acr, b->oidc.acr_count)
		&& same_list(a->oidc.amr, a->oidc.amr_count, b->oidc.amr, b->oidc.amr_count)
		&& a->oidc.max_age_minutes == b->oidc.max_age_minutes;
}

void oidc_configure(struct oidc *oidc, const struct config *config)
{
	bool other = !unchanged(oidc->config, config);

	oidc->config = config;
	oidc->about_when.failed_mono = oidc->keys_when.failed_mono = 0;
	oidc->about_when.since_mono = oidc->keys_when.since_mono = 0; /* who reloads wants it anew */
	if (!other) {
		look(oidc);
		return;
	}
	oidc->epoch++;
	oidc->exchanges = 0;
	randombytes_buf(oidc->key, sizeof oidc->key);
	fetch_forget(oidc);
	for (size_t i = 0; i < OIDC_JOBS_MAX; i++)
		if (oidc->jobs[i].stage != JOB_FREE && oidc->jobs[i].stage != JOB_DONE)
			finish(oidc, &oidc->jobs[i], OIDC_EXPIRED);
	look(oidc);
}

enum err oidc_ask(struct oidc *oidc, const struct oidc_question *question)
{
	struct job *free_job = NULL;

	if (!oidc->config->oidc.issuer)
		return ERR_DENIED;
	for (size_t i = 0; i < OIDC_JOBS_MAX; i++) {
		struct job *job = &oidc->jobs[i];
		if (job->stage == JOB_FREE)
			free_job = job;
		else if (job->stage != JOB_DONE && job->question.window == question->window)
			return ERR_BUSY;
	}
	if (!free_job)
		return ERR_BUSY;
	memset(free_job, 0, sizeof *free_job);
	free_job->question = *question;
	free_job->stage = question->kind == OIDC_BEGIN ? JOB_BEGIN : JOB_RETURN;
	if (question->kind == OIDC_RETURN && !comes_back(oidc, free_job))
		finish(oidc, free_job, OIDC_EXPIRED); /* asks nobody */
	oidc_step(oidc);
	return OK;
}

bool oidc_take(struct oidc *oidc, struct oidc_answer *answer_r)
{
	for (size_t i = 0; i < OIDC_JOBS_MAX; i++) {
		struct job *job = &oidc->jobs[i];
		if (job->stage != JOB_DONE)
			continue;
		*answer_r = job->answer;
		sodium_memzero(job, sizeof *job);
		return true;
	}
	return false;
}
