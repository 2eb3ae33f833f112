/* A desk for its own tests, with one word for each level. */
#ifndef TESTS_DESK_LEVELS_H
#define TESTS_DESK_LEVELS_H

#include "tests/unit/desk/bench.h"

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

static struct triage rules;
static int replies;
static struct desk_reply last; /* id and secret copied */
static char last_id[64], last_secret[DESK_SECRET_SIZE], heard[4096];

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
static char anke_name[] = "anke", visitor_name[] = "visitor";

static inline void open_desk(void)
{
	bench_open(&rules);
}

static inline int set_up(void **state)
{
	config.desk.capacity = 2;
	config.desk.lease_seconds = 30;
	config.limits.message_characters = 10;
	config.limits.waiting = 3;
	*heard = '\0';
	replies = 0;
	if (bench_set_up(state))
		return -1;
	open_desk();
	return 0;
}

static inline int tear_down(void **state)
{
	return bench_tear_down(state);
}

static inline void pump(int until)
{
	while (replies < until)
		bench_pump();
}

static inline enum err submit(struct command command)
{
	int before = replies;
	enum err err = desk_submit(desk, &command);
	if (err)
		return err;
	pump(before + 1);
	return last.err;
}

static inline uint64_t start(const char *id, uint64_t port)
{
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = id, .port = port };
	if (!port)
		command.port = desk_visitor_port(desk, &listener, visitor_name);
	assert_int_equal(submit(command), OK);
	return last.contact->id;
}

static inline enum err say(uint64_t contact, const char *id, const char *text)
{
	struct command command = { .kind = COMMAND_SAY, .author = AUTHOR_VISITOR,
		.contact = contact, .id = id, .text = text, .length = strlen(text) };
	command.port = desk_visitor_port(desk, &listener, visitor_name);
	enum err err = submit(command);
	desk_detach(desk, command.port);
	return err;
}

static inline enum err by(uint32_t staff, uint64_t port, enum command_kind kind, uint64_t contact,
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

#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
