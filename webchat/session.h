/* One visitor's line: frames of onthaal.visitor.1 in, frames out. No socket in here: what carries
 * the frames is given as two functions. PROTOCOL.md is the contract. */
#ifndef WEBCHAT_SESSION_H
#define WEBCHAT_SESSION_H

#include "webchat/codes.h"

enum { SESSION_BEAT_SECONDS = 8,
	SESSION_HELLO_SECONDS = 10, /* the first frame comes within */
	SESSION_SILENCE_SECONDS = 2 * SESSION_BEAT_SECONDS + 2, /* noticed within 20 s */
	SESSION_PIECE_BYTES = 48 * 1024, /* about so much in one frame of events */
	SESSION_FRAMES = 200, /* at once, but for messages, which have their own limit; then */
	SESSION_FRAMES_SECOND = 10, /* more each second; over it the line is closed */
	SESSION_TYPING_MS = 1000, /* typing is passed on at most so often */
	SESSION_CODE_TRIES = 10, /* return codes on one line; then it is closed */
	SESSION_CODE_WAIT = 10,
	SESSION_WORK_TEXT = 64,
	SESSION_RESERVED_PERCENT = 5, /* of limits.visitors */
	SESSION_NETWORK_PERCENT = 10, /* above limits.network_visitors, for conversations that began */
	SESSION_CLOSE_NORMAL = 1000,
	SESSION_CLOSE_RESTART = 1001,
	SESSION_CLOSE_RULE = 1008,
	SESSION_CLOSE_LATER = 1013 };

struct session_line {
	void (*send)(void *arg, const char *bytes, size_t length); /* copied */
	void (*send_replay)(void *arg, const char *bytes, size_t length); /* asked for, once */
	enum err (*ask)(void *arg, const struct code_question *question); /* ERR_BUSY: too many */
	/* A start may go through, or has its work to do (gate.h). NULL: always. */
	bool (*pass)(void *arg, const char *id, const char *work, const char *number,
		char text_r[SESSION_WORK_TEXT], int *bits_r);
	bool (*crowded)(void *arg); /* no place but for conversations that began; NULL: never */
	uint64_t (*network)(void *arg); /* server_line_network; NULL: not known */
	void (*close)(void *arg, int code); /* after what was sent; session_destroy follows */
};

struct session;

struct session *session_create(
	struct desk *desk, const struct config *config, const struct words *words,
	const struct session_line *line, void *arg);
void session_destroy(struct session **session);
void session_configure(struct session *session, const struct config *config);

void session_frame(struct session *session, const char *bytes, size_t length);
void session_coded(struct session *session, const struct code_answer *answer);
void session_tick(struct session *session, bool beat); /* once a second; beat: send one now */
void session_bye(struct session *session, const char *why);

#endif
