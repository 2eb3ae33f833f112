/* JSON: writing into a growing buffer, and strict reading of single fields by jansson.
 * The writer exists because every message of every chat goes through it; it only ever appends. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out {
	char *bytes; /* not NUL-terminated; json_out_finish frees */
	size_t length, capacity;
	size_t reserve; /* bytes kept free in front, for a websocket header */
	bool comma;
};

void json_out_init(struct json_out *out, size_t reserve);
void json_out_reset(struct json_out *out); /* empty again, memory kept */
void json_out_finish(struct json_out *out);

/* key is NULL inside an array. Text that is not UTF-8 is a bug of the caller. */
void json_put_object(struct json_out *out, const char *key);
void json_put_object_end(struct json_out *out);
void json_put_list(struct json_out *out, const char *key);
void json_put_list_end(struct json_out *out);
void json_put_text(struct json_out *out, const char *key, const char *text); /* NULL: null */
void json_put_text_n(struct json_out *out, const char *key, const char *text, size_t length);
void json_put_number(struct json_out *out, const char *key, int64_t number);
void json_put_flag(struct json_out *out, const char *key, bool flag);
void json_put_raw(struct json_out *out, const char *key, const char *json, size_t length);

/* An object of texts alone, without a space and an escape, is read where it stands: the frame of every
 * message is one. Gives how many there are, and what jansson would give; 0: it is something else, perhaps
 * no JSON at all, which jansson says. */
enum { JSON_PLAIN_MAX = 6 };
struct json_plain {
	const char *key, *text; /* not NUL-terminated */
	size_t key_length, length;
};
size_t json_plain(const char *bytes, size_t length, struct json_plain fields_r[JSON_PLAIN_MAX]);
const struct json_plain *json_plain_find(
	const struct json_plain *fields, size_t count, const char *key); /* NULL: missing */

/* JSON whose texts may hold U+0000, which no text of C can: true, and it has an id that does not, which fits.
 * For what was refused: so that whoever asked learns which it was. */
bool json_refused_id(const char *bytes, size_t length, char *id_r, size_t size);

/* Reading: NULL / fallback where the key is missing or of another type. */
const char *json_get_text(const json_t *object, const char *key);
int64_t json_get_number(const json_t *object, const char *key, int64_t fallback);
bool json_get_flag(const json_t *object, const char *key);

#endif
