#include "ivr/law.h"

#include <string.h>

enum { LOUDEST = 32635, BIAS = 0x84 /* of µ-law */, NEGATIVE = 0x80 };

static uint8_t mu_to_a[256], a_to_mu[256];

/* The place of the highest bit, below `most`: which of the eight segments, each twice as long. */
static int segment(int value, int lowest)
{
	int at = 0;
	while (at < 7 && value >> (lowest + at + 1))
		at++;
	return at;
}

/* ITU-T G.711, table 1: even bits inverted, the sign bit set for what is positive. */
static uint8_t encode_a(int sample)
{
	int size = sample < 0 ? ~sample : sample, at = segment(size, 7);
	int code = at << 4 | (size >> (at ? at + 3 : 4) & 15);
	return (uint8_t)((code | (sample < 0 ? 0 : NEGATIVE)) ^ 0x55);
}

static int decode_a(uint8_t byte)
{
	int code = byte ^ 0x55, at = code >> 4 & 7, size = ((code & 15) << 4) + 8;
	size = at ? (size + 0x100) << (at - 1) : size;
	return code & NEGATIVE ? size : -size;
}

/* Table 2: all bits inverted. */
static uint8_t encode_mu(int sample)
{
	int size = (sample < 0 ? -sample : sample) + BIAS, at = segment(size, 7);
	return (uint8_t)~((sample < 0 ? NEGATIVE : 0) | at << 4 | (size >> (at + 3) & 15));
}

static int decode_mu(uint8_t byte)
{
	int code = ~byte & 0xff, size = ((((code & 15) << 3) + BIAS) << (code >> 4 & 7)) - BIAS;
	return code & NEGATIVE ? -size : size;
}

uint8_t law_encode(enum law law, int sample)
{
	if (sample > LOUDEST)
		sample = LOUDEST;
	if (sample < -LOUDEST)
		sample = -LOUDEST;
	return law == LAW_MU ? encode_mu(sample) : encode_a(sample);
}

int16_t law_decode(enum law law, uint8_t byte)
{
	return (int16_t)(law == LAW_MU ? decode_mu(byte) : decode_a(byte));
}

void law_init(void)
{
	for (int i = 0; i < 256; i++) {
		mu_to_a[i] = law_encode(LAW_A, law_decode(LAW_MU, (uint8_t)i));
		a_to_mu[i] = law_encode(LAW_MU, law_decode(LAW_A, (uint8_t)i));
	}
}

void law_convert(enum law from, enum law to, const uint8_t *in, uint8_t *out, size_t length)
{
	const uint8_t *table = from == LAW_MU ? mu_to_a : a_to_mu;

	if (from == to) {
		memmove(out, in, length);
		return;
	}
	for (size_t i = 0; i < length; i++)
		out[i] = table[in[i]];
}
