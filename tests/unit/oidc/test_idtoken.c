/* ID tokens: every algorithm that is taken and those that are not, every claim right and wrong. */
#include "tests/unit/oidc/signer.h"

enum { NOW = 1700000000 };

#define ISSUER "https://login.example.org/realms/house"
#define NONCE "n-0123456789abcdef0123456789abcdef0123456789"

static struct jwks *jwks;
static struct idtoken who;
static struct idtoken_wish wish;

static int set_up(void **state)
{
	(void)state;
	wish = (struct idtoken_wish) {
		.issuer = ISSUER, .client = "onthaal", .nonce = NONCE, .now = NOW
	};
	return 0;
}

static enum idtoken_fault verify(const struct text *token)
{
	return idtoken_verify(token->bytes, token->length, jwks, &wish, &who);
}

static enum idtoken_fault signed_by(int signer, bool pss, const char *head, const char *body)
{
	struct text token = { 0 };
	enum idtoken_fault fault;

	make_token(&token, signers[signer], pss, head, body);
	fault = verify(&token);
	text_free(&token);
	return fault;
}

#define GOOD                                                                                       \
	"\"iss\":\"" ISSUER "\",\"aud\":\"onthaal\",\"exp\":1700000300,\"iat\":1700000000,"        \
	"\"nonce\":\"" NONCE "\",\"sub\":\"a-1\""
#define EC "{\"alg\":\"ES256\",\"kid\":\"ec\"}"

static enum idtoken_fault claims(const char *body)
{
	return signed_by(SIGNER_EC, false, EC, body);
}

static void each_algorithm_that_is_taken(void **state)
{
	static const struct {
		const char *head;
		int signer;
		bool pss;
	} good[] = { { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}", SIGNER_RSA, false },
		{ "{\"alg\":\"PS256\",\"kid\":\"rsa\"}", SIGNER_RSA, true },
		{ EC, SIGNER_EC, false }, { "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", SIGNER_ED, false },
		{ "{\"alg\":\"ES256\"}", SIGNER_EC, false } /* the only one that may */ };
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(signed_by(good[i].signer, good[i].pss, good[i].head, "{" GOOD "}"),
			IDTOKEN_GOOD);
		assert_string_equal(who.subject, "a-1");
		assert_false(who.second);
	}
}

static void no_other_algorithm_is_taken(void **state)
{
	static const char *const algs[] = { "none", "None", "", "HS256", "HS512", "RS384", "RS512",
		"PS384", "ES384", "ES256K", "RS1", "rs256", "ECDH-ES", "Ed25519" };
	char head[100];
	(void)state;
	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
		snprintf(head, sizeof head, "{\"alg\":\"%s\",\"kid\":\"rsa\"}", algs[i]);
		assert_int_equal(
			signed_by(SIGNER_RSA, false, head, "{" GOOD "}"), IDTOKEN_ALGORITHM);
	}
	assert_int_equal(signed_by(SIGNER_RSA, false, "{\"kid\":\"rsa\"}", "{" GOOD "}"),
		IDTOKEN_ALGORITHM);
	assert_int_equal(signed_by(SIGNER_RSA, false, "{\"alg\":1}", "{" GOOD "}"),
		IDTOKEN_ALGORITHM);
}

