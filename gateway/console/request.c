/* What a window asks. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void request_refused(struct window *window, enum command_kind kind, const char *id, enum err err,
	bool named, uint32_t owner)
{
	bool take = kind == COMMAND_TAKE;
	const char *code = "invalid";

	if (err == ERR_STALE)
		code = take ? "taken" : "stale";
	else if (err == ERR_NOT_FOUND)
		code = take && !named ? "none" : "gone";
	else if (err == ERR_LIMIT)
		code = "capacity";
	else if (err == ERR_DENIED)
		code = !take || !rights_may(window->me.role, RIGHT_TALK) ? "denied"
			: named                                           ? "no-telephone"
									  : "pause";
	else if (err == ERR_TOO_LONG)
		code = "too_long";
	else if (err == ERR_BUSY)
		code = "busy";
	else if (err == ERR_FULL || err == ERR_IO)
		code = "full";
	window_no(window, id, code, take && owner ? desk_staff_name(window->desk, owner) : NULL,
		err == ERR_BUSY);
}

static void copy(char *to, size_t size, const char *from)
{
	if (from && strlen(from) < size)
		memcpy(to, from, strlen(from) + 1);
}

static void ask(struct window *window, enum signin_kind kind, const char *id, const json_t *frame)
{
	struct signin_question question = { .kind = kind,
		.staff = window->me.id,
		.session_hours = window->config->desk.session_hours,
		.renew = kind == SIGNIN_UNLOCK && window->locked };
	const char *token = json_get_text(frame, "token");

	if (!token)
		token = json_get_text(frame, "session");
	copy(question.id, sizeof question.id, id);
	copy(question.name, sizeof question.name, json_get_text(frame, "name"));
	copy(question.password, sizeof question.password, json_get_text(frame, "password"));
	copy(question.telephone, sizeof question.telephone, json_get_text(frame, "telephone"));
	copy(question.code, sizeof question.code, json_get_text(frame, "code"));
	copy(question.token, sizeof question.token, window->port ? window->token : token);
	window_ask(window, &question);
	sodium_memzero(&question, sizeof question);
}

static void submit(struct window *window, enum command_kind kind, const char *id,
	const json_t *frame)
{
	const char *named = json_get_text(frame, "contact");
	const char *level = json_get_text(frame, "level");
	const json_t *text = json_object_get(frame, kind == COMMAND_LEVEL ? "reason" : "text");
	struct command command = { .kind = kind,
		.author = AUTHOR_COUNSELLOR,
		.staff = window->me.id,
		.port = window->port,
		.id = id,
		.text = json_string_value(text),
		.length = json_string_length(text),
		.block = kind == COMMAND_CLOSE && json_get_flag(frame, "block") };
	const struct contact *contact;
	enum err err = OK;

	if (named || kind != COMMAND_TAKE)
		err = contact_public_parse(named, &command.contact);
	if (kind == COMMAND_LEVEL && (!level || !triage_level_parse(level, &command.level)))
		err = ERR_INVALID;
	if (!err)
		err = desk_submit(window->desk, &command);
	contact = desk_contact(window->desk, command.contact);
	if (err)
		request_refused(window, kind, id, err, named, contact ? contact->owner : 0);
}

static void set_duty(struct window *window, const char *id, const char *word)
{
	static const enum duty all[] = { DUTY_OFF, DUTY_PAUSE, DUTY_ON };
	for (size_t i = 0; word && i < sizeof all / sizeof *all; i++)
		if (!strcmp(word, show_duty_word(all[i]))) {
			desk_counsellor_duty(window->desk, window->me.id, all[i]);
			window_ok(window, id);
			return;
		}
	window_no(window, id, "invalid", NULL, 0);
}

/* A waiting one may be looked at before it is taken; a colleague's may not. */
static void open_contact(struct window *window, const char *id, const struct contact *contact)
{
	if (!contact || (contact->state != CONTACT_WAITING && contact->owner != window->me.id)) {
		window_no(window, id, contact ? "stale" : "gone", NULL, 0);
		return;
	}
	window_ok(window, id);
	listen_contact(window, contact);
}

/* As of the words, not of a colleague's contact. */
static bool may_hear(const struct window *window, const struct contact *contact)
{
	return contact && (contact->state == CONTACT_WAITING || contact->owner == window->me.id);
}

