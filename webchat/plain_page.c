/* The pages without script: what a request leads to. */
#include "base/clock.h"
#include "base/json.h"
#include "config/hours.h"
#include "webchat/plain_private.h"

#include <stdio.h>
#include <string.h>

enum { SOON_MS = 30 * 60 * 1000 }; /* before the opening, one may as well wait */

static const char neutral[] = "https://www.wikipedia.org/";

/* ---- around the page */

static void put_languages(struct plain_sheet *sheet, const char *name, const char *form, const char *id)
{
	const struct languages *set = sheet->plain->languages;

	text_format(&sheet->to, "<select id=\"%s\" name=\"%s\" form=\"%s\">", id, name, form);
	for (size_t i = 0; i < languages_count(set); i++)
		text_format(&sheet->to, "<option value=\"%s\" lang=\"%s\" dir=\"%s\"%s>%s</option>",
			languages_code(set, i), languages_code(set, i),
			languages_right_to_left(set, i) ? "rtl" : "ltr",
			i == sheet->lang ? " selected" : "", languages_name(set, i));
	text_put(&sheet->to, "</select>");
}

/* The state: in each form anew. The first button is what Enter presses. */
static void put_form(struct plain_sheet *sheet, const char *id, enum plain_act enter)
{
	text_format(&sheet->to, "<form id=\"%s\" method=\"post\" action=\"/plain\" autocomplete=\"off\">", id);
	plain_state(sheet, sheet->key);
	text_format(&sheet->to,
		"<button class=\"hidden\" tabindex=\"-1\" aria-hidden=\"true\" name=\"act\" value=\"%s\">"
		"</button></form>\n", plain_act_word(enter));
}

static void put_top(struct plain_sheet *sheet, enum plain_act enter)
{
	plain_head(sheet, "page", NULL);
	put_form(sheet, "f", enter);
	put_form(sheet, "x", ACT_EXIT);
	text_put(&sheet->to, "<header class=\"top\"><h1>");
	text_xml(&sheet->to, sheet->plain->house.config->centre.name);
	text_put(&sheet->to, "</h1><div class=\"tools\"><label class=\"hidden\" for=\"to\">");
	plain_text(sheet, "visitor.language");
	text_put(&sheet->to, "</label>");
	put_languages(sheet, "to", "f", "to");
	plain_button(sheet, "quiet", "f", ACT_LANGUAGE, "visitor.plain.choose");
	plain_button(sheet, "leave", "x", ACT_EXIT, "visitor.leave");
	text_put(&sheet->to, "</div></header>\n<main>\n");
	if (sheet->plain->house.demo) {
		text_put(&sheet->to, "<p class=\"demo\">");
		plain_text(sheet, "visitor.demo");
		text_put(&sheet->to, "</p>\n");
	}
}

static void put_bottom(struct plain_sheet *sheet)
{
	const struct config *config = sheet->plain->house.config;

	text_put(&sheet->to, "</main>\n<footer><p>");
	plain_text(sheet, "visitor.danger.now");
	for (uint32_t i = 0; i < config->centre.helplines_count; i++) {
		if (!config->centre.helplines[i].emergency)
			continue;
		text_put(&sheet->to, " <a class=\"emergency\" href=\"");
		plain_number(sheet, config->centre.helplines[i].number);
		text_put(&sheet->to, "\">");
		text_xml(&sheet->to, config->centre.helplines[i].number);
		text_put(&sheet->to, "</a>");
		break;
	}
	text_put(&sheet->to, "</p><details><summary>");
	plain_text(sheet, "visitor.helplines");
	text_put(&sheet->to, "</summary>");
	plain_helplines(sheet);
	text_put(&sheet->to, "</details></footer>\n");
}

static void put_banner(struct plain_sheet *sheet, const char *key)
{
	if (!key)
		return;
	text_put(&sheet->to, "<p class=\"banner warn\" role=\"status\">");
	plain_text(sheet, key);
	text_put(&sheet->to, "</p>\n");
}

