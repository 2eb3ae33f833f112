/* G.711: frames of 20 ms at 8 kHz, one byte a sample. Inside, audio is A-law; µ-law is made at the
 * socket. Pure. */
#ifndef IVR_LAW_H
#define IVR_LAW_H

#include <stddef.h>
#include <stdint.h>

enum law { LAW_MU = 0, LAW_A = 8 }; /* as the RTP payload types are numbered */
enum { LAW_FRAME = 160, /* bytes of 20 ms */
	LAW_RATE = 8000,
	LAW_SILENCE = 0xd5 /* A-law */ };

void law_init(void); /* once, before law_convert */
uint8_t law_encode(enum law law, int sample); /* any value is clamped */
int16_t law_decode(enum law law, uint8_t byte);
/* In place or not; `from` equal to `to` copies. */
void law_convert(enum law from, enum law to, const uint8_t *in, uint8_t *out, size_t length);

#endif
