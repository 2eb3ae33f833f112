/* A provider's keys: those of use are kept, the others passed over; rotation. */
#include "tests/unit/oidc/signer.h"

#include <stdlib.h>

static void each_kind_is_read_and_found(void **state)
{
	struct jwks *jwks = signers_jwks();
	(void)state;
	assert_int_equal(jwks_count(jwks), 3);
	assert_non_null(jwks_find(jwks, "rsa", IDTOKEN_RS256));
	assert_ptr_equal(jwks_find(jwks, "rsa", IDTOKEN_RS256), jwks_find(jwks, "rsa", IDTOKEN_PS256));
	assert_null(jwks_find(jwks, "rsa", IDTOKEN_ES256));
	assert_ptr_equal(jwks_find(jwks, "ec", IDTOKEN_ES256), jwks_find(jwks, NULL, IDTOKEN_ES256));
	assert_non_null(jwks_find(jwks, "ed", IDTOKEN_EDDSA));
	assert_null(jwks_find(jwks, "e", IDTOKEN_ES256));
	jwks_destroy(&jwks);
	jwks_destroy(&jwks);
}

static void refused(const char *json)
{
	struct jwks *jwks = NULL;
	if (jwks_parse(json, strlen(json), &jwks) != ERR_INVALID)
		fail_msg("taken: %s", json);
}

static void one(EVP_PKEY *key, const char *more, bool kept)
{
	struct text text = { 0 };

	text_put(&text, "{\"keys\":[");
	put_jwk(&text, key, "k", more);
	text_put(&text, "]}");
	if (kept) {
		struct jwks *jwks = jwks_of(text.bytes);
		assert_int_equal(jwks_count(jwks), 1);
		jwks_destroy(&jwks);
	} else {
		refused(text.bytes);
	}
	text_free(&text);
}

static void what_is_not_for_signatures_is_passed_over(void **state)
{
	EVP_PKEY *rsa = signers[SIGNER_RSA], *ec = signers[SIGNER_EC];
	(void)state;
	one(rsa, "", true);
	one(rsa, ",\"use\":\"sig\",\"alg\":\"RS256\"", true);
	one(rsa, ",\"key_ops\":[\"verify\"]", true);
	one(rsa, ",\"use\":\"enc\"", false);
	one(rsa, ",\"key_ops\":[\"encrypt\"]", false);
	one(rsa, ",\"key_ops\":[]", false);
	one(rsa, ",\"alg\":\"RS512\"", false);
	one(rsa, ",\"alg\":\"RSA-OAEP\"", false);
	one(ec, ",\"alg\":\"ES256\"", true);
	one(ec, ",\"alg\":\"RS256\"", false);
}

static void a_named_algorithm_is_the_only_one(void **state)
{
	struct text text = { 0 };
	struct jwks *jwks;
	(void)state;
	text_put(&text, "{\"keys\":[");
	put_jwk(&text, signers[SIGNER_RSA], "k", ",\"alg\":\"PS256\"");
	text_put(&text, "]}");
	jwks = jwks_of(text.bytes);
	assert_null(jwks_find(jwks, "k", IDTOKEN_RS256));
	assert_non_null(jwks_find(jwks, "k", IDTOKEN_PS256));
	jwks_destroy(&jwks);
	text_free(&text);
}

static void weak_and_broken_keys_are_passed_over(void **state)
{
	EVP_PKEY *weak = EVP_RSA_gen(JWKS_RSA_MIN - 1);
	(void)state;
	one(weak, "", false);
	EVP_PKEY_free(weak);
	refused("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\"}]}");
	refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}");
	refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\"," /* not on the curve */
		"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
		"\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}]}");
	refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\",\"y\":\"AA\"}]}");
	refused("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\","
		"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}]}");
	refused("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}]}");
	refused("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!!\",\"e\":\"AQAB\"}]}");
	refused("{\"keys\":[{\"kty\":7}]}");
	refused("{\"keys\":[7,null,[]]}");
	refused("{\"keys\":[]}");
	refused("{\"keys\":{}}");
	refused("{}");
	refused("[]");
	refused("");
}

