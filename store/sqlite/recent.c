/* Events of contacts that are not closed stand in the order in which they were written, so that a
 * commit touches the table's last pages alone, not one for each contact; closing moves them to where
 * they are found by contact. Where each stands, and which client ids were seen, is in memory. */
#include "base/mem.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct place {
	int64_t row;
	uint64_t mark; /* of the client id; 0: it has none */
};

struct open { /* a contact */
	struct open *next;
	uint64_t contact;
	uint32_t count, capacity, slot_count;
	struct place *places; /* by seq, from 1 on */
	uint32_t *slots; /* by mark: its seq; 0: free; at most half full */
};

struct recent {
	struct open **buckets;
	size_t bucket_count, count; /* a power of two; contacts */
	uint8_t key[crypto_shorthash_KEYBYTES];
	bool stale; /* a transaction was rolled back */
};

static struct open **bucket(const struct recent *recent, uint64_t contact)
{
	uint64_t hash = contact * UINT64_C(0x9e3779b97f4a7c15) >> 20;
	return &recent->buckets[hash & (recent->bucket_count - 1)];
}

static struct open **where(const struct recent *recent, uint64_t contact)
{
	struct open **at = bucket(recent, contact);
	while (*at && (*at)->contact != contact)
		at = &(*at)->next;
	return at;
}

static void put_slot(struct open *open, uint64_t mark, uint32_t seq)
{
	uint32_t at = (uint32_t)mark & (open->slot_count - 1);
	while (open->slots[at])
		at = (at + 1) & (open->slot_count - 1);
	open->slots[at] = seq;
}

static void grow(struct open *open)
{
	open->capacity = open->capacity ? 2 * open->capacity : 16;
	open->places = mem_grow(open->places, open->capacity, sizeof *open->places);
	free(open->slots);
	open->slot_count = 2 * open->capacity;
	open->slots = mem_array(open->slot_count, sizeof *open->slots);
	for (uint32_t i = 0; i < open->count; i++)
		if (open->places[i].mark)
			put_slot(open, open->places[i].mark, i + 1);
}

static void spread(struct recent *recent)
{
	struct open **old = recent->buckets;
	size_t count = recent->bucket_count;

	recent->bucket_count = count ? 2 * count : 256;
	recent->buckets = mem_array(recent->bucket_count, sizeof(struct open *));
	for (size_t i = 0; i < count; i++)
		for (struct open *open = old[i], *next; open; open = next) {
			struct open **at = bucket(recent, open->contact);
			next = open->next;
			open->next = *at;
			*at = open;
		}
	free(old);
}

static uint64_t mark_of(const struct recent *recent, const char *client_id)
{
	uint64_t mark;

	if (!client_id || !*client_id)
		return 0;
	crypto_shorthash(
		(uint8_t *)&mark, (const uint8_t *)client_id, strlen(client_id), recent->key);
	return mark + !mark;
}

/* false: it is not the contact's next one. */
static bool add(struct recent *recent, uint64_t contact, uint32_t seq, int64_t row, uint64_t mark)
{
	struct open **at, *open;

	if (recent->count >= recent->bucket_count)
		spread(recent);
	at = where(recent, contact);
	if (!*at) {
		*at = mem_alloc(sizeof **at);
		(*at)->contact = contact;
		recent->count++;
	}
	open = *at;
	if (seq != open->count + 1)
		return false;
	if (open->count == open->capacity)
		grow(open);
	open->places[open->count++] = (struct place) { .row = row, .mark = mark };
	if (mark)
		put_slot(open, mark, seq);
	return true;
}

static void open_free(struct open *open)
{
	free(open->places);
	free(open->slots);
	free(open);
}

static void forget(struct recent *recent, uint64_t contact)
{
	struct open **at = where(recent, contact), *open = *at;

	if (!open)
		return;
	*at = open->next;
	recent->count--;
	open_free(open);
}

static void forget_all(struct recent *recent)
{
	for (size_t i = 0; i < recent->bucket_count; i++)
		for (struct open *open = recent->buckets[i], *next; open; open = next) {
			next = open->next;
			open_free(open);
		}
	free(recent->buckets);
	recent->buckets = NULL;
	recent->bucket_count = recent->count = 0;
	spread(recent);
}

/* Takes in the rows behind one. */
static enum err walk(struct store *store, int64_t after)
{
	sqlite3_stmt *list = db_statement(&store->writer, LIST_RECENT);
	enum err err = OK;
	int code = SQLITE_DONE;

	sqlite3_bind_int64(list, 1, after);
	while (!err && (code = sqlite3_step(list)) == SQLITE_ROW)
		if (!add(store->recent, (uint64_t)sqlite3_column_int64(list, 1),
			    (uint32_t)sqlite3_column_int64(list, 2), sqlite3_column_int64(list, 0),
			    mark_of(store->recent,
				    (const char *)sqlite3_column_text(list, 3))))
			err = ERR_CORRUPT;
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sqlite3_reset(list);
	return err;
}

enum err recent_load(struct store *store)
{
	enum err err;

	if (!store->recent) {
		store->recent = mem_alloc(sizeof *store->recent);
		crypto_shorthash_keygen(store->recent->key);
	}
	forget_all(store->recent);
	err = walk(store, 0);
	store->recent->stale = err != OK;
	return err;
}

