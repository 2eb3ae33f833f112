#include "oidc/jwks.h"
#include "base/json.h"
#include "base/mem.h"
#include "oidc/idtoken.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PART_MAX = JWKS_RSA_MAX / 8, COORDINATE = 32 };

struct jwks_key {
	char kid[JWKS_KID_MAX + 1]; /* "": it has none */
	unsigned algs; /* bits of enum idtoken_alg that it may sign by */
	EVP_PKEY *key;
};

struct jwks {
	struct jwks_key keys[JWKS_KEYS_MAX];
	size_t count;
};

/* 0: missing, not Base64url, or longer than most. */
static size_t part(const json_t *jwk, const char *name, uint8_t *to, size_t most)
{
	const char *text = json_get_text(jwk, name);
	size_t length = 0;

	if (!text
		|| sodium_base642bin(to, most, text, strlen(text), NULL, &length, NULL,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING))
		return 0;
	return length;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!context || !params || EVP_PKEY_fromdata_init(context) != 1
		|| EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* On its curve, not at infinity. */
static bool sound(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool good = context && EVP_PKEY_public_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static EVP_PKEY *read_rsa(const json_t *jwk)
{
	uint8_t modulus[PART_MAX], exponent[8];
	size_t n = part(jwk, "n", modulus, sizeof modulus), e = part(jwk, "e", exponent, sizeof exponent);
	BIGNUM *big_n = n ? BN_bin2bn(modulus, (int)n, NULL) : NULL;
	BIGNUM *big_e = e ? BN_bin2bn(exponent, (int)e, NULL) : NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (big_n && big_e && build && BN_is_odd(big_n) && BN_is_odd(big_e) && !BN_is_one(big_e)
		&& BN_num_bits(big_n) >= JWKS_RSA_MIN && BN_num_bits(big_n) <= JWKS_RSA_MAX
		&& OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, big_n)
		&& OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, big_e))
		params = OSSL_PARAM_BLD_to_param(build);
	if (params)
		key = from_params("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(big_n);
	BN_free(big_e);
	return key;
}

static EVP_PKEY *read_ec(const json_t *jwk)
{
	const char *curve = json_get_text(jwk, "crv");
	char group[] = "prime256v1";
	uint8_t point[1 + 2 * COORDINATE] = { 0x04 };
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
		OSSL_PARAM_construct_end() };
	EVP_PKEY *key;

	if (!curve || strcmp(curve, "P-256") != 0
		|| part(jwk, "x", point + 1, COORDINATE) != COORDINATE
		|| part(jwk, "y", point + 1 + COORDINATE, COORDINATE) != COORDINATE)
		return NULL;
	key = from_params("EC", params);
	if (key && !sound(key)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

static EVP_PKEY *read_okp(const json_t *jwk)
{
	const char *curve = json_get_text(jwk, "crv");
	uint8_t point[COORDINATE];

	if (!curve || strcmp(curve, "Ed25519") != 0
		|| part(jwk, "x", point, sizeof point) != sizeof point)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point, sizeof point);
}

/* For signatures, as far as it says. */
static bool signs(const json_t *jwk)
{
	const char *use = json_get_text(jwk, "use");
	const json_t *operations = json_object_get(jwk, "key_ops");
	bool verifies = !operations;
	size_t i;
	json_t *each;

	json_array_foreach(operations, i, each)
		verifies = verifies
			|| (json_is_string(each) && !strcmp(json_string_value(each), "verify"));
	return verifies && (!use || !strcmp(use, "sig"));
}

static bool read_key(const json_t *jwk, struct jwks_key *key_r)
{
	static const struct {
		const char *type;
		EVP_PKEY *(*read)(const json_t *jwk);
		unsigned algs;
	} types[] = { { "RSA", read_rsa, 1u << IDTOKEN_RS256 | 1u << IDTOKEN_PS256 },
		{ "EC", read_ec, 1u << IDTOKEN_ES256 }, { "OKP", read_okp, 1u << IDTOKEN_EDDSA } };
	const char *type = json_get_text(jwk, "kty"), *alg = json_get_text(jwk, "alg");
	const char *kid = json_get_text(jwk, "kid");

	if (!type || !signs(jwk) || (kid && strlen(kid) > JWKS_KID_MAX))
		return false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(type, types[i].type) != 0)
			continue;
		key_r->algs = types[i].algs;
		for (int one = 0; alg && one < IDTOKEN_ALGS; one++)
			if (strcmp(alg, idtoken_alg_word((enum idtoken_alg)one)) != 0)
				key_r->algs &= ~(1u << one);
		key_r->key = key_r->algs ? types[i].read(jwk) : NULL;
		if (key_r->key && kid)
			memcpy(key_r->kid, kid, strlen(kid) + 1);
		return key_r->key;
	}
	return false;
}

