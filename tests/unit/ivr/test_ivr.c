/* Calls on a real desk and store, driven as an in-process line and as a webhook platform would. */
#include "ivr/ivr.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>

static struct config config;
static struct desk *desk;
static struct script *script;
static struct ivr *ivr;
static int wake_fd;
static struct ivr_turn turn;
static char asked[512], stages[512], dialled[2][130];
static uint64_t anke;

static void on_wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(wake_fd, &one, sizeof one);
}

static void pump(void)
{
	struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
	uint64_t off;
	assert_int_equal(poll(&wait, 1, 10000), 1);
	(void)!read(wake_fd, &off, sizeof off);
	desk_pump(desk);
}

#define UNTIL(condition)                                                                           \
	while (!(condition))                                                                       \
	pump()

static void add(char *to, size_t size, const char *what, const char *which)
{
	size_t length = strlen(to);
	snprintf(to + length, size - length, " %s%s%s", what, *which ? ":" : "", which);
}

static void interrupt(void *arg, const struct ivr_call *call)
{
	(void)arg;
	add(asked, sizeof asked, "interrupt", ivr_call_id(call));
}

static void end(void *arg, const struct ivr_call *call)
{
	(void)arg;
	add(asked, sizeof asked, "end", ivr_call_id(call));
}

static void query(void *arg, const struct ivr_call *call)
{
	(void)arg;
	add(asked, sizeof asked, "query", ivr_call_id(call));
}

static enum err dial(void *arg, const char *name, const char *number)
{
	(void)arg;
	snprintf(dialled[0], sizeof dialled[0], "%s", name);
	snprintf(dialled[1], sizeof dialled[1], "%s", number);
	return OK;
}

static void render(void *arg, const struct ivr_call *call, const struct ivr_turn *of,
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
	.dial = dial };
static bool no_platform; /* the in-process line alone */
static const struct ivr_adapter hook = { .name = "hook", .poll = 10, .render = render };
static struct ivr_settings settings = { .cli = "+3220000000",
	.ring_seconds = 25,
	.wrapup_seconds = 60,
	.calls_per_hour = 3,
	.callback_attempts = 2,
	.voicemail = true,
	.config = &config };

static void on_event(void *arg, const struct contact *contact, const struct contact_event *event)
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

static void open_all(void)
{
	char error[512] = "";
	if (desk_create(&config, NULL, folder, on_wake, NULL, &desk, error, sizeof error))
		fail_msg("%s", error);
	ivr = ivr_create(desk, script, &settings);
	assert_int_equal(ivr_adapter_add(ivr, &line), OK);
	if (!no_platform)
		assert_int_equal(ivr_adapter_add(ivr, &hook), OK);
	assert_int_equal(ivr_adapter_add(ivr, no_platform ? &line : &hook), ERR_EXISTS);
	anke = desk_counsellor_attach(desk, 1, "Anke", &listener, NULL);
	desk_staff_telephone(desk, 1, "sip:anke@127.0.0.1");
}

static void close_all(void)
{
	ivr_destroy(&ivr);
	desk_destroy(&desk);
}

static char zone[] = "Europe/Brussels";

static int set_up(void **state)
{
	struct config_errors errors = { 0 };
	config.desk.capacity = 3;
	config.desk.lease_seconds = 600;
	config.desk.gone_seconds = 60;
	config.desk.abandon_minutes = 30;
	config.desk.serious_minutes = 5;
	config.desk.elevated_minutes = 15;
	config.desk.none_minutes = 30;
	config.desk.wait_sample = 8;
	config.limits.message_characters = 100;
	config.limits.messages_per_minute = 100;
	config.limits.waiting = 100;
	config.limits.contact_messages = 100;
	config.centre.timezone = zone;
	no_platform = false;
	clock_fake(INT64_C(1700000000000), 100000);
	*asked = *stages = '\0';
	if (folder_set_up(state) || script_load("config/ivr.yaml", &script, &errors))
		return -1;
	open_all();
	return 0;
}

static int tear_down(void **state)
{
	close_all();
	script_destroy(&script);
	clock_real();
	return folder_tear_down(state);
}

