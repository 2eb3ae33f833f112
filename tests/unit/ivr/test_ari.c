/* Asterisk's events as they come and as they should not; what is dialled. */
#include "ivr/adapters/ari.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define CHANNEL                                                                                    \
	"{\"id\":\"1700000000.1\",\"name\":\"PJSIP/0200000001-1\",\"state\":\"%s\","               \
	"\"caller\":{\"name\":\"x\",\"number\":\"%s\"},"                                           \
	"\"connected\":{\"number\":\"0200000001\"},\"dialplan\":{\"exten\":\"0200000001\"}}"

static const struct ivr_caller_key key = { { 1 } };
static struct ari_event event;

static enum err parse(const char *text)
{
	memset(&event, 0xa5, sizeof event);
	return ari_parse(text, strlen(text), &key, &event);
}

static enum err parse_with(const char *type, const char *state, const char *number, const char *more)
{
	char text[1000];
	snprintf(text, sizeof text, "{\"type\":\"%s\",\"channel\":" CHANNEL "%s}", type, state, number,
		more);
	return parse(text);
}

static bool holds(const char *trace)
{
	return memmem(&event, sizeof event, trace, strlen(trace));
}

static void a_call_comes_without_its_number(void **state)
{
	(void)state;
	assert_int_equal(parse_with("StasisStart", "Ring", "0200000001", ""), OK);
	assert_int_equal(event.kind, ARI_START);
	assert_string_equal(event.channel, "1700000000.1");
	assert_int_equal(event.caller, ivr_caller(&key, "0200000001", 10));
	assert_true(event.caller);
	assert_false(holds("0200000001"));
	assert_int_equal(parse_with("StasisStart", "Ring", "", ""), OK);
	assert_int_equal(event.caller, 0);
	assert_int_equal(parse_with("StasisStart", "Ring", "anonymous", ""), OK);
	assert_int_equal(event.caller, 0);
}

static void keys_are_of_a_telephone(void **state)
{
	(void)state;
	assert_int_equal(parse_with("ChannelDtmfReceived", "Up", "1",
				 ",\"digit\":\"#\",\"timestamp\":\"2026-11-25T10:00:00.123+0000\""),
		OK);
	assert_int_equal(event.kind, ARI_KEY);
	assert_int_equal(event.key, '#');
	assert_string_equal(event.stamp, "2026-11-25T10:00:00.123+0000");
	assert_int_equal(parse_with("ChannelDtmfReceived", "Up", "1", ",\"digit\":\"A\""), OK);
	assert_int_equal(event.kind, ARI_NOTHING);
	assert_int_equal(parse_with("ChannelDtmfReceived", "Up", "1", ",\"digit\":\"12\""), ERR_INVALID);
	assert_int_equal(parse_with("ChannelDtmfReceived", "Up", "1", ",\"digit\":\"\""), ERR_INVALID);
	assert_int_equal(parse_with("ChannelDtmfReceived", "Up", "1", ",\"digit\":1"), ERR_INVALID);
}

static void causes_are_told_apart(void **state)
{
	static const struct {
		int q850;
		enum ivr_cause cause;
	} known[] = { { 17, IVR_CAUSE_BUSY }, { 21, IVR_CAUSE_BUSY }, { 16, IVR_CAUSE_NO_ANSWER },
		{ 19, IVR_CAUSE_NO_ANSWER }, { 0, IVR_CAUSE_NO_ANSWER }, { 1, IVR_CAUSE_FAILED },
		{ 34, IVR_CAUSE_FAILED }, { -1, IVR_CAUSE_FAILED }, { 1000, IVR_CAUSE_FAILED } };
	char more[40];

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		snprintf(more, sizeof more, ",\"cause\":%d", known[i].q850);
		assert_int_equal(parse_with("ChannelDestroyed", "Up", "1", more), OK);
		assert_int_equal(event.kind, ARI_GONE);
		assert_int_equal(event.cause, known[i].cause);
	}
	assert_int_equal(parse_with("StasisEnd", "Up", "1", ""), OK);
	assert_int_equal(event.cause, IVR_CAUSE_NONE);
}

static void sounds_and_recordings_end(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"PlaybackFinished\",\"playback\":{\"id\":\"p\",\"target_uri\":"
			       "\"channel:7\",\"state\":\"failed\"}}"),
		OK);
	assert_int_equal(event.kind, ARI_PLAYED);
	assert_string_equal(event.name, "p");
	assert_string_equal(event.channel, "7");
	assert_true(event.failed);
	assert_int_equal(parse("{\"type\":\"RecordingFinished\",\"recording\":{\"name\":\"r\",\"target_uri\":"
			       "\"channel:7\",\"duration\":12,\"talking_duration\":2}}"),
		OK);
	assert_int_equal(event.seconds, 12);
	assert_int_equal(parse("{\"type\":\"RecordingFinished\",\"recording\":{\"name\":\"r\",\"target_uri\":"
			       "\"channel:7\",\"duration\":12,\"talking_duration\":0}}"),
		OK);
	assert_int_equal(event.seconds, 0);
	assert_int_equal(parse("{\"type\":\"RecordingFailed\",\"recording\":{\"name\":\"r\",\"target_uri\":"
			       "\"channel:7\",\"duration\":-5}}"),
		OK);
	assert_true(event.failed);
	assert_int_equal(event.seconds, 0);
	assert_int_equal(parse("{\"type\":\"PlaybackFinished\",\"playback\":{\"id\":\"p\",\"target_uri\":"
			       "\"bridge:7\"}}"),
		ERR_INVALID);
}

