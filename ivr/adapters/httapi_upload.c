#include "ivr/adapters/httapi_upload.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/multipart.h"
#include "ivr/voice.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct upload {
	struct web_box *box;
	struct web_path path;
	char query[200];
	struct multipart *multipart;
	struct voice_file file;
	char call[IVR_CALL_ID_MAX + 1]; /* "": no file was wanted */
	bool broken;
	int64_t since_mono;
};

/* Also one that we have not heard of since we were restarted: its token says what it was asked for. */
static bool is_asked(const struct upload *upload, const char *call)
{
	const struct web *web = &upload->box->web;
	const char *line = web->line->name, *token = upload->path.token;
	uint32_t turn = ivr_token_turn(web->ivr, line, call, token);

	return turn
		&& (ivr_records(web->ivr, line, call, turn)
			|| (ivr_recorded_before(web->ivr, line, call, token)
				&& web_box_room(upload->box)));
}

/* Of a call that is not asked for one, or a second one, it passes by. */
static bool on_file(void *arg, const char *name, const struct form *form)
{
	struct upload *upload = arg;
	const struct web *web = &upload->box->web;
	struct httapi_event said;

	if (strcmp(name, HTTAPI_FILE) != 0 || upload->path.verb != WEB_RECORDED || *upload->call
		|| httapi_parse(form, ivr_caller_key(web->ivr), &said) || !is_asked(upload, said.call))
		return false;
	memcpy(upload->call, said.call, sizeof upload->call);
	voice_file_start(&upload->file, TAPE_SECONDS_MAX);
	return true;
}

static void on_bytes(void *arg, const char *bytes, size_t length)
{
	struct upload *upload = arg;

	if (!upload->broken && !voice_file_put(&upload->file, bytes, length)) {
		upload->broken = true;
		log_warn("a message is not readable", "adapter=%s", upload->box->web.line->name);
	}
}

static void *begin(void *arg, const struct server_request *request)
{
	struct web_box *box = arg;
	const struct web *web = &box->web;
	struct upload *upload;
	struct multipart_file file = { .on_file = on_file, .on_bytes = on_bytes };

	if (!httapi_believed(web->line, server_header(request, "authorization"))) {
		ivr_refused(web->ivr);
		return NULL;
	}
	upload = mem_alloc(sizeof *upload);
	file.arg = upload;
	upload->box = box;
	upload->since_mono = clock_mono();
	upload->path = web_path_parse(request->path + strlen("/ivr/") + strlen(web->line->name));
	snprintf(upload->query, sizeof upload->query, "%s", request->query);
	upload->multipart = multipart_create(server_header(request, "content-type"), &file);
	if (upload->multipart)
		return upload;
	free(upload);
	return NULL;
}

static void release(struct upload *upload)
{
	voice_wipe(&upload->file.voice);
	multipart_destroy(&upload->multipart);
	sodium_memzero(upload, sizeof *upload);
	free(upload);
}

/* What is no form is taken to its end, and answered so. */
static bool take(void *taking, const char *bytes, size_t length)
{
	struct upload *upload = taking;

	(void)!multipart_take(upload->multipart, bytes, length);
	return clock_mono() - upload->since_mono <= HTTAPI_UPLOAD_SECONDS * 1000;
}

static void end(void *taking, struct server_answer *answer_r)
{
	struct upload *upload = taking;
	const struct form *form = multipart_form(upload->multipart);
	struct httapi_message message = { 0 };

	if (!form) {
		web_bad(answer_r);
	} else {
		if (*upload->call && voice_spoken(&upload->file.voice))
			message.bytes = voice_take(&upload->file.voice, &message.size, &message.seconds);
		httapi_answer(upload->box, &upload->path, upload->query, form, &message, answer_r);
	}
	release(upload);
}

static void drop(void *taking)
{
	struct upload *upload = taking;
	struct web_box *box = upload->box;
	const struct ivr_bytes *answer;
	struct ivr_event event;
	uint8_t *bytes;
	size_t size;

	if (*upload->call && voice_spoken(&upload->file.voice)) {
		web_call_event(&box->web, &upload->path, upload->call, 0, "", &event);
		bytes = voice_take(&upload->file.voice, &size, &event.seconds);
		log_warn("a message was cut off", "adapter=%s seconds=%u", box->web.line->name,
			event.seconds);
		(void)!web_box_put(box, &event, bytes, size, &answer);
	}
	release(upload);
}

const struct server_stream httapi_upload = {
	.most = HTTAPI_UPLOAD_MAX, .begin = begin, .take = take, .end = end, .drop = drop
};
