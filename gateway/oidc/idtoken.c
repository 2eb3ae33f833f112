#include "oidc/idtoken.h"
#include "base/json.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { AUDIENCES_MAX = 32, KINDS_MAX = 32 };

struct parts { /* within the token, but for the signature */
	const char *head, *body;
	size_t head_length, body_length;
	uint8_t signature[JWKS_SIGNATURE_MAX];
	size_t signature_length;
};

const char *idtoken_alg_word(enum idtoken_alg alg)
{
	static const char *const words[IDTOKEN_ALGS] = { [IDTOKEN_RS256] = "RS256",
		[IDTOKEN_PS256] = "PS256",
		[IDTOKEN_ES256] = "ES256",
		[IDTOKEN_EDDSA] = "EdDSA" };
	return words[alg];
}

const char *idtoken_fault_word(enum idtoken_fault fault)
{
	static const char *const words[IDTOKEN_FAULTS] = { [IDTOKEN_GOOD] = "good",
		[IDTOKEN_FORM] = "form",
		[IDTOKEN_ALGORITHM] = "algorithm",
		[IDTOKEN_KEY] = "unknown-key",
		[IDTOKEN_SIGNATURE] = "signature",
		[IDTOKEN_ISSUER] = "issuer",
		[IDTOKEN_AUDIENCE] = "audience",
		[IDTOKEN_EXPIRED] = "expired",
		[IDTOKEN_TIME] = "time",
		[IDTOKEN_NONCE] = "nonce",
		[IDTOKEN_AGE] = "age" };
	return words[fault];
}

