#include "ivr/tape.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { MISORDER_MOST = 100 /* packets; RFC 3550, A.1 */ };

void tape_start(struct tape *tape, uint32_t seconds)
{
	tape_wipe(tape);
	if (!seconds || seconds > TAPE_SECONDS_MAX)
		seconds = TAPE_SECONDS_MAX;
	tape->most = (size_t)seconds * LAW_RATE;
	tape->bytes = mem_alloc(TAPE_HEAD + tape->most); /* once: growing would leave copies behind */
}

static size_t now(const struct tape *tape)
{
	return (size_t)tape->ticks * LAW_FRAME;
}

static bool loud(const uint8_t *alaw, size_t length)
{
	size_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += (size_t)abs(law_decode(LAW_A, alaw[i]));
	return sum >= length * TAPE_LOUD;
}

static void write_at(struct tape *tape, size_t at, const uint8_t *alaw, size_t length)
{
	uint8_t *sound = tape->bytes + TAPE_HEAD;

	if (at >= tape->most)
		return;
	if (length > tape->most - at)
		length = tape->most - at;
	if (at > tape->size)
		memset(sound + tape->size, LAW_SILENCE, at - tape->size);
	memcpy(sound + at, alaw, length);
	if (at + length > tape->size)
		tape->size = at + length;
	if (!loud(alaw, length))
		return;
	tape->quiet = 0;
	tape->loud += length;
	if (at + length > tape->loud_end)
		tape->loud_end = at + length;
}

/* Its first packet, or its numbers jumped: it stands where the clock is, after all that is there. */
static size_t anew(struct tape *tape, uint32_t timestamp)
{
	size_t at = tape->size > now(tape) ? tape->size : now(tape);

	tape->base = timestamp - (uint32_t)at;
	return at;
}

void tape_put(struct tape *tape, const uint8_t *alaw, size_t length, uint16_t seq, uint32_t timestamp)
{
	int16_t step = (int16_t)(uint16_t)(seq - tape->seq);
	int32_t offset = (int32_t)(timestamp - tape->base);
	size_t at = offset > 0 ? (size_t)offset : 0;

	if (!tape->bytes || !length)
		return;
	if (tape->heard && step <= 0 && step > -MISORDER_MOST) { /* late, or there already */
		if (offset >= 0 && at + length <= tape->size)
			write_at(tape, at, alaw, length);
		return;
	}
	tape->seq = seq;
	if (!tape->heard || at < tape->size || at > now(tape) + TAPE_AHEAD)
		at = anew(tape, timestamp);
	tape->heard = true;
	if (at <= now(tape) + TAPE_AHEAD)
		write_at(tape, at, alaw, length);
}

enum tape_state tape_tick(struct tape *tape)
{
	tape->ticks++;
	tape->quiet++;
	if (now(tape) >= tape->most)
		return TAPE_FULL;
	return tape->quiet >= TAPE_QUIET_TICKS ? TAPE_QUIET : TAPE_GOES_ON;
}

static uint8_t *put_text(uint8_t *at, const char *four)
{
	memcpy(at, four, 4);
	return at + 4;
}

static uint8_t *put_number(uint8_t *at, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*at++ = (uint8_t)(value >> 8 * i);
	return at;
}

/* RIFF of a coding other than PCM: a fmt chunk with the length of its extension, and a fact chunk. */
static void put_head(uint8_t *at, uint32_t samples)
{
	at = put_number(put_text(at, "RIFF"), TAPE_HEAD - 8 + samples, 4);
	at = put_number(put_text(put_text(at, "WAVE"), "fmt "), 18, 4);
	at = put_number(at, 6, 2); /* A-law */
	at = put_number(at, 1, 2);
	at = put_number(at, LAW_RATE, 4);
	at = put_number(at, LAW_RATE, 4);
	at = put_number(at, 1, 2);
	at = put_number(at, 8, 2);
	at = put_number(at, 0, 2);
	at = put_number(put_number(put_text(at, "fact"), 4, 4), samples, 4);
	put_number(put_text(at, "data"), samples, 4);
}

bool tape_spoken(const struct tape *tape)
{
	return tape->bytes && tape->loud >= TAPE_SPOKEN;
}

uint8_t *tape_take(struct tape *tape, size_t *size_r, uint32_t *seconds_r)
{
	uint8_t *bytes = tape->bytes;
	size_t size = tape->loud_end + TAPE_TAIL;

	*size_r = 0;
	*seconds_r = 0;
	if (!tape_spoken(tape)) {
		tape_wipe(tape);
		return NULL;
	}
	if (size > tape->size)
		size = tape->size;
	sodium_memzero(bytes + TAPE_HEAD + size, tape->size - size);
	size &= ~(size_t)1; /* a chunk's length is even */
	put_head(bytes, (uint32_t)size);
	*size_r = TAPE_HEAD + size;
	*seconds_r = (uint32_t)((size + LAW_RATE - 1) / LAW_RATE);
	memset(tape, 0, sizeof *tape);
	return bytes;
}

void tape_wipe(struct tape *tape)
{
	if (tape->bytes)
		sodium_memzero(tape->bytes, TAPE_HEAD + tape->size);
	free(tape->bytes);
	memset(tape, 0, sizeof *tape);
}
