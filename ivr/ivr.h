/* The telephone: calls that follow the script of ivr.yaml and are contacts of the desk like chats.
 * All of it runs on the loop thread, from memory: no call here waits for the store, and no answer
 * depends on it. What happened is told to the desk afterwards (EVENT_CALL).
 *
 * How an adapter takes part
 *   It has a constant struct ivr_adapter and is registered once by ivr_adapter_add(). It tells what a
 *   line says as struct ivr_event, and gets the turn to do next.
 *   - In-process (SIP): ivr_drive(). OK gives the next turn; ERR_EXISTS means that this was said
 *     before or is of no consequence: do nothing. A media thread posts its events by mailbox; the
 *     loop-thread half calls ivr_drive() and posts the turn back by value.
 *   - Over webhooks: ivr_ask(), which also renders, keeps the bytes by (call, turn), and gives the
 *     very same bytes to whoever asks again.
 *   Core to adapter: the operations below, on the loop thread, out of ivr_drive, ivr_ask,
 *   ivr_second or a desk callback. They never call back synchronously and may fail silently: what
 *   counts is the event that follows, or its absence until the step's time is over.
 *   - interrupt: the current HOLD, or a joined CONNECT, has something new: make the line send POLL for
 *     that turn at once (a joined leg is hung up). A line in any other step may ignore it.
 *   - end: hang up, whatever it does; GONE follows. - query: if the line is no longer there, send
 *     GONE. - dial: call a number for a callback and send INCOMING for that call with the name given;
 *     when it fails, GONE. - forget: delete a recording at the platform.
 *   What an adapter cannot do is NULL: without interrupt, a pick-up waits for the segment's end
 *   (`poll` seconds); without dial, callbacks go through an adapter that can,
 *   and none are offered when there is no such adapter.
 *
 * A line (call)
 *   INCOMING once, then events until GONE. The line's rank only rises: after GONE every event of
 *   that call gives HANGUP turns; GONE of a call never heard of is remembered for IVR_TOMBSTONE
 *   minutes, so that an INCOMING overtaken by it is not taken for a caller. An event for an earlier
 *   turn than the current one is a repetition. After a restart an event with a token goes on where
 *   the token says, and the desk's contact is found again: it is derived from the call's name.
 *
 * Callback
 *   When a contact with a callback number is taken, `dial` rings the counsellor's telephone; that line's
 *   turns are a MENU ("press 1"), then CONNECT to the caller's number. The number is the one thing
 *   of a caller that is kept, sealed, until it was reached or tried often enough.
 *
 * Pick-up
 *   A counsellor takes the contact (COMMAND_TAKE, by the desk); the call's next turn is CONNECT to
 *   that counsellor's telephone, cause interrupt. RINGING, ACCEPTED and DROPPED are told to the
 *   console as stages. DROPPED before ACCEPTED: the contact returns to its original place and the
 *   line gets HOLD again. DROPPED after it with the caller still there: one more HOLD turn, and the
 *   counsellor decides (ring again, give back, close). */
#ifndef IVR_IVR_H
#define IVR_IVR_H

#include "desk/desk.h"
#include "ivr/script.h"
#include "ivr/step.h"

enum { IVR_ADAPTERS_MAX = 8,
	IVR_ADAPTER_NAME_MAX = 24,
	IVR_CALLS_MAX = 2000, /* at once; one more hears the degraded step's rejection */
	IVR_TOMBSTONES = 4096,
	IVR_TOMBSTONE_MINUTES = 10,
	IVR_SILENT_MINUTES = 3, /* without any event: asked by query, then given up */
	IVR_KEPT = 4, /* answers kept of each call */
	IVR_TOKEN_MAX = 160,
	IVR_RECORDING_MAX = 79, /* a platform's name of a recording, [A-Za-z0-9_-] */
	IVR_RECORDING_BYTES = 4 * 1024 * 1024 }; /* a WAV file: 240 s of 16 bits at 8 kHz are 3.84 MB */

struct ivr;
struct ivr_call;

struct ivr_bytes { /* an answer, as rendered */
	char *bytes;
	size_t length;
};

struct ivr_adapter {
	const char *name; /* of the path and the log, [a-z0-9-] */
	uint32_t poll; /* seconds of a HOLD segment that suit it */
	bool (*record_room)(void *arg); /* RECORD may be asked of it now; NULL: always */
	bool stays; /* in-process, but its calls outlive us and come back */
	/* A turn as the platform's document; bytes_r by mem_alloc. NULL: in-process. */
	void (*render)(void *arg, const struct ivr_call *call, const struct ivr_turn *turn,
		struct ivr_bytes *bytes_r);
	void (*interrupt)(void *arg, const struct ivr_call *call);
	void (*end)(void *arg, const struct ivr_call *call);
	void (*query)(void *arg, const struct ivr_call *call);
	/* name: what INCOMING and GONE will call it until the platform's own name is known, by
	 * ivr_rename. number: to be forgotten after the call. */
	enum err (*dial)(void *arg, const char *name, const char *number);
	/* The file of a recording; ivr_fetched() follows, never at once. ERR_NOT_FOUND: there is none,
	 * and never will be. NULL: none can be fetched. */
	enum err (*fetch)(void *arg, const char *call, const char *recording);
	void (*forget)(void *arg, const char *recording); /* until it succeeds, whatever happens */
	bool in_memory; /* recordings are there alone: forgotten too when they cannot be kept */
	void *arg;
};

