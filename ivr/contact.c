/* A call as a contact of the desk. Nothing here is waited for: what the desk cannot take now is
 * offered again every second. */
#include "base/clock.h"
#include "base/log.h"
#include "ivr/private.h"

#include <stdio.h>
#include <string.h>

static void on_reply(void *arg, const struct desk_reply *reply);
static void on_event(void *arg, const struct contact *contact, const struct contact_event *event);

static void on_wait(void *arg, const struct contact *contact, const struct desk_wait *wait)
{
	struct ivr_call *call = arg;
	(void)contact;
	call->place = wait->place;
}

static void on_replaced(void *arg)
{
	struct ivr_call *call = arg;
	call->port = 0;
}

static const struct desk_listener listener = {
	.on_reply = on_reply, .on_event = on_event, .on_wait = on_wait, .on_replaced = on_replaced
};

void contact_port(struct ivr_call *call)
{
	if (!call->port)
		call->port = desk_visitor_port(call->ivr->desk, &listener, call);
}

void contact_open(struct ivr_call *call)
{
	struct desk *desk = call->ivr->desk;
	struct command command = { .kind = COMMAND_START,
		.author = AUTHOR_VISITOR,
		.id = call->start_id,
		.channel = CHANNEL_TELEPHONE };

	if (call->contact || call->opening)
		return;
	if (!call->opening_mono)
		call->opening_mono = clock_mono();
	contact_port(call);
	command.port = call->port;
	snprintf(command.answers.lang, sizeof command.answers.lang, "%s", ivr_call_lang(call));
	snprintf(command.answers.who, sizeof command.answers.who, "%s", call->state.who);
	call->opening = !desk_submit(desk, &command);
}

static bool wants_contact(const struct ivr_call *call)
{
	return !call->outgoing && !call->contact && !call->hangup_due
		&& (call->stage != STAGE_SCRIPT || call->asked_callback || call->left_message);
}

void contact_raise(struct ivr_call *call)
{
	call->level_due = true;
	if (call->contact)
		call->level_due = desk_call_level(call->ivr->desk, call->contact, call->port) != OK;
}

void contact_note(struct ivr_call *call, const char *stage)
{
	enum err err;
	if (!call->contact)
		return;
	err = desk_call_note(call->ivr->desk, call->contact, stage, call->staff);
	if (err)
		log_debug("stage not noted", "stage=%s err=%s", stage, err_word(err));
}

void contact_back(struct ivr_call *call)
{
	if (call->contact)
		desk_call_back(call->ivr->desk, call->contact);
}

void contact_leave(struct ivr_call *call)
{
	struct command command = { .kind = COMMAND_LEAVE,
		.author = AUTHOR_VISITOR,
		.contact = call->contact,
		.port = call->port,
		.id = "left" };
	enum err err;

	call->leave_due = call->contact || call->opening;
	if (!call->contact)
		return;
	err = desk_submit(call->ivr->desk, &command);
	if (err == ERR_STALE || err == ERR_NOT_FOUND)
		call->leave_due = false; /* closed already */
}

/* Somebody was rung for a callback when we were restarted: that line is known no longer, and is hung up
 * whatever is pressed on it. */
static bool lost_its_line(const struct ivr_call *call, const struct contact *contact)
{
	return call->rank == LINE_GONE && call->callback && contact->state == CONTACT_TAKEN
		&& strcmp(contact->call, "connected") != 0;
}

static void opened(struct ivr_call *call, const struct contact *contact)
{
	call->contact = contact->id;
	call->opening_mono = 0;
	if (call->rank == LINE_GONE && !call->asked_callback && !call->left_message) {
		contact_leave(call);
		return;
	}
	if (call->level_due)
		contact_raise(call);
	if (lost_its_line(call, contact)) {
		contact_note(call, "cut");
		contact_back(call);
	} else if (contact->state == CONTACT_TAKEN && contact->owner && call->stage == STAGE_WAITING)
		pickup_begin(call, contact->owner); /* taken before we were restarted */
	else if (contact->state == CONTACT_CLOSED)
		call->hangup_due = true;
	else if (call->state.silent && !call->noted_silent)
		contact_note(call, "silent");
	call->noted_silent = call->state.silent;
}

