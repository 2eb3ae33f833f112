/* Shared by the files of this adapter alone. */
#ifndef IVR_ADAPTERS_ARI_PRIVATE_H
#define IVR_ADAPTERS_ARI_PRIVATE_H

#include "base/json.h"
#include "ivr/adapters/ari.h"

#include <uthash.h>

enum ari_phase {
	ARI_IDLE, /* waits for a turn */
	ARI_DIALLING, /* a callback: the counsellor's telephone, which is to become the call */
	ARI_ANSWERING,
	ARI_PAUSING,
	ARI_PLAYING, /* a step's prompts */
	ARI_LISTENING, /* MENU and COLLECT after their prompts */
	ARI_HOLDING,
	ARI_RECORDING,
	ARI_CONNECTING,
	ARI_ENDING /* the hang-up is asked for */
};

enum ari_leg_phase {
	ARI_LEG_NONE,
	ARI_LEG_RINGING,
	ARI_LEG_HEARING, /* the question */
	ARI_LEG_THINKING, /* until a key, or long enough */
	ARI_LEG_JOINING,
	ARI_LEG_JOINED
};

enum ari_what { /* is asked, and what its answer means */
	ARI_DO, /* harmless when it fails */
	ARI_ANSWER,
	ARI_PLAY, /* to the caller */
	ARI_PLAY_LEG,
	ARI_ORIGINATE, /* a leg */
	ARI_DIAL, /* a callback */
	ARI_JOIN,
	ARI_RECORD,
	ARI_POKE, /* whatever was to be stopped is: ask now */
	ARI_QUERY, /* is the channel there */
	ARI_QUERY_PLAY, /* is the playback */
	ARI_CLEAN, /* must succeed, also when the call is gone */
	ARI_PROBE, /* is it there, and do we belong there */
	ARI_OURS, /* the channels of our application */
	ARI_CHANNELS, /* all of them */
	ARI_TOKEN_OF, /* a channel that we do not know */
	ARI_BRIDGE_OF /* is it talking */
};

struct ari_request {
	struct ari_request *next;
	uint64_t id;
	enum ari_what what;
	char name[ARI_ID_MAX + 1]; /* what it is about */
	char method[8], *path, *body; /* path: below api_url */
	size_t length;
	uint32_t tries;
	int64_t due_mono;
	bool sent;
};

struct ari_leg {
	enum ari_leg_phase phase;
	char id[ARI_ID_MAX + 1], playing[ARI_ID_MAX + 1], stamp[ARI_STAMP_MAX + 1];
	uint32_t tries;
	int64_t due_mono, began_mono;
	bool rang, bridged;
};

struct ari_session { /* one call; the lobby (call "") is for what belongs to none */
	struct ari *ari;
	char call[ARI_CALL_MAX + 1];
	bool dialled, up, over, moh;
	struct ivr_turn *turn; /* NULL: none yet */
	uint32_t step;
	enum ari_phase phase;
	int64_t began_mono, due_mono, watch_mono; /* 0: none */
	char keys[IVR_DIGITS_MAX + 1]; /* of COLLECT */
	char stamp[ARI_STAMP_MAX + 1]; /* of the last key */
	char playing[ARI_ID_MAX + 1];
	uint32_t played; /* so many sounds: their names go round */
	char segment[IVR_PROMPT_ID_MAX + 1]; /* `playing` is this sound of a HOLD; "" when not */
	int64_t segment_mono;
	char recording[IVR_RECORDING_MAX + 1];
	char token[IVR_TOKEN_MAX]; /* after our restart, until the first event is told */
	uint32_t poked; /* the turn that is to be asked anew at once; 0: none */
	int64_t poked_mono;
	struct ari_leg leg;
	struct ari_request *first, **end;
	UT_hash_handle hh;
};

struct ari {
	struct web web; /* first */
	struct server_link *link;
	bool up, replaced, syncing, probing;
	const char *told; /* why it is not reached, as was told */
	uint64_t settings; /* as the connection was made by */
	uint32_t failures;
	int64_t retry_mono, up_mono, sync_mono, began_sync_mono;
	struct ari_session *sessions, *lobby;
	uint64_t asked;
	char *ours; /* JSON of the application, while a sync goes on */
	size_t ours_length;
};