static enum err tell(const char *call, enum ivr_event_kind kind, uint32_t number, const char *keys,
	enum ivr_cause cause)
{
	struct ivr_event event
		= { .kind = kind, .call = call, .turn = number, .caller = 7, .cause = cause };
	snprintf(event.keys, sizeof event.keys, "%s", keys);
	return ivr_drive(ivr, "line", &event, &turn);
}

static enum ivr_step_kind next(const char *call, enum ivr_event_kind kind, const char *keys)
{
	uint32_t number = kind == IVR_EVENT_INCOMING ? 0 : turn.number;
	assert_int_equal(tell(call, kind, number, keys, IVR_CAUSE_NONE), OK);
	return ivr_turn_last(&turn)->kind;
}

static void to_the_queue(const char *call)
{
	assert_int_equal(next(call, IVR_EVENT_INCOMING, ""), IVR_MENU);
	assert_int_equal(turn.steps[0].kind, IVR_ANSWER);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "1"), IVR_MENU);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "1"), IVR_HOLD);
	uint32_t before = desk_queue(desk)->length;
	UNTIL(desk_queue(desk)->length > before);
}

static const struct contact *first(void)
{
	return desk_queue(desk)->length ? desk_queue(desk)->order[0] : NULL;
}

static void by_anke(enum command_kind kind, uint64_t contact, const char *id)
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

static void a_call_is_a_contact_and_is_connected(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	assert_int_equal(first()->channel, CHANNEL_TELEPHONE);
	assert_string_equal(first()->answers.who, "professional");
	assert_string_equal(first()->answers.lang, "nl");
	by_anke(COMMAND_TAKE, contact, "take-1");
	assert_string_equal(asked, " interrupt:c1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	const struct ivr_step *connect = ivr_turn_last(&turn);
	assert_string_equal(connect->target, "sip:anke@127.0.0.1");
	assert_string_equal(connect->cli, "+3220000000");
	assert_string_equal(connect->accept.id, "accept");
	assert_int_equal(connect->seconds, 25);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, NULL, 0), IVR_LEG_ASK);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "", 1), IVR_LEG_ASK);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "", 2), IVR_LEG_DROP);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "1", 1), IVR_LEG_JOIN);
	assert_int_equal(tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0), ERR_EXISTS);
	UNTIL(strstr(stages, "connected"));
	assert_string_equal(desk_contact(desk, contact)->call, "connected");
	assert_int_equal(tell("c1", IVR_EVENT_GONE, 0, "", IVR_CAUSE_DONE), ERR_EXISTS);
	UNTIL(strstr(stages, "ended"));
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN); /* to be written up */
	by_anke(COMMAND_CLOSE, contact, "close-1");
	assert_string_equal(stages, " ringing connected ended");
}

static void every_failed_pick_up_keeps_the_place(void **state)
{
	static const enum ivr_cause causes[] = { IVR_CAUSE_BUSY, IVR_CAUSE_NO_ANSWER,
		IVR_CAUSE_DECLINED, IVR_CAUSE_FAILED };
	(void)state;
	to_the_queue("c1");
	struct ivr_turn kept = turn;
	uint64_t contact = first()->id;
	clock_advance(1000);
	to_the_queue("c2");
	for (size_t i = 0; i < 4; i++) {
		char id[8];
		snprintf(id, sizeof id, "t%zu", i);
		turn = kept;
		by_anke(COMMAND_TAKE, contact, id);
		assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
		assert_int_equal(tell("c1", IVR_EVENT_DROPPED, turn.number, "", causes[i]), OK);
		assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HOLD);
		assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, "not-yet");
		UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
		assert_int_equal(first()->id, contact); /* before c2, as ever */
		kept = turn;
	}
	assert_string_equal(
		stages, " ringing busy ringing no-answer ringing declined ringing failed");
	assert_int_equal(ivr_leg(ivr, "line", "c1", kept.number, "1", 0), IVR_LEG_DROP);
}

