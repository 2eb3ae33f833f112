/* mod_httapi: what its forms say, who is believed, and the documents; hostile ones of each too. */
#include "ivr/adapters/httapi.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <sys/stat.h>

static const struct ivr_caller_key key = { { 1, 2, 3 } };
static char old[] = "old", secret[] = "pass:word", fs[] = "fs", user[] = "switch", carrier[] = "carrier";
static char *secrets[] = { old, secret };
static struct config_line line = { .name = fs, .secrets = secrets, .secrets_count = 2 };
static struct script *script;
static struct prompts *prompts;
static struct web web = { .line = &line, .root = "https://phone.invalid" };
static struct httapi_event said;
static struct text text;

static enum err parse(const char *form)
{
	static struct form read;
	enum err err = form_parse(form, strlen(form), &read);
	if (!err) {
		err = httapi_parse(&read, &key, &said);
		form_finish(&read);
	}
	return err;
}

static void a_form_is_understood(void **unused)
{
	(void)unused;
	assert_int_equal(parse("session_id=5b1a-1&Caller-Caller-ID-Number=%2B32470009999&keys=4%23&"
			       "input_type=dtmf&originate_disposition=USER_BUSY"), OK);
	assert_string_equal(said.call, "5b1a-1");
	assert_string_equal(said.keys, "4#");
	assert_int_equal(said.dialled, IVR_CAUSE_BUSY);
	assert_false(said.over);
	assert_true(said.caller == ivr_caller(&key, "+32470009999", 12) && said.caller);
	assert_int_equal(parse("session_id=a&exiting=true"), OK);
	assert_true(said.over);
	assert_int_equal(said.dialled, IVR_CAUSE_NONE);
	assert_true(!said.caller && !*said.keys);
}

static void every_way_a_dial_ends(void **unused)
{
	static const struct {
		const char *disposition;
		enum ivr_cause cause;
	} ends[] = { { "SUCCESS", IVR_CAUSE_DONE }, { "USER_BUSY", IVR_CAUSE_BUSY },
		{ "CALL_REJECTED", IVR_CAUSE_BUSY }, { "NO_ANSWER", IVR_CAUSE_NO_ANSWER },
		{ "NO_USER_RESPONSE", IVR_CAUSE_NO_ANSWER },
		{ "ALLOTTED_TIMEOUT", IVR_CAUSE_NO_ANSWER },
		{ "PROGRESS_TIMEOUT", IVR_CAUSE_NO_ANSWER },
		{ "ORIGINATOR_CANCEL", IVR_CAUSE_CALLER },
		{ "NORMAL_CLEARING", IVR_CAUSE_DECLINED }, { "failure", IVR_CAUSE_FAILED },
		{ "UNALLOCATED_NUMBER", IVR_CAUSE_FAILED }, { "success", IVR_CAUSE_FAILED } };
	char form[100];

	(void)unused;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(form, sizeof form, "session_id=a&originate_disposition=%s",
			ends[i].disposition);
		assert_int_equal(parse(form), OK);
		assert_int_equal(said.dialled, ends[i].cause);
	}
}

static void what_is_hostile_is_no_event(void **unused)
{
	char form[400] = "session_id=";
	static const char *const bad[] = { "", "session_id=", "Session_id=a", "session_id=a%2Fb",
		"session_id=a%0Ab", "session_id=a%00b", "session_id=%C3%A9", "session_id=a&keys=x",
		"session_id=a&keys=1%0A", "session_id=a&keys=A", "session_id=a%26c%3Db",
		"session_id=%", "session_id=..%2F..",
		"session_id=a&keys=012345678901234567890123456789012" /* 33 */ };

	(void)unused;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_not_equal(parse(bad[i]), OK);
	assert_int_equal(parse("session_id=a&keys=01234567890123456789012345678901"), OK);
	memset(form + strlen(form), 'a', IVR_CALL_ID_MAX);
	assert_int_equal(parse(form), OK);
	form[strlen(form)] = 'a';
	assert_int_not_equal(parse(form), OK);
	assert_string_equal(said.call, "");
}