/* alg:none without a signature, and HS256 with the public key as its secret: the known tricks. */
static void the_known_tricks_do_not_work(void **state)
{
	struct text token = { 0 }, jwk = { 0 };
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state hmac;
	(void)state;

	put_base64(&token, "{\"alg\":\"none\"}", 14);
	text_put(&token, ".");
	put_base64(&token, "{" GOOD "}", strlen("{" GOOD "}"));
	text_put(&token, ".");
	assert_int_equal(verify(&token), IDTOKEN_FORM); /* nothing behind the second dot */
	text_put(&token, "AA");
	assert_int_equal(verify(&token), IDTOKEN_ALGORITHM);
	text_free(&token);

	put_jwk(&jwk, signers[SIGNER_RSA], "rsa", "");
	put_base64(&token, "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", 27);
	text_put(&token, ".");
	put_base64(&token, "{" GOOD "}", strlen("{" GOOD "}"));
	crypto_auth_hmacsha256_init(&hmac, (uint8_t *)jwk.bytes, jwk.length);
	crypto_auth_hmacsha256_update(&hmac, (uint8_t *)token.bytes, token.length);
	crypto_auth_hmacsha256_final(&hmac, mac);
	text_put(&token, ".");
	put_base64(&token, mac, sizeof mac);
	assert_int_equal(verify(&token), IDTOKEN_ALGORITHM);
	text_free(&token);
	text_free(&jwk);
}

