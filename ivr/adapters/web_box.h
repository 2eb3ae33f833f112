/* Messages of a platform that hands them over as they were spoken and keeps none: here they are in memory, as
 * by SIP (messages.h), until the core has them sealed. A kind that does so gives a struct whose first member
 * is this one. What is lost with us: a message that was not stored when we were killed; the contact says so. */
#ifndef IVR_ADAPTERS_WEB_BOX_H
#define IVR_ADAPTERS_WEB_BOX_H

#include "ivr/adapters/web_call.h"
#include "ivr/messages.h"

struct web_box {
	struct web web; /* web.messages: how many at once */
	struct messages messages;
};

/* Operations of struct ivr_adapter; arg: the box. */
bool web_box_room(void *arg);
enum err web_box_fetch(void *arg, const char *call, const char *recording);
void web_box_forget(void *arg, const char *recording);

void web_box_rendered(struct web_box *box, const struct ivr_call *call, const struct ivr_turn *turn);
/* As ivr_ask. A recording is one of the box: what the core does not take is forgotten, and said. */
must_check enum err web_box_ask(struct web_box *box, const struct ivr_event *event,
	const struct ivr_bytes **answer_r);
void web_box_gone(struct web_box *box, const char *call, enum ivr_cause cause);
/* A whole message of that turn; bytes are taken over. Then answered as the turn is. */
must_check enum err web_box_put(struct web_box *box, struct ivr_event *event, uint8_t *bytes, size_t size,
	const struct ivr_bytes **answer_r);

void web_box_second(struct web_box *box); /* gives what the core has asked for */
void web_box_finish(struct web_box *box);

#endif
