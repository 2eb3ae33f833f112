/* The steps of a turn, on one call. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/adapters/ari_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WATCH_MS = 10000, /* a sound that does not end is asked after */
	END_MS = 10000, /* after the hang-up was asked for */
	TURN_MS = 60000, /* without a turn to do */
	SEGMENT_LEAST_MS = 200 /* else it would be asked for without a pause */ };

static void run(struct ari_session *session);

struct ari_session *ari_session_find(const struct ari *ari, const char *call)
{
	struct ari_session *session;
	HASH_FIND_STR(ari->sessions, call, session);
	return session;
}

struct ari_session *ari_session_create(struct ari *ari, const char *call)
{
	struct ari_session *session = mem_alloc(sizeof *session);

	session->ari = ari;
	snprintf(session->call, sizeof session->call, "%s", call);
	session->end = &session->first;
	session->began_mono = clock_mono();
	if (*call)
		HASH_ADD_STR(ari->sessions, call, session);
	return session;
}

static void free_turn(struct ari_session *session)
{
	if (session->turn)
		explicit_bzero(session->turn, sizeof *session->turn); /* perhaps with a number */
	free(session->turn);
	session->turn = NULL;
}

void ari_session_free(struct ari_session *session)
{
	if (*session->call)
		HASH_DEL(session->ari->sessions, session);
	ari_drop_requests(session, true);
	free_turn(session);
	explicit_bzero(session, sizeof *session);
	free(session);
}

const struct ivr_step *ari_step(const struct ari_session *session)
{
	if (!session->turn || session->step >= session->turn->count)
		return NULL;
	return &session->turn->steps[session->step];
}

void ari_session_note_token(struct ari_session *session)
{
	char token[IVR_TOKEN_MAX];
	struct json_out body;

	if (session->over || session->phase == ARI_ENDING
		|| !ivr_token_now(session->ari->web.ivr, session->ari->web.line->name,
			session->call, token))
		return;
	ari_body(&body);
	json_put_text(&body, "variable", "ONTHAAL");
	json_put_text(&body, "value", token);
	ari_ask(session, ARI_DO, NULL, "POST", &body,
		ARI_PATH("channels", session->call, "variable"));
}

static void take_turn(struct ari_session *session, struct ivr_turn *turn)
{
	ari_leg_disconnect(session);
	free_turn(session);
	session->turn = turn;
	session->step = 0;
	session->phase = ARI_IDLE;
	session->due_mono = 0;
	session->poked = 0;
	run(session);
	if (session->turn == turn)
		ari_session_note_token(session);
}

void ari_session_tell(struct ari_session *session, enum ivr_event_kind kind, const char *keys,
	enum ivr_cause cause, uint64_t caller)
{
	const struct ari *ari = session->ari;
	const char *line = ari->web.line->name;
	char recording[IVR_RECORDING_MAX + 1] = "";
	struct ivr_event event = { .kind = kind,
		.call = session->call,
		.turn = session->turn ? session->turn->number : 0,
		.caller = caller,
		.cause = cause,
		.recording = recording };
	struct ivr_turn *turn = mem_alloc(sizeof *turn);
	enum err err;

	if (*session->token) {
		event.token = session->token;
		event.turn = ivr_token_turn(ari->web.ivr, line, session->call, session->token);
	}
	if (kind == IVR_EVENT_RECORDED) { /* from now on it is fetched and deleted by the core */
		event.seconds = (uint32_t)caller;
		memcpy(recording, session->recording, sizeof recording);
		*session->recording = '\0';
	}
	snprintf(event.keys, sizeof event.keys, "%s", keys);
	err = ivr_drive(ari->web.ivr, line, &event, turn);
	explicit_bzero(event.keys, sizeof event.keys);
	*session->token = '\0';
	if (!err) {
		take_turn(session, turn);
		return;
	}
	free(turn);
	if (kind == IVR_EVENT_RECORDED) /* nobody fetches it */
		ari_forget(session->ari, recording);
	if (kind == IVR_EVENT_RINGING || kind == IVR_EVENT_ACCEPTED)
		return;
	session->phase = ARI_IDLE;
	session->due_mono = clock_mono() + TURN_MS;
	if (err != ERR_EXISTS)
		ari_session_end(session, NULL);
}