static void open_card(struct plain_sheet *sheet, const char *title, const char *text)
{
	text_put(&sheet->to, "<section class=\"card\"><h2>");
	plain_text(sheet, title);
	text_put(&sheet->to, "</h2><p>");
	plain_text(sheet, text);
	text_put(&sheet->to, "</p>");
}

static void put_draft(struct plain_sheet *sheet)
{
	if (!sheet->draft || !*sheet->draft)
		return;
	text_put(&sheet->to, "<textarea form=\"f\" name=\"text\" hidden>\n");
	text_xml(&sheet->to, sheet->draft);
	text_put(&sheet->to, "</textarea>");
}

/* ---- before a conversation */

static void put_choices(struct plain_sheet *sheet, const char *name, const char *title,
	const char *const *values, const char *const *keys)
{
	text_put(&sheet->to, "<fieldset><legend>");
	plain_text(sheet, title);
	text_put(&sheet->to, "</legend><div class=\"choices\">");
	for (int i = 0; values[i]; i++) {
		text_format(&sheet->to, "<label class=\"choice\"><input form=\"f\" type=\"radio\" name=\"%s\" "
			"value=\"%s\"><span>", name, values[i]);
		plain_text(sheet, keys[i]);
		text_put(&sheet->to, "</span></label>");
	}
	text_put(&sheet->to, "</div></fieldset>\n");
}

static void put_questions(struct plain_sheet *sheet)
{
	static const char *const who[] = { "child", "parent", "family", "professional", NULL };
	static const char *const who_keys[] = { "visitor.who.child", "visitor.who.parent",
		"visitor.who.family", "visitor.who.professional" };
	static const char *const where[] = { "brussels", "elsewhere", NULL };
	static const char *const where_keys[] = { "visitor.where.brussels", "visitor.where.elsewhere" };

	text_put(&sheet->to, "<div class=\"questions\">");
	open_card(sheet, "visitor.questions.title", "visitor.questions.intro");
	put_choices(sheet, "who", "visitor.questions.who", who, who_keys);
	put_choices(sheet, "where", "visitor.questions.where", where, where_keys);
	text_put(&sheet->to, "<p class=\"hint elsewhere\">");
	plain_text(sheet, "visitor.questions.elsewhere");
	text_put(&sheet->to, "</p><p class=\"field\"><label for=\"tongue\">");
	plain_text(sheet, "visitor.questions.lang");
	text_put(&sheet->to, "</label>");
	put_languages(sheet, "tongue", "f", "tongue");
	text_put(&sheet->to, "</p><div class=\"actions\">");
	plain_button(sheet, "primary", "f", ACT_START, "visitor.questions.start");
	plain_button(sheet, "quiet", "f", ACT_SKIP, "visitor.questions.skip");
	text_put(&sheet->to, "</div><p class=\"hint\">");
	plain_text(sheet, "visitor.questions.secret");
	text_put(&sheet->to, "</p></section></div>\n");
}

static void put_closed(struct plain_sheet *sheet)
{
	const struct plain *plain = sheet->plain;
	int64_t wall = clock_wall(), opens = hours_next_opening(plain->house.config, wall);
	bool soon = opens > 0 && opens - wall < SOON_MS;
	char when[LANGUAGES_TIME];
	const struct plain_value values[] = { { "when", when }, { 0 } };

	languages_time(plain->languages, sheet->lang, plain->house.config->centre.timezone, opens, soon, when);
	open_card(sheet, soon ? "visitor.closed.soon.title" : "visitor.closed.title", "visitor.closed.text");
	if (opens > 0) {
		text_put(&sheet->to, "<p>");
		plain_text_with(sheet, languages_text(plain->languages, sheet->lang,
			"visitor.closed.opens"), values);
		text_put(&sheet->to, "</p>");
	}
	plain_helplines(sheet);
	text_put(&sheet->to, "</section>\n");
}

