/* The section `sip`: defaults, both sides of what its schema cannot say. */
#include "config/schema.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/onthaal-sip-XXXXXX";

static struct config *load(const char *text, char *error, size_t size)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	*error = '\0';
	if (config_load(path, &config, &errors))
		snprintf(error, size, "%s", errors.texts[0] + strlen(path) + 1);
	config_errors_finish(&errors);
	return config;
}

static void good(const char *text)
{
	char error[400];
	struct config *config = load(text, error, sizeof error);
	assert_string_equal(error, "");
	config_destroy(&config);
}

static void refused(const char *text, const char *expected)
{
	char error[400];
	assert_null(load(text, error, sizeof error));
	assert_string_equal(error, expected);
}

static void it_is_off_and_has_defaults(void **state)
{
	char error[400];
	struct config *config = load("data: .\n", error, sizeof error);
	(void)state;
	assert_null(config->sip.address);
	assert_int_equal(config->sip.port, 5060);
	assert_int_equal(config->sip.tls_port, 5061);
	assert_int_equal(config->sip.calls, 300);
	assert_int_equal(config->sip.messages, 20);
	assert_int_equal(config->sip.rtp_from, 16384);
	assert_int_equal(config->sip.silence_seconds, 60);
	assert_int_equal(config->sip.call_minutes, 120);
	assert_false(config->sip.srtp_only);
	assert_string_equal(config->sip.user, "intake");
	config_destroy(&config);
}

static void everything_can_be_said(void **state)
{
	char error[400];
	struct config *config
		= load("sip:\n  address: 192.0.2.1\n  port: 0\n  tls_port: 0\n  certificate: a.pem\n"
		       "  key: a.key\n  srtp_only: true\n  allow: [192.0.2.0/24]\n"
		       "  users:\n    - {name: balie, password: 12345678}\n"
		       "  staff:\n    - {name: anna, password: 12345678}\n"
		       "  trunks:\n    - {name: p, domain: sip.example.org, user: u, password: x,\n"
		       "       transport: udp, servers: [a.example.org, \"b.example.org:5080\"],"
		       " expires: 60}\n",
			error, sizeof error);
	(void)state;
	assert_string_equal(error, "");
	assert_string_equal(config->sip.staff[0].name, "anna");
	assert_string_equal(config->sip.trunks[0].servers[1], "b.example.org:5080");
	assert_true(config->sip.srtp_only);
	assert_non_null(strstr(config->sip.certificate, "/tmp/a.pem"));
	config_destroy(&config);
}

static void what_cannot_work_is_refused(void **state)
{
	(void)state;
	refused("sip:\n  address: 0.0.0.0\n",
		"2: sip.address: write one address of this machine, in digits; not 0.0.0.0 or ::");
	refused("sip:\n  address: '::'\n",
		"2: sip.address: write one address of this machine, in digits; not 0.0.0.0 or ::");
	good("sip:\n  address: '::1'\n");
	refused("sip:\n  certificate: a.pem\n",
		"2: sip.certificate: certificate and key belong together: give both or none");
	good("sip:\n  rtp_from: 20000\n  rtp_to: 21200\n");
	refused("data: .\nsip:\n  rtp_from: 32000\n", /* the other one is missing there */
		"3: sip.rtp_to: leave four ports for each of sip.calls above sip.rtp_from");
	refused("sip:\n  rtp_from: 20000\n  rtp_to: 21199\n",
		"3: sip.rtp_to: leave four ports for each of sip.calls above sip.rtp_from");
	good("sip:\n  rtp_from: 1024\n");
	good("telephone:\n  voicemail: true\nsip:\n  address: 127.0.0.1\n");
	good("sip:\n  messages: 1\n");
	good("sip:\n  messages: 200\n");
	refused("sip:\n  messages: 0\n", "2: sip.messages: 0 is not within 1 to 200 messages");
	refused("sip:\n  messages: 201\n", "2: sip.messages: 201 is not within 1 to 200 messages");
	refused("sip:\n  rtp_from: 1023\n", "2: sip.rtp_from: is below 1024: those ports are not ours");
	refused("sip:\n  users:\n    - {name: a b, password: 12345678}\n",
		"3: sip.users.0.name: use up to 40 letters, digits and .-_ alone");
	refused("sip:\n  staff:\n    - {name: anna, password: 1234567}\n",
		"3: sip.staff.0.password: give at least 8 characters: it is guessed at from outside");
	refused("sip:\n  staff:\n    - {name: anna, password: 12345678}\n"
		"    - {name: anna, password: 12345678}\n",
		"4: sip.staff.1.name: stands there twice");
}

#define TRUNK "sip:\n  trunks:\n    - {name: p, user: u, password: x, "

static void trunks(void **state)
{
	(void)state;
	good(TRUNK "domain: sip.example.org}\n");
	refused(TRUNK "domain: 'sip:example.org'}\n",
		"3: sip.trunks.0.domain: write the name alone, as in sip.example.org");
	refused(TRUNK "domain: example.org, transport: sctp}\n",
		"3: sip.trunks.0.transport: write tls, tcp or udp");
	good(TRUNK "domain: example.org, expires: 86400}\n");
	refused(TRUNK "domain: example.org, expires: 59}\n",
		"3: sip.trunks.0.expires: is not within 60 to 86400 seconds");
	refused(TRUNK "domain: example.org, servers: ['<x>']}\n",
		"3: sip.trunks.0.servers.0: write host or host:port");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_off_and_has_defaults),
		cmocka_unit_test(everything_can_be_said),
		cmocka_unit_test(what_cannot_work_is_refused),
		cmocka_unit_test(trunks),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
