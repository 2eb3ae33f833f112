/* Requests in, frames of the visitor's protocol out. */
#include "base/clock.h"
#include "base/mem.h"
#include "webchat/plain_private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t language_of(const struct plain *plain, const char *wish)
{
	return languages_pick(plain->languages, "visitor", wish, plain->house.config->centre.language);
}

void plain_get(void *arg, const struct server_request *request, struct server_answer *answer_r)
{
	const struct plain *plain = arg;
	char wish[PLAIN_LANG] = "";

	if (!strncmp(request->query, "lang=", 5))
		snprintf(wish, sizeof wish, "%.*s", (int)strcspn(request->query + 5, "&"),
			request->query + 5);
	plain_page_begin(plain, language_of(plain, *wish ? wish : request->accept_language), NULL, NULL,
		answer_r);
}

/* ---- the frame: TICKET/LANG/MARK, and /paused for one that does not renew itself */

struct look {
	char secret[DESK_SECRET_SIZE];
	char lang[PLAIN_LANG];
	uint64_t mark;
	bool paused;
};

static enum err read_look(const struct plain *plain, const char *path, struct look *look_r)
{
	size_t ticket = strcspn(path, "/");
	char mark[17] = "", end[8] = "";
	int got;

	*look_r = (struct look) { .mark = 0 };
	got = path[ticket] ? sscanf(path + ticket, "/%11[a-z-]/%16[0-9a-f]/%7s", look_r->lang, mark, end) : 0;
	look_r->mark = got >= 2 ? strtoull(mark, NULL, 16) : 0;
	look_r->paused = !strcmp(end, "paused");
	return ticket_read(plain->ticket_key, path, ticket, clock_wall(), look_r->secret);
}

void plain_look(void *arg, const struct server_request *request, struct server_answer *answer_r)
{
	struct plain *plain = arg;
	struct plain_visitor *visitor = NULL;
	struct plain_request *made;
	struct look look;
	size_t lang;
	bool good = !read_look(plain, request->path + strlen("/plain/look/"), &look);

	lang = language_of(plain, look.lang);
	if (good && plain_exit_known(plain, look.secret)) {
		plain_page_gone(answer_r);
		return;
	}
	if (good && plain_visitor_replaced(plain, look.secret)) {
		plain_talk_replaced(plain, lang, answer_r);
		return;
	}
	if (good) {
		visitor = plain_visitor_find(plain, look.secret);
		visitor = visitor ? visitor : plain_visitor_create(plain, request, look.secret);
	}
	sodium_memzero(look.secret, sizeof look.secret);
	if (!visitor) {
		plain_talk_write(plain, lang, NULL, false, answer_r);
		return;
	}
	made = plain_request_create(plain, visitor, request, PLAIN_HOLD_SECONDS);
	made->looking = made->acted = true;
	made->paused = look.paused;
	made->lang = lang;
	made->mark = look.paused ? 0 : look.mark;
	visitor->renewing = !look.paused;
	plain_settle(plain);
}

/* ---- conversations left quickly */

void plain_exit_note(struct plain *plain, const char *secret, bool left)
{
	uint8_t token[STORE_TOKEN_SIZE];
	struct plain_exit *exit = &plain->exits[plain->exit_next % PLAIN_EXITS];

	desk_visitor_token(secret, token);
	for (size_t i = 0; i < PLAIN_EXITS; i++)
		if (!memcmp(plain->exits[i].token, token, sizeof token))
			plain->exits[i] = (struct plain_exit) { .mono = 0 };
	if (!left)
		return;
	memcpy(exit->token, token, sizeof token);
	exit->mono = clock_mono();
	plain->exit_next++;
}

bool plain_exit_known(const struct plain *plain, const char *secret)
{
	uint8_t token[STORE_TOKEN_SIZE];

	desk_visitor_token(secret, token);
	for (size_t i = 0; i < PLAIN_EXITS; i++)
		if (!memcmp(plain->exits[i].token, token, sizeof token))
			return clock_mono() - plain->exits[i].mono < PLAIN_EXIT_SECONDS * INT64_C(1000);
	return false;
}

/* ---- what is posted */

