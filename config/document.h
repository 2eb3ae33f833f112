/* A YAML file as a tree that knows its lines: for checks that a schema cannot say, and for the
 * catalogues, whose keys are free. */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

enum { DOCUMENT_FILE_MAX = 1024 * 1024, /* bytes */
	DOCUMENT_DEPTH = 16, DOCUMENT_NODES = 20000 }; /* of document_each */

struct document;

/* A whole file, NUL behind it; the caller frees. A text in errors when it cannot be read. */
must_check enum err document_read(
	const char *path, char **bytes_r, size_t *length_r, struct config_errors *errors);
/* A file that cannot be read or is no YAML gives a text in errors. */
must_check enum err document_open(
	const char *path, struct document **document_r, struct config_errors *errors);
/* The same from memory; name stands in the errors. */
must_check enum err document_parse(const char *name, const char *bytes, size_t length,
	struct document **document_r, struct config_errors *errors);
void document_close(struct document **document);

/* Dotted path; an element of a list by its number from 0: "centre.hours.0.from". Line from 1; 0 when
 * there is no such key. */
int document_line(const struct document *document, const char *path);
/* For errors: of what is there of the path, and 1 at least. */
int document_line_near(const struct document *document, const char *path);
const char *document_text(const struct document *document, const char *path); /* scalar or NULL */

/* The keys of the map, or "0", "1" … of the list, at a path ("": the whole), in order. false when
 * there is neither. */
bool document_keys(const struct document *document, const char *path,
	void (*on_key)(void *arg, const char *key, int line), void *arg);

/* Every scalar in order, with its dotted path. false: a list is in it, maps stand too deep in one another
 * (an alias may lead round), or there is too much. */
bool document_each(const struct document *document,
	void (*on_text)(void *arg, const char *path, const char *text, int line), void *arg);

#endif
