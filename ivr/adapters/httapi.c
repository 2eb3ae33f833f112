#include "ivr/adapters/httapi_upload.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const headers[] = { "authorization", "content-type", NULL };

bool httapi_believed(const struct config_line *line, const char *header)
{
	char expected[1024], plain[700];
	bool good = false, basic = !strncasecmp(header, "basic ", 6);

	for (uint32_t i = 0; i < line->secrets_count; i++) {
		int length = snprintf(plain, sizeof plain, "%s:%s",
			line->user ? line->user : line->name, line->secrets[i]);
		if (length < 0 || (size_t)length >= sizeof plain)
			continue;
		sodium_bin2base64(expected, sizeof expected, (const unsigned char *)plain,
			(size_t)length, sodium_base64_VARIANT_ORIGINAL);
		good = (basic && web_same(header + 6, expected)) || good;
	}
	sodium_memzero(plain, sizeof plain);
	sodium_memzero(expected, sizeof expected);
	return good;
}

enum ivr_cause httapi_cause(const char *disposition)
{
	static const struct {
		const char *disposition;
		enum ivr_cause cause;
	} known[] = { { "SUCCESS", IVR_CAUSE_DONE }, { "USER_BUSY", IVR_CAUSE_BUSY },
		{ "CALL_REJECTED", IVR_CAUSE_BUSY }, { "NO_ANSWER", IVR_CAUSE_NO_ANSWER },
		{ "NO_USER_RESPONSE", IVR_CAUSE_NO_ANSWER },
		{ "ALLOTTED_TIMEOUT", IVR_CAUSE_NO_ANSWER },
		{ "PROGRESS_TIMEOUT", IVR_CAUSE_NO_ANSWER },
		{ "ORIGINATOR_CANCEL", IVR_CAUSE_CALLER },
		{ "NORMAL_CLEARING", IVR_CAUSE_DECLINED } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(disposition, known[i].disposition))
			return known[i].cause;
	return *disposition ? IVR_CAUSE_FAILED : IVR_CAUSE_NONE;
}

static bool take(char *to, size_t size, const char *from, const char *only)
{
	size_t length = strlen(from);

	if (length >= size || strspn(from, only) != length)
		return false;
	memcpy(to, from, length + 1);
	return true;
}

enum err httapi_parse(const struct form *form, const struct ivr_caller_key *key,
	struct httapi_event *event_r)
{
	static const char id[]
		= "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *from = form_get(form, "Caller-Caller-ID-Number");

	*event_r = (struct httapi_event) { .caller = ivr_caller(key, from, strlen(from)),
		.over = !strcmp(form_get(form, "exiting"), "true"),
		.dialled = httapi_cause(form_get(form, "originate_disposition")) };
	if (!take(event_r->call, sizeof event_r->call, form_get(form, "session_id"), id)
		|| !*event_r->call
		|| !take(event_r->keys, sizeof event_r->keys, form_get(form, "keys"),
			"0123456789*#")) {
		*event_r = (struct httapi_event) { 0 };
		return ERR_INVALID;
	}
	return OK;
}

static void answer(struct server_answer *answer_r, const char *bytes, size_t length)
{
	static const char nothing[]
		= "<document type=\"xml/freeswitch-httapi\"><work><hangup/></work></document>\n";

	web_answer(answer_r, "text/xml; charset=utf-8", length ? bytes : nothing,
		length ? length : sizeof nothing - 1);
}

/* What the leg says when it ends is of no consequence: the caller's own channel tells. */
static void leg(const struct web *web, const struct web_path *path, const char *query,
	const struct httapi_event *said, struct server_answer *answer_r)
{
	const char *caller = !strncmp(query, "c=", 2) ? query + 2 : "";
	struct ivr_prompt accept;
	enum ivr_leg what = web_call_leg(web, path, caller, said->keys, said->over, &accept);
	struct text text = { 0 };

	httapi_render_leg(web, caller, path->token, what, path->tries, &accept, &text);
	answer(answer_r, text.bytes, text.length);
	text_free(&text);
}

static enum err ask(struct web_box *box, struct ivr_event *event, struct httapi_message *message,
	const struct ivr_bytes **bytes_r)
{
	uint8_t *bytes = message->bytes;

	if (event->kind != IVR_EVENT_RECORDED || !bytes)
		return web_box_ask(box, event, bytes_r);
	message->bytes = NULL;
	event->seconds = message->seconds;
	return web_box_put(box, event, bytes, message->size, bytes_r);
}

