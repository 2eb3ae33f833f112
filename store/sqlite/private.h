/* Shared by the files of the SQLite engine alone. */
#ifndef STORE_SQLITE_PRIVATE_H
#define STORE_SQLITE_PRIVATE_H

#include "base/mailbox.h"
#include "store/seal.h"
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

enum { SCHEMA_VERSION = 1,
	SYNC_KEPT = 1024,
	BATCH_MAX = 1024, /* writes in one transaction */
	CHECKPOINT_PAGES = 1000,
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
	STATEMENTS
};

struct db { /* one connection, of one thread */
	sqlite3 *sqlite;
	sqlite3_stmt *statements[STATEMENTS];
};

struct job {
	struct job *next;
	bool reading;
	struct store_write write; /* body and meta point behind the job */
	store_done *done;
	store_read_done *read_done;
	void *arg;
	struct store_outcome outcome;
	uint64_t contact;
	uint32_t after, limit;
	struct event *events; /* what was read; bytes owned by each */
	size_t count;
};

struct batch {
	struct batch *next;
	struct job *jobs; /* in order */
};

struct store {
	struct store_hooks hooks;
	struct db writer; /* of the writer thread once it runs */
	uint8_t key[SEAL_KEY_SIZE];
	int lock;
	char path[4096]; /* of the database */
	pthread_t thread;
	struct mailbox *jobs; /* struct job * */
	pthread_mutex_t mutex; /* what follows */
	struct batch *done, **done_end;
	bool trouble, trouble_told;
	struct store_figures figures;
	uint64_t sync[SYNC_KEPT];
	uint32_t sync_count, sync_next;
};

/* schema.c */
must_check enum err db_connect(
	const char *folder, sqlite3 **sqlite_r, char *error, size_t error_size);
must_check enum err db_open(const char *folder, struct db *db, char *error, size_t error_size);
void db_close(struct db *db);
sqlite3_stmt *db_statement(const struct db *db, enum statement which); /* reset, unbound */

/* batch.c: in the writer's thread. */
must_check enum err batch_write(struct store *store, struct job *jobs);
void batch_read(struct store *store, struct job *job);
must_check enum err batch_probe(struct store *store);

/* event.c */
must_check enum err event_unseal(sqlite3_stmt *row, const uint8_t key[SEAL_KEY_SIZE],
	struct event *event_r); /* body and meta are allocated */
void event_free(struct event *event);

#endif
