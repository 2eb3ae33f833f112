/* What the sign-in answered to a window. */
#include "base/clock.h"
#include "console/private.h"

#include <string.h>

static bool has_window(const struct window *window)
{
	const struct counsellor *me = desk_counsellor(window->desk, window->me.id);
	return me && me->ports[0];
}

static void let_in(struct window *window, const struct signin_answer *answer)
{
	struct json_out out = window_begin("ok");

	signon_forget(window);
	window->me = answer->person;
	window->expires = answer->expires;
	memcpy(window->token, answer->token, sizeof window->token);
	window->active_mono = clock_mono();
	json_put_text(&out, "id", answer->id);
	if (answer->kind != SIGNIN_RESUME)
		json_put_text(&out, "session", answer->token);
	show_me(&out, &window->me);
	json_put_number(&out, "expires", window->expires);
	passkey_show(&out, answer);
	if (answer->guessed)
		json_put_flag(&out, "guessed", true);
	window_end(window, &out);
	desk_staff_role(window->desk, window->me.id, window->me.role);
	if (answer->kind != SIGNIN_RESUME && !has_window(window))
		desk_shift_end(window->desk, window->me.id);
	window->port = desk_counsellor_attach(
		window->desk, window->me.id, window->me.display, &listen_desk, window);
	listen_everything(window);
}

static void unlocked(struct window *window, const struct signin_answer *answer)
{
	struct json_out out = window_begin("ok");
	bool was = window->locked;

	window->locked = false;
	window->active_mono = clock_mono();
	desk_attended(window->desk, window->port);
	json_put_text(&out, "id", answer->id);
	if (*answer->token) {
		memcpy(window->token, answer->token, sizeof window->token);
		json_put_text(&out, "session", window->token);
	}
	passkey_show(&out, answer);
	window_end(window, &out);
	if (was)
		listen_everything(window);
}

static void show_codes(struct window *window, const struct signin_answer *answer)
{
	struct json_out out = window_begin("ok");

	json_put_text(&out, "id", answer->id);
	json_put_list(&out, "codes");
	for (int i = 0; i < STAFF_CODES; i++)
		json_put_text(&out, NULL, answer->codes[i]);
	json_put_list_end(&out);
	window_end(window, &out);
}

void window_signed(struct window *window, const struct signin_answer *answer)
{
	static const char *const codes[] = { [SIGNIN_WRONG] = "wrong",
		[SIGNIN_SLOW] = "slow",
		[SIGNIN_USED] = "used",
		[SIGNIN_WEAK] = "weak",
		[SIGNIN_SAME] = "same",
		[SIGNIN_STALE] = "stale",
		[SIGNIN_EXPIRED] = "expired",
		[SIGNIN_MANY] = "many",
		[SIGNIN_SECOND] = "second",
		[SIGNIN_NEXT] = "next",
		[SIGNIN_STOPPED] = "stopped",
		[SIGNIN_UNLINKED] = "unlinked",
		[SIGNIN_TAKEN] = "in-use",
		[SIGNIN_FAILED] = "full" };

	if (answer->kind == SIGNIN_AWAY || answer->kind == SIGNIN_SIGNON_FAILED)
		return; /* nobody asked */
	if (answer->kind != SIGNIN_OUT)
		window->asking = false;
	if (answer->result) {
		window_no(window, answer->id, codes[answer->result], NULL, answer->retry);
		return;
	}
	window_prove(window, answer->kind);
	switch (answer->kind) {
	case SIGNIN_INVITE:
		account_show_secret(window, answer);
		break;
	case SIGNIN_ACCEPT:
	case SIGNIN_PASSWORD:
	case SIGNIN_RESUME:
	case SIGNIN_PASSKEY:
	case SIGNIN_SIGNON:
		if (!window->port) /* asked twice */
			let_in(window, answer);
		break;
	case SIGNIN_UNLOCK:
	case SIGNIN_PASSKEY_UNLOCK:
		unlocked(window, answer);
		break;
	case SIGNIN_PASSKEY_NEW:
	case SIGNIN_PASSKEY_ADD:
		passkey_signed(window, answer);
		break;
	case SIGNIN_SIGNON_LINK:
		signon_show_link(window, answer);
		break;
	case SIGNIN_AWAY:
	case SIGNIN_SIGNON_FAILED:
		break;
	case SIGNIN_CODES:
		show_codes(window, answer);
		break;
	case SIGNIN_TELEPHONE:
	case SIGNIN_CHANGE:
	case SIGNIN_SECRET:
	case SIGNIN_AUTHENTICATOR:
		account_signed(window, answer);
		break;
	case SIGNIN_OUT:
		window_ok(window, answer->id);
		desk_counsellor_leave(window->desk, window->me.id);
		window_bye(window, "session");
		break;
	}
}
