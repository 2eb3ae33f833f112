/* Making and reading return codes: slow on purpose, so on a thread of its own, one at a time. That
 * alone bounds guessing at about ten a second for all visitors together, whoever they are. */
#ifndef WEBCHAT_CODES_H
#define WEBCHAT_CODES_H

#include "desk/desk.h"
#include "webchat/words.h"

enum { CODES_QUEUE_MAX = 32 };

struct code_question {
	uint64_t visitor; /* comes back in the answer */
	uint64_t contact; /* 0: a code came back */
	char id[EVENT_CLIENT_ID_MAX + 1];
	char secret[DESK_SECRET_SIZE];
	struct words_read words; /* one, as made, or as read */
};

struct code_answer {
	uint64_t visitor, contact;
	enum err err;
	char id[EVENT_CLIENT_ID_MAX + 1];
	char secret[DESK_SECRET_SIZE];
	char words[WORDS_TEXT];
};

struct codes;

must_check enum err codes_create(const char *folder, void (*on_answers)(void *arg), void *arg,
	struct codes **codes_r, char *error, size_t error_size);
void codes_destroy(struct codes **codes);
must_check enum err codes_ask(struct codes *codes, const struct code_question *question);
bool codes_take(struct codes *codes, struct code_answer *answer_r);

#endif
