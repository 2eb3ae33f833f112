/* What the two halves tell each other, by value: the loop thread (endpoint.c) and the SIP thread
 * (exchange.c), which alone touches libre and never waits for anything but its sockets. */
#ifndef SIP_WIRE_H
#define SIP_WIRE_H

#include "ivr/ivr.h"
#include "ivr/sip/access.h"
#include "ivr/sip/clip.h"

#include <stdatomic.h>

enum { WIRE_CALL_MAX = IVR_CALL_ID_MAX, WIRE_REPORTS = 4096 };

enum order_kind { /* loop → SIP */
	ORDER_TURN, /* turn: owned */
	ORDER_POLL, /* interrupt */
	ORDER_END,
	ORDER_QUERY,
	ORDER_LEG, /* verdict on the counsellor's leg of turn `number` */
	ORDER_DIAL, /* target, under the name `call` */
	ORDER_CLIPS, /* clips: owned */
	ORDER_ACCESS, /* access: owned */
	ORDER_KEY, /* callers' key of the day */
	ORDER_DRAIN,
	ORDER_STOP
};

struct order {
	enum order_kind kind;
	char call[WIRE_CALL_MAX + 1];
	uint32_t number;
	enum ivr_leg verdict;
	char target[IVR_TARGET_MAX + 1];
	struct ivr_turn *turn; /* allocated only as far as its steps go */
	struct clips *clips;
	struct access *access;
	struct ivr_caller_key key;
};

enum report_kind { REPORT_EVENT, REPORT_LEG };

struct report { /* SIP → loop */
	enum report_kind kind;
	enum ivr_event_kind event;
	enum ivr_cause cause;
	uint32_t turn, seconds, tries;
	bool answered; /* REPORT_LEG: keys count; else just answered */
	uint64_t caller;
	char call[WIRE_CALL_MAX + 1];
	char keys[IVR_DIGITS_MAX + 1];
	uint8_t *recording; /* a WAV file, owned: to be wiped */
	size_t recording_size;
};

void report_wipe(struct report *report); /* exchange.c: and what it owns */

/* Counted by the SIP thread, read by whoever asks. */
struct tally {
	_Atomic uint32_t calls, legs, registered, trunks_up, trunks;
	_Atomic uint64_t invites, refused, limited, unanswered, dialled, keys, keys_dropped, silent, too_long, messages;
	_Atomic uint64_t ticks, ticks_late, late_us_worst; /* the media clock */
	_Atomic uint64_t rtp_in, rtp_out, rtp_lost, rtp_strange, rtp_failed, jitter_us; /* last call's */
	_Atomic uint64_t orders_lost, reports_waited;
};

#endif
