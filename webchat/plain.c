#include "webchat/plain.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "webchat/plain_private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEAT_MS = 8000 };

/* ---- what a session says */

static void wake(struct plain_visitor *visitor)
{
	struct plain *plain = visitor->plain;

	visitor->dirty = true;
	if (!plain->woken)
		plain->house.wake(plain->house.arg);
	plain->woken = true;
}

static struct plain_request *request_of(const struct plain_visitor *visitor, const char *id)
{
	for (struct plain_request *each = visitor->requests; each && id; each = each->next)
		if (!strcmp(each->id, id))
			return each;
	return NULL;
}

static void drop_said(struct plain_said **link)
{
	struct plain_said *said = *link;

	*link = said->next;
	explicit_bzero(said->text, strlen(said->text));
	free(said);
}

/* It is stored as number n, or (0) it is not. */
static void said_done(struct plain_visitor *visitor, const char *id, uint32_t n)
{
	int64_t time = clock_wall();

	for (struct plain_said **link = &visitor->said; *link; link = &(*link)->next) {
		if (strcmp((*link)->id, id) != 0)
			continue;
		if (n)
			plain_view_row(&visitor->view, n, FROM_ME, time - time % 60000, (*link)->text);
		drop_said(link);
		return;
	}
}

static void answer_request(struct plain_visitor *visitor, struct plain_request *request,
	const char *t, const json_t *frame)
{
	const char *words = json_get_text(frame, "words"), *code = json_get_text(frame, "code");
	const char *text = json_get_text(frame, "text");

	if (!strcmp(t, "error")) {
		snprintf(request->problem, sizeof request->problem, "%s", code);
		request->word = (int)json_get_number(frame, "word", 0);
	} else if (!strcmp(t, "work")) {
		snprintf(request->ticket, sizeof request->ticket, "%s", text);
		request->seconds = (int)json_get_number(frame, "bits", 0);
		strcpy(request->problem, request->seconds ? "wait" : "full");
	} else if (!strcmp(t, "code")) {
		snprintf(request->words, sizeof request->words, "%s", words);
		memcpy(visitor->coded, request->form.stamp, NONCE_TEXT);
	} else if (!strcmp(t, "returned")) {
		request->returned = true;
		return; /* what there is follows */
	}
	request->done = true;
}

static void on_send(void *arg, const char *bytes, size_t length)
{
	struct plain_visitor *visitor = arg;
	json_t *frame = json_loadb(bytes, length, 0, NULL);
	const char *t = json_get_text(frame, "t"), *id = json_get_text(frame, "id");
	const char *secret = json_get_text(frame, "secret");
	struct plain_request *request = request_of(visitor, id);

	if (id && (!strcmp(t, "stored") || !strcmp(t, "error")))
		said_done(visitor, id, (uint32_t)json_get_number(frame, "n", 0));
	plain_view_take(&visitor->view, t, frame);
	while (plain_view_forgotten(&visitor->view) && visitor->said)
		drop_said(&visitor->said);
	if (secret)
		plain_visitor_remember(visitor, secret);
	if (secret && !strcmp(t, "returned")) /* whoever has the code may see it again */
		plain_exit_note(visitor->plain, secret, false);
	if (request)
		answer_request(visitor, request, t, frame);
	json_decref(frame);
	wake(visitor);
}

static enum err on_ask(void *arg, const struct code_question *question)
{
	struct plain_visitor *visitor = arg;
	struct code_question mine = *question;
	enum err err;

	mine.visitor = visitor->number;
	err = visitor->plain->house.ask(visitor->plain->house.arg, &mine);
	sodium_memzero(&mine, sizeof mine);
	return err;
}

/* In place of work: waiting. The number of bits is that of seconds. */
static bool on_pass(void *arg, const char *id, const char *work, const char *number,
	char text_r[SESSION_WORK_TEXT], int *bits_r)
{
	struct plain_visitor *visitor = arg;
	const struct plain_house *house = &visitor->plain->house;

	(void)number;
	return house->wait(house->arg, visitor->crowd, id, work, text_r, bits_r);
}

static bool on_crowded(void *arg)
{
	const struct plain_visitor *visitor = arg;
	return visitor->plain->house.crowded(visitor->plain->house.arg, visitor->network);
}

static uint64_t on_network(void *arg)
{
	const struct plain_visitor *visitor = arg;
	return visitor->network == SERVER_FROM_TOR ? 0 : visitor->network;
}

static void on_close(void *arg, int code)
{
	struct plain_visitor *visitor = arg;
	(void)code;
	visitor->ended = true;
	wake(visitor);
}

static const struct session_line line = { .send = on_send,
	.send_replay = on_send,
	.ask = on_ask,
	.pass = on_pass,
	.crowded = on_crowded,
	.network = on_network,
	.close = on_close };

/* ---- visitors */

static void leave_table(struct plain_visitor *visitor)
{
	if (visitor->in_table)
		HASH_DEL(visitor->plain->by_token, visitor);
	visitor->in_table = false;
}

