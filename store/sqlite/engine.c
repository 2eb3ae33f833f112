#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/sqlite/private.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Jobs come and go with each message: they are kept for the next one. */
static struct job *job_create(struct store *store, size_t bytes)
{
	struct job *job = bytes <= JOB_ROOM ? store->spare : NULL;
	size_t room = bytes <= JOB_ROOM ? JOB_ROOM : bytes;

	if (job) {
		store->spare = job->next;
		store->spare_count--;
		job->next = NULL;
		return job;
	}
	job = mem_alloc(sizeof *job + room);
	job->room = room;
	return job;
}

static void job_free(struct store *store, struct job *job)
{
	size_t room = job->room;

	for (size_t i = 0; i < job->count; i++)
		event_free(&job->events[i]);
	free(job->events);
	sodium_memzero(job, sizeof *job + job->write.event.body_length + job->write.event.meta_length);
	if (room != JOB_ROOM || store->spare_count == BATCH_MAX) {
		free(job);
		return;
	}
	job->room = room;
	job->next = store->spare;
	store->spare = job;
	store->spare_count++;
}

static void free_spare(struct store *store)
{
	while (store->spare) {
		struct job *job = store->spare;
		store->spare = job->next;
		free(job);
	}
}

static int64_t nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void count(struct store *store, const struct job *jobs, enum err err, int64_t took)
{
	uint64_t writes = 0;

	for (const struct job *job = jobs; job; job = job->next) {
		if (job->kind != JOB_WRITE)
			continue;
		writes++;
		store->figures.duplicates += job->outcome.duplicate;
		store->figures.refused += job->outcome.err == ERR_STALE
			|| job->outcome.err == ERR_EXISTS;
		store->figures.failed += job->outcome.err == ERR_FULL;
		if (job->write.change == CHANGE_CLOSE && !job->outcome.err
			&& !job->outcome.duplicate) {
			store->keep_due = true;
			store->figures.sealed += job->outcome.sealed;
		}
	}
	if (!writes)
		return;
	store->figures.writes += writes;
	store->figures.batches++;
	if (writes > store->figures.largest_batch)
		store->figures.largest_batch = writes;
	if (err)
		return;
	store->sync[store->sync_next] = (uint64_t)took;
	store->sync_next = (store->sync_next + 1) % SYNC_KEPT;
	if (store->sync_count < SYNC_KEPT)
		store->sync_count++;
}

/* Hands a batch (NULL: only the state of the trouble) to the loop. */
static void hand_back(
	struct store *store, struct job *jobs, enum err err, bool wrote, int64_t took)
{
	struct batch *batch = jobs ? mem_alloc(sizeof *batch) : NULL;

	pthread_mutex_lock(&store->mutex);
	if (wrote)
		store->trouble = err != OK;
	count(store, jobs, err, took);
	if (batch) {
		batch->jobs = jobs;
		*store->done_end = batch;
		store->done_end = &batch->next;
	}
	pthread_mutex_unlock(&store->mutex);
	store->hooks.wake(store->hooks.arg);
}

static void do_batch(struct store *store, struct job **list, size_t length)
{
	bool writes = false;
	int64_t began = nanoseconds();
	enum err err = OK;

	for (size_t i = 0; i < length; i++) {
		list[i]->next = i + 1 < length ? list[i + 1] : NULL;
		writes = writes || list[i]->kind == JOB_WRITE;
	}
	if (writes)
		err = batch_write(store, list[0]);
	began = nanoseconds() - began;
	for (size_t i = 0; i < length; i++)
		if (list[i]->kind == JOB_KEEP)
			keep_run(store, list[i]);
		else if (list[i]->kind == JOB_LOOK)
			forget_run(store, list[i]);
		else if (list[i]->kind != JOB_WRITE)
			batch_read(store, list[i]);
	hand_back(store, list[0], err, writes, began);
}

static int on_wal(void *arg, sqlite3 *sqlite, const char *name, int pages)
{
	int *wal_pages = arg;
	(void)sqlite;
	(void)name;
	*wal_pages = pages;
	return SQLITE_OK;
}

static bool in_trouble(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	bool trouble = store->trouble;
	pthread_mutex_unlock(&store->mutex);
	return trouble;
}

