#include "base/log.h"
#include "store/sqlite/private.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4 * BATCH_MAX, /* a power of two, at most a quarter full */
	NONCES = 16 }; /* drawn at once: each time is a call of the kernel */

struct rows {
	struct row slots[SLOTS]; /* id 0: free */
	uint32_t used[BATCH_MAX], count;
	uint8_t nonces[NONCES][SEAL_NONCE_SIZE];
	uint32_t nonce_count; /* not used yet; those of a batch that are left are thrown away */
	uint8_t body[EVENT_BODY_MAX + SEAL_OVERHEAD], meta[EVENT_META_MAX + SEAL_OVERHEAD]; /* sealed */
};

struct rows *batch_rows_create(void)
{
	return seal_alloc(sizeof(struct rows));
}

/* Gives OK also when there is none: then exists is false. */
static enum err find(struct store *store, uint64_t id, struct row *row_r)
{
	sqlite3_stmt *find = db_statement(&store->writer, FIND_CONTACT);
	enum err err = OK;
	uint32_t known;
	int code;

	*row_r = (struct row) { .id = id };
	sqlite3_bind_int64(find, 1, (int64_t)id);
	code = sqlite3_step(find);
	if (code == SQLITE_ROW) {
		row_r->exists = true;
		row_r->state = (enum contact_state)sqlite3_column_int(find, 0);
		row_r->epoch = (uint32_t)sqlite3_column_int64(find, 1);
		row_r->owner = (uint32_t)sqlite3_column_int64(find, 2);
		row_r->last_seq = (uint32_t)sqlite3_column_int64(find, 3);
		row_r->counsellor = (uint32_t)sqlite3_column_int64(find, 5);
		row_r->opened = sqlite3_column_int64(find, 6);
		row_r->sealed = row_r->state == CONTACT_CLOSED
			&& sqlite3_column_type(find, 4) == SQLITE_NULL;
		if (!row_state_good(row_r->state))
			row_r->err = ERR_CORRUPT; /* somebody changed it */
		else if (!row_r->sealed)
			row_r->err = seal_unwrap(store->key, id, sqlite3_column_blob(find, 4),
				(size_t)sqlite3_column_bytes(find, 4), row_r->key);
	} else if (code != SQLITE_DONE) {
		err = ERR_IO;
	}
	sqlite3_reset(find);
	known = row_r->exists && row_r->state != CONTACT_CLOSED ? row_r->last_seq : 0;
	if (!err && recent_count(store, id) != known)
		row_r->err = ERR_CORRUPT; /* this one alone; onthaal check tells */
	return err;
}