static struct plain_visitor *find(const struct plain *plain, const char *secret)
{
	uint8_t token[STORE_TOKEN_SIZE];
	struct plain_visitor *found = NULL;

	desk_visitor_token(secret, token);
	HASH_FIND(hh, plain->by_token, token, sizeof token, found);
	return found;
}

struct plain_visitor *plain_visitor_find(struct plain *plain, const char *secret)
{
	struct plain_visitor *found = find(plain, secret);
	return found && !found->ended ? found : NULL;
}

bool plain_visitor_replaced(const struct plain *plain, const char *secret)
{
	const struct plain_visitor *found = find(plain, secret);
	return found && found->view.replaced;
}

void plain_visitor_remember(struct plain_visitor *visitor, const char *secret)
{
	struct plain *plain = visitor->plain;
	struct plain_visitor *before;

	if (strlen(secret) != DESK_SECRET_SIZE - 1)
		return;
	leave_table(visitor);
	memcpy(visitor->secret, secret, DESK_SECRET_SIZE);
	desk_visitor_token(secret, visitor->token);
	HASH_FIND(hh, plain->by_token, visitor->token, sizeof visitor->token, before);
	if (before)
		leave_table(before); /* the desk sends it away */
	HASH_ADD(hh, plain->by_token, token, sizeof visitor->token, visitor);
	visitor->in_table = true;
}

struct plain_visitor *plain_visitor_create(
	struct plain *plain, const struct server_request *request, const char *secret)
{
	struct plain_visitor *visitor;
	struct json_out out;

	if (!plain->house.enter(plain->house.arg, request->network))
		return NULL;
	visitor = mem_alloc(sizeof *visitor);
	visitor->plain = plain;
	visitor->crowd = request->crowd;
	visitor->network = request->network;
	visitor->number = plain->house.next(plain->house.arg);
	visitor->asked_mono = visitor->beat_mono = clock_mono();
	visitor->next = plain->visitors;
	visitor->link = &plain->visitors;
	if (visitor->next)
		visitor->next->link = &visitor->next;
	plain->visitors = visitor;
	plain->count++;
	visitor->session = session_create(
		plain->house.desk, plain->house.config, plain->house.words, &line, visitor);
	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "t", "hello");
	if (secret) {
		plain_visitor_remember(visitor, secret);
		json_put_text(&out, "secret", secret);
	}
	json_put_object_end(&out);
	session_frame(visitor->session, out.bytes, out.length);
	json_out_finish(&out);
	if (!secret && visitor->ended) /* it is full */
		plain_visitor_destroy(&visitor);
	return visitor;
}

void plain_visitor_destroy(struct plain_visitor **visitor)
{
	struct plain_visitor *gone = *visitor;

	leave_table(gone);
	*gone->link = gone->next;
	if (gone->next)
		gone->next->link = gone->link;
	gone->plain->count--;
	gone->plain->house.leave(gone->plain->house.arg, gone->network);
	session_destroy(&gone->session);
	while (gone->said)
		drop_said(&gone->said);
	plain_view_finish(&gone->view);
	sodium_memzero(gone, sizeof *gone);
	free(gone);
	*visitor = NULL;
}

/* ---- requests that wait */

static void on_gone(void *arg)
{
	struct plain_request *request = arg;

	request->later = NULL;
	plain_request_destroy(&request);
}

struct plain_request *plain_request_create(struct plain *plain, struct plain_visitor *visitor,
	const struct server_request *request, int seconds)
{
	struct plain_request *made = mem_alloc(sizeof *made);

	made->plain = plain;
	made->visitor = visitor;
	made->until_mono = clock_mono() + seconds * INT64_C(1000);
	made->later = server_later(request, on_gone, made);
	made->next = visitor->requests;
	made->link = &visitor->requests;
	if (made->next)
		made->next->link = &made->next;
	visitor->requests = made;
	visitor->asked_mono = clock_mono();
	visitor->dirty = true;
	return made;
}

void plain_request_destroy(struct plain_request **request)
{
	struct plain_request *gone = *request;

	*gone->link = gone->next;
	if (gone->next)
		gone->next->link = gone->link;
	gone->visitor->asked_mono = clock_mono();
	plain_form_finish(&gone->form);
	sodium_memzero(gone, sizeof *gone);
	free(gone);
	*request = NULL;
}

static bool ready(const struct plain_request *request)
{
	const struct plain_visitor *visitor = request->visitor;
	const struct plain_view *view = &visitor->view;

	if (visitor->ended || view->replaced || request->plain->leaving
		|| clock_mono() >= request->until_mono)
		return true;
	if (!view->known)
		return request->done;
	if (view->unknown)
		return true;
	if (request->looking)
		return request->mark != plain_talk_mark(request->plain, request->lang, visitor);
	switch (request->form.act) {
	case ACT_LOOK:
	case ACT_LANGUAGE:
		return true;
	case ACT_LEAVE:
		return request->done || view->stage == STAGE_ENDED;
	case ACT_AGAIN:
		return request->done || view->stage != STAGE_ENDED;
	case ACT_RETURN:
		return request->done || (request->returned && view->stage);
	default:
		return request->done;
	}
}