enum err recent_ready(struct store *store)
{
	return store->recent->stale ? recent_load(store) : OK;
}

void recent_stale(struct store *store)
{
	store->recent->stale = true;
}

void recent_free(struct store *store)
{
	if (!store->recent)
		return;
	forget_all(store->recent);
	free(store->recent->buckets);
	free(store->recent);
	store->recent = NULL;
}

void recent_added(struct store *store, const struct event *event, uint32_t seq)
{
	if (!add(store->recent, event->contact, seq, sqlite3_last_insert_rowid(store->writer.sqlite),
		    mark_of(store->recent, event->client_id)))
		abort(); /* the row's last_seq goes with it */
}

/* Whether the row has it, as the mark says. */
static enum err has_client_id(
	struct store *store, int64_t row, const char *client_id, bool *has_r)
{
	sqlite3_stmt *read = db_statement(&store->writer, READ_RECENT);
	const char *there;
	int code;

	sqlite3_bind_int64(read, 1, row);
	code = sqlite3_step(read);
	there = code == SQLITE_ROW ? (const char *)sqlite3_column_text(read, 6) : NULL;
	*has_r = there && !strcmp(there, client_id);
	sqlite3_reset(read);
	return code == SQLITE_ROW ? OK : ERR_IO;
}

uint32_t recent_count(const struct store *store, uint64_t contact)
{
	const struct open *open = *where(store->recent, contact);
	return open ? open->count : 0;
}

enum err recent_find(
	struct store *store, uint64_t contact, const char *client_id, uint32_t *seq_r)
{
	const struct open *open = *where(store->recent, contact);
	uint64_t mark = mark_of(store->recent, client_id);
	uint32_t at;

	*seq_r = 0;
	if (!open || !mark)
		return OK;
	at = (uint32_t)mark & (open->slot_count - 1);
	for (; open->slots[at]; at = (at + 1) & (open->slot_count - 1)) {
		const struct place *place = &open->places[open->slots[at] - 1];
		bool has = false;
		enum err err = place->mark == mark
			? has_client_id(store, place->row, client_id, &has)
			: OK;
		if (err)
			return err;
		if (has) {
			*seq_r = open->slots[at];
			return OK;
		}
	}
	return OK;
}

enum err recent_read(struct store *store, struct job *job, const uint8_t key[SEAL_KEY_SIZE])
{
	const struct open *open = *where(store->recent, job->contact);
	uint32_t count = open ? open->count : 0;
	enum err err = OK;

	for (uint32_t seq = job->after; seq < count && job->count < job->limit && !err; seq++) {
		sqlite3_stmt *read = db_statement(&store->writer, READ_RECENT);
		sqlite3_bind_int64(read, 1, open->places[seq].row);
		err = sqlite3_step(read) == SQLITE_ROW ? sealing_read_event(read, key, job) : ERR_IO;
		sqlite3_reset(read);
	}
	return err;
}

static enum err run_with(struct store *store, enum statement which, int64_t value)
{
	sqlite3_bind_int64(db_statement(&store->writer, which), 1, value);
	return batch_step(store, which);
}

enum err recent_close(struct store *store, uint64_t contact)
{
	const struct open *open = *where(store->recent, contact);
	enum err err = OK;

	for (uint32_t i = 0; open && i < open->count && !err; i++) {
		err = run_with(store, CLOSE_RECENT, open->places[i].row);
		if (!err)
			err = run_with(store, DROP_RECENT, open->places[i].row);
	}
	forget(store->recent, contact);
	return err;
}

enum err recent_reopen(struct store *store, uint64_t contact)
{
	enum err err = run_with(store, REOPEN_EVENTS, (int64_t)contact);
	int64_t last = sqlite3_last_insert_rowid(store->writer.sqlite);
	int moved = sqlite3_changes(store->writer.sqlite);

	if (!err)
		err = run_with(store, DROP_EVENTS, (int64_t)contact);
	return err || !moved ? err : walk(store, last - moved);
}

enum err recent_places(sqlite3 *sqlite)
{
	static const char before[] = "CREATE TEMP TABLE recent (id, contact, seq, kind, author, staff,"
				     " time, client_id, body, meta)";
	static const char places[] = "CREATE TEMP TABLE place (contact INTEGER, seq INTEGER, row INTEGER,"
				     " PRIMARY KEY (contact, seq)) WITHOUT ROWID;"
				     "INSERT INTO place SELECT contact, seq, id FROM recent";
	bool there = !sqlite3_table_column_metadata(
		sqlite, "main", "recent", "id", NULL, NULL, NULL, NULL, NULL);

	if (sqlite3_exec(sqlite, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL)) /* drops what is there */
		return ERR_IO;
	if (sqlite3_exec(sqlite, "BEGIN", NULL, NULL, NULL)) /* one moment for all; closing ends it */
		return ERR_IO;
	if (!there && sqlite3_exec(sqlite, before, NULL, NULL, NULL))
		return ERR_IO;
	return sqlite3_exec(sqlite, places, NULL, NULL, NULL) ? ERR_IO : OK;
}
