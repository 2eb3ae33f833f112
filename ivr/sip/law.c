#include "ivr/sip/law.h"
#include "ivr/sip/re.h"

#include <rem.h>
#include <string.h>

static uint8_t mu_to_a[256], a_to_mu[256];

uint8_t law_encode(enum law law, int sample)
{
	if (sample > 32635)
		sample = 32635;
	if (sample < -32635)
		sample = -32635;
	return law == LAW_MU ? g711_pcm2ulaw((int16_t)sample) : g711_pcm2alaw((int16_t)sample);
}

int16_t law_decode(enum law law, uint8_t byte)
{
	return law == LAW_MU ? g711_ulaw2pcm(byte) : g711_alaw2pcm(byte);
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
