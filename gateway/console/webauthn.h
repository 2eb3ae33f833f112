/* What a browser answers with a passkey (WebAuthn level 2, clauses 7.1 and 7.2), judged: bytes in, a
 * verdict out, by libfido2, which never looks for a device here. Attestation is not asked for: which
 * make an authenticator is says nothing about who holds it. Taken are ES256, EdDSA and RS256; present
 * and verified (PIN, finger, face) must be both said, each time. */
#ifndef CONSOLE_WEBAUTHN_H
#define CONSOLE_WEBAUTHN_H

#include "config/config.h"
#include "store/passkeys.h"

enum { WEBAUTHN_CHALLENGE_SIZE = 32,
	WEBAUTHN_CLIENT_MAX = 2048, /* bytes of clientDataJSON */
	WEBAUTHN_DATA_MAX = 2048, /* of authenticatorData */
	WEBAUTHN_SIGNATURE_MAX = 512,
	WEBAUTHN_USER_MAX = 64,
	WEBAUTHN_RP_MAX = 253,
	WEBAUTHN_ORIGIN_MAX = 280 };

struct webauthn_site { /* where passkeys are good */
	char rp[WEBAUTHN_RP_MAX + 1]; /* the name they belong to */
	char origin[WEBAUTHN_ORIGIN_MAX + 1]; /* the one page that may ask for them */
	bool any_port; /* of it: the server has a port of chance */
};

struct webauthn_answer { /* with navigator.credentials.create no signature and no user */
	uint8_t credential[PASSKEY_ID_MAX];
	uint8_t client[WEBAUTHN_CLIENT_MAX];
	uint8_t data[WEBAUTHN_DATA_MAX];
	uint8_t signature[WEBAUTHN_SIGNATURE_MAX];
	uint8_t user[WEBAUTHN_USER_MAX];
	size_t credential_length, client_length, data_length, signature_length, user_length;
};

enum webauthn_fault {
	WEBAUTHN_GOOD,
	WEBAUTHN_FORM, /* not of a form that can be read */
	WEBAUTHN_TYPE, /* made for something else */
	WEBAUTHN_CHALLENGE,
	WEBAUTHN_ORIGIN, /* of another page, or of a page inside another */
	WEBAUTHN_RP,
	WEBAUTHN_UNVERIFIED, /* nobody was there, or it was not seen who */
	WEBAUTHN_KEY, /* not of an algorithm that is taken, or no key at all */
	WEBAUTHN_SIGNATURE,
	WEBAUTHN_COUNT /* it signed less often than it had: there may be a copy */
};

/* false: without a name (server.public_url by https; without one "localhost") there are none. */
bool webauthn_site(const struct config *config, struct webauthn_site *site_r);

/* Sets what is of the credential: its id, algorithm, public key and count. */
must_check enum webauthn_fault webauthn_register(const struct webauthn_site *site,
	const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE], const struct webauthn_answer *answer,
	struct passkey *passkey);
must_check enum webauthn_fault webauthn_assert(const struct webauthn_site *site,
	const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE], const struct webauthn_answer *answer,
	const struct passkey *passkey, uint32_t *count_r);

const char *webauthn_word(enum webauthn_fault fault); /* for the log */

#endif
