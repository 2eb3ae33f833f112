#include "ivr/adapters/twilio.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/adapters/web_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_SECONDS = 20, REST_SECONDS = 15, FILE_SECONDS = 60 };

struct twilio {
	struct web web; /* first */
	enum twilio_dialect dialect;
};

static const char *const headers[]
	= { "content-type", "x-twilio-signature", "x-signalwire-signature", NULL };

enum twilio_dialect twilio_dialect_of(const struct config_line *line)
{
	if (line->dialect && !strcmp(line->dialect, "signalwire"))
		return TWILIO_SIGNALWIRE;
	if (line->dialect && !strcmp(line->dialect, "somleng"))
		return TWILIO_SOMLENG;
	return TWILIO_TWILIO;
}

static bool copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);
	if (length >= size)
		return false;
	memcpy(to, from, length + 1);
	return true;
}

enum err twilio_parse(const struct form *form, const struct ivr_caller_key *key,
	struct twilio_event *event_r)
{
	const char *from = form_get(form, "From"), *digits = form_get(form, "Digits");
	const char *status = form_get(form, "CallStatus");

	*event_r = (struct twilio_event) { .caller = ivr_caller(key, from, strlen(from)),
		.over = web_call_over(status),
		.answered = !strcmp(status, "in-progress"),
		.dialled = web_call_cause(form_get(form, "DialCallStatus")),
		.seconds = (uint32_t)strtoul(form_get(form, "RecordingDuration"), NULL, 10) };
	if (!*form_get(form, "CallSid")
		|| !copy(event_r->call, sizeof event_r->call, form_get(form, "CallSid"))
		|| !copy(event_r->parent, sizeof event_r->parent, form_get(form, "ParentCallSid"))
		|| !copy(event_r->recording, sizeof event_r->recording,
			form_get(form, "RecordingSid")))
		return ERR_INVALID;
	if (!strcmp(digits, "hangup")) /* of a recording that was ended so */
		digits = "";
	if (strspn(digits, "0123456789*#") != strlen(digits)
		|| !copy(event_r->digits, sizeof event_r->digits, digits))
		return ERR_INVALID;
	return OK;
}

static bool believed(const struct twilio *twilio, const struct server_request *request,
	const struct form *form)
{
	const struct config_line *line = twilio->web.line;
	const char *signature = server_header(request,
		twilio->dialect == TWILIO_SIGNALWIRE ? "x-signalwire-signature"
						     : "x-twilio-signature");
	struct text url = { 0 };
	bool good = false;

	if (!*signature && twilio->dialect == TWILIO_SIGNALWIRE)
		signature = server_header(request, "x-twilio-signature");
	text_put(&url, twilio->web.root);
	text_put(&url, request->path);
	if (*request->query) {
		text_put(&url, "?");
		text_put(&url, request->query);
	}
	for (uint32_t i = 0; i < line->secrets_count; i++)
		good = twilio_signed(twilio->dialect, line->secrets[i], url.bytes, form,
			       request->body, request->length, signature)
			|| good;
	text_free(&url);
	return good;
}

static void say(const struct twilio *twilio, const struct ivr_event *event,
	struct server_answer *answer_r)
{
	static const char nothing[]
		= "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response></Response>\n";
	const struct ivr_bytes *bytes;

	if (ivr_ask(twilio->web.ivr, twilio->web.line->name, event, &bytes)) {
		web_bad(answer_r);
		return;
	}
	web_answer(answer_r, "text/xml; charset=utf-8", bytes->length ? bytes->bytes : nothing,
		bytes->length ? bytes->length : sizeof nothing - 1);
}

/* The counsellor's own leg: its CallSid is another one, the caller's is the parent. */
static void leg(const struct twilio *twilio, const struct web_path *path,
	const struct twilio_event *said, struct server_answer *answer_r)
{
	struct ivr_prompt accept;
	enum ivr_leg what = web_call_leg(
		&twilio->web, path, said->parent, said->digits, said->over, &accept);
	struct text text = { 0 };

	twilio_render_leg(&twilio->web, path->token, what, path->tries, &accept, &text);
	web_answer(answer_r, "text/xml; charset=utf-8", text.bytes, text.length);
	text_free(&text);
}

