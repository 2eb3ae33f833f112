/* Keys pressed: named telephone events (RFC 4733) in RTP, and bodies of SIP INFO. Pure.
 * A key is told once, at its first packet. Retransmitted and lost packets are told apart from a
 * second press by the event's RTP timestamp; a phone that forgets to move it marks the start. */
#ifndef SIP_DTMF_H
#define SIP_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DTMF_PAUSE_MS = 100, /* after this much silence a marker starts a new press */
	DTMF_INFO_MAX = 256 /* bytes of an INFO body */ };

struct dtmf { /* of one stream; all zero at first */
	uint32_t timestamp;
	int64_t last; /* ms */
	bool heard;
	bool ended; /* the press's end was heard */
};

/* A key of "0123456789*#ABCD", or 0: nothing new. now: monotonic ms. */
char dtmf_event(struct dtmf *dtmf, const uint8_t *payload, size_t length, uint32_t timestamp,
	bool marker, int64_t now);
/* subtype: "dtmf-relay" (Signal=5) or "dtmf" (5). 0: not a key. */
char dtmf_info(const char *subtype, const char *body, size_t length);

#endif