/* What a frame shows: the conversation, or who goes on with it now; NULL: nobody does. */
static const struct plain_visitor *shown(const struct plain_visitor *visitor)
{
	const struct plain_visitor *now;

	if (!visitor->ended)
		return visitor;
	now = plain_visitor_find(visitor->plain, visitor->secret);
	return now ? now : visitor->view.replaced ? visitor : NULL;
}

static void answer_now(struct plain_request *request)
{
	struct server_answer answer = { .status = 200 };

	if (*request->visitor->secret && plain_exit_known(request->plain, request->visitor->secret))
		plain_page_gone(&answer);
	else if (!request->looking)
		plain_page_write(request, &answer);
	else
		plain_talk_write(request->plain, request->lang, shown(request->visitor),
			request->paused, &answer);
	server_answer(request->later, &answer);
	plain_request_destroy(&request);
}

static void settle_visitor(struct plain_visitor *visitor)
{
	struct plain_request *request, *next;

	for (request = visitor->requests; request; request = next) {
		next = request->next;
		if (!visitor->dirty && clock_mono() < request->until_mono)
			continue;
		if (!request->acted && visitor->view.known && !visitor->view.unknown && !visitor->ended)
			plain_act(request);
		if (ready(request))
			answer_now(request);
	}
}

/* Nothing is to be kept of it: the session is over, or never became a conversation. One that goes on in
 * another window stays for a while, so that a frame does not take it back by itself. */
static bool over(const struct plain_visitor *visitor)
{
	if (visitor->view.replaced && visitor->in_table && !visitor->plain->leaving)
		return clock_mono() - visitor->asked_mono > 2 * PLAIN_HOLD_SECONDS * INT64_C(1000);
	return visitor->ended || visitor->view.unknown || (!*visitor->secret && !visitor->requests);
}

void plain_settle(struct plain *plain)
{
	struct plain_visitor *visitor, *next;

	plain->woken = false;
	for (visitor = plain->visitors; visitor; visitor = visitor->next) {
		settle_visitor(visitor);
		visitor->dirty = false;
	}
	for (visitor = plain->visitors; visitor; visitor = next) {
		next = visitor->next;
		if (over(visitor) && !visitor->requests)
			plain_visitor_destroy(&visitor);
	}
}

static void look_after(struct plain_visitor *visitor)
{
	static const char beat[] = "{\"t\":\"beat\"}";
	int64_t mono = clock_mono();
	int quiet = visitor->renewing ? PLAIN_AWAY_SECONDS : PLAIN_QUIET_SECONDS;

	if (visitor->ended)
		return;
	if (!visitor->requests && mono - visitor->asked_mono > quiet * INT64_C(1000)) {
		visitor->ended = true;
		return;
	}
	if (mono - visitor->beat_mono >= BEAT_MS) {
		visitor->beat_mono = mono;
		session_frame(visitor->session, beat, sizeof beat - 1);
	}
	session_tick(visitor->session, false);
}

void plain_second(struct plain *plain)
{
	for (struct plain_visitor *each = plain->visitors; each; each = each->next)
		if (plain->leaving) /* all is answered by now */
			each->ended = true;
		else
			look_after(each);
	plain_settle(plain);
}

/* ---- the house */

struct plain *plain_create(const struct plain_house *house, const struct languages *languages)
{
	struct plain *plain = mem_alloc(sizeof *plain);

	plain->house = *house;
	plain->languages = languages;
	desk_secret(house->desk, "plain look", plain->ticket_key);
	return plain;
}

void plain_destroy(struct plain **plain)
{
	struct plain *gone = *plain;

	if (!gone)
		return;
	while (gone->visitors) {
		struct plain_visitor *visitor = gone->visitors;
		while (visitor->requests) { /* the server is gone, and their handles with it */
			struct plain_request *request = visitor->requests;
			plain_request_destroy(&request);
		}
		plain_visitor_destroy(&visitor);
	}
	sodium_memzero(gone, sizeof *gone);
	free(gone);
	*plain = NULL;
}

void plain_configure(
	struct plain *plain, const struct config *config, const struct languages *languages)
{
	plain->house.config = config;
	plain->languages = languages;
	for (struct plain_visitor *each = plain->visitors; each; each = each->next) {
		session_configure(each->session, config);
		for (struct plain_request *one = each->requests; one; one = one->next)
			if (one->lang >= languages_count(languages))
				one->lang = 0;
	}
}

size_t plain_count(const struct plain *plain)
{
	return plain->count;
}

bool plain_coded(struct plain *plain, const struct code_answer *answer)
{
	for (struct plain_visitor *each = plain->visitors; each; each = each->next)
		if (each->number == answer->visitor) {
			session_coded(each->session, answer);
			return true;
		}
	return false;
}

void plain_bye(struct plain *plain)
{
	plain->leaving = true;
	for (struct plain_visitor *each = plain->visitors; each; each = each->next)
		each->dirty = true;
	plain_settle(plain);
}
