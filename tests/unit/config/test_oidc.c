/* The section oidc of the configuration: off unless it is there, and refused unless it is safe. */
#include "config/config.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/onthaal-oidc-XXXXXX";
static char path[64];

#define SERVER "server:\n  public_url: https://chat.example.org\n"
#define OIDC "oidc:\n  issuer: https://login.example.org/realms/house\n  client_id: onthaal\n"

static enum err load(const char *text, struct config **config_r, char *first_r, size_t size)
{
	struct config_errors errors = { 0 };
	FILE *file = fopen(path, "w");
	enum err err;

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	err = config_load(path, config_r, &errors);
	snprintf(first_r, size, "%s", errors.count ? errors.texts[0] + strlen(path) : "");
	config_errors_finish(&errors);
	return err;
}

static struct config *good(const char *text)
{
	struct config *config = NULL;
	char first[512];
	if (load(text, &config, first, sizeof first))
		fail_msg("%s", first);
	return config;
}

static void refused(const char *text, const char *begins)
{
	struct config *config = NULL;
	char first[512];
	assert_int_equal(load(text, &config, first, sizeof first), ERR_INVALID);
	if (strncmp(first, begins, strlen(begins)) != 0)
		fail_msg("%s, not %s", first, begins);
}

static void off_and_its_defaults(void **state)
{
	struct config *config = good("# nothing\n");
	(void)state;
	assert_null(config->oidc.issuer);
	config_destroy(&config);
	config = good("oidc:\n  max_age_minutes: 0\n");
	assert_null(config->oidc.issuer);
	config_destroy(&config);
	config = good(SERVER OIDC);
	assert_string_equal(config->oidc.label, "login.example.org");
	assert_int_equal(config->oidc.scopes_count, 1);
	assert_string_equal(config->oidc.scopes[0], "openid");
	assert_null(config->oidc.client_secret);
	assert_int_equal(config->oidc.max_age_minutes, 0);
	config_destroy(&config);
}

static void what_is_written_is_taken(void **state)
{
	struct config *config = good(SERVER OIDC "  client_secret: \"s/e:c\"\n  label: \"VK Brussel\"\n"
						 "  scopes: [openid, profile]\n  acr: [phr, phrh]\n  amr: [mfa]\n"
						 "  max_age_minutes: 1440\n");
	(void)state;
	assert_string_equal(config->oidc.client_secret, "s/e:c");
	assert_string_equal(config->oidc.label, "VK Brussel");
	assert_int_equal(config->oidc.scopes_count, 2);
	assert_int_equal(config->oidc.acr_count, 2);
	assert_string_equal(config->oidc.amr[0], "mfa");
	assert_int_equal(config->oidc.max_age_minutes, 1440);
	config_destroy(&config);
}

static void only_by_tls_or_within_this_machine(void **state)
{
#define HERE "server:\n  public_url: http://127.0.0.1:8080\n"
#define PLAIN "oidc:\n  issuer: http://127.0.0.1:9000\n  client_id: onthaal\n"
#define PRIVATE "outbox:\n  allow_private: true\n"
	struct config *config = good(HERE PLAIN PRIVATE);
	(void)state;
	config_destroy(&config);
	refused(HERE PLAIN, ":4: oidc.issuer: write it letter by letter");
	refused(SERVER PRIVATE "oidc:\n  issuer: http://login.example.org\n  client_id: a\n",
		":6: oidc.issuer: write it letter by letter");
	refused(SERVER PRIVATE "oidc:\n  issuer: http://127.0.0.1.example.org\n  client_id: a\n",
		":6: oidc.issuer: write it letter by letter");
	refused("server:\n  public_url: http://chat.example.org\n" OIDC,
		":4: oidc.issuer: needs a server.public_url that begins with https://");
	refused(OIDC, ":2: oidc.issuer: needs server.public_url");
}

static void what_is_wrong_is_told(void **state)
{
	char text[1024], word[500];
	(void)state;
	refused(SERVER "oidc:\n  client_id: onthaal\n", ":4: oidc.issuer: is missing");
	refused(SERVER "oidc:\n  issuer: https://login.example.org\n", ":4: oidc.client_id: write");
	refused(SERVER "oidc:\n  issuer: https://h/?a\n  client_id: a\n", ":4: oidc.issuer: write");
	refused(SERVER "oidc:\n  issuer: https://h/#a\n  client_id: a\n", ":4: oidc.issuer: write");
	refused(SERVER "oidc:\n  issuer: https:///a\n  client_id: a\n", ":4: oidc.issuer: write");
	refused(SERVER "oidc:\n  issuer: https://u@h\n  client_id: a\n", ":4: oidc.issuer: write");
	refused(SERVER OIDC "  client_secret: \"a b\"\n", ":6: oidc.client_secret: write");
	refused(SERVER OIDC "  scopes: [profile]\n", ":6: oidc.scopes: needs openid");
	refused(SERVER OIDC "  acr: [\"a b\"]\n", ":6: oidc.acr: at most 8 words");
	refused(SERVER OIDC "  amr: [a, b, c, d, e, f, g, h, i]\n", ":6: oidc.amr: at most 8 words");
	refused(SERVER OIDC "  claim: email\n", ":5: oidc: Unexpected key: claim");
	for (int over = 0; over < 2; over++) {
		struct config *config = NULL;
		memset(word, 'a', sizeof word);
		word[40 + over] = '\0';
		snprintf(text, sizeof text, SERVER OIDC "  label: %s\n", word);
		assert_int_equal(load(text, &config, word, sizeof word), over ? ERR_INVALID : OK);
		config_destroy(&config);
		memset(word, 'a', sizeof word);
		word[400 + over] = '\0';
		snprintf(text, sizeof text, SERVER OIDC "  client_secret: %s\n", word);
		assert_int_equal(load(text, &config, word, sizeof word), over ? ERR_INVALID : OK);
		config_destroy(&config);
	}
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/onthaal.yaml", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_and_its_defaults),
		cmocka_unit_test(what_is_written_is_taken),
		cmocka_unit_test(only_by_tls_or_within_this_machine),
		cmocka_unit_test(what_is_wrong_is_told),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
