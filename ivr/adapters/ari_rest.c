/* What we ask of Asterisk: of each call one request after the other, because two at once may overtake
 * each other; tried again when it could not be asked. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/adapters/ari_private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REST_SECONDS = 15, TRIES = 4, TRIES_CLEAN = 12, PAUSE_MS = 500, PAUSE_MOST_MS = 30000 };

static void free_request(struct ari_request *request)
{
	if (request->body)
		explicit_bzero(request->body, request->length);
	free(request->body);
	free(request->path);
	free(request);
}

static void put_path(struct text *path, const char *const *parts)
{
	for (; *parts; parts++) {
		if (**parts == '?') {
			text_put(path, *parts);
			continue;
		}
		text_put(path, "/");
		text_url(path, *parts);
	}
}

void ari_body(struct json_out *body)
{
	json_out_init(body, 0);
	json_put_object(body, NULL);
}

void ari_new_name(const struct ari *ari, char name_r[ARI_ID_MAX + 1])
{
	unsigned char bytes[8];
	char hex[2 * sizeof bytes + 1];

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
	snprintf(name_r, ARI_ID_MAX + 1, "%s-%s", ari_app(ari), hex);
}

void ari_ask(struct ari_session *session, enum ari_what what, const char *name,
	const char *method, struct json_out *body, const char *const *parts)
{
	struct ari_request *request;
	struct text path = { 0 };

	if (body)
		json_put_object_end(body);
	if (!session->over || what == ARI_CLEAN) {
		request = mem_alloc(sizeof *request);
		put_path(&path, parts);
		request->path = mem_dup(path.bytes);
		request->id = ++session->ari->asked;
		request->what = what;
		snprintf(request->name, sizeof request->name, "%s", name ? name : "");
		snprintf(request->method, sizeof request->method, "%s", method);
		if (body) {
			request->body = mem_copy(body->bytes, body->length);
			request->length = body->length;
		}
		*session->end = request;
		session->end = &request->next;
	}
	if (body) {
		explicit_bzero(body->bytes, body->length);
		json_out_finish(body);
	}
	text_free(&path);
	ari_pump(session);
}

static void pop(struct ari_session *session)
{
	struct ari_request *request = session->first;

	session->first = request->next;
	if (!session->first)
		session->end = &session->first;
	free_request(request);
}

void ari_drop_requests(struct ari_session *session, bool all)
{
	struct ari_request **at = &session->first;

	while (*at) {
		struct ari_request *request = *at;
		if (!all && (request->sent || request->what == ARI_CLEAN)) {
			at = &request->next;
			continue;
		}
		*at = request->next;
		free_request(request);
	}
	session->end = at;
}

/* Asked again: what has been done already is answered by "there is one". */
static bool done_before(const struct ari_request *request, long status)
{
	return request->tries > 1 && status == 409
		&& (request->what == ARI_ORIGINATE || request->what == ARI_DIAL
			|| request->what == ARI_PLAY || request->what == ARI_PLAY_LEG
			|| request->what == ARI_RECORD);
}

static bool again(const struct ari_session *session, struct ari_request *request, enum err err)
{
	uint32_t most = request->what == ARI_CLEAN ? TRIES_CLEAN : TRIES;
	int64_t pause = PAUSE_MS;

	if (err != ERR_IO || request->tries >= most || request->what == ARI_PROBE
		|| (session->over && request->what != ARI_CLEAN))
		return false;
	for (uint32_t i = 1; i < request->tries && pause < PAUSE_MOST_MS; i++)
		pause *= 2;
	request->sent = false;
	request->due_mono = clock_mono() + pause / 2 + randombytes_uniform((uint32_t)pause);
	return true;
}

static void understood(struct ari_session *session, const struct ari_request *request,
	enum err err, long status, const char *body, size_t length)
{
	struct ari *ari = session->ari;
	bool asks = request->what == ARI_QUERY || request->what == ARI_QUERY_PLAY
		|| request->what == ARI_PROBE || request->what >= ARI_TOKEN_OF;

