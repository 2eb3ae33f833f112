/* What happens to a contact's key when the contact is closed, and when its visitor comes back. */
#include "base/mem.h"
#include "store/keys.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600000 };

/* Seals to everyone who may open it. *kept_r: a key for emergencies is among them. */
static enum err seal_to_all(struct store *store, uint64_t contact, uint32_t counsellor,
	const uint8_t key[SEAL_KEY_SIZE], bool *kept_r)
{
	sqlite3_stmt *find = db_statement(&store->writer, FIND_RECIPIENTS);
	enum err err = OK;
	int code;

	*kept_r = false;
	sqlite3_bind_int64(find, 1, counsellor);
	while (!err && (code = sqlite3_step(find)) == SQLITE_ROW) {
		uint8_t sealed[KEYS_SEALED_SIZE];
		sqlite3_stmt *add = db_statement(&store->writer, ADD_SEAL);

		if (sqlite3_column_bytes(find, 2) != HPKE_KEY_SIZE
			|| keys_seal(sqlite3_column_blob(find, 2), contact, key, sealed))
			continue; /* such a key is refused when it comes */
		sqlite3_bind_int64(add, 1, (int64_t)contact);
		sqlite3_bind_int64(add, 2, sqlite3_column_int64(find, 0));
		sqlite3_bind_blob(add, 3, sealed, sizeof sealed, SQLITE_STATIC);
		err = batch_step(store, ADD_SEAL);
		db_statement(&store->writer, ADD_SEAL);
		*kept_r = *kept_r || sqlite3_column_int(find, 1) != KEY_PERSON;
	}
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sqlite3_reset(find);
	return err;
}

static enum err set_key(struct store *store, uint64_t contact, const uint8_t *wrapped)
{
	sqlite3_stmt *set = db_statement(&store->writer, SET_KEY);

	sqlite3_bind_int64(set, 1, (int64_t)contact);
	if (wrapped)
		sqlite3_bind_blob(set, 2, wrapped, SEAL_WRAP_SIZE, SQLITE_STATIC);
	enum err err = batch_step(store, SET_KEY);
	if (!err)
		db_statement(&store->writer, SET_KEY); /* lets go of what was bound */
	return err;
}

enum err sealing_close(
	struct store *store, uint64_t contact, struct row *row, int64_t time)
{
	bool kept = false;
	enum err err = recent_close(store, contact);
	sqlite3_stmt *put;

	if (err)
		return err;
	put = db_statement(&store->writer, SET_CLOSED);
	sqlite3_bind_int64(put, 1, (int64_t)contact);
	sqlite3_bind_int64(put, 2, time - time % HOUR);
	err = batch_step(store, SET_CLOSED);
	if (!err)
		err = seal_to_all(store, contact, row->counsellor, row->key, &kept);
	if (!err && kept)
		err = set_key(store, contact, NULL);
	row->sealed = !err && kept;
	return err;
}

/* All of its events are there; ERR_STALE: it stays closed, and the others go on. */
static enum err is_whole(struct store *store, uint64_t contact, uint32_t last)
{
	sqlite3_stmt *count = db_statement(&store->writer, COUNT_EVENTS);
	enum err err = ERR_IO;

	sqlite3_bind_int64(count, 1, (int64_t)contact);
	if (sqlite3_step(count) == SQLITE_ROW)
		err = sqlite3_column_int64(count, 0) == last && sqlite3_column_int64(count, 1) == last
			? OK
			: ERR_STALE;
	sqlite3_reset(count);
	return err;
}

enum err sealing_reopen(struct store *store, const struct store_write *write, struct row *row)
{
	uint64_t contact = write->event.contact;
	sqlite3_stmt *find = db_statement(&store->writer, FIND_VISITOR);
	uint8_t wrapped[SEAL_WRAP_SIZE];
	enum err err = ERR_STALE;
	int code;

	sqlite3_bind_int64(find, 1, (int64_t)contact);
	code = sqlite3_step(find);
	if (code == SQLITE_ROW)
		err = seal_unwrap(write->opener, contact, sqlite3_column_blob(find, 0),
			      (size_t)sqlite3_column_bytes(find, 0), row->key)
			? ERR_STALE
			: OK;
	sqlite3_reset(find);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return ERR_IO;
	if (!err)
		err = is_whole(store, contact, row->last_seq);
	if (err)
		return err;
	seal_wrap(store->key, contact, row->key, wrapped);
	err = set_key(store, contact, wrapped);
	if (err)
		return err;
	find = db_statement(&store->writer, DROP_SEALS);
	sqlite3_bind_int64(find, 1, (int64_t)contact);
	err = batch_step(store, DROP_SEALS);
	return err ? err : recent_reopen(store, contact);
}

