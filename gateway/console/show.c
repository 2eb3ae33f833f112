#include "console/show.h"
#include "base/clock.h"

#include <string.h>

const char *show_duty_word(enum duty duty)
{
	return duty == DUTY_ON ? "on" : duty == DUTY_PAUSE ? "pause" : "off";
}

const char *show_role_word(enum staff_role role)
{
	static const char *const words[] = { [ROLE_COUNSELLOR] = "counsellor",
		[ROLE_COORDINATOR] = "coordinator",
		[ROLE_ADMINISTRATOR] = "administrator",
		[ROLE_AUDITOR] = "auditor" };
	return role >= ROLE_COUNSELLOR && role <= ROLE_AUDITOR ? words[role] : "counsellor";
}

uint32_t show_utf16(const char *text, uint32_t bytes)
{
	uint32_t units = 0;
	for (uint32_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];
		units += (c & 0xc0) != 0x80; /* each character once, */
		units += c >= 0xf0; /* those beyond the first plane twice */
	}
	return units;
}

void show_me(struct json_out *out, const struct staff *me)
{
	json_put_object(out, "me");
	json_put_number(out, "id", me->id);
	json_put_text(out, "name", me->name);
	json_put_text(out, "display", me->display);
	json_put_text(out, "role", show_role_word(me->role));
	json_put_object_end(out);
}

static void put_colleague(void *arg, const struct counsellor *colleague)
{
	struct json_out *out = arg;

	if (colleague->duty == DUTY_OFF && !colleague->contacts)
		return;
	json_put_object(out, NULL);
	json_put_number(out, "id", colleague->id);
	json_put_text(out, "display", colleague->display);
	json_put_text(out, "duty", show_duty_word(colleague->duty));
	json_put_number(out, "contacts", colleague->contacts);
	json_put_object_end(out);
}

void show_colleagues(struct json_out *out, const char *key, const struct desk *desk)
{
	json_put_list(out, key);
	desk_each_counsellor(desk, put_colleague, out);
	json_put_list_end(out);
}

static void put_replies(struct json_out *out, const struct config *config)
{
	json_put_list(out, "replies");
	for (uint32_t i = 0; i < config->desk.replies_count; i++) {
		const struct config_reply *reply = &config->desk.replies[i];
		json_put_object(out, NULL);
		json_put_text(out, "key", reply->key);
		json_put_text(out, "language", reply->language);
		json_put_text(out, "text", reply->text);
		json_put_object_end(out);
	}
	json_put_list_end(out);
}

void show_desk(struct json_out *out, const struct desk *desk, const struct config *config,
	const struct staff *me, int beat, bool demo)
{
	const struct counsellor *counsellor = desk_counsellor(desk, me->id);

	json_put_object(out, NULL);
	json_put_text(out, "t", "desk");
	show_me(out, me);
	json_put_text(out, "duty", show_duty_word(counsellor ? counsellor->duty : DUTY_OFF));
	json_put_number(out, "capacity", config->desk.capacity);
	json_put_number(out, "lease", config->desk.lease_seconds);
	json_put_number(out, "lock", config->desk.idle_lock_minutes);
	json_put_number(out, "block", config->desk.block_minutes);
	json_put_number(out, "beat", beat);
	json_put_text(out, "centre", config->centre.name);
	put_replies(out, config);
	show_colleagues(out, "colleagues", desk);
	json_put_object(out, "targets");
	json_put_number(out, "serious", config->desk.serious_minutes);
	json_put_number(out, "elevated", config->desk.elevated_minutes);
	json_put_number(out, "none", config->desk.none_minutes);
	json_put_object_end(out);
	json_put_flag(out, "trouble", desk_trouble(desk));
	json_put_flag(out, "demo", demo);
	json_put_object_end(out);
}

static const struct contact_event *event_by_seq(const struct contact *contact, uint32_t seq)
{
	for (uint32_t i = contact->event_count; i-- > 0;)
		if (contact->events[i]->seq == seq)
			return contact->events[i];
	return NULL;
}

/* From the start of a character to the end of one, at most SHOW_WORDS_BYTES. */
static void put_words(struct json_out *out, const char *text, uint32_t from, uint32_t to)
{
	if (to - from > SHOW_WORDS_BYTES)
		to = from + SHOW_WORDS_BYTES;
	while (from < to && ((unsigned char)text[from] & 0xc0) == 0x80)
		from++;
	while (to > from && ((unsigned char)text[to] & 0xc0) == 0x80)
		to--;
	json_put_text_n(out, "words", text + from, to - from);
}

