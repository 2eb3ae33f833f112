/* The desk on a real store in a folder of its own. */
#include "desk/desk.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <poll.h>
#include <sys/eventfd.h>

/* Triage is the engine's own room; here one word stands for each level. */
struct triage {
	int unused;
};

const char *triage_level_word(enum triage_level level)
{
	static const char *const words[] = { "none", "elevated", "serious", "immediate" };
	return words[level];
}

bool triage_level_parse(const char *word, enum triage_level *level_r)
{
	for (int level = LEVEL_NONE; level <= LEVEL_IMMEDIATE; level++)
		if (!strcmp(word, triage_level_word(level))) {
			*level_r = level;
			return true;
		}
	return false;
}

const char *triage_hash(const struct triage *set)
{
	(void)set;
	return "test";
}

static int minute_seen;

void triage_answers(
	const struct triage *set, const char *who, int minute, struct triage_result *result_r)
{
	(void)set;
	minute_seen = minute;
	*result_r = (struct triage_result) { .complete = true };
	if (strcmp(who, "child") != 0)
		return;
	result_r->level = LEVEL_ELEVATED;
	result_r->count = 1;
	result_r->flags[0] = (struct triage_flag) {
		.rule = "night", .category = "c", .why = "w", .level = LEVEL_ELEVATED
	};
}

static char tail_seen[CONTACT_TAIL_MAX + 1];

void triage_scan(const struct triage *set, const char *text, size_t length, const char *lang,
	const char *tail, size_t tail_length, struct triage_result *result_r)
{
	(void)set;
	(void)lang;
	snprintf(tail_seen, sizeof tail_seen, "%.*s", (int)tail_length, tail);
	*result_r = (struct triage_result) { .complete = true };
	for (int level = LEVEL_ELEVATED; level <= LEVEL_IMMEDIATE; level++) {
		const char *at = memmem(text, length, triage_level_word(level),
			strlen(triage_level_word(level)));
		if (!at)
			continue;
		result_r->level = level;
		result_r->count = 1;
		result_r->flags[0] = (struct triage_flag) { .rule = "r",
			.category = "c",
			.why = "w",
			.level = level,
			.from = (uint32_t)(at - text),
			.to = (uint32_t)(at - text + 4) };
	}
}

static struct config config;
static struct triage rules;
static struct desk *desk;
static int wake_fd;
static int replies;
static struct desk_reply last; /* id and secret copied */
static char last_id[64], last_secret[DESK_SECRET_SIZE], heard[4096];

static void on_wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(wake_fd, &one, sizeof one);
}

static void note(const char *format, const char *a, long b)
{
	size_t length = strlen(heard);
	snprintf(heard + length, sizeof heard - length, format, a, b);
}

static void on_reply(void *arg, const struct desk_reply *reply)
{
	(void)arg;
	last = *reply;
	snprintf(last_id, sizeof last_id, "%s", reply->id);
	if (reply->secret)
		snprintf(last_secret, sizeof last_secret, "%s", reply->secret);
	replies++;
}

static void on_event(void *arg, const struct contact *contact, const struct contact_event *event)
{
	(void)contact;
	note(" %s:", arg, 0);
	note("event%s%ld", "", (long)event->kind);
}

static void on_gained(void *arg, const struct contact *contact)
{
	(void)contact;
	note(" %s:gained", arg, 0);
}

static void on_lost(void *arg, const struct contact *contact, const char *why)
{
	(void)contact;
	note(" %s:lost-", arg, 0);
	note("%s", why, 0);
}

static void on_alarm(void *arg, const struct contact *contact, enum alarm_why why)
{
	(void)contact;
	note(" %s:alarm%ld", arg, why);
}

static const struct desk_listener listener = { .on_reply = on_reply,
	.on_event = on_event,
	.on_gained = on_gained,
	.on_lost = on_lost,
	.on_alarm = on_alarm };
static char anke_name[] = "anke", bert_name[] = "bert", visitor_name[] = "visitor";

static void open_desk(void)
{
	char error[512] = "";
	if (desk_create(&config, &rules, folder, on_wake, NULL, &desk, error, sizeof error))
		fail_msg("%s", error);
}

