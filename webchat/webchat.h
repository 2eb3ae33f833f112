/* The visitors' channel: one session for each websocket at /chat. */
#ifndef WEBCHAT_WEBCHAT_H
#define WEBCHAT_WEBCHAT_H

#include "desk/desk.h"
#include "server/server.h"

struct webchat;

struct webchat *webchat_create(struct desk *desk, const struct config *config);
void webchat_destroy(struct webchat **webchat); /* after the server: its lines are gone */
struct server_channel webchat_channel(struct webchat *webchat);
void webchat_configure(struct webchat *webchat, const struct config *config);
void webchat_second(struct webchat *webchat);
void webchat_bye(struct webchat *webchat); /* everybody is told of the restart */
size_t webchat_count(const struct webchat *webchat);

#endif
