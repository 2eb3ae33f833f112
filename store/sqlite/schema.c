#include "base/log.h"
#include "store/sqlite/private.h"

#include <stdio.h>
#include <string.h>

/* Never change a migration that was released: add one. */
static const char *const migrations[SCHEMA_VERSION] = {
	"CREATE TABLE contact ("
	" id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, state INTEGER NOT NULL,"
	" epoch INTEGER NOT NULL DEFAULT 0, owner INTEGER NOT NULL DEFAULT 0,"
	" last_seq INTEGER NOT NULL DEFAULT 0, opened INTEGER NOT NULL,"
	" token BLOB NOT NULL, key BLOB) STRICT;"
	"CREATE INDEX contact_open ON contact(state) WHERE state <> 3;"
	"CREATE TABLE event ("
	" contact INTEGER NOT NULL REFERENCES contact(id), seq INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, author INTEGER NOT NULL, staff INTEGER NOT NULL,"
	" time INTEGER NOT NULL, client_id TEXT, body BLOB, meta BLOB,"
	" PRIMARY KEY (contact, seq)) STRICT, WITHOUT ROWID;"
	"CREATE UNIQUE INDEX event_client ON event(contact, client_id)"
	" WHERE client_id IS NOT NULL;"
	"CREATE TABLE probe (id INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
	"INSERT INTO probe VALUES (1, 0);"
	"CREATE TABLE staff ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE UNIQUE,"
	" display TEXT NOT NULL, role INTEGER NOT NULL, disabled INTEGER NOT NULL,"
	" password TEXT NOT NULL, totp BLOB, totp_step INTEGER NOT NULL, invite BLOB,"
	" invite_expires INTEGER NOT NULL) STRICT;"
	"CREATE TABLE session ("
	" hash BLOB PRIMARY KEY, staff INTEGER NOT NULL REFERENCES staff(id),"
	" created INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE audit ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, staff INTEGER NOT NULL,"
	" what TEXT NOT NULL, detail TEXT NOT NULL, hash BLOB NOT NULL) STRICT;",

	/* Sealing at close: kind 1 a person's key, 2 the coordinators', 3 the recovery key. */
	"CREATE TABLE sealing ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, staff INTEGER NOT NULL,"
	" public BLOB NOT NULL, vault BLOB, created INTEGER NOT NULL,"
	" retired INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE UNIQUE INDEX sealing_current ON sealing(kind, staff) WHERE retired = 0;"
	"CREATE TABLE key_share ("
	" key INTEGER NOT NULL REFERENCES sealing(id), staff INTEGER NOT NULL,"
	" sealed BLOB NOT NULL, PRIMARY KEY (key, staff)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE seal ("
	" contact INTEGER NOT NULL REFERENCES contact(id),"
	" key INTEGER NOT NULL REFERENCES sealing(id), sealed BLOB NOT NULL,"
	" PRIMARY KEY (contact, key)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX seal_key ON seal(key);"
	"CREATE TABLE return_code ("
	" contact INTEGER PRIMARY KEY REFERENCES contact(id), lookup BLOB NOT NULL UNIQUE,"
	" sealed BLOB NOT NULL) STRICT;"
	"ALTER TABLE contact ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE contact ADD COLUMN counsellor INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE contact ADD COLUMN visitor BLOB;"
	"CREATE INDEX contact_token ON contact(token);"
	"CREATE INDEX contact_closed ON contact(closed) WHERE state = 3;"
	"CREATE INDEX contact_unsealed ON contact(id) WHERE state = 3 AND key IS NOT NULL;",

	/* The ends of the audit log's chain; rows of before this do not verify. */
	"CREATE TABLE audit_ends ("
	" id INTEGER PRIMARY KEY CHECK (id = 1), first INTEGER NOT NULL, before BLOB NOT NULL,"
	" last INTEGER NOT NULL, hash BLOB NOT NULL, mac BLOB NOT NULL) STRICT;"
	"DELETE FROM audit;",

	/* What was shredded on which day (of 24 hours since 1970, UTC): numbers, for the proof. */
	"CREATE TABLE shredded ("
	" day INTEGER PRIMARY KEY, chats INTEGER NOT NULL DEFAULT 0,"
	" telephone INTEGER NOT NULL DEFAULT 0, notes INTEGER NOT NULL DEFAULT 0,"
	" forgotten INTEGER NOT NULL DEFAULT 0, audit INTEGER NOT NULL DEFAULT 0) STRICT;",

	/* Counsellors' own telephones, sealed; what is to go out, and numbers to call back. */
	"ALTER TABLE staff ADD COLUMN telephone BLOB;"
	"CREATE TABLE letter ("
	" id TEXT PRIMARY KEY, kind INTEGER NOT NULL, sealed BLOB NOT NULL,"
	" attempts INTEGER NOT NULL, due INTEGER NOT NULL, since INTEGER NOT NULL,"
	" dead INTEGER NOT NULL, error TEXT NOT NULL) STRICT, WITHOUT ROWID;",

	/* What counsellors said of the rules of urgency; nothing of a contact. kind: feedback.h. */
	"CREATE TABLE rule_feedback ("
	" day INTEGER NOT NULL, rules TEXT NOT NULL, kind INTEGER NOT NULL, rule TEXT NOT NULL,"
	" level INTEGER NOT NULL, count INTEGER NOT NULL,"
	" PRIMARY KEY (day, rules, kind, rule, level)) STRICT, WITHOUT ROWID;",

	/* One-time codes for whoever lost the authenticator: keyed hashes. */
	"CREATE TABLE recovery_code ("
	" staff INTEGER NOT NULL REFERENCES staff(id), hash BLOB NOT NULL,"
	" PRIMARY KEY (staff, hash)) STRICT, WITHOUT ROWID;",

	/* Events of contacts that are not closed, as they come; recent.c knows where each stands. No
	 * index and no reference: a commit writes the last pages alone. */
	"CREATE TABLE recent ("
	" id INTEGER PRIMARY KEY, contact INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, author INTEGER NOT NULL, staff INTEGER NOT NULL,"
	" time INTEGER NOT NULL, client_id TEXT, body BLOB, meta BLOB) STRICT;"
	"INSERT INTO recent (contact, seq, kind, author, staff, time, client_id, body, meta)"
	" SELECT * FROM event WHERE contact IN (SELECT id FROM contact WHERE state <> 3)"
	" ORDER BY contact, seq;"
	"DELETE FROM event WHERE contact IN (SELECT id FROM contact WHERE state <> 3);",

	/* What people chose for their own console, sealed. */
	"CREATE TABLE staff_settings ("
	" staff INTEGER PRIMARY KEY REFERENCES staff(id), sealed BLOB NOT NULL) STRICT;",

	/* Passkeys: the key and the label are sealed; vault as the browser made it. */
	"CREATE TABLE passkey ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, staff INTEGER NOT NULL REFERENCES staff(id),"
	" credential BLOB NOT NULL UNIQUE, public BLOB NOT NULL,"
	" count INTEGER NOT NULL, label BLOB NOT NULL, vault BLOB, created INTEGER NOT NULL,"
	" used INTEGER NOT NULL) STRICT;"
	"CREATE INDEX passkey_staff ON passkey(staff);",

	/* Accounts of the house's own provider: keyed hashes, bound to the person. */
	"CREATE TABLE signon ("
	" staff INTEGER PRIMARY KEY REFERENCES staff(id), account BLOB UNIQUE, bound BLOB,"
	" link BLOB UNIQUE, link_expires INTEGER NOT NULL) STRICT;",

	/* Wrong codes by that way, since the first of them. */
	"ALTER TABLE signon ADD COLUMN guesses INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE signon ADD COLUMN guessed INTEGER NOT NULL DEFAULT 0;",

	/* What the clock was, and what was to be kept how long, when things were last looked through for
	 * forgetting; leap.c. */
	"CREATE TABLE keeping ("
	" id INTEGER PRIMARY KEY CHECK (id = 1), seen INTEGER NOT NULL DEFAULT 0,"
	" until INTEGER NOT NULL DEFAULT 0, days TEXT NOT NULL DEFAULT '') STRICT;"
	"INSERT INTO keeping (id) VALUES (1);",

	/* Contacts of which a running daemon is asked to let go (forget.c). */
	"CREATE TABLE forgetting (contact INTEGER PRIMARY KEY) STRICT;"
};

