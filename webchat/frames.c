#include "webchat/frames.h"
#include "base/clock.h"
#include "config/hours.h"

#include <string.h>

static void begin(struct json_out *out, const char *t)
{
	json_put_object(out, NULL);
	json_put_text(out, "t", t);
}

static const char *state_word(enum contact_state state)
{
	return state == CONTACT_WAITING ? "waiting" : state == CONTACT_TAKEN ? "taken" : "closed";
}

void frames_welcome(struct json_out *out, const struct desk *desk, const struct config *config,
	int beat, const struct contact *resumed)
{
	int64_t opens = hours_next_opening(config, clock_wall());

	begin(out, resumed ? "resumed" : "welcome");
	json_put_flag(out, "open", desk_open(desk));
	if (opens > 0)
		json_put_number(out, "opens", opens);
	json_put_number(out, "beat", beat);
	json_put_object(out, "limits");
	json_put_number(out, "characters", config->limits.message_characters);
	json_put_number(out, "per_minute", config->limits.messages_per_minute);
	json_put_object_end(out);
	json_put_flag(out, "trouble", desk_trouble(desk));
	if (resumed) {
		json_put_text(out, "state", state_word(resumed->state));
		json_put_number(out, "n", resumed->last_n);
	}
	json_put_object_end(out);
}

void frames_started(struct json_out *out, const struct desk_reply *reply)
{
	begin(out, "started");
	json_put_text(out, "id", reply->id);
	json_put_text(out, "secret", reply->secret);
	json_put_number(out, "n", reply->n);
	json_put_object_end(out);
}

void frames_stored(struct json_out *out, const char *id, uint32_t n)
{
	begin(out, "stored");
	json_put_text(out, "id", id);
	json_put_number(out, "n", n);
	json_put_object_end(out);
}

void frames_place(struct json_out *out, const struct desk_wait *wait)
{
	begin(out, "place");
	json_put_number(out, "place", wait->place);
	if (wait->high) {
		json_put_number(out, "low", wait->low);
		json_put_number(out, "high", wait->high);
	}
	json_put_flag(out, "danger_first", wait->danger_first);
	json_put_object_end(out);
}

void frames_switch(struct json_out *out, const char *t, bool on)
{
	begin(out, t);
	json_put_flag(out, "on", on);
	json_put_object_end(out);
}

void frames_number(struct json_out *out, const char *t, const char *key, int64_t number)
{
	begin(out, t);
	json_put_number(out, key, number);
	json_put_object_end(out);
}

void frames_word(struct json_out *out, const char *t, const char *key, const char *word)
{
	begin(out, t);
	if (key)
		json_put_text(out, key, word);
	json_put_object_end(out);
}

void frames_work(struct json_out *out, const char *id, const char *text, int bits)
{
	begin(out, "work");
	json_put_text(out, "id", id);
	json_put_text(out, "text", text);
	json_put_number(out, "bits", bits);
	json_put_object_end(out);
}

void frames_error(struct json_out *out, const char *code, const char *id, int retry)
{
	begin(out, "error");
	json_put_text(out, "code", code);
	if (id)
		json_put_text(out, "id", id);
	if (retry)
		json_put_number(out, "retry", retry);
	json_put_object_end(out);
}

static void put_answers(struct json_out *out, const struct contact_answers *answers)
{
	json_put_object(out, "answers");
	if (*answers->who)
		json_put_text(out, "who", answers->who);
	if (*answers->where)
		json_put_text(out, "where", answers->where);
	if (*answers->lang)
		json_put_text(out, "lang", answers->lang);
	json_put_object_end(out);
}

static void put_why(struct json_out *out, const struct contact_event *event)
{
	json_t *meta = json_loadb(contact_event_meta(event), event->meta_length, 0, NULL);
	const char *why = json_get_text(meta, "why");

	if (event->kind == EVENT_RETURNED) /* what a visitor needs to know of it */
		why = why && !strcmp(why, "counsellor") ? "counsellor" : "lost";
	json_put_text(out, "why", why ? why : "counsellor");
	json_decref(meta);
}

void frames_event(struct json_out *out, const struct desk *desk, const struct config *config,
	const struct contact *contact, const struct contact_event *event)
{
	static const char *const kinds[EVENT_KINDS] = { [EVENT_OPENED] = "opened",
		[EVENT_MESSAGE] = "message",
		[EVENT_TAKEN] = "taken",
		[EVENT_RETURNED] = "returned",
		[EVENT_CLOSED] = "closed",
		[EVENT_REOPENED] = "reopened" };

	json_put_object(out, NULL);
	json_put_number(out, "n", event->n);
	json_put_text(out, "kind", kinds[event->kind]);
	json_put_number(out, "time", event->time - event->time % 60000);
	if (event->kind == EVENT_OPENED)
		put_answers(out, &contact->answers);
	if (event->kind == EVENT_MESSAGE) {
		bool mine = event->author == AUTHOR_VISITOR;
		json_put_text(out, "from", mine ? "me" : "counsellor");
		json_put_text_n(out, "text", contact_event_body(event), event->body_length);
		if (mine)
			json_put_text(out, "id", event->id);
	}
	if (event->kind == EVENT_TAKEN)
		json_put_text(out, "name",
			config->centre.first_names ? desk_staff_name(desk, event->staff)
						   : config->centre.team);
	if (event->kind == EVENT_RETURNED || event->kind == EVENT_CLOSED)
		put_why(out, event);
	json_put_object_end(out);
}
