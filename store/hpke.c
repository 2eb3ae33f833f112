#include "store/hpke.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HASH = 32, NONCE = 12, KEM = 0x0020, KDF = 0x0001, LABELED_MAX = 256 };

struct context { /* of one message: sequence number 0, so the base nonce is the nonce */
	uint8_t key[32], nonce[NONCE];
};

struct labeled { /* "HPKE-v1" and what follows it, RFC 9180, 4 */
	uint8_t bytes[LABELED_MAX];
	size_t length;
};

static void add(struct labeled *to, const void *bytes, size_t length)
{
	if (length > sizeof to->bytes - to->length)
		abort(); /* only our own constants and hashes come here */
	if (length)
		memcpy(to->bytes + to->length, bytes, length);
	to->length += length;
}

static void add_number(struct labeled *to, unsigned number)
{
	uint8_t bytes[2] = { (uint8_t)(number >> 8), (uint8_t)number };
	add(to, bytes, sizeof bytes);
}

static void add_suite(struct labeled *to, enum hpke_aead aead) /* 0: the KEM's own */
{
	add(to, aead ? "HPKE" : "KEM", aead ? 4 : 3);
	add_number(to, KEM);
	if (!aead)
		return;
	add_number(to, KDF);
	add_number(to, aead);
}

static void hkdf(int mode, const uint8_t *salt, size_t salt_length, const uint8_t *key,
	size_t key_length, const uint8_t *info, size_t info_length, uint8_t *out, size_t length)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	char hash[] = "SHA256";
	OSSL_PARAM params[6], *at = params;

	*at++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
	*at++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0);
	*at++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_length);
	if (salt_length)
		*at++ = OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_SALT, (void *)salt, salt_length);
	if (info_length)
		*at++ = OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_INFO, (void *)info, info_length);
	*at = OSSL_PARAM_construct_end();
	if (!context || EVP_KDF_derive(context, out, length, params) != 1)
		abort(); /* no memory, or an OpenSSL without HKDF */
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
}

static void extract(enum hpke_aead suite, const uint8_t *salt, size_t salt_length,
	const char *label, const uint8_t *input, size_t length, uint8_t out[HASH])
{
	struct labeled labeled = { .length = 0 };

	add(&labeled, "HPKE-v1", 7);
	add_suite(&labeled, suite);
	add(&labeled, label, strlen(label));
	add(&labeled, input, length);
	hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, salt, salt_length, labeled.bytes, labeled.length, NULL,
		0, out, HASH);
	sodium_memzero(&labeled, sizeof labeled);
}

static void expand(enum hpke_aead suite, const uint8_t secret[HASH], const char *label,
	const uint8_t *info, size_t info_length, uint8_t *out, size_t length)
{
	struct labeled labeled = { .length = 0 };

	add_number(&labeled, (unsigned)length);
	add(&labeled, "HPKE-v1", 7);
	add_suite(&labeled, suite);
	add(&labeled, label, strlen(label));
	add(&labeled, info, info_length);
	hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, NULL, 0, secret, HASH, labeled.bytes, labeled.length,
		out, length);
}

/* The shared secret of the KEM (RFC 9180, 4.1). All zero, from a key of small order, is refused. */
static enum err shared_secret(const uint8_t private[HPKE_KEY_SIZE],
	const uint8_t peer[HPKE_KEY_SIZE], const uint8_t enc[HPKE_KEY_SIZE],
	const uint8_t recipient[HPKE_KEY_SIZE], uint8_t secret_r[HASH])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private, HPKE_KEY_SIZE);
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, HPKE_KEY_SIZE);
	EVP_PKEY_CTX *derive = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	uint8_t dh[32], eae[HASH], kem_context[2 * HPKE_KEY_SIZE];
	size_t length = sizeof dh;
	bool good = derive && other && EVP_PKEY_derive_init(derive) == 1
		&& EVP_PKEY_derive_set_peer(derive, other) == 1
		&& EVP_PKEY_derive(derive, dh, &length) == 1 && !sodium_is_zero(dh, sizeof dh);

	if (good) {
		memcpy(kem_context, enc, HPKE_KEY_SIZE);
		memcpy(kem_context + HPKE_KEY_SIZE, recipient, HPKE_KEY_SIZE);
		extract(0, NULL, 0, "eae_prk", dh, sizeof dh, eae);
		expand(0, eae, "shared_secret", kem_context, sizeof kem_context, secret_r, HASH);
	}
	sodium_memzero(dh, sizeof dh);
	sodium_memzero(eae, sizeof eae);
	EVP_PKEY_CTX_free(derive);
	EVP_PKEY_free(own);
	EVP_PKEY_free(other);
	return good ? OK : ERR_INVALID;
}

static size_t key_size(enum hpke_aead aead)
{
	return aead == HPKE_AES_128_GCM ? 16 : 32;
}

/* RFC 9180, 5.1, mode_base: no PSK. */
static void schedule(enum hpke_aead aead, const uint8_t shared[HASH], const char *info,
	struct context *context_r)
{
	uint8_t around[1 + 2 * HASH] = { 0 }, secret[HASH];

