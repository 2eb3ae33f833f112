/* A counsellor takes a call: their telephone rings, they press 1, the two are joined; and every way
 * in which that can fail gives the caller the original place back. */
#include "base/clock.h"
#include "ivr/private.h"

#include <stdio.h>
#include <string.h>

enum { HELD_SECONDS = 300 };

const char *pickup_cause_word(enum ivr_cause cause)
{
	static const char *const words[IVR_CAUSE_COUNT] = { [IVR_CAUSE_NONE] = "failed",
		[IVR_CAUSE_DONE] = "ended",
		[IVR_CAUSE_BUSY] = "busy",
		[IVR_CAUSE_NO_ANSWER] = "no-answer",
		[IVR_CAUSE_DECLINED] = "declined",
		[IVR_CAUSE_FAILED] = "failed",
		[IVR_CAUSE_CALLER] = "caller-left",
		[IVR_CAUSE_CLOSED] = "ended",
		[IVR_CAUSE_CUT] = "cut" };
	return cause < IVR_CAUSE_COUNT ? words[cause] : "failed";
}

static const char *telephone_of(const struct ivr_call *call, uint32_t staff)
{
	const struct counsellor *counsellor = desk_counsellor(call->ivr->desk, staff);
	return counsellor ? counsellor->telephone : "";
}

static void interrupt(const struct ivr_call *call)
{
	const struct ivr_adapter *adapter = call_adapter(call);
	if (adapter->interrupt && call->rank == LINE_UP
		&& (call->waits == IVR_HOLD || call->waits == IVR_CONNECT))
		adapter->interrupt(adapter->arg, call);
}

void pickup_begin(struct ivr_call *call, uint32_t staff)
{
	call->staff = staff;
	call->accepted = call->held = false;
	if (!*telephone_of(call, staff)) {
		contact_note(call, "no-telephone");
		contact_back(call);
		return;
	}
	call->stage = STAGE_RINGING;
	call->connect_due = true;
	interrupt(call);
}

static void hang_up(struct ivr_call *call)
{
	const struct ivr_adapter *adapter = call_adapter(call);

	call->hangup_due = true;
	call->connect_due = false;
	if (call->rank != LINE_GONE && adapter->end)
		adapter->end(adapter->arg, call);
}

/* The line of a callback, whose events come to the caller's former one. */
static void hang_up_callback(const struct ivr_call *call)
{
	struct ivr_call *line = call->contact ? call_of_contact(call->ivr, call->contact) : NULL;
	if (line && line->outgoing)
		hang_up(line);
}

/* The desk has taken it back: by the counsellor, a lost lease, or by us. */
void pickup_over(struct ivr_call *call)
{
	bool leg = call->stage == STAGE_RINGING || call->stage == STAGE_TALKING;

	call->connect_due = false;
	call->staff = 0;
	if (call->rank == LINE_GONE) {
		hang_up_callback(call);
		return;
	}
	call->stage = STAGE_WAITING;
	if (leg && call->waits == IVR_CONNECT)
		interrupt(call); /* off the counsellor's telephone, back to hold */
}

void pickup_closed(struct ivr_call *call)
{
	callback_drop(call);
	hang_up(call);
	hang_up_callback(call);
}

void pickup_dropped(struct ivr_call *call, enum ivr_cause cause)
{
	struct ivr *ivr = call->ivr;

	script_hold(ivr->script, &call->state);
	if (cause < IVR_CAUSE_COUNT)
		ivr->figures.dropped[cause]++;
	if (call->held) {
		call->stage = STAGE_PARKED;
	} else if (call->stage == STAGE_TALKING || (cause == IVR_CAUSE_DONE && call->accepted)) {
		call->stage = STAGE_PARKED;
		call->parked_mono = clock_mono();
		contact_note(call, "parked");
	} else if (call->stage == STAGE_RINGING) {
		if (cause == IVR_CAUSE_DONE) /* answered, but by nobody who pressed 1 */
			cause = IVR_CAUSE_DECLINED;
		contact_note(call, pickup_cause_word(cause));
		call->stage = STAGE_WAITING;
		call->not_yet = true;
		contact_back(call);
	}
}

void pickup_torn(struct ivr_call *call)
{
	if (call->outgoing || (call->stage != STAGE_RINGING && call->stage != STAGE_TALKING))
		return;
	call->stage = STAGE_RINGING;
	call->accepted = false;
	call->connect_due = true;
}

