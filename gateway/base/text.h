/* A growing text, for the documents that are rendered. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *bytes; /* NUL-terminated when not NULL */
	size_t length, capacity;
};

void text_put(struct text *text, const char *piece);
void text_put_n(struct text *text, const char *piece, size_t length);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_xml(struct text *text, const char *piece); /* escaped; what XML cannot hold is left out */
void text_url(struct text *text, const char *piece); /* percent-encoded as in a form or query */
/* Bytes of the well-formed character of UTF-8 that begins there; 0: none does. */
size_t text_character(const char *bytes, size_t length);
bool text_is_utf8(const char *bytes, size_t length);
void text_free(struct text *text); /* wiped */

#endif
