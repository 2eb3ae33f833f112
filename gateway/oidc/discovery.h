/* What a provider says of itself at ISSUER/.well-known/openid-configuration (OpenID Connect Discovery
 * 1.0, 4): bytes in, struct or error out. Pure. Only what we use is read, and nothing of it is believed
 * that is not of the form we need. */
#ifndef OIDC_DISCOVERY_H
#define OIDC_DISCOVERY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { DISCOVERY_URL_MAX = 500 }; /* bytes; room is left for the query in OUTBOX_URL_MAX */

enum discovery_method { DISCOVERY_BASIC, DISCOVERY_POST }; /* how client_secret is given */

struct discovery {
	char authorization[DISCOVERY_URL_MAX + 1], token[DISCOVERY_URL_MAX + 1],
		keys[DISCOVERY_URL_MAX + 1];
	enum discovery_method method;
	bool fragment; /* the answer may come behind "#", which no server sees */
	bool names_itself; /* each answer has `iss` (RFC 9207) */
};

/* https, or http of this machine where plain is allowed; a host, no fragment, no user, only
 * printable ASCII. */
bool discovery_url(const char *url, bool plain);

/* ERR_INVALID: *why_r says what, in a constant text for the log. */
must_check enum err discovery_parse(const char *bytes, size_t length, const char *issuer,
	bool plain, struct discovery *discovery_r, const char **why_r);

#endif