static void *work(void *arg)
{
	static const struct timespec second = { .tv_sec = 1 };
	struct store *store = arg;
	struct job *list[BATCH_MAX];
	int wal_pages = 0;
	size_t length;

	sqlite3_wal_hook(store->writer.sqlite, on_wal, &wal_pages);
	while ((length = mailbox_wait(store->jobs, list, BATCH_MAX))) {
		do_batch(store, list, length);
		while (in_trouble(store)) { /* once a second, with what came meanwhile */
			length = mailbox_take(store->jobs, list, BATCH_MAX);
			if (length) {
				do_batch(store, list, length);
				continue;
			}
			if (mailbox_closed(store->jobs))
				break;
			nanosleep(&second, NULL);
			if (!batch_probe(store))
				hand_back(store, NULL, OK, true, 0);
		}
		if (wal_pages >= CHECKPOINT_PAGES) { /* after the answers are given */
			sqlite3_wal_checkpoint_v2(
				store->writer.sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
			wal_pages = 0;
		}
	}
	return NULL;
}

static enum err lock_folder(struct store *store, const char *folder, char *error, size_t error_size)
{
	char path[4096];

	if (mkdir(folder, 0700) && errno != EEXIST) {
		snprintf(error, error_size, "%s cannot be made: %s", folder, strerror(errno));
		return ERR_IO;
	}
	snprintf(path, sizeof path, "%s/lock", folder);
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock < 0) {
		snprintf(error, error_size, "%s cannot be written: %s: check the folder's rights",
			path, strerror(errno));
		return ERR_IO;
	}
	if (flock(store->lock, LOCK_EX | LOCK_NB)) {
		snprintf(error, error_size, "%s is in use by another onthaal: stop that one first",
			folder);
		close(store->lock);
		return ERR_BUSY;
	}
	return OK;
}

static enum err begin(struct store *store, const char *folder, char *error, size_t error_size)
{
	enum err err = seal_server_key(folder, store->key, error, error_size);

	snprintf(store->path, sizeof store->path, "%s/onthaal.db.part", folder);
	unlink(store->path); /* a restore that was broken off */
	snprintf(store->path, sizeof store->path, "%s/onthaal.db", folder);
	if (!err)
		err = db_open(folder, &store->writer, error, error_size);
	if (err)
		return err;
	err = recent_load(store);
	if (err) {
		snprintf(error, error_size,
			err == ERR_CORRUPT ? "%s is damaged: restore the latest backup (onthaal restore)"
					   : "%s cannot be read: check the disk",
			store->path);
		recent_free(store);
		db_close(&store->writer);
		return err;
	}
	store->rows = batch_rows_create();
	store->jobs = mailbox_create(STORE_QUEUE_MAX, sizeof(struct job *), NULL, NULL);
	pthread_mutex_init(&store->mutex, NULL);
	store->done_end = &store->done;
	if (!pthread_create(&store->thread, NULL, work, store))
		return OK;
	snprintf(error, error_size, "no thread for the store: the system's limit is reached");
	mailbox_destroy(&store->jobs);
	seal_free(store->rows);
	recent_free(store);
	db_close(&store->writer);
	return ERR_IO;
}

enum err store_open(const char *folder, const struct store_hooks *hooks, struct store **store_r,
	char *error, size_t error_size)
{
	struct store *store = seal_alloc(sizeof *store);
	enum err err;

	if (sodium_init() < 0)
		abort();
	store->hooks = *hooks;
	err = lock_folder(store, folder, error, error_size);
	if (!err) {
		err = begin(store, folder, error, error_size);
		if (err)
			close(store->lock);
	}
	if (err) {
		seal_free(store);
		return err;
	}
	*store_r = store;
	return OK;
}

static struct batch *take_done(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	struct batch *done = store->done;
	store->done = NULL;
	store->done_end = &store->done;
	pthread_mutex_unlock(&store->mutex);
	return done;
}

static void finish_job(struct store *store, struct job *job, bool call)
{
	if (job->kind == JOB_LOOK)
		store->looking = false;
	if (call && job->kind == JOB_LOOK && job->contact && store->hooks.on_forget)
		store->hooks.on_forget(
			store->hooks.arg, job->contact, job->outcome.state != CONTACT_CLOSED);
	else if (call && job->kind == JOB_READ && job->read_done)
		job->read_done(job->arg, job->outcome.err, job->events, job->count);
	else if (call && job->kind == JOB_RECALL)
		job->recall_done(job->arg, job->outcome.err,
			job->outcome.err ? NULL : &job->found, job->events, job->count);
	else if (call && job->kind == JOB_WRITE && job->done)
		job->done(job->arg, &job->outcome);
	job_free(store, job);
}

static void finish_batches(struct store *store, bool call)
{
	struct batch *batch = take_done(store), *next_batch;
	bool any = batch != NULL;

	for (; batch; batch = next_batch) {
		struct job *job = batch->jobs, *next;
		next_batch = batch->next;
		for (; job; job = next) {
			next = job->next;
			finish_job(store, job, call);
		}
		free(batch);
	}
	if (any && call && store->hooks.on_batch)
		store->hooks.on_batch(store->hooks.arg);
}

