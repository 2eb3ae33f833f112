#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "webchat/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void session_send(struct session *session, struct json_out *out)
{
	if (!session->closing)
		(session->replaying ? session->line->send_replay : session->line->send)(
			session->arg, out->bytes, out->length);
	json_out_finish(out);
}

/* session_begin(); frames_…(&out, …); session_send(session, &out); */
struct json_out session_begin(void)
{
	struct json_out out;
	json_out_init(&out, 0);
	return out;
}

void session_end(struct session *session, int code)
{
	if (session->closing)
		return;
	session->closing = true;
	session->line->close(session->arg, code);
}

void session_error(struct session *session, const char *code, const char *id, int retry)
{
	struct json_out out = session_begin();
	frames_error(&out, code, id, retry);
	session_send(session, &out);
}

bool session_full(struct session *session)
{
	if (!session->line->crowded || !session->line->crowded(session->arg))
		return false;
	session_error(session, "full", NULL, FRAMES_FULL_RETRY);
	session_end(session, SESSION_CLOSE_LATER);
	return true;
}

static void hello(struct session *session, const json_t *frame)
{
	const char *secret = json_get_text(frame, "secret");
	int64_t after = json_get_number(frame, "after", 0);
	struct json_out out;

	if (session->greeted) {
		session_error(session, "invalid", NULL, 0);
		return;
	}
	session->greeted = true;
	session->after = after > 0 && after <= UINT32_MAX ? (uint32_t)after : 0;
	if (secret) {
		if (strlen(secret) == sizeof session->secret - 1)
			memcpy(session->secret, secret, sizeof session->secret);
		listening_go_on(session, false);
		return;
	}
	if (session_full(session))
		return;
	listening_begin(session);
	out = session_begin();
	frames_welcome(&out, session->desk, session->config, SESSION_BEAT_SECONDS, NULL);
	session_send(session, &out);
}

/* Whether the desk has taken it. */
static bool give(struct session *session, const struct command *command)
{
	enum err err = desk_submit(session->desk, command);
	if (err)
		listening_refuse(session, command->kind, command->id, err);
	return !err;
}

static bool submit(struct session *session, const json_t *frame, enum command_kind kind)
{
	const json_t *text = json_object_get(frame, "text");
	char *answers = kind == COMMAND_START
		? json_dumps(json_object_get(frame, "answers"), JSON_COMPACT)
		: NULL;
	struct command command = { .kind = kind,
		.author = AUTHOR_VISITOR,
		.contact = session->contact,
		.port = session->port,
		.id = json_get_text(frame, "id"),
		.text = json_string_value(text),
		.length = json_string_length(text),
		.channel = CHANNEL_CHAT };

	if (kind == COMMAND_REOPEN) {
		const json_t *secret = json_object_get(frame, "secret");
		command.contact = session->recalled ? session->recalled : session->contact;
		command.text = json_string_value(secret);
		command.length = json_string_length(secret);
	}

	if (kind == COMMAND_START && starting_must_work(session, frame, command.id)) {
		free(answers);
		return false;
	}
	contact_answers_read(answers, answers ? strlen(answers) : 0, &command.answers, NULL);
	free(answers);
	return give(session, &command);
}

static uint32_t seq_of(const struct contact *contact, int64_t n)
{
	for (uint32_t i = contact->event_count; i-- > 0;)
		if (contact->events[i]->n && contact->events[i]->n <= n)
			return contact->events[i]->seq;
	return 0;
}

static void read_up_to(struct session *session, int64_t n)
{
	struct contact *contact = desk_contact(session->desk, session->contact);
	if (contact && n > 0)
		desk_read(session->desk, contact->id, AUTHOR_VISITOR, seq_of(contact, n));
}

/* A beat is answered unless it answers ours; two sides that answer everything would never end. */
static void beat_heard(struct session *session)
{
	struct json_out out;
	int64_t mono = clock_mono();

	if (session->beat_due) {
		session->beat_due = false;
		return;
	}
	if (session->beat_mono && mono - session->beat_mono < 1000)
		return;
	session->beat_mono = mono;
	out = session_begin();
	frames_word(&out, "beat", NULL, NULL);
	session_send(session, &out);
}

/* Each change is passed on; a start that comes too soon after the last one, at the next tick. */
static void typing(struct session *session, bool on)
{
	int64_t mono = clock_mono();

	session->typing_due = false;
	if (on == session->typing && !on)
		return;
	if (on && session->typing_mono && mono - session->typing_mono < SESSION_TYPING_MS) {
		session->typing_due = true;
		return;
	}
	if (on)
		session->typing_mono = mono;
	session->typing = on;
	desk_typing(session->desk, session->contact, AUTHOR_VISITOR, on);
}

static void count_frame(struct session *session)
{
	int64_t mono = clock_mono();

	if (session->frames_mono < mono)
		session->frames_mono = mono;
	session->frames_mono += 1000 / SESSION_FRAMES_SECOND;
	if (session->frames_mono - mono <= SESSION_FRAMES * (1000 / SESSION_FRAMES_SECOND)
		|| session->closing)
		return;
	log_warn("visitor's line closed", "why=flood");
	session_error(session, "too_fast", NULL, FRAMES_FAST_RETRY);
	session_end(session, SESSION_CLOSE_RULE);
}

