/* What browsers answer, made here by an authenticator of OpenSSL's (authenticator.h). */
#include "console/webauthn.h"
#include "tests/unit/unit.h"

#include "tests/unit/console/authenticator.h"

static const int algorithms[] = { ALG_ES256, ALG_EDDSA, ALG_RS256 };
static const struct webauthn_site site
	= { .rp = "chat.example.org", .origin = "https://chat.example.org" };
static const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE] = { 1, 2, 3 };

static struct passkey registered(struct authenticator *authenticator)
{
	struct webauthn_answer answer = authenticator_create(authenticator, challenge);
	struct passkey passkey = { .id = 1 };

	assert_int_equal(webauthn_register(&site, challenge, &answer, &passkey), WEBAUTHN_GOOD);
	return passkey;
}

static enum webauthn_fault asserted(struct authenticator *authenticator, const struct passkey *passkey)
{
	struct webauthn_answer answer = authenticator_get(authenticator, challenge);
	uint32_t count;
	return webauthn_assert(&site, challenge, &answer, passkey, &count);
}

static void each_algorithm_registers_and_signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct authenticator made = authenticator_of(algorithms[i]);
		struct authenticator other = authenticator_of(algorithms[i]);
		struct passkey passkey = registered(&made);
		struct webauthn_answer answer;
		uint32_t count = 9;

		assert_int_equal(passkey.algorithm, algorithms[i]);
		assert_int_equal(passkey.credential_length, 32);
		assert_memory_equal(passkey.credential, made.credential, 32);
		answer = authenticator_get(&made, challenge);
		assert_int_equal(
			webauthn_assert(&site, challenge, &answer, &passkey, &count), WEBAUTHN_GOOD);
		assert_int_equal(count, 0);
		answer.signature[answer.signature_length - 1] ^= 1;
		assert_int_equal(webauthn_assert(&site, challenge, &answer, &passkey, &count),
			WEBAUTHN_SIGNATURE);
		answer.signature_length = 0;
		assert_int_equal(webauthn_assert(&site, challenge, &answer, &passkey, &count),
			WEBAUTHN_SIGNATURE);
		assert_int_equal(asserted(&other, &passkey), WEBAUTHN_SIGNATURE);
		EVP_PKEY_free(made.key);
		EVP_PKEY_free(other.key);
	}
}

static void what_was_signed_was_not_changed(void **state)
{
	struct authenticator made = authenticator_of(ALG_ES256);
	struct passkey passkey = registered(&made);
	struct webauthn_answer good = authenticator_get(&made, challenge), answer = good;
	uint32_t count;
	(void)state;

	answer.data[36] ^= 1; /* the count */
	assert_int_equal(webauthn_assert(&site, challenge, &answer, &passkey, &count),
		WEBAUTHN_SIGNATURE);
	answer = good;
	answer.client[answer.client_length - 1] = ' ';
	answer.client[answer.client_length++] = '}'; /* the same, as JSON */
	assert_int_equal(webauthn_assert(&site, challenge, &answer, &passkey, &count),
		WEBAUTHN_SIGNATURE);
	assert_int_equal(
		webauthn_assert(&site, challenge, &good, &passkey, &count), WEBAUTHN_GOOD);
	EVP_PKEY_free(made.key);
}

static void the_page_the_purpose_and_the_challenge_are_ours(void **state)
{
	static const struct {
		const char *origin, *type, *more;
		enum webauthn_fault fault;
	} cases[] = { { "https://chat.example.org.evil.example", NULL, NULL, WEBAUTHN_ORIGIN },
		{ "http://chat.example.org", NULL, NULL, WEBAUTHN_ORIGIN },
		{ "https://chat.example.org:8443", NULL, NULL, WEBAUTHN_ORIGIN },
		{ "https://www.chat.example.org", NULL, NULL, WEBAUTHN_ORIGIN },
		{ "", NULL, NULL, WEBAUTHN_ORIGIN },
		{ "https://chat.example.org", NULL, ",\"crossOrigin\":true", WEBAUTHN_ORIGIN },
		{ "https://chat.example.org", NULL, ",\"crossOrigin\":\"\"", WEBAUTHN_ORIGIN },
		{ "https://chat.example.org", NULL, ",\"topOrigin\":\"https://a.example\"",
			WEBAUTHN_ORIGIN },
		{ "https://chat.example.org", "payment.get", NULL, WEBAUTHN_TYPE },
		{ "https://chat.example.org", "webauthn.get.x", NULL, WEBAUTHN_TYPE },
		{ "https://chat.example.org", NULL, ",\"origin\":\"x\"", WEBAUTHN_FORM },
		{ "https://chat.example.org", NULL, "", WEBAUTHN_GOOD },
		{ "https://chat.example.org", NULL, ",\"other_keys\":{\"a\":[1]}", WEBAUTHN_GOOD } };
	struct authenticator made = authenticator_of(ALG_ES256);
	struct passkey passkey = registered(&made), read;
	struct webauthn_answer answer;
	uint8_t other[WEBAUTHN_CHALLENGE_SIZE] = { 1, 2, 4 };
	uint32_t count;
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		made.origin = cases[i].origin;
		made.type = cases[i].type;
		made.more = cases[i].more;
		assert_int_equal(asserted(&made, &passkey), cases[i].fault);
		answer = authenticator_create(&made, challenge);
		assert_int_equal(
			webauthn_register(&site, challenge, &answer, &read), cases[i].fault);
	}
	answer = authenticator_get(&made, other);
	assert_int_equal(webauthn_assert(&site, challenge, &answer, &passkey, &count),
		WEBAUTHN_CHALLENGE);
	made.type = "webauthn.create"; /* one made for registering does not sign in */
	assert_int_equal(asserted(&made, &passkey), WEBAUTHN_TYPE);
	EVP_PKEY_free(made.key);
}

