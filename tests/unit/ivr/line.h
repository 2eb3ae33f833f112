/* Calls on a real desk and store, driven as an in-process line ("line") and as a platform would by
 * webhook ("hook"); and what was asked of them. */
#ifndef TESTS_IVR_LINE_H
#define TESTS_IVR_LINE_H

#include "ivr/ivr.h"
#include "tests/unit/desk/bench.h"

static struct script *script;
static struct ivr *ivr;
static struct ivr_turn turn;
static char asked[512], stages[512], dialled[2][130];
static uint64_t anke;
static char vault_key[64], vault_json[256];

#define UNTIL(condition)                                                                           \
	while (!(condition))                                                                       \
	bench_pump()

static inline void add(char *to, size_t size, const char *what, const char *which)
{
	size_t length = strlen(to);
	snprintf(to + length, size - length, " %s%s%s", what, *which ? ":" : "", which);
}

static inline void interrupt(void *arg, const struct ivr_call *call)
{
	(void)arg;
	add(asked, sizeof asked, "interrupt", ivr_call_id(call));
}

static inline void end(void *arg, const struct ivr_call *call)
{
	(void)arg;
	add(asked, sizeof asked, "end", ivr_call_id(call));
}

static inline void query(void *arg, const struct ivr_call *call)
{
	(void)arg;
	add(asked, sizeof asked, "query", ivr_call_id(call));
}

static inline enum err dial(void *arg, const char *name, const char *number)
{
	(void)arg;
	snprintf(dialled[0], sizeof dialled[0], "%s", name);
	snprintf(dialled[1], sizeof dialled[1], "%s", number);
	return OK;
}

/* fetched_call: for which the file was last asked; forgotten: what was deleted at the platform. */
static char fetched_call[IVR_CALL_ID_MAX + 1], forgotten[128];
static uint32_t fetches;

static inline enum err fetch(void *arg, const char *call, const char *recording)
{
	(void)arg;
	(void)recording;
	fetches++;
	snprintf(fetched_call, sizeof fetched_call, "%s", call);
	return OK;
}

static inline void forget(void *arg, const char *recording)
{
	(void)arg;
	add(forgotten, sizeof forgotten, recording, "");
}

static inline void render(void *arg, const struct ivr_call *call, const struct ivr_turn *of,
	struct ivr_bytes *bytes_r)
{
	char token[IVR_TOKEN_MAX] = "";
	static unsigned serial; /* a fresh rendering differs from a kept one */
	(void)arg;
	if (call)
		ivr_token(ivr, call, token);
	bytes_r->bytes = malloc(300);
	bytes_r->length = (size_t)snprintf(bytes_r->bytes, 300, "%u %d %u %s", of->number,
		(int)ivr_turn_last(of)->kind, ++serial, token);
}

static const struct ivr_adapter line = { .name = "line",
	.poll = 20,
	.interrupt = interrupt,
	.end = end,
	.query = query,
	.dial = dial,
	.fetch = fetch,
	.forget = forget };
static bool no_platform; /* the in-process line alone */
static bool no_dialling; /* which cannot dial, nor be ended, nor be asked whether it is there */
static const struct ivr_adapter hook = { .name = "hook", .poll = 10, .render = render };
static struct ivr_settings settings = { .cli = "+3220000000",
	.ring_seconds = 25,
	.wrapup_seconds = 60,
	.calls_per_hour = 3,
	.callback_attempts = 2,
	.voicemail = true,
	.config = &config };

static inline void on_event(void *arg, const struct contact *contact, const struct contact_event *event)
{
	(void)arg;
	(void)contact;
	if (event->kind == EVENT_CALL) {
		const char *from = strstr(contact_event_body(event), ":\"") + 2;
		char stage[32];
		snprintf(stage, sizeof stage, "%.*s", (int)strcspn(from, "\""), from);
		add(stages, sizeof stages, stage, "");
	}
}

static const struct desk_listener listener = { .on_event = on_event };