/* The contact in this batch; read once. */
static enum err find_kept(struct store *store, struct rows *rows, uint64_t id, struct row **row_r)
{
	uint32_t slot = (uint32_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (SLOTS - 1);

	while (rows->slots[slot].id && rows->slots[slot].id != id)
		slot = (slot + 1) & (SLOTS - 1);
	*row_r = &rows->slots[slot];
	if ((*row_r)->id)
		return OK;
	rows->used[rows->count++] = slot;
	return find(store, id, *row_r);
}

static void forget(struct rows *rows)
{
	for (uint32_t i = 0; i < rows->count; i++)
		sodium_memzero(&rows->slots[rows->used[i]], sizeof *rows->slots);
	rows->count = rows->nonce_count = 0;
}

static const uint8_t *next_nonce(struct rows *rows)
{
	if (!rows->nonce_count) {
		randombytes_buf(rows->nonces, sizeof rows->nonces);
		rows->nonce_count = NONCES;
	}
	return rows->nonces[--rows->nonce_count];
}

/* 0: not seen before. */
static enum err duplicate_seq(struct store *store, const struct store_write *write,
	const struct row *row, uint32_t *seq_r)
{
	sqlite3_stmt *find;
	int code;

	*seq_r = 0;
	if (!*write->event.client_id || !row->exists)
		return OK;
	if (row->state != CONTACT_CLOSED)
		return recent_find(store, row->id, write->event.client_id, seq_r);
	find = db_statement(&store->writer, FIND_DUPLICATE);
	sqlite3_bind_int64(find, 1, (int64_t)write->event.contact);
	sqlite3_bind_text(find, 2, write->event.client_id, -1, SQLITE_STATIC);
	code = sqlite3_step(find);
	if (code == SQLITE_ROW)
		*seq_r = (uint32_t)sqlite3_column_int64(find, 0);
	sqlite3_reset(find);
	return code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;
}

static enum err may(const struct store_write *write, const struct row *row)
{
	if (write->change == CHANGE_OPEN)
		return row->exists ? ERR_EXISTS : OK;
	if (write->change == CHANGE_REOPEN)
		return row->exists && row->state == CONTACT_CLOSED ? OK : ERR_STALE;
	if (!row->exists || row->state == CONTACT_CLOSED)
		return ERR_STALE;
	if (write->change == CHANGE_TAKE)
		return row->state == CONTACT_WAITING ? OK : ERR_STALE;
	if (write->change == CHANGE_RETURN)
		return row->state == CONTACT_TAKEN && row->epoch == write->epoch ? OK : ERR_STALE;
	return !write->epoch || row->epoch == write->epoch ? OK : ERR_STALE;
}

static void change(const struct store_write *write, struct row *row)
{
	row->changed = row->exists = true;
	switch (write->change) {
	case CHANGE_OPEN:
		row->state = CONTACT_WAITING;
		randombytes_buf(row->key, sizeof row->key);
		break;
	case CHANGE_TAKE:
		row->state = CONTACT_TAKEN;
		row->epoch++;
		row->owner = row->counsellor = write->event.staff;
		break;
	case CHANGE_RETURN:
		row->state = CONTACT_WAITING;
		row->owner = 0;
		break;
	case CHANGE_CLOSE:
		row->state = CONTACT_CLOSED;
		row->owner = 0;
		break;
	case CHANGE_REOPEN:
		row->state = CONTACT_WAITING;
		row->owner = 0;
		row->sealed = false;
		break;
	case CHANGE_NONE:
		break;
	}
}

enum err batch_step(struct store *store, enum statement which)
{
	return sqlite3_step(store->writer.statements[which]) == SQLITE_DONE ? OK : ERR_IO;
}

static enum err add_contact(
	struct store *store, const struct store_write *write, const struct row *row)
{
	sqlite3_stmt *put = db_statement(&store->writer, ADD_CONTACT);
	uint8_t wrapped[SEAL_WRAP_SIZE], visitor[SEAL_WRAP_SIZE];

	seal_wrap(store->key, write->event.contact, row->key, wrapped);
	sqlite3_bind_int64(put, 1, (int64_t)write->event.contact);
	sqlite3_bind_int(put, 2, (int)write->channel);
	sqlite3_bind_int64(put, 3, write->event.time);
	sqlite3_bind_blob(put, 4, write->token, STORE_TOKEN_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(put, 5, wrapped, sizeof wrapped, SQLITE_STATIC);
	if (!sodium_is_zero(write->opener, sizeof write->opener)) {
		seal_wrap(write->opener, write->event.contact, row->key, visitor);
		sqlite3_bind_blob(put, 6, visitor, sizeof visitor, SQLITE_STATIC);
	}
	return batch_step(store, ADD_CONTACT);
}

static enum err set_contact(struct store *store, const struct row *row)
{
	sqlite3_stmt *put = db_statement(&store->writer, SET_CONTACT);

	sqlite3_bind_int64(put, 1, (int64_t)row->id);
	sqlite3_bind_int(put, 2, (int)row->state);
	sqlite3_bind_int64(put, 3, row->epoch);
	sqlite3_bind_int64(put, 4, row->owner);
	sqlite3_bind_int64(put, 5, row->last_seq);
	sqlite3_bind_int64(put, 6, row->counsellor);
	return batch_step(store, SET_CONTACT);
}

static void bind_sealed(struct rows *rows, sqlite3_stmt *put, const struct row *row,
	const struct event *event, uint32_t field)
{
	struct seal_place place = { event->contact, row->last_seq + 1, event->kind, field };
	bool body = field == FIELD_BODY;
	const char *bytes = body ? event->body : event->meta;
	uint32_t length = body ? event->body_length : event->meta_length;
	uint8_t *sealed = body ? rows->body : rows->meta;

	if (!length)
		return;
	seal_close_with(next_nonce(rows), row->key, &place, bytes, length, sealed);
	sqlite3_bind_blob(
		put, body ? 8 : 9, sealed, (int)(length + SEAL_OVERHEAD), SQLITE_STATIC);
}

/* As the contact's next one. */
static enum err add_event(struct store *store, const struct event *event, struct row *row)
{
	sqlite3_stmt *put = db_statement(&store->writer, ADD_EVENT);
	enum err err;

