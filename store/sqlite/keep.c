/* Forgetting on time: seals what still waits, shreds what is past its time, empties the log. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/audit.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHRED_MOST = 200, /* contacts in one transaction */
	DAY = 86400000,
	KEEP_EVERY_MS = 60000,
	KEEP_SOON_MS = 1000 };

static enum err run(sqlite3 *sqlite, const char *sql)
{
	return sqlite3_exec(sqlite, sql, NULL, NULL, NULL) ? ERR_IO : OK;
}

static enum err run_with(sqlite3 *sqlite, const char *sql, int64_t one, int64_t two)
{
	sqlite3_stmt *statement = NULL;
	bool good = !sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL)
		&& !sqlite3_bind_int64(statement, 1, one)
		&& (sqlite3_bind_parameter_count(statement) < 2
			|| !sqlite3_bind_int64(statement, 2, two))
		&& sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return good ? OK : ERR_IO;
}

enum err keep_shred(sqlite3 *sqlite, uint64_t contact)
{
	static const char *const steps[] = { "DELETE FROM seal WHERE contact = ?1",
		"DELETE FROM return_code WHERE contact = ?1",
		"UPDATE contact SET key = NULL, visitor = NULL WHERE id = ?1",
		"DELETE FROM event WHERE contact = ?1", "DELETE FROM contact WHERE id = ?1" };
	enum err err = OK;

	for (size_t i = 0; i < sizeof steps / sizeof *steps && !err; i++)
		err = run_with(sqlite, steps[i], (int64_t)contact, 0);
	return err;
}