static void who_is_believed(void **unused)
{
	(void)unused;
	assert_true(httapi_believed(&line, "Basic ZnM6cGFzczp3b3Jk")); /* fs:pass:word */
	assert_true(httapi_believed(&line, "basic ZnM6b2xk")); /* fs:old */
	assert_false(httapi_believed(&line, ""));
	assert_false(httapi_believed(&line, "Basic "));
	assert_false(httapi_believed(&line, "Basic"));
	assert_false(httapi_believed(&line, "Bearer ZnM6b2xk"));
	assert_false(httapi_believed(&line, "Basic ZnM6b2x"));
	assert_false(httapi_believed(&line, "Basic ZnM6b2xkZA=="));
	assert_false(httapi_believed(&line, "Basic ZnM6"));
	assert_false(httapi_believed(&line, "Basic eHM6b2xk")); /* xs:old */
	line.user = user;
	assert_false(httapi_believed(&line, "Basic ZnM6b2xk"));
	assert_true(httapi_believed(&line, "Basic c3dpdGNoOm9sZA=="));
	line.user = NULL;
}

static void write_wav(const char *path, size_t seconds)
{
	size_t size = seconds * PROMPTS_RATE * 2;
	unsigned char head[44] = "RIFF----WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data";
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (int i = 0; i < 4; i++) {
		head[4 + i] = (unsigned char)((size + 36) >> 8 * i);
		head[40 + i] = (unsigned char)(size >> 8 * i);
	}
	fwrite(head, 1, 44, file);
	for (size_t i = 0; i < size; i++)
		fputc((int)(i / 1000 % 256), file);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct config_errors errors = { 0 };
	char path[200];

	if (folder_set_up(state))
		return -1;
	snprintf(path, sizeof path, "%s/any", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/any/hold.wav", folder);
	write_wav(path, 13);
	snprintf(path, sizeof path, "%s/nl", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/nl/queue.wav", folder);
	write_wav(path, 1);
	snprintf(path, sizeof path, "%s/nl/accept.wav", folder);
	write_wav(path, 1);
	if (script_load("config/ivr.yaml", &script, &errors))
		return -1;
	prompts = prompts_create(script, folder, folder);
	web.script = script;
	web.prompts = prompts;
	return 0;
}

static int tear_down(void **state)
{
	text_free(&text);
	prompts_destroy(&prompts);
	script_destroy(&script);
	return folder_tear_down(state);
}

static struct ivr_prompt prompt(const char *lang, const char *id)
{
	struct ivr_prompt made;
	snprintf(made.id, sizeof made.id, "%s", id);
	snprintf(made.lang, sizeof made.lang, "%s", lang);
	return made;
}

static const char *render(const struct ivr_step *step, uint32_t number)
{
	struct ivr_turn turn = { .number = number, .count = 1, .steps = { *step } };
	text_free(&text);
	httapi_render(&web, "uuid-1", "7.queue.nl.0.code", &turn, &text);
	return text.bytes;
}

#define HAS(needle) assert_non_null(strstr(text.bytes, needle))
#define HAS_NOT(needle) assert_null(strstr(text.bytes, needle))

static void a_menu_hears_every_key_at_once(void **unused)
{
	struct ivr_step step = { .kind = IVR_MENU, .seconds = 5, .prompt_count = 1 };

	(void)unused;
	step.prompts[0] = prompt("nl", "queue");
	render(&step, 1);
	HAS("<document type=\"xml/freeswitch-httapi\"><work><playback file=\"file_string://https://phone.invalid/ivr/prompts/nl/queue.");
	HAS(".wav!silence_stream://20\" name=\"keys\" input-timeout=\"5000\" action=\"https://phone.invalid/ivr/fs/t/7.queue.nl.0.code\">");
	HAS("<bind>0</bind>");
	HAS("<bind>*</bind><bind>#</bind></playback>");
	HAS_NOT("~");
	step.prompts[0] = prompt("xx", "not-there"); /* a missing sound is not said, but keys are heard */
	render(&step, 1);
	HAS("<work><pause name=\"keys\" milliseconds=\"5000\"");
}

static void digits_are_collected_until_the_last(void **unused)
{
	struct ivr_step step = { .kind = IVR_COLLECT, .seconds = 8, .most = 15, .finish = '#' };

	(void)unused;
	render(&step, 1);
	HAS("milliseconds=\"23000\" digit-timeout=\"3000\" terminators=\"#\"");
	HAS("<bind strip=\"#\">~^[0-9]{1,15}#?$</bind><bind>*</bind></pause>");
	step.finish = 0;
	render(&step, 1);
	HAS("<bind>~^[0-9]{1,15}$</bind>");
	HAS_NOT("terminators");
}

static void the_music_comes_in_pieces(void **unused)
{
	struct ivr_step step = { .kind = IVR_HOLD, .seconds = 5, .prompt_count = 1 };

	(void)unused;
	step.segment = prompt("any", "hold");
	step.prompts[0] = prompt("nl", "queue");
	render(&step, 2); /* 13 s: 5 and 8 */
	HAS("file=\"file_string://https://phone.invalid/ivr/prompts/nl/queue.");
	HAS("!https://phone.invalid/ivr/prompts/any/hold.");
	HAS(".5-0.wav!silence_stream://20\" name=\"keys\" input-timeout=\"20\"");
	step.prompt_count = 0;
	render(&step, 3);
	HAS("<playback file=\"file_string://https://phone.invalid/ivr/prompts/any/hold.");
	HAS(".5-1.wav!");
	step.segment = prompt("any", "not-there");
	render(&step, 3);
	HAS("<pause name=\"keys\" milliseconds=\"5000\"");
}

static struct ivr_step connect_to(const char *target)
{
	struct ivr_step step = { .kind = IVR_CONNECT, .seconds = 25, .cli = "+3220000000" };
	snprintf(step.target, sizeof step.target, "%s", target);
	step.accept = prompt("nl", "accept");
	return step;
}

static void where_a_counsellor_is_rung(void **unused)
{
	struct ivr_step step = connect_to("+3220001111");

	(void)unused;
	render(&step, 1);
	HAS("<dial caller-id-name=\"+3220000000\" caller-id-number=\"+3220000000\" action=\"https://phone.invalid/ivr/fs/d/7.queue.nl.0.code\">");
	HAS("{originate_timeout=25,ignore_early_media=true,httapi_profile=onthaal,group_confirm_key=exec,group_confirm_cancel_timeout=true,");
	HAS("group_confirm_file=&#39;httapi https://phone.invalid/ivr/fs/l/7.queue.nl.0.code/0?c=uuid-1&#39;}");
	HAS("[origination_caller_id_name=+3220000000,origination_caller_id_number=+3220000000,ignore_display_updates=true]user/+3220001111</dial>");
	HAS("</dial><getVariable name=\"originate_disposition\"/></work>");
	line.account = carrier;
	render(&step, 1);
	HAS("]sofia/gateway/carrier/+3220001111<");
	step = connect_to("sip:anke@desk.invalid:5070");
	render(&step, 1);
	HAS("]sofia/external/sip:anke@desk.invalid:5070<");
	step = connect_to("user/1001");
	step.cli[0] = '\0'; /* the caller's own is never shown */
	render(&step, 1);
	HAS("[origination_caller_id_name=anonymous,origination_caller_id_number=anonymous,");
	HAS("]user/1001<");
	line.account = NULL;
}

static void a_hostile_target_is_not_dialled(void **unused)
{
	static const char *const bad[] = { "", "1,user/2", "1|user/2", "[a=b]user/1", "{a=b}user/1",
		"${system(id)}", "1'", "1 2", "1<2", "a\\b", "1:_:2\n" };
	struct ivr_step step;

	(void)unused;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		step = connect_to(bad[i]);
		render(&step, 1);
		HAS("<work><continue action=\"https://phone.invalid/ivr/fs/d/");
		HAS_NOT("<dial");
	}
	step = connect_to("+3220001111");
	strcpy(step.cli, "+32',evil='1");
	render(&step, 1);
	HAS("origination_caller_id_number=anonymous,");
	HAS_NOT("evil");
}

static void a_telephone_is_rung_for_a_callback(void **unused)
{
	(void)unused;
	text_free(&text);
	assert_true(httapi_originate(&web, "u-1", "+3220001111", "+3220000000", 25, &text));
	assert_string_equal(text.bytes,
		"{originate_timeout=25,ignore_early_media=true,httapi_profile=onthaal,origination_uuid=u-1}"
		"[origination_caller_id_name=+3220000000,origination_caller_id_number=+3220000000,"
		"ignore_display_updates=true]user/+3220001111 &httapi(https://phone.invalid/ivr/fs/o/u-1)");
	assert_false(httapi_originate(&web, "u-1", "1 &system(id)", "", 25, &text));
	assert_false(httapi_originate(&web, "u-1", "", "", 25, &text));
}

static void only_with_an_address_it_is_told_out_of_turn(void **unused)
{
	struct ivr_adapter adapter = { .poll = 1 };

	(void)unused;
	httapi_adapt(&line, &adapter);
	assert_true(!adapter.interrupt && !adapter.end && !adapter.query && !adapter.dial);
	line.api_url = user;
	httapi_adapt(&line, &adapter);
	assert_true(adapter.interrupt && adapter.end && adapter.query && adapter.dial);
	line.api_url = NULL;
}

static void endings(void **unused)
{
	struct ivr_step step = { .kind = IVR_HANGUP };

	(void)unused;
	assert_string_equal(render(&step, 1), "<document type=\"xml/freeswitch-httapi\"><work><hangup/></work></document>\n");
	step = (struct ivr_step) { .kind = IVR_REJECT, .cause = IVR_CAUSE_BUSY };
	render(&step, 1);
	HAS("<hangup cause=\"USER_BUSY\"/>");
	step.cause = IVR_CAUSE_CLOSED;
	render(&step, 1);
	HAS("<hangup cause=\"CALL_REJECTED\"/>");
	step = (struct ivr_step) { .kind = IVR_PAUSE, .seconds = 1 };
	render(&step, 1);
	HAS("<pause milliseconds=\"1000\"/>");
}

static void the_leg_is_asked_and_joined(void **unused)
{
	struct ivr_prompt accept = prompt("nl", "accept");

	(void)unused;
	text_free(&text);
	httapi_render_leg(&web, "uuid-1", "T", IVR_LEG_ASK, 0, &accept, &text);
	HAS("<playback file=\"file_string://https://phone.invalid/ivr/prompts/nl/accept.");
	HAS("input-timeout=\"6000\" action=\"https://phone.invalid/ivr/fs/l/T/1?c=uuid-1\"><bind>0</bind>");
	text_free(&text);
	httapi_render_leg(&web, "uuid-1", "T", IVR_LEG_JOIN, 1, &accept, &text);
	HAS("<work><break/></work>");
	text_free(&text);
	httapi_render_leg(&web, "\"><hangup/>&", "T", IVR_LEG_ASK, 1, &accept, &text);
	HAS("/l/T/2?c=%22%3E%3Changup%2F%3E%26\">");
	text_free(&text);
	httapi_render_leg(&web, "uuid-1", "T", IVR_LEG_DROP, 1, &accept, &text);
	HAS("<work><hangup/></work>");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_form_is_understood),
		cmocka_unit_test(every_way_a_dial_ends), cmocka_unit_test(what_is_hostile_is_no_event),
		cmocka_unit_test(who_is_believed), cmocka_unit_test(a_menu_hears_every_key_at_once),
		cmocka_unit_test(digits_are_collected_until_the_last),
		cmocka_unit_test(the_music_comes_in_pieces),
		cmocka_unit_test(where_a_counsellor_is_rung),
		cmocka_unit_test(a_hostile_target_is_not_dialled),
		cmocka_unit_test(a_telephone_is_rung_for_a_callback),
		cmocka_unit_test(only_with_an_address_it_is_told_out_of_turn),
		cmocka_unit_test(endings),
		cmocka_unit_test(the_leg_is_asked_and_joined) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
