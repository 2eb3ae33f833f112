#include "store/archive.h"
#include "store/sqlite/private.h"

#include <string.h>

#define COLUMNS "c.id, c.channel, c.opened, c.closed, c.counsellor, c.last_seq"

static struct archive_contact contact_of(sqlite3_stmt *row)
{
	return (struct archive_contact) { .id = (uint64_t)sqlite3_column_int64(row, 0),
		.channel = (enum channel)sqlite3_column_int(row, 1),
		.opened = sqlite3_column_int64(row, 2),
		.closed = sqlite3_column_int64(row, 3),
		.counsellor = (uint32_t)sqlite3_column_int64(row, 4),
		.last_seq = (uint32_t)sqlite3_column_int64(row, 5) };
}

enum err archive_list(struct staff_db *db, uint32_t staff, bool all, uint64_t before, uint32_t most,
	void (*on_contact)(void *arg, const struct archive_contact *contact), void *arg)
{
	sqlite3_stmt *list = staff_prepare(db,
		"SELECT " COLUMNS " FROM contact c WHERE c.state = 3 AND EXISTS ("
		" SELECT 1 FROM seal s JOIN sealing k ON k.id = s.key WHERE s.contact = c.id"
		" AND ((k.kind = 1 AND k.staff = ?1) OR (?2 AND k.kind = 2)))"
		" AND (?3 = 0 OR (c.closed, c.id) < (SELECT closed, id FROM contact WHERE id = ?3))"
		" ORDER BY c.closed DESC, c.id DESC LIMIT ?4");
	int code;

	sqlite3_bind_int64(list, 1, staff);
	sqlite3_bind_int(list, 2, all);
	sqlite3_bind_int64(list, 3, (int64_t)before);
	sqlite3_bind_int64(list, 4, most);
	while ((code = sqlite3_step(list)) == SQLITE_ROW) {
		struct archive_contact contact = contact_of(list);
		on_contact(arg, &contact);
	}
	sqlite3_finalize(list);
	return code == SQLITE_DONE ? OK : ERR_IO;
}

enum err archive_all(struct staff_db *db,
	void (*on_contact)(void *arg, const struct archive_contact *contact), void *arg)
{
	sqlite3_stmt *list
		= staff_prepare(db, "SELECT " COLUMNS " FROM contact c WHERE c.state = 3");
	int code;

	while ((code = sqlite3_step(list)) == SQLITE_ROW) {
		struct archive_contact contact = contact_of(list);
		on_contact(arg, &contact);
	}
	sqlite3_finalize(list);
	return code == SQLITE_DONE ? OK : ERR_IO;
}

enum err archive_find(struct staff_db *db, uint64_t contact, struct archive_contact *contact_r)
{
	sqlite3_stmt *find = staff_prepare(
		db, "SELECT " COLUMNS " FROM contact c WHERE c.id = ?1 AND c.state = 3");
	int code;

	sqlite3_bind_int64(find, 1, (int64_t)contact);
	code = sqlite3_step(find);
	if (code == SQLITE_ROW)
		*contact_r = contact_of(find);
	sqlite3_finalize(find);
	return code == SQLITE_ROW ? OK : code == SQLITE_DONE ? ERR_NOT_FOUND : ERR_IO;
}

enum err archive_seals(struct staff_db *db, uint64_t contact,
	void (*on_seal)(void *arg, const struct archive_seal *seal), void *arg)
{
	sqlite3_stmt *list = staff_prepare(db,
		"SELECT s.key, k.kind, k.staff, s.sealed FROM seal s JOIN sealing k ON k.id = s.key"
		" JOIN contact c ON c.id = s.contact WHERE s.contact = ?1 AND c.state = 3"
		" ORDER BY s.key DESC");
	int code;

	sqlite3_bind_int64(list, 1, (int64_t)contact);
	while ((code = sqlite3_step(list)) == SQLITE_ROW) {
		struct archive_seal seal = { .key = (uint32_t)sqlite3_column_int64(list, 0),
			.kind = (enum key_kind)sqlite3_column_int(list, 1),
			.staff = (uint32_t)sqlite3_column_int64(list, 2) };
		if (sqlite3_column_bytes(list, 3) != KEYS_SEALED_SIZE)
			break;
		memcpy(seal.sealed, sqlite3_column_blob(list, 3), KEYS_SEALED_SIZE);
		on_seal(arg, &seal);
	}
	sqlite3_finalize(list);
	return code == SQLITE_DONE ? OK : code == SQLITE_ROW ? ERR_CORRUPT : ERR_IO;
}

