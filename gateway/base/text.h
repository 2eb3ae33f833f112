/* A growing text, for the documents that are rendered. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

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
void text_free(struct text *text); /* wiped */

#endif