	extract(aead, NULL, 0, "psk_id_hash", NULL, 0, around + 1);
	extract(aead, NULL, 0, "info_hash", (const uint8_t *)info, strlen(info), around + 1 + HASH);
	extract(aead, shared, HASH, "secret", NULL, 0, secret);
	expand(aead, secret, "key", around, sizeof around, context_r->key, key_size(aead));
	expand(aead, secret, "base_nonce", around, sizeof around, context_r->nonce, NONCE);
	sodium_memzero(secret, sizeof secret);
}

static EVP_CIPHER_CTX *cipher(enum hpke_aead aead, const struct context *context,
	const struct hpke_use *use, int sealing)
{
	const EVP_CIPHER *kind = aead == HPKE_AES_128_GCM ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
	EVP_CIPHER_CTX *work = EVP_CIPHER_CTX_new();
	int some;

	if (!work
		|| EVP_CipherInit_ex(work, kind, NULL, context->key, context->nonce, sealing) != 1
		|| (use->aad_length
			&& EVP_CipherUpdate(
				   work, NULL, &some, use->aad, (int)use->aad_length)
				!= 1))
		abort();
	return work;
}

enum err hpke_public(const uint8_t private[HPKE_KEY_SIZE], uint8_t public_r[HPKE_KEY_SIZE])
{
	return crypto_scalarmult_base(public_r, private) ? ERR_INVALID : OK;
}

void hpke_pair(uint8_t private_r[HPKE_KEY_SIZE], uint8_t public_r[HPKE_KEY_SIZE])
{
	do
		randombytes_buf(private_r, HPKE_KEY_SIZE);
	while (hpke_public(private_r, public_r));
}

enum err hpke_seal_with(enum hpke_aead aead, const uint8_t ephemeral[HPKE_KEY_SIZE],
	const uint8_t public[HPKE_KEY_SIZE], const struct hpke_use *use, const uint8_t *plain,
	size_t length, uint8_t *sealed_r)
{
	uint8_t shared[HASH];
	struct context context;
	EVP_CIPHER_CTX *work;
	int some = 0, rest = 0;
	enum err err = hpke_public(ephemeral, sealed_r);

	if (!err)
		err = shared_secret(ephemeral, public, sealed_r, public, shared);
	if (err)
		return err;
	schedule(aead, shared, use->info, &context);
	work = cipher(aead, &context, use, 1);
	if (EVP_CipherUpdate(work, sealed_r + HPKE_KEY_SIZE, &some, plain, (int)length) != 1
		|| EVP_CipherFinal_ex(work, sealed_r + HPKE_KEY_SIZE + some, &rest) != 1
		|| EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_GCM_GET_TAG, HPKE_TAG_SIZE,
			   sealed_r + HPKE_KEY_SIZE + length)
			!= 1)
		abort();
	EVP_CIPHER_CTX_free(work);
	sodium_memzero(shared, sizeof shared);
	sodium_memzero(&context, sizeof context);
	return OK;
}

enum err hpke_open_with(enum hpke_aead aead, const uint8_t private[HPKE_KEY_SIZE],
	const struct hpke_use *use, const uint8_t *sealed, size_t length, uint8_t *plain_r)
{
	uint8_t shared[HASH], own[HPKE_KEY_SIZE];
	struct context context;
	EVP_CIPHER_CTX *work;
	int some = 0, rest = 0;
	bool good;

	if (length < HPKE_OVERHEAD)
		return ERR_CORRUPT;
	length -= HPKE_OVERHEAD;
	if (hpke_public(private, own) || shared_secret(private, sealed, sealed, own, shared))
		return ERR_CORRUPT;
	schedule(aead, shared, use->info, &context);
	work = cipher(aead, &context, use, 0);
	good = EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_GCM_SET_TAG, HPKE_TAG_SIZE,
		       (void *)(sealed + HPKE_KEY_SIZE + length))
			== 1
		&& EVP_CipherUpdate(work, plain_r, &some, sealed + HPKE_KEY_SIZE, (int)length) == 1
		&& EVP_CipherFinal_ex(work, plain_r + some, &rest) == 1;
	EVP_CIPHER_CTX_free(work);
	sodium_memzero(shared, sizeof shared);
	sodium_memzero(&context, sizeof context);
	if (!good)
		sodium_memzero(plain_r, length);
	return good ? OK : ERR_CORRUPT;
}

enum err hpke_seal(const uint8_t public[HPKE_KEY_SIZE], const struct hpke_use *use,
	const uint8_t *plain, size_t length, uint8_t *sealed_r)
{
	uint8_t private[HPKE_KEY_SIZE], unused[HPKE_KEY_SIZE];
	enum err err;

	hpke_pair(private, unused);
	err = hpke_seal_with(HPKE_AES_256_GCM, private, public, use, plain, length, sealed_r);
	sodium_memzero(private, sizeof private);
	return err;
}

enum err hpke_open(const uint8_t private[HPKE_KEY_SIZE], const struct hpke_use *use,
	const uint8_t *sealed, size_t length, uint8_t *plain_r)
{
	return hpke_open_with(HPKE_AES_256_GCM, private, use, sealed, length, plain_r);
}