static int set_up(void **state)
{
	static char zone[] = "Europe/Brussels";
	config.centre.timezone = zone;
	config.desk.capacity = 2;
	config.desk.lease_seconds = 30;
	config.desk.gone_seconds = 60;
	config.desk.abandon_minutes = 30;
	config.desk.serious_minutes = 5;
	config.desk.elevated_minutes = 15;
	config.desk.none_minutes = 30;
	config.desk.wait_sample = 8;
	config.limits.message_characters = 10;
	config.limits.messages_per_minute = 100;
	config.limits.waiting = 3;
	config.limits.contact_messages = 100;
	clock_fake(INT64_C(1700000000000), 100000);
	*heard = '\0';
	replies = 0;
	if (folder_set_up(state))
		return -1;
	open_desk();
	return 0;
}

static int tear_down(void **state)
{
	desk_destroy(&desk);
	clock_real();
	return folder_tear_down(state);
}

static void pump(int until)
{
	while (replies < until) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
		uint64_t off;
		assert_int_equal(poll(&wait, 1, 10000), 1);
		(void)!read(wake_fd, &off, sizeof off);
		desk_pump(desk);
	}
}

static enum err submit(struct command command)
{
	int before = replies;
	enum err err = desk_submit(desk, &command);
	if (err)
		return err;
	pump(before + 1);
	return last.err;
}

static uint64_t start(const char *id, uint64_t port)
{
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = id, .port = port };
	if (!port)
		command.port = desk_visitor_port(desk, &listener, visitor_name);
	assert_int_equal(submit(command), OK);
	return last.contact->id;
}

static enum err say(uint64_t contact, const char *id, const char *text)
{
	struct command command = { .kind = COMMAND_SAY, .author = AUTHOR_VISITOR,
		.contact = contact, .id = id, .text = text, .length = strlen(text) };
	command.port = desk_visitor_port(desk, &listener, visitor_name);
	enum err err = submit(command);
	desk_detach(desk, command.port);
	return err;
}

static enum err by(uint32_t staff, uint64_t port, enum command_kind kind, uint64_t contact,
	const char *id, const char *text)
{
	struct command command = { .kind = kind, .author = AUTHOR_COUNSELLOR, .staff = staff,
		.port = port, .contact = contact, .id = id, .text = text,
		.length = text ? strlen(text) : 0, .level = LEVEL_NONE };
	return submit(command);
}

#define START_A "aaaaaaaaaaaaaaaaaaaaaa"
#define START_B "bbbbbbbbbbbbbbbbbbbbbb"
#define START_C "cccccccccccccccccccccc"
#define START_D "dddddddddddddddddddddd"

static void a_start_sent_again_gives_the_same_conversation(void **state)
{
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	uint64_t contact = start(START_A, port);
	char secret[DESK_SECRET_SIZE];
	struct contact *found;
	(void)state;
	strcpy(secret, last_secret);
	assert_int_equal(start(START_A, port), contact);
	assert_string_equal(last_secret, secret);
	desk_destroy(&desk); /* restarted in between */
	open_desk();
	port = desk_visitor_port(desk, &listener, visitor_name);
	assert_int_equal(start(START_A, port), contact);
	assert_string_equal(last_secret, secret);
	assert_int_equal(desk_visitor_attach(desk, secret, &listener, visitor_name, &port, &found),
		OK);
	assert_int_equal(found->id, contact);
	secret[0] = secret[0] == 'A' ? 'B' : 'A';
	assert_int_equal(desk_visitor_attach(desk, secret, &listener, visitor_name, &port, &found),
		ERR_NOT_FOUND);
}

static void flags_move_a_contact_and_the_tail_is_given(void **state)
{
	uint64_t first = start(START_A, 0), second = start(START_B, 0);
	(void)state;
	assert_int_equal(desk_queue(desk)->order[0]->id == first
			|| desk_queue(desk)->order[0]->id == second,
		1);
	clock_advance(60000);
	assert_int_equal(say(second, "1", "serious"), OK);
	assert_int_equal(desk_queue(desk)->order[0]->id, second);
	assert_int_equal(desk_contact(desk, second)->due,
		INT64_C(1700000000000) + 60000 + 5 * 60000);
	assert_int_equal(say(first, "1", "immediate"), OK);
	assert_int_equal(desk_queue(desk)->order[0]->id, first);
	assert_int_equal(say(first, "2", "zin"), OK);
	assert_string_equal(tail_seen, "immediate");
	struct contact *contact = desk_contact(desk, first);
	assert_int_equal(contact->flag_count, 1);
	assert_int_equal(contact->flags[0].seq, 2);
	assert_int_equal(say(first, "2", "zin"), OK); /* a retry */
	assert_int_equal(contact->messages, 2);
}

