/* A call, from its INVITE to its GONE: does the steps of a turn, tells what came of them. SIP thread
 * only. line.c: begin, end, orders; line_steps.c: the steps; line_connect.c: CONNECT. */
#ifndef SIP_LINE_H
#define SIP_LINE_H

#include "ivr/sip/exchange.h"
#include "ivr/tape.h"

enum { LINE_LEAVING_SECONDS = 20, /* of the word when we stop, at most */
	LINE_LANGS = 4,
	LINE_TURN_TICKS = 60 * 50, /* without a next turn from the loop thread: given up */
	LINE_VERDICT_TICKS = 5 * 50,
	LINE_TICKS = 50 /* a second */ };

enum line_phase {
	LINE_IDLE, /* waits for a turn */
	LINE_ANSWERING, /* until the ACK */
	LINE_PAUSING,
	LINE_PLAYING, /* a step's prompts */
	LINE_LISTENING, /* MENU and COLLECT after their prompts */
	LINE_HOLDING,
	LINE_BEEPING,
	LINE_RECORDING,
	LINE_CONNECTING,
	LINE_ENDING, /* a moment, so that the last word is heard */
	LINE_LEAVING /* we stop: the word, then ENDING */
};

enum line_other { /* the counsellor's telephone */
	OTHER_NONE,
	OTHER_RINGING,
	OTHER_ASKING, /* the loop thread what to do */
	OTHER_HEARING, /* the question */
	OTHER_THINKING, /* until a key, or long enough */
	OTHER_JOINED
};

struct line {
	struct le le, he; /* of exchange->lines, ->lines_by_name */
	struct exchange *exchange;
	char name[WIRE_CALL_MAX + 1];
	struct leg *leg; /* NULL: the caller is gone */
	bool dialled; /* by us: a callback */
	bool told; /* INCOMING was */
	bool leaving, over;
	enum ivr_cause cause; /* of GONE */

	struct ivr_turn *turn; /* NULL: none yet */
	uint32_t step, number; /* number: the turn whose event was told last, or is done now */
	enum line_phase phase;
	uint32_t ticks; /* left of the phase; 0: no limit */
	char keys[IVR_DIGITS_MAX + 1]; /* of COLLECT */
	char ahead[IVR_DIGITS_MAX + 1]; /* pressed between two turns */
	const struct clip *segment; /* of the last HOLD */
	char langs[LINE_LANGS][IVR_LANG_MAX + 1]; /* that it heard last; "" ends them */
	struct tape tape; /* of RECORD */

	struct leg *other;
	enum line_other other_phase;
	uint32_t other_ticks, tries;
	bool rang;
};

/* line.c, line_leave.c */
void line_learn_langs(struct line *line);
void line_incoming(struct stack *stack, const struct sip_msg *msg);
void line_order(struct exchange *exchange, struct order *order); /* of one call */
void line_tick(struct line *line);
void line_event(struct line *line, enum ivr_event_kind kind, const char *keys,
	enum ivr_cause cause); /* tells, and waits for the next turn where one is due */
void line_end(struct line *line, enum ivr_cause cause); /* GONE */
void line_leave(struct line *line); /* we stop: everybody on it is told, then it ends */
void line_free(struct line *line);
struct line *line_find(struct exchange *exchange, const char *name);

/* line_steps.c */
void line_run(struct line *line); /* the current step of the turn */
void line_next(struct line *line);
void line_key(struct line *line, char key);
void line_step_tick(struct line *line);
void line_recorded(struct line *line); /* ends a RECORD: tells of the message, or that there is none */
const struct ivr_step *line_step(const struct line *line);

/* line_connect.c */
void line_connect(struct line *line);
void line_connect_tick(struct line *line);
void line_verdict(struct line *line, uint32_t turn, enum ivr_leg verdict);
void line_disconnect(struct line *line); /* the counsellor's telephone, without a word */
void line_comfort(struct line *line); /* the sound of the last HOLD, until the next turn */

/* route.c: where a target is. ERR_NOT_FOUND: nobody registered, no trunk, not an address. */
must_check enum err route_dial(struct exchange *exchange, const char *target, const char *cli,
	const struct leg_events *events, struct leg **leg_r);

#endif
