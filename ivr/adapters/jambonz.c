#include "ivr/adapters/jambonz_listen.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_SECONDS = 20, REST_SECONDS = 15 };

static const char *const headers[] = { "content-type", "jambonz-signature", NULL };

static bool believed(const struct web *web, const struct server_request *request)
{
	const char *signature = server_header(request, "jambonz-signature");
	bool good = false;

	for (uint32_t i = 0; i < web->line->secrets_count; i++)
		good = jambonz_signed(web->line->secrets[i], request->body, request->length,
			       signature, clock_wall() / 1000)
			|| good;
	return good;
}

void jambonz_answer(enum err err, const struct ivr_bytes *bytes, struct server_answer *answer_r)
{
	if (err)
		web_bad(answer_r);
	else
		web_answer(answer_r, "application/json", bytes->length ? bytes->bytes : "[]",
			bytes->length ? bytes->length : 2);
}

/* The counsellor's leg has a name of its own; the caller's stands in the address we gave. */
static void leg(const struct web *web, const struct web_path *path,
	const struct server_request *request, const struct jambonz_event *said,
	struct server_answer *answer_r)
{
	const char *caller = !strncmp(request->query, "c=", 2) ? request->query + 2 : "";
	struct ivr_prompt accept;
	enum ivr_leg what = web_call_leg(web, path, caller, said->digits, said->over, &accept);
	struct text text = { 0 };

	jambonz_render_leg(web, caller, path->token, what, path->tries, &accept, &text);
	web_answer(answer_r, "application/json", text.bytes, text.length);
	text_free(&text);
}

/* Nobody spoke, or we know nothing of it any more: silence. The key that ended it is none. */
static void recorded(struct jambonz *jambonz, struct ivr_event *event,
	const struct server_request *request, struct server_answer *answer_r)
{
	const struct ivr_bytes *bytes;
	enum err err;

	switch (jambonz_listen_hook(jambonz, event->call, event->turn, request, &bytes, &err)) {
	case LISTEN_NONE:
		event->kind = IVR_EVENT_KEYS;
		*event->keys = '\0';
		err = web_box_ask(&jambonz->box, event, &bytes);
		jambonz_answer(err, bytes, answer_r);
		break;
	case LISTEN_ASKED:
		jambonz_answer(err, bytes, answer_r);
		break;
	case LISTEN_BUSY:
		web_bad(answer_r);
		break;
	case LISTEN_LATER:
		break;
	}
}

static void turn(struct jambonz *jambonz, const struct web_path *path,
	const struct server_request *request, const struct jambonz_event *said,
	struct server_answer *answer_r)
{
	const struct web *web = &jambonz->box.web;
	const struct ivr_bytes *bytes;
	struct ivr_event event;
	enum err err;

	web_call_event(web, path, said->call, said->caller, said->digits, &event);
	event.cause = said->dialled;
	if (path->verb == WEB_DIALLED)
		ivr_rename(web->ivr, web->line->name, path->token, said->call);
	if (said->over) {
		jambonz_listen_gone(jambonz, said->call);
		web_answer(answer_r, "application/json", "[]", 2);
	} else if (path->verb == WEB_RECORDED && !event.turn) {
		web_bad(answer_r);
	} else if (path->verb == WEB_RECORDED) {
		recorded(jambonz, &event, request, answer_r);
	} else {
		err = web_box_ask(&jambonz->box, &event, &bytes);
		jambonz_answer(err, bytes, answer_r);
	}
}

static void understood(struct jambonz *jambonz, const struct web_path *path,
	const struct server_request *request, const struct jambonz_event *said,
	struct server_answer *answer_r)
{
	switch (path->verb) {
	case WEB_STATUS:
		if (said->over)
			jambonz_listen_gone(jambonz, said->call);
		answer_r->status = 204;
		break;
	case WEB_LEG:
		leg(&jambonz->box.web, path, request, said, answer_r);
		break;
	default:
		turn(jambonz, path, request, said, answer_r);
	}
}

static void on_post(void *arg, const struct server_request *request, struct server_answer *answer_r)
{
	struct jambonz *jambonz = arg;
	const struct web *web = &jambonz->box.web;
	struct web_path path = web_path_parse(
		request->path + strlen("/ivr/") + strlen(web->line->name));
	struct jambonz_event said;

	if (!believed(web, request))
		web_refuse(web, answer_r);
	else if (path.verb == WEB_NONE || path.verb == WEB_JOINED
		|| jambonz_parse(request->body, request->length, ivr_caller_key(web->ivr), &said))
		web_bad(answer_r);
	else
		understood(jambonz, &path, request, &said, answer_r);
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
	jambonz_render(web, call ? ivr_call_id(call) : "", token, turn_to, &text);
	*bytes_r = (struct ivr_bytes) { text.bytes, text.length };
}

