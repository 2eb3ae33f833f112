#include "outbox/outbox.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "outbox/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void outbox_configure(struct outbox *outbox, const struct config *config)
{
	outbox->allow_private = config->outbox.allow_private;
	outbox->max_attempts = config->outbox.attempts;
	outbox->timeout_seconds = config->outbox.timeout_seconds;
}

static void free_parts(struct outbox *outbox)
{
	letters_close(&outbox->letters);
	mailbox_destroy(&outbox->in);
	mailbox_destroy(&outbox->out);
	if (outbox->multi)
		curl_multi_cleanup(outbox->multi);
	free(outbox);
}

enum err outbox_create(const struct config *config, void (*wake)(void *arg), void *wake_arg,
	struct outbox **outbox_r, char *error, size_t error_size)
{
	struct outbox *outbox = mem_alloc(sizeof *outbox);
	enum err err = letters_open(config->data, &outbox->letters, error, error_size);

	if (!err && curl_global_init(CURL_GLOBAL_DEFAULT))
		err = ERR_IO;
	outbox_configure(outbox, config);
	outbox->in = mailbox_create(OUTBOX_QUEUE_MAX, sizeof(struct task *), NULL, NULL);
	outbox->out = mailbox_create(OUTBOX_QUEUE_MAX, sizeof(struct task *), wake, wake_arg);
	outbox->multi = err ? NULL : curl_multi_init();
	outbox->looked_mono = INT64_MIN / 2;
	if (err || !outbox->multi || pthread_create(&outbox->thread, NULL, send_run, outbox)) {
		if (!err)
			snprintf(error, error_size, "the outbox cannot start");
		free_parts(outbox);
		return err ? err : ERR_IO;
	}
	*outbox_r = outbox;
	return OK;
}

void outbox_destroy(struct outbox **outbox)
{
	struct outbox *o = *outbox;
	struct task *task;

	if (!o)
		return;
	o->stop = true;
	curl_multi_wakeup(o->multi);
	pthread_join(o->thread, NULL);
	while (mailbox_take(o->in, &task, 1) || mailbox_take(o->out, &task, 1))
		task_destroy(&task);
	while ((task = o->tasks)) {
		o->tasks = task->next;
		task_destroy(&task);
	}
	free_parts(o);
	*outbox = NULL;
}

static enum err hand_over(struct outbox *outbox, struct task *task)
{
	enum err err = outbox->waiting >= OUTBOX_QUEUE_MAX ? ERR_BUSY
							    : mailbox_post(outbox->in, &task);
	if (err) {
		task_destroy(&task);
		return err;
	}
	outbox->waiting++;
	curl_multi_wakeup(outbox->multi);
	return OK;
}

enum err outbox_send(
	struct outbox *outbox, const struct outbox_job *job, outbox_done *done, void *arg)
{
	enum err err;
	struct task *task = task_create(job, &err);
	uint32_t seconds = job->seconds ? job->seconds : outbox->timeout_seconds;

	if (!task)
		return err;
	task->done = done;
	task->arg = arg;
	task->due = clock_mono();
	if (!job->id)
		task->deadline = clock_mono() + seconds * INT64_C(1000);
	return hand_over(outbox, task);
}

static void letter(struct outbox *outbox, enum task_kind kind, const char *name, const char *bytes,
	size_t length)
{
	struct task *task = mem_alloc(sizeof *task);

	task->kind = kind;
	snprintf(task->id, sizeof task->id, "%s", name);
	task->body = mem_copy(bytes, length);
	task->length = length;
	task->since = clock_wall();
	if (hand_over(outbox, task))
		log_error("not kept for a restart", "why=busy");
}

void outbox_keep(struct outbox *outbox, const char *name, const char *bytes, size_t length)
{
	letter(outbox, TASK_KEEP, name, bytes, length);
}

void outbox_drop(struct outbox *outbox, const char *name)
{
	letter(outbox, TASK_DROP, name, NULL, 0);
}

void outbox_pump(struct outbox *outbox)
{
	struct task *task;

	while (mailbox_take(outbox->out, &task, 1)) {
		if (task->done)
			task->done(task->arg, task->tag, task->err, task->status,
				task->answer ? task->answer : "", task->answer_length);
		task_destroy(&task);
	}
}

void outbox_figures(const struct outbox *outbox, struct outbox_figures *figures_r)
{
	*figures_r = (struct outbox_figures) { .sent = outbox->sent,
		.failed = outbox->failed,
		.dead = outbox->dead,
		.refused_private = outbox->refused_private,
		.waiting = outbox->waiting };
}
