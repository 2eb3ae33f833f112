/* jambonz: JSON in, an array of verbs out, REST besides. It keeps no recordings, by design: its `listen`
 * streams the sound to us as it is spoken (jambonz_listen.h). Its own queue is not used: an error in its wait
 * hook leaves silence. */
#ifndef IVR_ADAPTERS_JAMBONZ_H
#define IVR_ADAPTERS_JAMBONZ_H

#include "ivr/adapters/web.h"

enum { JAMBONZ_SKEW_SECONDS = 300 };

extern const struct web_kind jambonz_kind;

/* Pure. header: "t=1700000000,v1=hex"; now: seconds since 1970. */
bool jambonz_signed(
	const char *secret, const char *body, size_t length, const char *header, int64_t now);

/* What a hook says. The first one of a call carries the whole INVITE, with the caller's number in
 * several places: nothing but the hash of `from` leaves the parser. */
struct jambonz_event {
	char call[IVR_CALL_ID_MAX + 1];
	uint64_t caller;
	char digits[IVR_DIGITS_MAX + 1];
	bool over;
	enum ivr_cause dialled;
};
must_check enum err jambonz_parse(const char *body, size_t length, const struct ivr_caller_key *key,
	struct jambonz_event *event_r);

/* What a websocket of `listen` says first. It has the caller's number too, which goes no further. */
struct jambonz_hello {
	char call[IVR_CALL_ID_MAX + 1];
	uint32_t rate; /* of its sound, samples a second, one channel */
};
must_check enum err jambonz_parse_hello(
	const char *text, size_t length, struct jambonz_hello *hello_r);

/* What jambonz proves itself by when it opens that websocket: HTTP Basic, with a password that holds for
 * this turn alone. header: "Basic …"; any of the line's secrets will do. */
#define JAMBONZ_LISTEN_USER "onthaal"
enum { JAMBONZ_PASSWORD = 65 };
void jambonz_password(const char *secret, const char *token, char password_r[JAMBONZ_PASSWORD]);
bool jambonz_listen_believed(
	const struct config_line *line, const char *token, const char *header);

void jambonz_answer(enum err err, const struct ivr_bytes *bytes, struct server_answer *answer_r);

/* call: of the caller, as the leg's hook is told it. */
void jambonz_render(const struct web *web, const char *call, const char *token,
	const struct ivr_turn *turn, struct text *to);
void jambonz_render_leg(const struct web *web, const char *call, const char *token,
	enum ivr_leg leg, unsigned tries, const struct ivr_prompt *accept, struct text *to);

#endif
