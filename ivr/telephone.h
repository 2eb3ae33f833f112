/* The telephone of one daemon: script, prompts, calls, and an adapter for each configured line. */
#ifndef IVR_TELEPHONE_H
#define IVR_TELEPHONE_H

#include "ivr/ivr.h"
#include "ivr/maker.h"
#include "ivr/prompts.h"
#include "outbox/outbox.h"
#include "server/server.h"

struct telephone;

/* config is borrowed until telephone_configure; maker (NULL: none) until telephone_destroy. */
must_check enum err telephone_create(struct desk *desk, struct outbox *outbox,
	const struct config *config, struct maker *maker, struct telephone **telephone_r,
	struct config_errors *errors);
/* What was promised to be called back, before we were started anew; once every adapter is there. */
must_check enum err telephone_restore(struct telephone *telephone, struct config_errors *errors);
void telephone_destroy(struct telephone **telephone); /* after the server, before desk and outbox */
/* The script read again, and what the lines are configured by; an added or removed line needs a
 * restart. On error nothing has changed. */
must_check enum err telephone_configure(
	struct telephone *telephone, const struct config *config, struct config_errors *errors);
size_t telephone_routes(struct telephone *telephone, struct server_route *routes_r, size_t most);
/* Websockets of platforms, with what callers say. */
size_t telephone_channels(
	struct telephone *telephone, struct server_channel *channels_r, size_t most);
/* Messages that lines hold in memory, not stored yet: while there are any, it is too early to end. */
size_t telephone_messages(const struct telephone *telephone);
void telephone_drain(struct telephone *telephone); /* we stop: what is being said ends here */
void telephone_serve(struct telephone *telephone, struct server *server); /* once it listens */
void telephone_second(struct telephone *telephone);

/* Of a configuration, whether it runs or not. */
struct ivr_settings telephone_settings(const struct config *config); /* borrowed from it */
bool telephone_dials(const struct config *config); /* some line can ring a number to call back */
bool telephone_mute(const struct config *config); /* some line has no voice of a platform */

struct ivr *telephone_ivr(struct telephone *telephone);
struct prompts *telephone_prompts(struct telephone *telephone);
/* Counts up whenever a prompt may have another sound, or another file. */
uint32_t telephone_sounds(const struct telephone *telephone);

#endif
