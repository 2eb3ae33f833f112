#include "webchat/pad.h"
#include "base/mem.h"

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

char *pad_frame(const char *bytes, size_t length, size_t *length_r)
{
	size_t size = pad_size(length);
	char *padded = mem_array(size, 1);

	memcpy(padded, bytes, length - 1);
	memcpy(padded + length - 1, key, KEY);
	memset(padded + length - 1 + KEY, '0', size - length - AROUND);
	memcpy(padded + size - 2, "\"}", 2);
	*length_r = size;
	return padded;
}
