/* What callers say after the tone, as jambonz streams it: its verb `listen` opens a websocket to us, sends a
 * text about the call, and then the sound; nothing is kept there. Only who knows the password of that turn
 * is let in, only for a call that is being asked for a message in that very turn, and for no longer than one
 * may last. Its hook, which says that the listening is over, and the end of the call may overtake the end of
 * the sound: they are answered, and told, when that has come. Who hangs up has left a message too. */
#ifndef IVR_ADAPTERS_JAMBONZ_LISTEN_H
#define IVR_ADAPTERS_JAMBONZ_LISTEN_H

#include "ivr/adapters/jambonz.h"
#include "ivr/adapters/web_box.h"

enum { LISTEN_HELLO_SECONDS = 10, /* for the text about the call */
	LISTEN_TAIL_SECONDS = 5, /* of sound that was overtaken; jambonz waits ten for an answer */
	LISTEN_HOOK_SECONDS = 5, /* for the hook once the sound has ended */
	LISTEN_PING_SECONDS = 20, /* we say nothing else, and proxies cut what is silent */
	LISTEN_SPARE_SECONDS = 30, /* beyond the longest message, until the websocket is closed */
	LISTEN_HOOKS = 4 /* repetitions of one that wait at once */ };

struct listening;

struct jambonz {
	struct web_box box; /* first */
	struct listening *first;
};

extern const struct web_listen jambonz_listen;

enum listen_answer {
	LISTEN_NONE, /* nobody spoke, or it was told before: nothing was asked */
	LISTEN_LATER, /* it is answered when the sound has ended */
	LISTEN_BUSY, /* too many repetitions */
	LISTEN_ASKED /* as answer_r and err_r say */
};

/* The hook of `listen`, of that call and turn. */
must_check enum listen_answer jambonz_listen_hook(struct jambonz *jambonz, const char *call,
	uint32_t turn, const struct server_request *request, const struct ivr_bytes **answer_r,
	enum err *err_r);
/* The call is over: told at once, or when the sound has ended. */
void jambonz_listen_gone(struct jambonz *jambonz, const char *call);
void jambonz_listen_second(struct jambonz *jambonz);
size_t jambonz_listen_count(const struct jambonz *jambonz); /* messages that are not stored yet */
void jambonz_listen_drain(struct jambonz *jambonz); /* no more sound: what there is, is told */
void jambonz_listen_finish(struct jambonz *jambonz); /* the server is gone */

#endif