static void the_caller_leaves_while_it_rings(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	next("c1", IVR_EVENT_POLL, "");
	tell("c1", IVR_EVENT_GONE, 0, "", IVR_CAUSE_CALLER);
	assert_int_equal(ivr_leg(ivr, "line", "c1", turn.number, "1", 0), IVR_LEG_DROP);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
	assert_string_equal(stages, " ringing caller-left");
	assert_int_equal(desk_counsellor(desk, 1)->calls, 0);
	assert_int_equal(tell("c1", IVR_EVENT_DROPPED, turn.number, "", IVR_CAUSE_CALLER), OK);
	assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HANGUP); /* absorbed */
}

static void a_taken_contact_can_be_given_back(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	*asked = '\0';
	by_anke(COMMAND_RETURN, contact, "back-1");
	assert_string_equal(asked, " interrupt:c1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HOLD);
	by_anke(COMMAND_TAKE, contact, "take-2");
	by_anke(COMMAND_CLOSE, contact, "close");
	assert_non_null(strstr(asked, "end:c1"));
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HANGUP);
}

static void hold_and_ring_again(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	assert_int_equal(ivr_order(ivr, 1, contact, ORDER_HOLD), ERR_STALE);
	by_anke(COMMAND_TAKE, contact, "take-1");
	next("c1", IVR_EVENT_POLL, "");
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	assert_int_equal(ivr_order(ivr, 1, contact, ORDER_HOLD), OK);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HOLD);
	clock_advance(61000);
	ivr_second(ivr); /* held on purpose: not hung up */
	assert_int_equal(ivr_order(ivr, 1, contact, ORDER_RING), OK);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	tell("c1", IVR_EVENT_DROPPED, turn.number, "", IVR_CAUSE_DONE);
	assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HOLD); /* the caller is still there */
	clock_advance(60001);
	ivr_second(ivr);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HANGUP); /* no endless music */
	UNTIL(strstr(stages, "parked"));
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
}

static void nine_rings_louder_also_before_the_queue(void **state)
{
	(void)state;
	to_the_queue("c1");
	next("c2", IVR_EVENT_INCOMING, "");
	next("c2", IVR_EVENT_KEYS, "9");
	assert_int_equal(next("c2", IVR_EVENT_KEYS, ""), IVR_HOLD);
	UNTIL(desk_queue(desk)->length == 2);
	UNTIL(first()->level == LEVEL_SERIOUS);
	assert_int_equal(desk_queue(desk)->order[1]->level, LEVEL_NONE);
}

static void on_the_telephone_nothing_new_is_taken(void **state)
{
	struct command take = { .kind = COMMAND_TAKE,
		.author = AUTHOR_COUNSELLOR,
		.staff = 1,
		.port = anke,
		.id = "take-2" };
	(void)state;
	to_the_queue("c1");
	to_the_queue("c2");
	by_anke(COMMAND_TAKE, first()->id, "take-1");
	assert_int_equal(desk_submit(desk, &take), ERR_LIMIT);
	desk_staff_telephone(desk, 2, "");
	take.staff = 2;
	assert_int_equal(desk_submit(desk, &take), ERR_NOT_FOUND); /* no telephone: not offered */
	take.contact = first()->id;
	assert_int_equal(desk_submit(desk, &take), ERR_DENIED);
}

static void gone_before_it_came_and_gone_for_good(void **state)
{
	struct ivr_figures figures;
	(void)state;
	assert_int_equal(tell("late", IVR_EVENT_GONE, 0, "", 0), ERR_EXISTS);
	assert_int_equal(next("late", IVR_EVENT_INCOMING, ""), IVR_HANGUP);
	assert_int_equal(tell("late", IVR_EVENT_GONE, 0, "", 0), ERR_EXISTS);
	ivr_figures(ivr, &figures);
	assert_int_equal(figures.unknown, 1);
	assert_int_equal(figures.calls, 0);
	clock_advance(IVR_TOMBSTONE_MINUTES * 60000 + 1);
	ivr_second(ivr);
	assert_int_equal(next("late", IVR_EVENT_INCOMING, ""), IVR_MENU);
}

static void hanging_up_in_the_queue_closes_the_contact(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	tell("c1", IVR_EVENT_GONE, 0, "", 0);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
	next("c2", IVR_EVENT_INCOMING, "");
	next("c2", IVR_EVENT_KEYS, "1");
	next("c2", IVR_EVENT_KEYS, "1");
	tell("c2", IVR_EVENT_GONE, 0, "", 0); /* before the store has answered */
	UNTIL(desk_queue(desk)->length);
	contact = first()->id;
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
}

