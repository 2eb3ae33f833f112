#include "store/sqlite/private.h"

#include <sodium.h>
#include <string.h>

enum { FIELD_SETTINGS = 7 };

bool staff_telephone_fits(const char *telephone)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "+:@._-;=/";
	size_t length = strlen(telephone);
	return length <= STAFF_TELEPHONE_MAX && strspn(telephone, good) == length;
}

enum err staff_settings_put(struct staff_db *db, uint32_t staff, const char *settings)
{
	struct seal_place place = { .contact = staff, .field = FIELD_SETTINGS };
	uint8_t sealed[STAFF_SETTINGS_MAX + SEAL_OVERHEAD];
	size_t length = strlen(settings);
	sqlite3_stmt *put;
	enum err err;

	if (length > STAFF_SETTINGS_MAX)
		return ERR_TOO_LONG;
	put = staff_prepare(db, "INSERT OR REPLACE INTO staff_settings (staff, sealed)"
		" SELECT id, ?2 FROM staff WHERE id = ?1 AND NOT disabled");
	seal_close(db->server, &place, settings, length, sealed);
	sqlite3_bind_int64(put, 1, staff);
	sqlite3_bind_blob(put, 2, sealed, (int)(length + SEAL_OVERHEAD), SQLITE_STATIC);
	err = staff_finish(put);
	return err ? err : sqlite3_changes(db->sqlite) ? OK : ERR_NOT_FOUND;
}

static enum err unseal(const struct staff_db *db, sqlite3_stmt *row, uint32_t staff, char *settings_r)
{
	struct seal_place place = { .contact = staff, .field = FIELD_SETTINGS };
	int size = sqlite3_column_bytes(row, 0);

	if (size < SEAL_OVERHEAD || size > STAFF_SETTINGS_MAX + SEAL_OVERHEAD)
		return ERR_CORRUPT;
	settings_r[size - SEAL_OVERHEAD] = '\0';
	return seal_open(db->server, &place, sqlite3_column_blob(row, 0), (size_t)size,
		(uint8_t *)settings_r);
}

enum err staff_settings_get(
	struct staff_db *db, uint32_t staff, char settings_r[STAFF_SETTINGS_MAX + 1])
{
	sqlite3_stmt *find
		= staff_prepare(db, "SELECT sealed FROM staff_settings WHERE staff = ?1");
	enum err err;
	int code;

	*settings_r = '\0';
	sqlite3_bind_int64(find, 1, staff);
	code = sqlite3_step(find);
	err = code == SQLITE_ROW ? unseal(db, find, staff, settings_r)
		: code == SQLITE_DONE ? OK
				      : ERR_IO;
	sqlite3_finalize(find);
	return err;
}

enum err staff_settings_drop(struct staff_db *db, uint32_t staff)
{
	sqlite3_stmt *drop = staff_prepare(db, "DELETE FROM staff_settings WHERE staff = ?1");
	sqlite3_bind_int64(drop, 1, staff);
	return staff_finish(drop);
}
