/* A prompt spoken by a machine: espeak-ng for the words, sox for the telephone's format. */
#ifndef IVR_SPEAK_H
#define IVR_SPEAK_H

#include "base/err.h"
#include "ivr/step.h"

#include <stdbool.h>
#include <stddef.h>

/* text NULL: a sound; only "hold" is known. Written beside `path` and renamed when whole. */
must_check enum err speak(const struct ivr_prompt *prompt, const char *text, const char *path,
	char *error, size_t error_size);

bool speak_possible(void); /* both programs are there */

#endif