static void a_repeated_event_does_nothing_twice(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint32_t number = turn.number;
	assert_int_equal(tell("c1", IVR_EVENT_KEYS, number - 1, "1", 0), ERR_EXISTS);
	assert_int_equal(tell("c1", IVR_EVENT_INCOMING, 0, "", 0), ERR_EXISTS);
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_HOLD);
	assert_int_equal(turn.number, number + 1);
}

static bool late; /* ask: after an interrupt */

static void ask(const char *call, enum ivr_event_kind kind, const char *keys, const char *answer,
	char answer_r[300])
{
	const struct ivr_bytes *bytes;
	const char *token = answer ? strrchr(answer, ' ') + 1 : NULL;
	struct ivr_event event = { .kind = kind, .call = call, .token = token, .latest = late };
	event.turn = token ? ivr_token_turn(ivr, "hook", call, token) : 0;
	snprintf(event.keys, sizeof event.keys, "%s", keys);
	assert_int_equal(ivr_ask(ivr, "hook", &event, &bytes), OK);
	snprintf(answer_r, 300, "%.*s", (int)bytes->length, bytes->length ? bytes->bytes : "");
}

static void a_retried_webhook_gets_the_very_bytes(void **state)
{
	char one[300], two[300], three[300], again[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	ask("h1", IVR_EVENT_INCOMING, "", NULL, again);
	assert_string_equal(one, again);
	ask("h1", IVR_EVENT_KEYS, "1", one, two);
	ask("h1", IVR_EVENT_KEYS, "1", two, three);
	ask("h1", IVR_EVENT_KEYS, "1", one, again);
	assert_string_equal(two, again);
	ask("h1", IVR_EVENT_KEYS, "1", two, again);
	assert_string_equal(three, again);
	ask("h1", IVR_EVENT_GONE, "", NULL, again);
	assert_string_equal(again, "");
}

static void an_interrupt_that_comes_late_rings_again(void **state)
{
	char one[300], hold[300], connect[300], again[300], more[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	ask("h1", IVR_EVENT_KEYS, "1", one, one);
	ask("h1", IVR_EVENT_KEYS, "1", one, hold);
	UNTIL(desk_queue(desk)->length);
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	ask("h1", IVR_EVENT_POLL, "", hold, connect); /* as the sound came round */
	assert_memory_equal(connect, "4 6 ", 4);
	late = true;
	ask("h1", IVR_EVENT_POLL, "", hold, again); /* the interrupt: it cuts that leg */
	assert_memory_equal(again, "5 6 ", 4);
	ask("h1", IVR_EVENT_POLL, "", hold, more); /* its retry */
	assert_string_equal(again, more);
	late = false;
	ask("h1", IVR_EVENT_DROPPED, "", connect, more); /* of the leg that was cut */
	assert_string_equal(again, more);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
	ask("h1", IVR_EVENT_DROPPED, "", again, hold);
	assert_memory_equal(hold, "6 5 ", 4);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
	late = true;
	ask("h1", IVR_EVENT_POLL, "", connect, more); /* later still: what it does now */
	assert_string_equal(hold, more);
	late = false;
	assert_string_equal(stages, " ringing ringing failed");
}

static void a_restart_goes_on_where_the_token_says(void **state)
{
	char one[300], two[300], three[300], four[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	ask("h1", IVR_EVENT_KEYS, "3", one, two);
	ask("h1", IVR_EVENT_KEYS, "1", two, three);
	UNTIL(desk_queue(desk)->length);
	uint64_t contact = first()->id;
	close_all();
	open_all();
	assert_int_equal(first()->id, contact);
	ask("h1", IVR_EVENT_POLL, "", three, four);
	assert_memory_equal(four, "4 5 ", 4); /* HOLD, turn 4 */
	assert_non_null(strstr(four, ".queue.en.4"));
	by_anke(COMMAND_TAKE, contact, "take-1"); /* no second contact came */
	ask("h1", IVR_EVENT_POLL, "", four, one);
	assert_memory_equal(one, "5 6 ", 4); /* CONNECT */
	close_all();
	open_all(); /* in the middle of a pick-up: it is taken, so it rings again */
	ask("h1", IVR_EVENT_POLL, "", four, two);
	struct ivr_figures figures;
	ivr_figures(ivr, &figures);
	assert_int_equal(figures.calls, 1);
	for (int i = 0; i < 20 && memcmp(strchr(two, ' '), " 6", 2) != 0; i++) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
		if (poll(&wait, 1, 100) == 1)
			pump();
		ask("h1", IVR_EVENT_POLL, "", two, two);
	}
	assert_memory_equal(strchr(two, ' '), " 6", 2);
}

static void a_token_of_another_call_is_none(void **state)
{
	char one[300], two[300];
	(void)state;
	ask("h1", IVR_EVENT_INCOMING, "", NULL, one);
	const char *token = strrchr(one, ' ') + 1;
	assert_int_equal(ivr_token_turn(ivr, "hook", "h1", token), 1);
	assert_int_equal(ivr_token_turn(ivr, "hook", "h2", token), 0);
	assert_int_equal(ivr_token_turn(ivr, "line", "h1", token), 0);
	one[strlen(one) - 1] ^= 1;
	assert_int_equal(ivr_token_turn(ivr, "hook", "h1", token), 0);
	ask("h3", IVR_EVENT_KEYS, "1", one, two); /* a person who hears nothing is worse */
	assert_memory_equal(two, "1 3 ", 4);
}

static void leave_a_number(const char *call)
{
	to_the_queue(call);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "*"), IVR_COLLECT);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "0200000001"), IVR_MENU);
	assert_int_equal(next(call, IVR_EVENT_KEYS, "1"), IVR_HANGUP);
	tell(call, IVR_EVENT_GONE, 0, "", 0);
}

