/* What would fail at the first call only: each is told with its line and what to do, and nothing is told
 * of what can work. */
#include "config/schema.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/onthaal-warn-XXXXXX";

#define TWILIO "{name: t, kind: twilio, account: AC1, secrets: [s]"
#define JAMBONZ "{name: j, kind: jambonz, secrets: [s]"
#define HTTAPI_SECRET(secret) "{name: f, kind: httapi, secrets: [" secret "]"
#define HTTAPI HTTAPI_SECRET("0123456789abcdef")
#define ARI "{name: a, kind: ari, user: u, password: p, endpoint: \"PJSIP/{}@t\""
#define NAMED "telephone:\n  public_url: https://phone.example.org\n  caller_id: \"+3220000000\"\n  lines:\n"

/* The warnings without the path, one a line. */
static void warned(const char *text, const char *expected)
{
	struct config_errors errors = { 0 }, warnings = { 0 };
	struct config *config = NULL;
	char whole[4000] = "";
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	if (config_load(path, &config, &errors))
		fail_msg("%s", errors.texts[0]);
	config_warn(path, config, &warnings);
	for (uint32_t i = 0; i < warnings.count; i++) {
		assert_memory_equal(warnings.texts[i], path, strlen(path));
		strcat(whole, warnings.texts[i] + strlen(path) + 1);
		strcat(whole, "\n");
	}
	assert_string_equal(whole, expected);
	config_errors_finish(&warnings);
	config_destroy(&config);
}

static void nothing_of_what_works(void **state)
{
	(void)state;
	warned("# nothing\n", "");
	warned(NAMED "    - " TWILIO "}\n"
		     "    - " JAMBONZ ", account: a, password: p, application: b, api_url: \"https://j.example\"}\n"
		     "    - " HTTAPI "}\n    - " ARI ", api_url: \"https://a.example\"}\n"
		     "outbox:\n  notices:\n    - {kind: ntfy, url: \"https://ntfy.example.org/x\"}\n", "");
	warned("server:\n  public_url: https://chat.example.org\ntelephone:\n  caller_id: \"1\"\n  lines:\n    - " TWILIO "}\n", "");
	/* Asterisk on this very machine */
	warned("telephone:\n  lines:\n    - " ARI ", api_url: \"http://127.0.0.1:8088\"}\noutbox:\n  allow_private: true\n", "");
	warned("server:\n  address: 192.0.2.7\ntelephone:\n  lines:\n    - " ARI ", api_url: \"https://a.example\"}\n", "");
}

#define PRIVATE \
	"is of this machine or a local network, which nothing is sent to: set outbox.allow_private: true, or give " \
	"an address outside\n"

static void private_addresses(void **state)
{
	static const char *const urls[] = { "http://127.0.0.1:8088", "http://localhost:8088", "https://10.0.0.5",
		"http://asterisk:8088", "https://[fd00::1]:8089", "https://192.168.1.9", "https://pbx.internal" };
	char text[900];

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		snprintf(text, sizeof text, NAMED "    - " HTTAPI "}\n    - " ARI ", api_url: \"%s\"}\n", urls[i]);
		warned(text, "6: telephone.lines.1.api_url: " PRIVATE);
		strcat(text, "outbox:\n  allow_private: true\n");
		warned(text, "");
	}
	warned("server:\n  public_url: https://chat.example.org\noidc:\n  issuer: https://sso.internal\n  client_id: a\n",
		"4: oidc.issuer: " PRIVATE);
	warned("outbox:\n  notices:\n    - {kind: ntfy, url: \"https://ntfy.example.org/x\"}\n"
	       "    - kind: mail\n      url: smtp://localhost\n      from: a@example.org\n      to: b@example.org\n",
		"5: outbox.notices.1.url: " PRIVATE);
}

static void secrets_that_can_be_guessed(void **state)
{
	static const char words[] = "5: telephone.lines.0.secrets: can be guessed, and who has it brings calls and "
		"hears what we answer: write at least 16 characters that nobody thought up, as openssl rand -hex 16 "
		"makes them\n";

	(void)state;
	warned(NAMED "    - " HTTAPI_SECRET("a long secret") "}\n", words);
	warned(NAMED "    - " HTTAPI_SECRET("0123456789abcde") "}\n", words);
	warned(NAMED "    - " HTTAPI_SECRET("0123456789abcdef, s") "}\n", words);
	warned(NAMED "    - " HTTAPI_SECRET("0123456789abcdef, fedcba9876543210") "}\n", "");
}

