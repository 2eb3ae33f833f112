#include "ivr/sip/leg.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/exchange.h"
#include "ivr/sip/trunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char sdp_type[] = "application/sdp";

static enum ivr_cause cause_of(const struct leg *leg, int err, const struct sip_msg *msg)
{
	unsigned status = msg ? msg->scode : 0;

	if (leg->up)
		return IVR_CAUSE_DONE;
	if (status == 486 || status == 600 || status == 603)
		return IVR_CAUSE_BUSY;
	if (status == 408 || status == 480 || status == 487 || err == ETIMEDOUT)
		return IVR_CAUSE_NO_ANSWER;
	return IVR_CAUSE_FAILED;
}

static void drop_session(struct leg *leg)
{
	leg->over = true;
	leg->session = mem_deref(leg->session);
	exchange_sweep_soon(leg->exchange);
}

void leg_fail(struct leg *leg, enum ivr_cause cause)
{
	if (leg->over)
		return;
	drop_session(leg);
	leg->events.on_down(leg->events.arg, cause);
}

void leg_hangup(struct leg **leg)
{
	if (!*leg)
		return;
	if (!(*leg)->over)
		drop_session(*leg);
	*leg = NULL;
}

void leg_free(struct leg *leg)
{
	list_unlink(&leg->le);
	leg->exchange->tally->legs--;
	leg_media_close(leg);
	free(leg);
}

static struct leg *create(struct stack *stack, const struct leg_events *events)
{
	struct leg *leg = mem_alloc(sizeof *leg);

	leg->exchange = stack->exchange;
	leg->stack = stack;
	leg->events = *events;
	leg->socket = -1;
	list_append(&leg->exchange->legs, &leg->le, leg);
	leg->exchange->tally->legs++;
	return leg;
}

/* Of a leg that never was: nobody is told. */
static void discard(struct leg *leg)
{
	leg->over = true;
	exchange_sweep_soon(leg->exchange);
}

static int on_offer(struct mbuf **answer, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	*answer = NULL;
	leg_aim(leg, msg); /* libre takes the Contact over after us: the next tick puts it right */
	if (mbuf_get_left(msg->mb)) {
		if (!msg_ctype_cmp(&msg->ctyp, "application", "sdp")
			|| sdp_decode(leg->sdp, msg->mb, true) || !leg_media_agree(leg, true))
			return EPROTO;
		return sdp_encode(answer, leg->sdp, false);
	}
	return sdp_encode(answer, leg->sdp, true);
}

static int on_answer(const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (!leg->incoming)
		leg->peer = msg->src; /* a proxy's answer comes from the proxy */
	if (!msg->req) {
		leg_aim(leg, msg);
		leg_aim_now(leg);
	}
	if (!msg_ctype_cmp(&msg->ctyp, "application", "sdp")
		|| sdp_decode(leg->sdp, msg->mb, false) || !leg_media_agree(leg, false))
		return EPROTO;
	return 0;
}

static void on_progress(const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (!leg->over && (msg->scode == 180 || msg->scode == 183))
		leg->events.on_ringing(leg->events.arg);
}

static void on_established(const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;
	(void)msg;

	if (leg->over || leg->up)
		return;
	leg->up = true;
	leg->ticks_up = leg->ticks_quiet = 0;
	leg->events.on_up(leg->events.arg);
}

void leg_key(struct leg *leg, char key)
{
	int64_t second = exchange_now() / 1000;

	leg->keys = second == leg->keys_second ? leg->keys + 1 : 1;
	leg->keys_second = second;
	if (leg->keys > LEG_KEYS_PER_SECOND) {
		leg->exchange->tally->keys_dropped++;
		return;
	}
	leg->exchange->tally->keys++;
	leg->events.on_key(leg->events.arg, key);
}

static void on_info(struct sip *sip, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;
	char subtype[16] = "", key;

	if (leg->over || !PL_IS(&msg->ctyp.type, "application")) {
		(void)sip_reply(sip, msg, 415, "Unsupported Media Type");
		return;
	}
	(void)pl_strcpy(&msg->ctyp.subtype, subtype, sizeof subtype);
	(void)sip_reply(sip, msg, 200, "OK");
	key = dtmf_info(subtype, (const char *)mbuf_buf(msg->mb), mbuf_get_left(msg->mb));
	if (!key || leg->events_in_rtp || !leg->up) /* a phone that sends both presses once */
		return;
	leg_key(leg, key);
}

static enum err start_dialling(struct leg *leg, bool secure);

static void on_closed(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;
	bool refused = msg && (msg->scode == 488 || msg->scode == 415 || msg->scode == 606);

	if (leg->over)
		return;
	if (refused && leg->secure && !leg->up && !leg->exchange->settings.srtp_only) {
		leg->session = mem_deref(leg->session);
		leg_media_close(leg);
		if (!start_dialling(leg, false))
			return;
	}
	leg_fail(leg, cause_of(leg, err, msg));
}

/* ---- the caller's ---- */

