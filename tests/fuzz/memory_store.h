/* The store (store/store.h) in memory, on one thread, for harnesses of the desk and its channels: what
 * is submitted is kept by its conditions, and answered by store_pump. A definition here stands before
 * that of the library. */
#ifndef TESTS_FUZZ_MEMORY_STORE_H
#define TESTS_FUZZ_MEMORY_STORE_H

#include "base/clock.h"
#include "base/mem.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* A character that stands in nothing that peers say, so that it shows where something leaked. */
#define MEMORY_MARK "\xee\x80\x80"

enum { MEMORY_CONTACTS = 64, MEMORY_WRITES = 256 };

struct memory_contact {
	struct store_contact row;
	struct event *events; /* body and meta owned */
	uint32_t count;
};

struct memory_write {
	struct store_write write;
	store_done *done;
	store_recall_done *recalled; /* a recall, by write.token */
	void *arg;
};

struct store {
	struct store_hooks hooks;
	struct memory_write queue[MEMORY_WRITES];
	size_t queued;
	bool told;
};

/* What is kept outlives the store, as a folder does. */
static struct memory_contact memory[MEMORY_CONTACTS];
static size_t memory_count, memory_appended;
static bool memory_full; /* nothing can be stored now */

/* Whether a frame could be the source of the mark, also as an escape. */
static inline bool memory_marked(const char *bytes, size_t length)
{
	return memmem(bytes, length, MEMORY_MARK, 3) || memmem(bytes, length, "e000", 4)
		|| memmem(bytes, length, "E000", 4);
}

static inline void memory_free_event(struct event *event)
{
	free((char *)event->body);
	free((char *)event->meta);
	event->body = event->meta = NULL;
}

static inline void memory_forget(void)
{
	for (size_t i = 0; i < memory_count; i++) {
		for (uint32_t e = 0; e < memory[i].count; e++)
			memory_free_event(&memory[i].events[e]);
		free(memory[i].events);
	}
	memset(memory, 0, sizeof memory);
	memory_count = memory_appended = 0;
	memory_full = false;
}

static inline struct memory_contact *memory_find(uint64_t id)
{
	for (size_t i = 0; i < memory_count; i++)
		if (memory[i].row.id == id)
			return &memory[i];
	return NULL;
}

static inline void memory_copy(struct event *to, const struct event *from)
{
	*to = *from;
	to->body = mem_copy(from->body, from->body_length);
	to->meta = mem_copy(from->meta, from->meta_length);
}

static inline void memory_keep(struct memory_contact *contact, const struct event *event)
{
	contact->events = mem_grow(contact->events, contact->count + 1, sizeof *contact->events);
	memory_copy(&contact->events[contact->count], event);
	contact->events[contact->count++].seq = ++contact->row.last_seq;
}

/* NULL: there is no room for another one. */
static inline struct memory_contact *memory_open(uint64_t id, enum channel channel,
	const uint8_t token[STORE_TOKEN_SIZE], int64_t time)
{
	struct memory_contact *contact;

	if (memory_count == MEMORY_CONTACTS)
		return NULL;
	contact = &memory[memory_count++];
	contact->row = (struct store_contact) { .id = id, .channel = channel,
		.state = CONTACT_WAITING, .opened = time };
	memcpy(contact->row.token, token, STORE_TOKEN_SIZE);
	return contact;
}

static inline uint32_t memory_seen(const struct memory_contact *contact, const char *client_id)
{
	for (uint32_t i = 0; contact && *client_id && i < contact->count; i++)
		if (!strcmp(contact->events[i].client_id, client_id))
			return contact->events[i].seq;
	return 0;
}

static inline enum err memory_may(
	const struct memory_contact *contact, const struct store_write *write)
{
	enum contact_state state = contact ? contact->row.state : CONTACT_CLOSED;

	if (write->change == CHANGE_OPEN)
		return contact ? ERR_EXISTS : memory_count == MEMORY_CONTACTS ? ERR_FULL : OK;
	if (write->change == CHANGE_REOPEN)
		return contact && state == CONTACT_CLOSED ? OK : ERR_STALE;
	if (!contact || state == CONTACT_CLOSED)
		return ERR_STALE;
	if (write->change == CHANGE_TAKE)
		return state == CONTACT_WAITING ? OK : ERR_STALE;
	if (write->change == CHANGE_RETURN)
		return state == CONTACT_TAKEN && contact->row.epoch == write->epoch ? OK : ERR_STALE;
	return !write->epoch || contact->row.epoch == write->epoch ? OK : ERR_STALE;
}