void ari_session_gone(struct ari_session *session, enum ivr_cause cause)
{
	if (session->over)
		return;
	ari_leg_disconnect(session);
	session->over = true;
	session->phase = ARI_ENDING;
	session->due_mono = 0;
	if (*session->recording)
		ari_forget(session->ari, session->recording);
	*session->recording = '\0';
	ari_drop_requests(session, false);
	ari_tell_gone(session->ari, session->call, cause);
}

void ari_session_end(struct ari_session *session, const char *reason)
{
	if (session->over || session->phase == ARI_ENDING)
		return;
	ari_leg_disconnect(session);
	session->phase = ARI_ENDING;
	session->due_mono = clock_mono() + END_MS;
	ari_drop_requests(session, false);
	ari_ask(session, ARI_CLEAN, NULL, "DELETE", NULL,
		ARI_PATH("channels", session->call, reason));
}

static void listen_for(struct ari_session *session, uint32_t seconds)
{
	session->phase = ARI_LISTENING;
	session->due_mono = clock_mono() + (seconds ? seconds : 1) * INT64_C(1000);
}

static void hold(struct ari_session *session, const struct ivr_step *step)
{
	if (!session->moh && (strcmp(session->segment, step->segment.id) != 0 || !*session->playing))
		ari_play_segment(session, step);
	session->phase = ARI_HOLDING;
	session->due_mono = clock_mono() + (step->seconds ? step->seconds : 1) * INT64_C(1000);
}

static void next(struct ari_session *session)
{
	session->step++;
	run(session);
}

static void after_prompts(struct ari_session *session)
{
	const struct ivr_step *step = ari_step(session);

	session->watch_mono = 0;
	switch (step->kind) {
	case IVR_MENU:
	case IVR_COLLECT:
		listen_for(session, step->seconds);
		break;
	case IVR_HOLD:
		hold(session, step);
		break;
	case IVR_RECORD:
		ari_record(session, step);
		break;
	case IVR_CONNECT:
		ari_leg_begin(session);
		break;
	default:
		next(session);
	}
}

static void begin_prompts(struct ari_session *session, const struct ivr_step *step)
{
	bool music = step->kind == IVR_HOLD && !step->prompt_count
		&& (*session->segment || session->moh);

	*session->keys = '\0';
	if (!music && ari_play(session, step->prompts, step->prompt_count)) {
		session->phase = ARI_PLAYING;
		session->watch_mono = clock_mono() + WATCH_MS;
	} else { /* the music of a HOLD goes on through the next one, if that says nothing */
		after_prompts(session);
	}
}

static void begin(struct ari_session *session, const struct ivr_step *step)
{
	switch (step->kind) {
	case IVR_ANSWER:
		if (session->up) {
			next(session);
			return;
		}
		session->phase = ARI_ANSWERING;
		ari_ask(session, ARI_ANSWER, NULL, "POST", NULL,
			ARI_PATH("channels", session->call, "answer"));
		break;
	case IVR_PAUSE:
		ari_stop(session);
		session->phase = ARI_PAUSING;
		session->due_mono = clock_mono() + step->seconds * INT64_C(1000);
		break;
	case IVR_REJECT:
		ari_session_end(session, step->cause == IVR_CAUSE_BUSY ? "?reason=busy"
								       : "?reason=congestion");
		break;
	case IVR_HANGUP:
		ari_session_end(session, NULL);
		break;
	default:
		begin_prompts(session, step);
	}
}

static void run(struct ari_session *session)
{
	const struct ivr_step *step = ari_step(session);

	if (session->over)
		return;
	session->due_mono = 0;
	if (step) {
		begin(session, step);
		return;
	}
	log_error("a turn without an end", "adapter=%s", session->ari->web.line->name);
	ari_session_end(session, NULL);
}