static void put_flag(struct json_out *out, const struct contact *contact,
	const struct contact_flag *flag, bool words)
{
	const struct contact_event *event = event_by_seq(contact, flag->seq);

	json_put_object(out, NULL);
	json_put_text(out, "rule", flag->rule);
	json_put_text(out, "category", flag->category);
	json_put_text(out, "level", triage_level_word(flag->level));
	json_put_text(out, "why", flag->why ? flag->why : "");
	if (flag->lowered_by)
		json_put_text(out, "lowered_by", flag->lowered_by);
	json_put_number(out, "seq", flag->seq);
	if (words && event && flag->from <= flag->to && flag->to <= event->body_length) {
		const char *text = contact_event_body(event);
		json_put_number(out, "from", show_utf16(text, flag->from));
		json_put_number(out, "to", show_utf16(text, flag->to));
		put_words(out, text, flag->from, flag->to);
	} else {
		json_put_number(out, "from", 0);
		json_put_number(out, "to", 0);
		json_put_text(out, "words", "");
	}
	json_put_object_end(out);
}

static void put_flags(struct json_out *out, const struct contact *contact, bool words)
{
	uint32_t put = 0;

	json_put_list(out, "flags");
	for (uint32_t i = contact->flag_count; i-- > 0 && put < SHOW_FLAGS; put++)
		put_flag(out, contact, &contact->flags[i], words);
	json_put_list_end(out);
}

static const char *channel_word(enum channel channel)
{
	return channel == CHANNEL_TELEPHONE ? "telephone"
		: channel == CHANNEL_PLAIN  ? "plain"
					    : "chat";
}

static const char *state_word(enum contact_state state)
{
	return state == CONTACT_WAITING ? "waiting" : state == CONTACT_TAKEN ? "taken" : "closed";
}

static void put_id(struct json_out *out, const char *key, uint64_t id)
{
	char text[CONTACT_PUBLIC_ID];
	contact_public_id(id, text);
	json_put_text(out, key, text);
}

/* What a visitor said to a colleague is theirs alone. */
static bool may_read(const struct contact *contact, uint32_t reader)
{
	return !contact->owner || contact->owner == reader;
}

void show_card(struct json_out *out, const char *key, const struct desk *desk,
	const struct contact *contact, uint32_t reader)
{
	json_put_object(out, key);
	put_id(out, "id", contact->id);
	json_put_text(out, "channel", channel_word(contact->channel));
	json_put_text(out, "state", state_word(contact->state));
	json_put_text(out, "level", triage_level_word(contact->level));
	json_put_flag(out, "complete", contact->complete);
	put_flags(out, contact, may_read(contact, reader));
	json_put_number(out, "arrived", contact->arrived);
	if (contact->level != LEVEL_IMMEDIATE)
		json_put_number(out, "due", contact->due);
	if (contact->owner) {
		json_put_text(out, "taken_by", desk_staff_name(desk, contact->owner));
		json_put_number(out, "owner", contact->owner);
	}
	json_put_flag(out, "present", contact->port != 0);
	if (contact->gone)
		json_put_number(out, "gone", clock_wall() - (clock_mono() - contact->left_mono));
	if (*contact->call) {
		json_put_text(out, "call", contact->call);
		json_put_number(out, "call_since", contact->call_time);
	}
	json_put_number(out, "returned", contact->returned);
	json_put_text(out, "lang", contact->answers.lang);
	json_put_text(out, "who", contact->answers.who);
	json_put_text(out, "where", contact->answers.where);
	json_put_number(out, "messages", contact->messages);
	json_put_flag(out, "practice", contact->practice);
	if (contact->reopened && contact->former)
		json_put_text(out, "former", desk_staff_name(desk, contact->former));
	json_put_object_end(out);
}

static void put_meta_word(struct json_out *out, const char *key, const struct contact_event *event)
{
	json_t *meta = json_loadb(contact_event_meta(event), event->meta_length, 0, NULL);
	const char *word = json_get_text(meta, key);
	json_put_text(out, key, word ? word : "");
	json_decref(meta);
}

/* As they were stored; {} where they are gone from a changed database. */
static void put_answers(struct json_out *out, const struct contact_event *event)
{
	json_t *body = json_loadb(contact_event_body(event), event->body_length, 0, NULL);

	if (json_is_object(body))
		json_put_raw(out, "answers", contact_event_body(event), event->body_length);
	else
		json_put_raw(out, "answers", "{}", 2);
	json_decref(body);
}

