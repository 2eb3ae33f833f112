#include "ivr/ivr.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/number.h"
#include "ivr/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { LISTEN_MS = 30000 /* after a query */, AT_ONCE_MS = 5000 };

static enum err on_order(void *arg, uint32_t staff, uint64_t contact, enum desk_order order)
{
	return ivr_order(arg, staff, contact, order);
}

struct ivr *ivr_create(
	struct desk *desk, const struct script *script, const struct ivr_settings *settings)
{
	struct ivr *ivr = mem_alloc(sizeof *ivr);
	const struct desk_lines lines = { .order = on_order, .arg = ivr };

	if (sodium_init() < 0)
		abort();
	ivr->desk = desk;
	ivr->script = script;
	ivr->settings = *settings;
	ivr->day = ivr->hour = -1;
	ivr->since_mono = clock_mono();
	desk_secret(desk, "telephone", ivr->secret);
	randombytes_buf(ivr->number_key, sizeof ivr->number_key);
	desk_lines(desk, &lines);
	caller_second(ivr, clock_wall());
	ivr->open = script_open(script, settings->config, clock_wall());
	return ivr;
}

void ivr_destroy(struct ivr **ivr)
{
	struct ivr_call *each, *next;

	if (!*ivr)
		return;
	desk_lines((*ivr)->desk, NULL);
	HASH_ITER (hh, (*ivr)->calls, each, next)
		call_forget(each);
	caller_finish(*ivr);
	free((*ivr)->loose.bytes);
	sodium_memzero(*ivr, sizeof **ivr);
	free(*ivr);
	*ivr = NULL;
}

void ivr_configure(
	struct ivr *ivr, const struct script *script, const struct ivr_settings *settings)
{
	struct ivr_call *each, *next;

	HASH_ITER (hh, ivr->calls, each, next) {
		const char *name = script_step_name(ivr->script, &each->state);
		if (!script_step_find(script, name, &each->state.step))
			script_hold(script, &each->state);
	}
	ivr->script = script;
	ivr->settings = *settings;
}

enum err ivr_adapter_add(struct ivr *ivr, const struct ivr_adapter *adapter)
{
	for (size_t i = 0; i < ivr->adapter_count; i++)
		if (!strcmp(ivr->adapters[i].name, adapter->name))
			return ERR_EXISTS;
	if (ivr->adapter_count == IVR_ADAPTERS_MAX)
		return ERR_LIMIT;
	ivr->adapters[ivr->adapter_count++] = *adapter;
	return OK;
}

void ivr_vault(struct ivr *ivr, const struct ivr_vault *vault)
{
	ivr->vault = *vault;
}

static bool has_room(const struct ivr_adapter *adapter)
{
	return !adapter->record_room || adapter->record_room(adapter->arg);
}

static struct script_world world_of(const struct ivr_call *call)
{
	const struct ivr *ivr = call->ivr;
	const struct ivr_adapter *adapter = call_adapter(call);
	int64_t mono = clock_mono();
	bool waiting = call->stage == STAGE_SCRIPT || call->stage == STAGE_WAITING;

	return (struct script_world) { .open = ivr->open,
		.voicemail = ivr->settings.voicemail && has_room(adapter),
		.callbacks = callback_possible(call),
		.degraded = waiting && contact_degraded(call, mono),
		.place = waiting ? call->place : 0,
		.tell_place = call->place_mono
			&& mono - call->place_mono >= script_place_seconds(ivr->script) * INT64_C(1000),
		.poll = adapter->poll };
}

static bool tells_place(const struct ivr_turn *turn)
{
	const struct ivr_step *last = ivr_turn_last(turn);
	for (uint32_t i = 0; last && i < last->prompt_count; i++)
		if (!strncmp(last->prompts[i].id, "place", 5))
			return true;
	return false;
}

static void put_not_yet(struct ivr_call *call, struct ivr_turn *turn)
{
	struct ivr_step *last = &turn->steps[turn->count - 1];

	if (!call->not_yet || last->kind != IVR_HOLD || last->prompt_count == IVR_PROMPTS_MAX)
		return;
	call->not_yet = false;
	memmove(last->prompts + 1, last->prompts, last->prompt_count * sizeof *last->prompts);
	last->prompt_count++;
	strcpy(last->prompts[0].id, "not-yet");
	strcpy(last->prompts[0].lang, ivr_call_lang(call));
}