static void a_callback_keeps_its_place_and_is_dialled(void **state)
{
	(void)state;
	leave_a_number("c1");
	uint64_t contact = first()->id;
	clock_advance(1000);
	to_the_queue("c2");
	assert_int_equal(first()->id, contact);
	for (int attempt = 0; attempt < 2; attempt++) {
		char id[8];
		snprintf(id, sizeof id, "t%d", attempt);
		by_anke(COMMAND_TAKE, contact, id);
		assert_string_equal(dialled[1], "sip:anke@127.0.0.1");
		ivr_rename(ivr, "line", dialled[0], id);
		assert_int_equal(next(id, IVR_EVENT_INCOMING, ""), IVR_MENU);
		assert_int_equal(next(id, IVR_EVENT_KEYS, ""), IVR_MENU);
		assert_int_equal(next(id, IVR_EVENT_KEYS, "1"), IVR_CONNECT);
		assert_string_equal(ivr_turn_last(&turn)->target, "0200000001");
		assert_string_equal(ivr_turn_last(&turn)->cli, "+3220000000");
		assert_string_equal(ivr_turn_last(&turn)->accept.id, "");
		assert_int_equal(
			tell(id, IVR_EVENT_DROPPED, turn.number, "", IVR_CAUSE_BUSY), OK);
		assert_int_equal(ivr_turn_last(&turn)->kind, IVR_HANGUP);
		tell(id, IVR_EVENT_GONE, 0, "", 0);
		if (attempt == 0) {
			UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
			assert_int_equal(first()->id, contact);
		}
	}
	UNTIL(strstr(stages, "unreached"));
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
	assert_string_equal(stages, " ringing busy ringing busy unreached");
}

