/* Pieces of the pages without script. */
#include "base/json.h"
#include "base/mem.h"
#include "webchat/pad.h"
#include "webchat/plain_private.h"

#include <stdlib.h>
#include <string.h>

void plain_text(struct plain_sheet *sheet, const char *key)
{
	text_xml(&sheet->to, languages_text(sheet->plain->languages, sheet->lang, key));
}

/* In a right-to-left language names keep to themselves, whatever their script. */
static void put_value(struct plain_sheet *sheet, const struct plain_value *values, const char *name,
	size_t length)
{
	/* FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, U+2068 and U+2069 */
	static const char begins[] = { (char)0xe2, (char)0x81, (char)0xa8, 0 };
	static const char ends[] = { (char)0xe2, (char)0x81, (char)0xa9, 0 };
	bool isolate = languages_right_to_left(sheet->plain->languages, sheet->lang);

	for (; values->name; values++)
		if (strlen(values->name) == length && !strncmp(values->name, name, length)) {
			text_put(&sheet->to, isolate ? begins : "");
			text_xml(&sheet->to, values->value);
			text_put(&sheet->to, isolate ? ends : "");
			return;
		}
}

void plain_text_with(struct plain_sheet *sheet, const char *text, const struct plain_value *values)
{
	char *piece;

	while (*text) {
		size_t length = strcspn(text, "{");
		piece = mem_copy(text, length + 1);
		if (piece)
			piece[length] = '\0';
		text_xml(&sheet->to, piece ? piece : "");
		free(piece);
		text += length;
		if (*text == '{') {
			length = strcspn(++text, "}");
			put_value(sheet, values, text, length);
			text += length + (text[length] == '}');
		}
	}
}

void plain_hidden(struct plain_sheet *sheet, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	text_format(&sheet->to, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	text_xml(&sheet->to, value);
	text_put(&sheet->to, "\">");
}

/* Chromium and its kin write what is posted into a file, to open the tab again later, also after it was closed;
 * but not what comes from a form with a password in it. Nobody sees this one, and it is not sent. */
static const char unkept[] = "<input type=\"password\" value=\"0\" autocomplete=\"off\" disabled hidden>";

void plain_state(struct plain_sheet *sheet, const char *key)
{
	char stamp[NONCE_TEXT];

	plain_nonce(stamp);
	text_put(&sheet->to, unkept);
	plain_hidden(sheet, "key", key);
	plain_hidden(sheet, "nonce", sheet->nonce);
	plain_hidden(sheet, "stamp", *sheet->nonce ? stamp : "");
	plain_hidden(sheet, "lang", languages_code(sheet->plain->languages, sheet->lang));
}

void plain_button(struct plain_sheet *sheet, const char *class, const char *form, enum plain_act act,
	const char *key)
{
	text_format(&sheet->to, "<button form=\"%s\" class=\"%s\" name=\"act\" value=\"%s\">", form, class,
		plain_act_word(act));
	plain_text(sheet, key);
	text_put(&sheet->to, "</button>");
}

void plain_head(struct plain_sheet *sheet, const char *class, const char *refresh)
{
	const struct plain *plain = sheet->plain;
	bool rtl = languages_right_to_left(plain->languages, sheet->lang);

	text_format(&sheet->to,
		"<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"robots\" content=\"noindex\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"format-detection\" content=\"telephone=no\">\n<title>",
		languages_code(plain->languages, sheet->lang), rtl ? "rtl" : "ltr");
	text_xml(&sheet->to, plain->house.config->centre.name);
	text_put(&sheet->to, "</title>\n<link rel=\"icon\" href=\"data:,\">\n");
	if (refresh)
		text_format(&sheet->to, "<meta http-equiv=\"refresh\" content=\"%s\">\n", refresh);
	text_format(&sheet->to, "<link rel=\"stylesheet\" href=\"%s\">\n</head>\n<body class=\"%s\">\n",
		plain->house.style, class);
}

void plain_number(struct plain_sheet *sheet, const char *number)
{
	text_put(&sheet->to, "tel:");
	for (; *number; number++)
		if (*number != ' ')
			text_xml(&sheet->to, (char[]) { *number, '\0' });
}

void plain_helplines(struct plain_sheet *sheet)
{
	const struct config *config = sheet->plain->house.config;
	const char *code = languages_code(sheet->plain->languages, sheet->lang);

	text_put(&sheet->to, "<ul class=\"helplines\">");
	for (uint32_t i = 0; i < config->centre.helplines_count; i++) {
		const struct config_helpline *line = &config->centre.helplines[i];
		if (!config_helpline_shown(line, code))
			continue;
		text_put(&sheet->to, "<li><a href=\"");
		plain_number(sheet, line->number);
		text_put(&sheet->to, "\"><strong dir=\"ltr\">");
		text_xml(&sheet->to, line->number);
		text_put(&sheet->to, "</strong> <bdi>");
		text_xml(&sheet->to, line->name);
		text_put(&sheet->to, "</bdi></a></li>");
	}
	text_put(&sheet->to, "</ul>");
}

/* As the frames (pad.h): whoever watches sees a class, not how much was written. */
static void pad(struct text *to)
{
	static const char open[] = "<!--", close[] = "-->\n";
	size_t room = pad_size(to->length) - to->length;

	text_put(to, open);
	for (size_t i = sizeof open - 1 + sizeof close - 1; i < room; i++)
		text_put_n(to, "0", 1);
	text_put(to, close);
}

void plain_finish(
	struct plain_sheet *sheet, enum server_policy policy, struct server_answer *answer_r)
{
	text_put(&sheet->to, "</body>\n</html>\n");
	pad(&sheet->to);
	answer_r->status = 200;
	answer_r->type = "text/html; charset=utf-8";
	answer_r->policy = policy;
	answer_r->length = sheet->to.length;
	answer_r->body = sheet->to.bytes;
	sheet->to = (struct text) { 0 };
}