static const char *const sources[STATEMENTS] = {
	[FIND_CONTACT] = "SELECT state, epoch, owner, last_seq, key, counsellor, opened"
			 " FROM contact WHERE id = ?1",
	[ADD_CONTACT] = "INSERT INTO contact (id, channel, state, opened, token, key, visitor)"
			" VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)",
	[SET_CONTACT] = "UPDATE contact SET state = ?2, epoch = ?3, owner = ?4, last_seq = ?5,"
			" counsellor = ?6 WHERE id = ?1",
	[FIND_DUPLICATE] = "SELECT seq FROM event WHERE contact = ?1 AND client_id = ?2",
	[ADD_EVENT] = "INSERT INTO recent (contact, seq, kind, author, staff, time, client_id, body,"
		      " meta) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[LIST_RECENT] = "SELECT id, contact, seq, client_id FROM recent WHERE id > ?1 ORDER BY id",
	[READ_RECENT] = "SELECT contact, seq, kind, author, staff, time, client_id, body, meta"
			" FROM recent WHERE id = ?1",
	[CLOSE_RECENT] = "INSERT INTO event (contact, seq, kind, author, staff, time, client_id,"
			 " body, meta) SELECT contact, seq, kind, author, staff,"
			 " time - time % 3600000, client_id, body, meta FROM recent WHERE id = ?1",
	[DROP_RECENT] = "DELETE FROM recent WHERE id = ?1",
	[REOPEN_EVENTS] = "INSERT INTO recent (contact, seq, kind, author, staff, time, client_id,"
			  " body, meta) SELECT contact, seq, kind, author, staff, time, client_id,"
			  " body, meta FROM event WHERE contact = ?1 ORDER BY seq",
	[COUNT_EVENTS] = "SELECT count(*), coalesce(max(seq), 0) FROM event WHERE contact = ?1",
	[DROP_EVENTS] = "DELETE FROM event WHERE contact = ?1",
	[READ_EVENTS] = "SELECT contact, seq, kind, author, staff, time, client_id, body, meta"
			" FROM event WHERE contact = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
	[PROBE] = "UPDATE probe SET value = value + 1 WHERE id = 1",
	[FIND_TOKEN] = "SELECT id, channel, state, epoch, owner, last_seq, counsellor, opened,"
		       " visitor, EXISTS (SELECT 1 FROM return_code r WHERE r.contact = contact.id)"
		       " FROM contact WHERE token = ?1",
	[FIND_RECIPIENTS] = "SELECT id, kind, public FROM sealing WHERE retired = 0"
			    " AND (kind <> 1 OR staff = ?1)",
	[ADD_SEAL] = "INSERT OR REPLACE INTO seal (contact, key, sealed) VALUES (?1, ?2, ?3)",
	[DROP_SEALS] = "DELETE FROM seal WHERE contact = ?1",
	[FIND_VISITOR] = "SELECT visitor FROM contact WHERE id = ?1",
	[SET_KEY] = "UPDATE contact SET key = ?2 WHERE id = ?1",
	[SET_CLOSED] = "UPDATE contact SET closed = ?2, opened = opened - opened % 3600000"
		       " WHERE id = ?1",
	[COUNT_UNSEALED] = "SELECT count(*) FROM contact WHERE state = 3 AND key IS NOT NULL",
	[FIND_FORGETTING] = "SELECT f.contact, coalesce(c.state, 3) FROM forgetting f"
			    " LEFT JOIN contact c ON c.id = f.contact"
			    " ORDER BY coalesce(c.state, 3) = 3 DESC, f.contact LIMIT 1",
	[DROP_FORGETTING] = "DELETE FROM forgetting WHERE contact = ?1",
	[FIND_UNSEALED] = "SELECT id, counsellor, key FROM contact"
			  " WHERE state = 3 AND key IS NOT NULL LIMIT 100",
};