static void put_stage(struct json_out *out, const struct contact_event *event)
{
	json_t *body = json_loadb(contact_event_body(event), event->body_length, 0, NULL);
	const char *stage = json_get_text(body, "stage");
	json_put_text(out, "stage", stage ? stage : "");
	json_decref(body);
}

static void put_event_flags(
	struct json_out *out, const struct contact *contact, const struct contact_event *event)
{
	json_put_list(out, "flags");
	for (uint32_t i = 0; i < contact->flag_count; i++)
		if (contact->flags[i].seq == event->seq)
			put_flag(out, contact, &contact->flags[i], true);
	json_put_list_end(out);
}

static unsigned two_bytes(const char *at)
{
	return (unsigned)(unsigned char)at[0] << 8 | (unsigned char)at[1];
}

/* Which piece of how many; the sound itself is asked for. */
static void put_piece(struct json_out *out, const struct contact_event *event)
{
	const char *head = contact_event_body(event);

	if (event->body_length <= DESK_PIECE_HEAD)
		return;
	json_put_number(out, "piece", two_bytes(head));
	json_put_number(out, "pieces", two_bytes(head + 2));
	json_put_number(out, "seconds", two_bytes(head + 4));
}

void show_event(struct json_out *out, const struct desk *desk, const struct contact *contact,
	const struct contact_event *event, bool with_contact)
{
	static const char *const kinds[EVENT_KINDS] = { [EVENT_OPENED] = "opened",
		[EVENT_MESSAGE] = "message",
		[EVENT_NOTE] = "note",
		[EVENT_TAKEN] = "taken",
		[EVENT_RETURNED] = "returned",
		[EVENT_CLOSED] = "closed",
		[EVENT_LEVEL] = "level",
		[EVENT_ANSWERS] = "answers",
		[EVENT_CALL] = "call",
		[EVENT_REOPENED] = "reopened",
		[EVENT_RECORDING] = "recording" };
	static const char *const authors[] = { "system", "visitor", "counsellor" };
	bool text = event->kind == EVENT_MESSAGE || event->kind == EVENT_NOTE
		|| event->kind == EVENT_LEVEL;

	json_put_object(out, NULL);
	if (with_contact)
		put_id(out, "contact", contact->id);
	json_put_number(out, "seq", event->seq);
	json_put_text(out, "kind", kinds[event->kind]);
	json_put_number(out, "time", event->time);
	json_put_text(out, "author", authors[event->author]);
	if (event->staff) {
		json_put_number(out, "staff", event->staff);
		json_put_text(out, "by", desk_staff_name(desk, event->staff));
	}
	if (*event->id && event->author == AUTHOR_COUNSELLOR)
		json_put_text(out, "id", event->id);
	if (text)
		json_put_text_n(out, "text", contact_event_body(event), event->body_length);
	if (event->kind == EVENT_MESSAGE && event->author == AUTHOR_VISITOR)
		put_event_flags(out, contact, event);
	if (event->kind == EVENT_OPENED || event->kind == EVENT_ANSWERS)
		put_answers(out, event);
	if (event->kind == EVENT_RETURNED || event->kind == EVENT_CLOSED)
		put_meta_word(out, "why", event);
	if (event->kind == EVENT_LEVEL)
		put_meta_word(out, "level", event);
	if (event->kind == EVENT_CALL)
		put_stage(out, event);
	if (event->kind == EVENT_RECORDING)
		put_piece(out, event);
	json_put_object_end(out);
}

void show_contact(struct json_out *out, const struct desk *desk, const struct contact *contact,
	uint32_t reader)
{
	json_put_object(out, NULL);
	json_put_text(out, "t", "contact");
	show_card(out, "contact", desk, contact, reader);
	json_put_object(out, "answers");
	json_put_text(out, "who", contact->answers.who);
	json_put_text(out, "where", contact->answers.where);
	json_put_text(out, "lang", contact->answers.lang);
	json_put_object_end(out);
	json_put_list(out, "events");
	for (uint32_t i = 0; i < contact->event_count; i++)
		show_event(out, desk, contact, contact->events[i], false);
	json_put_list_end(out);
	json_put_number(out, "read", contact->visitor_read);
	json_put_object_end(out);
}
