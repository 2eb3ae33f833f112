/* FreeSWITCH by its mod_httapi: a form in, a document of work items out; there is no signature but HTTP
 * Basic. With api_url also commands by its mod_xml_rpc; without it nothing can be said but in an answer.
 * What follows from it:
 *   - The answer must be 200 and text/xml. Anything else makes the channel leave the application, and the
 *     dialplan goes on after it: that is where its fallback stands, and where it asks again.
 *   - Only the last item of a document may listen to keys: a key does not end the document.
 *   - It has no voice that knows Dutch: what has no sound is not said (see struct web_kind, `mute`).
 *   - HOLD is played in pieces of HTTAPI_POLL_SECONDS, and asks after each: without api_url, and when a
 *     command is lost, that is when a pick-up comes.
 *   - The counsellor's leg runs mod_httapi itself before it is joined, so that it can be asked for a 1;
 *     its session is another one, the caller's stands in the address we gave.
 *   - A `dial` shows the caller's own number unless another is given: always given, in two ways.
 *   - `exiting` says that the channel is gone, at whatever address came last.
 *   - `answer` would end the application: the dialplan answers.
 *   - A message is written to a file of its temporary folder while it is spoken, brought to us once by the next
 *     request, and deleted there whatever came of it (httapi_upload.h). */
#ifndef IVR_ADAPTERS_HTTAPI_H
#define IVR_ADAPTERS_HTTAPI_H

#include "base/form.h"
#include "ivr/adapters/web_box.h"

enum { HTTAPI_POLL_SECONDS = 5 };

extern const struct web_kind httapi_kind;

/* Pure. header: "Basic …" of RFC 7617; user and one of the secrets, in constant time. */
bool httapi_believed(const struct config_line *line, const char *header);

/* What a request says. The caller's number is hashed here and goes no further. */
enum ivr_cause httapi_cause(const char *disposition); /* "USER_BUSY"; NONE of "" */
struct httapi_event {
	char call[IVR_CALL_ID_MAX + 1]; /* session_id, [A-Za-z0-9._-] */
	uint64_t caller;
	char keys[IVR_DIGITS_MAX + 1];
	bool over; /* exiting */
	enum ivr_cause dialled; /* by originate_disposition; NONE when there is none */
};
must_check enum err httapi_parse(const struct form *form, const struct ivr_caller_key *key,
	struct httapi_event *event_r);

/* What a form says, answered. message: brought with it; bytes NULL: none. They are taken over. */
struct httapi_message {
	uint8_t *bytes;
	size_t size;
	uint32_t seconds;
};
void httapi_answer(struct web_box *box, const struct web_path *path, const char *query,
	const struct form *form, struct httapi_message *message, struct server_answer *answer_r);
void httapi_adapt(const struct config_line *line, struct ivr_adapter *adapter); /* by api_url */

/* The arguments of the command that rings number and then asks us; false: it cannot be dialled. */
bool httapi_originate(const struct web *web, const char *uuid, const char *number, const char *cli,
	uint32_t seconds, struct text *to);
/* call: of the caller, as the leg is told it. */
void httapi_render(const struct web *web, const char *call, const char *token,
	const struct ivr_turn *turn, struct text *to);
void httapi_render_leg(const struct web *web, const char *call, const char *token,
	enum ivr_leg leg, unsigned tries, const struct ivr_prompt *accept, struct text *to);

#endif
