/* The sound database of fuzz_rows, made once in memory, and the statements that change its rows one by one and
 * put them back. */
#ifndef TESTS_FUZZ_ROWS_H
#define TESTS_FUZZ_ROWS_H

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/archive.h"
#include "store/audit.h"
#include "store/codes.h"
#include "store/feedback.h"
#include "store/letters.h"
#include "store/sqlite/private.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SOUND = 77, /* the contact that no input touches */
	COLUMNS_MAX = 12, INPUT_MAX = 1024, CONTACTS = 6 };

static const struct table {
	const char *name, *key; /* key: by which rows are counted */
	const char *columns[COLUMNS_MAX];
	const char *but; /* rows left alone */
} tables[] = {
	{ "contact", "id", { "id", "channel", "state", "epoch", "owner", "last_seq", "opened", "token",
				  "key", "closed", "counsellor", "visitor" }, "id <> 77" },
	{ "recent", "id", { "contact", "seq", "kind", "author", "staff", "time", "client_id", "body",
				 "meta", "id" }, "contact <> 77" },
	{ "event", "contact * 1000 + seq", { "contact", "seq", "kind", "author", "staff", "time",
						   "client_id", "body", "meta" }, "1" },
	{ "seal", "contact * 1000 + key", { "contact", "key", "sealed" }, "1" },
	{ "sealing", "id", { "id", "kind", "staff", "public", "vault", "created", "retired" }, "1" },
	{ "return_code", "contact", { "contact", "lookup", "sealed" }, "1" },
	{ "staff", "id", { "id", "name", "display", "role", "disabled", "password", "totp",
				"totp_step", "invite", "invite_expires", "telephone" }, "1" },
	{ "session", "hash", { "hash", "staff", "created", "expires" }, "1" },
	{ "staff_settings", "staff", { "staff", "sealed" }, "1" },
	{ "key_share", "key * 1000 + staff", { "key", "staff", "sealed" }, "1" },
	{ "recovery_code", "hash", { "staff", "hash" }, "1" },
	{ "letter", "id", { "id", "kind", "sealed", "attempts", "due", "since", "dead", "error" }, "1" },
	{ "rule_feedback", "rule", { "day", "rules", "kind", "rule", "level", "count" }, "1" },
	{ "audit", "id", { "id", "time", "staff", "what", "detail", "hash" }, "1" },
	{ "audit_ends", "id", { "first", "before", "last", "hash", "mac" }, "1" },
};
enum { TABLES = sizeof tables / sizeof *tables, T_EVENT = 2, T_SEALING = 4, T_CODE = 5, T_STAFF = 6,
	T_FEEDBACK = 12, T_AUDIT = 13, T_ENDS = 14 };

static struct store store;
static struct staff_db db;
static sqlite3 *keeper;
static struct {
	sqlite3_stmt *set[COLUMNS_MAX], *copy[COLUMNS_MAX], *drop, *empty, *fill;
	int columns;
	bool dirty;
} made[TABLES];
static uint8_t opener[STORE_TOKEN_SIZE], token[CONTACTS][STORE_TOKEN_SIZE], sound_log[32];
static struct code_hash code;

static void must(bool good)
{
	if (!good)
		abort();
}

