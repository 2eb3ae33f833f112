#include "ivr/adapters/jambonz_listen.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/voice.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSE_DONE = 1000, CLOSE_NOT_HERE = 1008, STRANGERS = 8 };

struct hook { /* that waits for the end of the sound */
	struct listening *listening;
	struct server_later *later; /* NULL: free */
};

struct listening {
	struct listening *next;
	struct jambonz *jambonz;
	struct server_line *line; /* NULL: the sound has ended */
	char token[IVR_TOKEN_MAX], call[IVR_CALL_ID_MAX + 1];
	uint32_t turn; /* 0: nobody has said whose it is */
	bool heard; /* its first words, so that sound may follow */
	struct hook hooks[LISTEN_HOOKS];
	bool gone; /* its call is over */
	bool hurried; /* we stop */
	bool done; /* what was said is kept, or dropped */
	int64_t since_mono, pinged_mono, ended_mono, asked_mono; /* asked: by a hook, or the end of the call; 0: not yet */
	struct voice voice;
};

static void release(struct listening *listening)
{
	struct listening **at = &listening->jambonz->first;

	while (*at != listening)
		at = &(*at)->next;
	*at = listening->next;
	voice_wipe(&listening->voice);
	sodium_memzero(listening, sizeof *listening);
	free(listening);
}

/* Whatever still comes is not heard. May free it. */
static void finish(struct listening *listening, int code)
{
	voice_wipe(&listening->voice);
	listening->done = true;
	if (listening->line)
		server_close(listening->line, code);
	else
		release(listening);
}

static bool is_asked(const struct listening *listening)
{
	for (int i = 0; i < LISTEN_HOOKS; i++)
		if (listening->hooks[i].later)
			return true;
	return false;
}

static void answer_hooks(struct listening *listening, enum err err, const struct ivr_bytes *bytes)
{
	for (int i = 0; i < LISTEN_HOOKS; i++) {
		struct server_later *later = listening->hooks[i].later;
		struct server_answer answer = { .status = 200 };
		if (!later)
			continue;
		listening->hooks[i].later = NULL;
		jambonz_answer(err, bytes, &answer);
		server_answer(later, &answer);
	}
}

/* The sound has ended, or is waited for no longer: told, and who asked is answered. Gives whether anything
 * was told. May free it. */
static bool settle(
	struct listening *listening, bool asked, const struct ivr_bytes **answer_r, enum err *err_r)
{
	struct jambonz *jambonz = listening->jambonz;
	struct ivr_event event = { .kind = IVR_EVENT_KEYS,
		.call = listening->call,
		.turn = listening->turn,
		.token = listening->token };
	size_t size;
	uint8_t *bytes = voice_take(&listening->voice, &size, &event.seconds);
	bool told = bytes || asked || is_asked(listening);

	*err_r = OK;
	if (bytes)
		*err_r = web_box_put(&jambonz->box, &event, bytes, size, answer_r);
	else if (told) /* nobody spoke */
		*err_r = web_box_ask(&jambonz->box, &event, answer_r);
	if (told)
		answer_hooks(listening, *err_r, *answer_r);
	if (listening->gone)
		web_box_gone(&jambonz->box, listening->call, IVR_CAUSE_NONE);
	finish(listening, CLOSE_DONE);
	return told;
}

static void settle_now(struct listening *listening)
{
	const struct ivr_bytes *answer;
	enum err err;

	(void)settle(listening, false, &answer, &err);
	if (err)
		log_warn("a message was not told", "err=%s", err_word(err));
}

static void on_hook_gone(void *arg)
{
	struct hook *hook = arg;
	hook->later = NULL;
}

static bool wait_for_sound(struct listening *listening, const struct server_request *request)
{
	for (int i = 0; i < LISTEN_HOOKS; i++) {
		struct hook *hook = &listening->hooks[i];
		if (hook->later)
			continue;
		hook->later = server_later(request, on_hook_gone, hook);
		if (!listening->asked_mono)
			listening->asked_mono = clock_mono();
		return true;
	}
	return false;
}

/* Also one whose first words have not come yet, while its hook or the end of its call has: its address says
 * whose it is. */
static bool is_of(struct listening *listening, const char *call)
{
	const struct web *web = &listening->jambonz->box.web;

	if (listening->done)
		return false;
	if (!listening->turn)
		listening->turn = ivr_token_turn(web->ivr, web->line->name, call, listening->token);
	if (listening->turn && !*listening->call)
		snprintf(listening->call, sizeof listening->call, "%s", call);
	return listening->turn && !strcmp(listening->call, call);
}

enum listen_answer jambonz_listen_hook(struct jambonz *jambonz, const char *call, uint32_t turn,
	const struct server_request *request, const struct ivr_bytes **answer_r, enum err *err_r)
{
	struct listening *each = jambonz->first;

	while (each && (!is_of(each, call) || each->turn != turn))
		each = each->next;
	if (!each || !turn)
		return LISTEN_NONE;
	if (each->line)
		return wait_for_sound(each, request) ? LISTEN_LATER : LISTEN_BUSY;
	return settle(each, true, answer_r, err_r) ? LISTEN_ASKED : LISTEN_NONE;
}

void jambonz_listen_gone(struct jambonz *jambonz, const char *call)
{
	bool waits = false;

	for (struct listening *each = jambonz->first, *next; each; each = next) {
		next = each->next;
		if (!is_of(each, call))
			continue;
		each->gone = waits = true;
		if (!each->asked_mono)
			each->asked_mono = clock_mono();
		if (!each->line)
			settle_now(each);
	}
	if (!waits)
		web_box_gone(&jambonz->box, call, IVR_CAUSE_NONE);
}

