/* Shared by the files of this room alone. */
#ifndef SERVER_PRIVATE_H
#define SERVER_PRIVATE_H

#include "server/server.h"

#include <ev.h>
#include <libwebsockets.h>

enum { SERVER_ONION_MAX = 160, ACCEPT_AT_ONCE = 64, ACCEPT_LISTENERS = 3 };

struct server_line { /* libwebsockets' memory for each websocket: keep it small */
	struct lws *wsi;
	const struct server_channel *channel;
	void *session;
	struct piece *first, *last; /* last: while there is a first */
	size_t queued;
	char *frame; /* what has come of a message in several pieces */
	size_t frame_length;
	uint64_t crowd, network;
	struct server_line *due_next, **due_at; /* in server->due; due_at NULL: it is not there */
	int code; /* not 0: close with it when all is written */
	bool cut;
};

struct piece { /* whole frames, ready to be written */
	struct piece *next;
	size_t length, room, counted; /* counted in queued */
	unsigned char bytes[]; /* LWS_PRE in front */
};

struct posting { /* what is posted, until it is whole */
	const struct server_route *route;
	char path[512], query[256], peer[64];
	uint64_t crowd, network;
	char headers[SERVER_HEADERS_MAX][SERVER_HEADER_MAX];
	size_t length, expected;
	const struct server_stream *stream; /* NULL: it is gathered in body */
	void *taking; /* by stream */
	char body[];
};

struct server_later {
	struct lws *wsi;
	struct exchange *exchange;
	void (*on_gone)(void *arg);
	void *arg;
};

struct exchange { /* one HTTP request */
	struct lws *wsi;
	bool head; /* asked for by HEAD */
	struct server_later *later; /* its answer is still to come */
	bool due; /* it has come: */
	struct server_answer answer;
	struct posting *posting;
	char *body; /* LWS_PRE in front */
	const char *still; /* or this, borrowed for ever */
	size_t length, sent;
};

enum { CROWD_MINUTES = 10, CROWD_NETWORK_MINUTES = 12 * 60 };

struct crowd { /* the key of the numbers */
	uint8_t key[16];
	int64_t made_mono;
	unsigned minutes; /* it is changed after so many; 0: CROWD_MINUTES */
};

struct server {
	struct crowd crowd, network;
	const struct config *config;
	struct server_hooks hooks;
	struct server_route routes[SERVER_ROUTES_MAX];
	size_t route_count;
	struct server_channel channels[SERVER_CHANNELS_MAX];
	size_t channel_count;
	struct lws_protocols protocols[SERVER_CHANNELS_MAX + 2];
	struct ev_loop *loop;
	struct lws_context *context;
	struct lws_vhost *vhosts[2], *onion, *outward; /* outward: of links, made with the first one */
	struct server_link *links;
	struct server_line *due; /* lines that have something to write: when nothing else is to be done, */
	ev_tstamp due_since; /* or GATHER_SECONDS after this */
	ev_prepare before;
	ev_idle idle;
	lws_sorted_usec_list_t tick;
	ev_async wake;
	struct lws *resting[ACCEPT_LISTENERS]; /* listeners that take nobody in for a moment */
	unsigned accepted; /* since the last rest */
	ev_timer rest;
	ev_timer second;
	ev_signal signals[3];
};

/* http.c */
int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t length);
/* accept.c: each connection that a listener took in. Else all that wait would be taken in at one go, and
 * who is there already would wait for that. */
void accept_one(struct server *server, struct lws *listener);
void accept_begin(struct server *server);
void accept_end(struct server *server);
/* line.c */
int line_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t length);
void line_write_due(struct server *server);
/* The channel of an upgrade, NULL when it is refused with that status. */
const struct server_channel *line_admit(struct server *server, struct lws *wsi, int *status_r);

/* post.c. headers: those that the route asked for; "" where one is missing. */
void post_headers(struct lws *wsi, const struct server_route *route,
	char headers_r[SERVER_HEADERS_MAX][SERVER_HEADER_MAX]);
/* begin: takes the request's head; gives 0, or the status to refuse it with, and why. */
int post_begin(struct lws *wsi, struct exchange *exchange, const struct server_route *route,
	const char *path, const char **why_r);
bool post_take(struct exchange *exchange, const char *bytes, size_t length); /* false: cut */
void post_finish(struct exchange *exchange, struct server_answer *answer_r);
void post_drop(struct exchange *exchange);

/* link.c: the server ends. */
void link_fail_all(struct server *server);

/* crowd.c: forwarded is changed. 0: this machine, or unknown. */
uint64_t crowd_number(struct crowd *crowd, const char *peer, char *forwarded);
void crowd_of(struct server *server, struct lws *wsi, uint64_t *crowd_r, uint64_t *network_r);

/* onion.c: for Tor Browser, where the same page is in Tor; false: nowhere, or it is there already. */
bool onion_location(const struct server *server, struct lws *wsi, const struct server_route *route,
	const char *query, char location_r[SERVER_ONION_MAX]);

struct server *server_of(struct lws *wsi);
enum server_listener server_listener_of(const struct server *server, struct lws *wsi);
/* Which policy the headers say, of every answer from now on: one thread, and each answer sets it. */
void server_say_policy(enum server_policy policy);

#endif
