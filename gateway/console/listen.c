/* What the desk tells a window. */
#include "console/private.h"

#include <string.h>

static void put_id(struct json_out *out, const char *key, uint64_t id)
{
	char text[CONTACT_PUBLIC_ID];
	contact_public_id(id, text);
	json_put_text(out, key, text);
}

static void flush_events(struct window *window)
{
	if (!window->events.length)
		return;
	json_put_list_end(&window->events);
	window_end(window, &window->events);
	window->events = (struct json_out) { 0 };
}

/* The role of this window's session, which may be another than that of a colleague's, or than it was. */
static bool sees(const struct window *window)
{
	return !window->locked && rights_may(window->me.role, RIGHT_SEE);
}

static void flush_cards(struct window *window, bool whole)
{
	struct json_out out;

	if (!window->put.length && !window->drop.length && !whole)
		return;
	out = window_begin("queue");
	if (whole)
		json_put_flag(&out, "whole", true);
	if (window->put.length) {
		json_put_list_end(&window->put);
		json_put_raw(&out, "put", window->put.bytes, window->put.length);
	} else if (whole) {
		json_put_list(&out, "put");
		json_put_list_end(&out);
	}
	if (window->drop.length) {
		json_put_list_end(&window->drop);
		json_put_raw(&out, "drop", window->drop.bytes, window->drop.length);
	}
	json_out_finish(&window->put);
	json_out_finish(&window->drop);
	window->put = window->drop = (struct json_out) { 0 };
	window_end(window, &out);
}

static void begin_list(struct json_out *list)
{
	if (list->length)
		return;
	json_out_init(list, 0);
	json_put_list(list, NULL);
}

static void on_flush(void *arg)
{
	struct window *window = arg;
	struct json_out out;

	flush_events(window);
	flush_cards(window, false);
	if (window->colleagues_changed) {
		window->colleagues_changed = false;
		out = window_begin("colleagues");
		show_colleagues(&out, "list", window->desk);
		window_end(window, &out);
	}
}

static void on_card(void *arg, const struct contact *contact)
{
	struct window *window = arg;

	if (window->locked)
		return;
	begin_list(&window->put);
	show_card(&window->put, NULL, window->desk, contact, window->me.id);
	if (window->put.length > PIECE_BYTES)
		flush_cards(window, false);
}

static void on_card_gone(void *arg, uint64_t contact)
{
	struct window *window = arg;

	if (window->locked)
		return;
	begin_list(&window->drop);
	put_id(&window->drop, NULL, contact);
}

static void on_event(void *arg, const struct contact *contact, const struct contact_event *event)
{
	struct window *window = arg;

	if (!sees(window))
		return;
	if (!window->events.length) {
		window->events = window_begin("events");
		json_put_list(&window->events, "list");
	}
	show_event(&window->events, window->desk, contact, event, true);
	if (window->events.length > PIECE_BYTES)
		flush_events(window);
}

void listen_contact(struct window *window, const struct contact *contact)
{
	bool before = window->replaying;
	struct json_out out;

	json_out_init(&out, 0);
	show_contact(&out, window->desk, contact, window->me.id);
	window->replaying = true; /* a long conversation is no slow reader's fault */
	window_send(window, &out);
	window->replaying = before;
}

static void on_gained(void *arg, const struct contact *contact)
{
	struct window *window = arg;

	if (!sees(window))
		return;
	flush_events(window);
	listen_contact(window, contact);
}

static void on_lost(void *arg, const struct contact *contact, const char *why)
{
	struct window *window = arg;
	struct json_out out;

	flush_events(window); /* how it ended comes before that it did */
	out = window_begin("lost");
	put_id(&out, "contact", contact->id);
	json_put_text(&out, "why", why);
	window_end(window, &out);
}

