#include "ivr/adapters/web_call.h"
#include "base/json.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

void web_call_tell(const struct web *web, enum ivr_event_kind kind, const char *call,
	enum ivr_cause cause)
{
	const struct ivr_event event = { .kind = kind, .call = call, .cause = cause };
	const struct ivr_bytes *bytes;
	(void)!ivr_ask(web->ivr, web->line->name, &event, &bytes);
}

void web_call_event(const struct web *web, const struct web_path *path, const char *call,
	uint64_t caller, const char *keys, struct ivr_event *event_r)
{
	static const enum ivr_event_kind kinds[WEB_NONE] = { [WEB_START] = IVR_EVENT_INCOMING,
		[WEB_DIALLED] = IVR_EVENT_INCOMING,
		[WEB_TURN] = IVR_EVENT_KEYS,
		[WEB_INTERRUPTED] = IVR_EVENT_POLL,
		[WEB_DROPPED] = IVR_EVENT_DROPPED,
		[WEB_RECORDED] = IVR_EVENT_RECORDED };

	*event_r = (struct ivr_event) { .kind = kinds[path->verb],
		.latest = path->verb == WEB_INTERRUPTED,
		.call = call,
		.caller = caller };
	snprintf(event_r->keys, sizeof event_r->keys, "%s", keys);
	if (path->verb == WEB_START || path->verb == WEB_DIALLED)
		return;
	event_r->token = path->token;
	event_r->turn = ivr_token_turn(web->ivr, web->line->name, call, path->token);
}

enum ivr_leg web_call_leg(const struct web *web, const struct web_path *path, const char *caller,
	const char *keys, bool over, struct ivr_prompt *accept_r)
{
	const char *name = web->line->name;
	uint32_t turn = over ? 0 : ivr_token_turn(web->ivr, name, caller, path->token);
	enum ivr_leg leg = turn
		? ivr_leg(web->ivr, name, caller, turn, path->tries ? keys : NULL, path->tries)
		: IVR_LEG_DROP;

	*accept_r = (struct ivr_prompt) { .id = "accept" };
	snprintf(accept_r->lang, sizeof accept_r->lang, "%s", script_language(web->script, 0));
	if (leg == IVR_LEG_JOIN)
		web_call_tell(web, IVR_EVENT_ACCEPTED, caller, IVR_CAUSE_NONE);
	return leg;
}

void web_call_dialled(void *arg, const char *name, enum err err, long status, const char *body,
	size_t length)
{
	const struct web *web = arg;
	json_t *read = err ? NULL : json_loadb(body, length, 0, NULL);
	const char *sid = json_get_text(read, "sid");

	if (sid)
		ivr_rename(web->ivr, web->line->name, name, sid);
	if (err) {
		log_warn("platform did not dial", "adapter=%s status=%ld", web->line->name, status);
		web_call_tell(web, IVR_EVENT_GONE, name, IVR_CAUSE_FAILED);
	}
	json_decref(read);
}

bool web_call_over(const char *status)
{
	static const char *const over[]
		= { "completed", "busy", "failed", "no-answer", "canceled" };
	for (size_t i = 0; i < sizeof over / sizeof *over; i++)
		if (!strcmp(status, over[i]))
			return true;
	return false;
}

enum ivr_cause web_call_cause(const char *status)
{
	static const struct {
		const char *status;
		enum ivr_cause cause;
	} known[] = { { "completed", IVR_CAUSE_DONE }, { "answered", IVR_CAUSE_DONE },
		{ "busy", IVR_CAUSE_BUSY }, { "no-answer", IVR_CAUSE_NO_ANSWER },
		{ "canceled", IVR_CAUSE_CALLER } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(status, known[i].status))
			return known[i].cause;
	return *status ? IVR_CAUSE_FAILED : IVR_CAUSE_NONE;
}
