/* What a running daemon tells of itself, without anything of a person: /healthz for whoever asks,
 * /metrics (Prometheus, text format 0.0.4) and /status (JSON, for `onthaal status`) on the listener
 * for metrics. */
#ifndef FIGURES_FIGURES_H
#define FIGURES_FIGURES_H

#include "desk/desk.h"
#include "ivr/ivr.h"
#include "outbox/outbox.h"
#include "server/server.h"

struct figures_source {
	const struct desk *desk;
	const struct ivr *ivr; /* NULL: no telephone */
	const struct outbox *outbox; /* NULL: nothing goes out */
	/* Further metrics, ready to show; NULL: none. Gives their length, as snprintf. */
	size_t (*more)(void *more_arg, char *text, size_t size);
	void *more_arg;
	size_t (*visitors)(void *arg), (*consoles)(void *arg); /* open websockets */
	void *arg;
	const char *rules; /* the set's hash; set anew on a reload */
};

/* source is borrowed. Gives how many. */
size_t figures_routes(struct figures_source *source, struct server_route *routes_r, size_t most);

#endif
