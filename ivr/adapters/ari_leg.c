/* CONNECT: a counsellor's telephone rings while the caller hears it, it is asked for a key, the two
 * are put into one bridge; and nothing of it stays behind. */
#include "base/clock.h"
#include "base/log.h"
#include "ivr/adapters/ari_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RING_SPARE_MS = 3000, /* Asterisk itself stops ringing before */
	HEAR_MS = 30000,
	JOIN_MS = 10000 };

void ari_leg_name(const struct ari *ari, uint32_t turn, const char *call, char id_r[ARI_ID_MAX + 1])
{
	snprintf(id_r, ARI_ID_MAX + 1, "%.*s-l-%u-%.*s", ARI_APP_MAX, ari_app(ari), turn,
		ARI_CALL_MAX, call);
}

void ari_bridge_name(const struct ari *ari, const char *call, char id_r[ARI_ID_MAX + 1])
{
	snprintf(id_r, ARI_ID_MAX + 1, "%.*s-b-%.*s", ARI_APP_MAX, ari_app(ari), ARI_CALL_MAX, call);
}

bool ari_leg_parse(const struct ari *ari, const char *id, uint32_t *turn_r,
	char call_r[ARI_CALL_MAX + 1])
{
	const char *app = ari_app(ari);
	size_t length = strlen(app);
	unsigned long turn;
	char *end;

	if (strncmp(id, app, length) != 0 || strncmp(id + length, "-l-", 3) != 0)
		return false;
	turn = strtoul(id + length + 3, &end, 10);
	if (end == id + length + 3 || *end != '-' || !end[1] || strlen(end + 1) > ARI_CALL_MAX
		|| turn > UINT32_MAX)
		return false;
	*turn_r = (uint32_t)turn;
	snprintf(call_r, ARI_CALL_MAX + 1, "%s", end + 1);
	return true;
}

void ari_hangup_channel(struct ari *ari, const char *id)
{
	ari_ask(ari->lobby, ARI_CLEAN, id, "DELETE", NULL, ARI_PATH("channels", id));
}

bool ari_originate(struct ari_session *session, enum ari_what what, const char *id,
	const char *target, const char *cli, uint32_t seconds)
{
	struct text endpoint = { 0 };
	struct json_out body;

	if (!ari_endpoint(session->ari->web.line->endpoint, target, &endpoint))
		return false;
	ari_body(&body);
	json_put_text(&body, "endpoint", endpoint.bytes);
	json_put_text(&body, "app", ari_app(session->ari));
	if (cli && *cli)
		json_put_text(&body, "callerId", cli);
	json_put_number(&body, "timeout", seconds ? seconds : 1);
	ari_ask(session, what, id, "POST", &body, ARI_PATH("channels", id));
	text_free(&endpoint);
	return true;
}

void ari_leg_disconnect(struct ari_session *session)
{
	struct ari_leg *leg = &session->leg;
	char bridge[ARI_ID_MAX + 1];

	if (leg->phase == ARI_LEG_NONE)
		return;
	if (*leg->id)
		ari_ask(session, ARI_CLEAN, leg->id, "DELETE", NULL,
			ARI_PATH("channels", leg->id));
	if (leg->bridged) {
		ari_bridge_name(session->ari, session->call, bridge);
		ari_ask(session, ARI_CLEAN, bridge, "DELETE", NULL, ARI_PATH("bridges", bridge));
	}
	*leg = (struct ari_leg) { 0 };
}

static void drop(struct ari_session *session, enum ivr_cause cause)
{
	ari_leg_disconnect(session);
	ari_session_tell(session, IVR_EVENT_DROPPED, "", cause, 0);
}

void ari_leg_begin(struct ari_session *session)
{
	const struct ivr_step *step = ari_step(session);
	struct ari_leg *leg = &session->leg;

	session->phase = ARI_CONNECTING;
	ari_play_ringing(session);
	*leg = (struct ari_leg) { .phase = ARI_LEG_RINGING, .began_mono = clock_mono() };
	leg->due_mono = leg->began_mono + step->seconds * INT64_C(1000) + RING_SPARE_MS;
	ari_leg_name(session->ari, session->turn->number, session->call, leg->id);
	if (!ari_originate(session, ARI_ORIGINATE, leg->id, step->target, step->cli, step->seconds)) {
		log_warn("a telephone cannot be dialled", "adapter=%s why=\"see its endpoint\"",
			session->ari->web.line->name);
		*leg->id = '\0';
		drop(session, IVR_CAUSE_FAILED);
	}
}

static void think(struct ari_session *session)
{
	session->leg.phase = ARI_LEG_THINKING;
	session->leg.due_mono = clock_mono() + IVR_ACCEPT_SECONDS * INT64_C(1000);
}

static void question(struct ari_session *session)
{
	const struct ivr_step *step = ari_step(session);

	session->leg.tries++;
	session->leg.phase = ARI_LEG_HEARING;
	session->leg.due_mono = clock_mono() + HEAR_MS;
	if (!ari_play_leg(session, &step->accept))
		think(session);
}

