/* A session's return code: asked for, and given back on another device. */
#include "webchat/private.h"

#include <sodium.h>
#include <string.h>

static bool id_of(const json_t *frame, char id_r[EVENT_CLIENT_ID_MAX + 1])
{
	const char *id = json_get_text(frame, "id");
	bool good = id && *id && strlen(id) <= EVENT_CLIENT_ID_MAX;
	strcpy(id_r, good ? id : "");
	return good;
}

static void ask(struct session *session, struct code_question *question)
{
	enum err err = session->line->ask(session->arg, question);

	session->coding = !err;
	if (err)
		session_error(session, "busy", question->id, 2);
	sodium_memzero(question, sizeof *question);
}

void returning_make(struct session *session, const json_t *frame)
{
	struct code_question question
		= { .contact = session->contact ? session->contact : session->recalled };
	const char *secret = json_get_text(frame, "secret"), *lang = json_get_text(frame, "lang");
	bool good = id_of(frame, question.id) && secret && strlen(secret) == DESK_SECRET_SIZE - 1
		&& question.contact && !session->coding;

	if (!good) {
		session_error(session, session->coding ? "busy" : "invalid",
			*question.id ? question.id : NULL, session->coding ? 2 : 0);
		return;
	}
	memcpy(question.secret, secret, DESK_SECRET_SIZE);
	words_make(session->words, lang ? lang : "", question.words.texts[0]);
	question.words.count = 1;
	ask(session, &question);
}

static void wrong_word(struct session *session, const char *id, int number)
{
	struct json_out out = session_begin();
	json_put_object(&out, NULL);
	json_put_text(&out, "t", "error");
	json_put_text(&out, "code", "words");
	json_put_text(&out, "id", id);
	json_put_number(&out, "word", number);
	json_put_object_end(&out);
	session_send(session, &out);
}

void returning_read(struct session *session, const json_t *frame)
{
	struct code_question question = { .contact = 0 };
	const char *typed = json_get_text(frame, "words");

	if (!id_of(frame, question.id) || !typed || session->contact || session->coding) {
		session_error(session, session->coding ? "busy" : "invalid",
			*question.id ? question.id : NULL, session->coding ? 2 : 0);
	} else if (words_read(session->words, typed, &question.words)) {
		wrong_word(session, question.id, question.words.wrong);
	} else if (session->tries++ == SESSION_CODE_TRIES) {
		session_error(session, "too_fast", question.id, SESSION_CODE_WAIT);
		session_end(session, SESSION_CLOSE_RULE);
	} else {
		ask(session, &question);
	}
}

static void show(struct session *session, const struct code_answer *answer)
{
	struct json_out out = session_begin();
	bool made = answer->contact;

	json_put_object(&out, NULL);
	json_put_text(&out, "t", made ? "code" : "returned");
	json_put_text(&out, "id", answer->id);
	json_put_text(&out, made ? "words" : "secret", made ? answer->words : answer->secret);
	json_put_object_end(&out);
	session_send(session, &out);
}

void session_coded(struct session *session, const struct code_answer *answer)
{
	session->coding = false;
	if (session->closing)
		return;
	if (answer->err) {
		session_error(session,
			answer->err == ERR_NOT_FOUND ? (answer->contact ? "closed" : "no_code")
						     : "busy",
			answer->id, answer->err == ERR_NOT_FOUND ? 0 : 2);
		return;
	}
	show(session, answer);
	if (answer->contact) {
		desk_visitor_coded(session->desk, answer->contact);
		return;
	}
	session->tries = 0;
	session->after = 0;
	memcpy(session->secret, answer->secret, sizeof session->secret);
	listening_go_on(session, false);
}