static int take_offer(struct leg *leg, const struct sip_msg *msg, const char **reason_r)
{
	*reason_r = "Not Acceptable Here";
	if (!mbuf_get_left(msg->mb))
		return leg->exchange->settings.srtp_only && leg_media_secure(leg) ? 488 : 0;
	if (!msg_ctype_cmp(&msg->ctyp, "application", "sdp")) {
		*reason_r = "Unsupported Media Type";
		return 415;
	}
	return sdp_decode(leg->sdp, msg->mb, true) || !leg_media_agree(leg, true) ? 488 : 0;
}

int leg_accept(struct stack *stack, const struct sip_msg *msg, const struct leg_events *events,
	struct leg **leg_r, const char **reason_r)
{
	struct leg *leg = create(stack, events);
	bool late = !mbuf_get_left(msg->mb); /* its description comes with the ACK */
	int status;

	leg->incoming = true;
	leg->peer = msg->src;
	leg->call = hash_joaat_pl(&msg->callid);
	*reason_r = "Service Unavailable";
	status = leg_media_open(leg, late && leg->exchange->settings.srtp_only) ? 503 : 0;
	if (!status)
		status = take_offer(leg, msg, reason_r);
	if (!status
		&& sipsess_accept(&leg->session, stack->sessions, msg, 180, "Ringing",
			leg->exchange->settings.user, sdp_type, NULL, NULL, NULL, false, on_offer,
			on_answer, on_established, on_info, NULL, on_closed, leg, NULL)) {
		*reason_r = "Bad Request";
		status = 400;
	}
	if (status) {
		discard(leg);
		return status;
	}
	leg_aim(leg, msg);
	leg_aim_now(leg);
	*leg_r = leg;
	return 0;
}

void leg_answer(struct leg *leg)
{
	struct mbuf *description = NULL;
	bool offered = sdp_media_rport(leg->media) != 0;

	if (leg->over)
		return;
	if (sdp_encode(&description, leg->sdp, !offered)
		|| sipsess_answer(leg->session, 200, "OK", description, NULL)) {
		mem_deref(description);
		leg_fail(leg, IVR_CAUSE_FAILED);
		return;
	}
	mem_deref(description);
}

void leg_reject(struct leg *leg, enum ivr_cause cause)
{
	if (leg->over)
		return;
	if (cause == IVR_CAUSE_BUSY)
		(void)sipsess_reject(leg->session, 486, "Busy Here", NULL);
	else if (cause == IVR_CAUSE_FAILED)
		(void)sipsess_reject(leg->session, 503, "Service Unavailable", NULL);
	else
		(void)sipsess_reject(leg->session, 480, "Temporarily Unavailable", NULL);
}

/* ---- a telephone of ours ---- */

static int on_auth(char **user, char **password, const char *realm, void *arg)
{
	const struct trunk *trunk = arg;
	(void)realm;
	return trunk ? trunk_login(trunk, user, password) : EAUTH;
}

static enum err start_dialling(struct leg *leg, bool secure)
{
	struct mbuf *description = NULL;
	char route[IVR_TARGET_MAX + 40];
	const char *routes[] = { route };
	bool routed = leg->stack->trunk && trunk_route(leg->stack->trunk, route, sizeof route);
	enum err err;

	leg->secure = secure;
	err = leg_media_open(leg, secure);
	if (!err && secure)
		err = leg_media_secure(leg);
	if (!err && sdp_encode(&description, leg->sdp, true))
		err = ERR_LIMIT;
	if (!err
		&& sipsess_connect(&leg->session, leg->stack->sessions, leg->uri, NULL, leg->from,
			leg->exchange->settings.user, routes, routed ? 1 : 0, sdp_type,
			description, on_auth, leg->stack->trunk, false, on_offer, on_answer,
			on_progress, on_established, on_info, NULL, on_closed, leg, NULL))
		err = ERR_INVALID;
	if (!err)
		leg->call = hash_joaat_str(sip_dialog_callid(sipsess_dialog(leg->session)));
	mem_deref(description);
	return err;
}

/* Where the signalling goes, as far as it is known before an answer: to choose our own address. */
static void guess_peer(struct leg *leg)
{
	struct pl text;
	struct uri uri;

	pl_set_str(&text, leg->uri);
	if (uri_decode(&uri, &text) || sa_set(&leg->peer, &uri.host, 0))
		(void)sa_set_str(&leg->peer, "192.0.2.1", 0); /* some address outside */
}

enum err leg_dial(struct stack *stack, const char *uri, const char *from,
	const struct leg_events *events, struct leg **leg_r)
{
	struct leg *leg = create(stack, events);
	bool tls = strcasestr(uri, "transport=tls") || (stack->trunk && trunk_is_tls(stack->trunk));
	enum err err;

	snprintf(leg->uri, sizeof leg->uri, "%s", uri);
	snprintf(leg->from, sizeof leg->from, "%s", from);
	guess_peer(leg);
	leg->exchange->tally->dialled++;
	err = start_dialling(leg, tls || leg->exchange->settings.srtp_only);
	if (err) {
		discard(leg);
		return err;
	}
	*leg_r = leg;
	return OK;
}
