#include "console/webauthn.h"
#include "base/json.h"
#include "console/cbor.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RP_HASH = 32, FLAGS_AT = 32, PRESENT = 0x01, VERIFIED = 0x04, ATTESTED = 0x40,
	EXTENDED = 0x80, DATA_MIN = 37, MAKE = 16, ID_LENGTH = 2 };

static const int algorithms[] = { COSE_ES256, COSE_EDDSA, COSE_RS256 };

const char *webauthn_word(enum webauthn_fault fault)
{
	static const char *const words[] = { "good", "form", "type", "challenge", "origin", "rp",
		"unverified", "key", "signature", "count" };
	return words[fault];
}

static bool is_local(const char *host)
{
	size_t length = strlen(host);
	return !strcmp(host, "localhost")
		|| (length > 10 && !strcmp(host + length - 10, ".localhost"));
}

/* As a browser sees it: a host whose last part is a number is an address. */
static bool is_name(const char *host)
{
	const char *last = strrchr(host, '.');

	last = last ? last + 1 : host;
	return *host != '[' && *last && strspn(last, "0123456789") != strlen(last);
}

bool webauthn_site(const struct config *config, struct webauthn_site *site_r)
{
	const char *url = config->server.public_url, *host;
	bool safe;

	*site_r = (struct webauthn_site) { .any_port = !url && !config->server.port };
	if (url && strlen(url) > WEBAUTHN_ORIGIN_MAX)
		return false;
	if (url)
		strcpy(site_r->origin, url);
	else
		snprintf(site_r->origin, sizeof site_r->origin, "http%s://localhost",
			config->server.certificate ? "s" : "");
	if (!url && config->server.port)
		snprintf(site_r->origin + strlen(site_r->origin), 7, ":%u",
			(unsigned)config->server.port);
	host = strstr(site_r->origin, "://");
	if (!host)
		return false;
	host += 3;
	snprintf(site_r->rp, sizeof site_r->rp, "%.*s",
		*host == '[' ? 1 : (int)strcspn(host, ":/"), host);
	safe = !strncmp(site_r->origin, "https://", 8) || is_local(site_r->rp);
	return safe && is_name(site_r->rp);
}

static bool origin_good(const struct webauthn_site *site, const char *origin)
{
	size_t length = strlen(site->origin);
	const char *port;

	if (!site->any_port)
		return !strcmp(origin, site->origin);
	if (strncmp(origin, site->origin, length) != 0)
		return false;
	port = origin + length;
	return !*port || (*port == ':' && port[1] && strspn(port + 1, "0123456789") == strlen(port + 1));
}

static bool challenge_good(const char *text, const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE])
{
	uint8_t bytes[WEBAUTHN_CHALLENGE_SIZE];
	size_t length = 0;

	return !sodium_base642bin(bytes, sizeof bytes, text, strlen(text), NULL, &length, NULL,
		       sodium_base64_VARIANT_URLSAFE_NO_PADDING)
		&& length == sizeof bytes && !sodium_memcmp(bytes, challenge, sizeof bytes);
}

/* Clause 5.8.1. What else stands in it is not for us. */
static enum webauthn_fault check_client(const struct webauthn_site *site, const char *type,
	const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE], const struct webauthn_answer *answer)
{
	json_t *client = json_loadb((const char *)answer->client, answer->client_length,
		JSON_REJECT_DUPLICATES, NULL);
	const char *is = json_get_text(client, "type"), *for_ = json_get_text(client, "challenge");
	const char *origin = json_get_text(client, "origin");
	const json_t *cross = json_object_get(client, "crossOrigin");
	enum webauthn_fault fault = WEBAUTHN_GOOD;

	if (!is || !for_ || !origin)
		fault = WEBAUTHN_FORM;
	else if (strcmp(is, type) != 0)
		fault = WEBAUTHN_TYPE;
	else if (!challenge_good(for_, challenge))
		fault = WEBAUTHN_CHALLENGE;
	else if (!origin_good(site, origin) || (cross && !json_is_false(cross))
		|| json_object_get(client, "topOrigin"))
		fault = WEBAUTHN_ORIGIN;
	json_decref(client);
	return fault;
}

/* Clause 6.1: behind the head a credential, where one was made, and extensions, where the flag says so. */
static bool form_good(const struct webauthn_answer *answer, bool made)
{
	const uint8_t *rest = answer->data + DATA_MIN;
	size_t length = answer->data_length - DATA_MIN, id;
	uint8_t flags = answer->data[FLAGS_AT];

	if (((flags & ATTESTED) != 0) != made)
		return false;
	if (made) {
		if (length < MAKE + ID_LENGTH)
			return false;
		id = (size_t)rest[MAKE] << 8 | rest[MAKE + 1];
		if (length - MAKE - ID_LENGTH < id)
			return false;
		rest += MAKE + ID_LENGTH + id;
		length -= MAKE + ID_LENGTH + id;
	}
	return cbor_are(rest, length, made + (flags & EXTENDED ? 1U : 0U));
}

static enum webauthn_fault check_data(
	const struct webauthn_site *site, const struct webauthn_answer *answer, bool made)
{
	uint8_t hash[crypto_hash_sha256_BYTES], flags;

	if (answer->data_length < DATA_MIN || !form_good(answer, made))
		return WEBAUTHN_FORM;
	crypto_hash_sha256(hash, (const uint8_t *)site->rp, strlen(site->rp));
	if (sodium_memcmp(hash, answer->data, RP_HASH) != 0)
		return WEBAUTHN_RP;
	flags = answer->data[FLAGS_AT];
	return (flags & PRESENT) && (flags & VERIFIED) ? WEBAUTHN_GOOD : WEBAUTHN_UNVERIFIED;
}