static void limits_hold_on_both_sides(void **state)
{
	uint64_t contact = start(START_A, 0);
	(void)state;
	assert_int_equal(say(contact, "1", "0123456789"), OK);
	assert_int_equal(say(contact, "2", "éééééééééé"), OK);
	assert_int_equal(say(contact, "3", "0123456789a"), ERR_TOO_LONG);
	assert_int_equal(say(contact, "4", ""), ERR_INVALID);
	assert_int_equal(say(contact, "bad id", "x"), ERR_INVALID);
	assert_int_equal(say(contact + 1, "5", "x"), ERR_NOT_FOUND);
	start(START_B, 0);
	start(START_C, 0);
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = START_D };
	assert_int_equal(desk_submit(desk, &command), ERR_LIMIT);
	start(START_C, 0); /* known: not one more */
	command.id = "aaaaaaaaaaaaaaaaaaaaa";
	assert_int_equal(desk_submit(desk, &command), ERR_INVALID);
}

static void one_counsellor_wins_and_the_place_is_kept(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t bert = desk_counsellor_attach(desk, 2, "Bert", &listener, bert_name);
	(void)state;
	uint64_t first = start(START_A, desk_visitor_port(desk, &listener, visitor_name));
	clock_advance(1000);
	uint64_t second = start(START_B, desk_visitor_port(desk, &listener, visitor_name));
	*heard = '\0';
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-1", NULL), OK);
	assert_int_equal(last.contact->id, first);
	assert_non_null(strstr(heard, "anke:gained"));
	assert_null(strstr(heard, "bert:gained"));
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-1", NULL), OK); /* a retry */
	assert_int_equal(last.contact->id, first);
	assert_int_equal(desk_counsellor(desk, 1)->contacts, 1);
	assert_int_equal(by(2, bert, COMMAND_TAKE, first, "take-2", NULL), ERR_STALE);
	assert_int_equal(by(2, bert, COMMAND_SAY, first, "say-1", "x"), ERR_STALE);
	assert_int_equal(by(1, anke, COMMAND_SAY, first, "say-2", "dag"), OK);
	*heard = '\0';
	assert_int_equal(by(1, anke, COMMAND_NOTE, first, "note", "intern"), OK);
	assert_null(strstr(heard, "visitor:")); /* a note has no way to the visitor */
	assert_int_equal(by(1, anke, COMMAND_RETURN, first, "back", NULL), OK);
	assert_int_equal(desk_queue(desk)->order[0]->id, first);
	assert_int_equal(desk_queue(desk)->order[1]->id, second);
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-3", NULL), OK);
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-4", NULL), OK);
	assert_int_equal(last.contact->id, second);
	assert_int_equal(by(1, anke, COMMAND_TAKE, 0, "take-5", NULL), ERR_LIMIT);
	assert_int_equal(by(2, bert, COMMAND_TAKE, 0, "take-6", NULL), ERR_NOT_FOUND);
	assert_int_equal(by(1, anke, COMMAND_CLOSE, second, "close", NULL), OK);
	assert_int_equal(say(second, "late", "x"), ERR_STALE);
}