bool keep_empty_wal(sqlite3 *sqlite)
{
	int code;

	sqlite3_busy_timeout(sqlite, 0); /* a reader is not waited for: messages wait behind us */
	code = sqlite3_wal_checkpoint_v2(sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(sqlite, DB_BUSY_MS);
	return code == SQLITE_OK;
}

static int64_t before(uint32_t days)
{
	return days ? clock_wall() - days * INT64_C(86400000) : INT64_MIN;
}

static enum err count_shredded(sqlite3 *sqlite, const char *kind, uint32_t number)
{
	char sql[160];

	if (!number)
		return OK;
	snprintf(sql, sizeof sql,
		"INSERT INTO shredded (day, %s) VALUES (?1, ?2)"
		" ON CONFLICT (day) DO UPDATE SET %s = %s + ?2",
		kind, kind, kind);
	return run_with(sqlite, sql, clock_wall() / DAY, number);
}

enum err keep_count_forgotten(sqlite3 *sqlite)
{
	return count_shredded(sqlite, "forgotten", 1);
}

static enum err shred_old(
	sqlite3 *sqlite, const struct store_retention *retention, uint32_t *shredded_r)
{
	sqlite3_stmt *find = NULL;
	uint64_t contacts[SHRED_MOST];
	uint32_t count = 0, telephone = 0;
	int code = SQLITE_ERROR;
	enum err err;

	if (!sqlite3_prepare_v2(sqlite,
		    "SELECT id, channel FROM contact WHERE state = 3"
		    " AND closed <= CASE channel WHEN 3 THEN ?2 ELSE ?1 END LIMIT ?3",
		    -1, &find, NULL)
		&& !sqlite3_bind_int64(find, 1, before(retention->chat_days))
		&& !sqlite3_bind_int64(find, 2, before(retention->telephone_days))
		&& !sqlite3_bind_int(find, 3, SHRED_MOST))
		while ((code = sqlite3_step(find)) == SQLITE_ROW) {
			contacts[count++] = (uint64_t)sqlite3_column_int64(find, 0);
			telephone += sqlite3_column_int(find, 1) == CHANNEL_TELEPHONE;
		}
	sqlite3_finalize(find);
	err = code == SQLITE_DONE ? OK : ERR_IO;
	for (uint32_t i = 0; i < count && !err; i++)
		err = keep_shred(sqlite, contacts[i]);
	if (!err)
		err = count_shredded(sqlite, "chats", count - telephone);
	if (!err)
		err = count_shredded(sqlite, "telephone", telephone);
	*shredded_r = count;
	return err;
}

/* The row stays, empty: the numbers of a contact's events are dense. */
static enum err shred_notes(
	sqlite3 *sqlite, const struct store_retention *retention, uint32_t *shredded_r)
{
	enum err err = OK;

	*shredded_r = 0;
	if (!retention->notes_days)
		return OK;
	err = run_with(sqlite,
		"UPDATE event SET body = NULL, meta = NULL WHERE kind = 3 AND body IS NOT NULL"
		" AND contact IN (SELECT id FROM contact WHERE state = 3 AND closed <= ?1)",
		before(retention->notes_days), 0);
	*shredded_r = err ? 0 : (uint32_t)sqlite3_changes(sqlite);
	return err ? err : count_shredded(sqlite, "notes", *shredded_r);
}

static enum err end_returns(sqlite3 *sqlite, const struct store_retention *retention)
{
	if (!retention->return_hours)
		return OK;
	return run_with(sqlite,
		"UPDATE contact SET visitor = NULL WHERE state = 3 AND visitor IS NOT NULL"
		" AND closed <= ?1 AND id NOT IN (SELECT contact FROM return_code)",
		clock_wall() - retention->return_hours * INT64_C(3600000), 0);
}

struct kept {
	uint32_t sealed, shredded, notes, unsealed;
	bool held;
};

static enum err transaction(
	struct store *store, const struct store_retention *retention, struct kept *kept)
{
	sqlite3 *sqlite = store->writer.sqlite;
	enum err err = run(sqlite, "BEGIN IMMEDIATE");

	if (!err)
		err = leap_look(store, &kept->held);
	if (!err)
		err = leap_retention(store, retention);
	if (!err)
		err = sealing_pending(store, &kept->sealed, &kept->unsealed);
	if (!err && !kept->held)
		err = shred_old(sqlite, retention, &kept->shredded);
	if (!err && !kept->held)
		err = shred_notes(sqlite, retention, &kept->notes);
	if (!err && !kept->held)
		err = end_returns(sqlite, retention);
	if (!err)
		err = run(sqlite, "COMMIT");
	if (err && !sqlite3_get_autocommit(sqlite))
		(void)!run(sqlite, "ROLLBACK");
	return err;
}

/* Once a day, and at each start: the log's head is signed and told, its oldest rows go, and the proof of
 * the day before is written. */
static void keep_audit(struct store *store, const struct store_retention *retention)
{
	struct staff_db db = { .sqlite = store->writer.sqlite };
	struct audit_head head = { .last = 0 };
	char hash[2 * STAFF_HASH_SIZE + 1], signature[2 * AUDIT_SIGNATURE_SIZE + 1];
	int64_t day = proof_due(retention);
	uint32_t pruned = 0;
	enum err err = OK, proof = OK;

	if (day == store->signed_day)
		return;
	memcpy(db.server, store->key, sizeof db.server);
	if (retention->audit_days)
		err = audit_prune(&db, before(retention->audit_days), &pruned);
	if (!err)
		err = count_shredded(db.sqlite, "audit", pruned);
	if (!err)
		err = audit_sign(&db, &head);
	if (!err)
		proof = proof_of_day(&db, retention, day, &head);
	sodium_memzero(db.server, sizeof db.server);
	if (err) {
		log_error("the audit log cannot be signed", "err=%s advice=\"onthaal audit verify\"",
			err_word(err));
		return;
	}
	sodium_bin2hex(hash, sizeof hash, head.hash, sizeof head.hash);
	sodium_bin2hex(signature, sizeof signature, head.signature, sizeof head.signature);
	log_info("audit head", "row=%lld time=%lld hash=%s signature=%s pruned=%u",
		(long long)head.last, (long long)head.time, hash, signature, pruned);
	if (proof) {
		log_error("the day's proof cannot be written",
			"err=%s advice=\"it is tried again each minute; see the folder proofs\"",
			err_word(proof));
		return;
	}
	store->signed_day = day;
}

void keep_run(struct store *store, struct job *job)
{
	struct kept kept = { 0 };
	enum err err = transaction(store, &job->retention, &kept);
	bool empty;

	if (!err)
		leap_note(store);
	if (kept.held || err)
		job->retention.audit_days = 0; /* rows and proofs stay, too */
	if (kept.shredded < SHRED_MOST) /* else more are due, and would stand in the proof as overdue */
		keep_audit(store, &job->retention);
	empty = keep_empty_wal(store->writer.sqlite);

	job->outcome.err = err;
	if (err)
		log_error("keeping failed", "err=%s sqlite=%d", err_word(err),
			sqlite3_extended_errcode(store->writer.sqlite));
	else if (kept.sealed || kept.shredded || kept.notes)
		log_info("kept", "sealed=%u shredded=%u notes=%u", kept.sealed, kept.shredded,
			kept.notes);
	pthread_mutex_lock(&store->mutex);
	store->keeping = false;
	if (!err) {
		store->figures.sealed += kept.sealed;
		store->figures.shredded += kept.shredded;
		store->figures.notes_shredded += kept.notes;
		store->figures.unsealed = kept.unsealed;
		store->figures.held = kept.held;
	}
	store->keep_due = store->keep_due || !empty || kept.shredded == SHRED_MOST || kept.sealed;
	pthread_mutex_unlock(&store->mutex);
}

/* A batch that closed a contact asks for one soon: the log still holds the wrap it destroyed. */
void store_keep(struct store *store, const struct store_retention *retention)
{
	int64_t mono = clock_mono();
	struct job *job;
	bool due;

	pthread_mutex_lock(&store->mutex);
	due = !store->keeping && !store->trouble
		&& (!store->kept_mono
			|| mono - store->kept_mono
				>= (store->keep_due ? KEEP_SOON_MS : KEEP_EVERY_MS));
	if (due) {
		store->keeping = true;
		store->keep_due = false;
		store->kept_mono = mono;
	}
	pthread_mutex_unlock(&store->mutex);
	if (!due)
		return;
	job = mem_alloc(sizeof *job);
	job->kind = JOB_KEEP;
	job->retention = *retention;
	if (!mailbox_post(store->jobs, &job))
		return;
	free(job);
	pthread_mutex_lock(&store->mutex);
	store->keeping = false;
	pthread_mutex_unlock(&store->mutex);
}

static uint32_t number(sqlite3_stmt *row, int column)
{
	return (uint32_t)sqlite3_column_int64(row, column);
}

static enum err find_shredded(sqlite3 *sqlite, int64_t day, struct store_proof *proof)
{
	sqlite3_stmt *row = NULL;
	int code = SQLITE_ERROR;

	if (!sqlite3_prepare_v2(sqlite,
		    "SELECT chats, telephone, notes, forgotten, audit FROM shredded WHERE day = ?1",
		    -1, &row, NULL)
		&& !sqlite3_bind_int64(row, 1, day) && (code = sqlite3_step(row)) == SQLITE_ROW) {
		proof->chats = number(row, 0);
		proof->telephone = number(row, 1);
		proof->notes = number(row, 2);
		proof->forgotten = number(row, 3);
		proof->audit = number(row, 4);
	}
	sqlite3_finalize(row);
	return code == SQLITE_ROW || code == SQLITE_DONE ? OK : ERR_IO;
}

static enum err find_kept(
	sqlite3 *sqlite, const struct store_retention *retention, struct store_proof *proof)
{
	sqlite3_stmt *row = NULL;
	enum err err = ERR_IO;

	if (!sqlite3_prepare_v2(sqlite,
		    "SELECT count(*), coalesce(sum(closed <= CASE channel WHEN 3 THEN ?2 ELSE ?1"
		    " END), 0), coalesce(sum(key IS NOT NULL), 0), coalesce(min(closed), 0)"
		    " FROM contact WHERE state = 3",
		    -1, &row, NULL)
		&& !sqlite3_bind_int64(row, 1, before(retention->chat_days))
		&& !sqlite3_bind_int64(row, 2, before(retention->telephone_days))
		&& sqlite3_step(row) == SQLITE_ROW) {
		proof->kept = number(row, 0);
		proof->overdue = number(row, 1);
		proof->unsealed = number(row, 2);
		proof->oldest = sqlite3_column_int64(row, 3);
		err = OK;
	}
	sqlite3_finalize(row);
	return err;
}

enum err proof_find(sqlite3 *sqlite, const struct store_retention *retention, int64_t day,
	struct store_proof *proof_r)
{
	enum err err;

	*proof_r = (struct store_proof) { .day = day };
	err = find_shredded(sqlite, day, proof_r);
	return err ? err : find_kept(sqlite, retention, proof_r);
}

enum err store_prove(const char *folder, const struct store_retention *retention, int64_t day,
	struct store_proof *proof_r, char *error, size_t size)
{
	sqlite3 *sqlite = NULL;
	enum err err = db_connect(folder, &sqlite, error, size);

	if (err)
		return err;
	err = proof_find(sqlite, retention, day, proof_r);
	if (err)
		snprintf(error, size, "%s", sqlite3_errmsg(sqlite));
	sqlite3_close(sqlite);
	return err;
}