static void ringing_is_told_in_two_ways(void **state)
{
	(void)state;
	assert_int_equal(parse_with("ChannelStateChange", "Ringing", "1", ""), OK);
	assert_int_equal(event.kind, ARI_RINGING);
	assert_int_equal(parse_with("ChannelStateChange", "Up", "1", ""), OK);
	assert_int_equal(event.kind, ARI_NOTHING);
	assert_int_equal(parse("{\"type\":\"Dial\",\"dialstatus\":\"RINGING\",\"peer\":{\"id\":\"7\"}}"), OK);
	assert_int_equal(event.kind, ARI_RINGING);
	assert_int_equal(parse("{\"type\":\"Dial\",\"dialstatus\":\"BUSY\",\"peer\":{\"id\":\"7\"}}"), OK);
	assert_int_equal(event.kind, ARI_NOTHING);
}

static void what_is_no_event_is_refused(void **state)
{
	static const char *const bad[] = { "", "[]", "1", "{}", "{\"type\":1}", "{\"type\":\"StasisStart\"}",
		"{\"type\":\"StasisStart\",\"channel\":[]}", "{\"type\":\"StasisStart\",\"channel\":{\"id\":\"\"}}",
		"{\"type\":\"StasisStart\",\"channel\":{\"id\":\"a b\"}}",
		"{\"type\":\"StasisStart\",\"channel\":{\"id\":\"?x=1\"}}",
		"{\"type\":\"StasisStart\",\"channel\":{\"id\":\"..\"}}",
		"{\"type\":\"StasisStart\",\"channel\":{\"id\":\".\"}}",
		"{\"type\":\"StasisStart\",\"channel\":{\"id\":\"\xc3\xa9\"}}",
		"{\"type\":\"StasisStart\",\"type\":\"StasisEnd\",\"channel\":{\"id\":\"7\"}}",
		"{\"type\":\"StasisEnd\",\"channel\":{\"id\":7}}", "{\"type\":\"BridgeDestroyed\"}",
		"{\"type\":\"Dial\",\"dialstatus\":\"RINGING\"}", "{\"type\":\"StasisEnd\",\"channel\":" };
	char text[400], id[ARI_ID_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(parse(bad[i]), ERR_INVALID);
		assert_int_equal(event.kind, ARI_NOTHING);
	}
	memset(id, 'x', sizeof id);
	id[ARI_ID_MAX + 1] = '\0';
	for (int more = 1; more >= 0; more--) {
		id[ARI_ID_MAX + more] = '\0';
		snprintf(text, sizeof text, "{\"type\":\"StasisEnd\",\"channel\":{\"id\":\"%s\"}}", id);
		assert_int_equal(parse(text), more ? ERR_INVALID : OK);
	}
	assert_int_equal(parse("{\"type\":\"ContactStatusChange\"}"), OK);
	assert_int_equal(event.kind, ARI_NOTHING);
	assert_int_equal(parse("{\"type\":\"ApplicationReplaced\"}"), OK);
	assert_int_equal(event.kind, ARI_REPLACED);
}

static void endpoint(const char *form, const char *target, const char *expected)
{
	struct text to = { 0 };

	assert_int_equal(ari_endpoint(form, target, &to), expected != NULL);
	if (expected)
		assert_string_equal(to.bytes, expected);
	text_free(&to);
}

static void what_is_dialled(void **state)
{
	(void)state;
	endpoint("PJSIP/{}@trunk", "+3220001111", "PJSIP/+3220001111@trunk");
	endpoint("Local/{}@telephones/n", "201", "Local/201@telephones/n");
	endpoint("PJSIP/{}@trunk", "sip:anna@pbx.example.org", "PJSIP/trunk/sip:anna@pbx.example.org");
	endpoint("Local/{}@telephones", "sip:anna@pbx.example.org", NULL);
	endpoint("PJSIP/{}@trunk", "201&SIP/9", NULL);
	endpoint("PJSIP/{}@trunk", "201/9", NULL);
	endpoint("PJSIP/{}@trunk", "201,9", NULL);
	endpoint("PJSIP/{}@trunk", "", NULL);
	endpoint("PJSIP/trunk", "201", NULL);
	endpoint(NULL, "201", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_call_comes_without_its_number),
		cmocka_unit_test(keys_are_of_a_telephone), cmocka_unit_test(causes_are_told_apart),
		cmocka_unit_test(sounds_and_recordings_end),
		cmocka_unit_test(ringing_is_told_in_two_ways),
		cmocka_unit_test(what_is_no_event_is_refused), cmocka_unit_test(what_is_dialled) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