static void a_silent_counsellor_loses_the_contact_and_nothing_else(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t contact = start(START_A, desk_visitor_port(desk, &listener, visitor_name));
	(void)state;
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take", NULL), OK);
	clock_advance(30000);
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, contact)->inflight, 0);
	clock_advance(1);
	desk_heard(desk, anke); /* back in time */
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, contact)->inflight, 0);
	clock_advance(30001);
	*heard = '\0';
	desk_tick(desk);
	assert_int_equal(desk_contact(desk, contact)->inflight, 1);
	while (desk_contact(desk, contact)->inflight) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
		uint64_t off;
		assert_int_equal(poll(&wait, 1, 10000), 1);
		(void)!read(wake_fd, &off, sizeof off);
		desk_pump(desk);
	}
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_WAITING);
	assert_int_equal(queue_place(desk_queue(desk), desk_contact(desk, contact)), 1);
	assert_non_null(strstr(heard, "anke:lost-lease"));
	assert_non_null(strstr(heard, "visitor:event5"));
	assert_int_equal(by(1, anke, COMMAND_SAY, contact, "late", "x"), ERR_STALE);
}

static void answers_raise_a_contact_from_its_start(void **state)
{
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = START_A, .answers = { .who = "child" } };
	(void)state;
	command.port = desk_visitor_port(desk, &listener, visitor_name);
	assert_int_equal(submit(command), OK);
	uint64_t id = last.contact->id;
	assert_int_equal(minute_seen, 23 * 60 + 13); /* 22:13 UTC in winter */
	assert_int_equal(desk_contact(desk, id)->level, LEVEL_ELEVATED);
	assert_int_equal(desk_contact(desk, id)->flag_count, 1);
	assert_string_equal(desk_contact(desk, id)->flags[0].rule, "night");
	int64_t due = desk_contact(desk, id)->due;
	assert_int_equal(due - desk_contact(desk, id)->arrived, 15 * 60000);
	desk_destroy(&desk);
	open_desk();
	assert_int_equal(desk_contact(desk, id)->level, LEVEL_ELEVATED);
	assert_int_equal(desk_contact(desk, id)->due, due);
	assert_int_equal(desk_contact(desk, id)->flag_count, 1);
}

static void the_desk_is_the_same_after_a_restart(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t first = start(START_A, 0), second = start(START_B, 0);
	(void)state;
	say(first, "1", "serious");
	assert_int_equal(by(1, anke, COMMAND_TAKE, second, "take", NULL), OK);
	int64_t due = desk_contact(desk, first)->due;
	desk_destroy(&desk);
	open_desk();
	assert_int_equal(desk_queue(desk)->length, 1);
	assert_int_equal(desk_contact(desk, first)->due, due);
	assert_int_equal(desk_contact(desk, first)->level, LEVEL_SERIOUS);
	assert_int_equal(desk_contact(desk, second)->owner, 1);
	assert_int_equal(desk_counsellor(desk, 1)->contacts, 1);
	anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	assert_int_equal(by(1, anke, COMMAND_SAY, second, "on", "verder"), OK);
}

static void it_rings_until_hushed_and_not_for_ghosts(void **state)
{
	desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	uint64_t contact = start(START_A, port);
	(void)state;
	assert_non_null(strstr(heard, "anke:alarm0"));
	*heard = '\0';
	clock_advance(DESK_ALARM_SECONDS * 1000 - 1);
	desk_tick(desk);
	assert_string_equal(heard, "");
	clock_advance(1);
	desk_tick(desk);
	assert_string_equal(heard, " anke:alarm0");
	desk_hush(desk, contact, 1);
	*heard = '\0';
	clock_advance(DESK_ALARM_SECONDS * 1000);
	desk_tick(desk);
	assert_string_equal(heard, "");
	assert_int_equal(say(contact, "1", "immediate"), OK); /* louder than the hush */
	assert_non_null(strstr(heard, "anke:alarm1"));
	desk_detach(desk, port);
	clock_advance(config.desk.gone_seconds * 1000 + 1);
	desk_tick(desk);
	assert_true(desk_contact(desk, contact)->gone);
	*heard = '\0';
	clock_advance(DESK_ALARM_SECONDS * 1000);
	desk_tick(desk);
	assert_string_equal(heard, "");
}

