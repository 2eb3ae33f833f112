/* What the webhook adapters share: where they are reached, who may speak, how a prompt is named.
 *
 * Paths below /ivr/NAME: "" or "/" a call begins · /t/TOKEN the answer to a turn · /i/TOKEN asked
 * to ask now (interrupt) · /d/TOKEN a CONNECT
 * is over · /l/TOKEN/TRIES the counsellor's leg · /a/TOKEN it was joined · /r/TOKEN a recording ·
 * /w/TOKEN a websocket with its sound (jambonz) · /o/CALL a line that we dialled · /s a status. Prompts: /ivr/prompts/LANG/ID.HASH.wav. */
#ifndef IVR_ADAPTERS_WEB_H
#define IVR_ADAPTERS_WEB_H

#include "base/text.h"
#include "ivr/ivr.h"
#include "ivr/prompts.h"
#include "outbox/outbox.h"
#include "server/server.h"

enum { WEB_BASE_MAX = 300 };

struct web {
	struct ivr *ivr; /* NULL: only renders, with text-to-speech */
	const struct script *script;
	struct prompts *prompts; /* NULL: none */
	struct outbox *outbox; /* NULL: nothing goes out */
	struct server *server; /* NULL: not yet */
	const struct config_line *line;
	uint32_t messages; /* being spoken, or not stored yet, at once */
	char root[WEB_BASE_MAX]; /* "https://phone.example.org" */
};

/* Websockets of a platform to us: below is what follows /ivr/NAME. What open gives is the session of the
 * others; NULL refuses. close is the last call. */
struct web_listen {
	bool (*admit)(const struct web *web, const char *below, const char *authorization);
	void *(*open)(struct web *web, struct server_line *line, const char *below);
	void (*text)(void *session, const char *bytes, size_t length);
	void (*bytes)(void *session, const char *bytes, size_t length);
	void (*close)(void *session);
};

/* One kind of adapter, a row in telephone.c. create gives a struct whose first member is the web, kept
 * up to date by its owner when the configuration changes. */
struct web_kind {
	const char *name;
	struct web *(*create)(const struct web *web);
	void (*destroy)(struct web *web);
	/* arg: what create gave. On the loop thread, answered at once. */
	void (*post)(void *arg, const struct server_request *request,
		struct server_answer *answer_r); /* NULL: not by webhook */
	const char *const *headers; /* that post wants to see */
	const struct server_stream *stream; /* of its multipart forms; arg: as post. NULL: none */
	const struct web_listen *listen; /* NULL: none */
	size_t (*messages)(const struct web *web); /* that are not stored yet; NULL: none in memory */
	void (*drain)(struct web *web); /* we stop: no more is said; NULL: nothing to do */
	void (*second)(struct web *web); /* NULL: nothing to do */
	/* What this line can do of it; NULL: all. */
	void (*adapt)(const struct config_line *line, struct ivr_adapter *adapter);
	bool mute; /* no voice of its own: sounds are made, whatever platform_voice says */
	struct ivr_adapter adapter; /* its name and arg are filled in */
};

enum web_verb {
	WEB_START,
	WEB_TURN,
	WEB_INTERRUPTED,
	WEB_DROPPED,
	WEB_LEG,
	WEB_JOINED,
	WEB_RECORDED,
	WEB_DIALLED,
	WEB_STATUS,
	WEB_NONE
};

struct web_path {
	enum web_verb verb;
	char token[IVR_TOKEN_MAX]; /* or, of WEB_DIALLED, the call's name; "" where there is none */
	unsigned tries; /* of WEB_LEG */
};

/* path: what follows /ivr/NAME. Pure. */
struct web_path web_path_parse(const char *path);

/* "https://phone.example.org/ivr/NAME/t/TOKEN"; token NULL: none. */
void web_url(const struct web *web, struct text *to, char verb, const char *token);
/* The address of a prompt's sound; false when it has none. */
bool web_sound(const struct web *web, struct text *to, const struct ivr_prompt *prompt);
/* The same of one of its pieces; see prompts_piece. */
bool web_piece(const struct web *web, struct text *to, const struct ivr_prompt *prompt,
	uint32_t seconds, uint32_t index);
const char *web_words(const struct web *web, const struct ivr_prompt *prompt); /* "" when none */
const char *web_locale(const char *lang); /* "nl-BE" */

void web_refuse(const struct web *web, struct server_answer *answer_r); /* 403, counted */
void web_bad(struct server_answer *answer_r); /* 400 */
/* Takes bytes over. */
void web_answer(struct server_answer *answer_r, const char *type, const char *bytes, size_t length);

bool web_same(const char *a, const char *b); /* in constant time for equal lengths */

#endif
