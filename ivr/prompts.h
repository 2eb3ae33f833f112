/* The sounds of the call script's prompts: 8 kHz, mono, 16 bit PCM in a WAV file.
 *   recorded  FOLDER/LANG/ID.wav, by the centre; wins
 *   made      DATA/prompts/LANG/ID.HASH.wav, once by espeak-ng and sox from the text; HASH follows
 *             the text, so a changed text is made anew
 *   missing   text-to-speech of the platform is the last resort
 * Which file a prompt has is decided at creation and at prompts_refresh(), never while a call waits;
 * bytes are read once and kept. All on one thread, but prompts_make(), which any thread may run on
 * its own struct. */
#ifndef IVR_PROMPTS_H
#define IVR_PROMPTS_H

#include "ivr/script.h"

enum { PROMPTS_RATE = 8000, PROMPTS_FILE_MAX = 4 * 1024 * 1024, PROMPTS_NAME_MAX = 96,
	PROMPTS_PIECE_SECONDS = 60 };

enum prompt_source { PROMPT_MISSING, PROMPT_MADE, PROMPT_RECORDED };

struct prompts;

/* script: borrowed until prompts_destroy. */
struct prompts *prompts_create(
	const struct script *script, const char *recorded_folder, const char *data_folder);
void prompts_destroy(struct prompts **prompts);
void prompts_refresh(struct prompts *prompts);

/* "nl/greeting.1a2b3c4d.wav": where the prompt is served, below /ivr/prompts/; false when missing. */
bool prompts_name(const struct prompts *prompts, const struct ivr_prompt *prompt,
	char name_r[PROMPTS_NAME_MAX]);
/* One of the pieces of `seconds` that a sound is cut into, round and round (the last may be longer), as
 * "any/hold.1a2b3c4d.5-3.wav": for platforms that cannot be interrupted. */
bool prompts_piece(const struct prompts *prompts, const struct ivr_prompt *prompt, uint32_t seconds,
	uint32_t index, char name_r[PROMPTS_NAME_MAX]);
/* The file on disk, for in-process adapters; NULL when missing. Valid until prompts_refresh. */
const char *prompts_file(const struct prompts *prompts, const struct ivr_prompt *prompt);
/* The bytes behind a name of prompts_name or prompts_piece; NULL when there are none. Kept until
 * prompts_refresh, those of a piece until the next call. */
const char *prompts_bytes(struct prompts *prompts, const char *name, size_t *length_r);

/* on_prompt: source, the text (NULL for a sound), and what is wrong with a recorded file, or NULL. */
void prompts_each(const struct prompts *prompts,
	void (*on_prompt)(void *arg, const struct ivr_prompt *prompt, enum prompt_source source,
		const char *text, const char *fault),
	void *arg);
/* Makes what is missing; returns how many could not be. Needs espeak-ng and sox; seconds of work. */
must_check size_t prompts_make(struct prompts *prompts, char *error, size_t error_size);

/* A WAV file in the telephone's format? fault_r: what is wrong, in words. Seconds of sound, or < 0. */
double prompts_check_wav(const char *bytes, size_t length, const char **fault_r);

#endif
