/* Configuration: defaults, both sides of each bound, errors that name file, line and key. */
#include "config/schema.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/onthaal-config-XXXXXX";
static char path[64];

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct config *good(const char *text)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	write_file(text);
	enum err err = config_load(path, &config, &errors);
	if (errors.count)
		print_message("%s\n", errors.texts[0]);
	assert_int_equal(err, OK);
	config_errors_finish(&errors);
	return config;
}

static void refused(const char *text, const char *expected)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	char whole[1024];
	write_file(text);
	assert_int_equal(config_load(path, &config, &errors), ERR_INVALID);
	assert_null(config);
	snprintf(whole, sizeof whole, "%s:%s", path, expected);
	assert_true(errors.count > 0);
	assert_string_equal(errors.texts[0], whole);
	config_errors_finish(&errors);
}

static void an_empty_file_gives_the_defaults(void **state)
{
	struct config *config = good("# nothing\n");
	(void)state;
	assert_int_equal(config->server.port, 8080);
	assert_int_equal(config->server.metrics_port, 9464);
	assert_string_equal(config->server.address, "127.0.0.1");
	assert_int_equal(config->desk.capacity, 3);
	assert_int_equal(config->limits.message_characters, 4000);
	assert_null(config->server.certificate);
	assert_int_equal(config->centre.hours_count, 0);
	assert_non_null(strstr(config->data, folder)); /* beside the file */
	config_destroy(&config);
	config_destroy(&config);
}

static void a_zero_that_is_written_is_no_default(void **state)
{
	struct config *config = good("server:\n  metrics_port: 0\n");
	(void)state;
	assert_int_equal(config->server.metrics_port, 0);
	config_destroy(&config);
}

static void every_number_holds_its_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_numbers_count; i++) {
		const struct schema_number *row = &schema_numbers[i];
		char text[120], expected[200], section[20];
		const char *dot = strchr(row->path, '.');
		/* the targets are compared with each other, and so are the ports of audio */
		bool target = (strstr(row->path, "_minutes") && strncmp(row->path, "desk.idle", 9)
				      && strncmp(row->path, "desk.abandon", 12)
				      && strncmp(row->path, "desk.block", 10)
				      && strncmp(row->path, "sip.", 4))
			|| !strncmp(row->path, "sip.rtp_", 8)
			|| !strcmp(row->path, "server.onion_port"); /* needs its address */
		snprintf(section, sizeof section, "%.*s", (int)(dot - row->path), row->path);
		for (int end = 0; end < 2 && !target; end++) {
			uint32_t value = end ? row->high : row->low;
			snprintf(text, sizeof text, "%s:\n  %s: %u\n", section, dot + 1, value);
			struct config *config = good(text);
			config_destroy(&config);
		}
		snprintf(text, sizeof text, "%s:\n  %s: %u\n", section, dot + 1, row->high + 1);
		if (row->port) {
			snprintf(expected, sizeof expected, "2: %s: Invalid UINT value: '65536': the "
				"shipped onthaal.yaml says what can stand here", row->path);
		} else {
			snprintf(expected, sizeof expected, "2: %s: %u is not within %u to %u %s",
				row->path, row->high + 1, row->low, row->high, row->unit);
		}
		refused(text, expected);
		if (!row->low)
			continue;
		snprintf(text, sizeof text, "%s:\n  %s: %u\n", section, dot + 1, row->low - 1);
		snprintf(expected, sizeof expected, "2: %s: %u is not within %u to %u %s", row->path,
			row->low - 1, row->low, row->high, row->unit);
		refused(text, expected);
	}
}

#define ONION "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwd.onion"
static const char *const bad_onions[] = { ONION, "ftp://" ONION, "https://chat.example.org",
	"http://" ONION "/", "http://" ONION "/chat", "http://" ONION ":", "http://" ONION ":80a",
	"http://a" ONION, "http://bcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwd.onion",
	"http://abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx.onion",
	"http://1bcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwd.onion", "http://.onion",
	"http://" ONION ".example.org", "http://a@" ONION, "http://expyuzz4wqqyqhjn.onion" };