static void on_forgotten(void *arg, uint64_t contact)
{
	struct window *window = arg;
	struct json_out out;

	if (!rights_may(window->me.role, RIGHT_SEE))
		return;
	flush_events(window);
	out = window_begin("forgotten");
	put_id(&out, "contact", contact);
	window_end(window, &out);
}

static void on_typing(void *arg, const struct contact *contact, bool on)
{
	struct json_out out = window_begin("typing");
	put_id(&out, "contact", contact->id);
	json_put_flag(&out, "on", on);
	window_end(arg, &out);
}

static void on_read(void *arg, const struct contact *contact, uint32_t seq)
{
	struct json_out out = window_begin("read");
	put_id(&out, "contact", contact->id);
	json_put_number(&out, "seq", seq);
	window_end(arg, &out);
}

static void on_alarm(void *arg, const struct contact *contact, enum alarm_why why)
{
	static const char *const words[] = { "new", "raised", "overdue" };
	struct json_out out = window_begin("alarm");
	put_id(&out, "contact", contact->id);
	json_put_text(&out, "level", triage_level_word(contact->level));
	json_put_text(&out, "why", words[why]);
	window_end(arg, &out);
}

static void on_hushed(void *arg, const struct contact *contact, uint32_t staff)
{
	struct window *window = arg;
	struct json_out out = window_begin("hushed");
	put_id(&out, "contact", contact->id);
	json_put_text(&out, "by", desk_staff_name(window->desk, staff));
	window_end(window, &out);
}

static void on_colleagues(void *arg)
{
	struct window *window = arg;
	window->colleagues_changed = true;
}

static void on_trouble(void *arg, bool on)
{
	struct json_out out = window_begin("trouble");
	json_put_flag(&out, "on", on);
	window_end(arg, &out);
}

static void on_replaced(void *arg)
{
	struct window *window = arg;
	window->port = 0;
	window_bye(window, "session");
}

static void on_reply(void *arg, const struct desk_reply *reply)
{
	struct window *window = arg;
	struct json_out out;

	if (reply->err) {
		request_refused(window, reply->kind, reply->id, reply->err, true, reply->owner);
		return;
	}
	out = window_begin("ok");
	json_put_text(&out, "id", reply->id);
	json_put_number(&out, "seq", reply->seq);
	if (reply->contact)
		put_id(&out, "contact", reply->contact->id);
	window_end(window, &out);
}

const struct desk_listener listen_desk = { .on_reply = on_reply,
	.on_event = on_event,
	.on_typing = on_typing,
	.on_read = on_read,
	.on_trouble = on_trouble,
	.on_forgotten = on_forgotten,
	.on_replaced = on_replaced,
	.on_flush = on_flush,
	.on_card = on_card,
	.on_card_gone = on_card_gone,
	.on_gained = on_gained,
	.on_lost = on_lost,
	.on_alarm = on_alarm,
	.on_hushed = on_hushed,
	.on_colleagues = on_colleagues };

static void tell_card(void *arg, const struct contact *contact)
{
	on_card(arg, contact);
}

static void tell_mine(void *arg, const struct contact *contact)
{
	struct window *window = arg;
	if (contact->owner == window->me.id)
		on_gained(window, contact);
}

void listen_everything(struct window *window)
{
	struct json_out out;

	json_out_finish(&window->events);
	json_out_finish(&window->put);
	json_out_finish(&window->drop);
	window->events = window->put = window->drop = (struct json_out) { 0 };
	json_out_init(&out, 0);
	show_desk(&out, window->desk, window->config, &window->me, WINDOW_BEAT_SECONDS,
		window->demo);
	window->replaying = true;
	window_send(window, &out);
	flush_cards(window, true); /* empties the page's list; the pieces fill it */
	if (rights_may(window->me.role, RIGHT_SEE))
		desk_each_contact(window->desk, tell_card, window);
	flush_cards(window, false);
	desk_each_contact(window->desk, tell_mine, window);
	desk_each_forgotten(window->desk, on_forgotten, window);
	window->replaying = false;
}