static void turn(const struct twilio *twilio, const struct web_path *path,
	const struct twilio_event *said, struct server_answer *answer_r)
{
	const struct web *web = &twilio->web;
	struct ivr_event event;

	web_call_event(web, path, said->call, said->caller, said->digits, &event);
	event.cause = said->dialled;
	event.recording = said->recording;
	event.seconds = said->seconds;
	if (path->verb == WEB_DIALLED)
		ivr_rename(web->ivr, web->line->name, path->token, said->call);
	if (path->verb == WEB_DROPPED && twilio->dialect == TWILIO_SOMLENG
		&& said->dialled == IVR_CAUSE_DONE)
		web_call_tell(web, IVR_EVENT_ACCEPTED, said->call, IVR_CAUSE_NONE);
	if (said->over && path->verb != WEB_RECORDED)
		event.kind = IVR_EVENT_GONE;
	say(twilio, &event, answer_r);
	if (said->over)
		web_call_tell(web, IVR_EVENT_GONE, said->call, said->dialled);
}

static void understood(const struct twilio *twilio, const struct web_path *path,
	const struct twilio_event *said, struct server_answer *answer_r)
{
	switch (path->verb) {
	case WEB_STATUS:
		if (said->over)
			web_call_tell(&twilio->web, IVR_EVENT_GONE, said->call, IVR_CAUSE_NONE);
		answer_r->status = 204;
		break;
	case WEB_LEG:
		leg(twilio, path, said, answer_r);
		break;
	case WEB_JOINED:
		if (ivr_token_turn(twilio->web.ivr, twilio->web.line->name, said->parent, path->token))
			web_call_tell(&twilio->web, IVR_EVENT_ACCEPTED, said->parent, IVR_CAUSE_NONE);
		answer_r->status = 204;
		break;
	default:
		turn(twilio, path, said, answer_r);
	}
}

static void on_post(void *arg, const struct server_request *request, struct server_answer *answer_r)
{
	const struct twilio *twilio = arg;
	const char *below = request->path + strlen("/ivr/") + strlen(twilio->web.line->name);
	struct web_path path = web_path_parse(below);
	struct twilio_event said;
	struct form form;
	bool json = strstr(server_header(request, "content-type"), "json") != NULL;

	if (json && believed(twilio, request, NULL)) {
		web_bad(answer_r);
		return;
	}
	/* what is no form cannot have been signed either */
	if (json || form_parse(request->body, request->length, &form)) {
		web_refuse(&twilio->web, answer_r);
		return;
	}
	if (!believed(twilio, request, &form))
		web_refuse(&twilio->web, answer_r);
	else if (path.verb == WEB_NONE
		|| twilio_parse(&form, ivr_caller_key(twilio->web.ivr), &said))
		web_bad(answer_r);
	else
		understood(twilio, &path, &said, answer_r);
	form_finish(&form);
}

static void render(void *arg, const struct ivr_call *call, const struct ivr_turn *turn_to,
	struct ivr_bytes *bytes_r)
{
	const struct twilio *twilio = arg;
	char token[IVR_TOKEN_MAX] = "";
	struct text text = { 0 };

	if (call)
		ivr_token(twilio->web.ivr, call, token);
	twilio_render(&twilio->web, twilio->dialect, token, turn_to, &text);
	*bytes_r = (struct ivr_bytes) { text.bytes, text.length };
}

/* What REST answers about a call that we asked about, or tried to change. */
static void on_answer(void *arg, const char *call, enum err err, long status, const char *body,
	size_t length)
{
	const struct twilio *twilio = arg;
	json_t *read = err ? NULL : json_loadb(body, length, 0, NULL);
	const char *state = json_get_text(read, "status");

	if (status == 404 || (state && web_call_over(state)))
		web_call_tell(&twilio->web, IVR_EVENT_GONE, call, IVR_CAUSE_NONE);
	else if (err)
		log_warn("platform refused", "adapter=%s status=%ld err=%s", twilio->web.line->name,
			status, err_word(err));
	json_decref(read);
}

static enum err rest_of(const struct twilio *twilio, const char *method, const char *what,
	const struct text *form, const char *id, size_t file, const char *tag, outbox_done *done,
	void *arg)
{
	const struct config_line *line = twilio->web.line;
	struct text url = { 0 };
	struct outbox_job job = { .id = id,
		.method = method,
		.file = file,
		.type = form ? "application/x-www-form-urlencoded" : NULL,
		.body = form ? form->bytes : NULL,
		.length = form ? form->length : 0,
		.user = line->user ? line->user : line->account,
		.password = line->password ? line->password : line->secrets[0],
		.tag = tag,
		.seconds = file ? FILE_SECONDS : REST_SECONDS };
	enum err err;

	if (!twilio->web.outbox)
		return ERR_NOT_FOUND;
	text_put(&url, line->api_url ? line->api_url : "https://api.twilio.com");
	text_put(&url, "/2010-04-01/Accounts/");
	text_put(&url, line->account);
	text_put(&url, what);
	job.url = url.bytes;
	err = outbox_send(twilio->web.outbox, &job, done, arg);
	text_free(&url);
	return err;
}