static void run(const char *sql)
{
	must(!sqlite3_exec(keeper, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *statement = NULL;
	must(!sqlite3_prepare_v3(keeper, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
	return statement;
}

static bool step(sqlite3_stmt *statement) /* refused by the schema: nothing was changed */
{
	bool changed = sqlite3_step(statement) == SQLITE_DONE && sqlite3_changes(keeper);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return changed;
}

static struct job *job_of(enum store_change change, uint64_t contact, enum event_kind kind,
	enum author author, const char *body)
{
	static unsigned serial;
	struct job *job = mem_alloc(sizeof *job + 32);

	job->write = (struct store_write) { .change = change, .channel = CHANNEL_CHAT,
		.event = { .contact = contact, .kind = kind, .author = author,
			.staff = author == AUTHOR_COUNSELLOR ? 1 : 0, .time = clock_wall(),
			.body = body, .body_length = (uint32_t)strlen(body) } };
	snprintf(job->write.event.client_id, sizeof job->write.event.client_id, "c%u", serial++);
	memcpy(job->write.opener, opener, sizeof opener);
	memcpy(job->write.token, token[contact % CONTACTS], STORE_TOKEN_SIZE);
	return job;
}

static void write_one(struct job *job, enum err expected)
{
	must(!batch_write(&store, job) && job->outcome.err == expected);
	free(job);
}

static void make_contacts(void)
{
	static const uint64_t ids[] = { 1, 2, 3, 4, SOUND };

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		write_one(job_of(CHANGE_OPEN, ids[i], EVENT_OPENED, AUTHOR_VISITOR, "{}"), OK);
		write_one(job_of(CHANGE_NONE, ids[i], EVENT_MESSAGE, AUTHOR_VISITOR, "dag"), OK);
	}
	for (uint64_t id = 2; id <= 4; id++)
		write_one(job_of(CHANGE_TAKE, id, EVENT_TAKEN, AUTHOR_COUNSELLOR, ""), OK);
	for (uint64_t id = 3; id <= 4; id++)
		write_one(job_of(CHANGE_CLOSE, id, EVENT_CLOSED, AUTHOR_COUNSELLOR, ""), OK);
}

static void make_staff(void)
{
	struct sealing_key key = { .kind = KEY_PERSON, .staff = 1, .vault_length = 40 };
	struct staff_session session = { .hash = { 9 }, .staff = 1, .created = clock_wall(),
		.expires = clock_wall() + 3600000 };
	struct feedback feedback = { .kind = FEEDBACK_WRONG, .rule = "r", .rules = "0", .level = 1 };
	struct letters letters = { .db = &db };
	struct letter letter = { .id = "l", .kind = LETTER_CALLBACK, .bytes = "{}", .length = 2 };
	char codes[STAFF_CODES][STAFF_CODE_SIZE];
	uint8_t private[HPKE_KEY_SIZE], sealed[KEYS_SEALED_SIZE] = { 0 };

	for (int i = 0; i < 2; i++) {
		struct staff person = { .role = ROLE_COORDINATOR, .password = "x", .totp = { 1 },
			.display = "Anke", .telephone = "+3220000000", .invite = { (uint8_t)(i + 1) },
			.invite_expires = clock_wall() + 1000 };
		snprintf(person.name, sizeof person.name, "anke%d", i);
		must(!staff_put(&db, &person));
		must(!audit_add(&db, person.id, "sign-in", "{\"x\":1}"));
	}
	hpke_pair(private, key.public);
	must(!keys_put(&db, &key) && !keys_share_put(&db, key.id, 1, sealed));
	key = (struct sealing_key) { .kind = KEY_RECOVERY };
	hpke_pair(private, key.public);
	must(!keys_put(&db, &key) && !staff_session_put(&db, &session));
	must(!staff_settings_put(&db, 1, "{}") && !staff_codes_make(&db, 1, codes));
	must(!feedback_add(&db, &feedback) && !letters_put(&letters, &letter));
	must(!audit_add(&db, 1, "level.changed", "{}"));
}

static void make_code(void)
{
	char secret[CODES_SECRET_SIZE + 1];
	memset(secret, 'A', CODES_SECRET_SIZE);
	secret[CODES_SECRET_SIZE] = '\0';
	memset(&code, 5, sizeof code);
	must(!codes_put(&db, &code, 3, token[3], secret));
}

static void make_statements(void)
{
	char sql[400];

	run("ATTACH '/base/base' AS base");
	run("PRAGMA foreign_keys = OFF");
	for (int t = 0; t < TABLES; t++) {
		const struct table *table = &tables[t];
		for (int c = 0; c < COLUMNS_MAX && table->columns[c]; c++, made[t].columns++) {
			const char *start = "UPDATE OR IGNORE %s SET %s = %s WHERE %s = (SELECT %s FROM"
					    " %s ORDER BY 1 LIMIT 1 OFFSET ?2) AND %s",
				   *other = "(SELECT %s FROM %s ORDER BY %s LIMIT 1 OFFSET ?1)";
			char from[200];
			snprintf(from, sizeof from, other, table->columns[c], table->name, table->key);
			snprintf(sql, sizeof sql, start, table->name, table->columns[c], "?1",
				table->key, table->key, table->name, table->but);
			made[t].set[c] = prepare(sql);
			snprintf(sql, sizeof sql, start, table->name, table->columns[c], from,
				table->key, table->key, table->name, table->but);
			made[t].copy[c] = prepare(sql);
		}
		snprintf(sql, sizeof sql, "CREATE TABLE base.%s AS SELECT * FROM main.%s", table->name,
			table->name);
		run(sql);
		snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s = (SELECT %s FROM %s ORDER BY 1"
			" LIMIT 1 OFFSET ?2) AND %s", table->name, table->key, table->key, table->name,
			table->but);
		made[t].drop = prepare(sql);
		snprintf(sql, sizeof sql, "DELETE FROM %s", table->name);
		made[t].empty = prepare(sql);
		snprintf(sql, sizeof sql, "INSERT INTO main.%s SELECT * FROM base.%s", table->name,
			table->name);
		made[t].fill = prepare(sql);
	}
}

static void log_digest(uint8_t digest_r[32])
{
	static const char *const all[] = { "SELECT * FROM audit ORDER BY id", "SELECT * FROM audit_ends" };
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, 32);
	for (int i = 0; i < 2; i++) {
		sqlite3_stmt *rows = staff_prepare(&db, all[i]);
		while (sqlite3_step(rows) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(rows); c++) {
				const uint8_t *cell = sqlite3_column_blob(rows, c);
				int size = sqlite3_column_bytes(rows, c);
				crypto_generichash_update(&state, (const uint8_t *)&size, sizeof size);
				if (size)
					crypto_generichash_update(&state, cell, (size_t)size);
			}
		sqlite3_finalize(rows);
	}
	crypto_generichash_final(&state, digest_r, 32);
}

static void prepare_all(void)
{
	char error[400] = "";
	sqlite3_vfs *memory;

	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	memory = sqlite3_vfs_find("memdb");
	log_threshold(LOG_ERROR);
	log_capture(NULL, NULL);
	must(sodium_init() >= 0 && memory && !sqlite3_vfs_register(memory, 1));
	clock_fake(INT64_C(1700000000000), 100000);
	memset(store.key, 3, sizeof store.key);
	memset(opener, 4, sizeof opener);
	for (int i = 0; i < CONTACTS; i++)
		memset(token[i], i + 1, STORE_TOKEN_SIZE);
	memcpy(db.server, store.key, sizeof db.server);
	snprintf(store.path, sizeof store.path, "/fuzz/onthaal.db");
	must(!db_open("/fuzz", &store.writer, error, sizeof error));
	must(!db_connect("/fuzz", &db.sqlite, error, sizeof error));
	must(!db_connect("/fuzz", &keeper, error, sizeof error));
	must(!recent_load(&store));
	store.rows = batch_rows_create();
	make_staff();
	make_contacts();
	make_code();
	make_statements();
	log_digest(sound_log);
}

#endif
