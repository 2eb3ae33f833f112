#include "console/console.h"
#include "base/mem.h"
#include "console/signin.h"
#include "console/window.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOWS_MAX = 1000,
	STRANGERS_MAX = 500, /* not signed in: the oldest makes place for a new one */
	CLOSE_TRY_LATER = 1013 };

_Static_assert((int)WINDOWS_MAX <= (int)SIGNIN_AWAY_MAX, "each window may be away");

struct seat { /* one window's place */
	struct console *console;
	struct server_line *line;
	struct window *window;
	uint64_t id; /* of its questions */
	size_t index;
	unsigned beat;
	bool leaving; /* made place */
};

struct console {
	struct desk *desk;
	const struct config *config;
	struct signin *signin;
	struct archive *archive;
	struct oidc *oidc;
	struct seat *seats[WINDOWS_MAX];
	size_t count;
	uint64_t opened;
	unsigned seconds;
	bool demo, leaving;
	enum err (*reload)(void *arg);
	void *reload_arg;
	uint64_t reloading; /* the seat that asked; 0: none */
	char reload_id[SIGNIN_REQUEST_MAX + 1];
};

static void send_frame(void *arg, const char *bytes, size_t length)
{
	struct seat *seat = arg;
	server_send(seat->line, bytes, length);
}

static void send_replay(void *arg, const char *bytes, size_t length)
{
	struct seat *seat = arg;
	server_send_replay(seat->line, bytes, length);
}

static void close_line(void *arg, int code)
{
	struct seat *seat = arg;
	server_close(seat->line, code);
}

static enum err ask(void *arg, const struct signin_question *question)
{
	struct seat *seat = arg;
	struct signin_question mine = *question;
	enum err err;

	mine.window = seat->id;
	err = signin_ask(seat->console->signin, &mine);
	sodium_memzero(&mine, sizeof mine);
	return err;
}

static enum err sign_on(void *arg, const struct oidc_question *question)
{
	struct seat *seat = arg;
	struct oidc_question mine = *question;
	enum err err;

	mine.window = seat->id;
	err = seat->console->oidc ? oidc_ask(seat->console->oidc, &mine) : ERR_DENIED;
	sodium_memzero(&mine, sizeof mine);
	return err;
}

static enum err look(void *arg, const struct archive_question *question)
{
	struct seat *seat = arg;
	struct archive_question mine = *question;
	mine.window = seat->id;
	return archive_ask(seat->console->archive, &mine);
}

static enum err start_reload(void *arg, const char *id)
{
	struct seat *seat = arg;
	struct console *console = seat->console;
	enum err err;

	if (!console->reload || console->reloading)
		return ERR_BUSY;
	console->reloading = seat->id;
	memcpy(console->reload_id, id, strlen(id) + 1);
	err = console->reload(console->reload_arg);
	if (err == ERR_BUSY)
		console->reloading = 0;
	return err == ERR_BUSY ? err : OK; /* else it was told, or will be */
}

static const struct window_line window_line
	= { .send = send_frame,
		  .send_replay = send_replay,
		  .close = close_line,
		  .ask = ask,
		  .sign_on = sign_on,
		  .look = look,
		  .reload = start_reload };

/* Whoever only sits at the door never keeps a counsellor out. */
static void make_place(struct console *console)
{
	struct seat *oldest = NULL;
	size_t strangers = 0;

	for (size_t i = 0; i < console->count; i++) {
		struct seat *seat = console->seats[i];
		if (seat->leaving || window_is_signed_in(seat->window))
			continue;
		strangers++;
		if (!oldest || seat->id < oldest->id)
			oldest = seat;
	}
	if (strangers < STRANGERS_MAX)
		return;
	oldest->leaving = true;
	server_close(oldest->line, CLOSE_TRY_LATER);
}

static void *on_open(void *arg, struct server_line *line)
{
	struct console *console = arg;
	struct seat *seat;

	if (console->leaving || console->count == WINDOWS_MAX)
		return NULL;
	make_place(console);
	seat = mem_alloc(sizeof *seat);
	seat->console = console;
	seat->line = line;
	seat->id = ++console->opened;
	seat->beat = (unsigned)(seat->id % WINDOW_BEAT_SECONDS);
	seat->index = console->count;
	console->seats[console->count++] = seat;
	seat->window = window_create(
		console->desk, console->config, console->demo, &window_line, seat);
	return seat;
}

static void on_frame(void *session, const char *bytes, size_t length)
{
	struct seat *seat = session;
	window_frame(seat->window, bytes, length);
}

static void on_close(void *session)
{
	struct seat *seat = session;
	struct console *console = seat->console;
	struct seat *last = console->seats[--console->count];

	console->seats[seat->index] = last;
	last->index = seat->index;
	window_destroy(&seat->window);
	free(seat);
}

