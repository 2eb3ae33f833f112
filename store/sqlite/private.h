/* Shared by the files of the SQLite engine alone. */
#ifndef STORE_SQLITE_PRIVATE_H
#define STORE_SQLITE_PRIVATE_H

#include "base/mailbox.h"
#include "store/hpke.h"
#include "store/seal.h"
#include "store/staff.h"
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

enum { SCHEMA_VERSION = 14,
	SYNC_KEPT = 1024,
	BATCH_MAX = 1024, /* writes in one transaction */
	JOB_ROOM = 512, /* bytes of body and meta that a job has room for */
	CHECKPOINT_PAGES = 1000,
	DB_BUSY_MS = 5000,
	FIELD_BODY = 1, /* seal_place.field */
	FIELD_META = 2 };

enum statement {
	FIND_CONTACT,
	ADD_CONTACT,
	SET_CONTACT,
	FIND_DUPLICATE,
	ADD_EVENT,
	READ_EVENTS,
	PROBE,
	FIND_TOKEN,
	FIND_RECIPIENTS,
	ADD_SEAL,
	DROP_SEALS,
	SET_KEY,
	FIND_VISITOR,
	SET_CLOSED,
	LIST_RECENT,
	READ_RECENT,
	CLOSE_RECENT,
	DROP_RECENT,
	REOPEN_EVENTS,
	DROP_EVENTS,
	COUNT_EVENTS,
	FIND_UNSEALED,
	COUNT_UNSEALED,
	FIND_FORGETTING,
	DROP_FORGETTING,
	STATEMENTS
};

struct db { /* one connection, of one thread */
	sqlite3 *sqlite;
	sqlite3_stmt *statements[STATEMENTS];
};

enum job_kind { JOB_WRITE, JOB_READ, JOB_RECALL, JOB_KEEP, JOB_LOOK };

struct job {
	struct job *next;
	enum job_kind kind;
	struct store_write write; /* body and meta point behind the job */
	store_done *done;
	store_read_done *read_done;
	store_recall_done *recall_done;
	void *arg;
	struct store_outcome outcome;
	uint64_t contact;
	uint32_t after, limit;
	uint8_t token[STORE_TOKEN_SIZE], opener[STORE_TOKEN_SIZE];
	struct store_contact found;
	struct store_retention retention;
	struct event *events; /* what was read; bytes owned by each */
	size_t count;
	size_t room; /* bytes behind it */
};

struct row { /* a contact within the batch's transaction */
	uint64_t id;
	enum err err; /* its key does not open */
	bool exists, changed, sealed; /* sealed: key is not known */
	enum contact_state state;
	uint32_t epoch, owner, last_seq, counsellor;
	int64_t opened;
	uint8_t key[SEAL_KEY_SIZE];
};

struct batch {
	struct batch *next;
	struct job *jobs; /* in order */
};

struct store {
	struct store_hooks hooks;
	struct db writer; /* of the writer thread once it runs */
	struct recent *recent;
	struct rows *rows; /* the batch's contacts; empty between batches */
	uint8_t key[SEAL_KEY_SIZE];
	int lock;
	char path[4096]; /* of the database */
	pthread_t thread;
	struct mailbox *jobs; /* struct job * */
	struct job *spare; /* of the loop: done and wiped, with JOB_ROOM */
	size_t spare_count; /* BATCH_MAX at most */
	pthread_mutex_t mutex; /* what follows */
	struct batch *done, **done_end;
	bool trouble, trouble_told;
	struct store_figures figures;
	bool keeping, keep_due; /* a job is under way; one is wanted as soon as may be */
	int64_t signed_day; /* of the writer: the audit log's head was signed, and this day's proof written */
	bool looking; /* whether something is to be forgotten is being asked; of the loop */
	int64_t kept_mono; /* when the last one was asked for, of the loop */
	int64_t seen_wall, seen_mono; /* of the writer: the clocks at the last keeping; 0: none yet */
	uint64_t sync[SYNC_KEPT];
	uint32_t sync_count, sync_next;
};

struct staff_db { /* a connection of its own, of whoever opened it */
	sqlite3 *sqlite;
	uint8_t server[SEAL_KEY_SIZE];
};

struct letters {
	struct staff_db *db; /* its connection and the server key */
};

/* staff.c: NULL from staff_prepare is accepted by every call that follows, and gives an error. */
sqlite3_stmt *staff_prepare(const struct staff_db *db, const char *sql);
must_check enum err staff_finish(sqlite3_stmt *statement); /* steps once, and finalizes */
must_check enum err staff_put_totp(struct staff_db *db, const struct staff *person);
must_check enum err staff_put_telephone(struct staff_db *db, const struct staff *person);
must_check enum err staff_begin(struct staff_db *db);
must_check enum err staff_end(struct staff_db *db, enum err err); /* commits, or rolls back */

