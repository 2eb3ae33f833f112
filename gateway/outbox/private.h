/* Shared by the files of this room alone. Everything below belongs to the outbox's thread, once it
 * was handed over. */
#ifndef OUTBOX_PRIVATE_H
#define OUTBOX_PRIVATE_H

#include "base/mailbox.h"
#include "outbox/outbox.h"
#include "store/letters.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

enum task_kind { TASK_SEND, TASK_KEEP, TASK_DROP };

struct task {
	enum task_kind kind;
	char id[OUTBOX_ID_MAX + 1], tag[OUTBOX_TAG_MAX + 1];
	char *method, *url, *type, *body, *user, *password, *from, *to, *webhook_secret;
	char *headers[OUTBOX_HEADERS_MAX];
	size_t length, file;
	uint32_t attempts;
	int64_t due, deadline; /* clock_mono; deadline 0: none */
	int64_t since; /* clock_wall */
	outbox_done *done;
	void *arg;
	/* one try */
	CURL *easy;
	struct curl_slist *list, *recipients;
	size_t read_at;
	char *answer;
	size_t answer_length;
	bool guarded, too_long, private_address; /* refused to connect to one */
	char error[CURL_ERROR_SIZE];
	/* the last word */
	enum err err;
	long status;
	struct task *next;
};

struct outbox {
	struct mailbox *in, *out; /* of struct task * */
	struct letters *letters;
	pthread_t thread;
	CURLM *multi;
	atomic_bool stop, allow_private;
	atomic_uint max_attempts, timeout_seconds;
	atomic_ullong sent, failed, dead, refused_private;
	atomic_uint waiting;
	struct task *tasks; /* waiting for their time, or under way */
	uint32_t under_way;
	int64_t looked_mono; /* into the letters */
};

/* task.c */
struct task *task_create(const struct outbox_job *job, enum err *err_r);
void task_destroy(struct task **task); /* wiped */
char *task_write(const struct task *task, size_t *length_r); /* as a letter; by malloc */
struct task *task_read(const struct letter *letter); /* NULL: damaged */

/* send.c: the thread. */
void *send_run(void *outbox);
/* Adds webhook-id, webhook-timestamp and webhook-signature. */
struct curl_slist *send_sign(
	struct curl_slist *list, const struct task *task, int64_t seconds);
bool send_private(const struct curl_sockaddr *address);

#endif
