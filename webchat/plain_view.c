#include "base/clock.h"
#include "base/mem.h"
#include "webchat/plain_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void plain_view_row(
	struct plain_view *view, uint32_t n, enum plain_from from, int64_t time, const char *text)
{
	size_t at = view->count;

	while (at && view->rows[at - 1].n > n)
		at--;
	if (at && view->rows[at - 1].n == n)
		return;
	view->rows = mem_grow(view->rows, view->count + 1, sizeof *view->rows);
	memmove(&view->rows[at + 1], &view->rows[at], (view->count - at) * sizeof *view->rows);
	view->rows[at] = (struct plain_row) {
		.n = n, .from = from, .time = time, .text = mem_dup(text)
	};
	view->count++;
}

static void forget_rows(struct plain_view *view)
{
	for (size_t i = 0; i < view->count; i++) {
		explicit_bzero(view->rows[i].text, strlen(view->rows[i].text));
		free(view->rows[i].text);
	}
	free(view->rows);
	view->rows = NULL;
	view->count = 0;
}

void plain_view_finish(struct plain_view *view)
{
	forget_rows(view);
	free(view->name);
	*view = (struct plain_view) { .known = false };
}

bool plain_view_forgotten(const struct plain_view *view)
{
	return view->stage == STAGE_ENDED && !strcmp(view->ended, "forgotten");
}

static void end_view(struct plain_view *view, const char *why)
{
	view->stage = STAGE_ENDED;
	view->typing = false;
	snprintf(view->ended, sizeof view->ended, "%s", why);
	if (plain_view_forgotten(view))
		forget_rows(view);
}

static void on_event(struct plain_view *view, const json_t *event)
{
	const char *kind = json_get_text(event, "kind"), *why = json_get_text(event, "why");
	const char *from = json_get_text(event, "from"), *text = json_get_text(event, "text");
	uint32_t n = (uint32_t)json_get_number(event, "n", 0);
	int64_t time = json_get_number(event, "time", 0);

	if (!strcmp(kind, "message")) {
		plain_view_row(view, n, !strcmp(from, "me") ? FROM_ME : FROM_THEM, time, text);
		view->typing = view->typing && !strcmp(from, "me");
	} else if (!strcmp(kind, "taken")) {
		view->stage = STAGE_TAKEN;
		free(view->name);
		view->name = mem_dup(json_get_text(event, "name"));
		plain_view_row(view, n, FROM_HOUSE, time, "visitor.chat.taken");
	} else if (!strcmp(kind, "returned")) {
		view->stage = STAGE_WAITING;
		view->typing = false;
		plain_view_row(view, n, FROM_HOUSE, time,
			!strcmp(why, "lost") ? "visitor.chat.lost" : "visitor.chat.returned");
	} else if (!strcmp(kind, "closed")) {
		end_view(view, why);
	} else { /* opened, reopened */
		view->stage = STAGE_WAITING;
	}
}

static void on_resumed(struct plain_view *view, const json_t *frame)
{
	const char *state = json_get_text(frame, "state");

	view->known = true;
	view->trouble = json_get_flag(frame, "trouble");
	view->stage = !strcmp(state, "waiting") ? STAGE_WAITING
		: !strcmp(state, "taken")       ? STAGE_TAKEN
						: STAGE_ENDED;
}

void plain_view_take(struct plain_view *view, const char *t, const json_t *frame)
{
	const json_t *list = json_object_get(frame, "list");

	if (!strcmp(t, "welcome") || !strcmp(t, "started")) {
		view->known = true;
		view->trouble = json_get_flag(frame, "trouble");
		if (!strcmp(t, "started"))
			view->stage = STAGE_WAITING;
	} else if (!strcmp(t, "resumed")) {
		on_resumed(view, frame);
	} else if (!strcmp(t, "unknown")) {
		view->known = view->unknown = true;
	} else if (!strcmp(t, "forgotten")) {
		end_view(view, t);
	} else if (!strcmp(t, "returned")) {
		plain_view_finish(view);
	} else if (!strcmp(t, "events")) {
		for (size_t i = 0; i < json_array_size(list); i++)
			on_event(view, json_array_get(list, i));
	} else if (!strcmp(t, "place")) {
		view->place = (uint32_t)json_get_number(frame, "place", 0);
		view->low = (uint32_t)json_get_number(frame, "low", 0);
		view->high = (uint32_t)json_get_number(frame, "high", 0);
		view->danger_first = json_get_flag(frame, "danger_first");
	} else if (!strcmp(t, "typing")) {
		view->typing = json_get_flag(frame, "on");
	} else if (!strcmp(t, "read")) {
		view->they_read = (uint32_t)json_get_number(frame, "n", 0);
	} else if (!strcmp(t, "trouble")) {
		view->trouble = json_get_flag(frame, "on");
	} else if (!strcmp(t, "bye")) {
		view->replaced = !strcmp(json_get_text(frame, "why"), "replaced");
	}
}
