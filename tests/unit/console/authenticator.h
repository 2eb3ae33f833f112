/* An authenticator in software, by OpenSSL alone: what the library that verifies is held against. */
#ifndef TESTS_AUTHENTICATOR_H
#define TESTS_AUTHENTICATOR_H

#include "console/webauthn.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ALG_ES256 = -7, ALG_EDDSA = -8, ALG_RS256 = -257 };

struct authenticator {
	int algorithm;
	EVP_PKEY *key;
	uint8_t flags; /* present, verified, … */
	uint32_t count;
	uint8_t credential[PASSKEY_ID_MAX];
	size_t credential_length;
	const char *rp, *origin, *type, *more; /* type, more: of clientDataJSON; NULL: as it should be */
	const uint8_t *extensions; /* CBOR */
	size_t extensions_length;
};

static inline struct authenticator authenticator_of(int algorithm)
{
	struct authenticator made = { .algorithm = algorithm, .flags = 0x05, .credential_length = 32,
		.rp = "chat.example.org", .origin = "https://chat.example.org" };

	memset(made.credential, 0xc1, sizeof made.credential);
	made.key = algorithm == ALG_ES256 ? EVP_EC_gen("P-256")
		: algorithm == ALG_EDDSA ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
					 : EVP_RSA_gen(2048);
	return made;
}

static inline size_t put_byte(uint8_t *to, size_t at, int byte)
{
	to[at] = (uint8_t)byte;
	return at + 1;
}

static inline size_t put_bytes(uint8_t *to, size_t at, const void *bytes, size_t length)
{
	if (length)
		memcpy(to + at, bytes, length);
	return at + length;
}

static inline size_t put_string(uint8_t *to, size_t at, const uint8_t *bytes, size_t length)
{
	if (length > 255) {
		at = put_byte(to, at, 0x59);
		at = put_byte(to, at, (int)(length >> 8));
	} else {
		at = put_byte(to, at, 0x58);
	}
	at = put_byte(to, at, (int)(length & 0xff));
	return put_bytes(to, at, bytes, length);
}

static inline size_t put_number(
	const EVP_PKEY *key, const char *name, size_t size, uint8_t *to, size_t at, int label)
{
	BIGNUM *number = NULL;
	uint8_t bytes[512];

	EVP_PKEY_get_bn_param(key, name, &number);
	BN_bn2binpad(number, bytes, (int)size);
	BN_free(number);
	at = put_byte(to, at, label);
	if (size > 23)
		return put_string(to, at, bytes, size);
	at = put_byte(to, at, (int)(0x40 + size));
	return put_bytes(to, at, bytes, size);
}

/* COSE, RFC 9053: the key as a map of small numbers. */
static inline size_t put_cose(const struct authenticator *authenticator, uint8_t *to, size_t at)
{
	static const uint8_t es256[] = { 0xa5, 1, 2, 3, 0x26, 0x20, 1 };
	static const uint8_t eddsa[] = { 0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21 };
	static const uint8_t rs256[] = { 0xa4, 1, 3, 3, 0x39, 1, 0 };
	uint8_t raw[32];
	size_t length = sizeof raw;

	if (authenticator->algorithm == ALG_ES256) {
		at = put_bytes(to, at, es256, sizeof es256);
		at = put_number(authenticator->key, OSSL_PKEY_PARAM_EC_PUB_X, 32, to, at, 0x21);
		return put_number(authenticator->key, OSSL_PKEY_PARAM_EC_PUB_Y, 32, to, at, 0x22);
	}
	if (authenticator->algorithm == ALG_EDDSA) {
		EVP_PKEY_get_raw_public_key(authenticator->key, raw, &length);
		at = put_bytes(to, at, eddsa, sizeof eddsa);
		return put_string(to, at, raw, length);
	}
	at = put_bytes(to, at, rs256, sizeof rs256);
	at = put_number(authenticator->key, OSSL_PKEY_PARAM_RSA_N, 256, to, at, 0x20);
	return put_number(authenticator->key, OSSL_PKEY_PARAM_RSA_E, 3, to, at, 0x21);
}

static inline void put_client(const struct authenticator *authenticator, const char *type,
	const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE], struct webauthn_answer *answer)
{
	char text[64];

	sodium_bin2base64(text, sizeof text, challenge, WEBAUTHN_CHALLENGE_SIZE,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	answer->client_length = (size_t)snprintf((char *)answer->client, sizeof answer->client,
		"{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\"%s}",
		authenticator->type ? authenticator->type : type, text, authenticator->origin,
		authenticator->more ? authenticator->more : ",\"crossOrigin\":false");
}

static inline void put_data(struct authenticator *authenticator, bool create, struct webauthn_answer *answer)
{
	uint8_t *to = answer->data;
	size_t at = crypto_hash_sha256_BYTES;
	uint32_t count = authenticator->count;

	crypto_hash_sha256(to, (const uint8_t *)authenticator->rp, strlen(authenticator->rp));
	at = put_byte(to, at, authenticator->flags | (create ? 0x40 : 0)
		| (authenticator->extensions_length ? 0x80 : 0));
	for (int shift = 24; shift >= 0; shift -= 8)
		at = put_byte(to, at, (int)(count >> shift & 0xff));
	if (create) {
		memset(to + at, 0, 16); /* no make */
		at = put_byte(to, at + 16, (int)(authenticator->credential_length >> 8));
		at = put_byte(to, at, (int)(authenticator->credential_length & 0xff));
		at = put_bytes(to, at, authenticator->credential,
			authenticator->credential_length);
		at = put_cose(authenticator, to, at);
	}
	answer->data_length = put_bytes(
		to, at, authenticator->extensions, authenticator->extensions_length);
}

static inline struct webauthn_answer authenticator_create(
	struct authenticator *authenticator, const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE])
{
	struct webauthn_answer answer = { .signature_length = 0 };
	put_client(authenticator, "webauthn.create", challenge, &answer);
	put_data(authenticator, true, &answer);
	return answer;
}

static inline void authenticator_sign(
	const struct authenticator *authenticator, struct webauthn_answer *answer)
{
	uint8_t both[WEBAUTHN_DATA_MAX + crypto_hash_sha256_BYTES];
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	memcpy(both, answer->data, answer->data_length);
	crypto_hash_sha256(both + answer->data_length, answer->client, answer->client_length);
	answer->signature_length = sizeof answer->signature;
	EVP_DigestSignInit(context, NULL,
		authenticator->algorithm == ALG_EDDSA ? NULL : EVP_sha256(), NULL,
		authenticator->key);
	EVP_DigestSign(context, answer->signature, &answer->signature_length, both,
		answer->data_length + crypto_hash_sha256_BYTES);
	EVP_MD_CTX_free(context);
}

static inline struct webauthn_answer authenticator_get(
	struct authenticator *authenticator, const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE])
{
	struct webauthn_answer answer = { .credential_length = authenticator->credential_length };

	memcpy(answer.credential, authenticator->credential, authenticator->credential_length);
	put_client(authenticator, "webauthn.get", challenge, &answer);
	put_data(authenticator, false, &answer);
	authenticator_sign(authenticator, &answer);
	return answer;
}

#endif