/* A piece of what was spoken. */
static void listen_to(struct window *window, const char *id, const struct contact *contact,
	int64_t seq)
{
	const struct contact_event *piece = NULL;
	struct json_out out;
	size_t length, size;
	char *text;

	for (uint32_t i = 0; contact && i < contact->event_count; i++)
		if (contact->events[i]->seq == seq)
			piece = contact->events[i];
	if (!may_hear(window, contact) || !piece || piece->kind != EVENT_RECORDING
		|| piece->body_length <= DESK_PIECE_HEAD) {
		window_no(window, id, "gone", NULL, 0);
		return;
	}
	length = piece->body_length - DESK_PIECE_HEAD;
	size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	text = mem_alloc(size);
	sodium_bin2base64(text, size,
		(const unsigned char *)contact_event_body(piece) + DESK_PIECE_HEAD, length,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	out = window_begin("ok");
	json_put_text(&out, "id", id);
	json_put_text(&out, "bytes", text);
	window_end(window, &out);
	sodium_memzero(text, size);
	free(text);
}

/* A message was played to its end. */
static void heard(struct window *window, const char *id, const struct contact *contact)
{
	bool spoken = false;
	enum err err;

	for (uint32_t i = 0; contact && i < contact->event_count; i++)
		spoken = spoken || contact->events[i]->kind == EVENT_RECORDING;
	if (!may_hear(window, contact) || !spoken) {
		window_no(window, id, "gone", NULL, 0);
		return;
	}
	err = desk_call_heard(window->desk, contact->id, window->me.id);
	if (err)
		request_refused(window, COMMAND_NOTE, id, err, true, 0);
	else
		window_ok(window, id);
}

static const struct contact *contact_of(const struct window *window, const json_t *frame)
{
	uint64_t id;
	if (contact_public_parse(json_get_text(frame, "contact"), &id))
		return NULL;
	return desk_contact(window->desk, id);
}

static void order(struct window *window, const char *id, const struct contact *contact,
	const char *word)
{
	static const char *const words[]
		= { [ORDER_RING] = "ring", [ORDER_HOLD] = "hold", [ORDER_HANGUP] = "hangup" };
	enum err err = ERR_INVALID;

	for (int i = 0; word && i <= ORDER_HANGUP; i++)
		if (!strcmp(word, words[i]))
			err = desk_order(window->desk, window->me.id, contact ? contact->id : 0,
				(enum desk_order)i);
	if (err)
		request_refused(window, COMMAND_NOTE, id, err, true, 0);
	else
		window_ok(window, id);
}

static bool about_contact(
	struct window *window, const char *t, const char *id, const json_t *frame)
{
	const struct contact *contact = contact_of(window, frame);
	bool mine = contact && contact->owner == window->me.id;

	if (!strcmp(t, "typing")) {
		if (mine)
			desk_typing(window->desk, contact->id, AUTHOR_COUNSELLOR,
				json_get_flag(frame, "on"));
	} else if (!strcmp(t, "read")) {
		int64_t seq = json_get_number(frame, "seq", 0);
		if (mine && seq > 0 && seq <= contact->last_seq)
			desk_read(window->desk, contact->id, AUTHOR_COUNSELLOR, (uint32_t)seq);
	} else if (!id) {
		return false;
	} else if (!strcmp(t, "hush")) {
		if (contact)
			desk_hush(window->desk, contact->id, window->me.id);
		window_ok(window, id);
	} else if (!strcmp(t, "open")) {
		open_contact(window, id, contact);
	} else if (!strcmp(t, "listen")) {
		listen_to(window, id, contact, json_get_number(frame, "seq", 0));
	} else if (!strcmp(t, "heard")) {
		heard(window, id, contact);
	} else if (!strcmp(t, "call")) {
		order(window, id, contact, json_get_text(frame, "order"));
	} else {
		return false;
	}
	return true;
}

static bool command(struct window *window, const char *t, const char *id, const json_t *frame)
{
	static const struct {
		const char *t;
		enum command_kind kind;
	} commands[] = { { "take", COMMAND_TAKE }, { "say", COMMAND_SAY }, { "note", COMMAND_NOTE },
		{ "return", COMMAND_RETURN }, { "close", COMMAND_CLOSE },
		{ "level", COMMAND_LEVEL } };

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(t, commands[i].t)) {
			submit(window, commands[i].kind, id, frame);
			return true;
		}
	return false;
}

static bool telephone_of(const json_t *frame)
{
	const char *telephone = json_get_text(frame, "telephone");
	return telephone && staff_telephone_fits(telephone);
}

