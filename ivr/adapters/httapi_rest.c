/* What FreeSWITCH is told out of turn: commands by its mod_xml_rpc, one in each address. */
#include "base/log.h"
#include "ivr/adapters/httapi.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { REST_SECONDS = 15, UUID_SIZE = 37 };

static enum err rest(const struct web *web, const char *command, const struct text *arguments,
	const char *tag, uint32_t seconds, outbox_done *done)
{
	const struct config_line *line = web->line;
	struct text url = { 0 };
	struct outbox_job job = { .method = "GET",
		.user = line->user ? line->user : line->name,
		.password = line->password,
		.tag = tag,
		.seconds = seconds };
	enum err err;

	if (!web->outbox || !line->api_url || !line->password) /* until the next start */
		return ERR_NOT_FOUND;
	text_put(&url, line->api_url);
	text_put(&url, "/txtapi/");
	text_put(&url, command);
	text_put(&url, "?");
	text_url(&url, arguments->bytes);
	job.url = url.bytes;
	err = outbox_send(web->outbox, &job, done, (void *)web);
	text_free(&url);
	return err;
}

static bool begins(const char *body, size_t length, const char *with)
{
	return length >= strlen(with) && !strncasecmp(body, with, strlen(with));
}

/* Every answer is 200: what came of it stands inside. */
static void on_answer(void *arg, const char *call, enum err err, long status, const char *body,
	size_t length)
{
	const struct web *web = arg;

	if (err)
		log_warn("platform refused", "adapter=%s status=%ld err=%s", web->line->name,
			status, err_word(err));
	else if (begins(body, length, "-ERR No such channel") || begins(body, length, "false"))
		web_box_gone((struct web_box *)(void *)web, call, IVR_CAUSE_NONE);
	else if (begins(body, length, "-"))
		log_warn("platform refused", "adapter=%s status=%ld err=%s", web->line->name,
			status, err_word(ERR_INVALID));
}

/* Told when the telephone was taken up, or will not be. */
static void on_dialled(void *arg, const char *name, enum err err, long status, const char *body,
	size_t length)
{
	const struct web *web = arg;
	char cause[40] = "";

	if (!err && begins(body, length, "+OK"))
		return;
	if (!err && begins(body, length, "-ERR "))
		snprintf(cause, sizeof cause, "%.*s", (int)strcspn(body + 5, " \r\n"), body + 5);
	else
		log_warn("platform did not dial", "adapter=%s status=%ld", web->line->name, status);
	web_box_gone((struct web_box *)(void *)web, name, *cause ? httapi_cause(cause) : IVR_CAUSE_FAILED);
}

static void about_call(
	const struct web *web, const char *command, const struct ivr_call *call, const char *more)
{
	struct text arguments = { 0 };
	enum err err;

	text_put(&arguments, ivr_call_id(call));
	text_put(&arguments, more);
	err = rest(web, command, &arguments, ivr_call_id(call), REST_SECONDS, on_answer);
	if (err)
		log_warn("platform not asked", "adapter=%s err=%s", web->line->name, err_word(err));
	text_free(&arguments);
}

/* Out of whatever it does, also of a bridge; and it asks once more when we cannot be reached. */
static void interrupt(void *arg, const struct ivr_call *call)
{
	const struct web *web = arg;
	struct text more = { 0 };
	char token[IVR_TOKEN_MAX];

	ivr_token(web->ivr, call, token);
	text_put(&more, " httapi:");
	web_url(web, &more, 'i', token);
	text_put(&more, ",sleep:3000,httapi: inline");
	about_call(web, "uuid_transfer", call, more.bytes);
	text_free(&more);
}

static void end(void *arg, const struct ivr_call *call)
{
	about_call(arg, "uuid_kill", call, "");
}

static void query(void *arg, const struct ivr_call *call)
{
	about_call(arg, "uuid_exists", call, "");
}

static void make_uuid(char uuid_r[UUID_SIZE])
{
	unsigned char b[16];

	randombytes_buf(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(uuid_r, UUID_SIZE,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

static enum err dial(void *arg, const char *name, const char *number)
{
	const struct web *web = arg;
	const struct ivr_settings *settings = ivr_settings(web->ivr);
	char uuid[UUID_SIZE];
	struct text arguments = { 0 };
	enum err err = ERR_INVALID;

	make_uuid(uuid);
	if (httapi_originate(web, uuid, number, settings->cli, settings->ring_seconds, &arguments))
		err = rest(web, "originate", &arguments, uuid, settings->ring_seconds + REST_SECONDS,
			on_dialled);
	if (!err) /* ours from the beginning, so that it can be ended while it rings */
		ivr_rename(web->ivr, web->line->name, name, uuid);
	text_free(&arguments);
	return err;
}

void httapi_adapt(const struct config_line *line, struct ivr_adapter *adapter)
{
	if (!line->api_url)
		return;
	adapter->interrupt = interrupt;
	adapter->end = end;
	adapter->query = query;
	adapter->dial = dial;
}
