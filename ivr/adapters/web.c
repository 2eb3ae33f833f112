#include "ivr/adapters/web.h"
#include "base/mem.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char verbs[] = { [WEB_TURN] = 't',
	[WEB_INTERRUPTED] = 'i', [WEB_DROPPED] = 'd', [WEB_LEG] = 'l',
	[WEB_JOINED] = 'a', [WEB_RECORDED] = 'r', [WEB_DIALLED] = 'o', [WEB_STATUS] = 's' };

struct web_path web_path_parse(const char *path)
{
	struct web_path read = { .verb = WEB_NONE };
	size_t length;

	if (!*path || !strcmp(path, "/"))
		read.verb = WEB_START;
	else if (!strcmp(path, "/s"))
		read.verb = WEB_STATUS;
	if (read.verb != WEB_NONE || path[0] != '/' || !path[1] || path[2] != '/')
		return read;
	for (int verb = WEB_TURN; verb < WEB_STATUS; verb++)
		if (verbs[verb] == path[1])
			read.verb = (enum web_verb)verb;
	if (read.verb == WEB_NONE)
		return read;
	path += 3;
	length = strcspn(path, "/");
	if (!length || length >= sizeof read.token
		|| strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
			!= length)
		return (struct web_path) { .verb = WEB_NONE };
	memcpy(read.token, path, length);
	path += length;
	if (read.verb == WEB_LEG && path[0] == '/' && path[1] >= '0' && path[1] <= '9' && !path[2])
		read.tries = (unsigned)(path[1] - '0');
	else if (*path)
		return (struct web_path) { .verb = WEB_NONE };
	return read;
}

void web_url(const struct web *web, struct text *to, char verb, const char *token)
{
	text_put(to, web->root);
	text_put(to, "/ivr/");
	text_put(to, web->line->name);
	if (!verb)
		return;
	text_put_n(to, "/", 1);
	text_put_n(to, &verb, 1);
	if (token) {
		text_put_n(to, "/", 1);
		text_put(to, token);
	}
}

static void put_sound(const struct web *web, struct text *to, const char *name)
{
	text_put(to, web->root);
	text_put(to, "/ivr/prompts/");
	text_put(to, name);
}

bool web_sound(const struct web *web, struct text *to, const struct ivr_prompt *prompt)
{
	char name[PROMPTS_NAME_MAX];

	if (!prompts_name(web->prompts, prompt, name))
		return false;
	put_sound(web, to, name);
	return true;
}

bool web_piece(const struct web *web, struct text *to, const struct ivr_prompt *prompt,
	uint32_t seconds, uint32_t index)
{
	char name[PROMPTS_NAME_MAX];

	if (!prompts_piece(web->prompts, prompt, seconds, index, name))
		return false;
	put_sound(web, to, name);
	return true;
}

const char *web_words(const struct web *web, const struct ivr_prompt *prompt)
{
	const char *text;
	(void)!script_prompt(web->script, prompt, &text);
	return text ? text : "";
}

const char *web_locale(const char *lang)
{
	static const char *const locales[][2] = { { "nl", "nl-BE" }, { "fr", "fr-FR" },
		{ "en", "en-GB" }, { "de", "de-DE" }, { "es", "es-ES" }, { "pt", "pt-PT" },
		{ "pl", "pl-PL" }, { "ro", "ro-RO" }, { "tr", "tr-TR" }, { "ar", "ar-XA" },
		{ "uk", "uk-UA" } };
	for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
		if (!strcmp(locales[i][0], lang))
			return locales[i][1];
	return lang;
}

void web_answer(struct server_answer *answer_r, const char *type, const char *bytes, size_t length)
{
	answer_r->type = type;
	answer_r->body = mem_alloc(length + 1);
	memcpy(answer_r->body, bytes, length);
	answer_r->length = length;
}

void web_refuse(const struct web *web, struct server_answer *answer_r)
{
	static const char text[] = "This request is not signed as it should be.\n";
	ivr_refused(web->ivr);
	answer_r->status = 403;
	web_answer(answer_r, "text/plain; charset=utf-8", text, sizeof text - 1);
}

void web_bad(struct server_answer *answer_r)
{
	static const char text[] = "This is not understood.\n";
	answer_r->status = 400;
	web_answer(answer_r, "text/plain; charset=utf-8", text, sizeof text - 1);
}

bool web_same(const char *a, const char *b)
{
	size_t length = strlen(a);
	return length == strlen(b) && !CRYPTO_memcmp(a, b, length);
}