static void the_end_of_a_dialled_line_overtakes_its_name(void **state)
{
	(void)state;
	leave_a_number("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	tell("p1", IVR_EVENT_GONE, 0, "", 0);
	ivr_rename(ivr, "line", dialled[0], "p1");
	UNTIL(desk_contact(desk, contact)->state == CONTACT_WAITING);
	assert_string_equal(stages, " ringing no-answer");
}

static char vault_key[64], vault_json[256];

static void vault_put(void *arg, const char *key, const char *json, size_t length)
{
	(void)arg;
	snprintf(vault_key, sizeof vault_key, "%s", key);
	snprintf(vault_json, sizeof vault_json, "%.*s", (int)length, json);
}

static void vault_drop(void *arg, const char *key)
{
	(void)arg;
	assert_string_equal(key, vault_key);
	*vault_json = '\0';
}

static const struct ivr_vault vault = { .put = vault_put, .drop = vault_drop };

static void a_callback_survives_a_restart_and_its_number_not_the_success(void **state)
{
	(void)state;
	ivr_vault(ivr, &vault);
	leave_a_number("c1");
	assert_non_null(strstr(vault_json, "0200000001"));
	close_all();
	open_all();
	ivr_vault(ivr, &vault);
	assert_int_equal(ivr_callback_restore(ivr, vault_json, strlen(vault_json)), OK);
	assert_int_equal(ivr_callback_restore(ivr, "{", 1), ERR_INVALID);
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	UNTIL(strstr(stages, "ringing"));
	next(dialled[0], IVR_EVENT_INCOMING, "");
	assert_int_equal(next(dialled[0], IVR_EVENT_KEYS, "1"), IVR_CONNECT);
	assert_string_equal(ivr_turn_last(&turn)->target, "0200000001");
	tell(dialled[0], IVR_EVENT_ACCEPTED, 0, "", 0);
	assert_string_equal(vault_json, "");
	*asked = '\0';
	by_anke(COMMAND_CLOSE, contact, "close-1");
	assert_non_null(strstr(asked, "end:back-"));
}

static void a_line_that_says_nothing_is_asked_and_then_let_go(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	clock_advance(IVR_SILENT_MINUTES * 60000);
	ivr_second(ivr);
	assert_string_equal(asked, "");
	clock_advance(1);
	ivr_second(ivr);
	assert_string_equal(asked, " query:c1");
	clock_advance(30001);
	ivr_second(ivr);
	UNTIL(desk_contact(desk, contact)->state == CONTACT_CLOSED);
}

/* One waits, one talks, one waits to be called back; then we are gone, and come again. */
static void lines_end_with_us(uint64_t contacts_r[3])
{
	to_the_queue("c1");
	contacts_r[0] = first()->id;
	by_anke(COMMAND_TAKE, contacts_r[0], "take-1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	UNTIL(strstr(stages, "connected"));
	ivr_vault(ivr, &vault);
	leave_a_number("c2");
	contacts_r[1] = first()->id;
	clock_advance(1000);
	to_the_queue("c3");
	contacts_r[2] = desk_queue(desk)->order[1]->id;
	close_all();
	open_all();
	ivr_vault(ivr, &vault);
	assert_int_equal(ivr_callback_restore(ivr, vault_json, strlen(vault_json)), OK);
}

static void lines_of_our_own_that_ended_are_marked(void **state)
{
	uint64_t contacts[3];
	(void)state;
	no_platform = true;
	close_all();
	open_all();
	lines_end_with_us(contacts);
	clock_advance(5000);
	ivr_second(ivr);
	assert_string_equal(desk_contact(desk, contacts[0])->call, "connected");
	clock_advance(1);
	UNTIL((ivr_second(ivr), !strcmp(desk_contact(desk, contacts[2])->call, "cut")));
	assert_string_equal(desk_contact(desk, contacts[0])->call, "cut");
	assert_int_equal(desk_contact(desk, contacts[0])->state, CONTACT_TAKEN);
	assert_int_equal(desk_contact(desk, contacts[2])->state, CONTACT_WAITING);
	assert_string_equal(desk_contact(desk, contacts[1])->call, ""); /* the number is kept */
}

static void lines_of_a_platform_come_back_or_are_marked(void **state)
{
	uint64_t contacts[3];
	(void)state;
	lines_end_with_us(contacts);
	clock_advance(IVR_SILENT_MINUTES * 60000);
	ivr_second(ivr);
	assert_string_equal(desk_contact(desk, contacts[2])->call, "");
	clock_advance(1);
	UNTIL((ivr_second(ivr), !strcmp(desk_contact(desk, contacts[2])->call, "cut")));
	assert_string_equal(desk_contact(desk, contacts[0])->call, "connected"); /* perhaps they talk */
	assert_string_equal(desk_contact(desk, contacts[1])->call, "");
}

static void a_line_that_is_cut_says_so(void **state)
{
	(void)state;
	to_the_queue("c1");
	uint64_t contact = first()->id;
	by_anke(COMMAND_TAKE, contact, "take-1");
	assert_int_equal(next("c1", IVR_EVENT_POLL, ""), IVR_CONNECT);
	tell("c1", IVR_EVENT_ACCEPTED, 0, "", 0);
	tell("c1", IVR_EVENT_GONE, 0, "", IVR_CAUSE_CUT);
	UNTIL(strstr(stages, "cut"));
	assert_string_equal(stages, " ringing connected cut");
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
}

static void who_calls_too_often_is_told_so(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		char call[8];
		snprintf(call, sizeof call, "n%d", i);
		next(call, IVR_EVENT_INCOMING, "");
		assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, i < 3 ? "greeting" : "often");
	}
	clock_advance(3600000);
	ivr_second(ivr);
	next("n5", IVR_EVENT_INCOMING, "");
	assert_string_equal(ivr_turn_last(&turn)->prompts[0].id, "greeting");
}