static void the_authenticator_speaks_for_us_and_saw_who_it_was(void **state)
{
	struct authenticator made = authenticator_of(ALG_ES256);
	struct passkey passkey = registered(&made), read;
	struct webauthn_answer answer;
	(void)state;

	made.rp = "example.org";
	assert_int_equal(asserted(&made, &passkey), WEBAUTHN_RP);
	answer = authenticator_create(&made, challenge);
	assert_int_equal(webauthn_register(&site, challenge, &answer, &read), WEBAUTHN_RP);
	made.rp = site.rp;
	for (uint8_t flags = 0; flags < 8; flags++) {
		enum webauthn_fault fault
			= (flags & 5) == 5 ? WEBAUTHN_GOOD : WEBAUTHN_UNVERIFIED;
		made.flags = flags;
		assert_int_equal(asserted(&made, &passkey), fault);
		answer = authenticator_create(&made, challenge);
		assert_int_equal(webauthn_register(&site, challenge, &answer, &read), fault);
	}
	EVP_PKEY_free(made.key);
}

static void a_count_does_not_go_back(void **state)
{
	static const struct {
		uint32_t before, now;
		enum webauthn_fault fault;
	} cases[] = { { 0, 0, WEBAUTHN_GOOD }, { 0, 1, WEBAUTHN_GOOD }, { 5, 6, WEBAUTHN_GOOD },
		{ 5, UINT32_MAX, WEBAUTHN_GOOD }, { 5, 5, WEBAUTHN_COUNT }, { 5, 4, WEBAUTHN_COUNT },
		{ 5, 0, WEBAUTHN_COUNT }, { UINT32_MAX, UINT32_MAX, WEBAUTHN_COUNT } };
	struct authenticator made = authenticator_of(ALG_EDDSA);
	struct passkey passkey;
	(void)state;

	made.count = 77;
	passkey = registered(&made);
	assert_int_equal(passkey.count, 77);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		passkey.count = cases[i].before;
		made.count = cases[i].now;
		assert_int_equal(asserted(&made, &passkey), cases[i].fault);
	}
	EVP_PKEY_free(made.key);
}

/* Where a browser asked the PRF of a key on USB, its answer stands in what was signed. */
static void extensions_do_not_disturb(void **state)
{
	static const uint8_t secret[] = { 0xa1, 0x6b, 'h', 'm', 'a', 'c', '-', 's', 'e', 'c', 'r', 'e', 't',
		0x44, 1, 2, 3, 4 };
	static const uint8_t enabled[] = { 0xa1, 0x6b, 'h', 'm', 'a', 'c', '-', 's', 'e', 'c', 'r', 'e', 't',
		0xf5 };
	static const uint8_t strange[] = { 0xa1, 0x63, 'u', 'v', 'm', 0x01 };
	struct authenticator made = authenticator_of(ALG_ES256);
	struct passkey passkey;
	(void)state;

	made.extensions = enabled;
	made.extensions_length = sizeof enabled;
	passkey = registered(&made);
	made.extensions = secret;
	made.extensions_length = sizeof secret;
	assert_int_equal(asserted(&made, &passkey), WEBAUTHN_GOOD);
	made.extensions = strange;
	made.extensions_length = sizeof strange;
	assert_int_equal(asserted(&made, &passkey), WEBAUTHN_GOOD);
	EVP_PKEY_free(made.key);
}

static void what_is_no_credential_is_refused(void **state)
{
	struct authenticator made = authenticator_of(ALG_ES256);
	struct webauthn_answer good = authenticator_create(&made, challenge), answer;
	struct passkey read = { .id = 1 };
	(void)state;

	for (size_t length = 0; length < good.data_length; length++) {
		answer = good;
		answer.data_length = length;
		assert_int_not_equal(
			webauthn_register(&site, challenge, &answer, &read), WEBAUTHN_GOOD);
	}
	for (size_t length = 0; length < good.client_length; length++) {
		answer = good;
		answer.client_length = length;
		assert_int_equal(
			webauthn_register(&site, challenge, &answer, &read), WEBAUTHN_FORM);
	}
	answer = good; /* a point that is not on the curve */
	answer.data[good.data_length - 1] ^= 1;
	assert_int_equal(webauthn_register(&site, challenge, &answer, &read), WEBAUTHN_KEY);
	made.credential_length = PASSKEY_ID_MAX;
	answer = authenticator_create(&made, challenge);
	assert_int_equal(webauthn_register(&site, challenge, &answer, &read), WEBAUTHN_GOOD);
	assert_int_equal(read.credential_length, PASSKEY_ID_MAX);
	answer = authenticator_get(&made, challenge);
	answer.data_length = 36;
	uint32_t count;
	assert_int_equal(
		webauthn_assert(&site, challenge, &answer, &read, &count), WEBAUTHN_FORM);
	EVP_PKEY_free(made.key);
}

