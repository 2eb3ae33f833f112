/* Signing on by the house's own accounts: OpenID Connect, the authorization code flow with PKCE. Asked
 * and answered on the loop thread, nothing waits: requests go by the outbox, under its rules (TLS checked,
 * no private address unless outbox.allow_private, no redirect followed). Tells who somebody is there;
 * who that is here, and what they may, is decided elsewhere.
 *
 * What the provider says of itself and its keys are kept for OIDC_FRESH_MS at most; a key that is not
 * known is looked for once more, at most each OIDC_AGAIN_MS. At most OIDC_JOBS_MAX questions at once,
 * OIDC_EXCHANGES exchanges of a code at once, and OIDC_BURST of them, then one a second. */
#ifndef OIDC_OIDC_H
#define OIDC_OIDC_H

#include "config/config.h"
#include "oidc/flow.h"
#include "outbox/outbox.h"

enum { OIDC_CODE_MAX = 4096, /* bytes */
	OIDC_ISSUER_MAX = 500,
	OIDC_URL_MAX = 4000,
	OIDC_REQUEST_MAX = 36,
	OIDC_SUBJECT_SIZE = 32,
	OIDC_ANSWER_MAX = 128 * 1024, /* of the provider */
	OIDC_JOBS_MAX = 16,
	OIDC_EXCHANGES = 2,
	OIDC_BURST = 20,
	OIDC_FRESH_MS = 60 * 60 * 1000,
	OIDC_AGAIN_MS = 60 * 1000,
	OIDC_FAILED_MS = 10 * 1000, /* then it is asked again */
	OIDC_USED_MAX = 1024 }; /* more than can be used while a ticket is good */

enum oidc_kind { OIDC_BEGIN, OIDC_RETURN };

enum oidc_result {
	OIDC_OK,
	OIDC_SLOW, /* retry */
	OIDC_EXPIRED, /* not begun here, too long ago, or come back before: begin again */
	OIDC_DECLINED, /* the provider did not let them in */
	OIDC_AWAY /* the provider cannot be reached, or what it says is not believed: see the log */
};

struct oidc_question {
	enum oidc_kind kind;
	uint64_t window; /* comes back in the answer */
	char id[OIDC_REQUEST_MAX + 1];
	/* OIDC_RETURN */
	char ticket[FLOW_TICKET_SIZE], state[FLOW_WORD_SIZE];
	char code[OIDC_CODE_MAX + 1]; /* "": the provider sent an error */
	char issuer[OIDC_ISSUER_MAX + 1]; /* RFC 9207; "": it did not say */
};

struct oidc_answer {
	enum oidc_kind kind;
	enum oidc_result result;
	uint64_t window;
	char id[OIDC_REQUEST_MAX + 1];
	int retry; /* seconds */
	/* OIDC_BEGIN */
	char url[OIDC_URL_MAX + 1], ticket[FLOW_TICKET_SIZE];
	/* OIDC_RETURN: a hash of issuer and subject, the same for ever */
	uint8_t subject[OIDC_SUBJECT_SIZE];
	bool second; /* the provider asked for a second factor (oidc.acr, oidc.amr) */
};

struct oidc;

/* wake: when there is something to take; not within a call of this module alone. */
struct oidc *oidc_create(
	struct outbox *outbox, const struct config *config, void (*wake)(void *arg), void *arg);
void oidc_destroy(struct oidc **oidc); /* after the last outbox_pump */
void oidc_configure(struct oidc *oidc, const struct config *config);
/* ERR_DENIED: it is not configured. ERR_BUSY: too many, or this window has asked already. */
must_check enum err oidc_ask(struct oidc *oidc, const struct oidc_question *question);
bool oidc_take(struct oidc *oidc, struct oidc_answer *answer_r);

#endif
