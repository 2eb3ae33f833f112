#include "console/cbor.h"

enum { BYTES = 2, TEXT, LIST, MAP, TAG, IN_ONE_BYTE = 24, IN_EIGHT_BYTES = 27 };

/* What is left of the bytes behind one item; NULL: there is no whole one. */
static const uint8_t *behind(const uint8_t *at, const uint8_t *end, int depth)
{
	unsigned major, info;
	uint64_t number;

	if (at == end || depth > CBOR_DEPTH)
		return NULL;
	major = *at >> 5;
	number = info = *at++ & 31;
	if (info > IN_EIGHT_BYTES)
		return NULL;
	if (info >= IN_ONE_BYTE) {
		size_t size = (size_t)1 << (info - IN_ONE_BYTE);
		if ((size_t)(end - at) < size)
			return NULL;
		for (number = 0; size; size--)
			number = number << 8 | *at++;
	}
	if (major < BYTES || major > TAG)
		return at;
	if (major == TAG)
		return behind(at, end, depth + 1);
	if (number > (size_t)(end - at))
		return NULL;
	if (major < LIST)
		return at + number;
	for (number *= major == MAP ? 2 : 1; at && number; number--)
		at = behind(at, end, depth + 1);
	return at;
}

bool cbor_are(const uint8_t *bytes, size_t length, unsigned items)
{
	const uint8_t *at = bytes, *end = bytes + length;

	for (; at && items; items--)
		at = behind(at, end, 0);
	return at == end;
}