static void an_id_names_one_thing(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t contact = start(START_A, 0);
	(void)state;
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take", NULL), OK);
	assert_int_equal(by(1, anke, COMMAND_SAY, contact, "one", "dag"), OK);
	assert_int_equal(by(1, anke, COMMAND_SAY, contact, "one", "dag"), OK); /* a retry */
	assert_int_equal(say(contact, "one", "hallo"), ERR_INVALID); /* not stored: not acknowledged */
	assert_int_equal(by(1, anke, COMMAND_NOTE, contact, "one", "nota"), ERR_INVALID);
	assert_int_equal(by(1, anke, COMMAND_CLOSE, contact, "one", NULL), ERR_INVALID);
	assert_int_equal(desk_contact(desk, contact)->event_count, 3);
	assert_int_equal(by(1, anke, COMMAND_RETURN, contact, "back", NULL), OK);
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take", NULL), ERR_STALE);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_WAITING);
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "again", NULL), OK);
}

static void one_line_has_one_conversation(void **state)
{
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = START_A, .port = port };
	(void)state;
	assert_int_equal(desk_submit(desk, &command), OK);
	command.id = START_B; /* while the first is with the store */
	assert_int_equal(desk_submit(desk, &command), ERR_INVALID);
	pump(1);
	uint64_t first = last.contact->id;
	assert_int_equal(desk_submit(desk, &command), ERR_INVALID);
	command = (struct command) { .kind = COMMAND_LEAVE, .author = AUTHOR_VISITOR,
		.contact = first, .id = "leave", .port = port };
	assert_int_equal(submit(command), OK);
	uint64_t second = start(START_B, port);
	assert_int_equal(desk_contact(desk, first)->port, 0); /* forgotten in its time */
	assert_int_equal(desk_contact(desk, second)->port, port);
	clock_advance(DESK_REMEMBER_MINUTES * 60000 + 1);
	desk_tick(desk);
	assert_null(desk_contact(desk, first));
}

static void nobody_is_abandoned_while_being_taken(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	uint64_t contact = start(START_A, port);
	struct command take = { .kind = COMMAND_TAKE, .author = AUTHOR_COUNSELLOR, .staff = 1,
		.port = anke, .contact = contact, .id = "take" };
	(void)state;
	desk_detach(desk, port);
	clock_advance(config.desk.abandon_minutes * 60000 + 1);
	desk_heard(desk, anke);
	assert_int_equal(desk_submit(desk, &take), OK);
	desk_tick(desk);
	pump(2);
	assert_int_equal(last.err, OK);
	assert_int_equal(desk_contact(desk, contact)->inflight, 0);
	assert_int_equal(desk_contact(desk, contact)->state, CONTACT_TAKEN);
}

static void a_clock_set_back_gives_sound_figures(void **state)
{
	struct desk_figures figures;
	(void)state;
	start(START_A, 0);
	clock_fake(INT64_C(1600000000000), 200000);
	desk_figures(desk, &figures);
	assert_int_equal(figures.longest_seconds, 0);
	assert_int_equal(figures.started, 1);
}

static void what_was_before_the_start_is_not_counted_again(void **state)
{
	uint64_t contact = start(START_A, 0);
	struct desk_figures figures;
	(void)state;
	assert_int_equal(say(contact, "1", "een"), OK);
	desk_figures(desk, &figures);
	assert_int_equal(figures.messages, 1);
	desk_destroy(&desk);
	open_desk();
	desk_figures(desk, &figures);
	assert_int_equal(figures.messages, 0);
	assert_int_equal(figures.waiting[LEVEL_NONE], 1);
}

#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_start_sent_again_gives_the_same_conversation),
		ON_A_DESK(flags_move_a_contact_and_the_tail_is_given),
		ON_A_DESK(limits_hold_on_both_sides),
		ON_A_DESK(one_counsellor_wins_and_the_place_is_kept),
		ON_A_DESK(a_silent_counsellor_loses_the_contact_and_nothing_else),
		ON_A_DESK(answers_raise_a_contact_from_its_start),
		ON_A_DESK(the_desk_is_the_same_after_a_restart),
		ON_A_DESK(it_rings_until_hushed_and_not_for_ghosts),
		ON_A_DESK(an_id_names_one_thing),
		ON_A_DESK(one_line_has_one_conversation),
		ON_A_DESK(nobody_is_abandoned_while_being_taken),
		ON_A_DESK(a_clock_set_back_gives_sound_figures),
		ON_A_DESK(what_was_before_the_start_is_not_counted_again),
	};
	wake_fd = eventfd(0, EFD_CLOEXEC);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