static enum err rest(const struct twilio *twilio, const char *method, const char *what,
	const struct text *form, const char *tag, outbox_done *done, void *arg)
{
	return rest_of(twilio, method, what, form, NULL, 0, tag, done, arg);
}

static void about_call(const struct twilio *twilio, const char *method, const struct ivr_call *call,
	const struct text *form)
{
	struct text what = { 0 };
	enum err err;

	text_put(&what, "/Calls/");
	text_url(&what, ivr_call_id(call));
	text_put(&what, ".json");
	err = rest(twilio, method, what.bytes, form, ivr_call_id(call), on_answer, (void *)twilio);
	if (err)
		log_warn("platform not asked", "adapter=%s err=%s", twilio->web.line->name,
			err_word(err));
	text_free(&what);
}

static void interrupt(void *arg, const struct ivr_call *call)
{
	const struct twilio *twilio = arg;
	struct text form = { 0 }, url = { 0 };
	char token[IVR_TOKEN_MAX];

	ivr_token(twilio->web.ivr, call, token);
	web_url(&twilio->web, &url, 'i', token);
	text_put(&form, "Method=POST&Url=");
	text_url(&form, url.bytes);
	about_call(twilio, "POST", call, &form);
	text_free(&form);
	text_free(&url);
}

static void end(void *arg, const struct ivr_call *call)
{
	struct text form = { 0 };
	text_put(&form, "Status=completed");
	about_call(arg, "POST", call, &form);
	text_free(&form);
}

static void query(void *arg, const struct ivr_call *call)
{
	about_call(arg, "GET", call, NULL);
}

static enum err dial(void *arg, const char *name, const char *number)
{
	struct twilio *twilio = arg;
	struct text form = { 0 }, url = { 0 }, status = { 0 };
	struct ivr_settings const *settings = ivr_settings(twilio->web.ivr);
	enum err err;

	web_url(&twilio->web, &url, 'o', name);
	web_url(&twilio->web, &status, 's', NULL);
	text_put(&form, "To=");
	text_url(&form, number);
	text_put(&form, "&From=");
	text_url(&form, settings->cli);
	text_format(&form, "&Timeout=%u&Method=POST&Url=", settings->ring_seconds);
	text_url(&form, url.bytes);
	text_put(&form, "&StatusCallbackMethod=POST&StatusCallback=");
	text_url(&form, status.bytes);
	err = rest(twilio, "POST", "/Calls.json", &form, name, web_call_dialled, &twilio->web);
	text_free(&form);
	text_free(&url);
	text_free(&status);
	return err;
}

static void on_file(void *arg, const char *call, enum err err, long status, const char *bytes,
	size_t length)
{
	const struct twilio *twilio = arg;
	ivr_fetched(twilio->web.ivr, twilio->web.line->name, call, err, status == 404, bytes, length);
}

static enum err fetch(void *arg, const char *call, const char *recording)
{
	struct text what = { 0 };
	enum err err;

	text_put(&what, "/Recordings/");
	text_url(&what, recording);
	text_put(&what, ".wav");
	err = rest_of(arg, "GET", what.bytes, NULL, NULL, IVR_RECORDING_BYTES, call, on_file, arg);
	text_free(&what);
	return err;
}

/* Kept, and tried until it succeeds. */
static void forget(void *arg, const char *recording)
{
	struct text what = { 0 }, id = { 0 };
	enum err err;

	text_put(&what, "/Recordings/");
	text_url(&what, recording);
	text_put(&what, ".json");
	text_put(&id, "forget-");
	text_put_n(&id, recording, strnlen(recording, OUTBOX_ID_MAX - strlen("forget-")));
	err = rest_of(arg, "DELETE", what.bytes, NULL, id.bytes, 0, "", NULL, NULL);
	if (err)
		log_error("a recording stays at the platform", "err=%s", err_word(err));
	text_free(&what);
	text_free(&id);
}

static struct web *create(const struct web *web)
{
	struct twilio *twilio = mem_alloc(sizeof *twilio);
	twilio->web = *web;
	twilio->dialect = twilio_dialect_of(web->line);
	return &twilio->web;
}

static void destroy(struct web *web)
{
	free(web);
}

const struct web_kind twilio_kind = { .name = "twilio",
	.create = create,
	.destroy = destroy,
	.post = on_post,
	.headers = headers,
	.adapter = { .poll = POLL_SECONDS,
		.render = render,
		.interrupt = interrupt,
		.end = end,
		.query = query,
		.dial = dial,
		.fetch = fetch,
		.forget = forget } };