static enum err fail(sqlite3 *sqlite, const char *folder, char *error, size_t error_size)
{
	int code = sqlite3_errcode(sqlite);
	enum err err = code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ERR_CORRUPT : ERR_IO;

	snprintf(error, error_size, "%s/onthaal.db: %s: %s", folder, sqlite3_errmsg(sqlite),
		err == ERR_CORRUPT ? "restore the latest backup (onthaal restore)"
				   : "check the folder's rights and the disk's space");
	return err;
}

static int one_number(sqlite3 *sqlite, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int number = -1;

	if (!sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL)
		&& sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static bool sound(sqlite3 *sqlite)
{
	sqlite3_stmt *statement = NULL;
	bool ok = false;

	if (!sqlite3_prepare_v2(sqlite, "PRAGMA quick_check(1)", -1, &statement, NULL)
		&& sqlite3_step(statement) == SQLITE_ROW)
		ok = !strcmp((const char *)sqlite3_column_text(statement, 0), "ok");
	sqlite3_finalize(statement);
	return ok;
}

static int migrate(sqlite3 *sqlite, int version)
{
	char step[64];

	for (; version < SCHEMA_VERSION; version++) {
		snprintf(step, sizeof step, "PRAGMA user_version = %d; COMMIT", version + 1);
		if (sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL))
			return SQLITE_ERROR;
		if (one_number(sqlite, "PRAGMA user_version") != version) { /* done beside us */
			sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
			continue;
		}
		if (sqlite3_exec(sqlite, migrations[version], NULL, NULL, NULL)
			|| sqlite3_exec(sqlite, step, NULL, NULL, NULL))
			return SQLITE_ERROR;
		log_info("schema migrated", "version=%d", version + 1);
	}
	return SQLITE_OK;
}