static enum err rest(const struct web *web, const char *method, const char *call,
	const struct json_out *body, const char *tag, outbox_done *done)
{
	const struct config_line *line = web->line;
	struct text url = { 0 };
	char bearer[600];
	struct outbox_job job = { .method = method,
		.type = body ? "application/json" : NULL,
		.body = body ? body->bytes : NULL,
		.length = body ? body->length : 0,
		.headers = { bearer },
		.tag = tag,
		.seconds = REST_SECONDS };
	enum err err;

	if (!web->outbox || !line->api_url || !line->account || !line->password)
		return ERR_NOT_FOUND;
	snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", line->password);
	text_put(&url, line->api_url);
	text_put(&url, "/v1/Accounts/");
	text_put(&url, line->account);
	text_put(&url, "/Calls");
	if (*call) {
		text_put(&url, "/");
		text_url(&url, call);
	}
	job.url = url.bytes;
	err = outbox_send(web->outbox, &job, done, (void *)web);
	explicit_bzero(bearer, sizeof bearer);
	text_free(&url);
	return err;
}

/* 202 says only that it was understood; 404 and 422 that the session is gone. */
static void on_answer(void *arg, const char *call, enum err err, long status, const char *body,
	size_t length)
{
	const struct web *web = arg;
	json_t *read = err ? NULL : json_loadb(body, length, 0, NULL);
	const char *state = json_get_text(read, "call_status");

	if (status == 404 || status == 422 || (state && !strcmp(state, "completed")))
		jambonz_listen_gone(arg, call);
	else if (err)
		log_warn("platform refused", "adapter=%s status=%ld err=%s", web->line->name,
			status, err_word(err));
	json_decref(read);
}

static void put_hook(const struct web *web, struct json_out *out, const char *key, char verb,
	const char *token)
{
	struct text url = { 0 };
	web_url(web, &url, verb, token);
	json_put_object(out, key);
	json_put_text(out, "url", url.bytes);
	json_put_text(out, "method", "POST");
	json_put_object_end(out);
	text_free(&url);
}

static void about_call(const struct web *web, const char *method, const struct ivr_call *call,
	struct json_out *body)
{
	enum err err
		= rest(web, method, ivr_call_id(call), body, ivr_call_id(call), on_answer);
	if (err)
		log_warn("platform not asked", "adapter=%s err=%s", web->line->name, err_word(err));
	if (body)
		json_out_finish(body);
}

static void interrupt(void *arg, const struct ivr_call *call)
{
	const struct web *web = arg;
	struct json_out body;
	char token[IVR_TOKEN_MAX];

	ivr_token(web->ivr, call, token);
	json_out_init(&body, 0);
	json_put_object(&body, NULL);
	put_hook(web, &body, "call_hook", 'i', token);
	json_put_object_end(&body);
	about_call(web, "PUT", call, &body);
}

static void end(void *arg, const struct ivr_call *call)
{
	struct json_out body;
	json_out_init(&body, 0);
	json_put_object(&body, NULL);
	json_put_text(&body, "call_status", "completed");
	json_put_object_end(&body);
	about_call(arg, "PUT", call, &body);
}

static void query(void *arg, const struct ivr_call *call)
{
	about_call(arg, "GET", call, NULL);
}

static enum err dial(void *arg, const char *name, const char *number)
{
	const struct web *web = arg;
	const struct ivr_settings *settings = ivr_settings(web->ivr);
	struct json_out body;
	bool sip = !strncmp(number, "sip:", 4);
	enum err err;

	if (!web->line->application)
		return ERR_NOT_FOUND;
	json_out_init(&body, 0);
	json_put_object(&body, NULL);
	json_put_text(&body, "application_sid", web->line->application);
	json_put_text(&body, "from", settings->cli);
	json_put_object(&body, "to");
	json_put_text(&body, "type", sip ? "sip" : "phone");
	json_put_text(&body, sip ? "sipUri" : "number", number);
	json_put_object_end(&body);
	json_put_number(&body, "timeout", settings->ring_seconds);
	put_hook(web, &body, "call_hook", 'o', name);
	put_hook(web, &body, "call_status_hook", 's', NULL);
	json_put_object_end(&body);
	err = rest(web, "POST", "", &body, name, web_call_dialled);
	json_out_finish(&body);
	return err;
}

static struct web *create(const struct web *web)
{
	struct jambonz *jambonz = mem_alloc(sizeof *jambonz);
	jambonz->box.web = *web;
	return &jambonz->box.web;
}

static struct jambonz *of(const struct web *web)
{
	return (struct jambonz *)(void *)web;
}

static void destroy(struct web *web)
{
	jambonz_listen_finish(of(web));
	free(of(web));
}

static void second(struct web *web)
{
	jambonz_listen_second(of(web));
}

static size_t count_messages(const struct web *web)
{
	return jambonz_listen_count(of(web));
}

static void drain(struct web *web)
{
	jambonz_listen_drain(of(web));
}

const struct web_kind jambonz_kind = { .name = "jambonz",
	.create = create,
	.destroy = destroy,
	.post = on_post,
	.headers = headers,
	.listen = &jambonz_listen,
	.second = second,
	.messages = count_messages,
	.drain = drain,
	.adapter = { .poll = POLL_SECONDS,
		.record_room = web_box_room,
		.render = render,
		.interrupt = interrupt,
		.end = end,
		.query = query,
		.dial = dial,
		.fetch = web_box_fetch,
		.forget = web_box_forget,
		.in_memory = true } };