static inline void vault_put(void *arg, const char *key, const char *json, size_t length)
{
	(void)arg;
	snprintf(vault_key, sizeof vault_key, "%s", key);
	snprintf(vault_json, sizeof vault_json, "%.*s", (int)length, json);
}

static inline void vault_drop(void *arg, const char *key)
{
	(void)arg;
	assert_string_equal(key, vault_key);
	*vault_json = '\0';
}

static const struct ivr_vault vault = { .put = vault_put, .drop = vault_drop };

static inline void open_all(void)
{
	static const struct ivr_adapter dumb = { .name = "line", .poll = 5 };

	bench_open(NULL);
	ivr = ivr_create(desk, script, &settings);
	assert_int_equal(ivr_adapter_add(ivr, no_dialling ? &dumb : &line), OK);
	if (!no_platform)
		assert_int_equal(ivr_adapter_add(ivr, &hook), OK);
	assert_int_equal(ivr_adapter_add(ivr, no_platform ? &line : &hook), ERR_EXISTS);
	ivr_vault(ivr, &vault);
	anke = desk_counsellor_attach(desk, 1, "Anke", &listener, NULL);
	desk_staff_telephone(desk, 1, "sip:anke@127.0.0.1");
}

static inline void close_all(void)
{
	ivr_destroy(&ivr);
	desk_destroy(&desk);
}

static inline int set_up(void **state)
{
	struct config_errors errors = { 0 };
	config.desk.capacity = 3;
	config.desk.lease_seconds = 600;
	config.limits.message_characters = 100;
	config.limits.waiting = 100;
	no_platform = no_dialling = false;
	*asked = *stages = *forgotten = *fetched_call = *vault_json = '\0';
	fetches = 0;
	if (bench_set_up(state) || script_load("config/ivr.yaml", &script, &errors))
		return -1;
	open_all();
	return 0;
}

static inline int tear_down(void **state)
{
	ivr_destroy(&ivr);
	script_destroy(&script);
	return bench_tear_down(state);
}

static inline enum err tell(const char *call, enum ivr_event_kind kind, uint32_t number, const char *keys,
	enum ivr_cause cause)
{
	struct ivr_event event
		= { .kind = kind, .call = call, .turn = number, .caller = 7, .cause = cause };
	snprintf(event.keys, sizeof event.keys, "%s", keys);
	return ivr_drive(ivr, "line", &event, &turn);
}

static inline enum ivr_step_kind next(const char *call, enum ivr_event_kind kind, const char *keys)
{
	uint32_t number = kind == IVR_EVENT_INCOMING ? 0 : turn.number;
	assert_int_equal(tell(call, kind, number, keys, IVR_CAUSE_NONE), OK);
	return ivr_turn_last(&turn)->kind;
}

static inline void to_the_queue(const char *call)
{
	assert_int_equal(next(call, IVR_EVENT_INCOMING, ""), IVR_MENU);
	assert_int_equal(turn.steps[0].kind, IVR_ANSWER);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "1"), IVR_MENU);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "1"), IVR_HOLD);
	uint32_t before = desk_queue(desk)->length;
	UNTIL(desk_queue(desk)->length > before);
}

static inline const struct contact *first(void)
{
	return desk_queue(desk)->length ? desk_queue(desk)->order[0] : NULL;
}

static inline void by_anke(enum command_kind kind, uint64_t contact, const char *id)
{
	struct command command = { .kind = kind,
		.author = AUTHOR_COUNSELLOR,
		.staff = 1,
		.port = anke,
		.contact = contact,
		.id = id };
	enum contact_state wanted = kind == COMMAND_TAKE ? CONTACT_TAKEN
		: kind == COMMAND_CLOSE                  ? CONTACT_CLOSED
							 : CONTACT_WAITING;
	assert_int_equal(desk_submit(desk, &command), OK);
	UNTIL(desk_contact(desk, contact)->state == wanted);
}

static inline void leave_a_number(const char *call)
{
	to_the_queue(call);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "*"), IVR_COLLECT);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "0200000001"), IVR_MENU);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "1"), IVR_HANGUP);
	tell(call, IVR_EVENT_GONE, 0, "", 0);
}

#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
