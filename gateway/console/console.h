/* The counsellors' channel: one window for each websocket at /console/socket, and their signing
 * in. */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "desk/desk.h"
#include "oidc/oidc.h"
#include "server/server.h"

struct console;

/* wake: from the sign-in's thread, when console_pump has something to do. */
must_check enum err console_create(struct desk *desk, const struct config *config, bool demo,
	void (*wake)(void *arg), void *wake_arg, struct console **console_r, char *error,
	size_t error_size);
void console_destroy(struct console **console); /* after the server: its lines are gone */
struct server_channel console_channel(struct console *console);
void console_configure(struct console *console, const struct config *config);
/* A coordinator asks for the rules to be read anew: start gives ERR_BUSY while that is under way;
 * console_reloaded tells them how it ended (why: refused). */
void console_on_reload(
	struct console *console, enum err (*start)(void *arg), void *arg);
void console_reloaded(
	struct console *console, const char *set, size_t rules, const char *why);
/* Where people sign on by the house's own accounts; borrowed. */
void console_sign_on(struct console *console, struct oidc *oidc);
void console_pump(struct console *console);
void console_second(struct console *console);
void console_bye(struct console *console);
size_t console_count(const struct console *console);

#endif
