/* A provider's keys, made by OpenSSL for the test, and tokens signed by them. */
#ifndef TESTS_UNIT_OIDC_SIGNER_H
#define TESTS_UNIT_OIDC_SIGNER_H

#include "base/text.h"
#include "oidc/idtoken.h"
#include "tests/unit/unit.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SIGNER_RSA, SIGNER_EC, SIGNER_ED, SIGNERS };

static EVP_PKEY *signers[SIGNERS];

static inline void signers_make(void)
{
	signers[SIGNER_RSA] = EVP_RSA_gen(2048);
	signers[SIGNER_EC] = EVP_EC_gen("P-256");
	signers[SIGNER_ED] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	for (int i = 0; i < SIGNERS; i++)
		assert_non_null(signers[i]);
}

static inline void signers_free(void)
{
	for (int i = 0; i < SIGNERS; i++)
		EVP_PKEY_free(signers[i]);
}

static inline void put_base64(struct text *text, const void *bytes, size_t length)
{
	char encoded[16 * 1024];
	sodium_bin2base64(encoded, sizeof encoded, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	text_put(text, encoded);
}

static inline void put_number(struct text *text, EVP_PKEY *key, const char *name, size_t size)
{
	BIGNUM *number = NULL;
	uint8_t bytes[1024];

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	if (!size)
		size = (size_t)BN_num_bytes(number);
	assert_int_equal(BN_bn2binpad(number, bytes, (int)size), size);
	put_base64(text, bytes, size);
	BN_free(number);
}

/* One JWK; more: further members, from "," on. */
static inline void put_jwk(struct text *text, EVP_PKEY *key, const char *kid, const char *more)
{
	uint8_t raw[32];
	size_t length = sizeof raw;

	text_put(text, "{");
	if (kid)
		text_format(text, "\"kid\":\"%s\",", kid);
	if (EVP_PKEY_is_a(key, "RSA")) {
		text_put(text, "\"kty\":\"RSA\",\"n\":\"");
		put_number(text, key, OSSL_PKEY_PARAM_RSA_N, 0);
		text_put(text, "\",\"e\":\"");
		put_number(text, key, OSSL_PKEY_PARAM_RSA_E, 0);
	} else if (EVP_PKEY_is_a(key, "EC")) {
		text_put(text, "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"");
		put_number(text, key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
		text_put(text, "\",\"y\":\"");
		put_number(text, key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
	} else {
		assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &length), 1);
		text_put(text, "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
		put_base64(text, raw, length);
	}
	text_format(text, "\"%s}", more);
}

static inline struct jwks *jwks_of(const char *json)
{
	struct jwks *jwks = NULL;
	assert_int_equal(jwks_parse(json, strlen(json), &jwks), OK);
	return jwks;
}

/* "rsa", "ec", "ed". */
static inline struct jwks *signers_jwks(void)
{
	static const char *const kids[] = { "rsa", "ec", "ed" };
	struct text text = { 0 };
	struct jwks *jwks;

	text_put(&text, "{\"keys\":[");
	for (int i = 0; i < SIGNERS; i++) {
		text_put(&text, i ? "," : "");
		put_jwk(&text, signers[i], kids[i], ",\"use\":\"sig\"");
	}
	text_put(&text, "]}");
	jwks = jwks_of(text.bytes);
	text_free(&text);
	return jwks;
}

static inline size_t raw_of(const uint8_t *der, size_t length, uint8_t raw_r[64])
{
	ECDSA_SIG *both = d2i_ECDSA_SIG(NULL, &der, (long)length);

	assert_non_null(both);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(both), raw_r, 32), 32);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(both), raw_r + 32, 32), 32);
	ECDSA_SIG_free(both);
	return 64;
}

static inline size_t sign(EVP_PKEY *key, bool pss, const char *text, size_t length, uint8_t signature_r[1024])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	uint8_t bytes[1024];
	size_t size = sizeof bytes;

	assert_int_equal(EVP_DigestSignInit(context, &how,
				 EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256(), NULL, key),
		1);
	if (pss) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST), 1);
	}
	assert_int_equal(EVP_DigestSign(context, bytes, &size, (const uint8_t *)text, length), 1);
	EVP_MD_CTX_free(context);
	if (EVP_PKEY_is_a(key, "EC"))
		return raw_of(bytes, size, signature_r);
	memcpy(signature_r, bytes, size);
	return size;
}

static inline void make_token(
	struct text *token, EVP_PKEY *key, bool pss, const char *head, const char *body)
{
	uint8_t signature[1024];
	size_t length;

	put_base64(token, head, strlen(head));
	text_put(token, ".");
	put_base64(token, body, strlen(body));
	length = sign(key, pss, token->bytes, token->length, signature);
	text_put(token, ".");
	put_base64(token, signature, length);
}

#endif