static void join(struct ari_session *session)
{
	struct ari_leg *leg = &session->leg;
	char bridge[ARI_ID_MAX + 1];
	struct json_out body;

	leg->phase = ARI_LEG_JOINING;
	leg->due_mono = clock_mono() + JOIN_MS;
	leg->bridged = true;
	ari_stop_leg(session);
	ari_stop(session);
	ari_bridge_name(session->ari, session->call, bridge);
	ari_body(&body);
	json_put_text(&body, "type", "mixing");
	ari_ask(session, ARI_DO, bridge, "POST", &body, ARI_PATH("bridges", bridge));
	ari_body(&body);
	json_put_list(&body, "channel");
	json_put_text(&body, NULL, session->call);
	json_put_text(&body, NULL, leg->id);
	json_put_list_end(&body);
	ari_ask(session, ARI_JOIN, leg->id, "POST", &body,
		ARI_PATH("bridges", bridge, "addChannel"));
}

void ari_leg_joined(struct ari_session *session, bool good)
{
	if (session->leg.phase != ARI_LEG_JOINING)
		return;
	if (!good) {
		drop(session, IVR_CAUSE_FAILED);
		return;
	}
	session->leg.phase = ARI_LEG_JOINED;
	session->leg.due_mono = 0;
	ari_session_tell(session, IVR_EVENT_ACCEPTED, "", IVR_CAUSE_NONE, 0);
	ari_session_note_token(session);
}

/* keys NULL: just answered. */
static void decide(struct ari_session *session, const char *keys)
{
	const struct ari *ari = session->ari;

	switch (ivr_leg(ari->web.ivr, ari->web.line->name, session->call, session->turn->number,
		keys, session->leg.tries)) {
	case IVR_LEG_ASK:
		question(session);
		break;
	case IVR_LEG_JOIN:
		join(session);
		break;
	default:
		drop(session, IVR_CAUSE_DECLINED);
	}
}

void ari_leg_up(struct ari_session *session)
{
	if (session->phase == ARI_CONNECTING && session->leg.phase == ARI_LEG_RINGING)
		decide(session, NULL);
}

void ari_leg_gone(struct ari_session *session, enum ivr_cause cause)
{
	struct ari_leg *leg = &session->leg;

	if (session->phase != ARI_CONNECTING || leg->phase == ARI_LEG_NONE)
		return;
	if (leg->phase >= ARI_LEG_JOINING)
		cause = IVR_CAUSE_DONE;
	else if (leg->phase > ARI_LEG_RINGING)
		cause = IVR_CAUSE_DECLINED;
	else if (cause == IVR_CAUSE_NONE)
		cause = IVR_CAUSE_NO_ANSWER;
	*leg->id = '\0';
	if (session->poked)
		ari_session_poked(session);
	else
		drop(session, cause);
}

static void key_pressed(struct ari_session *session, const struct ari_event *event)
{
	struct ari_leg *leg = &session->leg;
	char one[] = { event->key, '\0' };

	if (*event->stamp && !strcmp(event->stamp, leg->stamp))
		return; /* told twice */
	strcpy(leg->stamp, event->stamp);
	if (leg->phase == ARI_LEG_HEARING || leg->phase == ARI_LEG_THINKING)
		decide(session, one);
}

void ari_leg_event(struct ari_session *session, const struct ari_event *event)
{
	struct ari_leg *leg = &session->leg;

	if (session->over || session->phase != ARI_CONNECTING)
		return;
	switch (event->kind) {
	case ARI_START:
		ari_leg_up(session);
		break;
	case ARI_RINGING:
		if (!leg->rang && leg->phase == ARI_LEG_RINGING)
			ari_session_tell(session, IVR_EVENT_RINGING, "", IVR_CAUSE_NONE, 0);
		leg->rang = true;
		break;
	case ARI_KEY:
		key_pressed(session, event);
		break;
	case ARI_PLAYED:
		if (leg->phase != ARI_LEG_HEARING || strcmp(event->name, leg->playing) != 0)
			break;
		*leg->playing = '\0';
		think(session);
		break;
	case ARI_GONE:
		ari_leg_gone(session, event->cause);
		break;
	case ARI_BRIDGE_GONE:
		if (leg->phase != ARI_LEG_JOINED)
			break;
		leg->bridged = false;
		drop(session, IVR_CAUSE_DONE);
		break;
	default:
		break;
	}
}

void ari_leg_second(struct ari_session *session, int64_t mono)
{
	struct ari_leg *leg = &session->leg;

	if (!leg->due_mono || mono < leg->due_mono)
		return;
	leg->due_mono = 0;
	if (leg->phase == ARI_LEG_RINGING)
		drop(session, IVR_CAUSE_NO_ANSWER);
	else if (leg->phase == ARI_LEG_HEARING)
		think(session);
	else if (leg->phase == ARI_LEG_THINKING)
		decide(session, "");
	else if (leg->phase == ARI_LEG_JOINING)
		drop(session, IVR_CAUSE_FAILED);
}