static inline void memory_change(struct memory_contact *contact, const struct store_write *write)
{
	struct store_contact *row = &contact->row;

	if (write->change == CHANGE_TAKE) {
		row->state = CONTACT_TAKEN;
		row->epoch++;
		row->owner = row->counsellor = write->event.staff;
	} else if (write->change == CHANGE_RETURN || write->change == CHANGE_REOPEN) {
		row->state = CONTACT_WAITING;
		row->owner = 0;
	} else if (write->change == CHANGE_CLOSE) {
		row->state = CONTACT_CLOSED;
		row->owner = 0;
	}
}

static inline void memory_write(struct memory_write *of)
{
	const struct store_write *write = &of->write;
	struct memory_contact *contact = memory_find(write->event.contact);
	struct store_outcome outcome = { .err = memory_full ? ERR_FULL : memory_may(contact, write) };
	uint32_t seen = memory_seen(contact, write->event.client_id);

	if (!memory_full && seen) {
		outcome.err = OK;
		outcome.duplicate = true;
	} else if (!outcome.err) {
		if (write->change == CHANGE_OPEN)
			contact = memory_open(write->event.contact, write->channel, write->token,
				write->event.time);
		memory_change(contact, write);
		memory_keep(contact, &write->event);
	}
	if (contact && outcome.err != ERR_FULL) {
		outcome.seq = seen ? seen : outcome.err ? 0 : contact->row.last_seq;
		outcome.epoch = contact->row.epoch;
		outcome.owner = contact->row.owner;
		outcome.state = contact->row.state;
	}
	if (of->done)
		of->done(of->arg, &outcome);
	memory_free_event(&of->write.event);
}

static inline void memory_recall(struct memory_write *of)
{
	const struct memory_contact *contact = NULL;

	for (size_t i = 0; i < memory_count; i++)
		if (!memcmp(memory[i].row.token, of->write.token, STORE_TOKEN_SIZE))
			contact = &memory[i];
	of->recalled(of->arg, contact ? OK : ERR_NOT_FOUND, contact ? &contact->row : NULL,
		contact ? contact->events : NULL, contact ? contact->count : 0);
}

enum err store_open(const char *folder, const struct store_hooks *hooks, struct store **store_r,
	char *error, size_t error_size)
{
	(void)folder;
	(void)error;
	(void)error_size;
	*store_r = mem_alloc(sizeof **store_r);
	(*store_r)->hooks = *hooks;
	return OK;
}

void store_close(struct store **store)
{
	for (size_t i = 0; *store && i < (*store)->queued; i++)
		memory_free_event(&(*store)->queue[i].write.event);
	free(*store);
	*store = NULL;
}

static inline enum err memory_post(struct store *store, const struct memory_write *of)
{
	if (store->queued == MEMORY_WRITES)
		return ERR_BUSY;
	store->queue[store->queued++] = *of;
	return OK;
}

enum err store_append(
	struct store *store, const struct store_write *write, store_done *done, void *arg)
{
	struct memory_write of = { .write = *write, .done = done, .arg = arg };
	enum err err;

	if (!write->event.contact || write->event.body_length > EVENT_BODY_MAX
		|| write->event.meta_length > EVENT_META_MAX || write->event.kind < EVENT_OPENED
		|| write->event.kind >= EVENT_KINDS)
		return ERR_INVALID;
	memory_appended++;
	memory_copy(&of.write.event, &write->event);
	err = memory_post(store, &of);
	if (err)
		memory_free_event(&of.write.event);
	return err;
}

void store_pump(struct store *store)
{
	struct memory_write now[MEMORY_WRITES];
	size_t count = store->queued;

	memcpy(now, store->queue, count * sizeof *now);
	store->queued = 0;
	for (size_t i = 0; i < count; i++)
		(now[i].recalled ? memory_recall : memory_write)(&now[i]);
	if (count && store->hooks.on_batch)
		store->hooks.on_batch(store->hooks.arg);
	if (store->told == memory_full)
		return;
	store->told = memory_full;
	if (store->hooks.on_trouble)
		store->hooks.on_trouble(store->hooks.arg, memory_full);
}

enum err store_load(struct store *store,
	void (*on_contact)(void *arg, const struct store_contact *contact),
	void (*on_event)(void *arg, const struct event *event), void *arg)
{
	(void)store;
	for (size_t i = 0; i < memory_count; i++) {
		if (memory[i].row.state == CONTACT_CLOSED)
			continue;
		on_contact(arg, &memory[i].row);
		for (uint32_t e = 0; e < memory[i].count; e++)
			on_event(arg, &memory[i].events[e]);
	}
	return OK;
}