/* audit.c: audit_add within the caller's transaction. */
must_check enum err audit_append(
	struct staff_db *db, int64_t time, uint32_t staff, const char *what, const char *detail);

/* schema.c */
must_check enum err db_connect(
	const char *folder, sqlite3 **sqlite_r, char *error, size_t error_size);
must_check enum err db_open(const char *folder, struct db *db, char *error, size_t error_size);
void db_close(struct db *db);
sqlite3_stmt *db_statement(const struct db *db, enum statement which); /* reset, unbound */

/* batch.c: in the writer's thread. */
struct rows *batch_rows_create(void);
must_check enum err batch_write(struct store *store, struct job *jobs);
void batch_read(struct store *store, struct job *job);
must_check enum err batch_probe(struct store *store);

must_check enum err batch_step(struct store *store, enum statement which);

/* recent.c: where the events of contacts that are not closed stand; in the writer's thread, within a
 * transaction. After a rollback: recent_stale, and recent_ready before anything else. */
must_check enum err recent_load(struct store *store);
must_check enum err recent_ready(struct store *store);
void recent_stale(struct store *store);
void recent_free(struct store *store);
void recent_added(struct store *store, const struct event *event, uint32_t seq); /* just now */
uint32_t recent_count(const struct store *store, uint64_t contact); /* events */
/* 0: that client id was not seen there. */
must_check enum err recent_find(
	struct store *store, uint64_t contact, const char *client_id, uint32_t *seq_r);
must_check enum err recent_read(
	struct store *store, struct job *job, const uint8_t key[SEAL_KEY_SIZE]);
must_check enum err recent_close(struct store *store, uint64_t contact); /* times cut to the hour */
must_check enum err recent_reopen(struct store *store, uint64_t contact);
/* For another connection: a temporary table `place` (contact, seq, row); an older schema's `recent` is
 * empty. */
must_check enum err recent_places(sqlite3 *sqlite);

/* sealing.c: in the writer's thread, within a transaction. */
must_check enum err sealing_close(
	struct store *store, uint64_t contact, struct row *row, int64_t time);
must_check enum err sealing_reopen(struct store *store, const struct store_write *write,
	struct row *row); /* ERR_STALE: the opener does not open it */
must_check enum err sealing_recall(struct store *store, struct job *job);
must_check enum err sealing_pending(
	struct store *store, uint32_t *sealed_r, uint32_t *unsealed_r);
must_check enum err sealing_read_event( /* one more of the job's */
	sqlite3_stmt *row, const uint8_t key[SEAL_KEY_SIZE], struct job *job);
must_check enum err sealing_read_events(struct store *store, struct job *job,
	enum contact_state state, const uint8_t key[SEAL_KEY_SIZE]);

/* keep.c */
void keep_run(struct store *store, struct job *job); /* in the writer's thread */
/* Wraps first, then rows; within the caller's transaction. */
must_check enum err keep_shred(sqlite3 *sqlite, uint64_t contact);
bool keep_empty_wal(sqlite3 *sqlite); /* false: somebody still reads it */
must_check enum err keep_count_forgotten(sqlite3 *sqlite);

/* forget.c: in the writer's thread. */
void forget_run(struct store *store, struct job *job);

/* upkeep.c: what was made or renamed there survives a power cut. 0: it does; else errno says why not. */
int upkeep_sync_folder(const char *path); /* of the file at path */

/* again.c: what was forgotten stays so when an older backup is put back. Note it before it is destroyed. */
must_check enum err again_note(sqlite3 *sqlite, uint64_t contact);
must_check enum err again_settle(const char *folder, char *error, size_t size); /* of a restored database */

/* leap.c: in the writer's thread, within a transaction. held: nothing is destroyed now. */
must_check enum err leap_look(struct store *store, bool *held_r);
/* Recorded when another one holds from now on. */
must_check enum err leap_retention(struct store *store, const struct store_retention *now);
void leap_note(struct store *store); /* once that is committed */

/* event.c: of a row that may have been changed. */
bool row_state_good(enum contact_state state);
bool row_channel_good(enum channel channel);
must_check enum err event_unseal(sqlite3_stmt *row, const uint8_t key[SEAL_KEY_SIZE],
	struct event *event_r); /* body and meta are allocated */
void event_free(struct event *event);

/* keep.c */
must_check enum err proof_find(sqlite3 *sqlite, const struct store_retention *retention, int64_t day,
	struct store_proof *proof_r);

/* proof.c */
struct staff_db;
struct audit_head;
int64_t proof_due(const struct store_retention *retention); /* the newest day whose proof is due */
/* Written unless it is there. */
must_check enum err proof_of_day(const struct staff_db *db, const struct store_retention *retention,
	int64_t day, const struct audit_head *head);

#endif
