/* What a provider says of itself. */
#include "base/text.h"
#include "oidc/discovery.h"
#include "tests/unit/unit.h"

#include <string.h>

#define ISSUER "https://login.example.org"
#define NAMES "\"issuer\":\"" ISSUER "\""
#define URLS                                                                                       \
	"\"authorization_endpoint\":\"https://login.example.org/auth\","                           \
	"\"token_endpoint\":\"https://login.example.org/token\","                                  \
	"\"jwks_uri\":\"https://keys.example.org/jwks\""

static struct discovery about;

static const char *parse(const char *json)
{
	const char *why = "?";
	enum err err = discovery_parse(json, strlen(json), ISSUER, false, &about, &why);
	assert_int_equal(err != OK, why != NULL);
	return why ? why : "";
}

static void the_least_that_it_must_say(void **state)
{
	(void)state;
	assert_string_equal(parse("{" NAMES "," URLS "}"), "");
	assert_string_equal(about.authorization, "https://login.example.org/auth");
	assert_string_equal(about.token, "https://login.example.org/token");
	assert_string_equal(about.keys, "https://keys.example.org/jwks");
	assert_int_equal(about.method, DISCOVERY_BASIC);
	assert_true(about.fragment); /* the default of response_modes_supported */
	assert_false(about.names_itself);
}

static void what_it_can(void **state)
{
	(void)state;
	assert_string_equal(parse("{" NAMES "," URLS ",\"response_modes_supported\":[\"query\",\"form_post\"],"
				  "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"],"
				  "\"authorization_response_iss_parameter_supported\":true,"
				  "\"response_types_supported\":[\"code\",\"id_token\"],"
				  "\"code_challenge_methods_supported\":[\"plain\",\"S256\"],"
				  "\"id_token_signing_alg_values_supported\":[\"HS256\",\"EdDSA\"]}"),
		"");
	assert_int_equal(about.method, DISCOVERY_POST);
	assert_false(about.fragment);
	assert_true(about.names_itself);
}

static void what_is_not_believed(void **state)
{
	static const char *const bad[][2] = { { "", "not JSON" }, { "[]", "not JSON" },
		{ "{" NAMES "," NAMES "," URLS "}", "not JSON" }, { "{" URLS "}", "another issuer" },
		{ "{\"issuer\":\"" ISSUER "/\"," URLS "}", "another issuer" },
		{ "{\"issuer\":\"https://evil.example\"," URLS "}", "another issuer" },
		{ "{" NAMES "}", "authorization_endpoint" },
		{ "{" NAMES "," URLS ",\"response_types_supported\":[\"id_token\"]}", "no code flow" },
		{ "{" NAMES "," URLS ",\"code_challenge_methods_supported\":[\"plain\"]}",
			"no PKCE by S256" },
		{ "{" NAMES "," URLS ",\"id_token_signing_alg_values_supported\":[\"HS256\",\"none\"]}",
			"no signature that we take" } };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_string_equal(parse(bad[i][0]), bad[i][1]);
}

static void each_address_by_tls(void **state)
{
	static const char *const keys[] = { "authorization_endpoint", "token_endpoint", "jwks_uri" };
	(void)state;
	for (size_t wrong = 0; wrong < 3; wrong++) {
		struct text json = { 0 };
		text_put(&json, "{" NAMES);
		for (size_t i = 0; i < 3; i++)
			text_format(&json, ",\"%s\":\"http%s://login.example.org/x\"", keys[i],
				i == wrong ? "" : "s");
		text_put(&json, "}");
		assert_string_equal(parse(json.bytes), keys[wrong]);
		text_free(&json);
	}
}

static void the_form_of_an_address(void **state)
{
	char longest[DISCOVERY_URL_MAX + 2] = "https://h/";
	(void)state;
	assert_true(discovery_url("https://login.example.org:8443/a?b=c", false));
	assert_false(discovery_url("https://", false));
	assert_false(discovery_url("https:///a", false));
	assert_false(discovery_url("https://user@h/", false));
	assert_false(discovery_url("https://h/#a", false));
	assert_false(discovery_url("https://h/a b", false));
	assert_false(discovery_url("https://h/\r\nx", false));
	assert_false(discovery_url("javascript:alert(1)", true));
	assert_false(discovery_url("file:///etc/passwd", true));
	assert_false(discovery_url("http://127.0.0.1/a", false));
	assert_true(discovery_url("http://127.0.0.1:8000/a", true));
	assert_true(discovery_url("http://[::1]:8000/a", true));
	assert_false(discovery_url("http://login.example.org/a", true));
	assert_false(discovery_url("http://127.0.0.1.example.org/a", true));
	memset(longest + 10, 'a', DISCOVERY_URL_MAX - 10);
	assert_true(discovery_url(longest, false));
	longest[DISCOVERY_URL_MAX] = 'a';
	assert_false(discovery_url(longest, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_that_it_must_say),
		cmocka_unit_test(what_it_can),
		cmocka_unit_test(what_is_not_believed),
		cmocka_unit_test(each_address_by_tls),
		cmocka_unit_test(the_form_of_an_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