static void follow(struct ivr_call *call, unsigned follows)
{
	if (follows & SCRIPT_DO_LEVEL)
		contact_raise(call);
	if (follows & SCRIPT_DO_CALLBACK)
		callback_remember(call, call->state.digits);
	if (follows & SCRIPT_DO_VOICEMAIL)
		call->left_message = call->message_due = true;
	if ((follows & SCRIPT_NO_VOICEMAIL) && call->ivr->settings.voicemail
		&& !has_room(call_adapter(call)))
		call->ivr->figures.no_room++;
	if ((follows & SCRIPT_DO_QUEUE) && call->stage == STAGE_SCRIPT) {
		call->stage = STAGE_WAITING;
		call->ivr->figures.silent += call->state.silent;
	}
	if (follows & (SCRIPT_DO_QUEUE | SCRIPT_DO_CALLBACK | SCRIPT_DO_VOICEMAIL))
		contact_open(call);
}

static void put_answer(struct ivr_turn *turn)
{
	memmove(turn->steps + 2, turn->steps, turn->count * sizeof *turn->steps);
	memset(turn->steps, 0, 2 * sizeof *turn->steps);
	turn->steps[0].kind = IVR_ANSWER;
	turn->steps[1].kind = IVR_PAUSE; /* the first word is often cut off */
	turn->steps[1].seconds = 1;
	turn->count += 2;
}

static void script_turn(
	struct ivr_call *call, const struct ivr_event *event, struct ivr_turn *turn_r)
{
	static const enum script_input inputs[] = { [IVR_EVENT_INCOMING] = SCRIPT_START,
		[IVR_EVENT_KEYS] = SCRIPT_KEYS,
		[IVR_EVENT_POLL] = SCRIPT_POLL,
		[IVR_EVENT_RECORDED] = SCRIPT_RECORDED,
		[IVR_EVENT_DROPPED] = SCRIPT_AGAIN };
	struct script_world world = world_of(call);
	enum script_input input = inputs[event->kind];
	const char *keys = number_keys(
		&call->ivr->settings, call->ivr->script, &call->state, event->keys);

	if (input == SCRIPT_KEYS && call->waits == IVR_HOLD && !*event->keys)
		input = SCRIPT_POLL;
	if (input == SCRIPT_START) {
		world.often = caller_often(call->ivr, event->caller);
	} else if (call->waits == IVR_CONNECT) {
		script_hold(call->ivr->script, &call->state);
		input = SCRIPT_AGAIN;
	}
	follow(call, script_advance(call->ivr->script, &call->state, input, keys, &world,
			     turn_r));
	if (input == SCRIPT_RECORDED)
		recording_begin(call, event->recording, event->seconds);
	put_not_yet(call, turn_r);
	if (tells_place(turn_r))
		call->place_mono = clock_mono();
	else if (!call->place_mono && call->stage == STAGE_WAITING)
		call->place_mono = 1; /* tell it as soon as it is known */
	if (input == SCRIPT_START)
		put_answer(turn_r);
}

static void next_turn(
	struct ivr_call *call, const struct ivr_event *event, struct ivr_turn *turn_r)
{
	memset(turn_r, 0, sizeof *turn_r);
	if (event->kind == IVR_EVENT_DROPPED && !call->outgoing)
		pickup_dropped(call, event->cause);
	if (call->outgoing)
		callback_turn(call, event, turn_r);
	else if (!pickup_turn(call, turn_r))
		script_turn(call, event, turn_r);
	else if (event->kind == IVR_EVENT_RECORDED) { /* taken meanwhile: whoever took it hears it */
		call->left_message = true;
		recording_begin(call, event->recording, event->seconds);
	}
	turn_r->number = ++call->turn;
	call->waits = ivr_turn_last(turn_r)->kind;
}

static void line_gone(struct ivr_call *call, enum ivr_cause cause)
{
	struct ivr *ivr = call->ivr;

	if (call->rank == LINE_GONE)
		return;
	if (call->outgoing) {
		callback_gone(call, cause);
		return;
	}
	call_gone(call);
	if (call->left_message && call->stage == STAGE_RINGING)
		contact_note(call, "message");
	if (call->asked_callback || call->left_message)
		return; /* the contact waits on */
	if (call->stage == STAGE_SCRIPT) {
		if (clock_mono() - call->began_mono <= AT_ONCE_MS)
			ivr->figures.left_at_once++;
		else
			ivr->figures.left_script++;
	} else if (call->stage == STAGE_WAITING || call->stage == STAGE_RINGING) {
		ivr->figures.left_waiting++;
		if (cause == IVR_CAUSE_CUT)
			contact_note(call, "cut");
		else if (call->stage == STAGE_RINGING)
			contact_note(call, "caller-left");
		contact_leave(call);
	} else { /* the counsellor writes it up, and closes */
		contact_note(call, cause == IVR_CAUSE_CUT ? "cut" : "ended");
	}
}

