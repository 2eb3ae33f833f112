#include "base/clock.h"
#include "base/json.h"
#include "desk/private.h"

#include <stdio.h>
#include <string.h>

static int64_t target(const struct desk *desk, enum triage_level level) /* ms */
{
	uint32_t minutes = desk->config->desk.none_minutes;
	if (level >= LEVEL_SERIOUS)
		minutes = desk->config->desk.serious_minutes;
	else if (level == LEVEL_ELEVATED)
		minutes = desk->config->desk.elevated_minutes;
	return minutes * INT64_C(60000);
}

struct contact *apply_open(struct desk *desk, uint64_t id, enum channel channel,
	const uint8_t token[STORE_TOKEN_SIZE])
{
	struct contact *contact = contact_create(id);
	contact->channel = channel;
	memcpy(contact->token, token, STORE_TOKEN_SIZE);
	contact->left_mono = clock_mono();
	HASH_ADD(by_id, desk->by_id, id, sizeof contact->id, contact);
	HASH_ADD(by_token, desk->by_token, token, sizeof contact->token, contact);
	return contact;
}

void apply_forget(struct desk *desk, struct contact *contact)
{
	queue_remove(&desk->queue, contact);
	HASH_DELETE(by_id, desk->by_id, contact);
	HASH_DELETE(by_token, desk->by_token, contact);
	contact_destroy(&contact);
}

void apply_alarm(struct desk *desk, struct contact *contact, enum alarm_why why)
{
	contact->hushed = false;
	contact->alarm_why = why;
	contact->alarm_mono = clock_mono() + DESK_ALARM_SECONDS * 1000;
	if (!desk->loading && contact->state == CONTACT_WAITING && !contact->gone)
		tell_alarm(desk, contact, why);
}

static void raise_to(
	struct desk *desk, struct contact *contact, enum triage_level level, int64_t time)
{
	int64_t due = time + target(desk, level);
	if (level <= contact->level)
		return;
	contact->level = level;
	if (due < contact->due)
		contact->due = due;
	contact->overdue_told = false;
}

static void opened(struct desk *desk, struct contact *contact, const struct contact_event *event)
{
	enum triage_level level;

	contact_answers_read(contact_event_body(event), event->body_length, &contact->answers,
		&contact->practice);
	contact->arrived = event->time;
	desk->started += !desk->loading;
	contact->due = event->time + target(desk, LEVEL_NONE);
	flags_read(contact, event->seq, contact_event_meta(event), event->meta_length, &level);
	raise_to(desk, contact, level, event->time);
	if (!desk->loading && !contact->practice)
		today_arrived(&desk->today, desk->config, event->time);
}

static void message(struct desk *desk, struct contact *contact, const struct contact_event *event)
{
	enum triage_level level;

	if (event->author != AUTHOR_VISITOR)
		return;
	contact->messages++;
	desk->messages += !desk->loading;
	if (desk->loading) /* else done at submission, so that the next message finds it */
		contact_tail_add(contact, contact_event_body(event), event->body_length);
	flags_read(contact, event->seq, contact_event_meta(event), event->meta_length, &level);
	raise_to(desk, contact, level, event->time);
}

static void set_level(struct desk *desk, struct contact *contact, const struct contact_event *event)
{
	json_t *read = json_loadb(contact_event_meta(event), event->meta_length, 0, NULL);
	const char *word = json_get_text(read, "level");
	enum triage_level level;

	if (word && triage_level_parse(word, &level)) {
		if (level < contact->level) {
			contact->level = level;
			contact->due = contact->arrived + target(desk, level);
		}
		raise_to(desk, contact, level, event->time);
	}
	json_decref(read);
}

static const char *why_of(const struct contact_event *event, char *word, size_t size)
{
	json_t *read = json_loadb(contact_event_meta(event), event->meta_length, 0, NULL);
	const char *why = json_get_text(read, "why");
	snprintf(word, size, "%s", why ? why : "");
	json_decref(read);
	return word;
}

static void taken(struct desk *desk, struct contact *contact, const struct contact_event *event)
{
	contact->state = CONTACT_TAKEN;
	contact->owner = contact->former = event->staff;
	contact->epoch++;
	contact->claiming = 0;
	counsellor_get(desk, event->staff)->contacts++;
	counsellor_get(desk, event->staff)->calls += contact->channel == CHANNEL_TELEPHONE;
	if (desk->loading)
		return;
	desk->picked_up++;
	if (!contact->practice) {
		if (!contact->returned) /* the day counts each contact once */
			today_taken(&desk->today, desk->config, event->time, contact->level,
				event->time <= contact->due);
		counsellor_get(desk, event->staff)->shift_taken++;
	}
	if (contact->entry_place && !contact->returned)
		wait_measured(&desk->wait, contact->entry_place, event->time - contact->arrived,
			clock_mono());
	tell_gained(desk, contact);
}

/* Its visitor left before it was taken; or who had it gave it back, or it ended. */
static void count_end(struct desk *desk, const struct contact *contact,
	const struct contact_event *event, uint32_t former)
{
	bool closed = contact->state == CONTACT_CLOSED;

	if (desk->loading || contact->practice)
		return;
	if (!former && closed && !contact->former)
		today_left(&desk->today, desk->config, event->time, event->time - contact->arrived);
	else if (former && closed)
		counsellor_get(desk, former)->shift_closed++;
	else if (former && event->author == AUTHOR_COUNSELLOR)
		counsellor_get(desk, former)->shift_returned++;
}