/* I have a code: a form of its own, where Enter means it. problem: what was wrong with the last one. */
static void put_code_form(struct plain_sheet *sheet, const struct plain_request *request)
{
	const char *problem = request ? request->problem : "", *typed = *problem ? request->form.words : "";
	char word[12];
	const struct plain_value values[] = { { "word", word }, { 0 } };

	snprintf(word, sizeof word, "%d", request ? request->word : 0);
	put_form(sheet, "c", ACT_RETURN);
	text_format(&sheet->to, "<details class=\"card\"%s><summary>", *problem ? " open" : "");
	plain_text(sheet, "visitor.code.have");
	text_put(&sheet->to, "</summary><div class=\"field\"><label for=\"code\">");
	plain_text(sheet, "visitor.code.type");
	text_put(&sheet->to, "</label><input id=\"code\" form=\"c\" name=\"words\" maxlength=\"300\" "
		PLAIN_UNSENT " autocapitalize=\"none\" value=\"");
	text_xml(&sheet->to, typed);
	text_put(&sheet->to, "\">");
	if (*problem) {
		text_put(&sheet->to, "<p class=\"problem\" role=\"alert\">");
		plain_text_with(sheet,
			languages_text(sheet->plain->languages, sheet->lang,
				!strcmp(problem, "no_code")      ? "visitor.code.unknown"
					: request->word          ? "visitor.code.word"
					: !strcmp(problem, "words") ? "visitor.code.seven"
								 : "visitor.code.later"),
			values);
		text_put(&sheet->to, "</p>");
	}
	plain_button(sheet, "primary", "c", ACT_RETURN, "visitor.code.go");
	text_put(&sheet->to, "</div></details>\n");
}

static void write_begin(struct plain_sheet *sheet, const char *notice, const struct plain_request *request)
{
	bool open = desk_open(sheet->plain->house.desk);

	put_top(sheet, open ? ACT_START : ACT_NEW);
	put_banner(sheet, notice);
	if (open)
		put_questions(sheet);
	else
		put_closed(sheet);
	put_draft(sheet);
	put_code_form(sheet, request);
	put_bottom(sheet);
}

void plain_page_begin(const struct plain *plain, size_t lang, const char *notice, const char *draft,
	struct server_answer *answer_r)
{
	struct plain_sheet sheet = { .plain = plain, .lang = lang, .draft = draft };

	plain_nonce(sheet.nonce);
	write_begin(&sheet, notice, NULL);
	plain_finish(&sheet, SERVER_NO_SCRIPT, answer_r);
}

/* ---- instead of one */

void plain_page_busy(const struct plain *plain, size_t lang, const struct plain_form *form,
	struct server_answer *answer_r)
{
	struct plain_sheet sheet = { .plain = plain, .lang = lang, .key = form->key, .draft = form->text };

	plain_nonce(sheet.nonce);
	put_top(&sheet, ACT_LOOK);
	open_card(&sheet, "visitor.busy.title", "visitor.notice.full");
	plain_helplines(&sheet);
	put_draft(&sheet);
	plain_button(&sheet, "primary", "f", *form->key ? ACT_LOOK : ACT_NEW, "visitor.plain.refresh");
	text_put(&sheet.to, "</section>\n");
	put_bottom(&sheet);
	plain_finish(&sheet, SERVER_NO_SCRIPT, answer_r);
}