static void a_number_is_a_hash_of_one_day(void **state)
{
	struct ivr_caller_key key = *ivr_caller_key(ivr);
	(void)state;
	assert_int_equal(ivr_caller(&key, "anonymous", 9), 0);
	assert_int_equal(ivr_caller(&key, "", 0), 0);
	uint64_t one = ivr_caller(&key, "+32 2 000 00 01", 15);
	assert_int_equal(one, ivr_caller(&key, "3220000001", 10));
	assert_int_not_equal(one, ivr_caller(&key, "3220000002", 10));
	clock_advance(86400000);
	ivr_second(ivr);
	assert_int_not_equal(one, ivr_caller(ivr_caller_key(ivr), "3220000001", 10));
}

static void names_that_are_none_are_refused(void **state)
{
	struct ivr_event event = { .kind = IVR_EVENT_INCOMING, .call = "a b" };
	char long_name[IVR_CALL_ID_MAX + 2];
	(void)state;
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), ERR_INVALID);
	event.call = "";
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), ERR_INVALID);
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	event.call = long_name;
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), ERR_INVALID);
	event.call = long_name + 1;
	assert_int_equal(ivr_drive(ivr, "line", &event, &turn), OK);
	assert_int_equal(ivr_drive(ivr, "nobody", &event, &turn), ERR_INVALID);
}

#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_call_is_a_contact_and_is_connected),
		ON_A_DESK(every_failed_pick_up_keeps_the_place),
		ON_A_DESK(the_caller_leaves_while_it_rings),
		ON_A_DESK(a_taken_contact_can_be_given_back),
		ON_A_DESK(hold_and_ring_again),
		ON_A_DESK(nine_rings_louder_also_before_the_queue),
		ON_A_DESK(on_the_telephone_nothing_new_is_taken),
		ON_A_DESK(gone_before_it_came_and_gone_for_good),
		ON_A_DESK(hanging_up_in_the_queue_closes_the_contact),
		ON_A_DESK(a_repeated_event_does_nothing_twice),
		ON_A_DESK(a_retried_webhook_gets_the_very_bytes),
		ON_A_DESK(an_interrupt_that_comes_late_rings_again),
		ON_A_DESK(a_restart_goes_on_where_the_token_says),
		ON_A_DESK(a_token_of_another_call_is_none),
		ON_A_DESK(a_callback_keeps_its_place_and_is_dialled),
		ON_A_DESK(the_end_of_a_dialled_line_overtakes_its_name),
		ON_A_DESK(a_callback_survives_a_restart_and_its_number_not_the_success),
		ON_A_DESK(a_line_that_says_nothing_is_asked_and_then_let_go),
		ON_A_DESK(lines_of_our_own_that_ended_are_marked),
		ON_A_DESK(lines_of_a_platform_come_back_or_are_marked),
		ON_A_DESK(a_line_that_is_cut_says_so),
		ON_A_DESK(who_calls_too_often_is_told_so),
		ON_A_DESK(a_number_is_a_hash_of_one_day),
		ON_A_DESK(names_that_are_none_are_refused),
	};
	wake_fd = eventfd(0, EFD_CLOEXEC);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
