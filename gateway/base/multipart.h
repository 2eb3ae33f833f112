/* multipart/form-data (RFC 7578) as it comes, in pieces of any size: the fields are gathered into a form
 * within FORM_MAX, what is a file goes on at once and is kept nowhere. Pure, but for what it calls. */
#ifndef BASE_MULTIPART_H
#define BASE_MULTIPART_H

#include "base/form.h"

#include <stdbool.h>

enum { MULTIPART_BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
	MULTIPART_HEAD_MAX = 1024, /* bytes of a part's headers */
	MULTIPART_FORM_MAX = 32 * 1024 /* of all fields, their names included */ };

struct multipart_file { /* what is done with one */
	/* A file begins; the fields before it are in form. false: it is not wanted, and passes by. */
	bool (*on_file)(void *arg, const char *name, const struct form *form);
	void (*on_bytes)(void *arg, const char *bytes, size_t length);
	void *arg;
};

struct multipart;

/* content_type: of the request's header. NULL: it is no multipart/form-data with a boundary. */
struct multipart *multipart_create(const char *content_type, const struct multipart_file *file);
/* ERR_INVALID: not of the form; ERR_TOO_LONG: a limit. Then and after the end nothing more is taken. */
must_check enum err multipart_take(struct multipart *multipart, const char *bytes, size_t length);
/* All of it came, up to the last boundary: the fields, borrowed. NULL: not so. */
const struct form *multipart_form(const struct multipart *multipart);
void multipart_destroy(struct multipart **multipart); /* wiped */

#endif
