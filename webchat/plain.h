/* The visitors' page without script, at /plain: forms, and a frame that renews itself. One session
 * (session.h) for each conversation, in whose stead of a socket the browser's requests come and wait.
 *
 *   GET  /plain               the three questions, or that we are closed
 *   POST /plain               everything else: what is asked for, and the state, are fields of the form
 *   GET  /plain/look/TICKET…  the conversation, in a frame of the page (ticket.h); answered when there
 *                             is something new, or after a while
 *
 * Nothing of a conversation stands in the address bar, and the browser keeps nothing. What is posted
 * twice does nothing twice: each form has a number of its own, of which, with what was written, comes
 * the message's id. */
#ifndef WEBCHAT_PLAIN_H
#define WEBCHAT_PLAIN_H

#include "config/languages.h"
#include "server/server.h"
#include "webchat/session.h"

enum { PLAIN_WAIT_SECONDS = 8, /* for what is posted to be stored; then the page says so */
	PLAIN_HOLD_SECONDS = 25, /* a frame without news */
	PLAIN_AWAY_SECONDS = 15, /* without a frame: the visitor's line is down */
	PLAIN_QUIET_SECONDS = 300, /* the same where the frame does not renew itself */
	PLAIN_EXITS = 1024, /* conversations left quickly that Back does not show */
	PLAIN_EXIT_SECONDS = 4 * 3600,
	PLAIN_CODE_SECONDS = 600 }; /* a form asks for a return code for so long */

/* What the house (webchat.c) gives. */
struct plain_house {
	struct desk *desk;
	const struct config *config;
	const struct words *words;
	const char *style; /* path of the style sheet */
	bool demo;
	uint64_t (*next)(void *arg); /* a number for a visitor, of all */
	enum err (*ask)(void *arg, const struct code_question *question);
	bool (*wait)(void *arg, uint64_t crowd, const char *id, const char *ticket,
		char ticket_r[SESSION_WORK_TEXT], int *seconds_r); /* gate_wait */
	bool (*crowded)(void *arg, uint64_t network);
	bool (*enter)(void *arg, uint64_t network); /* false: there is no place */
	void (*leave)(void *arg, uint64_t network);
	void (*wake)(void *arg); /* plain_settle soon */
	void *arg;
};

struct plain;

struct plain *plain_create(const struct plain_house *house, const struct languages *languages);
void plain_destroy(struct plain **plain);
void plain_configure(
	struct plain *plain, const struct config *config, const struct languages *languages);
size_t plain_count(const struct plain *plain);
bool plain_coded(struct plain *plain, const struct code_answer *answer); /* false: not one of ours */
void plain_settle(struct plain *plain); /* answers what can be answered */
void plain_second(struct plain *plain);
void plain_bye(struct plain *plain); /* everybody is answered: a restart */
size_t plain_routes(struct plain *plain, struct server_route *routes_r, size_t most);

#endif