void pickup_accepted(struct ivr_call *call)
{
	if (call->stage != STAGE_RINGING)
		return;
	call->stage = STAGE_TALKING;
	call->accepted = true;
	call->left_message = false; /* its end is that of the talk */
	call->ivr->figures.connected++;
	contact_note(call, "connected");
}

static struct ivr_step *add(struct ivr_turn *turn, enum ivr_step_kind kind)
{
	struct ivr_step *step = &turn->steps[turn->count++];
	step->kind = kind;
	return step;
}

static void say(const struct ivr_call *call, struct ivr_prompt *prompt, const char *id)
{
	snprintf(prompt->id, sizeof prompt->id, "%s", id);
	snprintf(prompt->lang, sizeof prompt->lang, "%s", ivr_call_lang(call));
}

static void put_connect(struct ivr_call *call, struct ivr_turn *turn)
{
	const struct ivr_settings *settings = &call->ivr->settings;
	struct ivr_step *step;

	add(turn, IVR_ANSWER);
	step = add(turn, IVR_CONNECT);
	say(call, &step->prompts[step->prompt_count++], "connecting");
	snprintf(step->accept.id, sizeof step->accept.id, "accept");
	snprintf(step->accept.lang, sizeof step->accept.lang, "%s",
		script_language(call->ivr->script, 0)); /* the counsellor's */
	strcpy(step->keys, "1");
	step->seconds = settings->ring_seconds;
	snprintf(step->target, sizeof step->target, "%s", telephone_of(call, call->staff));
	snprintf(step->cli, sizeof step->cli, "%s", settings->cli);
}

bool pickup_turn(struct ivr_call *call, struct ivr_turn *turn_r)
{
	if (call->hangup_due) {
		add(turn_r, IVR_HANGUP);
		return true;
	}
	if (!call->connect_due)
		return false;
	call->connect_due = false;
	put_connect(call, turn_r);
	contact_note(call, "ringing");
	return true;
}

enum ivr_leg ivr_leg(struct ivr *ivr, const char *adapter, const char *id, uint32_t turn,
	const char *keys, uint32_t tries)
{
	struct ivr_call *call = call_named(ivr, adapter, id);

	if (!call || call->rank != LINE_UP || call->turn != turn || call->waits != IVR_CONNECT
		|| call->hangup_due || (call->stage != STAGE_RINGING && call->stage != STAGE_TALKING))
		return IVR_LEG_DROP;
	call->heard_mono = clock_mono();
	if (call->outgoing) /* the one who is called back is not asked */
		return IVR_LEG_JOIN;
	if (keys && !strcmp(keys, "1"))
		return IVR_LEG_JOIN;
	return !keys || tries < 2 ? IVR_LEG_ASK : IVR_LEG_DROP;
}

enum err ivr_order(struct ivr *ivr, uint32_t staff, uint64_t contact, enum desk_order order)
{
	struct ivr_call *call = call_of_contact(ivr, contact);
	const struct contact *of = desk_contact(ivr->desk, contact);

	if (!of || of->owner != staff || of->state != CONTACT_TAKEN)
		return ERR_STALE;
	if (!call)
		return ERR_NOT_FOUND;
	switch (order) {
	case ORDER_RING:
		if (call->stage != STAGE_PARKED)
			return ERR_NOT_FOUND;
		pickup_begin(call, staff);
		return OK;
	case ORDER_HOLD:
		if (call->stage != STAGE_TALKING || call->outgoing || !call_adapter(call)->interrupt)
			return ERR_NOT_FOUND;
		call->stage = STAGE_PARKED;
		call->held = true;
		call->parked_mono = clock_mono();
		contact_note(call, "held");
		interrupt(call);
		return OK;
	case ORDER_HANGUP:
		hang_up(call);
		return OK;
	}
	return ERR_INVALID;
}

void pickup_second(struct ivr_call *call, int64_t mono)
{
	int64_t patience = call->held ? HELD_SECONDS : call->ivr->settings.wrapup_seconds;

	if (call->stage != STAGE_PARKED || call->hangup_due
		|| mono - call->parked_mono <= patience * 1000)
		return;
	if (call->held) {
		pickup_begin(call, call->staff); /* forgotten? their telephone rings */
		return;
	}
	call->hangup_due = true; /* they talked, and nobody has asked for more */
	interrupt(call);
}
