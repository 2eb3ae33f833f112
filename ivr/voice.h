/* What a caller says, as samples of 16 bits in a stream (over a websocket, or a WAV file), onto a tape:
 * averaged down to 8 kHz and one channel, A-law, in pieces of any size. Time is that of the samples, not of
 * the clock. Pure. */
#ifndef IVR_VOICE_H
#define IVR_VOICE_H

#include "base/err.h"
#include "ivr/tape.h"

enum { VOICE_RATE_MAX = 48000, VOICE_CHANNELS_MAX = 2 };

struct voice { /* all zero: none */
	struct tape tape;
	uint32_t rate, channels;
	int64_t sum; /* of samples that make the next one of the tape */
	uint32_t summed, phase;
	uint8_t low; /* the first byte of a sample whose second has not come */
	bool odd, full;
	uint8_t frame[LAW_FRAME];
	size_t filled, put; /* samples: of the frame, of those on the tape */
	uint16_t seq;
};

/* seconds: as tape_start. false: not such a rate (8 to 48 kHz) or number of channels. */
must_check bool voice_start(struct voice *voice, uint32_t seconds, uint32_t rate, uint32_t channels);
bool voice_runs(const struct voice *voice);
/* Little-endian samples. What comes once the tape is full is dropped. */
enum tape_state voice_put(struct voice *voice, const void *bytes, size_t length);
bool voice_spoken(const struct voice *voice); /* enough to be a message */
/* As tape_take. */
uint8_t *voice_take(struct voice *voice, size_t *size_r, uint32_t *seconds_r);
void voice_wipe(struct voice *voice);

/* The same from a WAV file as it comes. */
struct voice_file { /* all zero, then voice_file_start */
	struct voice voice;
	enum { VOICE_RIFF, VOICE_CHUNK, VOICE_FORMAT, VOICE_SKIP, VOICE_DATA, VOICE_BAD } state;
	uint8_t head[16];
	size_t have;
	uint32_t left; /* bytes of the chunk */
	bool odd, endless; /* endless: its length was not known when it was begun */
	uint32_t seconds;
};

void voice_file_start(struct voice_file *file, uint32_t seconds);
/* false: it is no WAV file of 16 bits, one or two channels, and a rate as above. */
must_check bool voice_file_put(struct voice_file *file, const char *bytes, size_t length);

#endif