static bool one_of(const char *stage, const char *const *stages)
{
	for (; *stages; stages++)
		if (!strcmp(stage, *stages))
			return true;
	return false;
}

/* A stage that ends with whoever had it; why nobody came of it, or a message, is for the next to know. */
static bool theirs(const char *stage)
{
	return one_of(stage, (const char *const[]) { "ringing", "connected", "held", "parked", NULL });
}

/* What becomes of the caller's message says nothing of the line. */
static bool of_message(const char *stage)
{
	return one_of(stage, (const char *const[]) { "message-left", "message-lost", "heard", NULL });
}

/* Returned or closed: whoever had it has it no longer. */
static void let_go(struct desk *desk, struct contact *contact, const struct contact_event *event,
	enum contact_state state)
{
	char why[32];
	uint32_t former = contact->owner;

	contact->state = state;
	contact->owner = contact->claiming = 0;
	contact->told_place = 0;
	if (theirs(contact->call))
		*contact->call = '\0';
	if (state == CONTACT_CLOSED)
		contact->closed_mono = clock_mono();
	else
		contact->returned++;
	why_of(event, why, sizeof why);
	if (!desk->loading && !strcmp(why, "blocked"))
		block_add(desk, contact);
	if (state == CONTACT_CLOSED)
		contact->network = 0;
	desk->abandoned += !desk->loading && !strcmp(why, "abandoned");
	desk->leases_lost += !desk->loading && !strcmp(why, "lease");
	count_end(desk, contact, event, former);
	if (!former)
		return;
	counsellor_get(desk, former)->contacts--;
	counsellor_get(desk, former)->calls -= contact->channel == CHANNEL_TELEPHONE;
	tell_lost(desk, contact, former,
		state == CONTACT_CLOSED           ? "closed"
			: !strcmp(why, "lease") ? "lease"
						: "returned");
}

/* Its visitor came back: waiting from now on, as urgent as it was. */
static void reopened(struct desk *desk, struct contact *contact, const struct contact_event *event)
{
	contact->state = CONTACT_WAITING;
	contact->reopened = true;
	contact->overdue_told = false;
	contact->arrived = event->time;
	contact->due = event->time + target(desk, contact->level);
	contact->closed_mono = 0;
	if (!desk->loading && !contact->practice)
		today_arrived(&desk->today, desk->config, event->time);
}

static void call_stage(struct contact *contact, const struct contact_event *event)
{
	json_t *read = json_loadb(contact_event_body(event), event->body_length, 0, NULL);
	const char *stage = json_get_text(read, "stage");

	if (!stage || !of_message(stage) || !theirs(contact->call)) {
		snprintf(contact->call, sizeof contact->call, "%s", stage ? stage : "");
		contact->call_time = event->time;
	}
	json_decref(read);
}

static void change(struct desk *desk, struct contact *contact, const struct contact_event *event)
{
	switch (event->kind) {
	case EVENT_OPENED:
		opened(desk, contact, event);
		break;
	case EVENT_MESSAGE:
		message(desk, contact, event);
		break;
	case EVENT_LEVEL:
		set_level(desk, contact, event);
		break;
	case EVENT_TAKEN:
		taken(desk, contact, event);
		break;
	case EVENT_RETURNED:
		let_go(desk, contact, event, CONTACT_WAITING);
		break;
	case EVENT_CLOSED:
		let_go(desk, contact, event, CONTACT_CLOSED);
		break;
	case EVENT_REOPENED:
		reopened(desk, contact, event);
		break;
	case EVENT_CALL:
		call_stage(contact, event);
		break;
	case EVENT_ANSWERS:
		contact_answers_read(contact_event_body(event), event->body_length,
			&contact->answers, NULL);
		break;
	default:
		break;
	}
}

void apply_event(
	struct desk *desk, struct contact *contact, struct contact_event *event, uint64_t sender)
{
	enum triage_level before = contact->level;
	enum contact_state state = contact->state;
	bool told_first = event->kind != EVENT_LEVEL && event->kind != EVENT_MESSAGE;
	bool plain = (event->kind == EVENT_MESSAGE && !event->meta_length)
		|| event->kind == EVENT_NOTE || event->kind == EVENT_RECORDING; /* the card is as it was, but for their number */

	queue_remove(&desk->queue, contact);
	contact_keep(contact, event);
	if (told_first) /* while the one who loses it still listens, and before the one who gains */
		tell_event(desk, contact, event, sender);
	change(desk, contact, event);
	if (!told_first) /* with its flags read */
		tell_event(desk, contact, event, sender);
	if (contact->state == CONTACT_WAITING)
		queue_offer(&desk->queue, contact);
	if (event->kind == EVENT_OPENED || event->kind == EVENT_REOPENED)
		contact->entry_place = queue_place(&desk->queue, contact);
	if (!plain || event->kind == EVENT_MESSAGE) /* how many there are is told with the next tick */
		tell_changed(desk, contact, !plain);
	if (contact->state != state || event->kind == EVENT_OPENED)
		tell_colleagues(desk);
	if (contact->state == CONTACT_CLOSED && !desk->loading)
		contact_wipe(contact); /* told to those who listened; its visitor can recall it */
	if (event->kind == EVENT_OPENED || event->kind == EVENT_RETURNED
		|| event->kind == EVENT_REOPENED)
		apply_alarm(desk, contact, ALARM_NEW);
	else if (contact->level > before && event->author == AUTHOR_VISITOR)
		apply_alarm(desk, contact, ALARM_RAISED);
}