static void how_we_are_called(void **state)
{
	(void)state;
	warned("telephone:\n  caller_id: \"1\"\n  lines:\n    - " TWILIO "}\n",
		"2: telephone.public_url: is missing: the platform would be told 127.0.0.1 port 8080, so that no "
		"signature fits, and no prompt is found; write what it calls us by, https://phone.example.org\n");
	warned("server:\n  port: 80\ntelephone:\n  lines:\n    - " HTTAPI "}\n",
		"4: telephone.public_url: is missing: FreeSWITCH would be told 127.0.0.1 port 80, so that it finds "
		"neither us nor the prompts, unless it runs here; write what it calls us by, "
		"https://phone.example.org\n");
	warned("server:\n  address: 0.0.0.0\ntelephone:\n  lines:\n    - " ARI ", api_url: \"https://a.example\"}\n",
		"4: telephone.public_url: is missing: Asterisk would be told 0.0.0.0 port 8080, so that it finds "
		"neither us nor the prompts, unless it runs here; write what it calls us by, "
		"https://phone.example.org\n");
	warned("telephone:\n  public_url: https://10.0.0.1\n  caller_id: \"1\"\n  lines:\n    - " TWILIO "}\n",
		"2: telephone.public_url: is of this machine or a local network, where line t cannot reach us: "
		"write a name that the whole net knows\n");
	warned("server:\n  public_url: https://onthaal.lan\ntelephone:\n  caller_id: \"1\"\n  lines:\n    - " TWILIO "}\n",
		"2: server.public_url: is of this machine or a local network, where line t cannot reach us: "
		"write a name that the whole net knows\n");
}

static void callbacks_that_would_be_refused(void **state)
{
	(void)state;
	warned("telephone:\n  public_url: https://p.example.org\n  lines:\n    - " TWILIO "}\n",
		"2: telephone.caller_id: is missing, and the platform does not dial without: no callback would be "
		"made; write the centre's number, \"+32…\", or callback_attempts: 0\n");
	warned("telephone:\n  public_url: https://p.example.org\n  callback_attempts: 0\n  lines:\n    - " TWILIO "}\n", "");
	warned(NAMED "    - " JAMBONZ ", account: a, password: p, api_url: \"https://j.example\"}\n",
		"5: telephone.lines.0: application is missing: jambonz calls back by one; give it, or set "
		"telephone.callback_attempts: 0\n");
	warned(NAMED "    - " JAMBONZ ", application: b}\n",
		"5: telephone.lines.0: without api_url, account and password nothing can be asked of jambonz: who takes "
		"a call waits up to 20 s, no callback is made, and hanging up does nothing\n");
	warned(NAMED "    - " HTTAPI ", api_url: \"https://f.example\", password: p}\n",
		"5: telephone.lines.0: without account, the gateway of FreeSWITCH, no number can be rung, only "
		"telephones of its own: give it, or set telephone.callback_attempts: 0\n");
	warned("sip:\n  address: 127.0.0.1\n",
		"2: sip.trunks: is missing: callbacks are offered, and no number can be rung; add a trunk, or set "
		"telephone.callback_attempts: 0\n");
	warned("sip:\n  address: 127.0.0.1\ntelephone:\n  callback_attempts: 0\n", "");
}

#define ONION "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwd.onion"

static void tor_without_a_port_of_its_own(void **state)
{
	(void)state;
	warned("server:\n  onion: \"http://" ONION "\"\n",
		"2: server.onion: has no onion_port: whoever comes by Tor counts as this machine itself, which no limit "
		"holds for; set server.onion_port: 8081 and tell it to Tor\n");
	warned("server:\n  onion: \"http://" ONION "\"\n  onion_port: 8081\n", "");
}

static int make(void **state)
{
	int fd = mkstemp(path);
	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int drop(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_of_what_works),
		cmocka_unit_test(private_addresses), cmocka_unit_test(secrets_that_can_be_guessed),
		cmocka_unit_test(how_we_are_called),
		cmocka_unit_test(callbacks_that_would_be_refused),
		cmocka_unit_test(tor_without_a_port_of_its_own) };
	return cmocka_run_group_tests(tests, make, drop);
}
