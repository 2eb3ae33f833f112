/* What is really there: asked whenever the events may have missed something. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/adapters/ari_private.h"

#include <stdlib.h>
#include <string.h>

enum { FOUND_MS = 60000, /* what a call that was found again is, must be known by then */
	ANSWER_MS = 120000 }; /* nor is an answer waited for any longer: it may never have been asked */

static void sync_over(struct ari *ari)
{
	free(ari->ours);
	ari->ours = NULL;
	ari->syncing = false;
}

void ari_sync(struct ari *ari)
{
	if (ari->syncing && clock_mono() - ari->began_sync_mono < ANSWER_MS)
		return;
	sync_over(ari);
	ari->syncing = true;
	ari->sync_mono = ari->began_sync_mono = clock_mono();
	ari_ask(ari->lobby, ARI_OURS, NULL, "GET", NULL, ARI_PATH("applications", ari_app(ari)));
}

static void look_at_session(struct ari_session *session, const json_t *all, int64_t since)
{
	const char *state;

	if (session->over || session->began_mono >= since)
		return;
	state = json_string_value(json_object_get(all, session->call));
	if (!state) {
		ari_session_gone(session, session->phase == ARI_DIALLING ? IVR_CAUSE_NO_ANSWER
									  : IVR_CAUSE_DONE);
		return;
	}
	if (session->phase != ARI_CONNECTING || !*session->leg.id
		|| session->leg.began_mono >= since)
		return;
	state = json_string_value(json_object_get(all, session->leg.id));
	if (!state)
		ari_leg_gone(session, IVR_CAUSE_NO_ANSWER);
	else if (!strcmp(state, "Up"))
		ari_leg_up(session);
}

/* false: nobody wants it. */
static bool leg_wanted(const struct ari *ari, const char *id, const char *call, const json_t *all)
{
	const struct ari_session *session = ari_session_find(ari, call);

	if (session)
		return !session->over && !strcmp(session->leg.id, id);
	return json_object_get(all, call); /* found again in a moment, and this with it */
}

static void look_at_channel(struct ari *ari, const char *id, const json_t *all, const json_t *ours)
{
	char call[ARI_CALL_MAX + 1];
	uint32_t turn;

	if (ari_leg_parse(ari, id, &turn, call)) {
		if (!leg_wanted(ari, id, call, all))
			ari_hangup_channel(ari, id);
	} else if (json_object_get(ours, id) && strlen(id) <= ARI_CALL_MAX
		&& !ari_session_find(ari, id)) {
		ari_ask(ari->lobby, ARI_TOKEN_OF, id, "GET", NULL,
			ARI_PATH("channels", id, "variable", "?variable=ONTHAAL"));
	}
}

/* {"id": "state"} */
static json_t *index_channels(const json_t *list)
{
	json_t *all = json_object();
	const json_t *channel;
	size_t i;

	json_array_foreach (list, i, channel) {
		const char *id = json_get_text(channel, "id"),
			   *state = json_get_text(channel, "state");
		if (id && *id && *id != '?')
			json_object_set_new(all, id, json_string(state ? state : "Unknown"));
	}
	return all;
}

static json_t *index_ours(const char *bytes, size_t length)
{
	json_t *read = bytes ? json_loadb(bytes, length, 0, NULL) : NULL, *ours = json_object();
	const json_t *id;
	size_t i;

	json_array_foreach (json_object_get(read, "channel_ids"), i, id)
		if (json_is_string(id))
			json_object_set_new(ours, json_string_value(id), json_true());
	json_decref(read);
	return ours;
}

static void compare(struct ari *ari, const json_t *list)
{
	json_t *all = index_channels(list), *ours = index_ours(ari->ours, ari->ours_length);
	struct ari_session *session, *next;
	const char *id;
	json_t *state;

	HASH_ITER (hh, ari->sessions, session, next)
		look_at_session(session, all, ari->began_sync_mono);
	json_object_foreach (all, id, state)
		look_at_channel(ari, id, all, ours);
	json_decref(all);
	json_decref(ours);
}

