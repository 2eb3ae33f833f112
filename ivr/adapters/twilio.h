/* Twilio Voice and those compatible with it: SignalWire, Somleng. Form in, TwiML out, REST besides.
 * What differs by dialect: the signature's header and its treatment of repeated fields; verbs that
 * Somleng does not know; and that Somleng cannot ask the counsellor's leg to press 1: there an
 * answered telephone is taken for the counsellor, so let it have no voicemail. */
#ifndef IVR_ADAPTERS_TWILIO_H
#define IVR_ADAPTERS_TWILIO_H

#include "base/form.h"
#include "ivr/adapters/web.h"

enum twilio_dialect { TWILIO_TWILIO, TWILIO_SIGNALWIRE, TWILIO_SOMLENG };

extern const struct web_kind twilio_kind;

enum twilio_dialect twilio_dialect_of(const struct config_line *line);

/* Pure. url: as the platform was told it, with the query. form NULL: a JSON body, whose SHA-256 must
 * stand in the URL. */
bool twilio_signed(enum twilio_dialect dialect, const char *secret, const char *url,
	const struct form *form, const char *body, size_t length, const char *signature);

/* What a request says. The caller's number is hashed here and goes no further. */
struct twilio_event {
	char call[IVR_CALL_ID_MAX + 1], parent[IVR_CALL_ID_MAX + 1];
	uint64_t caller;
	char digits[IVR_DIGITS_MAX + 1];
	bool over; /* CallStatus is final */
	enum ivr_cause dialled; /* DialCallStatus; NONE when there is none */
	bool answered; /* CallStatus in-progress */
	char recording[80];
	uint32_t seconds;
};
must_check enum err twilio_parse(const struct form *form, const struct ivr_caller_key *key,
	struct twilio_event *event_r);

/* token: of this turn. */
void twilio_render(const struct web *web, enum twilio_dialect dialect, const char *token,
	const struct ivr_turn *turn, struct text *to);
void twilio_render_leg(const struct web *web, const char *token, enum ivr_leg leg, unsigned tries,
	const struct ivr_prompt *accept, struct text *to);

#endif
