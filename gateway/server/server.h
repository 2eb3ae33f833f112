/* The only room that sees libwebsockets: listeners, TLS, headers, pages, and lines (websockets) for
 * the channels. One loop (libev), one thread; server_wake alone may be called from any other.
 *
 * Every answer, errors included, carries the strict headers. Peers' addresses are never logged. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

enum { SERVER_FRAME_MAX = 16 * 1024, /* bytes of one message from a page */
	SERVER_QUEUE_MAX = 512 * 1024, /* bytes that wait for one slow reader; then it is cut */
	SERVER_HEADER_SECONDS = 10, /* for a request's headers */
	SERVER_IDLE_SECONDS = 15, /* a kept-alive connection without a request */
	SERVER_BODY_MAX = 64 * 1024, /* bytes of what is posted; one more is 413 */
	SERVER_HEADERS_MAX = 6, /* that a route asks for */
	SERVER_HEADER_MAX = 512, /* bytes of one; a longer one counts as missing */
	SERVER_LATER_SECONDS = 60, /* an answer may take; then the connection is closed */
	SERVER_ROUTES_MAX = 48,
	SERVER_CHANNELS_MAX = 4,
	SERVER_LINK_FRAME_MAX = 256 * 1024, /* bytes of one message to a link; a longer one cuts it */
	SERVER_LINK_BEAT_SECONDS = 20 }; /* silence until a link is asked whether it is there; cut after twice that */

/* Whether a certificate (with its chain) and its key can be read and belong together; NULL: none.
 * `name` is the section of the configuration. ERR_INVALID with one error for each file. */
must_check enum err server_certificate(
	const char *name, const char *certificate, const char *key, struct config_errors *errors);

enum server_listener { SERVER_PUBLIC, SERVER_METRICS };
enum server_cache { SERVER_NO_STORE, SERVER_FOREVER /* its path changes with its content */ };

struct server_request {
	const char *path; /* without the query */
	const char *query; /* the whole of it as it came, "" when there is none */
	const char *accept_language; /* "" when missing */
	bool gzip; /* the browser takes it */
	/* of what is posted; wiped when the handler has returned */
	const char *body; /* followed by NUL */
	size_t length;
	const char *peer; /* the address that connected, for an address list; never to be kept */
	const char *const *header_names, *const *header_values;
	uint64_t crowd, network; /* as server_line_crowd, server_line_network */
	struct exchange *exchange; /* for server_later */
};

/* What a page may do. CONSOLE: as a page, and play a sound that it holds itself. NO_SCRIPT: no script
 * at all, a frame of our own. FRAMED: the same, and it may stand in a frame of ours. */
enum server_policy { SERVER_PAGE, SERVER_CONSOLE, SERVER_NO_SCRIPT, SERVER_FRAMED, SERVER_POLICIES };

struct server_answer {
	int status; /* 200 unless set */
	const char *type; /* "text/html; charset=utf-8" */
	enum server_cache cache;
	const char *encoding; /* "gzip", or NULL */
	const char *location; /* of a redirect, or NULL */
	enum server_policy policy;
	bool clear; /* the browser forgets what it has kept of us */
	bool shared; /* a script of any site may read it, and the browser keeps it for a minute */
	char *body; /* malloc'd, taken over; NULL: length is 0 */
	const char *still; /* in its place: bytes that stay as long as we run, and are not copied */
	size_t length;
};

/* A body of multipart/form-data that is taken as it comes, bounded by `most` instead of SERVER_BODY_MAX. */
struct server_stream {
	size_t most;
	/* The head is there, no body yet; request is borrowed for the call alone. What it gives is passed to the
	 * others. NULL: refused (403), and the body is not read. */
	void *(*begin)(void *arg, const struct server_request *request);
	bool (*take)(void *taking, const char *bytes, size_t length); /* false: cut. Wiped afterwards */
	/* One of these is the last call: it was whole, or it will never be. */
	void (*end)(void *taking, struct server_answer *answer_r);
	void (*drop)(void *taking);
};

struct server_route {
	enum server_listener listener;
	const char *path; /* a last "*" stands for any end */
	void (*get)(void *arg, const struct server_request *request,
		struct server_answer *answer_r); /* NULL: 405 */
	void *arg;
	/* NULL: 405. A body needs Content-Length (411). */
	void (*post)(void *arg, const struct server_request *request,
		struct server_answer *answer_r);
	const char *const *headers; /* small letters, "x-signature", NULL-terminated; or NULL */
	const struct server_stream *stream; /* NULL: such a body is one like any other */
};

/* In a handler: the answer is not the handler's, but comes by server_answer, once, within
 * SERVER_LATER_SECONDS. on_gone: the browser left before that, and the handle with it. */