static void unknown_gone(struct ivr *ivr, uint8_t adapter, const char *id)
{
	ivr->figures.unknown++;
	call_gone(call_create(ivr, adapter, id));
}

static bool name_good(const char *id)
{
	size_t length = id ? strlen(id) : 0;
	for (size_t i = 0; i < length; i++)
		if (id[i] < '!' || id[i] > '~')
			return false;
	return length && length <= IVR_CALL_ID_MAX;
}

static void put_ending(struct ivr_turn *turn, enum ivr_step_kind kind, enum ivr_cause cause)
{
	memset(turn, 0, sizeof *turn);
	turn->count = 1;
	turn->steps[0].kind = kind;
	turn->steps[0].cause = cause;
}

/* A call never heard of: new, or from before we were restarted. */
static struct ivr_call *begin(
	struct ivr *ivr, uint8_t adapter, const struct ivr_event *event, struct ivr_event *as_r)
{
	struct ivr_call *call = call_create(ivr, adapter, event->call);

	if (event->token && call_resume(call, event->token)) {
		if (script_step_kind(ivr->script, &call->state) == SCRIPT_HOLD) {
			call->stage = STAGE_WAITING;
			contact_open(call);
		}
		log_info("call resumed", "adapter=%s turn=%u", ivr->adapters[adapter].name,
			call->turn);
	} else {
		ivr->figures.incoming++;
		as_r->kind = IVR_EVENT_INCOMING;
		as_r->turn = 0;
	}
	return call;
}

static enum err only_heard(struct ivr_call *call, const struct ivr_event *event)
{
	if (event->kind == IVR_EVENT_ACCEPTED && call->outgoing)
		callback_accepted(call);
	else if (event->kind == IVR_EVENT_ACCEPTED)
		pickup_accepted(call);
	return ERR_EXISTS;
}

/* The platform obeys an interrupt although the line was given its CONNECT meanwhile: that leg is cut,
 * and what it still tells is of a turn that is over. A retry of it is none. */
static bool cuts_a_leg(const struct ivr_call *call, const struct ivr_event *event)
{
	return event->latest && call->waits == IVR_CONNECT && event->turn
		&& (call->poked != event->turn || call->poked_turn != call->turn);
}

static enum err drive(struct ivr *ivr, uint8_t adapter, const struct ivr_event *event,
	struct ivr_turn *turn_r, struct ivr_call **call_r)
{
	struct ivr_event as = *event;
	struct ivr_call *call = call_find(ivr, adapter, event->call);

	*call_r = call;
	if (event->kind == IVR_EVENT_GONE) {
		if (call)
			line_gone(call, event->cause);
		else
			unknown_gone(ivr, adapter, event->call);
		return ERR_EXISTS;
	}
	if (call && call->rank == LINE_GONE) {
		put_ending(turn_r, IVR_HANGUP, IVR_CAUSE_NONE);
		turn_r->number = call->turn;
		return OK;
	}
	if (!call && (event->kind == IVR_EVENT_RINGING || event->kind == IVR_EVENT_ACCEPTED))
		return ERR_EXISTS;
	if (!call && ivr->live >= IVR_CALLS_MAX) {
		ivr->figures.refused++;
		put_ending(turn_r, IVR_REJECT, IVR_CAUSE_BUSY);
		return OK;
	}
	if (!call)
		*call_r = call = begin(ivr, adapter, event, &as);
	call->heard_mono = clock_mono();
	call->queried = false;
	if (as.kind == IVR_EVENT_RINGING || as.kind == IVR_EVENT_ACCEPTED)
		return only_heard(call, &as);
	if (as.turn < call->turn && !cuts_a_leg(call, &as)) {
		ivr->figures.repeated++;
		return ERR_EXISTS;
	}
	if (as.turn < call->turn)
		pickup_torn(call);
	call->rank = LINE_UP;
	next_turn(call, &as, turn_r);
	if (as.latest) {
		call->poked = as.turn;
		call->poked_turn = call->turn;
	}
	return OK;
}

