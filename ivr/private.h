/* Shared by the files of this room alone, but for the adapters, who use ivr.h. */
#ifndef IVR_PRIVATE_H
#define IVR_PRIVATE_H

#include "ivr/ivr.h"

#include <uthash.h>

enum { CALL_KEY_SIZE = 16,
	CALL_START_ID = 25, /* 18 bytes as text, with its end */
	TROUBLE_MS = 10000, /* a contact that the store has not taken for so long: degraded */
	OFTEN_MAX = 8192 }; /* callers counted at once */

enum call_rank { LINE_NEW, LINE_UP, LINE_GONE }; /* only rises */
enum call_stage {
	STAGE_SCRIPT, /* has not reached the queue */
	STAGE_WAITING,
	STAGE_RINGING, /* taken: the counsellor's telephone rings, or is about to */
	STAGE_TALKING,
	STAGE_PARKED /* taken, and the caller on hold */
};

struct kept {
	bool used;
	uint32_t asked; /* the turn that the event answered */
	struct ivr_bytes answer;
};

struct ivr_call {
	struct ivr *ivr;
	uint8_t key[CALL_KEY_SIZE]; /* of adapter and name */
	uint8_t adapter;
	char id[IVR_CALL_ID_MAX + 1]; /* the platform's name */
	char start_id[CALL_START_ID];
	enum call_rank rank;
	enum call_stage stage;
	struct script_state state;
	uint32_t turn;
	uint32_t poked, poked_turn; /* the last interrupt: which turn it was for, what it was answered */
	enum ivr_step_kind waits; /* the last step of the turn */
	struct kept kept[IVR_KEPT];
	uint32_t next_kept;
	uint64_t contact, port; /* 0: not yet */
	bool opening; /* START is with the desk */
	bool level_due; /* to be raised as soon as there is a contact */
	bool leave_due; /* the caller is gone: the contact must be closed */
	bool connect_due; /* the next turn is CONNECT */
	bool noted_silent, asked_callback, left_message, message_due; /* message_due: to be noted */
	bool hangup_due; /* the next turn is HANGUP */
	bool accepted, not_yet;
	bool outgoing; /* a callback: the line is the counsellor's */
	uint8_t origin[CALL_KEY_SIZE]; /* its caller's former line */
	enum ivr_cause cause; /* why the caller was not reached */
	bool tried; /* the caller's telephone rang */
	struct callback *callback; /* a number is kept */
	struct recording *recording; /* a message is on its way to us */
	bool held; /* by the counsellor */
	uint8_t accept_tries;
	uint32_t staff; /* who took it; 0: nobody */
	uint32_t place;
	int64_t heard_mono, place_mono, opening_mono, parked_mono, gone_mono, began_mono;
	bool queried;
	UT_hash_handle hh;
};

struct often {
	uint64_t caller;
	uint32_t count;
	UT_hash_handle hh;
};

struct ivr {
	struct desk *desk;
	const struct script *script;
	struct ivr_settings settings;
	struct ivr_adapter adapters[IVR_ADAPTERS_MAX];
	size_t adapter_count;
	struct ivr_call *calls; /* tombstones too */
	uint32_t live, tombstones;
	uint8_t secret[32]; /* of this data folder: names, tokens */
	struct ivr_caller_key caller_key;
	int64_t day, hour; /* of the key, of the counts */
	struct often *often;
	bool open, lost_told;
	int64_t since_mono;
	uint64_t asked; /* request ids */
	uint8_t number_key[32]; /* of callback numbers, while we run */
	struct ivr_vault vault;
	struct ivr_bytes nothing, loose;
	struct ivr_figures figures;
};

/* call.c */
void call_key(const struct ivr *ivr, uint8_t adapter, const char *id, uint8_t key_r[CALL_KEY_SIZE]);
struct ivr_call *call_find(const struct ivr *ivr, uint8_t adapter, const char *id);
bool call_adapter_index(const struct ivr *ivr, const char *name, uint8_t *index_r);
/* The same by the adapter's name; NULL: no such adapter either. */
struct ivr_call *call_named(const struct ivr *ivr, const char *adapter, const char *id);
struct ivr_call *call_of_contact(const struct ivr *ivr, uint64_t contact); /* live */
struct ivr_call *call_create(struct ivr *ivr, uint8_t adapter, const char *id);
void call_forget(struct ivr_call *call); /* frees it */
void call_gone(struct ivr_call *call); /* a tombstone from now on */
void call_keep(struct ivr_call *call, uint32_t asked, const struct ivr_bytes *answer);
const struct ivr_bytes *call_kept(const struct ivr_call *call, uint32_t asked); /* NULL: none */
bool call_resume(struct ivr_call *call, const char *token); /* to where the token says */
const struct ivr_adapter *call_adapter(const struct ivr_call *call);

/* caller.c */
void caller_second(struct ivr *ivr, int64_t wall);
bool caller_often(struct ivr *ivr, uint64_t caller); /* counts it */
void caller_finish(struct ivr *ivr);

/* contact.c: a call as a contact of the desk. */
void contact_open(struct ivr_call *call);
void contact_port(struct ivr_call *call); /* whereby the desk's replies come */
void contact_raise(struct ivr_call *call);
void contact_note(struct ivr_call *call, const char *stage);
void contact_back(struct ivr_call *call); /* to the original place */
void contact_leave(struct ivr_call *call);
void contact_second(struct ivr_call *call);
bool contact_degraded(const struct ivr_call *call, int64_t mono);
void contact_detach(struct ivr_call *call);
void contact_lost(struct ivr *ivr, int64_t mono); /* once, after a start */

/* pickup.c */
void pickup_begin(struct ivr_call *call, uint32_t staff);
void pickup_over(struct ivr_call *call); /* taken back by the desk */
void pickup_closed(struct ivr_call *call); /* hang up */
void pickup_dropped(struct ivr_call *call, enum ivr_cause cause);
void pickup_accepted(struct ivr_call *call);
bool pickup_turn(struct ivr_call *call, struct ivr_turn *turn_r); /* CONNECT or HANGUP is due */
void pickup_torn(struct ivr_call *call); /* the leg is cut by an interrupt that came late: ring again */
void pickup_second(struct ivr_call *call, int64_t mono);
const char *pickup_cause_word(enum ivr_cause cause);

/* recording.c */
void recording_begin(struct ivr_call *call, const char *reference, uint32_t seconds);
must_check enum err recording_restore(
	struct ivr_call *call, const char *reference, uint32_t seconds);
bool recording_replied(struct ivr_call *call, const struct desk_reply *reply); /* false: not ours */
void recording_second(struct ivr_call *call, int64_t mono);
void recording_free(struct ivr_call *call); /* only from memory */

/* callback.c */
bool callback_possible(const struct ivr_call *call); /* configured, and some line can dial */
void callback_remember(struct ivr_call *call, char number[IVR_DIGITS_MAX + 1]); /* wiped */
void callback_taken(struct ivr_call *call, uint32_t staff); /* of a line that is gone */
void callback_turn(
	struct ivr_call *line, const struct ivr_event *event, struct ivr_turn *turn_r);
void callback_accepted(struct ivr_call *line);
void callback_gone(struct ivr_call *line, enum ivr_cause cause);
void callback_drop(struct ivr_call *call); /* the number, for good */
void callback_free(struct ivr_call *call); /* only from memory */

#endif
