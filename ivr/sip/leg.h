/* One SIP dialog with its audio: the caller's line, or a counsellor's telephone. SIP thread only.
 * A leg tells what happens by its events; after leg_hangup none follows, and on_down is the last.
 * It is freed a moment later, never under libre's feet. */
#ifndef SIP_LEG_H
#define SIP_LEG_H

#include "base/err.h"
#include "ivr/sip/clip.h"
#include "ivr/sip/dtmf.h"
#include "ivr/sip/re.h"
#include "ivr/sip/sdes.h"
#include "ivr/step.h"

#include <stdbool.h>

enum { LEG_PACKET_MAX = 1500,
	LEG_AUDIO_MAX = 480, /* bytes of one packet: 60 ms */
	LEG_EVENT_TYPE = 101, /* telephone-event, as we offer it */
	LEG_KEYS_PER_SECOND = 20, /* more than fingers and diallers press: the rest is dropped */
	LEG_RELAY_GAP = 10 /* ticks without a packet from the other side before we fill in */ };

struct exchange;
struct stack;

struct leg_events {
	void (*on_ringing)(void *arg);
	void (*on_up)(void *arg);
	void (*on_key)(void *arg, char key);
	/* A packet's audio, A-law. */
	void (*on_audio)(void *arg, const uint8_t *alaw, size_t length, uint16_t seq,
		uint32_t timestamp);
	void (*on_down)(void *arg, enum ivr_cause cause);
	void *arg;
};

struct leg_stream { /* what comes in, for the figures (RFC 3550, A.1 and A.8) */
	bool heard;
	uint32_t ssrc;
	uint16_t first, last;
	uint32_t cycles, received;
	uint32_t transit, jitter; /* jitter: sixteenths of a sample */
};

struct leg_relay { /* maps the other side's numbering onto ours */
	bool on;
	uint16_t seq;
	uint32_t timestamp, idle; /* idle: ticks since its last packet */
};

struct leg {
	struct le le; /* of exchange->legs */
	struct exchange *exchange;
	struct stack *stack;
	struct leg_events events;
	struct sipsess *session;
	struct sdp_session *sdp;
	struct sdp_media *media;
	struct sdp_format *event_format;
	bool incoming, up, over, secure /* SRTP is offered */;
	struct sa peer; /* of the signalling */
	uint32_t call; /* hash of its Call-ID */

	int socket;
	uint16_t port;
	struct sa to; /* where audio goes */
	bool to_known, latched, held /* the peer does not listen */, mute /* the peer does not talk */;
	enum law law;
	uint32_t ssrc, timestamp;
	uint16_t seq;
	bool marker, events_in_rtp;
	struct srtp *out, *in;
	struct sdes out_key, in_key;
	struct dtmf dtmf;
	int64_t keys_second;
	uint32_t keys; /* in that second */
	struct leg_stream stream;
	struct player player;
	struct leg_relay relay;
	uint32_t ticks_up, ticks_quiet;
	char uri[IVR_TARGET_MAX + 80], from[160]; /* of an outgoing leg */
	char aim[160]; /* where further requests go instead of the peer's Contact; "" as it says */
	bool aim_due;
};

/* The caller's: answers 180. The status of a refusal, 0 when there is a leg. */
int leg_accept(struct stack *stack, const struct sip_msg *msg, const struct leg_events *events,
	struct leg **leg_r, const char **reason_r);
void leg_answer(struct leg *leg); /* on_up follows the ACK */
void leg_reject(struct leg *leg, enum ivr_cause cause); /* not answered yet */
/* A telephone of ours. uri: where; from: our address. */
must_check enum err leg_dial(struct stack *stack, const char *uri, const char *from,
	const struct leg_events *events, struct leg **leg_r);
void leg_hangup(struct leg **leg); /* BYE, CANCEL or a refusal, whichever is due */
void leg_free(struct leg *leg); /* one that is over */

void leg_key(struct leg *leg, char key); /* pressed there: tells it, but not a flood of them */
void leg_tick(struct leg *leg); /* 20 ms are over: send a frame, look at the limits */
/* Audio of the other side, instead of the player's. */
void leg_relay(struct leg *leg, const uint8_t *alaw, size_t length, uint16_t seq,
	uint32_t timestamp);
void leg_relay_end(struct leg *leg);

/* leg_aim.c, for leg.c. A telephone behind a router says a Contact that nobody reaches, and over TCP
 * and TLS the only way back may be the connection it opened: without a proxy that stays in the way
 * (Record-Route), requests go to where its own came from. */
void leg_aim(struct leg *leg, const struct sip_msg *msg); /* looks at a message with a Contact */
void leg_aim_now(struct leg *leg);

/* leg_media.c, for leg.c */
must_check enum err leg_media_open(struct leg *leg, bool secure);
must_check enum err leg_media_describe(struct leg *leg, const struct sa *local, bool secure);
void leg_media_packet(struct leg *leg, const struct sa *source, struct mbuf *packet);
void leg_media_close(struct leg *leg);
/* Takes over what the peer's description says. false: nothing that we can speak. */
bool leg_media_agree(struct leg *leg, bool offered);
/* leg_srtp.c, for leg.c and leg_media.c */
must_check enum err leg_media_secure(struct leg *leg); /* our own key, into an offer */
bool leg_srtp_agree(struct leg *leg, bool offered); /* false: not as configured or offered */
must_check int leg_srtp_decrypt(struct leg *leg, struct mbuf *packet); /* errno */
void leg_fail(struct leg *leg, enum ivr_cause cause); /* hangs up and tells */

#endif