enum err console_create(struct desk *desk, const struct config *config, bool demo,
	void (*wake)(void *arg), void *wake_arg, struct console **console_r, char *error,
	size_t error_size)
{
	struct console *console = mem_alloc(sizeof *console);
	enum err err;

	console->desk = desk;
	console->config = config;
	console->demo = demo;
	err = signin_create(config->data, wake, wake_arg, &console->signin, error, error_size);
	if (!err)
		err = archive_create(
			config->data, wake, wake_arg, &console->archive, error, error_size);
	if (err) {
		signin_destroy(&console->signin);
		free(console);
		return err;
	}
	*console_r = console;
	return OK;
}

void console_destroy(struct console **console)
{
	if (!*console)
		return;
	while ((*console)->count)
		on_close((*console)->seats[0]);
	signin_destroy(&(*console)->signin);
	archive_destroy(&(*console)->archive);
	free(*console);
	*console = NULL;
}

struct server_channel console_channel(struct console *console)
{
	return (struct server_channel) { .path = "/console/socket",
		.subprotocol = "onthaal.console.1",
		.arg = console,
		.on_open = on_open,
		.on_frame = on_frame,
		.on_close = on_close };
}

void console_configure(struct console *console, const struct config *config)
{
	console->config = config;
	for (size_t i = 0; i < console->count; i++)
		window_configure(console->seats[i]->window, config);
}

static struct seat *find(struct console *console, uint64_t id)
{
	for (size_t i = 0; i < console->count; i++)
		if (console->seats[i]->id == id)
			return console->seats[i];
	return NULL;
}

void console_on_reload(struct console *console, enum err (*start)(void *arg), void *arg)
{
	console->reload = start;
	console->reload_arg = arg;
}

void console_reloaded(struct console *console, const char *set, size_t rules, const char *why)
{
	struct seat *seat = console->reloading ? find(console, console->reloading) : NULL;

	console->reloading = 0;
	if (seat)
		window_reloaded(seat->window, console->reload_id, set, rules, why);
}

/* Sessions of this person ended. */
static void recheck(struct console *console, uint32_t staff)
{
	for (size_t i = 0; staff && i < console->count; i++)
		window_recheck(console->seats[i]->window, staff);
}

/* With a change of the account all others are over; with a new one the oldest may be. */
static bool ends_others(const struct signin_answer *answer)
{
	return !answer->result
		&& (answer->kind == SIGNIN_CHANGE || answer->kind == SIGNIN_AUTHENTICATOR
			|| signin_begins(answer->kind));
}

/* Its window was closed before it was there, or had another token: nobody has this one. */
static void end_session(struct console *console, const struct signin_answer *answer)
{
	struct signin_question question = { .kind = SIGNIN_OUT };

	if (answer->result
		|| (!signin_begins(answer->kind) && answer->kind != SIGNIN_UNLOCK
			&& answer->kind != SIGNIN_PASSKEY_UNLOCK)
		|| !*answer->token)
		return;
	memcpy(question.token, answer->token, sizeof question.token);
	(void)!signin_ask(console->signin, &question); /* busy: it ends in its time */
	sodium_memzero(&question, sizeof question);
}

void console_sign_on(struct console *console, struct oidc *oidc)
{
	console->oidc = oidc;
}

static void pump_sign_on(struct console *console)
{
	struct oidc_answer answer;

	while (console->oidc && oidc_take(console->oidc, &answer)) {
		struct seat *seat = find(console, answer.window);
		if (seat)
			window_signed_on(seat->window, &answer);
		sodium_memzero(&answer, sizeof answer);
	}
}

void console_pump(struct console *console)
{
	struct signin_answer answer;
	struct archive_answer found;

	pump_sign_on(console);
	while (archive_take(console->archive, &found)) {
		struct seat *seat = find(console, found.window);
		if (seat)
			window_found(seat->window, &found);
		recheck(console, found.staff);
		free(found.frame);
	}
	while (signin_take(console->signin, &answer)) {
		struct seat *seat = find(console, answer.window);
		if (!answer.result && answer.person.id) {
			desk_staff_learn(
				console->desk, answer.person.id, answer.person.display);
			desk_staff_telephone(
				console->desk, answer.person.id, answer.person.telephone);
		}
		if (seat)
			window_signed(seat->window, &answer);
		else
			end_session(console, &answer);
		if (ends_others(&answer))
			recheck(console, answer.person.id);
		sodium_memzero(&answer, sizeof answer);
	}
}

void console_second(struct console *console)
{
	unsigned now = console->seconds++ % WINDOW_BEAT_SECONDS;
	for (size_t i = 0; i < console->count; i++)
		window_tick(console->seats[i]->window, console->seats[i]->beat == now);
}

void console_bye(struct console *console)
{
	console->leaving = true;
	for (size_t i = 0; i < console->count; i++)
		window_bye(console->seats[i]->window, "restart");
}

size_t console_count(const struct console *console)
{
	return console->count;
}
