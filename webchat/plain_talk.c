/* The frame: the conversation, and how it stands. */
#include "base/clock.h"
#include "config/hours.h"
#include "webchat/plain_private.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { RENEW_SECONDS = 1, LATER_SECONDS = 5 }; /* after the answer came; when we restart */

static const char *name_of(const struct plain_sheet *sheet, const struct plain_view *view)
{
	return view->name ? view->name : sheet->plain->house.config->centre.team;
}

static void put_row(
	struct plain_sheet *sheet, const struct plain_view *view, const struct plain_row *row)
{
	const struct plain_value name[] = { { "name", name_of(sheet, view) }, { 0 } };
	int minute = hours_minute(sheet->plain->house.config, row->time);
	bool mine = row->from == FROM_ME;

	if (row->from == FROM_HOUSE) {
		text_put(&sheet->to, "<li class=\"system\">");
		plain_text_with(sheet,
			languages_text(sheet->plain->languages, sheet->lang, row->text), name);
		text_put(&sheet->to, "</li>\n");
		return;
	}
	text_format(&sheet->to, "<li class=\"%s\"><span class=\"author\">", mine ? "me" : "counsellor");
	if (mine)
		plain_text(sheet, "visitor.chat.me");
	else
		text_xml(&sheet->to, name_of(sheet, view));
	text_put(&sheet->to, "</span><p dir=\"auto\" translate=\"no\">");
	text_xml(&sheet->to, row->text);
	text_format(&sheet->to, "</p><span class=\"meta\">%02d:%02d", minute / 60, minute % 60);
	if (mine) {
		text_put(&sheet->to, " · ");
		plain_text(sheet, row->n <= view->they_read ? "visitor.chat.read" : "visitor.chat.stored");
	}
	text_put(&sheet->to, "</span></li>\n");
}

void plain_rows(struct plain_sheet *sheet, const struct plain_view *view)
{
	if (!view->count)
		return;
	text_put(&sheet->to, "<ol>\n");
	for (size_t i = 0; i < view->count; i++)
		put_row(sheet, view, &view->rows[i]);
	text_put(&sheet->to, "</ol>\n");
}

static void put_place(struct plain_sheet *sheet, const struct plain_view *view)
{
	const struct languages *languages = sheet->plain->languages;
	char place[12], low[12], high[12];
	const struct plain_value values[]
		= { { "place", place }, { "low", low }, { "high", high }, { 0 } };

	snprintf(place, sizeof place, "%u", view->place);
	snprintf(low, sizeof low, "%u", view->low);
	snprintf(high, sizeof high, "%u", view->high);
	text_put(&sheet->to, "<section class=\"card wait\"><h2>");
	plain_text(sheet, "visitor.waiting.title");
	text_put(&sheet->to, "</h2><p class=\"place\" role=\"status\">");
	plain_text_with(sheet,
		languages_text(languages, sheet->lang,
			!view->place             ? "visitor.waiting.soon"
				: view->place == 1 ? "visitor.waiting.next"
						   : "visitor.waiting.place"),
		values);
	text_put(&sheet->to, "</p>");
	if (view->high) {
		text_put(&sheet->to, "<p>");
		plain_text_with(sheet,
			languages_text_for(languages, sheet->lang,
				view->low == view->high ? "visitor.waiting.about" : "visitor.waiting.range",
				view->high),
			values);
		text_put(&sheet->to, "</p>");
	}
	text_put(&sheet->to, "<p class=\"hint\">");
	if (view->danger_first) {
		plain_text(sheet, "visitor.waiting.danger");
		text_put(&sheet->to, " ");
	}
	plain_text(sheet, "visitor.waiting.write");
	text_put(&sheet->to, "</p></section>\n");
}

static void put_typing(struct plain_sheet *sheet, const struct plain_view *view)
{
	const struct plain_value name[] = { { "name", name_of(sheet, view) }, { 0 } };

	text_put(&sheet->to, "<p class=\"typing\" role=\"status\">");
	plain_text_with(sheet,
		languages_text(sheet->plain->languages, sheet->lang, "visitor.chat.typing"), name);
	text_put(&sheet->to, "</p>\n");
}

/* A form that leads out of the frame, back to the page. */
static void put_way_out(struct plain_sheet *sheet, const char *key)
{
	text_put(&sheet->to, "<form id=\"out\" method=\"post\" action=\"/plain\" target=\"_top\">");
	plain_state(sheet, key);
	plain_button(sheet, "primary", "out", ACT_LOOK, "visitor.plain.go");
	text_put(&sheet->to, "</form>");
}

