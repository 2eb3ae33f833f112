/* What a platform says of a call by webhook, where every platform says the same: each adapter reads its
 * own form, and tells the script from here on. */
#ifndef IVR_ADAPTERS_WEB_CALL_H
#define IVR_ADAPTERS_WEB_CALL_H

#include "ivr/adapters/web.h"

/* What no document answers. */
void web_call_tell(const struct web *web, enum ivr_event_kind kind, const char *call,
	enum ivr_cause cause);
/* The event of a path below /ivr/NAME, with its token where there is one; call is borrowed, keys are
 * copied. What else the platform said (cause, recording) is the adapter's to add. */
void web_call_event(const struct web *web, const struct web_path *path, const char *call,
	uint64_t caller, const char *keys, struct ivr_event *event_r);
/* What the counsellor's leg does next, told to the caller's call when it joins. over: it has ended.
 * accept_r: what it is asked with. */
enum ivr_leg web_call_leg(const struct web *web, const struct web_path *path, const char *caller,
	const char *keys, bool over, struct ivr_prompt *accept_r);
/* An outbox_done of a request to dial, answered by {"sid": …}; arg: struct web, tag: the name that the
 * call had until then. */
void web_call_dialled(void *arg, const char *name, enum err err, long status, const char *body,
	size_t length);

/* The words of Twilio, those compatible with it, and jambonz. */
bool web_call_over(const char *status); /* a final status of a call */
enum ivr_cause web_call_cause(const char *status); /* of a dial; NONE of "" */

#endif