static void turn(struct web_box *box, const struct web_path *path, const struct httapi_event *said,
	struct httapi_message *message, struct server_answer *answer_r)
{
	const struct ivr_bytes *bytes;
	struct ivr_event event;

	web_call_event(&box->web, path, said->call, said->caller, said->keys, &event);
	event.cause = said->dialled;
	if (path->verb == WEB_DROPPED && said->dialled == IVR_CAUSE_NONE)
		event.cause = IVR_CAUSE_FAILED; /* not allowed to tell, or not even dialled */
	if (path->verb == WEB_RECORDED && !message->bytes) { /* nobody spoke */
		event.kind = IVR_EVENT_KEYS;
		*event.keys = '\0';
	}
	if (said->over) { /* what was said until then is a message all the same */
		if (message->bytes)
			(void)!ask(box, &event, message, &bytes);
		web_box_gone(box, said->call, IVR_CAUSE_NONE);
		answer(answer_r, "", 0);
	} else if (path->verb == WEB_RECORDED && !event.turn) {
		web_bad(answer_r);
	} else if (ask(box, &event, message, &bytes)) {
		web_bad(answer_r);
	} else {
		answer(answer_r, bytes->bytes, bytes->length);
	}
}

void httapi_answer(struct web_box *box, const struct web_path *path, const char *query,
	const struct form *form, struct httapi_message *message, struct server_answer *answer_r)
{
	struct httapi_event said;

	if (httapi_parse(form, ivr_caller_key(box->web.ivr), &said))
		web_bad(answer_r);
	else if (path->verb == WEB_LEG)
		leg(&box->web, path, query, &said, answer_r);
	else if (path->verb == WEB_STATUS || path->verb == WEB_JOINED || path->verb == WEB_NONE)
		web_bad(answer_r);
	else
		turn(box, path, &said, message, answer_r);
	if (message->bytes)
		sodium_memzero(message->bytes, message->size);
	free(message->bytes);
	message->bytes = NULL;
}

static void on_post(void *arg, const struct server_request *request, struct server_answer *answer_r)
{
	struct web_box *box = arg;
	const struct web *web = &box->web;
	struct web_path path = web_path_parse(
		request->path + strlen("/ivr/") + strlen(web->line->name));
	struct httapi_message none = { 0 };
	struct form form;

	if (!httapi_believed(web->line, server_header(request, "authorization"))) {
		web_refuse(web, answer_r);
	} else if (form_parse(request->body, request->length, &form)) {
		web_bad(answer_r);
	} else {
		httapi_answer(box, &path, request->query, &form, &none, answer_r);
		form_finish(&form);
	}
}

static void render(void *arg, const struct ivr_call *call, const struct ivr_turn *turn_to,
	struct ivr_bytes *bytes_r)
{
	const struct web *web = arg;
	char token[IVR_TOKEN_MAX] = "";
	struct text text = { 0 };

	if (call)
		ivr_token(web->ivr, call, token);
	web_box_rendered(arg, call, turn_to);
	httapi_render(web, call ? ivr_call_id(call) : "", token, turn_to, &text);
	*bytes_r = (struct ivr_bytes) { text.bytes, text.length };
}

static struct web *create(const struct web *web)
{
	struct web_box *box = mem_alloc(sizeof *box);
	box->web = *web;
	return &box->web;
}

static struct web_box *of(const struct web *web)
{
	return (struct web_box *)(void *)web;
}

static void destroy(struct web *web)
{
	web_box_finish(of(web));
	free(of(web));
}

static void second(struct web *web)
{
	web_box_second(of(web));
}

static size_t count_messages(const struct web *web)
{
	return of(web)->messages.kept;
}

const struct web_kind httapi_kind = { .name = "httapi",
	.create = create,
	.destroy = destroy,
	.post = on_post,
	.headers = headers,
	.stream = &httapi_upload,
	.second = second,
	.messages = count_messages,
	.mute = true,
	.adapt = httapi_adapt,
	.adapter = { .poll = HTTAPI_POLL_SECONDS,
		.record_room = web_box_room,
		.render = render,
		.fetch = web_box_fetch,
		.forget = web_box_forget,
		.in_memory = true } };
