/* Before a conversation begins. */
#include "webchat/private.h"

#include <string.h>

bool starting_must_work(struct session *session, const json_t *frame, const char *id)
{
	const json_t *work = json_object_get(frame, "work");
	char text[SESSION_WORK_TEXT];
	struct json_out out;
	int bits;

	if (!session->line->pass || !id || strlen(id) > EVENT_CLIENT_ID_MAX
		|| session->line->pass(session->arg, id, json_get_text(work, "text"),
			json_get_text(work, "number"), text, &bits))
		return false;
	out = session_begin();
	frames_work(&out, id, text, bits);
	session_send(session, &out);
	return true;
}
