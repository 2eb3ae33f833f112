#include "store/letters.h"
#include "base/mem.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_LETTER = 6 };

enum err letters_open(
	const char *folder, struct letters **letters_r, char *error, size_t error_size)
{
	struct letters *letters = mem_alloc(sizeof *letters);
	enum err err = staff_open(folder, &letters->db, error, error_size);

	if (err) {
		free(letters);
		return err;
	}
	*letters_r = letters;
	return OK;
}

void letters_close(struct letters **letters)
{
	if (!*letters)
		return;
	staff_close(&(*letters)->db);
	free(*letters);
	*letters = NULL;
}

/* Bound to the id, so that no sealed value can be moved to another row. */
static struct seal_place place_of(const char *id, enum letter_kind kind)
{
	struct seal_place place = { .kind = kind, .field = FIELD_LETTER };
	uint8_t hash[16];

	crypto_generichash(hash, sizeof hash, (const unsigned char *)id, strlen(id), NULL, 0);
	memcpy(&place.contact, hash, sizeof place.contact);
	return place;
}

enum err letters_put(struct letters *letters, const struct letter *letter)
{
	struct seal_place place = place_of(letter->id, letter->kind);
	uint8_t *sealed;
	sqlite3_stmt *put;
	enum err err;

	if (!*letter->id || letter->length > LETTER_BYTES_MAX)
		return ERR_INVALID;
	sealed = mem_alloc(letter->length + SEAL_OVERHEAD);
	seal_close(letters->db->server, &place, letter->bytes, letter->length, sealed);
	put = staff_prepare(letters->db,
		"INSERT INTO letter VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE "
		"SET sealed = ?3, attempts = ?4, due = ?5, dead = ?7, error = ?8");
	sqlite3_bind_text(put, 1, letter->id, -1, SQLITE_STATIC);
	sqlite3_bind_int(put, 2, (int)letter->kind);
	sqlite3_bind_blob(put, 3, sealed, (int)(letter->length + SEAL_OVERHEAD), SQLITE_STATIC);
	sqlite3_bind_int64(put, 4, letter->attempts);
	sqlite3_bind_int64(put, 5, letter->due);
	sqlite3_bind_int64(put, 6, letter->since);
	sqlite3_bind_int(put, 7, letter->dead);
	sqlite3_bind_text(put, 8, letter->error, -1, SQLITE_STATIC);
	err = staff_finish(put);
	free(sealed);
	return err;
}

enum err letters_drop(struct letters *letters, const char *id)
{
	sqlite3_stmt *drop = staff_prepare(letters->db, "DELETE FROM letter WHERE id = ?1");
	sqlite3_bind_text(drop, 1, id, -1, SQLITE_STATIC);
	return staff_finish(drop);
}

enum err letters_revive(struct letters *letters, const char *id)
{
	sqlite3_stmt *revive = staff_prepare(letters->db,
		"UPDATE letter SET dead = 0, attempts = 0, due = 0 WHERE dead = 1 AND (?1 IS NULL OR "
		"id = ?1)");
	enum err err;

	if (id)
		sqlite3_bind_text(revive, 1, id, -1, SQLITE_STATIC);
	err = staff_finish(revive);
	return !err && id && !sqlite3_changes(letters->db->sqlite) ? ERR_NOT_FOUND : err;
}

static void copy_text(sqlite3_stmt *row, int column, char *to, size_t size)
{
	const char *from = (const char *)sqlite3_column_text(row, column);
	snprintf(to, size, "%s", from ? from : "");
}

static uint8_t *unseal(const struct letters *letters, sqlite3_stmt *row, struct letter *letter)
{
	struct seal_place place = place_of(letter->id, letter->kind);
	size_t length = (size_t)sqlite3_column_bytes(row, 2);
	uint8_t *plain;

	if (length < SEAL_OVERHEAD)
		return NULL;
	plain = mem_alloc(length - SEAL_OVERHEAD + 1);
	if (seal_open(letters->db->server, &place, sqlite3_column_blob(row, 2), length, plain)) {
		free(plain);
		return NULL;
	}
	letter->length = length - SEAL_OVERHEAD;
	return plain;
}

enum err letters_each(struct letters *letters, enum letter_kind kind,
	void (*on_letter)(void *arg, const struct letter *letter), void *arg)
{
	sqlite3_stmt *all = staff_prepare(letters->db,
		"SELECT id, kind, sealed, attempts, due, since, dead, error FROM letter"
		" WHERE kind = ?1 ORDER BY since, id");
	int code;

	sqlite3_bind_int(all, 1, (int)kind);
	while ((code = sqlite3_step(all)) == SQLITE_ROW) {
		struct letter letter = { .kind = kind,
			.attempts = (uint32_t)sqlite3_column_int64(all, 3),
			.due = sqlite3_column_int64(all, 4),
			.since = sqlite3_column_int64(all, 5),
			.dead = sqlite3_column_int(all, 6) };
		uint8_t *plain;
		copy_text(all, 0, letter.id, sizeof letter.id);
		copy_text(all, 7, letter.error, sizeof letter.error);
		letter.bytes = plain = unseal(letters, all, &letter);
		on_letter(arg, &letter);
		if (plain)
			sodium_memzero(plain, letter.length);
		free(plain);
	}
	sqlite3_finalize(all);
	return code == SQLITE_DONE ? OK : ERR_IO;
}