struct ivr_settings { /* of onthaal.yaml, by value or borrowed from the configuration */
	const char *cli; /* the centre's number, shown to both sides; "" as the platform sets it */
	uint32_t ring_seconds, wrapup_seconds, calls_per_hour; /* calls_per_hour 0: not counted */
	uint32_t callback_attempts; /* 0: no callbacks are offered */
	char *const *callback_numbers; /* how they begin, see number.h; none: Belgium's */
	uint32_t callback_numbers_count;
	bool voicemail;
	const struct config *config; /* of the centre: zone, hours */
};

/* Where callback numbers outlive us, sealed; without it they live in memory alone. json holds the
 * number: it is to be sealed before it touches a disk, and wiped. */
struct ivr_vault {
	void (*put)(void *arg, const char *key, const char *json, size_t length);
	void (*drop)(void *arg, const char *key);
	void *arg;
};

/* desk, script, settings' strings: borrowed, and replaced by ivr_configure. */
struct ivr *ivr_create(
	struct desk *desk, const struct script *script, const struct ivr_settings *settings);
void ivr_destroy(struct ivr **ivr); /* before the desk; lines are left as they are */
void ivr_configure(
	struct ivr *ivr, const struct script *script, const struct ivr_settings *settings);
/* Copied. ERR_EXISTS: the name is taken; ERR_LIMIT: IVR_ADAPTERS_MAX. */
must_check enum err ivr_adapter_add(struct ivr *ivr, const struct ivr_adapter *adapter);
void ivr_second(struct ivr *ivr); /* once a second */
void ivr_vault(struct ivr *ivr, const struct ivr_vault *vault);
/* What the vault held, at start, after the adapters. */
must_check enum err ivr_callback_restore(struct ivr *ivr, const char *json, size_t length);

const struct ivr_settings *ivr_settings(const struct ivr *ivr);

/* The daily key that callers' numbers are hashed with, so that parsers can do it at once. */
struct ivr_caller_key {
	uint8_t bytes[32];
};
const struct ivr_caller_key *ivr_caller_key(const struct ivr *ivr);
/* What is kept of a number: 0 of "" and of one without digits. */
uint64_t ivr_caller(const struct ivr_caller_key *key, const char *number, size_t length);

/* Answers: OK turn_r is set · ERR_EXISTS a repetition, or nothing to do · ERR_INVALID the call's
 * name, adapter or token is not of its form (then nothing was changed). */
must_check enum err ivr_drive(struct ivr *ivr, const char *adapter, const struct ivr_event *event,
	struct ivr_turn *turn_r);
/* The same with rendering. *answer_r is borrowed until the next call of this function; empty when
 * no document is due (RINGING, ACCEPTED, GONE). */
must_check enum err ivr_ask(struct ivr *ivr, const char *adapter, const struct ivr_event *event,
	const struct ivr_bytes **answer_r);

/* Whether that call is being asked for a message now: in that turn, or (0) in any. */
bool ivr_records(const struct ivr *ivr, const char *adapter, const char *call, uint32_t turn);
/* Whether a call that is not known (since a restart) was asked for one in the turn of that token. */
bool ivr_recorded_before(struct ivr *ivr, const char *adapter, const char *call, const char *token);
/* Whether the core has that call's recording under that name, and will fetch it. */
bool ivr_recording(
	const struct ivr *ivr, const char *adapter, const char *call, const char *recording);
/* What fetch brought, a RIFF file. absent: there is no such file (yet). Copied. */
void ivr_fetched(struct ivr *ivr, const char *adapter, const char *call, enum err err, bool absent,
	const void *bytes, size_t length);

/* The counsellor's leg of a CONNECT turn, just answered or with keys pressed. */
enum ivr_leg { IVR_LEG_ASK /* play `accept`, wait for a key */, IVR_LEG_JOIN, IVR_LEG_DROP };
enum ivr_leg ivr_leg(struct ivr *ivr, const char *adapter, const char *call, uint32_t turn,
	const char *keys, uint32_t tries); /* keys NULL: just answered; tries: asked so far */

/* What a call shows to its adapter. */
const char *ivr_call_id(const struct ivr_call *call); /* the platform's name */
const char *ivr_call_lang(const struct ivr_call *call);
uint32_t ivr_call_turn(const struct ivr_call *call); /* the current one */
/* For the way back of a turn: number, step, language, role, marks, and a code over them and the
 * call's name, of [A-Za-z0-9._-]. ivr_token_turn: the number; 0 when it is not ours. */
void ivr_token(const struct ivr *ivr, const struct ivr_call *call, char token_r[IVR_TOKEN_MAX]);
/* The same by name, of an in-process adapter; false: there is no such call any more. */
must_check bool ivr_token_now(
	const struct ivr *ivr, const char *adapter, const char *call, char token_r[IVR_TOKEN_MAX]);
uint32_t ivr_token_turn(
	const struct ivr *ivr, const char *adapter, const char *call, const char *token);
void ivr_rename(struct ivr *ivr, const char *adapter, const char *from, const char *to);
/* The words of a prompt, for text-to-speech; NULL when it has none. */
const char *ivr_prompt_text(const struct ivr *ivr, const struct ivr_prompt *prompt);

/* As desk_order(). */
must_check enum err ivr_order(
	struct ivr *ivr, uint32_t staff, uint64_t contact, enum desk_order order);

struct ivr_figures {
	uint32_t calls, waiting, talking, recordings_waiting /* left, and not stored yet */;
	uint64_t incoming, repeated, unknown, silent, left_at_once /* within 5 s */,
		left_script, left_waiting, connected, refused,
		no_room /* for a message */;
	uint64_t dropped[IVR_CAUSE_COUNT]; /* pick-ups that failed, by cause */
	uint64_t callbacks, recordings, degraded;
};
void ivr_figures(const struct ivr *ivr, struct ivr_figures *figures_r);
void ivr_refused(struct ivr *ivr); /* an adapter turned a request away: counted */

#endif