/* The same start again, with its ticket, after so many seconds. */
static void write_wait(struct plain_sheet *sheet, const struct plain_request *request)
{
	char seconds[12];
	const struct plain_value values[] = { { "seconds", seconds }, { 0 } };
	const struct plain_form *form = &request->form;

	snprintf(seconds, sizeof seconds, "%d", request->seconds);
	memcpy(sheet->nonce, form->nonce, NONCE_TEXT);
	put_top(sheet, form->act);
	text_put(&sheet->to, "<section class=\"card\"><h2>");
	plain_text(sheet, "visitor.busy.title");
	text_put(&sheet->to, "</h2><p role=\"status\">");
	plain_text_with(sheet,
		languages_text_for(sheet->plain->languages, sheet->lang, "visitor.plain.wait", request->seconds),
		values);
	text_put(&sheet->to, "</p>");
	put_draft(sheet);
	text_put(&sheet->to, "<fieldset form=\"f\" hidden>");
	for (size_t i = 0; i < form->form.count; i++)
		if (!strcmp(form->form.fields[i].name, "who") || !strcmp(form->form.fields[i].name, "where")
			|| !strcmp(form->form.fields[i].name, "tongue")) {
			text_format(&sheet->to, "<input form=\"f\" type=\"hidden\" name=\"%s\" value=\"",
				form->form.fields[i].name);
			text_xml(&sheet->to, form->form.fields[i].value);
			text_put(&sheet->to, "\">");
		}
	text_put(&sheet->to, "<input form=\"f\" type=\"hidden\" name=\"ticket\" value=\"");
	text_xml(&sheet->to, request->ticket);
	text_put(&sheet->to, "\"></fieldset>");
	plain_button(sheet, "primary", "f", form->act, "visitor.plain.go");
	plain_helplines(sheet);
	text_put(&sheet->to, "</section>\n");
	put_bottom(sheet);
}

void plain_page_stop(const struct plain *plain, size_t lang, const struct plain_form *form,
	struct server_answer *answer_r)
{
	struct plain_sheet sheet = { .plain = plain, .lang = lang, .key = form->key, .draft = form->text };

	plain_nonce(sheet.nonce);
	put_top(&sheet, ACT_LOOK);
	text_put(&sheet.to, "<section class=\"card\"><h2>");
	plain_text(&sheet, "visitor.chat.end.ask");
	text_put(&sheet.to, "</h2>");
	put_draft(&sheet);
	text_put(&sheet.to, "<div class=\"actions\">");
	plain_button(&sheet, "primary", "f", ACT_LEAVE, "visitor.chat.end.yes");
	plain_button(&sheet, "quiet", "f", ACT_LOOK, "visitor.chat.end.no");
	text_put(&sheet.to, "</div></section>\n");
	put_bottom(&sheet);
	plain_finish(&sheet, SERVER_NO_SCRIPT, answer_r);
}

void plain_page_gone(struct server_answer *answer_r)
{
	struct plain_sheet sheet = { 0 };

	text_format(&sheet.to,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<title>Wikipedia</title>\n<link rel=\"icon\" href=\"data:,\">\n"
		"<meta http-equiv=\"refresh\" content=\"0;url=%s\">\n</head>\n<body>\n"
		"<main><h1><a href=\"%s\" rel=\"noreferrer\">Wikipedia</a></h1></main>\n", neutral, neutral);
	answer_r->clear = true;
	plain_finish(&sheet, SERVER_FRAMED, answer_r);
}

/* ---- a conversation */

static void put_cards(struct plain_sheet *sheet)
{
	json_t *found = json_loads(languages_cards(sheet->plain->languages, sheet->lang), 0, NULL);
	const json_t *cards = json_object_get(found, "cards");

	if (json_array_size(cards)) {
		text_put(&sheet->to, "<details class=\"card read\"><summary>");
		plain_text(sheet, "visitor.read.title");
		text_put(&sheet->to, "</summary><p class=\"hint\">");
		plain_text(sheet, "visitor.read.hint");
		text_format(&sheet->to, "</p><div lang=\"%s\" dir=\"%s\">", json_get_text(found, "lang"),
			json_get_text(found, "dir"));
		for (size_t i = 0; i < json_array_size(cards); i++) {
			const json_t *card = json_array_get(cards, i), *words = json_object_get(card, "text");
			text_put(&sheet->to, "<details><summary>");
			text_xml(&sheet->to, json_get_text(card, "title"));
			text_put(&sheet->to, "</summary>");
			for (size_t j = 0; j < json_array_size(words); j++) {
				text_put(&sheet->to, "<p>");
				text_xml(&sheet->to, json_string_value(json_array_get(words, j)));
				text_put(&sheet->to, "</p>");
			}
			text_put(&sheet->to, "</details>");
		}
		text_put(&sheet->to, "</div></details>\n");
	}
	json_decref(found);
}