/* One that came while we were away, or that was on its way through the script. */
static void found(struct ari *ari, const char *call, const char *token)
{
	struct ari_session *session;
	char bridge[ARI_ID_MAX + 1];

	if (ari_session_find(ari, call))
		return; /* its events came meanwhile */
	if (!token || strlen(token) >= IVR_TOKEN_MAX
		|| !ivr_token_turn(ari->web.ivr, ari->web.line->name, call, token)) {
		if (!strncmp(call, "back-", 5)) { /* our own dialling, that nobody remembers */
			ari_hangup_channel(ari, call);
			return;
		}
		session = ari_session_create(ari, call);
		ari_session_tell(session, IVR_EVENT_INCOMING, "", IVR_CAUSE_NONE, 0);
		return;
	}
	session = ari_session_create(ari, call);
	strcpy(session->token, token);
	session->due_mono = clock_mono() + FOUND_MS;
	ari_bridge_name(ari, call, bridge);
	ari_ask(session, ARI_BRIDGE_OF, call, "GET", NULL, ARI_PATH("bridges", bridge));
}

static bool has_both(const char *body, size_t length, const char *call, const char *leg)
{
	json_t *read = json_loadb(body, length, 0, NULL);
	const json_t *id;
	bool first = false, second = false;
	size_t i;

	json_array_foreach (json_object_get(read, "channels"), i, id) {
		const char *text = json_string_value(id);
		first = first || (text && !strcmp(text, call));
		second = second || (text && !strcmp(text, leg));
	}
	json_decref(read);
	return first && second;
}

static void resume(struct ari_session *session, bool joined, bool bridge, uint32_t turn,
	const char *leg)
{
	session->leg.phase = ARI_LEG_JOINED;
	session->leg.bridged = bridge;
	memcpy(session->leg.id, leg, sizeof session->leg.id);
	session->leg.began_mono = clock_mono();
	log_info("a call was found again", "adapter=%s talking=%d", session->ari->web.line->name,
		joined);
	if (joined) { /* until one of them hangs up */
		session->turn = mem_alloc(sizeof *session->turn);
		session->turn->number = turn;
		session->turn->count = 1;
		session->turn->steps[0].kind = IVR_CONNECT;
		session->phase = ARI_CONNECTING;
		session->due_mono = 0;
		session->up = true;
		return;
	}
	ari_leg_disconnect(session); /* a telephone that rings is rung anew */
	ari_stop_all(session);
	ari_ask(session, ARI_DO, NULL, "POST", NULL, ARI_PATH("channels", session->call, "answer"));
	session->up = true;
	ari_session_tell(session, IVR_EVENT_POLL, "", IVR_CAUSE_NONE, 0);
}

static void bridge_told(struct ari_session *session, enum err err, long status, const char *body,
	size_t length)
{
	struct ari *ari = session->ari;
	uint32_t turn = ivr_token_turn(
		ari->web.ivr, ari->web.line->name, session->call, session->token);
	char leg[ARI_ID_MAX + 1];

	if (session->over || !turn)
		return;
	if (err && status != 404) {
		session->over = true; /* the next look finds it again */
		return;
	}
	ari_leg_name(ari, turn, session->call, leg);
	resume(session, !err && has_both(body, length, session->call, leg), !err, turn, leg);
}

void ari_sync_answered(struct ari *ari, const struct ari_request *request, enum err err,
	long status, const char *body, size_t length)
{
	json_t *read;
	struct ari_session *session;

	switch (request->what) {
	case ARI_OURS:
		if (err) {
			sync_over(ari);
			break;
		}
		free(ari->ours);
		ari->ours = mem_copy(body, length);
		ari->ours_length = length;
		ari_ask(ari->lobby, ARI_CHANNELS, NULL, "GET", NULL, ARI_PATH("channels"));
		break;
	case ARI_CHANNELS:
		read = err ? NULL : json_loadb(body, length, 0, NULL);
		if (json_is_array(read))
			compare(ari, read);
		json_decref(read);
		sync_over(ari);
		break;
	case ARI_TOKEN_OF:
		read = err ? NULL : json_loadb(body, length, 0, NULL);
		if (!err || status == 404)
			found(ari, request->name, json_get_text(read, "value"));
		json_decref(read);
		break;
	default:
		session = ari_session_find(ari, request->name);
		if (session)
			bridge_told(session, err, status, body, length);
	}
}