static void a_small_exponent_is_refused(void **state)
{
	static const char *const bad[] = { "AQ", "Ag", "BA" }; /* 1, 2, 4 */
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct text text = { 0 };
		text_put(&text, "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"");
		put_number(&text, signers[SIGNER_RSA], OSSL_PKEY_PARAM_RSA_N, 0);
		text_format(&text, "\",\"e\":\"%s\"}]}", bad[i]);
		refused(text.bytes);
		text_free(&text);
	}
}

/* The old one stays for a while beside the new one; two of one name are none. */
static void keys_are_rotated(void **state)
{
	EVP_PKEY *next = EVP_EC_gen("P-256");
	struct text text = { 0 }, twice = { 0 };
	uint8_t signature[1024];
	struct jwks *jwks;
	size_t length = sign(next, false, "text", 4, signature);
	(void)state;

	text_put(&text, "{\"keys\":[");
	put_jwk(&text, signers[SIGNER_EC], "old", "");
	text_put(&text, ",");
	put_jwk(&text, next, "new", "");
	text_put(&text, "]}");
	jwks = jwks_of(text.bytes);
	assert_int_equal(jwks_verify(jwks_find(jwks, "new", IDTOKEN_ES256), IDTOKEN_ES256, "text", 4,
				 signature, length),
		OK);
	assert_int_equal(jwks_verify(jwks_find(jwks, "old", IDTOKEN_ES256), IDTOKEN_ES256, "text", 4,
				 signature, length),
		ERR_DENIED);
	assert_int_equal(jwks_verify(jwks_find(jwks, "new", IDTOKEN_ES256), IDTOKEN_ES256, "text", 4,
				 signature, length - 1),
		ERR_DENIED);
	assert_null(jwks_find(jwks, NULL, IDTOKEN_ES256)); /* which? */
	jwks_destroy(&jwks);

	text_put(&twice, "{\"keys\":[");
	put_jwk(&twice, signers[SIGNER_EC], "k", "");
	text_put(&twice, ",");
	put_jwk(&twice, next, "k", "");
	text_put(&twice, "]}");
	jwks = jwks_of(twice.bytes);
	assert_null(jwks_find(jwks, "k", IDTOKEN_ES256));
	jwks_destroy(&jwks);
	text_free(&text);
	text_free(&twice);
	EVP_PKEY_free(next);
}

static void the_most_keys_and_one_more(void **state)
{
	struct text text = { 0 };
	struct jwks *jwks;
	char kid[16];
	(void)state;
	text_put(&text, "{\"keys\":[");
	for (int i = 0; i <= JWKS_KEYS_MAX; i++) {
		snprintf(kid, sizeof kid, "%d", i);
		text_put(&text, i ? "," : "");
		put_jwk(&text, signers[SIGNER_EC], kid, "");
	}
	text_put(&text, "]}");
	jwks = jwks_of(text.bytes);
	assert_int_equal(jwks_count(jwks), JWKS_KEYS_MAX);
	assert_non_null(jwks_find(jwks, "63", IDTOKEN_ES256));
	assert_null(jwks_find(jwks, "64", IDTOKEN_ES256));
	jwks_destroy(&jwks);
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_read_and_found),
		cmocka_unit_test(what_is_not_for_signatures_is_passed_over),
		cmocka_unit_test(a_named_algorithm_is_the_only_one),
		cmocka_unit_test(weak_and_broken_keys_are_passed_over),
		cmocka_unit_test(a_small_exponent_is_refused),
		cmocka_unit_test(keys_are_rotated),
		cmocka_unit_test(the_most_keys_and_one_more),
	};
	int failed;

	signers_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	signers_free();
	return failed;
}