enum err ivr_drive(struct ivr *ivr, const char *adapter, const struct ivr_event *event,
	struct ivr_turn *turn_r)
{
	struct ivr_call *call;
	uint8_t index;

	if (!name_good(event->call) || !call_adapter_index(ivr, adapter, &index))
		return ERR_INVALID;
	return drive(ivr, index, event, turn_r, &call);
}

/* What a repetition is answered: the very bytes, or the newest when those are forgotten. */
static const struct ivr_bytes *again(
	const struct ivr *ivr, const struct ivr_call *call, const struct ivr_event *event)
{
	const struct ivr_bytes *kept
		= call && !event->latest ? call_kept(call, event->turn) : NULL;
	if (!kept && call)
		kept = call_kept(call, call->turn - 1);
	return kept ? kept : &ivr->nothing;
}

enum err ivr_ask(struct ivr *ivr, const char *adapter, const struct ivr_event *event,
	const struct ivr_bytes **answer_r)
{
	static struct ivr_turn turn; /* large; the loop thread's alone */
	struct ivr_call *call;
	struct ivr_bytes answer;
	uint8_t index;
	enum err err;

	*answer_r = &ivr->nothing;
	if (!name_good(event->call) || !call_adapter_index(ivr, adapter, &index)
		|| !ivr->adapters[index].render)
		return ERR_INVALID;
	err = drive(ivr, index, event, &turn, &call);
	if (err == ERR_EXISTS) {
		if (event->kind <= IVR_EVENT_RECORDED || event->kind == IVR_EVENT_DROPPED)
			*answer_r = again(ivr, call, event);
		return OK;
	}
	ivr->adapters[index].render(ivr->adapters[index].arg, call, &turn, &answer);
	if (call && call->rank != LINE_GONE) {
		call_keep(call, turn.number - 1, &answer);
		*answer_r = call_kept(call, turn.number - 1);
	} else {
		free(ivr->loose.bytes);
		ivr->loose = answer;
		*answer_r = &ivr->loose;
	}
	sodium_memzero(&turn, sizeof turn); /* may hold a number to call back */
	return OK;
}

static void look_after_silence(struct ivr_call *call, int64_t mono)
{
	const struct ivr_adapter *adapter = call_adapter(call);
	int64_t quiet = mono - call->heard_mono;

	if (quiet <= IVR_SILENT_MINUTES * INT64_C(60000))
		return;
	if (!call->queried && adapter->query) {
		call->queried = true;
		adapter->query(adapter->arg, call);
	} else if ((call->stage != STAGE_TALKING || (call->hangup_due && !adapter->end))
		&& quiet > IVR_SILENT_MINUTES * INT64_C(60000) + LISTEN_MS) {
		log_warn("line lost", "adapter=%s", adapter->name);
		line_gone(call, IVR_CAUSE_FAILED);
	}
}

void ivr_second(struct ivr *ivr)
{
	int64_t mono = clock_mono();
	struct ivr_call *each, *next;

	caller_second(ivr, clock_wall());
	ivr->open = script_open(ivr->script, ivr->settings.config, clock_wall());
	contact_lost(ivr, mono);
	HASH_ITER (hh, ivr->calls, each, next) {
		contact_second(each);
		recording_second(each, mono);
		if (each->rank != LINE_GONE) {
			pickup_second(each, mono);
			look_after_silence(each, mono);
		} else if (!each->callback && !each->recording && !each->leave_due && !each->opening
			&& mono - each->gone_mono > IVR_TOMBSTONE_MINUTES * INT64_C(60000)) {
			call_forget(each);
		}
	}
}

const char *ivr_prompt_text(const struct ivr *ivr, const struct ivr_prompt *prompt)
{
	const char *text;
	(void)!script_prompt(ivr->script, prompt, &text);
	return text;
}

void ivr_figures(const struct ivr *ivr, struct ivr_figures *figures_r)
{
	struct ivr_call *each, *next;

	*figures_r = ivr->figures;
	HASH_ITER (hh, ivr->calls, each, next) {
		figures_r->recordings_waiting += each->recording != NULL;
		if (each->rank == LINE_GONE)
			continue;
		figures_r->calls++;
		figures_r->waiting += each->stage == STAGE_WAITING;
		figures_r->talking += each->stage == STAGE_TALKING;
	}
}

const struct ivr_settings *ivr_settings(const struct ivr *ivr)
{
	return &ivr->settings;
}

void ivr_refused(struct ivr *ivr)
{
	ivr->figures.refused++;
}
