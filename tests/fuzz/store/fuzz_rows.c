/* A database in which rows are not as we wrote them. A small sound one is made once, in memory; each input
 * changes some of it, as somebody would who has the file and not the server key: [part] then acts of
 * [what][table][row][column][value]. What is then read is within its range or refused, what is refused takes
 * no other contact with it, and a changed audit log does not verify. */
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

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

/* ---- the sound database */

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

/* ---- what an input does to it */

struct input {
	const uint8_t *at, *end;
};

static uint8_t next(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

static size_t some(struct input *input, const uint8_t **bytes_r)
{
	size_t length = next(input), left = (size_t)(input->end - input->at);

	if (length > left)
		length = left;
	*bytes_r = input->at;
	input->at += length;
	return length;
}

static void bind(struct input *input, sqlite3_stmt *to, uint8_t kind)
{
	const uint8_t *bytes;
	size_t length;
	int64_t number = 0;

	switch (kind % 6) {
	case 0:
		sqlite3_bind_int64(to, 1, (int8_t)next(input));
		break;
	case 1:
		length = some(input, &bytes);
		memcpy(&number, bytes, length < sizeof number ? length : sizeof number);
		sqlite3_bind_int64(to, 1, number);
		break;
	case 2:
		length = some(input, &bytes);
		sqlite3_bind_text(to, 1, (const char *)bytes, (int)length, SQLITE_STATIC);
		break;
	case 3:
		length = some(input, &bytes);
		sqlite3_bind_blob(to, 1, bytes, (int)length, SQLITE_STATIC);
		break;
	case 4:
		sqlite3_bind_zeroblob(to, 1, next(input));
		break;
	default:
		sqlite3_bind_null(to, 1);
	}
}

static void change(struct input *input)
{
	uint8_t what = next(input), t = next(input) % TABLES, row = next(input) & 15;
	uint8_t column = next(input) % (uint8_t)made[t].columns;
	sqlite3_stmt *statement = what % 8 == 0 ? made[t].drop
		: what % 4 == 1         ? made[t].copy[column]
					: made[t].set[column];

	if (statement == made[t].copy[column])
		sqlite3_bind_int(statement, 1, next(input) & 15);
	else if (statement != made[t].drop)
		bind(input, statement, what >> 3);
	sqlite3_bind_int(statement, 2, row);
	made[t].dirty |= step(statement);
}

static void restore(void)
{
	for (int t = 0; t < TABLES; t++) {
		if (!made[t].dirty)
			continue;
		step(made[t].empty);
		step(made[t].fill);
		made[t].dirty = false;
	}
}

/* ---- what is read of it */

static struct seen {
	uint64_t id;
	uint32_t last_seq, count;
} seen[64];
static size_t seen_count;

static void must_be_text(const char *text)
{
	json_t *good = json_string(text);
	must(good != NULL);
	json_decref(good);
}

static void see_event(const struct event *event)
{
	must(event->kind >= EVENT_OPENED && event->kind < EVENT_KINDS);
	must(event->author >= AUTHOR_SYSTEM && event->author <= AUTHOR_COUNSELLOR);
	must(event->body_length <= EVENT_BODY_MAX && event->meta_length <= EVENT_BODY_MAX);
	must_be_text(event->client_id);
}

static void on_contact(void *arg, const struct store_contact *contact)
{
	(void)arg;
	must(contact->state == CONTACT_WAITING || contact->state == CONTACT_TAKEN);
	must(contact->channel >= CHANNEL_CHAT && contact->channel <= CHANNEL_TELEPHONE);
	if (seen_count < sizeof seen / sizeof *seen)
		seen[seen_count++] = (struct seen) { contact->id, contact->last_seq, 0 };
}

static void on_event(void *arg, const struct event *event)
{
	struct seen *last = &seen[seen_count - 1];
	(void)arg;
	see_event(event);
	must(event->contact == last->id && event->seq == ++last->count);
}

static void read_job(struct job *job)
{
	batch_read(&store, job);
	for (size_t i = 0; i < job->count; i++) {
		see_event(&job->events[i]);
		event_free(&job->events[i]);
	}
	free(job->events);
	free(job);
}

static void load(struct input *input)
{
	struct job *job;
	uint8_t which = next(input);

	if (recent_load(&store))
		return;
	seen_count = 0;
	if (!store_load(&store, on_contact, on_event, NULL))
		for (size_t i = 0; i < seen_count; i++)
			must(seen[i].count == seen[i].last_seq);
	job = mem_alloc(sizeof *job);
	job->kind = JOB_READ;
	job->contact = 1 + which % 4;
	job->limit = 100;
	read_job(job);
	job = mem_alloc(sizeof *job);
	job->kind = JOB_RECALL;
	memcpy(job->token, token[1 + which / 4 % 4], STORE_TOKEN_SIZE);
	memcpy(job->opener, opener, sizeof opener);
	read_job(job);
}

static const struct act {
	enum store_change change;
	enum event_kind kind;
	enum author author;
} acts[] = { { CHANGE_NONE, EVENT_MESSAGE, AUTHOR_VISITOR }, { CHANGE_TAKE, EVENT_TAKEN, AUTHOR_COUNSELLOR },
	{ CHANGE_CLOSE, EVENT_CLOSED, AUTHOR_VISITOR }, { CHANGE_REOPEN, EVENT_REOPENED, AUTHOR_VISITOR },
	{ CHANGE_NONE, EVENT_LEVEL, AUTHOR_COUNSELLOR }, { CHANGE_OPEN, EVENT_OPENED, AUTHOR_VISITOR } };

/* One commit of several writes, the sound contact's among them. */
static void write_some(struct input *input)
{
	struct job *first = NULL, *sound = NULL, *next_job;
	uint8_t count = 1 + next(input) % 4;
	uint32_t sealed, unsealed;

	if (recent_load(&store) || recent_count(&store, SOUND) != 2)
		return; /* the second: a row of another's was made one of it */
	for (uint8_t i = 0; i <= count; i++) {
		uint8_t what = next(input);
		const struct act *act = &acts[what % (sizeof acts / sizeof *acts)];
		struct job *job = i == count ? job_of(CHANGE_NONE, SOUND, EVENT_MESSAGE, AUTHOR_VISITOR, "ja")
					     : job_of(act->change, 1 + what / 8 % 5, act->kind, act->author,
						       act->kind == EVENT_MESSAGE ? "dag" : "");
		if (act->kind == EVENT_LEVEL) {
			job->write.event.meta = "{\"level\":\"serious\"}";
			job->write.event.meta_length = 19;
		}
		sound = sound ? sound : i == count ? job : NULL;
		job->next = first;
		first = job;
	}
	must(!batch_write(&store, first) && !sound->outcome.err);
	for (int t = 0; t <= T_CODE; t++)
		made[t].dirty = true;
	made[T_AUDIT].dirty = made[T_ENDS].dirty = true;
	for (; first; first = next_job) {
		next_job = first->next;
		free(first);
	}
	if (!sqlite3_exec(store.writer.sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL)) {
		if (!sealing_pending(&store, &sealed, &unsealed))
			must(sealed <= 100);
		must(!sqlite3_exec(store.writer.sqlite, "ROLLBACK", NULL, NULL, NULL));
	}
}

static void on_person(void *arg, const struct staff *person)
{
	(void)arg;
	must_be_text(person->name);
	must_be_text(person->display);
	must_be_text(person->telephone);
	must(staff_telephone_fits(person->telephone));
	must(memchr(person->password, '\0', sizeof person->password) != NULL);
}

static void on_session(void *arg, const struct staff_session *session)
{
	struct staff_session again;
	(void)arg;
	(void)!staff_session_get(&db, session->hash, &again);
}

static void on_key(void *arg, const struct sealing_key *key)
{
	uint8_t sealed[KEYS_SEALED_SIZE];
	(void)arg;
	must(key->vault_length <= KEYS_VAULT_MAX);
	(void)!keys_share_get(&db, key->id, 1, sealed);
}

static void on_share(void *arg, uint32_t key, uint32_t staff)
{
	(void)arg;
	(void)key;
	(void)staff;
}

static void on_letter(void *arg, const struct letter *letter)
{
	(void)arg;
	must(memchr(letter->id, '\0', sizeof letter->id) && memchr(letter->error, '\0', sizeof letter->error));
	must(!letter->bytes || letter->length <= LETTER_BYTES_MAX);
}

static void on_feedback(void *arg, const struct feedback *feedback)
{
	(void)arg;
	must(memchr(feedback->rule, '\0', sizeof feedback->rule) != NULL);
}

static void read_staff(void)
{
	static const uint8_t invite[STAFF_HASH_SIZE] = { 1 };
	struct letters letters = { .db = &db };
	char settings[STAFF_SETTINGS_MAX + 1];
	struct staff person;

	(void)!staff_each(&db, on_person, NULL);
	if (!staff_by_name(&db, "ANKE0", &person))
		on_person(NULL, &person);
	(void)!staff_by_invite(&db, invite, &person);
	(void)!staff_sessions_each(&db, 0, on_session, NULL);
	if (!staff_settings_get(&db, 1, settings))
		must(memchr(settings, '\0', sizeof settings) != NULL);
	(void)!keys_each(&db, on_key, NULL);
	(void)!keys_shares_each(&db, on_share, NULL);
	(void)!staff_code_find(&db, 1, "aaaaaaaaaa");
	(void)!letters_each(&letters, LETTER_CALLBACK, on_letter, NULL);
	(void)!feedback_each(&db, on_feedback, NULL);
}

static void on_archived(void *arg, const struct archive_contact *contact)
{
	(void)arg;
	must(contact->id != SOUND);
}

static void on_seal(void *arg, const struct archive_seal *seal)
{
	(void)arg;
	(void)seal;
}

static bool on_archive_event(void *arg, const struct archive_event *event)
{
	static const uint8_t key[SEAL_KEY_SIZE];
	uint8_t *plain = mem_alloc(event->body_length + 1);

	(void)arg;
	must(!event->body_length || archive_open(key, 3, event, false, plain));
	free(plain);
	return true;
}

static void read_archive(void)
{
	char secret[CODES_SECRET_SIZE + 1];
	struct archive_contact contact;

	(void)!archive_list(&db, 1, true, 4, 10, on_archived, NULL);
	(void)!archive_all(&db, on_archived, NULL);
	(void)!archive_find(&db, 3, &contact);
	(void)!archive_seals(&db, 3, on_seal, NULL);
	(void)!archive_events(&db, 3, 0, on_archive_event, NULL);
	if (!codes_find(&db, &code, secret))
		must(strspn(secret, "A") == CODES_SECRET_SIZE);
}

static void on_row(void *arg, const struct audit_row *row)
{
	(void)arg;
	must(row->what && row->detail);
}

/* Whoever empties the log and its ends leaves an empty log: that is found by what was noted elsewhere. */
static void read_log(void)
{
	struct audit_head head;
	char error[200] = "";
	uint8_t digest[32];
	enum err err = audit_verify(&db, error, sizeof error);

	log_digest(digest);
	if (!err && memcmp(digest, sound_log, sizeof digest) != 0)
		must(!audit_sign(&db, &head) && head.last == 0);
	must(!err || err == ERR_IO || *error);
	(void)!audit_each(&db, 0, on_row, NULL);
	if (err && !audit_add(&db, 1, "more", "{}")) /* it goes on, and stays broken */
		must(audit_verify(&db, error, sizeof error));
	made[T_AUDIT].dirty = made[T_ENDS].dirty |= err != OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };
	uint8_t part, acts_count;

	if (length > INPUT_MAX)
		return 0;
	if (!keeper)
		prepare_all();
	part = next(&input);
	acts_count = next(&input) & 7;
	if (sqlite3_exec(keeper, "BEGIN", NULL, NULL, NULL))
		abort();
	while (acts_count--)
		change(&input);
	run("COMMIT");
	switch (part % 5) {
	case 0:
		load(&input);
		break;
	case 1:
		write_some(&input);
		break;
	case 2:
		read_staff();
		break;
	case 3:
		read_archive();
		break;
	default:
		read_log();
	}
	run("BEGIN");
	restore();
	run("COMMIT");
	return 0;
}
