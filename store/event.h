/* What happened in a contact, one append-only row each. The store treats body and meta as opaque
 * bytes; the desk gives them meaning:
 *
 *   kind             author       body                       meta (JSON, often empty)
 *   EVENT_OPENED     visitor      JSON: who, where, lang,    flags raised by the answers alone
 *                                 practice
 *   EVENT_MESSAGE    visitor,     the text, UTF-8            flags raised: {"set":hash,
 *                    counsellor                              "complete":bool,"flags":[…]}
 *   EVENT_NOTE       counsellor   the text; never leaves the console
 *   EVENT_TAKEN      counsellor   -
 *   EVENT_RETURNED   counsellor,  -                          {"why":"counsellor|lease|stop"}
 *                    system
 *   EVENT_CLOSED     any          -                          {"why":"counsellor|visitor|abandoned"}
 *   EVENT_LEVEL      counsellor   the reason                 {"level":"serious"}
 *   EVENT_ANSWERS    visitor      JSON: who, where, lang
 *   EVENT_CALL       system       -                          telephone stages, JSON
 *   EVENT_REOPENED   visitor      -                          -
 *   EVENT_RECORDING  visitor      a piece of a spoken        -
 *                                 message: see desk.h
 */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include <stddef.h>
#include <stdint.h>

enum event_kind { /* stored as numbers: append only */
	EVENT_OPENED = 1,
	EVENT_MESSAGE,
	EVENT_NOTE,
	EVENT_TAKEN,
	EVENT_RETURNED,
	EVENT_CLOSED,
	EVENT_LEVEL,
	EVENT_ANSWERS,
	EVENT_CALL,
	EVENT_REOPENED,
	EVENT_RECORDING,
	EVENT_KINDS
};

enum author { AUTHOR_SYSTEM, AUTHOR_VISITOR, AUTHOR_COUNSELLOR };
enum channel { CHANNEL_CHAT = 1, CHANNEL_PLAIN, CHANNEL_TELEPHONE };
enum contact_state { CONTACT_WAITING = 1, CONTACT_TAKEN, CONTACT_CLOSED };

enum { EVENT_CLIENT_ID_MAX = 36, /* bytes of [A-Za-z0-9_-] */
	EVENT_BODY_MAX = 32 * 1024,
	EVENT_META_MAX = 8 * 1024 };

struct event {
	uint64_t contact; /* random, never 0 */
	uint32_t seq; /* dense per contact, from 1 */
	enum event_kind kind;
	enum author author;
	uint32_t staff; /* who, when author is AUTHOR_COUNSELLOR; else 0 */
	int64_t time; /* clock_wall when it was submitted */
	char client_id[EVENT_CLIENT_ID_MAX + 1]; /* "" when the author gave none */
	const char *body; /* not NUL-terminated; NULL when empty */
	const char *meta;
	uint32_t body_length, meta_length;
};

#endif
