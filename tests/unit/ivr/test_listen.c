/* What jambonz says and proves when it brings sound. */
#include "ivr/adapters/jambonz.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static char name[] = "j", old[] = "old secret", today[] = "today's secret";
static char *secrets[] = { old, today };
static const struct config_line line = { .name = name, .secrets = secrets, .secrets_count = 2 };

static void proof(const char *user, const char *secret, const char *token, char header_r[300])
{
	char plain[200], password[JAMBONZ_PASSWORD];

	jambonz_password(secret, token, password);
	assert_int_equal(strlen(password), JAMBONZ_PASSWORD - 1);
	snprintf(plain, sizeof plain, "%s:%s", user, password);
	assert_true(strlen(plain) <= 90); /* its media server has no room for more */
	strcpy(header_r, "Basic ");
	sodium_bin2base64(header_r + 6, 294, (unsigned char *)plain, strlen(plain), sodium_base64_VARIANT_ORIGINAL);
}

static void a_password_holds_for_one_turn(void **state)
{
	char header[300];
	(void)state;

	for (int i = 0; i < 2; i++) {
		proof(JAMBONZ_LISTEN_USER, secrets[i], "3.voicemail.nl.0.abc", header);
		assert_true(jambonz_listen_believed(&line, "3.voicemail.nl.0.abc", header));
		assert_false(jambonz_listen_believed(&line, "4.voicemail.nl.0.abc", header));
		header[strlen(header) - 1] = '\0';
		assert_false(jambonz_listen_believed(&line, "3.voicemail.nl.0.abc", header));
	}
	proof("somebody", today, "3.a", header);
	assert_false(jambonz_listen_believed(&line, "3.a", header));
	proof(JAMBONZ_LISTEN_USER, "tomorrow's", "3.a", header);
	assert_false(jambonz_listen_believed(&line, "3.a", header));
	assert_false(jambonz_listen_believed(&line, "3.a", ""));
	assert_false(jambonz_listen_believed(&line, "3.a", "Basic "));
	assert_false(jambonz_listen_believed(&line, "3.a", today));
}

static enum err read(const char *text, struct jambonz_hello *hello_r)
{
	return jambonz_parse_hello(text, strlen(text), hello_r);
}

static void its_first_words_are_read(void **state)
{
	static const char *const wrong[] = { "", "[]", "{}", "{\"callSid\":\"a\"}", "{\"sampleRate\":8000}",
		"{\"callSid\":\"\",\"sampleRate\":8000}", "{\"callSid\":\"a/b\",\"sampleRate\":8000}",
		"{\"callSid\":7,\"sampleRate\":8000}", "{\"callSid\":\"a\",\"sampleRate\":\"8000\"}",
		"{\"callSid\":\"a\",\"sampleRate\":0}", "{\"callSid\":\"a\",\"sampleRate\":-8000}",
		"{\"callSid\":\"a\",\"sampleRate\":1e30}", "{\"callSid\":\"a\",\"sampleRate\":8000,\"mixType\":\"stereo\"}",
		"{\"callSid\":\"a\",\"callSid\":\"b\",\"sampleRate\":8000}" };
	struct jambonz_hello hello;
	char text[300], longest[IVR_CALL_ID_MAX + 2];
	(void)state;

	assert_int_equal(read("{\"callSid\":\"0a-1\",\"from\":\"+32470000000\",\"sampleRate\":16000,\"mixType\":\"mono\"}", &hello), OK);
	assert_string_equal(hello.call, "0a-1");
	assert_int_equal(hello.rate, 16000);
	assert_int_equal(read("{\"callSid\":\"a\",\"sampleRate\":8000}", &hello), OK);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (!read(wrong[i], &hello))
			fail_msg("%s", wrong[i]);
	for (size_t over = 0; over < 2; over++) {
		memset(longest, 'a', IVR_CALL_ID_MAX + over);
		longest[IVR_CALL_ID_MAX + over] = '\0';
		snprintf(text, sizeof text, "{\"callSid\":\"%s\",\"sampleRate\":8000}", longest);
		assert_int_equal(read(text, &hello), over ? ERR_INVALID : OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_password_holds_for_one_turn),
		cmocka_unit_test(its_first_words_are_read) };
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
