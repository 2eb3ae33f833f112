/* What a caller says after the tone, as a WAV file of A-law in memory: never on a disk, wiped after use.
 * Pure. Packets stand where their RTP timestamps put them: what was lost, or not sent because nobody
 * spoke, is silence, and the length is that of the call. A sender whose numbers jump goes on where the
 * clock is. What is said is taken in at the pace of the clock: TAPE_AHEAD beyond it is dropped.
 *
 * Limits: `seconds` of tape_start, at most TAPE_SECONDS_MAX; TAPE_BYTES of them are all the memory it
 * takes. TAPE_QUIET_TICKS of quiet end it; the quiet at its end is cut to TAPE_TAIL. */
#ifndef IVR_TAPE_H
#define IVR_TAPE_H

#include "ivr/law.h"

#include <stdbool.h>

enum { TAPE_SECONDS_MAX = 240,
	TAPE_HEAD = 58, /* of the WAV file */
	TAPE_BYTES_MAX = TAPE_HEAD + TAPE_SECONDS_MAX * LAW_RATE,
	TAPE_QUIET_TICKS = 10 * 50, /* 20 ms each */
	TAPE_TAIL = LAW_RATE, /* samples */
	TAPE_AHEAD = LAW_RATE,
	TAPE_LOUD = 64, /* mean of a packet's samples of 16 bits, -54 dB: quiet speech is louder */
	TAPE_SPOKEN = LAW_RATE / 5 /* samples of it; less is a click, not a message */ };

enum tape_state { TAPE_GOES_ON, TAPE_FULL, TAPE_QUIET };

struct tape { /* all zero: none */
	uint8_t *bytes;
	size_t most, size; /* samples */
	size_t loud, loud_end; /* samples of them; where the last of them ends */
	uint32_t ticks, quiet;
	uint32_t base; /* the timestamp of its first sample */
	uint16_t seq;
	bool heard;
};

void tape_start(struct tape *tape, uint32_t seconds);
void tape_put(struct tape *tape, const uint8_t *alaw, size_t length, uint16_t seq,
	uint32_t timestamp);
enum tape_state tape_tick(struct tape *tape); /* 20 ms are over */
bool tape_spoken(const struct tape *tape); /* TAPE_SPOKEN of speech: a message, not a click */
/* Ends it. The file, to be wiped and freed; NULL: nobody spoke. seconds_r: rounded up. */
uint8_t *tape_take(struct tape *tape, size_t *size_r, uint32_t *seconds_r);
void tape_wipe(struct tape *tape);

#endif
