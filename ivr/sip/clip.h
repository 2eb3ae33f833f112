/* Sounds in memory: prompts read from WAV files, and a few tones made here. A set is built on the
 * loop thread (reading files may wait), handed to the SIP thread whole, and never changed after.
 *
 * WAV: PCM of 16 bits, A-law or µ-law; one or two channels; 8, 16, 24, 32 or 48 kHz. Longer than
 * CLIP_SECONDS_MAX is refused. */
#ifndef SIP_CLIP_H
#define SIP_CLIP_H

#include "base/err.h"
#include "ivr/law.h"
#include "ivr/step.h"

#include <stdbool.h>

enum { CLIP_SECONDS_MAX = 300 };

struct clip {
	struct clip *next;
	char id[IVR_PROMPT_ID_MAX + 1], lang[IVR_LANG_MAX + 1];
	uint8_t *alaw;
	size_t length; /* bytes; a multiple of LAW_FRAME */
};

enum clip_tone {
	CLIP_RINGING, /* 425 Hz, 1 s of 4: what the caller hears while a telephone rings */
	CLIP_BEEP, /* before a recording */
	CLIP_WAITING, /* two soft notes every 5 s: the line is alive */
	CLIP_TONES
};

struct clips;

struct clips *clips_create(void);
void clips_destroy(struct clips **clips);
/* error says which file and what to do. A prompt that is there already is kept. */
must_check enum err clips_add(struct clips *clips, const struct ivr_prompt *prompt,
	const char *path, char *error, size_t error_size);
const struct clip *clips_find(const struct clips *clips, const struct ivr_prompt *prompt);
const struct clip *clips_tone(const struct clips *clips, enum clip_tone tone);
size_t clips_count(const struct clips *clips); /* without the tones */

/* Plays clips one after the other, then repeats one for ever, frame by frame. */
struct player {
	const struct clip *clips[IVR_PROMPTS_MAX];
	const struct clip *loop; /* NULL: silence afterwards */
	uint32_t count, at;
	size_t offset;
};

void player_stop(struct player *player);
void player_add(struct player *player, const struct clip *clip); /* NULL is left out */
void player_loop(struct player *player, const struct clip *clip); /* goes on where it was, if it is */
bool player_busy(const struct player *player); /* something but the loop is left to play */
/* 20 ms of A-law; false: silence. */
bool player_frame(struct player *player, uint8_t frame_r[LAW_FRAME]);

#endif