void store_pump(struct store *store)
{
	bool trouble = in_trouble(store);

	finish_batches(store, true);
	if (trouble == store->trouble_told)
		return;
	store->trouble_told = trouble;
	log_warn("store trouble", "on=%s", trouble ? "true" : "false");
	if (store->hooks.on_trouble)
		store->hooks.on_trouble(store->hooks.arg, trouble);
}

void store_close(struct store **store)
{
	struct store *s = *store;

	if (!s)
		return;
	mailbox_close(s->jobs);
	pthread_join(s->thread, NULL);
	finish_batches(s, false);
	free_spare(s);
	mailbox_destroy(&s->jobs);
	sqlite3_wal_checkpoint_v2(s->writer.sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	recent_free(s);
	db_close(&s->writer);
	pthread_mutex_destroy(&s->mutex);
	seal_free(s->rows);
	close(s->lock);
	seal_free(s);
	*store = NULL;
}

static enum err post(struct store *store, struct job *job)
{
	enum err err = mailbox_post(store->jobs, &job);
	if (err)
		job_free(store, job);
	return err;
}

enum err store_append(
	struct store *store, const struct store_write *write, store_done *done, void *arg)
{
	const struct event *event = &write->event;
	struct job *job;
	char *bytes;

	if (!event->contact || event->body_length > EVENT_BODY_MAX
		|| event->meta_length > EVENT_META_MAX || event->kind < EVENT_OPENED
		|| event->kind >= EVENT_KINDS)
		return ERR_INVALID;
	job = job_create(store, event->body_length + event->meta_length);
	bytes = (char *)(job + 1);
	job->write = *write;
	job->done = done;
	job->arg = arg;
	if (event->body_length)
		job->write.event.body = memcpy(bytes, event->body, event->body_length);
	if (event->meta_length)
		job->write.event.meta
			= memcpy(bytes + event->body_length, event->meta, event->meta_length);
	return post(store, job);
}

enum err store_read(struct store *store, uint64_t contact, uint32_t after, uint32_t limit,
	store_read_done *done, void *arg)
{
	struct job *job = job_create(store, 0);

	job->kind = JOB_READ;
	job->contact = contact;
	job->after = after;
	job->limit = limit;
	job->read_done = done;
	job->arg = arg;
	return post(store, job);
}

enum err store_recall(struct store *store, const uint8_t token[STORE_TOKEN_SIZE],
	const uint8_t opener[STORE_TOKEN_SIZE], store_recall_done *done, void *arg)
{
	struct job *job = job_create(store, 0);

	job->kind = JOB_RECALL;
	memcpy(job->token, token, STORE_TOKEN_SIZE);
	memcpy(job->opener, opener, STORE_TOKEN_SIZE);
	job->recall_done = done;
	job->arg = arg;
	return post(store, job);
}

static void look(struct store *store, uint64_t done)
{
	struct job *job = job_create(store, 0);

	job->kind = JOB_LOOK;
	job->contact = done;
	store->looking = !post(store, job);
}

void store_look(struct store *store)
{
	if (!store->looking && !in_trouble(store))
		look(store, 0);
}

void store_forgotten(struct store *store, uint64_t contact)
{
	look(store, contact);
}

void store_secret(const struct store *store, const char *label, uint8_t secret_r[32])
{
	seal_derive(store->key, label, secret_r);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static uint64_t file_size(const struct store *store, const char *suffix)
{
	char path[sizeof store->path + 8];
	struct stat about;
	snprintf(path, sizeof path, "%s%s", store->path, suffix);
	return stat(path, &about) ? 0 : (uint64_t)about.st_size;
}

void store_figures(const struct store *store, struct store_figures *figures_r)
{
	struct store *s = (struct store *)store; /* only to lock */
	uint64_t sync[SYNC_KEPT];
	uint32_t kept;

	pthread_mutex_lock(&s->mutex);
	*figures_r = s->figures;
	figures_r->trouble = s->trouble;
	kept = s->sync_count;
	memcpy(sync, s->sync, kept * sizeof *sync);
	pthread_mutex_unlock(&s->mutex);
	if (kept) {
		qsort(sync, kept, sizeof *sync, ascending);
		figures_r->sync_nanoseconds_p50 = sync[kept / 2];
		figures_r->sync_nanoseconds_p99 = sync[(kept - 1) * 99 / 100];
	}
	figures_r->queued = mailbox_length(s->jobs);
	figures_r->file_bytes = file_size(store, "");
	figures_r->wal_bytes = file_size(store, "-wal");
}