static void put_card(struct plain_sheet *sheet, const char *title, const char *text)
{
	text_put(&sheet->to, "<section class=\"card\"><h2>");
	plain_text(sheet, title);
	text_put(&sheet->to, "</h2>");
	if (text) {
		text_put(&sheet->to, "<p>");
		plain_text(sheet, text);
		text_put(&sheet->to, "</p>");
	}
}

/* All that may change, and so that brings the frame anew. */
static void put_talk(struct plain_sheet *sheet, const struct plain_visitor *visitor)
{
	const struct plain_view *view = &visitor->view;

	plain_rows(sheet, view);
	if (view->stage == STAGE_WAITING)
		put_place(sheet, view);
	if (view->typing)
		put_typing(sheet, view);
	if (view->trouble) {
		text_put(&sheet->to, "<p class=\"banner warn\" role=\"status\">");
		plain_text(sheet, "visitor.line.trouble");
		text_put(&sheet->to, "</p>\n");
	}
	if (view->stage == STAGE_ENDED) {
		put_card(sheet, "visitor.ended.title", NULL);
		put_way_out(sheet, visitor->secret);
		text_put(&sheet->to, "</section>\n");
	}
}

static uint64_t hash_of(const struct text *text)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t mark;

	crypto_generichash(hash, sizeof hash, (const uint8_t *)(text->bytes ? text->bytes : ""),
		text->length, NULL, 0);
	memcpy(&mark, hash, sizeof mark);
	return mark;
}

uint64_t plain_talk_mark(const struct plain *plain, size_t lang, const struct plain_visitor *visitor)
{
	struct plain_sheet sheet = { .plain = plain, .lang = lang };
	uint64_t mark;

	put_talk(&sheet, visitor);
	mark = hash_of(&sheet.to);
	text_free(&sheet.to);
	return mark;
}

static void put_switch(struct plain_sheet *sheet, const char *address, bool paused)
{
	text_format(&sheet->to, "<p class=\"renew\"><a href=\"%s/0%s\">", address, paused ? "" : "/paused");
	plain_text(sheet, paused ? "visitor.plain.renew" : "visitor.plain.pause");
	text_put(&sheet->to, "</a></p>\n");
}

static void write_alone(struct plain_sheet *sheet, const char *title, const char *text)
{
	plain_head(sheet, "frame", NULL);
	text_put(&sheet->to, "<main>");
	put_card(sheet, title, text);
	text_put(&sheet->to, "</section></main>\n");
}

static void write_talk(struct plain_sheet *sheet, const struct plain_visitor *visitor, bool paused)
{
	const struct plain *plain = sheet->plain;
	bool still = paused || visitor->view.stage == STAGE_ENDED;
	struct plain_sheet talk = { .plain = plain, .lang = sheet->lang };
	char ticket[TICKET_TEXT], address[256], refresh[300];

	(void)!ticket_make(plain->ticket_key, visitor->secret, clock_wall(), ticket);
	snprintf(address, sizeof address, "/plain/look/%s/%s", ticket,
		languages_code(plain->languages, sheet->lang));
	memcpy(talk.nonce, sheet->nonce, sizeof talk.nonce);
	put_talk(&talk, visitor);
	snprintf(refresh, sizeof refresh, "%d;url=%s/%016llx",
		plain->leaving ? LATER_SECONDS : RENEW_SECONDS, address,
		(unsigned long long)hash_of(&talk.to));
	plain_head(sheet, "frame", still ? NULL : refresh);
	text_put(&sheet->to, "<main class=\"log\"><h1 class=\"hidden\">");
	plain_text(sheet, "visitor.chat.log");
	text_put(&sheet->to, "</h1>\n");
	text_put(&sheet->to, talk.to.bytes ? talk.to.bytes : "");
	text_free(&talk.to);
	if (visitor->view.stage != STAGE_ENDED)
		put_switch(sheet, address, paused);
	text_put(&sheet->to, "</main>\n");
}

void plain_talk_replaced(const struct plain *plain, size_t lang, struct server_answer *answer_r)
{
	struct plain_sheet sheet = { .plain = plain, .lang = lang };

	write_alone(&sheet, "visitor.replaced.title", "visitor.replaced.text");
	plain_finish(&sheet, SERVER_FRAMED, answer_r);
}

void plain_talk_write(const struct plain *plain, size_t lang, const struct plain_visitor *visitor,
	bool paused, struct server_answer *answer_r)
{
	struct plain_sheet sheet = { .plain = plain, .lang = lang };

	if (visitor && visitor->view.replaced) {
		plain_talk_replaced(plain, lang, answer_r);
		return;
	}
	plain_nonce(sheet.nonce);
	if (!visitor || visitor->view.unknown)
		write_alone(&sheet, "visitor.plain.still", "visitor.plain.stale");
	else
		write_talk(&sheet, visitor, paused);
	plain_finish(&sheet, SERVER_FRAMED, answer_r);
}
