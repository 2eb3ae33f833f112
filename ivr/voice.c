#include "ivr/voice.h"

#include <sodium.h>
#include <string.h>

bool voice_start(struct voice *voice, uint32_t seconds, uint32_t rate, uint32_t channels)
{
	voice_wipe(voice);
	if (rate < LAW_RATE || rate > VOICE_RATE_MAX || !channels || channels > VOICE_CHANNELS_MAX)
		return false;
	voice->rate = rate;
	voice->channels = channels;
	tape_start(&voice->tape, seconds);
	return true;
}

bool voice_runs(const struct voice *voice)
{
	return voice->tape.bytes;
}

static enum tape_state put_frame(struct voice *voice)
{
	tape_put(&voice->tape, voice->frame, voice->filled, voice->seq++, (uint32_t)voice->put);
	voice->put += voice->filled;
	voice->filled = 0;
	return tape_tick(&voice->tape);
}

/* true: a sample of the tape is whole. */
static bool average(struct voice *voice, int16_t sample)
{
	voice->sum += sample;
	voice->summed++;
	voice->phase += LAW_RATE;
	if (voice->phase < voice->rate * voice->channels)
		return false;
	voice->phase -= voice->rate * voice->channels;
	voice->frame[voice->filled++] = law_encode(LAW_A, (int)(voice->sum / voice->summed));
	voice->sum = 0;
	voice->summed = 0;
	return true;
}

enum tape_state voice_put(struct voice *voice, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;
	enum tape_state state = voice->full ? TAPE_FULL : TAPE_GOES_ON;

	if (!voice_runs(voice))
		return TAPE_FULL;
	for (size_t i = 0; i < length && !voice->full; i++) {
		voice->odd = !voice->odd;
		if (voice->odd) {
			voice->low = from[i];
		} else if (average(voice, (int16_t)(uint16_t)(voice->low | from[i] << 8))
			&& voice->filled == LAW_FRAME) {
			enum tape_state now = put_frame(voice);
			voice->full = now == TAPE_FULL;
			state = now != TAPE_GOES_ON ? now : state;
		}
	}
	return state;
}

bool voice_spoken(const struct voice *voice)
{
	return tape_spoken(&voice->tape);
}

uint8_t *voice_take(struct voice *voice, size_t *size_r, uint32_t *seconds_r)
{
	uint8_t *bytes;

	if (voice->filled && !voice->full)
		(void)put_frame(voice);
	bytes = tape_take(&voice->tape, size_r, seconds_r);
	voice_wipe(voice);
	return bytes;
}

void voice_wipe(struct voice *voice)
{
	tape_wipe(&voice->tape);
	sodium_memzero(voice, sizeof *voice);
}

/* ---- a WAV file ---- */

static uint32_t number_at(const uint8_t *at, int bytes)
{
	uint32_t value = 0;
	for (int i = bytes; i--;)
		value = value << 8 | at[i];
	return value;
}

void voice_file_start(struct voice_file *file, uint32_t seconds)
{
	voice_wipe(&file->voice);
	memset(file, 0, sizeof *file);
	file->seconds = seconds;
}

static bool is(const uint8_t *at, const char *four)
{
	return !memcmp(at, four, 4);
}

/* A chunk's head is there: its name and length. */
static void begin_chunk(struct voice_file *file)
{
	const uint8_t *head = file->head;

	file->left = number_at(head + 4, 4);
	file->odd = file->left & 1;
	file->have = 0;
	if (is(head, "data")) {
		file->state = voice_runs(&file->voice) ? VOICE_DATA : VOICE_BAD;
		/* what is written while it grows has 0 there, or the most there is */
		file->endless = !file->left || file->left >= 0x7fffffff;
	} else {
		file->state = is(head, "fmt ") ? VOICE_FORMAT : VOICE_SKIP;
	}
}

static void take_format(struct voice_file *file)
{
	const uint8_t *head = file->head;

	file->left -= sizeof file->head;
	file->have = 0;
	file->state = number_at(head, 2) == 1 && number_at(head + 14, 2) == 16
			&& voice_start(&file->voice, file->seconds, number_at(head + 4, 4),
				number_at(head + 2, 2))
		? VOICE_SKIP
		: VOICE_BAD;
}

static void take_head(struct voice_file *file, uint8_t byte)
{
	size_t need = file->state == VOICE_RIFF ? 12 : file->state == VOICE_CHUNK ? 8 : 16;

	file->head[file->have++] = byte;
	if (file->have < need)
		return;
	if (file->state == VOICE_RIFF) {
		file->state = is(file->head, "RIFF") && is(file->head + 8, "WAVE") ? VOICE_CHUNK
										    : VOICE_BAD;
		file->have = 0;
	} else if (file->state == VOICE_CHUNK) {
		begin_chunk(file);
		if (file->state == VOICE_FORMAT && file->left < sizeof file->head)
			file->state = VOICE_BAD;
	} else {
		take_format(file);
	}
}

static size_t take_chunk(struct voice_file *file, const char *bytes, size_t length)
{
	size_t run = file->endless || length < file->left ? length : file->left;

	if (file->state == VOICE_DATA)
		(void)voice_put(&file->voice, bytes, run);
	if (!file->endless)
		file->left -= (uint32_t)run;
	return run;
}

bool voice_file_put(struct voice_file *file, const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length && file->state != VOICE_BAD) {
		bool inside = file->state == VOICE_SKIP || file->state == VOICE_DATA;
		if (inside && (file->left || file->endless)) {
			at += take_chunk(file, bytes + at, length - at);
		} else if (inside) { /* over; a chunk of an odd length is filled up */
			at += file->odd;
			file->odd = false;
			file->state = VOICE_CHUNK;
			file->endless = false;
		} else {
			take_head(file, (uint8_t)bytes[at++]);
		}
	}
	return file->state != VOICE_BAD;
}
