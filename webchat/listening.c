/* What the desk tells a visitor's session. */
#include "webchat/private.h"

#include <sodium.h>

/* No more messages fit: to wait does not help. */
static bool spent(const struct session *session)
{
	const struct contact *contact = desk_contact(session->desk, session->contact);
	return contact && contact->messages >= session->config->limits.contact_messages;
}

void listening_refuse(struct session *session, enum command_kind kind, const char *id, enum err err)
{
	struct json_out out;

	switch (err) {
	case ERR_TOO_LONG:
		session_error(session, "too_long", id, 0);
		break;
	case ERR_LIMIT:
		if (kind == COMMAND_START)
			session_error(session, "full", id, FRAMES_FULL_RETRY);
		else if (spent(session))
			session_error(session, "spent", id, 0);
		else
			session_error(session, "too_fast", id, FRAMES_FAST_RETRY);
		break;
	case ERR_STALE:
	case ERR_NOT_FOUND:
		session_error(session, "closed", id, 0);
		break;
	case ERR_DENIED:
		session_error(session, "not_open", id, 0);
		break;
	case ERR_BLOCKED:
		session_error(session, "blocked", id,
			desk_blocked(session->desk, session->port,
				session->recalled ? session->recalled : session->contact));
		break;
	case ERR_BUSY:
		session_error(session, "busy", id, 1);
		break;
	case ERR_FULL:
		out = session_begin();
		frames_switch(&out, "trouble", true);
		session_send(session, &out);
		break;
	default:
		session_error(session, "invalid", id, 0);
	}
}

static void resume(struct session *session, const struct contact *contact, uint32_t after);
static void replay(struct session *session, const struct contact *contact, uint32_t after);

static void on_flush(void *arg)
{
	struct session *session = arg;

	if (!session->events.length)
		return;
	json_put_list_end(&session->events);
	json_put_object_end(&session->events);
	session_send(session, &session->events);
	session->events = (struct json_out) { 0 };
}

static void on_reply(void *arg, const struct desk_reply *reply)
{
	struct session *session = arg;
	struct json_out out;

	on_flush(session); /* what came before it comes first */
	if (reply->err) {
		listening_refuse(session, reply->kind, reply->id, reply->err);
		return;
	}
	out = session_begin();
	if (reply->kind == COMMAND_START) {
		session->contact = reply->contact->id;
		frames_started(&out, reply);
		session_send(session, &out);
		replay(session, reply->contact, reply->n); /* begun before, and not heard of */
		return;
	} else if (reply->kind == COMMAND_REOPEN) {
		json_out_finish(&out);
		session->recalled = 0;
		resume(session, reply->contact, session->after);
		return;
	} else {
		frames_stored(&out, reply->id, reply->n);
	}
	session_send(session, &out);
}

static void on_event(
	void *arg, const struct contact *contact, const struct contact_event *event)
{
	struct session *session = arg;

	if (!session->events.length) {
		json_out_init(&session->events, 0);
		json_put_object(&session->events, NULL);
		json_put_text(&session->events, "t", "events");
		json_put_list(&session->events, "list");
	}
	frames_event(&session->events, session->desk, session->config, contact, event);
	if (session->events.length > SESSION_PIECE_BYTES)
		on_flush(session);
}

static void on_wait(void *arg, const struct contact *contact, const struct desk_wait *wait)
{
	struct json_out out = session_begin();
	(void)contact;
	frames_place(&out, wait);
	session_send(arg, &out);
}

static void on_typing(void *arg, const struct contact *contact, bool on)
{
	struct json_out out = session_begin();
	(void)contact;
	frames_switch(&out, "typing", on);
	session_send(arg, &out);
}

static void on_read(void *arg, const struct contact *contact, uint32_t seq)
{
	struct json_out out;
	uint32_t n = 0;

	for (uint32_t i = 0; i < contact->event_count && contact->events[i]->seq <= seq; i++)
		if (contact->events[i]->n)
			n = contact->events[i]->n;
	out = session_begin();
	frames_number(&out, "read", "n", n);
	session_send(arg, &out);
}

static void on_trouble(void *arg, bool on)
{
	struct json_out out = session_begin();
	frames_switch(&out, "trouble", on);
	session_send(arg, &out);
}

static void on_replaced(void *arg)
{
	session_bye(arg, "replaced");
}

static void on_forgotten(void *arg, uint64_t contact)
{
	struct session *session = arg;
	struct json_out out;

	if (session->contact != contact && session->recalled != contact)
		return;
	json_out_finish(&session->events);
	session->events = (struct json_out) { 0 };
	session->contact = session->recalled = 0;
	session->after = 0;
	sodium_memzero(session->secret, sizeof session->secret);
	out = session_begin();
	frames_word(&out, "forgotten", NULL, NULL);
	session_send(session, &out);
}

static void resume(struct session *session, const struct contact *contact, uint32_t after)
{
	struct json_out out = session_begin();

	session->contact = contact->state == CONTACT_CLOSED ? 0 : contact->id;
	session->after = contact->last_n;
	frames_welcome(
		&out, session->desk, session->config, SESSION_BEAT_SECONDS, contact);
	session_send(session, &out);
	replay(session, contact, after);
}

static void replay(struct session *session, const struct contact *contact, uint32_t after)
{
	struct desk_wait wait;

	session->replaying = true;
	for (uint32_t i = contact_after_n(contact, after); i < contact->event_count; i++)
		if (contact->events[i]->n)
			on_event(session, contact, contact->events[i]);
	on_flush(session);
	session->replaying = false;
	if (desk_wait_of(session->desk, contact, &wait))
		on_wait(session, contact, &wait);
}

static void say_unknown(struct session *session)
{
	struct json_out out = session_begin();
	sodium_memzero(session->secret, sizeof session->secret);
	frames_word(&out, "unknown", NULL, NULL);
	session_send(session, &out);
	session_full(session);
}

static const struct desk_listener listener;

static void say_whence(struct session *session)
{
	if (session->line->network)
		desk_visitor_network(session->desk, session->port,
			session->line->network(session->arg));
}

void listening_begin(struct session *session)
{
	session->port = desk_visitor_port(session->desk, &listener, session);
	say_whence(session);
}

void listening_go_on(struct session *session, bool again)
{
	uint64_t before = session->port;
	struct contact *contact;

	if (!desk_visitor_attach(session->desk, session->secret, &listener, session,
		    &session->port, &contact)) {
		desk_detach(session->desk, before);
		say_whence(session);
		sodium_memzero(session->secret, sizeof session->secret);
		resume(session, contact, session->after);
		return;
	}
	if (!session->port)
		listening_begin(session);
	if (again || desk_visitor_recall(session->desk, session->port, session->secret))
		say_unknown(session);
}

static void on_recalled(void *arg, enum err err, const struct contact *contact)
{
	struct session *session = arg;

	if (session->contact) /* something began meanwhile */
		return;
	if (err) {
		say_unknown(session);
	} else if (contact->state != CONTACT_CLOSED) {
		listening_go_on(session, true);
	} else {
		sodium_memzero(session->secret, sizeof session->secret);
		session->recalled = contact->id;
		resume(session, contact, session->after);
	}
}

static const struct desk_listener listener = { .on_reply = on_reply,
	.on_event = on_event,
	.on_wait = on_wait,
	.on_typing = on_typing,
	.on_read = on_read,
	.on_trouble = on_trouble,
	.on_recalled = on_recalled,
	.on_forgotten = on_forgotten,
	.on_replaced = on_replaced,
	.on_flush = on_flush };