static json_t *read_part(const char *text, size_t length)
{
	char *bytes = mem_alloc(length + 1);
	size_t got = 0;
	json_t *object = NULL;

	if (!sodium_base642bin((uint8_t *)bytes, length + 1, text, length, NULL, &got, NULL,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING))
		object = json_loadb(bytes, got, JSON_REJECT_DUPLICATES, NULL);
	sodium_memzero(bytes, length + 1);
	free(bytes);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

static bool split(const char *token, size_t length, struct parts *parts_r)
{
	const char *first = memchr(token, '.', length), *end = token + length;
	const char *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;

	if (!second || length > IDTOKEN_MAX)
		return false;
	parts_r->head = token;
	parts_r->head_length = (size_t)(first - token);
	parts_r->body = first + 1;
	parts_r->body_length = (size_t)(second - first - 1);
	return !sodium_base642bin(parts_r->signature, sizeof parts_r->signature, second + 1,
		       (size_t)(end - second - 1), NULL, &parts_r->signature_length, NULL,
		       sodium_base64_VARIANT_URLSAFE_NO_PADDING)
		&& parts_r->signature_length;
}

static bool alg_of(const json_t *head, enum idtoken_alg *alg_r)
{
	const char *word = json_get_text(head, "alg");

	for (int alg = 0; word && alg < IDTOKEN_ALGS; alg++)
		if (!strcmp(word, idtoken_alg_word((enum idtoken_alg)alg))) {
			*alg_r = (enum idtoken_alg)alg;
			return true;
		}
	return false;
}

/* Extensions that must be understood are not (RFC 7515, 4.1.11); a token of another kind says so. */
static bool head_good(const json_t *head)
{
	const json_t *type = json_object_get(head, "typ"), *kid = json_object_get(head, "kid");

	return !json_object_get(head, "crit") && (!kid || json_is_string(kid))
		&& (!type
			|| (json_is_string(type) && !strcasecmp(json_string_value(type), "JWT")));
}

static enum idtoken_fault check_signature(
	const json_t *head, const struct parts *parts, const struct jwks *jwks)
{
	const struct jwks_key *key;
	enum idtoken_alg alg;

	if (!head || !head_good(head))
		return IDTOKEN_FORM;
	if (!alg_of(head, &alg))
		return IDTOKEN_ALGORITHM;
	key = jwks_find(jwks, json_get_text(head, "kid"), alg);
	if (!key)
		return IDTOKEN_KEY;
	return jwks_verify(key, alg, parts->head, parts->head_length + 1 + parts->body_length,
		       parts->signature, parts->signature_length)
		? IDTOKEN_SIGNATURE
		: IDTOKEN_GOOD;
}

/* A NumericDate; -1: missing or none. */
static int64_t time_of(const json_t *body, const char *key)
{
	const json_t *value = json_object_get(body, key);
	double seconds = json_is_number(value) ? json_number_value(value) : -1;

	return seconds >= 0 && seconds < 1e12 ? (int64_t)seconds : -1;
}

static bool is(const json_t *text, const char *wanted)
{
	return json_is_string(text) && json_string_length(text) == strlen(wanted)
		&& !strcmp(json_string_value(text), wanted);
}

/* Several audiences: only as the party that it was made for (azp). */
static bool for_us(const json_t *body, const char *client)
{
	const json_t *audience = json_object_get(body, "aud"), *party = json_object_get(body, "azp");
	bool named = is(audience, client);
	size_t count = json_is_array(audience) ? json_array_size(audience) : 1;

	if (count > AUDIENCES_MAX || (party && !is(party, client)))
		return false;
	for (size_t i = 0; json_is_array(audience) && i < count; i++) {
		const json_t *each = json_array_get(audience, i);
		if (!json_is_string(each))
			return false;
		named = named || is(each, client);
	}
	return named && (count == 1 || party);
}

static enum idtoken_fault check_times(const json_t *body, const struct idtoken_wish *wish)
{
	int64_t expires = time_of(body, "exp"), issued = time_of(body, "iat");
	int64_t from = time_of(body, "nbf"), signed_in = time_of(body, "auth_time");

	if (expires < 0 || issued < 0 || (from < 0 && json_object_get(body, "nbf")))
		return IDTOKEN_FORM;
	if (wish->now >= expires + IDTOKEN_LEEWAY)
		return IDTOKEN_EXPIRED;
	if (issued > wish->now + IDTOKEN_LEEWAY || from > wish->now + IDTOKEN_LEEWAY
		|| wish->now - issued > IDTOKEN_OLD)
		return IDTOKEN_TIME;
	if (wish->max_age
		&& (signed_in < 0 || signed_in > wish->now + IDTOKEN_LEEWAY
			|| wish->now - signed_in > wish->max_age + IDTOKEN_LEEWAY))
		return IDTOKEN_AGE;
	return IDTOKEN_GOOD;
}

static bool nonce_same(const json_t *nonce, const char *wanted)
{
	return json_is_string(nonce) && json_string_length(nonce) == strlen(wanted)
		&& !sodium_memcmp(json_string_value(nonce), wanted, strlen(wanted));
}

static bool subject_of(const json_t *body, char subject_r[IDTOKEN_SUBJECT_MAX + 1])
{
	const json_t *subject = json_object_get(body, "sub");
	size_t length = json_is_string(subject) ? json_string_length(subject) : 0;
	const char *text = json_string_value(subject);

	if (!length || length > IDTOKEN_SUBJECT_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	memcpy(subject_r, text, length + 1);
	return true;
}

static bool among(const json_t *text, char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is(text, words[i]))
			return true;
	return false;
}

static bool second_factor(const json_t *body, const struct idtoken_wish *wish)
{
	const json_t *kinds = json_object_get(body, "amr");

	for (size_t i = 0; i < json_array_size(kinds) && i < KINDS_MAX; i++)
		if (among(json_array_get(kinds, i), wish->amrs, wish->amrs_count))
			return true;
	return among(json_object_get(body, "acr"), wish->acrs, wish->acrs_count);
}

static enum idtoken_fault check_claims(
	const json_t *body, const struct idtoken_wish *wish, struct idtoken *idtoken)
{
	enum idtoken_fault fault;

	if (!body || !subject_of(body, idtoken->subject))
		return IDTOKEN_FORM;
	if (!is(json_object_get(body, "iss"), wish->issuer))
		return IDTOKEN_ISSUER;
	if (!for_us(body, wish->client))
		return IDTOKEN_AUDIENCE;
	fault = check_times(body, wish);
	if (fault)
		return fault;
	if (!nonce_same(json_object_get(body, "nonce"), wish->nonce))
		return IDTOKEN_NONCE;
	idtoken->second = second_factor(body, wish);
	return IDTOKEN_GOOD;
}

enum idtoken_fault idtoken_verify(const char *token, size_t length, const struct jwks *jwks,
	const struct idtoken_wish *wish, struct idtoken *idtoken_r)
{
	struct parts parts = { .head = NULL };
	enum idtoken_fault fault;
	json_t *head, *body;

	memset(idtoken_r, 0, sizeof *idtoken_r);
	if (!split(token, length, &parts))
		return IDTOKEN_FORM;
	head = read_part(parts.head, parts.head_length);
	fault = check_signature(head, &parts, jwks);
	json_decref(head);
	if (fault)
		return fault;
	body = read_part(parts.body, parts.body_length);
	fault = check_claims(body, wish, idtoken_r);
	json_decref(body);
	if (fault)
		memset(idtoken_r, 0, sizeof *idtoken_r);
	return fault;
}