/* Room is made as they come: how many there are is only what a row says. */
enum err sealing_read_event(
	sqlite3_stmt *row, const uint8_t key[SEAL_KEY_SIZE], struct job *job)
{
	enum err err;

	job->events = mem_grow(job->events, job->count + 1, sizeof *job->events);
	err = event_unseal(row, key, &job->events[job->count]);
	job->count += !err;
	return err;
}

enum err sealing_read_events(struct store *store, struct job *job, enum contact_state state,
	const uint8_t key[SEAL_KEY_SIZE])
{
	sqlite3_stmt *read = db_statement(&store->writer, READ_EVENTS);
	enum err err = OK;
	int code = SQLITE_DONE;

	if (state != CONTACT_CLOSED)
		return recent_read(store, job, key);
	sqlite3_bind_int64(read, 1, (int64_t)job->contact);
	sqlite3_bind_int64(read, 2, job->after);
	sqlite3_bind_int64(read, 3, job->limit);
	while (!err && (code = sqlite3_step(read)) == SQLITE_ROW)
		err = sealing_read_event(read, key, job);
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sqlite3_reset(read);
	return err;
}

enum err sealing_recall(struct store *store, struct job *job)
{
	sqlite3_stmt *find = db_statement(&store->writer, FIND_TOKEN);
	uint8_t key[SEAL_KEY_SIZE];
	enum err err = ERR_NOT_FOUND;
	int code;

	sqlite3_bind_blob(find, 1, job->token, STORE_TOKEN_SIZE, SQLITE_STATIC);
	code = sqlite3_step(find);
	if (code == SQLITE_ROW) {
		job->contact = (uint64_t)sqlite3_column_int64(find, 0);
		job->found = (struct store_contact) { .id = job->contact,
			.channel = (enum channel)sqlite3_column_int(find, 1),
			.state = (enum contact_state)sqlite3_column_int(find, 2),
			.epoch = (uint32_t)sqlite3_column_int64(find, 3),
			.owner = (uint32_t)sqlite3_column_int64(find, 4),
			.last_seq = (uint32_t)sqlite3_column_int64(find, 5),
			.counsellor = (uint32_t)sqlite3_column_int64(find, 6),
			.opened = sqlite3_column_int64(find, 7),
			.coded = sqlite3_column_int(find, 9) };
		memcpy(job->found.token, job->token, STORE_TOKEN_SIZE);
		err = !row_state_good(job->found.state) || !row_channel_good(job->found.channel)
			? ERR_CORRUPT
			: seal_unwrap(job->opener, job->contact, sqlite3_column_blob(find, 8),
			      (size_t)sqlite3_column_bytes(find, 8), key)
			? ERR_NOT_FOUND
			: OK;
	} else if (code != SQLITE_DONE) {
		err = ERR_IO;
	}
	sqlite3_reset(find);
	job->after = 0;
	job->limit = job->found.last_seq;
	if (!err)
		err = sealing_read_events(store, job, job->found.state, key);
	sodium_memzero(key, sizeof key);
	return err;
}

static uint32_t count_unsealed(struct store *store)
{
	sqlite3_stmt *count = db_statement(&store->writer, COUNT_UNSEALED);
	uint32_t number = sqlite3_step(count) == SQLITE_ROW
		? (uint32_t)sqlite3_column_int64(count, 0)
		: 0;
	sqlite3_reset(count);
	return number;
}

/* What was closed while there was no key for emergencies. */
enum err sealing_pending(struct store *store, uint32_t *sealed_r, uint32_t *unsealed_r)
{
	sqlite3_stmt *find;
	uint64_t contacts[100];
	uint32_t count = 0;
	enum err err = OK;
	bool kept = true;
	int code = SQLITE_DONE;

	*sealed_r = 0;
	*unsealed_r = count_unsealed(store);
	if (!*unsealed_r)
		return OK;
	find = db_statement(&store->writer, FIND_UNSEALED);
	while (!err && kept && (code = sqlite3_step(find)) == SQLITE_ROW) {
		uint64_t contact = (uint64_t)sqlite3_column_int64(find, 0);
		uint8_t key[SEAL_KEY_SIZE];
		if (seal_unwrap(store->key, contact, sqlite3_column_blob(find, 2),
			    (size_t)sqlite3_column_bytes(find, 2), key))
			continue; /* damaged: onthaal check tells */
		err = seal_to_all(
			store, contact, (uint32_t)sqlite3_column_int64(find, 1), key, &kept);
		sodium_memzero(key, sizeof key);
		if (kept)
			contacts[count++] = contact;
	}
	if (!err && kept && code != SQLITE_DONE)
		err = ERR_IO;
	sqlite3_reset(find);
	for (uint32_t i = 0; i < count && !err; i++)
		err = set_key(store, contacts[i], NULL);
	*sealed_r = count;
	*unsealed_r -= count;
	return err;
}
