/* What a provider says: the first byte chooses whether it is its discovery document, its keys, a token
 * that nobody we know signed, or the claims of one that is signed well. */
#include "oidc/discovery.h"
#include "oidc/idtoken.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The public halves of nobody's pairs. */
static const char own[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"d\","
			  "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
			  "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e\","
			  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void token(const char *text, size_t length)
{
	static struct jwks *jwks;
	static char word[] = "mfa";
	static char *const words[] = { word };
	struct idtoken_wish wish = { .issuer = "https://h", .client = "c", .nonce = "n", .now = 1000,
		.acrs = words, .amrs = words, .acrs_count = 1, .amrs_count = 1 };
	struct idtoken who;

	if (!jwks && jwks_parse(own, strlen(own), &jwks))
		abort();
	if (idtoken_verify(text, length, jwks, &wish, &who) == IDTOKEN_GOOD)
		abort(); /* nobody has those keys */
	if (*who.subject || who.second)
		abort();
}

static void keys(const char *text, size_t length)
{
	struct jwks *jwks = NULL;
	uint8_t signature[64] = { 1 };

	if (jwks_parse(text, length, &jwks))
		return;
	if (!jwks_count(jwks) || jwks_count(jwks) > JWKS_KEYS_MAX)
		abort();
	for (int alg = 0; alg < IDTOKEN_ALGS; alg++) {
		const struct jwks_key *key = jwks_find(jwks, NULL, (enum idtoken_alg)alg);
		if (key)
			(void)!jwks_verify(key, (enum idtoken_alg)alg, "a.b", 3, signature, 64);
	}
	jwks_destroy(&jwks);
}

static void discovery(const char *text, size_t length)
{
	struct discovery about;
	const char *why = NULL;
	enum err err = discovery_parse(text, length, "https://h", false, &about, &why);

	if ((err == OK) != (why == NULL))
		abort();
	if (!err
		&& (strncmp(about.token, "https://", 8) || strncmp(about.keys, "https://", 8)
			|| strncmp(about.authorization, "https://", 8)))
		abort();
}

static void put(char *to, size_t size, const uint8_t *bytes, size_t length)
{
	size_t at = strlen(to);
	sodium_bin2base64(to + at, size - at, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* By a pair of ours, so that what is read behind the signature is reached. */
static void claims(const uint8_t *bytes, size_t length)
{
	static char text[IDTOKEN_MAX], set[200];
	static struct jwks *jwks;
	static uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	uint8_t signature[crypto_sign_BYTES], seed[crypto_sign_SEEDBYTES] = { 1 };
	struct idtoken_wish wish = { .issuer = "https://h", .client = "c", .nonce = "n", .now = 1000,
		.max_age = 500 };
	struct idtoken who;

	if (length > IDTOKEN_MAX / 2)
		return;
	if (!jwks) {
		crypto_sign_seed_keypair(public, secret, seed);
		strcpy(set, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
		put(set, sizeof set, public, sizeof public);
		strcat(set, "\"}]}");
		if (jwks_parse(set, strlen(set), &jwks))
			abort();
	}
	*text = '\0';
	put(text, sizeof text, (const uint8_t *)"{\"alg\":\"EdDSA\"}", 15);
	strcat(text, ".");
	put(text, sizeof text, bytes, length);
	crypto_sign_detached(signature, NULL, (const uint8_t *)text, strlen(text), secret);
	strcat(text, ".");
	put(text, sizeof text, signature, sizeof signature);
	if (idtoken_verify(text, strlen(text), jwks, &wish, &who) == IDTOKEN_SIGNATURE)
		abort(); /* it is signed */
	if (strlen(who.subject) > IDTOKEN_SUBJECT_MAX || who.second)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes + 1;

	if (!length)
		return 0;
	if (*bytes % 4 == 0)
		discovery(text, length - 1);
	else if (*bytes % 4 == 1)
		keys(text, length - 1);
	else if (*bytes % 4 == 2)
		token(text, length - 1);
	else
		claims(bytes + 1, length - 1);
	return 0;
}
