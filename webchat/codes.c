#include "webchat/codes.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "store/codes.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct codes {
	struct staff_db *db;
	struct mailbox *questions, *answers;
	pthread_t thread;
};

static enum err answer_one(
	struct codes *codes, const struct code_question *question, struct code_answer *answer)
{
	uint8_t token[STORE_TOKEN_SIZE];
	struct code_hash hash;
	enum err err;

	codes_hash(codes->db, question->words.texts[0], &hash);
	if (question->contact) {
		desk_visitor_token(question->secret, token);
		err = codes_put(codes->db, &hash, question->contact, token, question->secret);
		memcpy(answer->words, question->words.texts[0], sizeof answer->words);
	} else {
		err = codes_find(codes->db, &hash, answer->secret);
	}
	for (int i = 1; err == ERR_NOT_FOUND && i < question->words.count; i++) {
		codes_hash(codes->db, question->words.texts[i], &hash);
		err = codes_find(codes->db, &hash, answer->secret);
	}
	sodium_memzero(&hash, sizeof hash);
	return err;
}

static void *work(void *arg)
{
	struct codes *codes = arg;
	struct code_question question;

	while (mailbox_wait(codes->questions, &question, 1)) {
		struct code_answer answer
			= { .visitor = question.visitor, .contact = question.contact };
		memcpy(answer.id, question.id, sizeof answer.id);
		answer.err = answer_one(codes, &question, &answer);
		if (mailbox_post(codes->answers, &answer))
			log_error("code answer lost", "%s", "");
		sodium_memzero(&question, sizeof question);
		sodium_memzero(&answer, sizeof answer);
	}
	return NULL;
}

enum err codes_create(const char *folder, void (*on_answers)(void *arg), void *arg,
	struct codes **codes_r, char *error, size_t error_size)
{
	struct codes *codes = mem_alloc(sizeof *codes);
	enum err err = staff_open(folder, &codes->db, error, error_size);

	if (err) {
		free(codes);
		return err;
	}
	codes->questions
		= mailbox_create(CODES_QUEUE_MAX, sizeof(struct code_question), NULL, NULL);
	codes->answers = mailbox_create(
		2 * CODES_QUEUE_MAX, sizeof(struct code_answer), on_answers, arg);
	if (pthread_create(&codes->thread, NULL, work, codes)) {
		snprintf(error, error_size, "no thread for codes: the system's limit is reached");
		mailbox_destroy(&codes->questions);
		mailbox_destroy(&codes->answers);
		staff_close(&codes->db);
		free(codes);
		return ERR_IO;
	}
	*codes_r = codes;
	return OK;
}

void codes_destroy(struct codes **codes)
{
	if (!*codes)
		return;
	mailbox_close((*codes)->questions);
	pthread_join((*codes)->thread, NULL);
	mailbox_destroy(&(*codes)->questions);
	mailbox_destroy(&(*codes)->answers);
	staff_close(&(*codes)->db);
	free(*codes);
	*codes = NULL;
}

enum err codes_ask(struct codes *codes, const struct code_question *question)
{
	return mailbox_post(codes->questions, question);
}

bool codes_take(struct codes *codes, struct code_answer *answer_r)
{
	return mailbox_take(codes->answers, answer_r, 1) == 1;
}
