/* The visitors' channel: one session for each websocket at /chat. */
#ifndef WEBCHAT_WEBCHAT_H
#define WEBCHAT_WEBCHAT_H

#include "config/languages.h"
#include "desk/desk.h"
#include "server/server.h"

struct webchat;

/* words: a folder of lists (words.h). wake: from another thread, when webchat_pump has something to
 * do. */
must_check enum err webchat_create(struct desk *desk, const struct config *config,
	const char *words, void (*wake)(void *arg), void *wake_arg, struct webchat **webchat_r,
	char *error, size_t error_size);
/* The page without script (plain.h). style: path of its style sheet. */
void webchat_plain(
	struct webchat *webchat, const struct languages *languages, const char *style, bool demo);
size_t webchat_routes(struct webchat *webchat, struct server_route *routes_r, size_t most);
void webchat_pump(struct webchat *webchat);
void webchat_destroy(struct webchat **webchat); /* after the server: its lines are gone */
struct server_channel webchat_channel(struct webchat *webchat);
void webchat_configure(struct webchat *webchat, const struct config *config,
	const struct languages *languages);
void webchat_second(struct webchat *webchat);
void webchat_bye(struct webchat *webchat); /* everybody is told of the restart */
size_t webchat_count(const struct webchat *webchat);

#endif
