/* A job while it is ours, and as a letter. */
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "outbox/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool id_good(const char *id)
{
	size_t length = strlen(id);
	return length && length <= OUTBOX_ID_MAX
		&& strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
		== length;
}

static bool one_line(const char *text)
{
	return !text || !strpbrk(text, "\r\n");
}

static enum err check(const struct outbox_job *job)
{
	bool mail = job->url && !strncmp(job->url, "smtp", 4);

	if (!job->url || (!mail && !job->method) || (mail && (!job->from || !job->to)))
		return ERR_INVALID;
	if ((job->id && !id_good(job->id)) || (job->file && job->id)
		|| job->file > OUTBOX_FILE_MAX)
		return ERR_INVALID;
	if (!one_line(job->url) || !one_line(job->type) || !one_line(job->from) || !one_line(job->to))
		return ERR_INVALID;
	for (int i = 0; i < OUTBOX_HEADERS_MAX && job->headers[i]; i++)
		if (!one_line(job->headers[i]))
			return ERR_INVALID;
	if (strlen(job->url) > OUTBOX_URL_MAX || job->length > OUTBOX_BODY_MAX
		|| (job->tag && strlen(job->tag) > OUTBOX_TAG_MAX))
		return ERR_TOO_LONG;
	return OK;
}

struct task *task_create(const struct outbox_job *job, enum err *err_r)
{
	struct task *task;

	*err_r = check(job);
	if (*err_r)
		return NULL;
	task = mem_alloc(sizeof *task);
	snprintf(task->id, sizeof task->id, "%s", job->id ? job->id : "");
	snprintf(task->tag, sizeof task->tag, "%s", job->tag ? job->tag : "");
	task->method = mem_dup(job->method);
	task->url = mem_dup(job->url);
	task->type = mem_dup(job->type);
	task->body = mem_copy(job->body, job->length);
	task->length = job->length;
	task->file = job->file;
	task->user = mem_dup(job->user);
	task->password = mem_dup(job->password);
	task->from = mem_dup(job->from);
	task->to = mem_dup(job->to);
	task->webhook_secret = mem_dup(job->webhook_secret);
	for (int i = 0; i < OUTBOX_HEADERS_MAX && job->headers[i]; i++)
		task->headers[i] = mem_dup(job->headers[i]);
	task->since = clock_wall();
	return task;
}

static void wipe(char *text, size_t length)
{
	if (text)
		sodium_memzero(text, length);
	free(text);
}

void task_destroy(struct task **task)
{
	struct task *t = *task;

	if (!t)
		return;
	wipe(t->body, t->length);
	wipe(t->password, t->password ? strlen(t->password) : 0);
	wipe(t->webhook_secret, t->webhook_secret ? strlen(t->webhook_secret) : 0);
	wipe(t->answer, t->answer_length);
	free(t->method);
	free(t->url);
	free(t->type);
	free(t->user);
	free(t->from);
	free(t->to);
	for (int i = 0; i < OUTBOX_HEADERS_MAX; i++)
		wipe(t->headers[i], t->headers[i] ? strlen(t->headers[i]) : 0);
	sodium_memzero(t, sizeof *t);
	free(t);
	*task = NULL;
}

char *task_write(const struct task *task, size_t *length_r)
{
	struct json_out out;
	char *bytes;

	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "method", task->method);
	json_put_text(&out, "url", task->url);
	json_put_text(&out, "type", task->type);
	json_put_text_n(&out, "body", task->body ? task->body : "", task->length);
	json_put_text(&out, "user", task->user);
	json_put_text(&out, "password", task->password);
	json_put_text(&out, "from", task->from);
	json_put_text(&out, "to", task->to);
	json_put_text(&out, "webhook_secret", task->webhook_secret);
	json_put_list(&out, "headers");
	for (int i = 0; i < OUTBOX_HEADERS_MAX && task->headers[i]; i++)
		json_put_text(&out, NULL, task->headers[i]);
	json_put_list_end(&out);
	json_put_object_end(&out);
	bytes = mem_copy(out.bytes, out.length);
	*length_r = out.length;
	sodium_memzero(out.bytes, out.length);
	json_out_finish(&out);
	return bytes;
}

struct task *task_read(const struct letter *letter)
{
	json_t *read = letter->bytes ? json_loadb(letter->bytes, letter->length, 0, NULL) : NULL;
	const json_t *headers = json_object_get(read, "headers");
	const json_t *body = json_object_get(read, "body");
	struct outbox_job job = { .id = letter->id,
		.method = json_get_text(read, "method"),
		.url = json_get_text(read, "url"),
		.type = json_get_text(read, "type"),
		.body = json_string_value(body),
		.length = json_string_length(body),
		.user = json_get_text(read, "user"),
		.password = json_get_text(read, "password"),
		.from = json_get_text(read, "from"),
		.to = json_get_text(read, "to"),
		.webhook_secret = json_get_text(read, "webhook_secret") };
	struct task *task;
	enum err err;

	for (size_t i = 0; i < OUTBOX_HEADERS_MAX && i < json_array_size(headers); i++)
		job.headers[i] = json_string_value(json_array_get(headers, i));
	task = task_create(&job, &err);
	if (task) {
		task->attempts = letter->attempts;
		task->since = letter->since;
		task->due = clock_mono() + (letter->due > clock_wall() ? letter->due - clock_wall() : 0);
	}
	json_decref(read);
	return task;
}