static void put_frame(struct plain_sheet *sheet, const struct plain_visitor *visitor)
{
	char ticket[TICKET_TEXT];

	(void)!ticket_make(sheet->plain->ticket_key, visitor->secret, clock_wall(), ticket);
	text_put(&sheet->to, "<iframe class=\"talk\" title=\"");
	plain_text(sheet, "visitor.chat.log");
	text_format(&sheet->to, "\" src=\"/plain/look/%s/%s/0\"></iframe>\n", ticket,
		languages_code(sheet->plain->languages, sheet->lang));
}

static void put_composer(struct plain_sheet *sheet)
{
	text_put(&sheet->to, "<div class=\"composer\"><label class=\"hidden\" for=\"words\">");
	plain_text(sheet, "visitor.chat.write");
	text_format(&sheet->to, "</label><textarea id=\"words\" form=\"f\" name=\"text\" rows=\"2\" dir=\"auto\" "
		PLAIN_UNSENT " "
		"maxlength=\"%u\" placeholder=\"", sheet->plain->house.config->limits.message_characters);
	plain_text(sheet, "visitor.chat.placeholder");
	text_put(&sheet->to, "\">\n");
	text_xml(&sheet->to, sheet->draft ? sheet->draft : "");
	text_put(&sheet->to, "</textarea>");
	plain_button(sheet, "primary send", "f", ACT_SAY, "visitor.chat.send");
	text_put(&sheet->to, "</div>\n<p class=\"hint\">");
	plain_text(sheet, "visitor.plain.stale");
	text_put(&sheet->to, "</p><div class=\"below\">");
	plain_button(sheet, "quiet", "f", ACT_LOOK, "visitor.plain.refresh");
	plain_button(sheet, "quiet", "f", ACT_CODE, "visitor.code.ask");
	plain_button(sheet, "quiet", "f", ACT_STOP, "visitor.chat.end");
	text_put(&sheet->to, "</div>\n");
}

static void write_chat(struct plain_sheet *sheet, const struct plain_visitor *visitor, const char *notice)
{
	put_top(sheet, ACT_SAY);
	put_banner(sheet, notice);
	put_frame(sheet, visitor);
	if (visitor->view.stage == STAGE_WAITING)
		put_cards(sheet);
	put_composer(sheet);
	put_bottom(sheet);
}

static void write_ended(struct plain_sheet *sheet, const struct plain_visitor *visitor, const char *notice)
{
	const struct plain_view *view = &visitor->view;
	bool blocked = !strcmp(view->ended, "blocked"), forgotten = plain_view_forgotten(view);

	put_top(sheet, ACT_LOOK);
	put_banner(sheet, notice);
	open_card(sheet, "visitor.ended.title",
		blocked                             ? "visitor.ended.blocked"
			: !strcmp(view->ended, "abandoned") ? "visitor.ended.abandoned"
			: !strcmp(view->ended, "visitor") ? "visitor.ended.visitor"
			: forgotten                       ? "visitor.ended.forgotten"
							  : "visitor.ended.text");
	plain_helplines(sheet);
	text_put(&sheet->to, "<div class=\"actions\">");
	if (!blocked && desk_open(sheet->plain->house.desk)) {
		plain_button(sheet, "primary", "f", ACT_NEW, "visitor.ended.again");
		if (!forgotten)
			plain_button(sheet, "quiet", "f", ACT_AGAIN, "visitor.ended.goon");
	}
	if (!forgotten)
		plain_button(sheet, "quiet", "f", ACT_CODE, "visitor.code.ask");
	text_put(&sheet->to, "</div></section>\n<section class=\"log\"><h2 class=\"hidden\">");
	plain_text(sheet, "visitor.chat.log");
	text_put(&sheet->to, "</h2>\n");
	plain_rows(sheet, view);
	text_put(&sheet->to, "</section>\n");
	put_draft(sheet);
	put_bottom(sheet);
}

