/* The store: durable, append-only contacts behind one interface, whatever engine keeps them.
 *
 * Threads: every function here is called on the loop thread. Results arrive by callback on the
 * loop thread out of store_pump(), never from inside the call that asked. The engine calls the
 * `wake` given at opening from its own thread when store_pump() has something to do.
 *
 * Durability: a callback with OK means the event survives kill -9 and power loss.
 * Batching: one batch in flight; the next is whatever was submitted meanwhile. No timer.
 *
 * Conditions: a write states what must hold; each is checked and applied in the batch's
 * transaction, in the order of submission, and one that fails takes no other with it.
 *   - change OPEN  : the contact must not exist yet (ERR_EXISTS)
 *   - change TAKE  : it must be waiting (ERR_STALE); raises the epoch by one, sets the owner
 *   - change RETURN: it must be taken, with this epoch (ERR_STALE); owner 0, waiting again
 *   - change CLOSE : it must not be closed (ERR_STALE); with this epoch unless epoch is 0
 *   - change NONE  : it must exist and not be closed (ERR_STALE); with this epoch unless 0
 *   - change REOPEN: it must be closed, and its opener given (ERR_STALE); waiting again, owner 0
 * The epoch is given on every write by a counsellor, so that one who lost the lease is refused.
 * A client_id seen before in this contact is answered OK, duplicate, with the first one's seq, and
 * nothing is written or changed, whatever else the write asks: a retry is harmless.
 *
 * Closing: the contact's key is sealed to the keys of store/keys.h (the counsellor who had it last, the
 * coordinators, the recovery key), the server's own wrap of it is destroyed and its times are cut to
 * the hour, in the same transaction: from then on this server cannot read it. As long as there is
 * neither a coordinators' nor a recovery key the wrap stays, so that nothing is lost; store_keep seals
 * what waits for one. A key wrapped for the visitor's own opener stays for as long as
 * store_retention says.
 *
 * When nothing can be stored (disk full, read-only folder, failing fsync) every write of the batch
 * is answered ERR_FULL and on_trouble(true) is called; the engine tries by itself once a second and
 * calls on_trouble(false) when it works again. Writes and reads go on meanwhile, but wait up to that
 * second for their answer: a disk that fails is not asked again for each of them. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "store/event.h"

#include <stdbool.h>

enum { STORE_QUEUE_MAX = 8192, /* writes waiting for the engine; one more is ERR_BUSY */
	STORE_TOKEN_SIZE = 32 };

enum store_change {
	CHANGE_NONE,
	CHANGE_OPEN,
	CHANGE_TAKE,
	CHANGE_RETURN,
	CHANGE_CLOSE,
	CHANGE_REOPEN
};

struct store_write { /* everything is copied at submission */
	struct event event; /* seq is ignored */
	enum store_change change;
	uint32_t epoch; /* 0: not checked (visitor, system) */
	enum channel channel; /* with CHANGE_OPEN */
	uint8_t token[STORE_TOKEN_SIZE]; /* with CHANGE_OPEN: hash of the visitor's session secret */
	uint8_t opener[STORE_TOKEN_SIZE]; /* a key made of that secret, never stored; zero: none */
	bool blocks; /* with CHANGE_CLOSE: its visitor is blocked for a while, which is told to the audit log */
};

struct store_outcome {
	enum err err;
	bool duplicate;
	bool sealed; /* with CHANGE_CLOSE: this server can no longer read it */
	uint32_t seq; /* of the event (with duplicate: of the first one) */
	uint32_t epoch, owner; /* of the contact afterwards, also with ERR_STALE */
	enum contact_state state;
};

typedef void store_done(void *arg, const struct store_outcome *outcome);

struct store_contact { /* a contact's row, as loaded */
	uint64_t id;
	enum channel channel;
	enum contact_state state;
	uint32_t epoch, owner, last_seq;
	uint32_t counsellor; /* who had it last */
	bool coded; /* there is a return code */
	int64_t opened;
	uint8_t token[STORE_TOKEN_SIZE];
};

struct store_hooks {
	void (*wake)(void *arg); /* from the engine's thread */
	void (*on_batch)(void *arg); /* after the callbacks of all commits that were done */
	void (*on_trouble)(void *arg, bool trouble);
	/* store_forget was asked of a contact beside us. open: it is not closed, and has to be first; it is
	 * told again, at most once a second. Else nothing is left of it here: what is known of it elsewhere
	 * goes too, then store_forgotten is called. */
	void (*on_forget)(void *arg, uint64_t contact, bool open);
	void *arg;
};

struct store_retention { /* how long after its closing, by kind; 0: never by itself */
	uint32_t chat_days, telephone_days; /* then nothing is left of it */
	uint32_t notes_days; /* counsellors' notes */
	uint32_t return_hours; /* the visitor's own way in, when there is no return code */
	uint32_t audit_days; /* of the audit log, from when it was written */
	uint32_t backup_days; /* of backups, told in the proof */
	uint32_t proof_hour; /* UTC: then the proof of the day before is written (proof.h) */
};

