#include "ivr/adapters/web_box.h"
#include "base/log.h"

#include <stdio.h>

bool web_box_room(void *arg)
{
	struct web_box *box = arg;

	box->messages.most = box->web.messages;
	return messages_room(&box->messages);
}

/* ERR_NOT_FOUND: of before a restart. */
enum err web_box_fetch(void *arg, const char *call, const char *recording)
{
	struct web_box *box = arg;
	(void)call;

	return messages_ask(&box->messages, recording) ? OK : ERR_NOT_FOUND;
}

void web_box_forget(void *arg, const char *recording)
{
	struct web_box *box = arg;
	messages_forget(&box->messages, recording);
}

void web_box_rendered(struct web_box *box, const struct ivr_call *call, const struct ivr_turn *turn)
{
	if (call && turn->count && ivr_turn_last(turn)->kind == IVR_RECORD)
		messages_begin(&box->messages, ivr_call_id(call));
}

enum err web_box_ask(
	struct web_box *box, const struct ivr_event *event, const struct ivr_bytes **answer_r)
{
	const char *name = box->web.line->name;
	char reference[MESSAGES_NAME] = "";
	struct ivr_event as = *event;
	enum err err;

	if (event->recording) { /* its name goes with it */
		snprintf(reference, sizeof reference, "%s", event->recording);
		as.recording = reference;
	} else {
		messages_end(&box->messages, event->call);
	}
	err = ivr_ask(box->web.ivr, name, &as, answer_r);
	if (event->recording && !ivr_recording(box->web.ivr, name, event->call, reference)) {
		log_error("a message was not taken", "adapter=%s", name);
		messages_forget(&box->messages, reference);
	}
	return err;
}

void web_box_gone(struct web_box *box, const char *call, enum ivr_cause cause)
{
	messages_end(&box->messages, call);
	web_call_tell(&box->web, IVR_EVENT_GONE, call, cause);
}

enum err web_box_put(struct web_box *box, struct ivr_event *event, uint8_t *bytes, size_t size,
	const struct ivr_bytes **answer_r)
{
	event->kind = IVR_EVENT_RECORDED;
	event->recording = messages_keep(&box->messages, event->call, bytes, size);
	return web_box_ask(box, event, answer_r);
}

static bool speaks(void *arg, const char *call)
{
	const struct web *web = arg;
	return ivr_records(web->ivr, web->line->name, call, 0);
}

void web_box_second(struct web_box *box)
{
	const struct message *message;

	messages_sweep(&box->messages, speaks, &box->web);
	while ((message = messages_asked(&box->messages)))
		ivr_fetched(box->web.ivr, box->web.line->name, message->call, OK, false,
			message->bytes, message->size);
}

void web_box_finish(struct web_box *box)
{
	if (box->messages.kept)
		log_error("messages that were not stored are gone", "adapter=%s messages=%u",
			box->web.line->name, box->messages.kept);
	messages_finish(&box->messages);
}