enum err jwks_parse(const char *bytes, size_t length, struct jwks **jwks_r)
{
	json_t *set = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL), *each;
	const json_t *keys = json_object_get(set, "keys");
	struct jwks *jwks = mem_alloc(sizeof *jwks);
	size_t i;

	json_array_foreach(keys, i, each)
		if (jwks->count < JWKS_KEYS_MAX && read_key(each, &jwks->keys[jwks->count]))
			jwks->count++;
	json_decref(set);
	if (!jwks->count) {
		free(jwks);
		return ERR_INVALID;
	}
	*jwks_r = jwks;
	return OK;
}

void jwks_destroy(struct jwks **jwks)
{
	if (!*jwks)
		return;
	for (size_t i = 0; i < (*jwks)->count; i++)
		EVP_PKEY_free((*jwks)->keys[i].key);
	free(*jwks);
	*jwks = NULL;
}

size_t jwks_count(const struct jwks *jwks)
{
	return jwks->count;
}

const struct jwks_key *jwks_find(const struct jwks *jwks, const char *kid, enum idtoken_alg alg)
{
	const struct jwks_key *found = NULL;

	for (size_t i = 0; i < jwks->count; i++) {
		const struct jwks_key *key = &jwks->keys[i];
		if (!(key->algs & 1u << alg) || (kid && strcmp(key->kid, kid) != 0))
			continue;
		if (found)
			return NULL; /* which? */
		found = key;
	}
	return found;
}

/* OpenSSL takes DER; in a JWS stand R and S (RFC 7518, 3.4). Bytes by OPENSSL_malloc. */
static int der_of(const uint8_t *signature, uint8_t **der_r)
{
	BIGNUM *r = BN_bin2bn(signature, COORDINATE, NULL);
	BIGNUM *s = BN_bin2bn(signature + COORDINATE, COORDINATE, NULL);
	ECDSA_SIG *both = ECDSA_SIG_new();
	int length;

	if (!r || !s || !both || !ECDSA_SIG_set0(both, r, s))
		abort(); /* no memory */
	length = i2d_ECDSA_SIG(both, der_r);
	ECDSA_SIG_free(both);
	return length;
}

static bool start(EVP_MD_CTX *context, const struct jwks_key *key, enum idtoken_alg alg)
{
	EVP_PKEY_CTX *how = NULL;

	if (EVP_DigestVerifyInit(context, &how, alg == IDTOKEN_EDDSA ? NULL : EVP_sha256(), NULL,
		    key->key)
		!= 1)
		return false;
	return alg != IDTOKEN_PS256
		|| (EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1
			&& EVP_PKEY_CTX_set_rsa_mgf1_md(how, EVP_sha256()) == 1
			&& EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1);
}

enum err jwks_verify(const struct jwks_key *key, enum idtoken_alg alg, const char *text,
	size_t length, const uint8_t *signature, size_t signature_length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *der = NULL;
	bool good = context && start(context, key, alg);

	if (alg == IDTOKEN_ES256) {
		good = good && signature_length == 2 * COORDINATE;
		if (good) {
			int size = der_of(signature, &der);
			good = size > 0;
			signature = der;
			signature_length = good ? (size_t)size : 0;
		}
	}
	good = good
		&& EVP_DigestVerify(context, signature, signature_length, (const uint8_t *)text, length)
			== 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(context);
	return good ? OK : ERR_DENIED;
}