static void a_key_signs_by_its_own_kind_alone(void **state)
{
	(void)state;
	assert_int_equal(signed_by(SIGNER_RSA, false, "{\"alg\":\"ES256\",\"kid\":\"rsa\"}", "{" GOOD "}"),
		IDTOKEN_KEY);
	assert_int_equal(signed_by(SIGNER_RSA, true, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", "{" GOOD "}"),
		IDTOKEN_SIGNATURE);
	assert_int_equal(signed_by(SIGNER_RSA, false, "{\"alg\":\"PS256\",\"kid\":\"rsa\"}", "{" GOOD "}"),
		IDTOKEN_SIGNATURE);
	assert_int_equal(signed_by(SIGNER_ED, false, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", "{" GOOD "}"),
		IDTOKEN_SIGNATURE);
	assert_int_equal(signed_by(SIGNER_EC, false, "{\"alg\":\"ES256\",\"kid\":\"other\"}", "{" GOOD "}"),
		IDTOKEN_KEY);
	assert_int_equal(signed_by(SIGNER_EC, false, "{\"alg\":\"ES256\",\"kid\":\"\"}", "{" GOOD "}"),
		IDTOKEN_KEY);
}

/* A key that the token brings, or names, is never asked. */
static void what_the_head_says_of_keys_is_not_followed(void **state)
{
	struct text head = { 0 };
	EVP_PKEY *own = EVP_EC_gen("P-256"), *theirs = signers[SIGNER_EC];
	(void)state;

	text_put(&head, "{\"alg\":\"ES256\",\"kid\":\"ec\",\"jku\":\"https://evil.example/k\",\"jwk\":");
	put_jwk(&head, own, "ec", "");
	text_put(&head, "}");
	signers[SIGNER_EC] = own;
	assert_int_equal(claims("{" GOOD "}"), IDTOKEN_SIGNATURE);
	assert_int_equal(signed_by(SIGNER_EC, false, head.bytes, "{" GOOD "}"), IDTOKEN_SIGNATURE);
	signers[SIGNER_EC] = theirs;
	text_free(&head);
	EVP_PKEY_free(own);
}

static void any_other_byte_breaks_it(void **state)
{
	struct text token = { 0 };
	(void)state;

	make_token(&token, signers[SIGNER_EC], false, EC, "{" GOOD "}");
	for (size_t i = 0; i < token.length; i++) {
		char was = token.bytes[i];
		token.bytes[i] = was == 'B' ? 'C' : 'B';
		assert_int_not_equal(verify(&token), IDTOKEN_GOOD);
		assert_string_equal(who.subject, "");
		token.bytes[i] = was;
	}
	for (size_t length = 0; length < token.length; length++)
		assert_int_not_equal(
			idtoken_verify(token.bytes, length, jwks, &wish, &who), IDTOKEN_GOOD);
	assert_int_equal(verify(&token), IDTOKEN_GOOD);
	text_put(&token, ".AA"); /* five parts are for encryption */
	assert_int_equal(verify(&token), IDTOKEN_FORM);
	text_free(&token);
}

static void the_head_is_understood_or_refused(void **state)
{
	static const char *const bad[] = { "{\"alg\":\"ES256\",\"kid\":\"ec\",\"crit\":[\"b64\"],\"b64\":false}",
		"{\"alg\":\"ES256\",\"kid\":\"ec\",\"typ\":\"at+jwt\"}", "{\"alg\":\"ES256\",\"kid\":7}",
		"{\"alg\":\"ES256\",\"alg\":\"ES256\",\"kid\":\"ec\"}", "[]", "\"ES256\"", "" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(signed_by(SIGNER_EC, false, bad[i], "{" GOOD "}"), IDTOKEN_FORM);
}

#define WITHOUT_SUB                                                                                \
	"\"iss\":\"" ISSUER "\",\"aud\":\"onthaal\",\"exp\":1700000300,\"iat\":1700000000,"        \
	"\"nonce\":\"" NONCE "\""
#define WITHOUT_ISS                                                                                \
	"\"sub\":\"a\",\"aud\":\"onthaal\",\"exp\":1700000300,\"iat\":1700000000,"                 \
	"\"nonce\":\"" NONCE "\""
#define WITHOUT_AUD                                                                                \
	"\"iss\":\"" ISSUER "\",\"sub\":\"a\",\"exp\":1700000300,\"iat\":1700000000,"              \
	"\"nonce\":\"" NONCE "\""
#define WITHOUT_TIMES                                                                              \
	"\"iss\":\"" ISSUER "\",\"sub\":\"a\",\"aud\":\"onthaal\",\"nonce\":\"" NONCE "\""
#define WITHOUT_NONCE                                                                              \
	"\"iss\":\"" ISSUER "\",\"sub\":\"a\",\"aud\":\"onthaal\",\"exp\":1700000300,"             \
	"\"iat\":1700000000"

static void each_claim_wrong_in_each_way(void **state)
{
	static const struct {
		const char *body;
		enum idtoken_fault fault;
	} all[] = { { "{" WITHOUT_SUB "}", IDTOKEN_FORM }, { "{" WITHOUT_SUB ",\"sub\":\"\"}", IDTOKEN_FORM },
		{ "{" WITHOUT_SUB ",\"sub\":7}", IDTOKEN_FORM },
		{ "{" WITHOUT_SUB ",\"sub\":\"\\u00e9\"}", IDTOKEN_FORM },
		{ "{" WITHOUT_SUB ",\"sub\":\"a\\nb\"}", IDTOKEN_FORM },
		{ "{" WITHOUT_SUB ",\"sub\":\"a\\u0000b\"}", IDTOKEN_FORM },
		{ "{" WITHOUT_SUB ",\"sub\":\"a\",\"sub\":\"b\"}", IDTOKEN_FORM },
		{ "{" WITHOUT_ISS "}", IDTOKEN_ISSUER },
		{ "{" WITHOUT_ISS ",\"iss\":\"" ISSUER "/\"}", IDTOKEN_ISSUER },
		{ "{" WITHOUT_ISS ",\"iss\":\"https://login.example.org\"}", IDTOKEN_ISSUER },
		{ "{" WITHOUT_ISS ",\"iss\":[\"" ISSUER "\"]}", IDTOKEN_ISSUER },
		{ "{" WITHOUT_AUD "}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":\"another\"}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":\"Onthaal\"}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":[]}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":[\"another\"]}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":[\"onthaal\",\"another\"]}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":[\"onthaal\",\"another\"],\"azp\":\"another\"}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":[\"onthaal\",7],\"azp\":\"onthaal\"}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":\"onthaal\",\"azp\":\"another\"}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":[\"another\",\"third\"],\"azp\":\"onthaal\"}", IDTOKEN_AUDIENCE },
		{ "{" WITHOUT_AUD ",\"aud\":[\"onthaal\"]}", IDTOKEN_GOOD },
		{ "{" WITHOUT_AUD ",\"aud\":[\"another\",\"onthaal\"],\"azp\":\"onthaal\"}", IDTOKEN_GOOD },
		{ "{" WITHOUT_TIMES "}", IDTOKEN_FORM },
		{ "{" WITHOUT_TIMES ",\"exp\":1700000300}", IDTOKEN_FORM },
		{ "{" WITHOUT_TIMES ",\"iat\":1700000000}", IDTOKEN_FORM },
		{ "{" WITHOUT_TIMES ",\"exp\":\"1700000300\",\"iat\":1700000000}", IDTOKEN_FORM },
		{ "{" WITHOUT_TIMES ",\"exp\":-1,\"iat\":1700000000}", IDTOKEN_FORM },
		{ "{" WITHOUT_TIMES ",\"exp\":1e300,\"iat\":1700000000}", IDTOKEN_FORM },
		{ "{" WITHOUT_TIMES ",\"exp\":1699999940,\"iat\":1699999900}", IDTOKEN_EXPIRED },
		{ "{" WITHOUT_TIMES ",\"exp\":1699999941,\"iat\":1699999900}", IDTOKEN_GOOD },
		{ "{" WITHOUT_TIMES ",\"exp\":1700000300.5,\"iat\":1699999900.25}", IDTOKEN_GOOD },
		{ "{" WITHOUT_TIMES ",\"exp\":1700000300,\"iat\":1700000060}", IDTOKEN_GOOD },
		{ "{" WITHOUT_TIMES ",\"exp\":1700000300,\"iat\":1700000061}", IDTOKEN_TIME },
		{ "{" WITHOUT_TIMES ",\"exp\":1700000300,\"iat\":1699999400}", IDTOKEN_GOOD },
		{ "{" WITHOUT_TIMES ",\"exp\":1700000300,\"iat\":1699999399}", IDTOKEN_TIME },
		{ "{" GOOD ",\"nbf\":1700000060}", IDTOKEN_GOOD },
		{ "{" GOOD ",\"nbf\":1700000061}", IDTOKEN_TIME },
		{ "{" GOOD ",\"nbf\":\"soon\"}", IDTOKEN_FORM },
		{ "{" WITHOUT_NONCE "}", IDTOKEN_NONCE },
		{ "{" WITHOUT_NONCE ",\"nonce\":\"\"}", IDTOKEN_NONCE },
		{ "{" WITHOUT_NONCE ",\"nonce\":\"another\"}", IDTOKEN_NONCE },
		{ "{" WITHOUT_NONCE ",\"nonce\":\"" NONCE "x\"}", IDTOKEN_NONCE },
		{ "[]", IDTOKEN_FORM }, { "", IDTOKEN_FORM }, { "{" GOOD, IDTOKEN_FORM } };
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (claims(all[i].body) != all[i].fault)
			fail_msg("%s: %s, not %s", all[i].body, idtoken_fault_word(claims(all[i].body)),
				idtoken_fault_word(all[i].fault));
		assert_int_equal(*who.subject != '\0', all[i].fault == IDTOKEN_GOOD);
	}
}

static void the_longest_subject_and_one_more(void **state)
{
	char body[1024], subject[IDTOKEN_SUBJECT_MAX + 2];
	(void)state;
	for (size_t length = IDTOKEN_SUBJECT_MAX; length <= IDTOKEN_SUBJECT_MAX + 1; length++) {
		memset(subject, 'a', length);
		subject[length] = '\0';
		snprintf(body, sizeof body, "{" WITHOUT_SUB ",\"sub\":\"%s\"}", subject);
		assert_int_equal(claims(body),
			length == IDTOKEN_SUBJECT_MAX ? IDTOKEN_GOOD : IDTOKEN_FORM);
	}
}

static void the_longest_token_and_one_more(void **state)
{
	static char body[2 * IDTOKEN_MAX], filler[IDTOKEN_MAX];
	bool seen[2] = { false, false };
	(void)state;
	for (size_t more = 11980; more < 12060; more++) {
		struct text token = { 0 };
		memset(filler, 'f', more);
		filler[more] = '\0';
		snprintf(body, sizeof body, "{" GOOD ",\"f\":\"%s\"}", filler);
		make_token(&token, signers[SIGNER_EC], false, EC, body);
		seen[token.length > IDTOKEN_MAX] = true;
		assert_int_equal(
			verify(&token), token.length > IDTOKEN_MAX ? IDTOKEN_FORM : IDTOKEN_GOOD);
		text_free(&token);
	}
	assert_true(seen[0] && seen[1]);
}

static void how_long_ago_they_signed_in_there(void **state)
{
	static const struct {
		const char *body;
		enum idtoken_fault fault;
	} all[] = { { "{" GOOD "}", IDTOKEN_AGE }, { "{" GOOD ",\"auth_time\":\"1700000000\"}", IDTOKEN_AGE },
		{ "{" GOOD ",\"auth_time\":1699999640}", IDTOKEN_GOOD },
		{ "{" GOOD ",\"auth_time\":1699999639}", IDTOKEN_AGE },
		{ "{" GOOD ",\"auth_time\":1700000061}", IDTOKEN_AGE } };
	(void)state;
	wish.max_age = 300;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		assert_int_equal(claims(all[i].body), all[i].fault);
	wish.max_age = 0;
	assert_int_equal(claims("{" GOOD ",\"auth_time\":1}"), IDTOKEN_GOOD);
}

static void a_second_factor_by_the_words_that_were_agreed(void **state)
{
	static char phr[] = "phr", mfa[] = "mfa", otp[] = "otp";
	static char *const acrs[] = { phr }, *const amrs[] = { mfa, otp };
	static const struct {
		const char *body;
		bool second;
	} all[] = { { "{" GOOD "}", false }, { "{" GOOD ",\"acr\":\"phr\"}", true },
		{ "{" GOOD ",\"acr\":\"phrh\"}", false }, { "{" GOOD ",\"acr\":\"mfa\"}", false },
		{ "{" GOOD ",\"amr\":[\"pwd\",\"otp\"]}", true }, { "{" GOOD ",\"amr\":[\"pwd\"]}", false },
		{ "{" GOOD ",\"amr\":\"mfa\"}", false }, { "{" GOOD ",\"amr\":[7,\"mfa\"]}", true },
		{ "{" GOOD ",\"acr\":[\"phr\"]}", false } };
	(void)state;
	for (int asked = 0; asked < 2; asked++) {
		for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
			assert_int_equal(claims(all[i].body), IDTOKEN_GOOD);
			assert_int_equal(who.second, asked && all[i].second);
		}
		wish.acrs = acrs;
		wish.acrs_count = 1;
		wish.amrs = amrs;
		wish.amrs_count = 2;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_algorithm_that_is_taken, set_up),
		cmocka_unit_test_setup(no_other_algorithm_is_taken, set_up),
		cmocka_unit_test_setup(the_known_tricks_do_not_work, set_up),
		cmocka_unit_test_setup(a_key_signs_by_its_own_kind_alone, set_up),
		cmocka_unit_test_setup(what_the_head_says_of_keys_is_not_followed, set_up),
		cmocka_unit_test_setup(any_other_byte_breaks_it, set_up),
		cmocka_unit_test_setup(the_head_is_understood_or_refused, set_up),
		cmocka_unit_test_setup(each_claim_wrong_in_each_way, set_up),
		cmocka_unit_test_setup(the_longest_subject_and_one_more, set_up),
		cmocka_unit_test_setup(the_longest_token_and_one_more, set_up),
		cmocka_unit_test_setup(how_long_ago_they_signed_in_there, set_up),
		cmocka_unit_test_setup(a_second_factor_by_the_words_that_were_agreed, set_up),
	};
	int failed;

	signers_make();
	jwks = signers_jwks();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	jwks_destroy(&jwks);
	signers_free();
	return failed;
}