static bool sign(struct window *window, const char *t, const char *id, const json_t *frame)
{
	static const struct {
		const char *t;
		enum signin_kind kind;
		bool inside; /* asked by who is signed in, or by who is not */
	} kinds[] = { { "invite", SIGNIN_INVITE, false }, { "accept", SIGNIN_ACCEPT, false },
		{ "sign-in", SIGNIN_PASSWORD, false }, { "resume", SIGNIN_RESUME, false },
		{ "unlock", SIGNIN_UNLOCK, true }, { "sign-out", SIGNIN_OUT, true },
		{ "codes", SIGNIN_CODES, true },
		{ "telephone", SIGNIN_TELEPHONE, true } };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(t, kinds[i].t))
			continue;
		if (kinds[i].inside != (window->port != 0)
			|| (kinds[i].kind == SIGNIN_TELEPHONE && !telephone_of(frame)))
			window_no(window, id, "invalid", NULL, 0);
		else
			ask(window, kinds[i].kind, id, frame);
		return true;
	}
	return false;
}

static void beat_heard(struct window *window)
{
	struct json_out out;
	int64_t mono = clock_mono();

	if (window->beat_due) { /* the answer to ours */
		window->beat_due = false;
		return;
	}
	if (window->beat_mono && mono - window->beat_mono < 1000)
		return;
	window->beat_mono = mono;
	out = window_begin("beat");
	window_end(window, &out);
}

/* false: closed. A page that is not signed in has little to say. */
static bool count_frame(struct window *window)
{
	if (window->port || ++window->frames <= WINDOW_FRAMES)
		return true;
	log_warn("console's line closed", "why=flood");
	window_no(window, NULL, "slow", NULL, 2);
	window_close(window, WINDOW_CLOSE_RULE);
	return false;
}

/* What a role may not ask for at all, by its word; NULL: it may. The desk and the archive ask the
 * table again. */
static const char *forbidden(const struct window *window, const char *t)
{
	static const char *const talking[] = { "duty", "take", "say", "note", "return", "close",
		"level", "typing", "read", "hush", "open", "listen", "heard", "call" };

	for (size_t i = 0; i < sizeof talking / sizeof *talking; i++)
		if (!strcmp(t, talking[i]) && !rights_may(window->me.role, RIGHT_TALK))
			return talking[i];
	return NULL;
}

static void dispatch(struct window *window, const char *t, const char *id, const json_t *frame)
{
	const char *denied;

	if (!strcmp(t, "beat")) {
		beat_heard(window);
		return;
	}
	if (!count_frame(window))
		return;
	if (id && (sign(window, t, id, frame) || passkey_request(window, t, id, frame)
		|| signon_request(window, t, id, frame)))
		return;
	if (!window->port || window->locked) {
		window_no(window, id, window->port ? "locked" : "sign-in", NULL, 0);
		return;
	}
	if (strcmp(t, "read") != 0) /* which the page says by itself */
		window->active_mono = clock_mono();
	if (!strcmp(t, "here"))
		return;
	denied = forbidden(window, t);
	if (denied) {
		sealed_denied(window, id, denied);
	} else if (id && !strcmp(t, "duty")) {
		set_duty(window, id, json_get_text(frame, "duty"));
	} else if (!(id && account_request(window, t, id, frame))
		&& !(id && sealed_request(window, t, id, frame))
		&& !(id && rules_request(window, t, id, frame))
		&& !(id && today_request(window, t, id))
		&& !about_contact(window, t, id, frame) && !(id && command(window, t, id, frame))) {
		window_no(window, id, "unknown", NULL, 0);
	}
}

/* A text that holds U+0000 is not taken, and that is said; else the page would come back with it for ever. */
static void refuse(struct window *window, const char *bytes, size_t length)
{
	char id[SIGNIN_REQUEST_MAX + 1];

	if (json_refused_id(bytes, length, id, sizeof id)) {
		if (count_frame(window))
			window_no(window, id, "invalid", NULL, 0);
		return;
	}
	log_warn("console's line closed", "why=invalid");
	window_no(window, NULL, "invalid", NULL, 0);
	window_close(window, WINDOW_CLOSE_RULE);
}

void window_frame(struct window *window, const char *bytes, size_t length)
{
	json_t *frame = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	const char *t = json_get_text(frame, "t"), *id = json_get_text(frame, "id");

	window->heard_mono = clock_mono();
	desk_heard(window->desk, window->port);
	if (!window->locked)
		desk_attended(window->desk, window->port);
	if (id && strlen(id) > SIGNIN_REQUEST_MAX)
		t = NULL;
	if (t && !window->closing) {
		dispatch(window, t, id, frame);
	} else if (!window->closing) {
		refuse(window, frame ? "" : bytes, frame ? 0 : length);
	}
	json_decref(frame);
}