	sqlite3_bind_int64(put, 1, (int64_t)event->contact);
	sqlite3_bind_int64(put, 2, row->last_seq + INT64_C(1));
	sqlite3_bind_int(put, 3, (int)event->kind);
	sqlite3_bind_int(put, 4, (int)event->author);
	sqlite3_bind_int64(put, 5, event->staff);
	sqlite3_bind_int64(put, 6, event->time);
	if (*event->client_id)
		sqlite3_bind_text(put, 7, event->client_id, -1, SQLITE_STATIC);
	bind_sealed(store->rows, put, row, event, FIELD_BODY);
	bind_sealed(store->rows, put, row, event, FIELD_META);
	err = batch_step(store, ADD_EVENT);
	if (err)
		return err;
	recent_added(store, event, ++row->last_seq);
	db_statement(&store->writer, ADD_EVENT); /* lets go of what was bound */
	return OK;
}

/* That a level was changed or a visitor blocked, by whom; when, to the hour: no contact's timeline. */
static enum err tell_audit(struct store *store, const struct event *event, const char *what)
{
	struct staff_db db = { .sqlite = store->writer.sqlite };
	char detail[160];
	enum err err;

	if (event->meta_length < 2 || event->meta_length > 100)
		return OK;
	snprintf(detail, sizeof detail, "{\"contact\":\"%016" PRIx64 "\",%.*s", event->contact,
		(int)event->meta_length - 1, event->meta + 1);
	memcpy(db.server, store->key, sizeof db.server);
	err = audit_append(
		&db, event->time - event->time % 3600000, event->staff, what, detail);
	sodium_memzero(db.server, sizeof db.server);
	return err ? ERR_IO : OK;
}

/* What may be written, and was not there before. */
static enum err write_new(struct store *store, const struct store_write *write, struct row *row)
{
	enum err err = write->change == CHANGE_REOPEN ? sealing_reopen(store, write, row) : OK;

	if (err)
		return err;
	change(write, row);
	if (write->change == CHANGE_OPEN)
		err = add_contact(store, write, row);
	if (!err)
		err = add_event(store, &write->event, row);
	if (!err && write->event.kind == EVENT_LEVEL)
		err = tell_audit(store, &write->event, "level.changed");
	if (!err && write->blocks)
		err = tell_audit(store, &write->event, "visitor.blocked");
	if (!err && write->change == CHANGE_CLOSE)
		err = sealing_close(store, row->id, row, write->event.time);
	return err;
}

static int run(struct store *store, const char *sql)
{
	return sqlite3_exec(store->writer.sqlite, sql, NULL, NULL, NULL);
}

/* What else than messages is written meets more rows; where those of one contact were changed by
 * somebody, so that this cannot be written, the others of the batch go on. */
static enum err write_apart(struct store *store, const struct store_write *write, struct row *row)
{
	struct row before = *row;
	int code = run(store, "SAVEPOINT apart");
	enum err err = code ? ERR_IO : write_new(store, write, row);

	if (err)
		code = sqlite3_errcode(store->writer.sqlite) & 0xff;
	if (err && err != ERR_STALE
		&& (err == ERR_CORRUPT || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH)) {
		*row = before;
		for (int i = 0; i < STATEMENTS; i++)
			db_statement(&store->writer, (enum statement)i);
		err = run(store, "ROLLBACK TO apart") || recent_load(store) ? ERR_IO : ERR_CORRUPT;
	}
	sodium_memzero(&before, sizeof before);
	if (run(store, "RELEASE apart"))
		return ERR_IO;
	return err;
}

/* An error returned is the whole batch's; one of this write alone is in its outcome. */
static enum err write_to(struct store *store, struct job *job, struct row *row)
{
	const struct store_write *write = &job->write;
	enum err refused = may(write, row);
	uint32_t seq;
	enum err err = duplicate_seq(store, write, row, &seq);
	bool apart = write->change != CHANGE_NONE || write->event.kind == EVENT_LEVEL;

