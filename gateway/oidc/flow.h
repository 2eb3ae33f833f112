/* One sign-in on its way to the provider and back. Nothing of it is kept here, so that nobody crowds out
 * another's: the browser's tab holds a ticket, and state, nonce and PKCE verifier (RFC 7636) follow from
 * what stands in it under a key of this process. The provider, and whoever sees the address bar, sees
 * state and nonce, from which the ticket does not follow; the verifier never leaves the server but to
 * the provider's token endpoint. */
#ifndef OIDC_FLOW_H
#define OIDC_FLOW_H

#include "base/err.h"

#include <stdint.h>

enum { FLOW_KEY_SIZE = 32,
	FLOW_ID_SIZE = 16,
	FLOW_TICKET_SIZE = 76, /* text, with its end */
	FLOW_WORD_SIZE = 44,
	FLOW_MS = 10 * 60 * 1000 }; /* from begin to return */

struct flow {
	uint8_t id[FLOW_ID_SIZE];
	int64_t until_mono;
	char state[FLOW_WORD_SIZE], nonce[FLOW_WORD_SIZE];
	char verifier[FLOW_WORD_SIZE], challenge[FLOW_WORD_SIZE];
};

void flow_begin(const uint8_t key[FLOW_KEY_SIZE], int64_t mono, struct flow *flow_r,
	char ticket_r[FLOW_TICKET_SIZE]);
/* ERR_INVALID: it is none of ours. ERR_STALE: too old. */
must_check enum err flow_open(
	const uint8_t key[FLOW_KEY_SIZE], const char *ticket, int64_t mono, struct flow *flow_r);

#endif