static void key_free(int algorithm, void *key)
{
	es256_pk_t *es256 = algorithm == COSE_ES256 ? key : NULL;
	eddsa_pk_t *eddsa = algorithm == COSE_EDDSA ? key : NULL;
	rs256_pk_t *rs256 = algorithm == COSE_RS256 ? key : NULL;

	es256_pk_free(&es256);
	eddsa_pk_free(&eddsa);
	rs256_pk_free(&rs256);
}

/* In the library's own form; NULL: no such key. */
static void *key_of(int algorithm, const uint8_t *bytes, size_t length)
{
	void *key = NULL;
	EVP_PKEY *whole = NULL;

	if (algorithm == COSE_ES256 && (key = es256_pk_new())
		&& !es256_pk_from_ptr(key, bytes, length))
		whole = es256_pk_to_EVP_PKEY(key);
	else if (algorithm == COSE_EDDSA && (key = eddsa_pk_new())
		&& !eddsa_pk_from_ptr(key, bytes, length))
		whole = eddsa_pk_to_EVP_PKEY(key);
	else if (algorithm == COSE_RS256 && (key = rs256_pk_new())
		&& !rs256_pk_from_ptr(key, bytes, length))
		whole = rs256_pk_to_EVP_PKEY(key);
	if (!whole) {
		key_free(algorithm, key);
		return NULL;
	}
	EVP_PKEY_free(whole);
	return key;
}

static bool read_credential(const struct webauthn_answer *answer, int algorithm, struct passkey *passkey)
{
	fido_cred_t *cred = fido_cred_new();
	size_t id, public;
	void *key = NULL;

	if (!cred)
		abort(); /* no memory */
	if (!fido_cred_set_type(cred, algorithm)
		&& !fido_cred_set_authdata_raw(cred, answer->data, answer->data_length)) {
		id = fido_cred_id_len(cred);
		public = fido_cred_pubkey_len(cred);
		if (id && id <= PASSKEY_ID_MAX && public && public <= PASSKEY_PUBLIC_MAX)
			key = key_of(algorithm, fido_cred_pubkey_ptr(cred), public);
	}
	if (key) {
		memcpy(passkey->credential, fido_cred_id_ptr(cred), id);
		passkey->credential_length = (uint32_t)id;
		memcpy(passkey->public, fido_cred_pubkey_ptr(cred), public);
		passkey->public_length = (uint32_t)public;
		passkey->algorithm = algorithm;
		passkey->count = fido_cred_sigcount(cred);
	}
	fido_cred_free(&cred);
	key_free(algorithm, key);
	return key != NULL;
}

enum webauthn_fault webauthn_register(const struct webauthn_site *site,
	const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE], const struct webauthn_answer *answer,
	struct passkey *passkey)
{
	enum webauthn_fault fault = check_client(site, "webauthn.create", challenge, answer);

	if (!fault)
		fault = check_data(site, answer, true);
	if (fault)
		return fault;
	fido_init(0);
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (read_credential(answer, algorithms[i], passkey))
			return WEBAUTHN_GOOD;
	return WEBAUTHN_KEY;
}

/* The library wants to be told which extensions stand in what was signed: none, or PRF's. */
static int verify(fido_assert_t *said, const struct webauthn_answer *answer, int algorithm, const void *key)
{
	int code = FIDO_ERR_INVALID_PARAM;

	if (answer->data[FLAGS_AT] & EXTENDED && !fido_assert_set_extensions(said, FIDO_EXT_HMAC_SECRET))
		code = fido_assert_verify(said, 0, algorithm, key);
	if (code == FIDO_ERR_INVALID_PARAM && !fido_assert_set_extensions(said, 0))
		code = fido_assert_verify(said, 0, algorithm, key);
	return code;
}

static bool signature_good(const struct webauthn_site *site, const struct webauthn_answer *answer,
	const struct passkey *passkey, uint32_t *count_r)
{
	void *key = key_of(passkey->algorithm, passkey->public, passkey->public_length);
	fido_assert_t *said = fido_assert_new();
	bool good;

	if (!said)
		abort(); /* no memory */
	good = key && !fido_assert_set_rp(said, site->rp)
		&& !fido_assert_set_clientdata(said, answer->client, answer->client_length)
		&& !fido_assert_set_count(said, 1)
		&& !fido_assert_set_up(said, FIDO_OPT_TRUE)
		&& !fido_assert_set_uv(said, FIDO_OPT_TRUE)
		&& !fido_assert_set_authdata_raw(said, 0, answer->data, answer->data_length)
		&& !fido_assert_set_sig(said, 0, answer->signature, answer->signature_length)
		&& !verify(said, answer, passkey->algorithm, key);
	*count_r = good ? fido_assert_sigcount(said, 0) : 0;
	fido_assert_free(&said);
	key_free(passkey->algorithm, key);
	return good;
}

enum webauthn_fault webauthn_assert(const struct webauthn_site *site,
	const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE], const struct webauthn_answer *answer,
	const struct passkey *passkey, uint32_t *count_r)
{
	enum webauthn_fault fault = check_client(site, "webauthn.get", challenge, answer);

	*count_r = 0;
	if (!fault)
		fault = check_data(site, answer, false);
	if (fault)
		return fault;
	fido_init(0);
	if (!signature_good(site, answer, passkey, count_r))
		return WEBAUTHN_SIGNATURE;
	return (*count_r || passkey->count) && *count_r <= passkey->count ? WEBAUTHN_COUNT
									  : WEBAUTHN_GOOD;
}
