/* The telephone's neutral language: what the call script asks of a line (turns made of steps), and
 * what a line tells back (events). Every adapter, a webhook platform or our own SIP endpoint, speaks
 * it; nothing here knows any of them. Values only: no pointers but to constant texts of the script.
 *
 * A turn is at most IVR_STEPS_MAX steps, done in order. Its last step waits (MENU, COLLECT, HOLD,
 * CONNECT, RECORD) or ends the call (REJECT, HANGUP); those before it (ANSWER, PAUSE, PROMPT) do
 * not. When the last one waits, the line tells its outcome by one event that carries the turn's
 * number, and gets the next turn. That way back is what other systems call "goto": it is implied.
 *
 *   step     fields                       ends with the event
 *   ANSWER   -                            none; harmless on a line that is answered
 *   PAUSE    seconds                      none
 *   PROMPT   prompts                      none; keys pressed meanwhile are dropped
 *   MENU     prompts keys seconds         KEYS with the one key, at once, also during the prompts;
 *                                         KEYS "" when `seconds` after the prompts none came
 *   COLLECT  prompts most finish seconds  KEYS with the digits: `most` came, or `finish` (not
 *                                         contained), or `seconds` without a further key. A key of
 *                                         `keys` as the first one is reported alone, as in MENU
 *   HOLD     prompts segment keys seconds KEYS with one of `keys` at once, else POLL when the
 *                                         segment, begun after the prompts, has played for `seconds`
 *   CONNECT  prompts target cli seconds   RINGING? ACCEPTED? then DROPPED with a cause; see below
 *            accept keys
 *   RECORD   prompts most finish          RECORDED with the sink's reference and seconds
 *   REJECT   cause                        GONE; never answered, or hung up when it was
 *   HANGUP   -                            GONE
 *
 * A key that is not in `keys` is reported too: the script knows what to say.
 *
 * CONNECT: play prompts to the caller, then let `target` ring for at most `seconds`, showing `cli`,
 * while the caller hears ringing. When it is answered, that leg alone hears `accept` (twice at most,
 * IVR_ACCEPT_SECONDS for a key each time); its key "1" means a person took it, anything else (a
 * voicemail says nothing) hangs that leg up. On "1": ask ivr_leg() whether the caller is still
 * wanted, and only then join the two and tell ACCEPTED. Whenever it is over, tell DROPPED with the
 * cause; the caller's line must then still be there unless the cause is IVR_CAUSE_CALLER. If the
 * caller leaves first, hang the leg up at once: no leg outlives its caller. With accept.id "" nobody
 * is asked: joined when answered (a callback: the line is the counsellor's, the target the caller). */
#ifndef IVR_STEP_H
#define IVR_STEP_H

#include <stdbool.h>
#include <stdint.h>

enum { IVR_STEPS_MAX = 6,
	IVR_PROMPTS_MAX = 24, /* of one step */
	IVR_PROMPT_ID_MAX = 40,
	IVR_LANG_MAX = 8,
	IVR_DIGITS_MAX = 32, /* of one COLLECT */
	IVR_KEYS_MAX = 12, /* "0123456789*#" */
	IVR_TARGET_MAX = 120, /* a number, a SIP URI, or an extension of the platform */
	IVR_CALL_ID_MAX = 120, /* the platform's name of a call, bytes of [!-~] */
	IVR_ACCEPT_SECONDS = 6 };

#define IVR_PROMPT_RESTART "restart" /* said by a line of ours that ends because we stop */
#define IVR_LANG_ANY "any" /* of sounds without words, such as music */

enum ivr_step_kind {
	IVR_ANSWER,
	IVR_PAUSE,
	IVR_PROMPT,
	IVR_MENU,
	IVR_COLLECT,
	IVR_HOLD,
	IVR_CONNECT,
	IVR_RECORD,
	IVR_REJECT,
	IVR_HANGUP
};

struct ivr_prompt { /* prompts_find() knows its file, ivr_prompt_text() its words */
	char id[IVR_PROMPT_ID_MAX + 1]; /* [a-z0-9._-] */
	char lang[IVR_LANG_MAX + 1];
};

enum ivr_cause { /* of REJECT, DROPPED, GONE */
	IVR_CAUSE_NONE,
	IVR_CAUSE_DONE, /* they talked, and one of them hung up */
	IVR_CAUSE_BUSY,
	IVR_CAUSE_NO_ANSWER,
	IVR_CAUSE_DECLINED, /* answered, but nobody pressed 1: perhaps a voicemail */
	IVR_CAUSE_FAILED, /* wrong number, no route, refused */
	IVR_CAUSE_CALLER, /* the caller left while it rang */
	IVR_CAUSE_CLOSED,
	IVR_CAUSE_CUT, /* GONE: we stop, and the line with us */
	IVR_CAUSE_COUNT
};

struct ivr_step {
	enum ivr_step_kind kind;
	uint32_t seconds, most;
	char finish; /* a key, or 0 */
	char keys[IVR_KEYS_MAX + 1];
	uint32_t prompt_count;
	struct ivr_prompt prompts[IVR_PROMPTS_MAX];
	struct ivr_prompt segment; /* HOLD: repeated until `seconds` are over */
	struct ivr_prompt accept; /* CONNECT */
	char target[IVR_TARGET_MAX + 1], cli[IVR_TARGET_MAX + 1]; /* CONNECT */
	enum ivr_cause cause; /* REJECT */
};

struct ivr_turn {
	uint32_t number; /* 1 and up, per call; an event says which one it answers */
	uint32_t count;
	struct ivr_step steps[IVR_STEPS_MAX];
};

enum ivr_event_kind {
	IVR_EVENT_INCOMING, /* the call's first sign; answers turn 0 */
	IVR_EVENT_KEYS,
	IVR_EVENT_POLL, /* also: asked by interrupt */
	IVR_EVENT_RECORDED,
	IVR_EVENT_RINGING, /* the counsellor's telephone rings: no turn comes of it */
	IVR_EVENT_ACCEPTED, /* joined: no turn comes of it */
	IVR_EVENT_DROPPED,
	IVR_EVENT_GONE /* final, in whatever order it arrives: no turn comes of it */
};

struct ivr_event {
	enum ivr_event_kind kind;
	const char *call; /* the platform's name of the call, borrowed */
	uint32_t turn; /* which it answers; of RINGING, ACCEPTED, GONE: any */
	bool latest; /* by webhook, after interrupt: one that is late gets the newest answer */
	const char *token; /* as made by ivr_token() for that turn, or NULL: in-process adapters */
	uint64_t caller; /* INCOMING: ivr_caller() of the number, 0 when withheld */
	char keys[IVR_DIGITS_MAX + 1];
	enum ivr_cause cause; /* DROPPED, GONE */
	const char *recording; /* RECORDED: what the adapter fetches and deletes it by, borrowed */
	uint32_t seconds; /* RECORDED */
};

/* The last step of a turn; NULL of an empty one. */
static inline const struct ivr_step *ivr_turn_last(const struct ivr_turn *turn)
{
	return turn->count ? &turn->steps[turn->count - 1] : 0;
}

/* The step of that kind, NULL when there is none. */
static inline const struct ivr_step *ivr_turn_find(
	const struct ivr_turn *turn, enum ivr_step_kind kind)
{
	for (uint32_t i = 0; i < turn->count; i++)
		if (turn->steps[i].kind == kind)
			return &turn->steps[i];
	return 0;
}

#endif
