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

void text_xml(struct text *text, const char *piece)
{
	for (; *piece; piece++) {
		unsigned char c = (unsigned char)*piece;
		const char *escaped = c == '&' ? "&amp;"
			: c == '<'             ? "&lt;"
			: c == '>'             ? "&gt;"
			: c == '"'             ? "&quot;"
			: c == '\''            ? "&#39;"
					       : NULL;
		if (escaped)
			text_put(text, escaped);
		else if (c >= ' ' || c == '\n' || c == '\t')
			text_put_n(text, piece, 1);
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
