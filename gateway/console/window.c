#include "console/window.h"
#include "base/clock.h"
#include "base/mem.h"
#include "console/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct json_out window_begin(const char *t)
{
	struct json_out out;
	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "t", t);
	return out;
}

void window_send(struct window *window, struct json_out *out)
{
	if (!window->closing)
		(window->replaying ? window->line->send_replay : window->line->send)(
			window->arg, out->bytes, out->length);
	json_out_finish(out);
}

void window_end(struct window *window, struct json_out *out)
{
	json_put_object_end(out);
	window_send(window, out);
}

void window_close(struct window *window, int code)
{
	if (window->closing)
		return;
	window->closing = true;
	window->line->close(window->arg, code);
}

void window_no(struct window *window, const char *id, const char *code, const char *by, int retry)
{
	struct json_out out = window_begin("no");
	if (id)
		json_put_text(&out, "id", id);
	json_put_text(&out, "code", code);
	if (by)
		json_put_text(&out, "by", by);
	if (retry)
		json_put_number(&out, "retry", retry);
	window_end(window, &out);
}

void window_ok(struct window *window, const char *id)
{
	struct json_out out = window_begin("ok");
	json_put_text(&out, "id", id);
	window_end(window, &out);
}

/* One at a time: a second session would have no window of its own, and no window fills the queue. */
void window_ask(struct window *window, const struct signin_question *question)
{
	bool out = question->kind == SIGNIN_OUT;

	if (window->asking && !out)
		window_no(window, question->id, "busy", NULL, 1);
	else if (window->line->ask(window->arg, question))
		window_no(window, question->id, "slow", NULL, 2);
	else
		window->asking = window->asking || !out;
}

void window_prove(struct window *window, enum signin_kind kind)
{
	switch (kind) {
	case SIGNIN_ACCEPT:
	case SIGNIN_PASSWORD:
	case SIGNIN_UNLOCK:
	case SIGNIN_PASSKEY:
	case SIGNIN_PASSKEY_UNLOCK:
		window->proved_mono = clock_mono() + WINDOW_PROVED_SECONDS * INT64_C(1000);
		break;
	default: /* a session that goes on, or the provider's word: the password was not given */
		break;
	}
}

struct window *window_create(struct desk *desk, const struct config *config, bool demo,
	const struct window_line *line, void *arg)
{
	struct window *window = mem_alloc(sizeof *window);
	struct json_out out;

	window->desk = desk;
	window->config = config;
	window->demo = demo;
	window->line = line;
	window->arg = arg;
	window->heard_mono = window->active_mono = clock_mono();
	out = window_begin("hello");
	passkey_offer(&out, config);
	signon_offer(&out, config);
	window_end(window, &out);
	return window;
}

/* A session is not resumed after the lock, be it that the window is locked or is gone. */
static bool tell_away(struct window *window, int64_t lock_mono)
{
	struct signin_question question = { .kind = SIGNIN_AWAY, .lock_mono = lock_mono };
	enum err err;

	memcpy(question.token, window->token, sizeof question.token);
	err = window->line->ask(window->arg, &question);
	sodium_memzero(&question, sizeof question);
	return !err;
}

static int64_t lock_ms(const struct window *window)
{
	return window->config->desk.idle_lock_minutes * INT64_C(60000);
}

void window_destroy(struct window **window)
{
	if (!*window)
		return;
	if ((*window)->port && !(*window)->locked)
		(void)tell_away(*window, (*window)->active_mono + lock_ms(*window));
	desk_detach((*window)->desk, (*window)->port);
	json_out_finish(&(*window)->events);
	json_out_finish(&(*window)->put);
	json_out_finish(&(*window)->drop);
	sodium_memzero(*window, sizeof **window);
	free(*window);
	*window = NULL;
}

bool window_is_signed_in(const struct window *window)
{
	return window->port != 0;
}

void window_configure(struct window *window, const struct config *config)
{
	window->config = config;
}

/* It was asked by the token before; or is about to be. */
static bool was_renewed(const struct window *window, const struct archive_answer *answer)
{
	uint8_t hash[STAFF_HASH_SIZE];

	sealed_session(window, hash);
	return window->asking || memcmp(hash, answer->session, sizeof hash) != 0;
}

void window_found(struct window *window, const struct archive_answer *answer)
{
	if (!window->port || window->closing)
		return;
	if (answer->ended && was_renewed(window, answer)) {
		window_recheck(window, window->me.id);
	} else if (answer->ended) {
		desk_counsellor_leave(window->desk, window->me.id);
		window_bye(window, "session");
	} else if (answer->frame && !window->locked) {
		window->line->send(window->arg, answer->frame, answer->length);
	}
}

void window_recheck(struct window *window, uint32_t staff)
{
	if (window->port && window->me.id == staff)
		window->checked_mono = clock_mono() - WINDOW_CHECK_SECONDS * INT64_C(1000) - 1;
}

void window_tick(struct window *window, bool beat)
{
	int64_t mono = clock_mono();
	struct json_out out;

	if (mono - window->heard_mono > WINDOW_SILENCE_SECONDS * 1000) {
		window_close(window, WINDOW_CLOSE_NORMAL);
		return;
	}
	if (window->port && clock_wall() > window->expires) {
		window_bye(window, "session");
		return;
	}
	if (window->port && mono - window->checked_mono > WINDOW_CHECK_SECONDS * 1000) {
		window->checked_mono = mono;
		sealed_check(window);
	}
	if (window->port && !window->locked && mono - window->active_mono > lock_ms(window)) {
		window->locked = true;
		out = window_begin("locked");
		window_end(window, &out);
	}
	if (!window->locked)
		window->lock_told = false;
	else if (!window->lock_told)
		window->lock_told = tell_away(window, mono);
	if (beat) {
		window->beat_due = true;
		out = window_begin("beat");
		window_end(window, &out);
	}
}

void window_bye(struct window *window, const char *why)
{
	struct json_out out = window_begin("bye");
	json_put_text(&out, "why", why);
	window_end(window, &out);
	window_close(
		window, strcmp(why, "restart") ? WINDOW_CLOSE_NORMAL : WINDOW_CLOSE_RESTART);
}