enum err archive_events(struct staff_db *db, uint64_t contact, uint32_t after,
	bool (*on_event)(void *arg, const struct archive_event *event), void *arg)
{
	sqlite3_stmt *list = staff_prepare(db,
		"SELECT seq, staff, kind, author, time, body, meta FROM event"
		" WHERE contact = ?1 AND seq > ?2 ORDER BY seq");
	int code;
	bool more = true;

	sqlite3_bind_int64(list, 1, (int64_t)contact);
	sqlite3_bind_int64(list, 2, after);
	while (more && (code = sqlite3_step(list)) == SQLITE_ROW) {
		struct archive_event event = { .seq = (uint32_t)sqlite3_column_int64(list, 0),
			.staff = (uint32_t)sqlite3_column_int64(list, 1),
			.kind = (enum event_kind)sqlite3_column_int(list, 2),
			.author = (enum author)sqlite3_column_int(list, 3),
			.time = sqlite3_column_int64(list, 4),
			.body = sqlite3_column_blob(list, 5),
			.meta = sqlite3_column_blob(list, 6),
			.body_length = (uint32_t)sqlite3_column_bytes(list, 5),
			.meta_length = (uint32_t)sqlite3_column_bytes(list, 6) };
		more = on_event(arg, &event);
	}
	sqlite3_finalize(list);
	return !more || code == SQLITE_DONE ? OK : ERR_IO;
}

#define SEAL_CURRENT                                                                               \
	" INTO seal (contact, key, sealed) SELECT c.id, k.id, ?3 FROM contact c, sealing k"        \
	" WHERE c.id = ?1 AND c.state = 3 AND k.id = ?2 AND k.retired = 0"

static enum err put_seal(struct staff_db *db, const char *sql, uint64_t contact, uint32_t key,
	const uint8_t sealed[KEYS_SEALED_SIZE])
{
	sqlite3_stmt *put = staff_prepare(db, sql);
	enum err err;

	sqlite3_bind_int64(put, 1, (int64_t)contact);
	sqlite3_bind_int64(put, 2, key);
	sqlite3_bind_blob(put, 3, sealed, KEYS_SEALED_SIZE, SQLITE_STATIC);
	err = staff_finish(put);
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_STALE;
}

enum err archive_reseal(struct staff_db *db, uint64_t contact, uint32_t key,
	const uint8_t sealed[KEYS_SEALED_SIZE])
{
	return put_seal(db, "INSERT OR REPLACE" SEAL_CURRENT, contact, key, sealed);
}

static bool has_seal(struct staff_db *db, uint64_t contact, uint32_t key)
{
	sqlite3_stmt *one
		= staff_prepare(db, "SELECT 1 FROM seal WHERE contact = ?1 AND key = ?2");
	bool has;

	sqlite3_bind_int64(one, 1, (int64_t)contact);
	sqlite3_bind_int64(one, 2, key);
	has = sqlite3_step(one) == SQLITE_ROW;
	sqlite3_finalize(one);
	return has;
}

enum err archive_seal_add(struct staff_db *db, uint64_t contact, uint32_t key,
	const uint8_t sealed[KEYS_SEALED_SIZE], bool *added_r)
{
	enum err err = put_seal(db, "INSERT OR IGNORE" SEAL_CURRENT, contact, key, sealed);

	*added_r = !err;
	return err == ERR_STALE && has_seal(db, contact, key) ? OK : err;
}

enum err archive_drop_retired(struct staff_db *db, enum key_kind kind)
{
	sqlite3_stmt *drop = staff_prepare(db,
		"DELETE FROM seal WHERE key IN (SELECT id FROM sealing WHERE kind = ?1 AND retired)"
		" AND contact IN (SELECT s.contact FROM seal s JOIN sealing k ON k.id = s.key"
		" JOIN sealing o ON o.id = seal.key"
		" WHERE k.kind = ?1 AND k.retired = 0 AND k.staff = o.staff)");
	sqlite3_bind_int(drop, 1, (int)kind);
	return staff_finish(drop);
}

enum err archive_open(const uint8_t key[SEAL_KEY_SIZE], uint64_t contact,
	const struct archive_event *event, bool meta, uint8_t *plain_r)
{
	struct seal_place place
		= { contact, event->seq, event->kind, meta ? FIELD_META : FIELD_BODY };
	return seal_open(key, &place, meta ? event->meta : event->body,
		meta ? event->meta_length : event->body_length, plain_r);
}
