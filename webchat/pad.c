#include "webchat/pad.h"

#include <string.h>

static const char key[] = ",\"p\":\"";

enum { KEY = sizeof key - 1, AROUND = KEY + 1 };

size_t pad_size(size_t length)
{
	size_t size = PAD_LEAST;

	while (size < length + AROUND)
		size = size < PAD_STEP ? 2 * size : size + PAD_STEP;
	return size;
}

void pad_frame(const char *bytes, size_t length, char *padded_r, size_t size)
{
	memcpy(padded_r, bytes, length - 1);
	memcpy(padded_r + length - 1, key, KEY);
	memset(padded_r + length - 1 + KEY, '0', size - length - AROUND);
	memcpy(padded_r + size - 2, "\"}", 2);
}