struct server_later;
struct server_later *server_later(
	const struct server_request *request, void (*on_gone)(void *arg), void *arg);
void server_answer(struct server_later *later, struct server_answer *answer);

/* A header that the route asked for; "" when it is missing. */
const char *server_header(const struct server_request *request, const char *name);

struct server_line; /* one websocket */

struct server_channel {
	const char *path, *subprotocol; /* a last "*" of path stands for any end; the subprotocol is its own */
	void *arg;
	/* Of a channel for machines, that prove themselves by the header "authorization" instead of an Origin:
	 * false refuses (403). NULL: for pages. */
	bool (*admit)(void *arg, const char *path, const char *authorization);
	/* NULL: refused (1013, try again later). What it gives is the session of the calls below. */
	void *(*on_open)(void *arg, struct server_line *line);
	void *(*on_path)(void *arg, struct server_line *line, const char *path); /* instead, with `admit` */
	void (*on_frame)(void *session, const char *bytes, size_t length);
	/* What has come of a message that is not text, in whatever pieces; wiped. NULL: closed with 1003. */
	void (*on_bytes)(void *session, const char *bytes, size_t length);
	void (*on_close)(void *session); /* last call; the line is gone */
};

struct server_hooks {
	void (*on_wake)(void *arg); /* in the loop, after one or more server_wake */
	void (*on_second)(void *arg);
	void (*on_signal)(void *arg, int number); /* SIGTERM, SIGINT, SIGHUP */
	void *arg;
	unsigned header_seconds, idle_seconds; /* 0: SERVER_HEADER_SECONDS, SERVER_IDLE_SECONDS */
};

struct server;

/* Routes and channels are copied, their strings borrowed. error says what to do. */
must_check enum err server_create(const struct config *config, const struct server_hooks *hooks,
	const struct server_route *routes, size_t route_count,
	const struct server_channel *channels, size_t channel_count, struct server **server_r,
	char *error, size_t error_size);
void server_destroy(struct server **server);
/* A new configuration; certificate and key are read again. Addresses and ports stay. */
must_check enum err server_configure(struct server *server, const struct config *config);
int server_port(const struct server *server, enum server_listener listener); /* as bound */

void server_run(struct server *server); /* until server_stop */
void server_stop(struct server *server);
void server_wake(struct server *server);

/* A number that lines from one network (IPv4 /24, IPv6 /48; all that Tor brings) share for some minutes;
 * 0: this machine, or unknown. X-Forwarded-For is believed of a proxy on this machine alone, and used for this alone. */
uint64_t server_line_crowd(const struct server_line *line);
#define SERVER_FROM_TOR UINT64_MAX /* both numbers of whoever comes by server.onion_port */
/* The same, for what lasts as long as a line is open: its key changes every twelve hours. */
uint64_t server_line_network(const struct server_line *line);
/* Copied. Over SERVER_QUEUE_MAX the line is cut (and on_close follows later). */
void server_send(struct server_line *line, const char *bytes, size_t length);
/* A piece of what a line has asked for as a whole, at most once: does not count as waiting. */
void server_send_replay(struct server_line *line, const char *bytes, size_t length);
/* Room for one frame of so many bytes in what is sent, as by the two above; to be filled right away.
 * NULL: the line is cut or closes. */
char *server_frame(struct server_line *line, size_t length, bool replay);
void server_close(struct server_line *line, int code); /* after what was sent */
void server_cut(struct server_line *line); /* at once, but on_close follows from the loop */
/* Asks the other side whether it is there (RFC 6455, 5.5.2): a proxy would cut a line that only ever brings. */
void server_ping(struct server_line *line);

/* A link: a websocket that we open, to a machine that our configuration names ("ws://host:port/path",
 * "wss://…", certificate verified), signed in by HTTP Basic. Names are looked up beside the loop.
 * Calls come in the loop and never out of server_link_open. on_down comes once, when it failed or
 * was cut, and not when the server ends; the link is closed by its owner all the same, in on_down or
 * later. */
struct server_link;
struct server_link_to { /* strings are copied, but the subprotocol */
	const char *url, *subprotocol, *user, *password; /* user NULL: not signed in */
	void (*on_up)(void *arg);
	void (*on_text)(void *arg, const char *bytes, size_t length); /* wiped afterwards */
	void (*on_down)(void *arg);
	void *arg;
};
/* ERR_INVALID: not such a URL, or too long. */
must_check enum err server_link_open(
	struct server *server, const struct server_link_to *to, struct server_link **link_r);
void server_link_close(struct server_link **link); /* no call comes of it any more */

#endif