static void write_code(struct plain_sheet *sheet, const char *words)
{
	put_top(sheet, ACT_LOOK);
	open_card(sheet, "visitor.code.title", "visitor.code.text");
	text_put(&sheet->to, "<p class=\"code\" lang=\"zxx\" dir=\"ltr\" translate=\"no\">");
	text_xml(&sheet->to, words);
	text_put(&sheet->to, "</p><p class=\"hint\">");
	plain_text(sheet, "visitor.code.care");
	text_put(&sheet->to, "</p>");
	put_draft(sheet);
	plain_button(sheet, "primary", "f", ACT_LOOK, "visitor.code.written");
	text_put(&sheet->to, "</section>\n");
	put_bottom(sheet);
}

static void write_replaced(struct plain_sheet *sheet)
{
	put_top(sheet, ACT_LOOK);
	open_card(sheet, "visitor.replaced.title", "visitor.replaced.text");
	put_draft(sheet);
	plain_button(sheet, "quiet", "f", ACT_LOOK, "visitor.plain.refresh");
	text_put(&sheet->to, "</section>\n");
	put_bottom(sheet);
}

static const char *notice_of(const struct plain_request *request)
{
	static const char *const notices[][2] = { { "too_long", "visitor.notice.tooLong" },
		{ "spent", "visitor.notice.spent" },
		{ "full", "visitor.notice.full" },
		{ "not_open", "visitor.notice.notOpen" },
		{ "blocked", "visitor.ended.blocked" },
		{ "too_fast", "visitor.plain.unsent" },
		{ "busy", "visitor.plain.unsent" } };
	const struct plain_view *view = &request->visitor->view;

	if (view->trouble)
		return "visitor.line.trouble";
	for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
		if (!strcmp(request->problem, notices[i][0]))
			return notices[i][1];
	if (view->unknown)
		return "visitor.notice.unknown";
	return request->acted && request->form.act == ACT_SAY && !request->done ? "visitor.plain.unsent" : NULL;
}

/* Words stay where they can be sent again, unless they are stored. */
static const char *draft_of(const struct plain_request *request)
{
	bool stored = request->form.act == ACT_SAY && request->done && !*request->problem;
	return stored || plain_view_forgotten(&request->visitor->view) ? NULL : request->form.text;
}

void plain_page_write(const struct plain_request *request, struct server_answer *answer_r)
{
	const struct plain_visitor *visitor = request->visitor;
	struct plain_sheet sheet = { .plain = request->plain,
		.lang = request->lang,
		.key = visitor->view.unknown ? NULL : visitor->secret,
		.draft = draft_of(request) };
	const char *notice = notice_of(request);

	plain_nonce(sheet.nonce);
	if ((draft_of(request) || !request->done) && !visitor->view.unknown)
		memcpy(sheet.nonce, request->form.nonce, NONCE_TEXT); /* sent again, it is the same */
	if (visitor->view.replaced)
		write_replaced(&sheet);
	else if (!strcmp(request->problem, "wait"))
		write_wait(&sheet, request);
	else if (*request->words)
		write_code(&sheet, request->words);
	else if (!sheet.key || !*sheet.key || visitor->view.stage == STAGE_NONE)
		write_begin(&sheet, notice, request->form.act == ACT_RETURN ? request : NULL);
	else if (visitor->view.stage == STAGE_ENDED)
		write_ended(&sheet, visitor, notice);
	else
		write_chat(&sheet, visitor, notice);
	plain_finish(&sheet, SERVER_NO_SCRIPT, answer_r);
}
