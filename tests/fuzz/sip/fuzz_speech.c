/* A description and what follows it on the audio's socket: [2 bytes: length of the SDP][SDP] then
 * packets, [1 byte: length][bytes]. Keys and audio that come out are within their limits; what is
 * recorded of it is a file of the length it says, no longer than the clock and its own limit. */
#include "ivr/sip/exchange.h"
#include "ivr/tape.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void on_key(void *arg, char key)
{
	(void)arg;
	if (!key || !strchr("0123456789*#ABCD", key))
		abort();
}

static void on_audio(void *arg, const uint8_t *alaw, size_t length, uint16_t seq, uint32_t timestamp)
{
	struct tape *tape = arg;

	if (!length || length > LEG_AUDIO_MAX)
		abort();
	tape_put(tape, alaw, length, seq, timestamp);
	if (tape->size > tape->most
		|| tape->size > (size_t)tape->ticks * LAW_FRAME + TAPE_AHEAD + LEG_AUDIO_MAX)
		abort();
}

static void look_at(struct tape *tape)
{
	size_t size;
	uint32_t seconds, samples;
	uint8_t *bytes = tape_take(tape, &size, &seconds);

	if (!bytes)
		return;
	memcpy(&samples, bytes + TAPE_HEAD - sizeof samples, sizeof samples);
	if (size != TAPE_HEAD + samples || seconds > TAPE_SECONDS_MAX || samples % 2)
		abort();
	free(bytes);
}

static void hear(struct leg *leg, const uint8_t *bytes, size_t length)
{
	while (length > 1) {
		size_t size = bytes[0] < length - 1 ? bytes[0] : length - 1;
		uint8_t copy[256 + 64];
		struct mbuf packet = { .buf = copy, .size = sizeof copy, .end = size };
		memcpy(copy, bytes + 1, size);
		leg_media_packet(leg, &leg->peer, &packet);
		for (uint8_t ticks = bytes[0] & 3; ticks; ticks--)
			(void)tape_tick(leg->events.arg);
		bytes += 1 + size;
		length -= 1 + size;
	}
}

static void describe(struct leg *leg, const uint8_t *bytes, size_t length)
{
	struct mbuf *offer = mbuf_alloc(length + 1), *answer = NULL;

	(void)mbuf_write_mem(offer, bytes, length);
	offer->pos = 0;
	if (!sdp_decode(leg->sdp, offer, true) && leg_media_agree(leg, true)) {
		if (leg->law != LAW_A && leg->law != LAW_MU)
			abort();
		if (leg->to_known && !sa_cmp(&leg->to, &leg->peer, SA_ADDR))
			abort(); /* aimed elsewhere */
		if (sdp_encode(&answer, leg->sdp, false))
			abort();
		leg->up = true;
	}
	mem_deref(answer);
	mem_deref(offer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct exchange exchange;
	static struct tally tally;
	struct tape tape = { 0 };
	struct leg leg = { .exchange = &exchange,
		.incoming = true,
		.socket = -1,
		.port = 20000,
		.events = { .on_key = on_key, .on_audio = on_audio, .arg = &tape } };
	struct sa local;
	size_t size;

	if (length < 2)
		return 0;
	if (!exchange.tally) {
		if (sodium_init() < 0)
			abort();
		law_init();
		exchange.tally = &tally;
		exchange.settings.silence_seconds = exchange.settings.call_minutes = 60;
	}
	size = (size_t)bytes[0] << 8 | bytes[1];
	if (size > length - 2)
		size = length - 2;
	(void)sa_set_str(&local, "192.0.2.1", 0);
	(void)sa_set_str(&leg.peer, "192.0.2.2", 4000);
	if (leg_media_describe(&leg, &local, false))
		abort();
	describe(&leg, bytes + 2, size);
	tape_start(&tape, 5);
	hear(&leg, bytes + 2 + size, length - 2 - size);
	look_at(&tape);
	leg_media_close(&leg);
	return 0;
}