	if (err && !asks && status != 404)
		log_warn("platform refused", "adapter=%s what=%d status=%ld err=%s",
			ari->web.line->name, (int)request->what, status, err_word(err));
	if (request->what == ARI_PROBE)
		ari_probed(ari, err, status);
	else if (request->what >= ARI_OURS)
		ari_sync_answered(ari, request, err, status, body, length);
	else
		ari_session_answered(session, request, err, status);
}

static void on_answer(void *arg, const char *tag, enum err err, long status, const char *body,
	size_t length)
{
	struct ari *ari = arg;
	char *call;
	uint64_t id = strtoull(tag, &call, 10);
	struct ari_session *session;
	struct ari_request *request;

	session = call[0] && call[1] ? ari_session_find(ari, call + 1) : ari->lobby;
	request = session ? session->first : NULL;
	if (!request || request->id != id)
		return;
	if (done_before(request, status)) {
		err = OK;
		status = 200;
	}
	if (again(session, request, err))
		return;
	request->sent = true; /* stays until it was understood */
	understood(session, request, err, status, body, length);
	pop(session);
	ari_pump(session);
}

static enum err send_one(struct ari_session *session, struct ari_request *request)
{
	const struct ari *ari = session->ari;
	const struct config_line *line = ari->web.line;
	struct text url = { 0 };
	char tag[ARI_CALL_MAX + 30];
	struct outbox_job job = { .method = request->method,
		.type = request->body ? "application/json" : NULL,
		.body = request->body,
		.length = request->length,
		.user = line->user,
		.password = line->password,
		.tag = tag,
		.file = request->what == ARI_CHANNELS || request->what == ARI_OURS ? OUTBOX_FILE_MAX : 0,
		.seconds = REST_SECONDS };
	enum err err;

	snprintf(tag, sizeof tag, "%llu %s", (unsigned long long)request->id, session->call);
	text_put(&url, line->api_url);
	text_put(&url, "/ari");
	text_put(&url, request->path);
	job.url = url.bytes;
	err = outbox_send(ari->web.outbox, &job, on_answer, session->ari);
	text_free(&url);
	return err;
}

/* The answer is never synchronous, a refusal to send is dealt with in a second. */
void ari_pump(struct ari_session *session)
{
	struct ari_request *request = session->first;
	int64_t mono = clock_mono();

	if (!request || request->sent || request->due_mono > mono)
		return;
	request->tries++;
	request->sent = true;
	if (!send_one(session, request))
		return;
	request->sent = false;
	request->due_mono = mono + 1000;
	if (request->tries >= TRIES_CLEAN) {
		log_error("platform not asked", "adapter=%s", session->ari->web.line->name);
		if (request->what == ARI_PROBE)
			ari_probed(session->ari, ERR_BUSY, 0);
		pop(session);
	}
}

static void on_file(void *arg, const char *call, enum err err, long status, const char *body,
	size_t length)
{
	const struct web *web = arg;
	ivr_fetched(web->ivr, web->line->name, call, err, status == 404, body, length);
}

static enum err recording_job(const struct ari *ari, const char *recording, const char *end,
	struct outbox_job *job, outbox_done *done)
{
	const struct config_line *line = ari->web.line;
	struct text url = { 0 };
	enum err err;

	text_put(&url, line->api_url);
	text_put(&url, "/ari/recordings/stored/");
	text_url(&url, recording);
	text_put(&url, end);
	job->url = url.bytes;
	job->user = line->user;
	job->password = line->password;
	err = outbox_send(ari->web.outbox, job, done, (void *)ari);
	text_free(&url);
	return err;
}

enum err ari_fetch(void *arg, const char *call, const char *recording)
{
	struct outbox_job job = { .method = "GET",
		.tag = call,
		.file = IVR_RECORDING_BYTES,
		.seconds = 60 };
	return recording_job(arg, recording, "/file", &job, on_file);
}

/* Kept, and tried until it succeeds. */
void ari_forget(void *arg, const char *recording)
{
	char id[OUTBOX_ID_MAX + 1];
	struct outbox_job job = { .id = id, .method = "DELETE" };

	snprintf(id, sizeof id, "forget-%s", recording);
	if (recording_job(arg, recording, "", &job, NULL))
		log_error("a recording stays at the platform", "why=busy");
}
