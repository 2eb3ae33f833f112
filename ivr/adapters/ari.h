/* Asterisk, by its REST interface (ARI): we open its websocket of events, and act by requests. The call
 * is steered from here step by step: ari_session.c does the steps of a turn, ari_leg.c the
 * counsellor's telephone, ari_rest.c asks (one request of a call after the other), ari_sync.c finds
 * out, after a lost connection and once a minute, what is really there.
 *
 * What must outlive us stands at Asterisk: the channel's variable ONTHAAL is the token of its turn, and
 * what we make has names by which it is found again: APP-l-TURN-CALL a counsellor's leg,
 * APP-b-CALL the bridge of a call. So a restart of ours in the middle of a call goes on where it was,
 * and what nobody wants any more is taken down; but a message that was being spoken then, or was not
 * fetched yet, stays on Asterisk's disk (APP-…, random). Events come twice, late or not at all: each step
 * knows what it waits for, and asks when it waits long.
 *
 * Prompts are media by URL (Asterisk 14 or newer), fetched from our own listener. Asterisk has no
 * voice: a prompt without a sound is left out. */
#ifndef IVR_ADAPTERS_ARI_H
#define IVR_ADAPTERS_ARI_H

#include "ivr/adapters/web.h"

enum { ARI_CALL_MAX = 100, /* Asterisk's name of a channel that calls us */
	ARI_ID_MAX = 149, /* of any channel, bridge, playback */
	ARI_STAMP_MAX = 40,
	ARI_APP_MAX = 24 };

extern const struct web_kind ari_kind;

enum ari_event_kind {
	ARI_NOTHING, /* understood, and of no consequence */
	ARI_START, /* a channel has come to us */
	ARI_RINGING,
	ARI_KEY,
	ARI_PLAYED,
	ARI_RECORDED,
	ARI_GONE, /* has left us, or is no more */
	ARI_BRIDGE_GONE,
	ARI_REPLACED /* another program has taken our place */
};

/* One event. Its JSON names the caller in many places: only the hash of the number leaves the parser. */
struct ari_event {
	enum ari_event_kind kind;
	char channel[ARI_ID_MAX + 1];
	uint64_t caller; /* ARI_START */
	char key; /* ARI_KEY: one of "0123456789*#" */
	char stamp[ARI_STAMP_MAX + 1]; /* ARI_KEY: a repetition has the same */
	char name[ARI_ID_MAX + 1]; /* of a playback, a recording, a bridge */
	bool failed; /* ARI_PLAYED, ARI_RECORDED */
	uint32_t seconds; /* ARI_RECORDED */
	enum ivr_cause cause; /* ARI_GONE; NONE when it is not told */
};

/* Pure. ERR_INVALID: not an event, or of a form that we do not take. */
must_check enum err ari_parse(const char *bytes, size_t length, const struct ivr_caller_key *key,
	struct ari_event *event_r);

/* "PJSIP/{}@trunk" and a target give an endpoint; false: no such target can be dialled. Pure. */
bool ari_endpoint(const char *form, const char *target, struct text *to);

#endif