	if (!err && !seq && !refused) {
		err = (apart ? write_apart : write_new)(store, write, row);
		if (err == ERR_STALE || err == ERR_CORRUPT) { /* its opener does not open it; above */
			refused = err;
			err = OK;
		}
	}
	job->outcome = (struct store_outcome) { .err = seq ? OK : refused,
		.duplicate = seq != 0,
		.seq = seq ? seq : refused ? 0 : row->last_seq,
		.sealed = row->sealed,
		.epoch = row->epoch,
		.owner = row->owner,
		.state = row->state };
	return err;
}

static enum err write_one(struct store *store, struct job *job)
{
	struct row *row;
	enum err err = find_kept(store, store->rows, job->write.event.contact, &row);

	if (err || !row->err)
		return err ? err : write_to(store, job, row);
	job->outcome = (struct store_outcome) { .err = row->err }; /* the others go on */
	return OK;
}

static enum err set_changed(struct store *store)
{
	const struct rows *rows = store->rows;
	enum err err = OK;

	for (uint32_t i = 0; i < rows->count && !err; i++)
		if (rows->slots[rows->used[i]].changed)
			err = set_contact(store, &rows->slots[rows->used[i]]);
	return err;
}

enum err batch_write(struct store *store, struct job *jobs)
{
	enum err err = recent_ready(store);

	if (!err && run(store, "BEGIN IMMEDIATE"))
		err = ERR_IO;
	for (struct job *job = jobs; job && !err; job = job->next)
		if (job->kind == JOB_WRITE)
			err = write_one(store, job);
	if (!err)
		err = set_changed(store);
	forget(store->rows);
	if (!err && run(store, "COMMIT"))
		err = ERR_IO;
	if (!err)
		return OK;
	log_error("store cannot write", "sqlite=%d system=%d",
		sqlite3_extended_errcode(store->writer.sqlite),
		sqlite3_system_errno(store->writer.sqlite));
	for (int i = 0; i < STATEMENTS; i++)
		db_statement(&store->writer, (enum statement)i);
	if (!sqlite3_get_autocommit(store->writer.sqlite))
		run(store, "ROLLBACK");
	recent_stale(store);
	for (struct job *job = jobs; job; job = job->next)
		if (job->kind == JOB_WRITE)
			job->outcome = (struct store_outcome) { .err = ERR_FULL };
	return ERR_FULL;
}

enum err batch_probe(struct store *store)
{
	enum err err = run(store, "BEGIN IMMEDIATE") ? ERR_FULL : OK;

	if (!err) {
		db_statement(&store->writer, PROBE);
		err = batch_step(store, PROBE) || run(store, "COMMIT") ? ERR_FULL : OK;
	}
	db_statement(&store->writer, PROBE);
	if (err && !sqlite3_get_autocommit(store->writer.sqlite))
		run(store, "ROLLBACK");
	return err;
}

void batch_read(struct store *store, struct job *job)
{
	struct row row;

	job->outcome.err = recent_ready(store);
	if (job->outcome.err)
		return;
	if (job->kind == JOB_RECALL) {
		job->outcome.err = sealing_recall(store, job);
		return;
	}
	job->outcome.err = find(store, job->contact, &row);
	if (!job->outcome.err)
		job->outcome.err = row.err;
	if (!job->outcome.err && !row.exists)
		job->outcome.err = ERR_NOT_FOUND;
	if (!job->outcome.err && row.sealed)
		job->outcome.err = ERR_DENIED;
	if (!job->outcome.err)
		job->outcome.err = sealing_read_events(store, job, row.state, row.key);
	sodium_memzero(row.key, sizeof row.key);
}