enum err store_read(struct store *store, uint64_t contact, uint32_t after, uint32_t limit,
	store_read_done *done, void *arg)
{
	(void)store;
	(void)contact;
	(void)after;
	(void)limit;
	(void)done;
	(void)arg;
	return ERR_BUSY;
}

enum err store_recall(struct store *store, const uint8_t token[STORE_TOKEN_SIZE],
	const uint8_t opener[STORE_TOKEN_SIZE], store_recall_done *done, void *arg)
{
	struct memory_write of = { .recalled = done, .arg = arg };

	(void)opener;
	memcpy(of.write.token, token, STORE_TOKEN_SIZE);
	return memory_post(store, &of);
}

void store_keep(struct store *store, const struct store_retention *retention)
{
	(void)store;
	(void)retention;
}

void store_look(struct store *store)
{
	(void)store;
}

void store_forgotten(struct store *store, uint64_t contact)
{
	(void)store, (void)contact;
}

void store_figures(const struct store *store, struct store_figures *figures_r)
{
	*figures_r = (struct store_figures) { .queued = store->queued };
}

void store_secret(const struct store *store, const char *label, uint8_t secret_r[32])
{
	(void)store;
	memset(secret_r, 0, 32);
	memcpy(secret_r, label, strnlen(label, 32));
}

/* One event of before the start, as a store gives it that was tampered with: kind and author within
 * their range, in any order; what is sealed is of our making or gone. Four digits and letters: contact,
 * kind, author, and whether there is something in it. */
static inline void memory_seed(const char *line, size_t length)
{
	static const char *const bodies[EVENT_KINDS] = { [EVENT_OPENED]
		= "{\"who\":\"child\",\"where\":\"\",\"lang\":\"nl\"}",
		[EVENT_MESSAGE] = "dag, ik ben er", [EVENT_NOTE] = MEMORY_MARK, [EVENT_LEVEL] = MEMORY_MARK,
		[EVENT_ANSWERS] = "{\"who\":\"parent\"}", [EVENT_CALL] = "{\"stage\":\"ringing\"}",
		[EVENT_RECORDING] = "\0\1\0\1\0\5\0\0RIFF" };
	static const char *const metas[EVENT_KINDS] = { [EVENT_LEVEL] = "{\"level\":\"serious\"}",
		[EVENT_RETURNED] = "{\"why\":\"lease\"}", [EVENT_CLOSED] = "{\"why\":\"blocked\"}",
		[EVENT_MESSAGE] = "{\"complete\":true,\"flags\":[{\"rule\":\"r\",\"category\":\"c\","
				  "\"level\":\"serious\",\"from\":1,\"to\":3}]}" };
	uint8_t token[STORE_TOKEN_SIZE] = { 0 };
	struct memory_contact *contact;
	struct event event = { .contact = 1, .time = INT64_C(1699999000000) };

	if (length < 4)
		return;
	event.contact += (uint8_t)line[0] & 3;
	event.kind = (enum event_kind)(EVENT_OPENED + (uint8_t)line[1] % (EVENT_KINDS - 1));
	event.author = (enum author)((uint8_t)line[2] % 3);
	event.staff = event.author == AUTHOR_COUNSELLOR ? (uint8_t)line[2] >> 2 & 3 : 0;
	if (line[3] & 1) {
		event.body = bodies[event.kind];
		event.body_length = event.kind == EVENT_RECORDING ? 12
			: event.body                              ? (uint32_t)strlen(event.body)
								  : 0;
	}
	if (line[3] & 2) {
		event.meta = metas[event.kind];
		event.meta_length = event.meta ? (uint32_t)strlen(event.meta) : 0;
	}
	memcpy(token, &event.contact, sizeof event.contact);
	contact = memory_find(event.contact);
	if (!contact)
		contact = memory_open(event.contact, (enum channel)(1 + ((uint8_t)line[3] >> 2) % 3),
			token, event.time);
	if (contact)
		memory_keep(contact, &event);
}

/* An input, line by line: first, while they begin with e, what stands there already; then acts. */
static inline void memory_play(const uint8_t *bytes, size_t length, void (*begin)(void),
	void (*act)(char what, const char *rest, size_t length), void (*end)(void))
{
	const char *at = (const char *)bytes, *stop = at + length;
	bool begun = false;

	while (at < stop) {
		const char *feed = memchr(at, '\n', (size_t)(stop - at));
		size_t size = (size_t)((feed ? feed : stop) - at);
		if (size && *at == 'e' && !begun) {
			memory_seed(at + 1, size - 1);
		} else if (size) {
			if (!begun)
				begin();
			begun = true;
			act(*at, at + 1, size - 1);
		}
		at += size + (feed != NULL);
	}
	if (begun)
		end();
	else
		memory_forget();
}

#endif
