/* An ID token (OpenID Connect Core 1.0, 2 and 3.1.3.7; JWS compact, RFC 7515): bytes in, who it is or
 * what is wrong out. Pure. Only by an algorithm of jwks.h, only by a key of the provider's set: what the
 * token's head says of keys or algorithms (jku, jwk, x5u, none, HS256) is never followed. */
#ifndef OIDC_IDTOKEN_H
#define OIDC_IDTOKEN_H

#include "oidc/jwks.h"

#include <stdbool.h>

enum { IDTOKEN_MAX = 16 * 1024, /* bytes */
	IDTOKEN_SUBJECT_MAX = 255, /* Core, 2 */
	IDTOKEN_LEEWAY = 60, /* seconds that clocks may differ */
	IDTOKEN_OLD = 600 }; /* seconds since it was issued: it has just been asked for */

enum idtoken_fault {
	IDTOKEN_GOOD,
	IDTOKEN_FORM, /* not three parts of Base64url, no JSON, a part is missing or of another type */
	IDTOKEN_ALGORITHM,
	IDTOKEN_KEY, /* no such key: the set may be old */
	IDTOKEN_SIGNATURE,
	IDTOKEN_ISSUER,
	IDTOKEN_AUDIENCE, /* for somebody else */
	IDTOKEN_EXPIRED,
	IDTOKEN_TIME, /* issued in the future, or long ago */
	IDTOKEN_NONCE, /* of another sign-in */
	IDTOKEN_AGE, /* the person signed in there too long ago, or it does not say when */
	IDTOKEN_FAULTS
};

struct idtoken_wish {
	const char *issuer, *client, *nonce;
	int64_t now; /* seconds since 1970 */
	int64_t max_age; /* seconds; 0: any */
	char *const *acrs, *const *amrs; /* one of these says that there was a second factor */
	size_t acrs_count, amrs_count;
};

struct idtoken {
	char subject[IDTOKEN_SUBJECT_MAX + 1]; /* printable ASCII */
	bool second; /* the provider asked for a second factor, by the words of the wish */
};

must_check enum idtoken_fault idtoken_verify(const char *token, size_t length,
	const struct jwks *jwks, const struct idtoken_wish *wish, struct idtoken *idtoken_r);

const char *idtoken_fault_word(enum idtoken_fault fault); /* for the log */
const char *idtoken_alg_word(enum idtoken_alg alg); /* "RS256" */

#endif