static void played(struct ari_session *session, bool failed)
{
	const struct ivr_step *step = ari_step(session);
	bool music = *session->segment;

	*session->playing = *session->segment = '\0';
	if (failed)
		log_warn("a prompt was not played", "adapter=%s why=\"Asterisk could not fetch it\"",
			session->ari->web.line->name);
	if (session->poked && step && step->kind == IVR_HOLD)
		ari_session_poked(session);
	else if (session->phase == ARI_PLAYING)
		after_prompts(session);
	else if (session->phase != ARI_HOLDING || !step)
		return;
	else if (failed && music)
		ari_moh(session);
	else if (clock_mono() - session->segment_mono >= SEGMENT_LEAST_MS)
		ari_session_tell(session, IVR_EVENT_POLL, "", IVR_CAUSE_NONE, 0);
}

static void tell_keys(struct ari_session *session, const char *keys)
{
	ari_session_tell(session, IVR_EVENT_KEYS, keys, IVR_CAUSE_NONE, 0);
}

static void collect(struct ari_session *session, const struct ivr_step *step, char key)
{
	uint32_t most = step->most && step->most < IVR_DIGITS_MAX ? step->most : IVR_DIGITS_MAX;
	size_t length = strlen(session->keys);
	char keys[IVR_DIGITS_MAX + 1];

	ari_stop(session);
	if (step->finish != key || !key) {
		session->keys[length] = key;
		session->keys[++length] = '\0';
		if (length < most && (length > 1 || !strchr(step->keys, key))) {
			listen_for(session, step->seconds);
			return;
		}
	}
	memcpy(keys, session->keys, sizeof keys);
	tell_keys(session, keys);
	explicit_bzero(keys, sizeof keys);
}

static void key_pressed(struct ari_session *session, const struct ari_event *event)
{
	const struct ivr_step *step = ari_step(session);
	char one[] = { event->key, '\0' };

	if (*event->stamp && !strcmp(event->stamp, session->stamp))
		return; /* told twice */
	strcpy(session->stamp, event->stamp);
	if (!step
		|| (session->phase != ARI_PLAYING && session->phase != ARI_LISTENING
			&& session->phase != ARI_HOLDING))
		return;
	if (step->kind == IVR_COLLECT)
		collect(session, step, event->key);
	else if (step->kind == IVR_MENU || step->kind == IVR_HOLD)
		tell_keys(session, one);
}

void ari_session_event(struct ari_session *session, const struct ari_event *event)
{
	if (session->over)
		return;
	switch (event->kind) {
	case ARI_START:
		if (session->phase != ARI_DIALLING)
			break; /* told twice */
		session->up = true;
		ari_session_tell(session, IVR_EVENT_INCOMING, "", IVR_CAUSE_NONE, 0);
		break;
	case ARI_KEY:
		key_pressed(session, event);
		break;
	case ARI_PLAYED:
		if (!strcmp(event->name, session->playing))
			played(session, event->failed);
		break;
	case ARI_RECORDED:
		ari_recorded(session, event);
		break;
	case ARI_GONE:
		ari_session_gone(session, session->phase == ARI_DIALLING ? event->cause
									 : IVR_CAUSE_DONE);
		break;
	default:
		break;
	}
}

void ari_session_answered(struct ari_session *session, const struct ari_request *request,
	enum err err, long status)
{
	bool absent = status == 404, away = absent || status == 409;

