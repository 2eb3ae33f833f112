#include "base/text.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_put_n(struct text *text, const char *piece, size_t length)
{
	if (text->length + length + 1 > text->capacity) {
		size_t capacity = (text->length + length + 1) * 2;
		char *larger = mem_alloc(capacity < 512 ? 512 : capacity);
		if (text->length)
			memcpy(larger, text->bytes, text->length);
		size_t had = text->length;
		text_free(text);
		text->bytes = larger;
		text->length = had;
		text->capacity = capacity < 512 ? 512 : capacity;
	}
	memcpy(text->bytes + text->length, piece, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_put(struct text *text, const char *piece)
{
	text_put_n(text, piece, strlen(piece));
}

void text_format(struct text *text, const char *format, ...)
{
	char piece[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(piece, sizeof piece, format, args);
	va_end(args);
	text_put(text, piece);
}

/* Unicode 15, table 3-7. */
size_t text_character(const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;
	unsigned char low = 0x80, high = 0xbf;
	size_t size = !length ? 0
		: *at < 0x80  ? 1
		: *at < 0xc2  ? 0
		: *at < 0xe0  ? 2
		: *at < 0xf0  ? 3
		: *at < 0xf5  ? 4
			      : 0;

	if (size > length)
		return 0;
	if (size > 2) {
		low = *at == 0xe0 ? 0xa0 : *at == 0xf0 ? 0x90 : 0x80;
		high = *at == 0xed ? 0x9f : *at == 0xf4 ? 0x8f : 0xbf;
	}
	for (size_t i = 1; i < size; i++) {
		if (at[i] < low || at[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return size;
}

bool text_is_utf8(const char *bytes, size_t length)
{
	while (length) {
		size_t size = text_character(bytes, length);
		if (!size)
			return false;
		bytes += size;
		length -= size;
	}
	return true;
}

void text_xml(struct text *text, const char *piece)
{
	size_t left = strlen(piece), size;

	for (; left; piece += size, left -= size) {
		unsigned char c = (unsigned char)*piece;
		size_t good = text_character(piece, left);
		const char *escaped = c == '&' ? "&amp;"
			: c == '<'             ? "&lt;"
			: c == '>'             ? "&gt;"
			: c == '"'             ? "&quot;"
			: c == '\''            ? "&#39;"
					       : NULL;
		size = good ? good : 1;
		if (escaped)
			text_put(text, escaped);
		else if ((good > 1 && memcmp(piece, "\xef\xbf\xbe", 3) != 0
				 && memcmp(piece, "\xef\xbf\xbf", 3) != 0)
			|| (good == 1 && (c >= ' ' || c == '\n' || c == '\t')))
			text_put_n(text, piece, size);
	}
}

void text_url(struct text *text, const char *piece)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	for (; *piece; piece++) {
		if (strchr(plain, *piece))
			text_put_n(text, piece, 1);
		else
			text_format(text, "%%%02X", (unsigned char)*piece);
	}
}

void text_free(struct text *text)
{
	if (text->bytes)
		explicit_bzero(text->bytes, text->capacity);
	free(text->bytes);
	*text = (struct text) { 0 };
}