static void an_onion_address_is_one_of_tors(void **state)
{
	struct config *config = good("server:\n  onion: \"http://" ONION "\"\n  onion_port: 8081\n");
	(void)state;
	assert_string_equal(config->server.onion, "http://" ONION);
	assert_int_equal(config->server.onion_port, 8081);
	config_destroy(&config);
	config = good("server:\n  onion: \"https://" ONION ":8443\"\n");
	assert_int_equal(config->server.onion_port, 0);
	config_destroy(&config);
}

static void a_message_needs_a_line_that_records(void **state)
{
	static const char *const lines[] = { "    - {name: a, kind: jambonz, secrets: [s]}\n"
		"    - {name: b, kind: twilio, account: A, secrets: [s]}\n",
		"    - {name: a, kind: jambonz, secrets: [s]}\nsip:\n  address: 127.0.0.1\n" };
	char text[300];
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(text, sizeof text, "telephone:\n  voicemail: true\n  lines:\n%s", lines[i]);
		struct config *config = good(text);
		assert_true(config->telephone.voicemail);
		config_destroy(&config);
	}
}

static void mistakes_are_named(void **state)
{
	(void)state;
	refused("telephone:\n  lines:\n    - {name: a b, kind: twilio, account: A, secrets: [s]}\n",
		"3: telephone.lines.0.name: at most 24 small letters, digits and hyphens, and not "
		"prompts");
	refused("telephone:\n  public_url: phone.example.org\n", "2: telephone.public_url: write it as "
		"the platforms call it, from https:// on: https://phone.example.org");
	refused("telephone:\n  callback_numbers: [\"+32\", \"0032\"]\n",
		"2: telephone.callback_numbers: write how a number may begin, \"+32\", or may not, "
		"\"-+3290\"; first the own country");
	refused("telephone:\n  callback_numbers: [\"-+3290\"]\n",
		"2: telephone.callback_numbers: write how a number may begin, \"+32\", or may not, "
		"\"-+3290\"; first the own country");
	refused("telephone:\n  lines:\n    - {name: a, kind: twilio, dialect: somleng, account: A, secrets: [s]}\n",
		"3: telephone.lines.0: api_url is missing: without it Twilio would be sent the password "
		"of another");
	refused("telephone:\n  lines:\n    - {name: a, kind: ari, api_url: \"http://a\", user: u, password: p}\n",
		"3: telephone.lines.0.endpoint: write what to dial, with {} for the number: PJSIP/{}@trunk");
	refused("telephone:\n  lines:\n    - {name: a, kind: skype, secrets: [s]}\n",
		"3: telephone.lines.0.kind: write twilio, jambonz, httapi (FreeSWITCH) or ari (Asterisk)");
	refused("telephone:\n  lines:\n    - {name: a, kind: httapi, account: \"a/b\", secrets: [s]}\n",
		"3: telephone.lines.0: account of httapi is the gateway of FreeSWITCH: letters, "
		"digits and .-_");
	refused("telephone:\n  lines:\n    - {name: a, kind: httapi, application: \"a b\", secrets: [s]}\n",
		"3: telephone.lines.0: application of httapi is its profile: letters, digits and "
		".-_");
	refused("telephone:\n  lines:\n    - {name: a, kind: httapi, api_url: \"http://a\", secrets: [s]}\n",
		"3: telephone.lines.0: api_url of httapi (mod_xml_rpc) needs password");
	refused("telephone:\n  lines:\n    - {name: a, kind: httapi, user: \"a:b\", secrets: [s]}\n",
		"3: telephone.lines.0: user of httapi must not have a colon in it");
	refused("telephone:\n  lines:\n    - {name: a, kind: twilio, account: A}\n",
		"3: telephone.lines.0: secrets is missing: without one anybody could pretend to call");
	refused("telephone:\n  lines:\n    - {name: a, kind: ari, endpoint: \"PJSIP/{}@t\"}\n",
		"3: telephone.lines.0: ari needs api_url (http://asterisk:8088), user and password");
	refused("telephone:\n  lines:\n    - {name: a, kind: ari, api_url: \"http://a\", user: u, "
		"password: p, endpoint: PJSIP/trunk}\n",
		"3: telephone.lines.0.endpoint: write what to dial, with {} for the number: PJSIP/{}@trunk");
	refused("telephone:\n  lines:\n    - {name: a, kind: ari, api_url: \"http://a\", user: u, "
		"password: p, endpoint: \"PJSIP/{}@t\", application: a b}\n",
		"3: telephone.lines.0.application: at most 24 letters, digits, - and _");
	refused("telephone:\n  messages: 0\n", "2: telephone.messages: 0 is not within 1 to 200 messages");
	refused("telephone:\n  messages: 201\n", "2: telephone.messages: 201 is not within 1 to 200 messages");
	refused("telephone:\n  caller_id: anonymous\n", "2: telephone.caller_id: write digits, as it is dialled from abroad: \"+32…\"");
	refused("outbox:\n  notices:\n    - {kind: pigeon, url: \"https://a\"}\n",
		"3: outbox.notices.0.kind: write webhook, ntfy or mail");
	refused("outbox:\n  notices:\n    - {kind: webhook, url: \"https://a\", secret: x}\n",
		"3: outbox.notices.0: a webhook needs secret: \"whsec_\" and at least 24 random bytes "
		"in Base64");
	refused("outbox:\n  notices:\n    - {kind: mail, url: \"https://a\", from: a, to: b}\n",
		"3: outbox.notices.0.url: begin with smtps:// (or smtp://)");
	refused("server:\n  prot: 1\n", "2: server: Unexpected key: prot: there is no such key; the "
		"shipped onthaal.yaml names them all");
	refused("centre:\n  hours:\n    - {days: mon-fry, from: \"09:00\", to: \"17:00\"}\n",
		"3: centre.hours.0.days: write mon-fri, or sat,sun, or daily");
	refused("centre:\n  hours:\n    - days: daily\n      from: \"9:00\"\n      to: \"17:00\"\n",
		"4: centre.hours.0.from: write a time in quotes, \"18:00\"");
	refused("centre:\n  timezone: Europe/Brussel\n",
		"2: centre.timezone: there is no such zone; \"Europe/Brussels\" is one");
	refused("centre:\n  first_names: maybe\n", "2: centre.first_names: write true or false");
	refused("centre:\n  helplines:\n    - {number: call us, name: X}\n",
		"3: centre.helplines.0.number: write digits and spaces, as it is dialled");
	refused("server:\n  certificate: a.pem\n", "2: server.certificate: certificate and key belong "
		"together: give both or none");
	refused("server:\n  public_url: chat.example.org\n",
		"2: server.public_url: write https://host or https://host:port, in small letters, and "
		"nothing behind it");
	refused("server:\n  public_url: https://chat.example.org/intake\n",
		"2: server.public_url: write https://host or https://host:port, in small letters, and "
		"nothing behind it");
	refused("server:\n  origins: [\"https://a.example\", www.example.org]\n",
		"2: server.origins.1: write https://host or https://host:port, in small letters, and "
		"nothing behind it");
	for (size_t i = 0; i < sizeof bad_onions / sizeof *bad_onions; i++) {
		char text[200];
		snprintf(text, sizeof text, "server:\n  onion: \"%s\"\n", bad_onions[i]);
		refused(text, "2: server.onion: write http:// or https://, the 56 letters and digits that "
			      "Tor gave, .onion, and nothing behind it");
	}
	refused("server:\n  onion_port: 8081\n",
		"2: server.onion_port: needs server.onion, the address that Tor gave");
	refused("server:\n  onion: \"http://" ONION "\"\n  onion_port: 8080\n",
		"3: server.onion_port: is server.port: Tor needs one of its own");
	refused("server:\n  address: everywhere\n",
		"2: server.address: write an address of this machine, in digits");
	refused("server:\n  metrics_address: localhost\n",
		"2: server.metrics_address: write an address of this machine, in digits");
	refused("desk:\n  replies:\n    - {key: a, language: nl, text: x}\n"
		"    - {key: a, language: fr, text: x}\n    - {key: a, language: nl, text: y}\n",
		"5: desk.replies.2.key: another reply of this language has this key");
	refused("- a\n", "1: Expecting MAPPING, got event: SEQUENCE_START: the shipped onthaal.yaml "
		"says what can stand here");
	refused("desk:\n  serious_minutes: 20\n  elevated_minutes: 10\n",
		"3: desk.elevated_minutes: is shorter than desk.serious_minutes");
	refused("desk:\n  replies:\n    - {key: A b, language: nl, text: x}\n",
		"3: desk.replies.0.key: use small letters, digits and hyphens alone");
	refused("server:\n\tport: 1\n", "2: this is not YAML: found character that cannot start any token");
	refused("server:\n  port: 1\n  port: 2\n",
		"2: server.port: Mapping field already seen: port: write each key once, and indent with "
		"spaces");
}