/* Its statistics of memory take a lock at each allocation. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err db_connect(const char *folder, sqlite3 **sqlite_r, char *error, size_t error_size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char path[4096];
	sqlite3 *sqlite = NULL;
	enum err err = OK;
	int version = 0;

	pthread_once(&once, configure);
	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	if (sqlite3_open_v2(path, &sqlite,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)
		|| sqlite3_busy_timeout(sqlite, DB_BUSY_MS)
		|| sqlite3_exec(sqlite,
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			"PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
			"PRAGMA wal_autocheckpoint = 0; PRAGMA trusted_schema = OFF;"
			"PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY",
			NULL, NULL, NULL))
		err = fail(sqlite, folder, error, error_size);
	if (!err)
		version = one_number(sqlite, "PRAGMA user_version");
	if (!err && version > SCHEMA_VERSION) {
		snprintf(error, error_size,
			"%s was written by a newer onthaal (schema %d, this one knows %d): "
			"install that version",
			path, version, SCHEMA_VERSION);
		err = ERR_INVALID;
	} else if (!err && (version < 0 || migrate(sqlite, version))) {
		err = fail(sqlite, folder, error, error_size);
	}
	if (err) {
		sqlite3_close(sqlite);
		sqlite = NULL;
	}
	*sqlite_r = sqlite;
	return err;
}

enum err db_open(const char *folder, struct db *db, char *error, size_t error_size)
{
	enum err err;

	*db = (struct db) { 0 };
	err = db_connect(folder, &db->sqlite, error, error_size);
	/* KiB; the open contacts' pages stay in the writer's cache. */
	if (!err && sqlite3_exec(db->sqlite, "PRAGMA cache_size = -32768", NULL, NULL, NULL))
		err = fail(db->sqlite, folder, error, error_size);
	if (!err && !sound(db->sqlite)) {
		snprintf(error, error_size,
			"%s/onthaal.db is damaged: restore the latest backup (onthaal restore)",
			folder);
		err = ERR_CORRUPT;
	}
	for (int i = 0; i < STATEMENTS && !err; i++)
		if (sqlite3_prepare_v3(db->sqlite, sources[i], -1, SQLITE_PREPARE_PERSISTENT,
			    &db->statements[i], NULL))
			err = fail(db->sqlite, folder, error, error_size);
	if (err)
		db_close(db);
	return err;
}

void db_close(struct db *db)
{
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->sqlite);
	*db = (struct db) { 0 };
}

sqlite3_stmt *db_statement(const struct db *db, enum statement which)
{
	sqlite3_reset(db->statements[which]);
	sqlite3_clear_bindings(db->statements[which]);
	return db->statements[which];
}
