/* Shared by the files of this room alone. */
#ifndef CONSOLE_PRIVATE_H
#define CONSOLE_PRIVATE_H

#include "console/show.h"
#include "console/window.h"

enum { PIECE_BYTES = 48 * 1024 }; /* a list is sent in pieces of about this size */

struct account_secret { /* of another authenticator, until a code proves it */
	char text[SIGNIN_SECRET_SIZE];
	int64_t until_mono; /* 0: there is none */
};

struct passkey_challenge {
	uint8_t bytes[WEBAUTHN_CHALLENGE_SIZE];
	int64_t until_mono; /* 0: there is none */
	bool create; /* a passkey, instead of using one */
};

struct signon { /* let in by the house's provider; our own code is still to come */
	struct signin_signon who;
	char link[SIGNIN_TOKEN_SIZE]; /* "": none */
	int64_t until_mono; /* 0: nobody was */
};

struct window {
	struct desk *desk;
	const struct config *config;
	const struct window_line *line;
	void *arg;
	struct staff me; /* without secrets */
	char token[SIGNIN_TOKEN_SIZE];
	uint64_t port; /* 0: not signed in */
	int64_t expires, heard_mono, active_mono, beat_mono, checked_mono;
	int64_t proved_mono; /* until then it counts that who sits there said who they are; 0: not */
	struct json_out events, put, drop; /* gathered until the flush */
	struct account_secret secret;
	struct passkey_challenge challenge; /* the last one, until it is answered */
	struct signon signon;
	int frames; /* before signing in */
	bool asking; /* the sign-in, which has not answered yet */
	bool colleagues_changed, demo, locked, lock_told, closing, beat_due, replaying;
};

struct json_out window_begin(const char *t);
void window_send(struct window *window, struct json_out *out); /* a whole object; frees it */
void window_end(struct window *window, struct json_out *out); /* ends the object, and sends */
void window_close(struct window *window, int code);
void window_ok(struct window *window, const char *id);
/* Asks the sign-in; what is in the way of that is told. */
void window_ask(struct window *window, const struct signin_question *question);
void window_no(struct window *window, const char *id, const char *code, const char *by, int retry);

/* A good answer of that kind came: password or passkey were given here, or were not. */
void window_prove(struct window *window, enum signin_kind kind);

/* listen.c */
extern const struct desk_listener listen_desk;
void listen_everything(struct window *window); /* what a window is told after signing in */
void listen_contact(struct window *window, const struct contact *contact); /* all of it */

/* rules.c */
bool rules_request(struct window *window, const char *t, const char *id, const json_t *frame);

/* today.c: false: not one of its requests. */
bool today_request(struct window *window, const char *t, const char *id);

/* request.c */
void request_refused(struct window *window, enum command_kind kind, const char *id, enum err err,
	bool named, uint32_t owner);

/* account_window.c: false: not one of its requests. */
bool account_request(struct window *window, const char *t, const char *id, const json_t *frame);
void account_signed(struct window *window, const struct signin_answer *answer);
/* What an authenticator is set up with: invitations have it too. */
void account_show_secret(struct window *window, const struct signin_answer *answer);

/* passkey_window.c: false: not one of its requests. */
bool passkey_request(struct window *window, const char *t, const char *id, const json_t *frame);
/* Those of its answers that no other way of signing in has. */
void passkey_signed(struct window *window, const struct signin_answer *answer);
void passkey_show(struct json_out *out, const struct signin_answer *answer);
void passkey_offer(struct json_out *out, const struct config *config); /* in `hello` */

/* signon_window.c: false: not one of its requests. */
bool signon_request(struct window *window, const char *t, const char *id, const json_t *frame);
void signon_show_link(struct window *window, const struct signin_answer *answer);
void signon_forget(struct window *window);
void signon_offer(struct json_out *out, const struct config *config); /* in `hello` */

/* sealed.c: false: not one of its requests. */
/* By which the archive knows this window's. */
void sealed_session(const struct window *window, uint8_t hash_r[STAFF_HASH_SIZE]);
/* Now and then: a session that was ended elsewhere ends this window. */
void sealed_check(struct window *window);
/* `no` `denied`; and it is recorded. what: a word of the protocol, constant. */
void sealed_denied(struct window *window, const char *id, const char *what);
/* A missing key is no bytes; false: it is there and not of this form. */
bool sealed_bytes(
	const json_t *frame, const char *key, uint8_t *to, size_t size, size_t *length_r);
bool sealed_request(struct window *window, const char *t, const char *id, const json_t *frame);

#endif