static bool foreign(const struct server_request *request)
{
	const char *site = server_header(request, "sec-fetch-site"); /* "" from older browsers */
	return *site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static void leave_now(struct plain *plain, const struct plain_form *form)
{
	struct plain_visitor *visitor;

	if (!*form->key)
		return;
	visitor = plain_visitor_find(plain, form->key);
	if (visitor) {
		visitor->ended = visitor->dirty = true;
		plain->house.wake(plain->house.arg);
	}
	plain_exit_note(plain, form->key, true);
}

/* What is answered at once; false: a conversation is needed. */
static bool at_once(struct plain *plain, const struct plain_form *form, size_t lang,
	struct server_answer *answer_r)
{
	bool begins = form->act == ACT_START || form->act == ACT_SKIP || form->act == ACT_RETURN;

	if (form->act == ACT_EXIT) {
		leave_now(plain, form);
		plain_page_gone(answer_r);
	} else if (*form->key && plain_exit_known(plain, form->key)) {
		plain_page_gone(answer_r);
	} else if (form->act == ACT_NEW || (!*form->key && !begins)) {
		plain_page_begin(plain, lang, NULL, form->text, answer_r);
	} else if (form->act == ACT_STOP) {
		plain_page_stop(plain, lang, form, answer_r);
	} else {
		return false;
	}
	return true;
}

static void hold(struct plain *plain, const struct server_request *request,
	const struct plain_form *form, size_t lang, struct server_answer *answer_r)
{
	const char *key = *form->key ? form->key : NULL;
	struct plain_visitor *visitor = key ? plain_visitor_find(plain, key) : NULL;
	struct plain_form mine = *form;
	struct plain_request *made;

	if (!visitor)
		visitor = plain_visitor_create(plain, request, key);
	if (!visitor) {
		plain_page_busy(plain, lang, form, answer_r);
		plain_form_finish(&mine);
		return;
	}
	made = plain_request_create(plain, visitor, request, PLAIN_WAIT_SECONDS);
	made->form = mine;
	made->lang = lang;
	plain_id(&made->form, made->id);
	if (form->act == ACT_SAY && (!form->text || !*form->text))
		made->form.act = ACT_LOOK;
	if (form->act == ACT_CODE
		&& (plain_nonce_age(form->stamp) > PLAIN_CODE_SECONDS
			|| !strcmp(visitor->coded, form->stamp)))
		made->form.act = ACT_LOOK; /* a page of before: the code that was noted stays good */
	visitor->renewing = false; /* until its frame comes */
	plain_settle(plain);
}

void plain_post(void *arg, const struct server_request *request, struct server_answer *answer_r)
{
	struct plain *plain = arg;
	struct plain_form form;
	size_t lang;

	if (foreign(request) || plain_form_read(request->body, request->length, &form)) {
		plain_page_begin(plain, language_of(plain, ""), NULL, NULL, answer_r);
		return;
	}
	lang = language_of(plain, form.act == ACT_LANGUAGE ? form.to : form.lang);
	if (at_once(plain, &form, lang, answer_r))
		plain_form_finish(&form);
	else
		hold(plain, request, &form, lang, answer_r);
}

/* ---- to the session */

static void put_start(struct json_out *out, const struct plain_request *request)
{
	const struct plain_form *form = &request->form;

	json_put_object(out, "answers");
	if (form->act == ACT_START) {
		json_put_text(out, "who", form->who);
		json_put_text(out, "where", form->where);
	}
	json_put_text(out, "lang",
		*form->tongue && form->act == ACT_START
			? form->tongue
			: languages_code(request->plain->languages, request->lang));
	json_put_object_end(out);
	json_put_object(out, "work");
	json_put_text(out, "text", form->ticket);
	json_put_text(out, "number", "0");
	json_put_object_end(out);
}

static void note_said(struct plain_visitor *visitor, const struct plain_request *request)
{
	size_t length = strlen(request->form.text);
	struct plain_said *said = mem_alloc(sizeof *said + length + 1);

	memcpy(said->id, request->id, sizeof said->id);
	memcpy(said->text, request->form.text, length + 1);
	said->next = visitor->said;
	visitor->said = said;
}

void plain_act(struct plain_request *request)
{
	static const char *const names[ACTS] = { [ACT_START] = "start",
		[ACT_SKIP] = "start",
		[ACT_SAY] = "say",
		[ACT_LEAVE] = "leave",
		[ACT_CODE] = "code",
		[ACT_RETURN] = "return",
		[ACT_AGAIN] = "again" };
	struct plain_form *form = &request->form;
	struct json_out out;

	request->acted = true;
	if (!names[form->act])
		return;
	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "t", names[form->act]);
	json_put_text(&out, "id", request->id);
	if (form->act == ACT_START || form->act == ACT_SKIP)
		put_start(&out, request);
	if (form->act == ACT_SAY)
		json_put_text(&out, "text", form->text);
	if (form->act == ACT_CODE || form->act == ACT_AGAIN)
		json_put_text(&out, "secret", form->key);
	if (form->act == ACT_CODE)
		json_put_text(&out, "lang", languages_code(request->plain->languages, request->lang));
	if (form->act == ACT_RETURN)
		json_put_text(&out, "words", form->words);
	json_put_object_end(&out);
	if (form->act == ACT_SAY)
		note_said(request->visitor, request);
	session_frame(request->visitor->session, out.bytes, out.length);
	explicit_bzero(out.bytes, out.length);
	json_out_finish(&out);
}

size_t plain_routes(struct plain *plain, struct server_route *routes_r, size_t most)
{
	static const char *const headers[] = { "sec-fetch-site", NULL };

	if (most < 2)
		abort();
	routes_r[0] = (struct server_route) { .listener = SERVER_PUBLIC,
		.path = "/plain",
		.get = plain_get, .post = plain_post,
		.headers = headers, .arg = plain };
	routes_r[1] = (struct server_route) {
		.listener = SERVER_PUBLIC, .path = "/plain/look/*", .get = plain_look, .arg = plain
	};
	return 2;
}