static void on_reply(void *arg, const struct desk_reply *reply)
{
	struct ivr_call *call = arg;

	if (recording_replied(call, reply))
		return;
	if (reply->kind == COMMAND_START) {
		call->opening = false;
		if (!reply->err)
			opened(call, reply->contact);
		else if (reply->err == ERR_STALE) /* ended before we were restarted */
			call->hangup_due = true;
	} else if (reply->kind == COMMAND_LEAVE) {
		call->leave_due = reply->err && reply->err != ERR_STALE;
	} else if (reply->kind == COMMAND_LEVEL && reply->err) {
		call->level_due = reply->err != ERR_STALE;
	}
}

static void on_event(void *arg, const struct contact *contact, const struct contact_event *event)
{
	struct ivr_call *call = arg;

	(void)contact;
	if (event->kind == EVENT_TAKEN) {
		if (call->rank == LINE_GONE)
			callback_taken(call, event->staff);
		else
			pickup_begin(call, event->staff);
	} else if (event->kind == EVENT_RETURNED) {
		pickup_over(call);
	} else if (event->kind == EVENT_CLOSED && event->author != AUTHOR_VISITOR) {
		pickup_closed(call);
	}
}

bool contact_degraded(const struct ivr_call *call, int64_t mono)
{
	return desk_trouble(call->ivr->desk)
		|| (call->opening_mono && mono - call->opening_mono > TROUBLE_MS);
}

void contact_detach(struct ivr_call *call)
{
	if (call->port)
		desk_detach(call->ivr->desk, call->port);
	call->port = 0;
}

enum { LOST_MS = 5000 }; /* after a start */

struct lost {
	const struct ivr *ivr;
	bool platform; /* two who talk there are not heard of until one hangs up */
	uint32_t count;
};

static bool has_line(const struct ivr *ivr, uint64_t contact)
{
	struct ivr_call *each, *next;

	HASH_ITER (hh, ivr->calls, each, next)
		if (each->contact == contact)
			return true;
	return false;
}

static void mark_lost(void *arg, const struct contact *contact)
{
	static const char *const without[] = { "message", "message-left", "message-lost", "heard",
		"unreached", "ended", "cut" };
	struct lost *lost = arg;

	if (contact->channel != CHANNEL_TELEPHONE
		|| (lost->platform && contact->state != CONTACT_WAITING) || has_line(lost->ivr, contact->id))
		return;
	for (size_t i = 0; i < sizeof without / sizeof *without; i++)
		if (strcmp(contact->call, without[i]) == 0)
			return;
	lost->count += desk_call_note(lost->ivr->desk, contact->id, "cut", contact->owner) == OK;
}

/* Callbacks that were kept are finding their contacts. */
static bool still_opening(const struct ivr *ivr)
{
	struct ivr_call *each, *next;

	HASH_ITER (hh, ivr->calls, each, next)
		if (each->opening)
			return true;
	return false;
}

/* A platform's calls come back by themselves; those of our own lines ended with us. */
void contact_lost(struct ivr *ivr, int64_t mono)
{
	struct lost lost = { .ivr = ivr };

	for (size_t i = 0; i < ivr->adapter_count; i++)
		lost.platform = lost.platform || ivr->adapters[i].render || ivr->adapters[i].stays;
	if (ivr->lost_told
		|| mono - ivr->since_mono
			<= (lost.platform ? IVR_SILENT_MINUTES * INT64_C(60000) : LOST_MS)
		|| still_opening(ivr))
		return;
	ivr->lost_told = true;
	desk_each_contact(ivr->desk, mark_lost, &lost);
	if (lost.count)
		log_warn("contacts without a line since the restart", "contacts=%u", lost.count);
}

void contact_second(struct ivr_call *call)
{
	if (wants_contact(call) && (call->rank != LINE_GONE || call->asked_callback
					   || call->left_message))
		contact_open(call);
	if (call->message_due && call->contact) {
		call->message_due = false;
		contact_note(call, "message");
	}
	if (call->leave_due)
		contact_leave(call);
	else if (call->level_due && call->contact)
		contact_raise(call);
}
