/* A provider's public keys (JWK Set, RFC 7517, 7518, 8037): bytes in, keys or error out. Pure but for
 * OpenSSL, which holds them and checks signatures with them. A key that we cannot use (another type or
 * curve, RSA below 2048 bits, for encryption, symmetric) is passed over, as RFC 7517, 5 asks. */
#ifndef OIDC_JWKS_H
#define OIDC_JWKS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { JWKS_KEYS_MAX = 64, /* usable ones; the rest is passed over */
	JWKS_KID_MAX = 255, /* bytes */
	JWKS_RSA_MIN = 2048, JWKS_RSA_MAX = 8192, /* bits */
	JWKS_SIGNATURE_MAX = JWKS_RSA_MAX / 8 };

/* Each is a constant of ours: no other can be asked for by a token. */
enum idtoken_alg { IDTOKEN_RS256, IDTOKEN_PS256, IDTOKEN_ES256, IDTOKEN_EDDSA, IDTOKEN_ALGS };

struct jwks;
struct jwks_key;

/* ERR_INVALID: no set, or no key of use in it. */
must_check enum err jwks_parse(const char *bytes, size_t length, struct jwks **jwks_r);
void jwks_destroy(struct jwks **jwks);
size_t jwks_count(const struct jwks *jwks);

/* The key of that name that may sign so. kid NULL: the only one that may; NULL: there is none, or it is
 * not certain which. */
const struct jwks_key *jwks_find(const struct jwks *jwks, const char *kid, enum idtoken_alg alg);

/* ERR_DENIED: the signature is not that of the key. */
must_check enum err jwks_verify(const struct jwks_key *key, enum idtoken_alg alg, const char *text,
	size_t length, const uint8_t *signature, size_t signature_length);

#endif
