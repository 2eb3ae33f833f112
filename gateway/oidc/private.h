/* Shared by the files of this room alone. */
#ifndef OIDC_PRIVATE_H
#define OIDC_PRIVATE_H

#include "base/text.h"
#include "oidc/discovery.h"
#include "oidc/idtoken.h"
#include "oidc/oidc.h"

enum job_stage {
	JOB_FREE,
	JOB_BEGIN, /* waits for what the provider says of itself */
	JOB_RETURN, /* for that, and for its turn */
	JOB_EXCHANGE, /* the token endpoint is asked */
	JOB_CHECK, /* waits for the keys */
	JOB_DONE /* to be taken */
};

struct job {
	enum job_stage stage;
	struct oidc_question question;
	struct flow flow;
	char *token; /* the ID token */
	bool again; /* the keys were fetched for it */
	struct oidc_answer answer;
};

struct fetched { /* what is kept of the provider */
	int64_t since_mono, failed_mono; /* 0: not yet */
	bool asked;
};

struct oidc {
	struct outbox *outbox;
	const struct config *config;
	void (*wake)(void *arg);
	void *arg;
	unsigned epoch; /* of the configuration: answers to what an older one asked are dropped */
	uint8_t key[FLOW_KEY_SIZE];
	struct fetched about_when, keys_when;
	struct discovery about;
	struct jwks *keys;
	struct job jobs[OIDC_JOBS_MAX];
	unsigned exchanges;
	int64_t bucket_mono;
	uint8_t used[OIDC_USED_MAX][FLOW_ID_SIZE];
	unsigned used_next;
};

enum ready { READY, READY_LATER, READY_NOT };

/* fetch.c: asks for it where it is not there, or old. */
enum ready fetch_about(struct oidc *oidc);
enum ready fetch_keys(struct oidc *oidc, bool anew);
void fetch_forget(struct oidc *oidc);

/* exchange.c */
void exchange_url(const struct oidc *oidc, const struct flow *flow, char url_r[OIDC_URL_MAX + 1]);
/* false: the outbox is full. */
bool exchange_ask(struct oidc *oidc, const struct job *job);

/* oidc.c: goes on with every question as far as it goes now. */
void oidc_step(struct oidc *oidc);
void oidc_exchanged(struct oidc *oidc, size_t job, enum oidc_result result, const char *token);

#endif
