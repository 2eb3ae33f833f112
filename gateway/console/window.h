/* One window of a counsellor: frames of onthaal.console.1 in, frames out, without a socket.
 * PROTOCOL.md is the contract. Signing in is slow (Argon2id) and done elsewhere: the window hands a
 * question to window_signin.ask and gets the answer by window_signed. */
#ifndef CONSOLE_WINDOW_H
#define CONSOLE_WINDOW_H

#include "console/archive.h"
#include "console/signin.h"
#include "desk/desk.h"
#include "oidc/oidc.h"

enum { WINDOW_BEAT_SECONDS = 8,
	WINDOW_CHECK_SECONDS = 18, /* whether the session was ended elsewhere: known within 20 s */
	WINDOW_SILENCE_SECONDS = 2 * WINDOW_BEAT_SECONDS + 2, /* noticed within 20 s */
	WINDOW_PROVED_SECONDS = 300, /* after password or passkey, keys of all may be changed */
	WINDOW_FRAMES = 200, /* before signing in; then the line is closed */
	WINDOW_CLOSE_NORMAL = 1000,
	WINDOW_CLOSE_RESTART = 1001,
	WINDOW_CLOSE_RULE = 1008 };

struct window_line {
	void (*send)(void *arg, const char *bytes, size_t length); /* copied */
	void (*send_replay)(void *arg, const char *bytes, size_t length); /* asked for as a whole */
	void (*close)(void *arg, int code);
	/* ERR_BUSY: too many sign-ins at once */
	enum err (*ask)(void *arg, const struct signin_question *question);
	/* ERR_BUSY: too many at once. Answered by window_signed_on. */
	enum err (*sign_on)(void *arg, const struct oidc_question *question);
	/* ERR_BUSY: try again */
	enum err (*look)(void *arg, const struct archive_question *question);
	/* ERR_BUSY: another one is under way. Answered by window_reloaded. */
	enum err (*reload)(void *arg, const char *id);
};

struct window;

struct window *window_create(struct desk *desk, const struct config *config, bool demo,
	const struct window_line *line, void *arg);
void window_destroy(struct window **window);
void window_configure(struct window *window, const struct config *config);

bool window_is_signed_in(const struct window *window);
void window_frame(struct window *window, const char *bytes, size_t length);
void window_signed(struct window *window, const struct signin_answer *answer);
void window_signed_on(struct window *window, const struct oidc_answer *answer);
void window_found(struct window *window, const struct archive_answer *answer);
/* The rules were read anew; why: they were refused, and the old ones go on. */
void window_reloaded(struct window *window, const char *id, const char *set, size_t rules,
	const char *why);
/* Sessions of this person were ended: whether its own was is looked up at the next tick. */
void window_recheck(struct window *window, uint32_t staff);
void window_tick(struct window *window, bool beat);
void window_bye(struct window *window, const char *why);

#endif
