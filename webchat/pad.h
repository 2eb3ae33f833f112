/* Frames come in sizes: whoever watches the line sees which class, not how much was written. A frame, a
 * whole JSON object, gets a last key "p" of as many zeros as it takes; readers ignore it. */
#ifndef WEBCHAT_PAD_H
#define WEBCHAT_PAD_H

#include <stddef.h>

enum { PAD_LEAST = 256, /* then its doubles */
	PAD_STEP = 32 * 1024 }; /* above this: its multiples */

size_t pad_size(size_t length); /* of a frame that has `length` bytes before */
/* bytes end with "}"; size: of pad_size. */
void pad_frame(const char *bytes, size_t length, char *padded_r, size_t size);

#endif