static void a_missing_file_says_so(void **state)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	(void)state;
	assert_int_equal(config_load("/nowhere/x.yaml", &config, &errors), ERR_IO);
	assert_string_equal(
		errors.texts[0], "/nowhere/x.yaml: cannot be read: No such file or directory");
	config_errors_finish(&errors);
}

/* The shipped file shows each key with its default and range, and is good as it is. */
static void the_shipped_file_tells_the_truth(void **state)
{
	static char shipped[20000];
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	FILE *file = fopen("config/onthaal.yaml", "r");
	(void)state;
	assert_non_null(file);
	shipped[fread(shipped, 1, sizeof shipped - 1, file)] = '\0';
	fclose(file);
	assert_int_equal(config_load("config/onthaal.yaml", &config, &errors), OK);
	config_destroy(&config);
	for (size_t i = 0; i < schema_numbers_count; i++) {
		const struct schema_number *row = &schema_numbers[i];
		char text[120];
		snprintf(text, sizeof text, " %s: %u ", strchr(row->path, '.') + 1, row->fallback);
		const char *line = strstr(shipped, text);
		if (!line)
			fail_msg("%s with its default %u is not in the shipped file", row->path,
				row->fallback);
		snprintf(text, sizeof text, "%u to %u", row->low, row->high);
		const char *end = strchr(line + 1, '\n'), *range = strstr(line, text);
		if (!range || range > end)
			fail_msg("%s: its range %s is not beside it", row->path, text);
	}
	for (size_t i = 0; i < schema_texts_count; i++) {
		const char *dot = strchr(schema_texts[i].path, '.');
		char text[120];
		snprintf(text, sizeof text, "%s: ", dot ? dot + 1 : schema_texts[i].path);
		if (!strstr(shipped, text))
			fail_msg("%s is not in the shipped file", schema_texts[i].path);
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

/* The way to it has the line, not what it quotes. */
static void a_key_that_looks_like_a_line_is_none(void **state)
{
	(void)state;
	refused("centre:\n  hours:\n    - {\"a(line: 22x\": 1}\n",
		"3: centre.hours.1: Unexpected key: a(line: 22x: there is no such key; the shipped "
		"onthaal.yaml names them all");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_looks_like_a_line_is_none),
		cmocka_unit_test(an_empty_file_gives_the_defaults),
		cmocka_unit_test(a_zero_that_is_written_is_no_default),
		cmocka_unit_test(every_number_holds_its_bounds),
		cmocka_unit_test(an_onion_address_is_one_of_tors),
		cmocka_unit_test(a_message_needs_a_line_that_records),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(a_missing_file_says_so),
		cmocka_unit_test(the_shipped_file_tells_the_truth),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