struct store_figures { /* since the start, for /metrics */
	uint64_t writes, batches, duplicates, refused, failed;
	uint64_t largest_batch;
	uint64_t sync_nanoseconds_p50, sync_nanoseconds_p99; /* of the last 1,024 commits */
	uint64_t sealed, shredded, notes_shredded; /* contacts; notes of contacts that stay */
	uint32_t unsealed; /* closed, but with no key yet to seal them to */
	size_t queued;
	uint64_t file_bytes, wal_bytes;
	bool trouble, held; /* held: forgetting waits, after a leap of the clock */
};

struct store;

/* folder: made with mode 0700 when missing; locked, so that a second daemon is refused (ERR_BUSY).
 * Migrates the schema and checks integrity first; error gets a text that says what to do. */
must_check enum err store_open(const char *folder, const struct store_hooks *hooks,
	struct store **store_r, char *error, size_t error_size);
void store_close(struct store **store); /* what was submitted is written; callbacks are dropped */

must_check enum err store_append(
	struct store *store, const struct store_write *write, store_done *done, void *arg);
void store_pump(struct store *store);

/* Every contact that is not closed, and its events in order, right away (at start, before the
 * loop). Bytes are valid during the callback. */
must_check enum err store_load(struct store *store,
	void (*on_contact)(void *arg, const struct store_contact *contact),
	void (*on_event)(void *arg, const struct event *event), void *arg);

/* Events with seq > after, at most limit, in order, by callbacks out of store_pump(). */
typedef void store_read_done(void *arg, enum err err, const struct event *events, size_t count);
must_check enum err store_read(struct store *store, uint64_t contact, uint32_t after,
	uint32_t limit, store_read_done *done, void *arg);

/* The contact with this token and all its events, also a closed one: the opener opens it. contact is
 * NULL unless OK. ERR_NOT_FOUND: no such contact (any more), or none that this opens. */
typedef void store_recall_done(void *arg, enum err err, const struct store_contact *contact,
	const struct event *events, size_t count);
must_check enum err store_recall(struct store *store, const uint8_t token[STORE_TOKEN_SIZE],
	const uint8_t opener[STORE_TOKEN_SIZE], store_recall_done *done, void *arg);

/* To be called once a second: seals what waits for a key, shreds what is past its time, and empties
 * the write-ahead log when it may still hold a destroyed wrap or text; once a day, at proof_hour, signs the
 * audit log's head and writes the day's proof. Costs nothing when idle. A clock that leapt ahead by more
 * than STORE_LEAP_DAYS since the last time (also while no daemon ran) may be wrong: then nothing is destroyed
 * for STORE_HOLD_DAYS, or until it was set right. */
enum { STORE_LEAP_DAYS = 7, STORE_HOLD_DAYS = 3 };
void store_keep(struct store *store, const struct store_retention *retention);

/* To be called once a second: whether somebody asks for a contact to be forgotten (on_forget). */
void store_look(struct store *store);
/* It is: whoever asked, and waits, is told. */
void store_forgotten(struct store *store, uint64_t contact);

void store_figures(const struct store *store, struct store_figures *figures_r);

/* A secret of this data folder, the same at every start, derived from its server key for the
 * purpose that the label names. */
void store_secret(const struct store *store, const char *label, uint8_t secret_r[32]);

/* Without a store open, by the command line, also beside a running daemon. A backup is written beside
 * its place, as FILE and STORE_PART, and gets its name when it is whole and on the disk. ERR_EXISTS: there is
 * something of that name, which stays as it is. */
#define STORE_PART ".part"
must_check enum err store_backup(const char *folder, const char *file, char *error, size_t size);
must_check enum err store_restore(const char *file, const char *folder, char *error, size_t size);
/* One contact is destroyed, before its time, and the audit log says so; where a daemon serves the folder, it is waited for until that one
 * has nothing of it any more. open_too: also one that is not closed, which the daemon closes first.
 * ERR_STALE: it is open, and that was not asked for; ERR_BUSY: it is asked for, and not done yet: the daemon
 * does not answer, or there is none, and it is open: then it is done at the next start. */
enum { STORE_FORGET_SECONDS = 20 };
must_check enum err store_forget(
	const char *folder, uint64_t contact, bool open_too, char *error, size_t size);
/* A day's proof: what was shredded on it, and that nothing is kept past its time. */
struct store_proof {
	int64_t day; /* since 1970, UTC */
	uint32_t chats, telephone, notes, forgotten, audit; /* shredded on that day; audit: rows */
	uint32_t kept, overdue, unsealed; /* closed contacts at this moment: all, past their time, … */
	int64_t oldest; /* closing of the oldest one kept; 0: none */
};
must_check enum err store_prove(const char *folder, const struct store_retention *retention,
	int64_t day, struct store_proof *proof_r, char *error, size_t size);
/* When a backup was made. ERR_INVALID: that is not a backup. */
must_check enum err store_backup_made(
	const char *file, int64_t *made_r, char *error, size_t size);
must_check enum err store_check(const char *folder, char *error, size_t size);

#endif
