/* Shared by the files of this room alone. */
#ifndef WEBCHAT_PRIVATE_H
#define WEBCHAT_PRIVATE_H

#include "webchat/frames.h"
#include "webchat/session.h"

struct session {
	struct desk *desk;
	const struct config *config;
	const struct session_line *line;
	const struct words *words;
	void *arg;
	uint64_t port, contact; /* 0: none yet */
	int64_t opened_mono, heard_mono;
	char secret[DESK_SECRET_SIZE]; /* while its conversation is looked for */
	uint64_t recalled; /* a closed conversation that was read */
	uint32_t after; /* what the page has seen */
	struct json_out events; /* gathered until the flush */
	bool greeted, closing, replaying;
	bool beat_due; /* the page's next beat answers ours */
	int64_t beat_mono; /* when we last answered one */
	int64_t frames_mono; /* SESSION_FRAMES, as a leaky bucket in time */
	int64_t typing_mono; /* when `on` was last passed on */
	bool typing, typing_due; /* due: a start that came too soon */
	unsigned tries; /* of a return code */
	bool coding; /* one is under way */
};

struct json_out session_begin(void);
void session_send(struct session *session, struct json_out *out); /* frees it */
void session_error(struct session *session, const char *code, const char *id, int retry);
void session_end(struct session *session, int code);
bool session_full(struct session *session); /* no place for one without a conversation: ended */

/* listening.c */
void listening_begin(struct session *session); /* before there is a conversation */
/* To the conversation of session->secret: one that goes on, or what is left of a closed one. */
void listening_go_on(struct session *session, bool again);
void listening_refuse(struct session *session, enum command_kind kind, const char *id, enum err err);

/* starting.c: true: the page was given its work (gate.h) instead. */
bool starting_must_work(struct session *session, const json_t *frame, const char *id);

/* returning.c */
void returning_make(struct session *session, const json_t *frame);
void returning_read(struct session *session, const json_t *frame);

#endif