	if (session->over)
		return;
	if (request->what == ARI_ANSWER && !away && session->phase == ARI_ANSWERING) {
		session->up = true;
		next(session);
	} else if (request->what == ARI_PLAY && err && !away) {
		if (!strcmp(request->name, session->playing))
			played(session, true);
	} else if (((request->what == ARI_ANSWER || request->what == ARI_PLAY
			    || request->what == ARI_RECORD)
			   && away)
		|| (request->what == ARI_QUERY && absent)
		|| (request->what == ARI_CLEAN && absent && session->phase == ARI_ENDING)) {
		ari_session_gone(session, IVR_CAUSE_DONE);
	} else if (request->what == ARI_QUERY_PLAY && absent) {
		if (!strcmp(request->name, session->playing))
			played(session, false);
	} else if (request->what == ARI_PLAY_LEG && err) {
		struct ari_event over = { .kind = ARI_PLAYED };
		strcpy(over.name, request->name);
		ari_leg_event(session, &over);
	} else if (request->what == ARI_ORIGINATE && err) {
		if (!strcmp(request->name, session->leg.id))
			ari_leg_gone(session, IVR_CAUSE_FAILED);
	} else if (request->what == ARI_DIAL && err) {
		ari_session_gone(session, IVR_CAUSE_FAILED);
	} else if (request->what == ARI_JOIN) {
		if (!strcmp(request->name, session->leg.id))
			ari_leg_joined(session, !err);
	} else if (request->what == ARI_RECORD && err && session->phase == ARI_RECORDING) {
		ari_record_nothing(session);
	} else if (request->what == ARI_POKE) {
		ari_session_poked(session);
	}
}

/* Something new: off the music, or off the counsellor's telephone; then it is asked. */
void ari_session_poke(struct ari_session *session)
{
	const struct ivr_step *step = ari_step(session);

	if (session->over || !step || session->poked)
		return;
	session->poked = session->turn->number;
	session->poked_mono = clock_mono();
	if (step->kind == IVR_HOLD && *session->playing)
		ari_ask(session, ARI_POKE, NULL, "DELETE", NULL,
			ARI_PATH("playbacks", session->playing));
	else if (step->kind == IVR_CONNECT && session->leg.phase && *session->leg.id)
		ari_ask(session, ARI_POKE, NULL, "DELETE", NULL,
			ARI_PATH("channels", session->leg.id));
}

void ari_session_poked(struct ari_session *session)
{
	const struct ivr_step *step = ari_step(session);
	uint32_t turn = session->poked;

	session->poked = 0;
	if (session->over || !turn || !step || turn != session->turn->number
		|| (step->kind != IVR_HOLD && step->kind != IVR_CONNECT))
		return;
	ari_leg_disconnect(session);
	ari_session_tell(session, IVR_EVENT_POLL, "", IVR_CAUSE_NONE, 0);
}

static void on_time(struct ari_session *session)
{
	session->due_mono = 0;
	switch (session->phase) {
	case ARI_PAUSING:
		next(session);
		break;
	case ARI_LISTENING: {
		char keys[IVR_DIGITS_MAX + 1];
		memcpy(keys, session->keys, sizeof keys);
		tell_keys(session, keys);
		explicit_bzero(keys, sizeof keys);
		break;
	}
	case ARI_HOLDING:
		ari_session_tell(session, IVR_EVENT_POLL, "", IVR_CAUSE_NONE, 0);
		break;
	case ARI_RECORDING:
		ari_record_nothing(session);
		break;
	case ARI_DIALLING:
		ari_hangup_channel(session->ari, session->call);
		ari_session_gone(session, IVR_CAUSE_NO_ANSWER);
		break;
	case ARI_ENDING:
		ari_session_gone(session, IVR_CAUSE_DONE);
		break;
	default:
		ari_session_end(session, NULL);
	}
}

void ari_session_second(struct ari_session *session, int64_t mono)
{
	ari_pump(session);
	if (session->over)
		return;
	if (session->due_mono && mono >= session->due_mono)
		on_time(session);
	else if (session->phase == ARI_CONNECTING)
		ari_leg_second(session, mono);
	if (session->poked && mono - session->poked_mono >= 1000)
		ari_session_poked(session);
	if (session->phase == ARI_PLAYING && session->watch_mono && mono >= session->watch_mono) {
		session->watch_mono = mono + WATCH_MS;
		ari_ask(session, ARI_QUERY_PLAY, session->playing, "GET", NULL,
			ARI_PATH("playbacks", session->playing));
	}
}