static void dispatch(struct session *session, const char *t, const json_t *frame)
{
	bool message = false;

	if (!strcmp(t, "hello")) {
		hello(session, frame);
	} else if (!session->greeted) {
		session_error(session, "invalid", NULL, 0);
		session_end(session, SESSION_CLOSE_RULE);
	} else if (!strcmp(t, "say")) {
		message = submit(session, frame, COMMAND_SAY);
	} else if (!strcmp(t, "start")) {
		submit(session, frame, COMMAND_START);
	} else if (!strcmp(t, "again")) {
		submit(session, frame, COMMAND_REOPEN);
	} else if (!strcmp(t, "code")) {
		returning_make(session, frame);
	} else if (!strcmp(t, "return")) {
		returning_read(session, frame);
	} else if (!strcmp(t, "leave")) {
		submit(session, frame, COMMAND_LEAVE);
	} else if (!strcmp(t, "typing")) {
		typing(session, json_get_flag(frame, "on"));
	} else if (!strcmp(t, "read")) {
		read_up_to(session, json_get_number(frame, "n", 0));
	} else if (!strcmp(t, "beat")) {
		beat_heard(session);
	} else {
		session_error(session, "unknown", NULL, 0);
	}
	if (!message)
		count_frame(session);
}

/* The frame of almost every message has nothing but three plain texts. */
static bool say_plain(struct session *session, const char *bytes, size_t length)
{
	struct json_plain fields[JSON_PLAIN_MAX];
	size_t count = session->greeted ? json_plain(bytes, length, fields) : 0;
	const struct json_plain *t = json_plain_find(fields, count, "t"),
				*id = json_plain_find(fields, count, "id"),
				*text = json_plain_find(fields, count, "text");
	char name[DESK_REQUEST_MAX + 1];

	if (!t || t->length != 3 || memcmp(t->text, "say", 3) != 0 || !id || !text
		|| id->length >= sizeof name)
		return false;
	memcpy(name, id->text, id->length);
	name[id->length] = '\0';
	if (!give(session, &(struct command) { .kind = COMMAND_SAY,
				   .author = AUTHOR_VISITOR,
				   .contact = session->contact,
				   .port = session->port,
				   .id = name,
				   .text = text->text,
				   .length = text->length,
				   .channel = CHANNEL_CHAT }))
		count_frame(session);
	return true;
}

void session_frame(struct session *session, const char *bytes, size_t length)
{
	json_t *frame;
	const char *t;
	char id[DESK_REQUEST_MAX + 1];

	session->heard_mono = clock_mono();
	if (session->closing || say_plain(session, bytes, length))
		return;
	frame = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	t = json_get_text(frame, "t");
	if (t) {
		dispatch(session, t, frame);
	} else if (!frame && session->greeted && json_refused_id(bytes, length, id, sizeof id)) {
		session_error(session, "invalid", id, 0); /* a text with U+0000 */
		count_frame(session);
	} else {
		session_error(session, "invalid", NULL, 0);
		session_end(session, SESSION_CLOSE_RULE);
	}
	json_decref(frame);
}

struct session *session_create(
	struct desk *desk, const struct config *config, const struct words *words,
	const struct session_line *line, void *arg)
{
	struct session *session = mem_alloc(sizeof *session);
	session->desk = desk;
	session->config = config;
	session->line = line;
	session->words = words;
	session->arg = arg;
	session->opened_mono = session->heard_mono = clock_mono();
	return session;
}

void session_destroy(struct session **session)
{
	if (!*session)
		return;
	desk_detach((*session)->desk, (*session)->port);
	json_out_finish(&(*session)->events);
	sodium_memzero(*session, sizeof **session);
	free(*session);
	*session = NULL;
}

void session_configure(struct session *session, const struct config *config)
{
	session->config = config;
}

/* Closing a dead line takes its time; the desk knows at once. */
static void silent(struct session *session)
{
	desk_detach(session->desk, session->port);
	session->port = 0;
	session_end(session, SESSION_CLOSE_NORMAL);
}

void session_tick(struct session *session, bool beat)
{
	int64_t mono = clock_mono();
	struct json_out out;

	if (!session->greeted && mono - session->opened_mono > SESSION_HELLO_SECONDS * 1000)
		session_end(session, SESSION_CLOSE_RULE);
	else if (mono - session->heard_mono > SESSION_SILENCE_SECONDS * 1000)
		silent(session);
	if (session->typing_due)
		typing(session, true);
	if (beat && session->greeted) {
		session->beat_due = true;
		out = session_begin();
		frames_word(&out, "beat", NULL, NULL);
		session_send(session, &out);
	}
}

void session_bye(struct session *session, const char *why)
{
	struct json_out out = session_begin();
	frames_word(&out, "bye", "why", why);
	session_send(session, &out);
	session_end(session, !strcmp(why, "restart") ? SESSION_CLOSE_RESTART : SESSION_CLOSE_NORMAL);
}
