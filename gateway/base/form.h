/* application/x-www-form-urlencoded, strictly: bytes in, fields out. Pure. */
#ifndef BASE_FORM_H
#define BASE_FORM_H

#include "base/err.h"

#include <stddef.h>

enum { FORM_FIELDS_MAX = 200 };

struct form_field {
	const char *name, *value; /* decoded, NUL-terminated; a NUL inside is an error */
};

struct form {
	struct form_field fields[FORM_FIELDS_MAX];
	size_t count;
	char *bytes;
	size_t size;
};

/* ERR_INVALID: a broken %-escape, a NUL; ERR_TOO_LONG: too many fields. Then there is nothing to
 * finish. */
must_check enum err form_parse(const char *bytes, size_t length, struct form *form_r);
void form_finish(struct form *form); /* wiped */
const char *form_get(const struct form *form, const char *name); /* the first; "" when missing */

#endif
