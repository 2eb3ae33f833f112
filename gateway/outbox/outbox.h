/* What goes out by itself: HTTP and mail, by libcurl on a thread of its own; the only room that sees
 * curl. Called on the loop thread; results come on it too, out of outbox_pump().
 *
 * A job with an id is kept: written, sealed, to the data folder before it is tried, tried again with
 * growing pauses (5 s, doubled up to 1 h, with jitter) until it succeeds, and again after a restart.
 * The same id while the job is there is the same job: nothing is sent twice by being asked twice. The
 * id goes along as Idempotency-Key. When its attempts are used up, or the other side refuses for good
 * (4xx but 408, 425, 429), it is a dead letter: counted, listed (onthaal outbox list), tried again on
 * request. A job without an id lives in memory, and is given up at its deadline.
 *
 * TLS is always verified; redirects are not followed; an address of this machine or the local network
 * is refused unless outbox.allow_private: after resolving, for what is really connected to. */
#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTBOX_URL_MAX = 1024,
	OUTBOX_BODY_MAX = 16 * 1024, /* sent */
	OUTBOX_ANSWER_MAX = 64 * 1024, /* read; the rest is dropped */
	OUTBOX_FILE_MAX = 4 * 1024 * 1024,
	OUTBOX_HEADERS_MAX = 6,
	OUTBOX_ID_MAX = 64,
	OUTBOX_TAG_MAX = 200,
	OUTBOX_QUEUE_MAX = 1000, /* jobs at once; one more is ERR_BUSY */
	OUTBOX_AT_ONCE = 16 }; /* connections */

struct outbox_job { /* strings are copied */
	const char *id; /* [A-Za-z0-9._-]; NULL: not kept */
	const char *method, *url; /* smtp(s)://…: mail, from and to are needed, method is not */
	const char *type, *body;
	size_t length;
	const char *user, *password;
	const char *headers[OUTBOX_HEADERS_MAX]; /* "Name: value"; NULL ends */
	const char *from, *to;
	const char *webhook_secret; /* "whsec_…": signed at each try by Standard Webhooks */
	const char *tag; /* given back to done */
	/* A file: more than so many bytes are ERR_TOO_LONG; at most OUTBOX_FILE_MAX, without id. 0: none,
	 * the answer is cut at OUTBOX_ANSWER_MAX. */
	size_t file;
	uint32_t seconds; /* without id: given up after so long; 0: outbox.timeout_seconds */
};

/* err OK: status is 2xx. ERR_DENIED: a 4xx, or a private address. ERR_IO: it could not be reached, or
 * 5xx. ERR_TOO_LONG: of a file. DELETE of what is no longer there (404, 410) is OK. Of a kept job only
 * the last word is told, and nothing after a restart. */
typedef void outbox_done(void *arg, const char *tag, enum err err, long status, const char *body,
	size_t length);

struct outbox_figures {
	uint64_t sent, failed, dead, refused_private;
	uint32_t waiting;
};

struct outbox_dead {
	char id[OUTBOX_ID_MAX + 1], what[64]; /* host of the URL: never a path or a body */
	int64_t since; /* clock_wall */
	uint32_t attempts;
	char error[100];
};

struct outbox;

must_check enum err outbox_create(const struct config *config, void (*wake)(void *arg),
	void *wake_arg, struct outbox **outbox_r, char *error, size_t error_size);
void outbox_destroy(struct outbox **outbox); /* kept jobs stay for the next start */
void outbox_configure(struct outbox *outbox, const struct config *config);
/* done may be NULL. ERR_INVALID: a form; ERR_TOO_LONG: a limit; ERR_BUSY: too many. */
must_check enum err outbox_send(
	struct outbox *outbox, const struct outbox_job *job, outbox_done *done, void *arg);
/* What is only kept, under a name, until it is dropped (LETTER_CALLBACK): loaded by letters_each. */
void outbox_keep(struct outbox *outbox, const char *name, const char *bytes, size_t length);
void outbox_drop(struct outbox *outbox, const char *name);
void outbox_pump(struct outbox *outbox);
void outbox_figures(const struct outbox *outbox, struct outbox_figures *figures_r);

#endif