/* ari.c */
void ari_tell_gone(const struct ari *ari, const char *call, enum ivr_cause cause);
const char *ari_app(const struct ari *ari);
void ari_probed(struct ari *ari, enum err err, long status);

/* ari_rest.c. The body is taken over, or NULL. Parts of a path are encoded; NULL ends them. */
void ari_ask(struct ari_session *session, enum ari_what what, const char *name,
	const char *method, struct json_out *body, const char *const *parts);
#define ARI_PATH(...) ((const char *const[]) { __VA_ARGS__, NULL })
void ari_pump(struct ari_session *session);
void ari_drop_requests(struct ari_session *session, bool all); /* else those that may be */
void ari_body(struct json_out *body);
void ari_new_name(const struct ari *ari, char name_r[ARI_ID_MAX + 1]);
must_check enum err ari_fetch(void *arg, const char *call, const char *recording);
void ari_forget(void *arg, const char *recording);

/* ari_session.c */
struct ari_session *ari_session_create(struct ari *ari, const char *call);
struct ari_session *ari_session_find(const struct ari *ari, const char *call); /* also one that is over */
void ari_session_free(struct ari_session *session);
/* caller: of INCOMING; of RECORDED the seconds. */
void ari_session_tell(struct ari_session *session, enum ivr_event_kind kind, const char *keys,
	enum ivr_cause cause, uint64_t caller);
void ari_session_gone(struct ari_session *session, enum ivr_cause cause);
void ari_session_end(struct ari_session *session, const char *reason); /* hang up; gone follows */
void ari_session_event(struct ari_session *session, const struct ari_event *event);
void ari_session_answered(struct ari_session *session, const struct ari_request *request,
	enum err err, long status);
void ari_session_second(struct ari_session *session, int64_t mono);
void ari_session_poke(struct ari_session *session);
void ari_session_poked(struct ari_session *session);
void ari_session_note_token(struct ari_session *session);

/* ari_play.c */
bool ari_play(struct ari_session *session, const struct ivr_prompt *prompts, uint32_t count);
void ari_play_segment(struct ari_session *session, const struct ivr_step *step);
void ari_play_ringing(struct ari_session *session);
bool ari_play_leg(struct ari_session *session, const struct ivr_prompt *prompt);
void ari_stop(struct ari_session *session);
void ari_stop_all(struct ari_session *session); /* also what was begun before our restart */
void ari_stop_leg(struct ari_session *session);
void ari_moh(struct ari_session *session);
void ari_record(struct ari_session *session, const struct ivr_step *step);
void ari_recorded(struct ari_session *session, const struct ari_event *event);
void ari_record_nothing(struct ari_session *session);

/* ari_leg.c */
const struct ivr_step *ari_step(const struct ari_session *session);
void ari_leg_begin(struct ari_session *session);
void ari_leg_event(struct ari_session *session, const struct ari_event *event);
void ari_leg_up(struct ari_session *session);
void ari_leg_gone(struct ari_session *session, enum ivr_cause cause);
void ari_leg_second(struct ari_session *session, int64_t mono);
void ari_leg_joined(struct ari_session *session, bool good);
void ari_leg_disconnect(struct ari_session *session); /* without a word; nothing stays behind */
bool ari_originate(struct ari_session *session, enum ari_what what, const char *id,
	const char *target, const char *cli, uint32_t seconds);
/* "APP-l-7-1700000000.1" → turn and call; false: not a leg of ours. */
bool ari_leg_parse(const struct ari *ari, const char *id, uint32_t *turn_r,
	char call_r[ARI_CALL_MAX + 1]);
void ari_leg_name(const struct ari *ari, uint32_t turn, const char *call,
	char id_r[ARI_ID_MAX + 1]);
void ari_bridge_name(const struct ari *ari, const char *call, char id_r[ARI_ID_MAX + 1]);
void ari_hangup_channel(struct ari *ari, const char *id); /* one that nobody wants */

/* ari_sync.c */
void ari_sync(struct ari *ari);
void ari_sync_answered(struct ari *ari, const struct ari_request *request, enum err err,
	long status, const char *body, size_t length);

#endif