/* libcbor would take ten gigabytes for this map. */
static void what_is_announced_is_there(void **state)
{
	static const uint8_t huge[] = { 0xba, 0x26, 0x20, 0x01, 0x21, 1, 2 };
	struct authenticator made = authenticator_of(ALG_ES256);
	struct webauthn_answer answer = authenticator_create(&made, challenge);
	struct passkey passkey = registered(&made), read;
	(void)state;

	memcpy(answer.data + 37 + 16 + 2 + 32, huge, sizeof huge);
	assert_int_equal(webauthn_register(&site, challenge, &answer, &read), WEBAUTHN_FORM);
	made.extensions = huge;
	made.extensions_length = sizeof huge;
	answer = authenticator_create(&made, challenge);
	assert_int_equal(webauthn_register(&site, challenge, &answer, &read), WEBAUTHN_FORM);
	assert_int_equal(asserted(&made, &passkey), WEBAUTHN_FORM);
	made.extensions_length = 0;
	made.flags |= 0x40; /* a credential that is not there */
	assert_int_equal(asserted(&made, &passkey), WEBAUTHN_FORM);
	EVP_PKEY_free(made.key);
}

static void passkeys_belong_to_a_name(void **state)
{
	static const struct {
		const char *url, *rp, *origin;
	} cases[] = { { "https://chat.example.org", "chat.example.org", "https://chat.example.org" },
		{ "https://chat.example.org:8443", "chat.example.org", "https://chat.example.org:8443" },
		{ "http://localhost:8080", "localhost", "http://localhost:8080" },
		{ "http://vk.localhost", "vk.localhost", "http://vk.localhost" },
		{ "http://chat.example.org", NULL, NULL }, { "https://192.0.2.1", NULL, NULL },
		{ "https://192.0.2.1:8443", NULL, NULL }, { "https://[2001:db8::1]", NULL, NULL },
		{ "http://127.0.0.1:8080", NULL, NULL }, { "https://a.1", NULL, NULL },
		{ NULL, "localhost", "http://localhost:8080" } };
	struct config config = { .server = { .port = 8080 } };
	struct webauthn_site found;
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char url[64];
		snprintf(url, sizeof url, "%s", cases[i].url ? cases[i].url : "");
		config.server.public_url = cases[i].url ? url : NULL;
		assert_int_equal(webauthn_site(&config, &found), cases[i].rp != NULL);
		if (!cases[i].rp)
			continue;
		assert_string_equal(found.rp, cases[i].rp);
		assert_string_equal(found.origin, cases[i].origin);
		assert_false(found.any_port);
	}
}

static void a_port_of_chance_is_any(void **state)
{
	struct authenticator made = authenticator_of(ALG_ES256);
	struct passkey passkey = registered(&made);
	struct config config = { .server = { .port = 0 } };
	struct webauthn_site found;
	struct webauthn_answer answer;
	uint32_t count;
	static const struct {
		const char *origin;
		enum webauthn_fault fault;
	} cases[] = { { "http://localhost", WEBAUTHN_GOOD }, { "http://localhost:1", WEBAUTHN_GOOD },
		{ "http://localhost:", WEBAUTHN_ORIGIN }, { "http://localhost:1x", WEBAUTHN_ORIGIN },
		{ "http://localhost.evil", WEBAUTHN_ORIGIN }, { "https://localhost:1", WEBAUTHN_ORIGIN } };
	(void)state;

	assert_true(webauthn_site(&config, &found));
	made.rp = "localhost";
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		made.origin = cases[i].origin;
		answer = authenticator_get(&made, challenge);
		assert_int_equal(webauthn_assert(&found, challenge, &answer, &passkey, &count),
			cases[i].fault);
	}
	EVP_PKEY_free(made.key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_algorithm_registers_and_signs),
		cmocka_unit_test(what_was_signed_was_not_changed),
		cmocka_unit_test(the_page_the_purpose_and_the_challenge_are_ours),
		cmocka_unit_test(the_authenticator_speaks_for_us_and_saw_who_it_was),
		cmocka_unit_test(a_count_does_not_go_back),
		cmocka_unit_test(extensions_do_not_disturb),
		cmocka_unit_test(what_is_no_credential_is_refused),
		cmocka_unit_test(what_is_announced_is_there),
		cmocka_unit_test(passkeys_belong_to_a_name),
		cmocka_unit_test(a_port_of_chance_is_any),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