void jambonz_listen_second(struct jambonz *jambonz)
{
	static const int64_t longest = TAPE_SECONDS_MAX + LISTEN_SPARE_SECONDS;
	int64_t now = clock_mono();

	for (struct listening *each = jambonz->first, *next; each; each = next) {
		next = each->next;
		if (each->done)
			continue;
		if (!each->heard && !each->asked_mono
			&& now - each->since_mono > LISTEN_HELLO_SECONDS * 1000)
			finish(each, CLOSE_NOT_HERE);
		else if (each->asked_mono && now - each->asked_mono > LISTEN_TAIL_SECONDS * 1000)
			settle_now(each);
		else if (each->turn && !each->line && now - each->ended_mono > LISTEN_HOOK_SECONDS * 1000)
			settle_now(each);
		else if (each->line && now - each->since_mono > longest * 1000)
			server_close(each->line, CLOSE_DONE);
		else if (each->line && now - each->pinged_mono >= LISTEN_PING_SECONDS * 1000) {
			each->pinged_mono = now;
			server_ping(each->line);
		}
	}
	web_box_second(&jambonz->box);
}

size_t jambonz_listen_count(const struct jambonz *jambonz)
{
	size_t count = jambonz->box.messages.kept;

	for (const struct listening *each = jambonz->first; each; each = each->next)
		count += !each->done && each->turn;
	return count;
}

void jambonz_listen_drain(struct jambonz *jambonz)
{
	for (struct listening *each = jambonz->first, *next; each; each = next) {
		next = each->next;
		if (each->done)
			continue;
		each->hurried = true;
		if (each->line)
			server_close(each->line, CLOSE_DONE);
		else
			settle_now(each);
	}
}

void jambonz_listen_finish(struct jambonz *jambonz)
{
	while (jambonz->first) {
		jambonz->first->line = NULL; /* of a server that is no more */
		release(jambonz->first);
	}
	web_box_finish(&jambonz->box);
}

/* ---- the websocket ---- */

static const char *token_of(const char *below)
{
	static const char good[]
		= "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *token = !strncmp(below, "/w/", 3) ? below + 3 : "";
	size_t length = strlen(token);

	return length && length < IVR_TOKEN_MAX && strspn(token, good) == length ? token : NULL;
}

static bool admit(const struct web *web, const char *below, const char *authorization)
{
	const char *token = token_of(below);
	bool good = token && jambonz_listen_believed(web->line, token, authorization);

	if (!good)
		ivr_refused(web->ivr);
	return good;
}

static void *on_open(struct web *web, struct server_line *line, const char *below)
{
	struct jambonz *jambonz = (struct jambonz *)(void *)web;
	const char *token = token_of(below);
	struct listening *listening;
	size_t strangers = 0;

	for (const struct listening *each = jambonz->first; each; each = each->next)
		strangers += !each->heard;
	if (!token || strangers > web->messages + STRANGERS)
		return NULL;
	listening = mem_alloc(sizeof *listening);
	listening->jambonz = jambonz;
	listening->line = line;
	listening->since_mono = listening->pinged_mono = clock_mono();
	snprintf(listening->token, sizeof listening->token, "%s", token);
	listening->next = jambonz->first;
	jambonz->first = listening;
	return listening;
}

/* One that ended without a word makes room for another. */
static bool is_heard(const struct listening *listening, const char *call, uint32_t turn)
{
	for (struct listening *each = listening->jambonz->first; each; each = each->next) {
		if (each == listening || each->turn != turn || strcmp(each->call, call) != 0)
			continue;
		if (each->line || each->done || voice_spoken(&each->voice))
			return true;
		finish(each, CLOSE_DONE);
		return false;
	}
	return false;
}

static void refuse(struct listening *listening)
{
	if (listening->gone || is_asked(listening)) /* without a word, then */
		settle_now(listening);
	else
		finish(listening, CLOSE_NOT_HERE);
}

/* What it says first: whose sound it is, and how it is made. */
static void on_text(void *session, const char *bytes, size_t length)
{
	struct listening *listening = session;
	const struct web *web = &listening->jambonz->box.web;
	struct jambonz_hello hello;
	uint32_t turn = 0;

	if (listening->done || listening->heard)
		return;
	if (!jambonz_parse_hello(bytes, length, &hello))
		turn = ivr_token_turn(web->ivr, web->line->name, hello.call, listening->token);
	if (!turn || !ivr_records(web->ivr, web->line->name, hello.call, turn)
		|| (*listening->call && strcmp(listening->call, hello.call) != 0)
		|| is_heard(listening, hello.call, turn)
		|| !voice_start(&listening->voice, TAPE_SECONDS_MAX, hello.rate, 1)) {
		ivr_refused(web->ivr);
		refuse(listening);
		return;
	}
	listening->turn = turn;
	listening->heard = true;
	memcpy(listening->call, hello.call, sizeof listening->call);
}

static void on_bytes(void *session, const char *bytes, size_t length)
{
	struct listening *listening = session;

	if (listening->done)
		return;
	if (!listening->heard)
		refuse(listening);
	else if (voice_put(&listening->voice, bytes, length) != TAPE_GOES_ON)
		server_close(listening->line, CLOSE_DONE); /* its hook follows */
}

static void on_close(void *session)
{
	struct listening *listening = session;

	listening->line = NULL;
	listening->ended_mono = clock_mono();
	if (listening->done || !listening->turn)
		release(listening);
	else if (listening->gone || listening->hurried || is_asked(listening))
		settle_now(listening);
}

const struct web_listen jambonz_listen = { .admit = admit,
	.open = on_open,
	.text = on_text,
	.bytes = on_bytes,
	.close = on_close };
