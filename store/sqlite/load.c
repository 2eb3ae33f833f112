#include "base/mem.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char open_contacts[]
	= "SELECT id, channel, state, epoch, owner, last_seq, opened, token, key,"
	  " counsellor, EXISTS (SELECT 1 FROM return_code r WHERE r.contact = contact.id)"
	  " FROM contact WHERE state <> 3 ORDER BY opened, id";
static const char events_of[] = "SELECT r.contact, r.seq, r.kind, r.author, r.staff, r.time,"
				" r.client_id, r.body, r.meta FROM place p JOIN recent r ON r.id = p.row"
				" WHERE p.contact = ?1 ORDER BY p.seq";

/* Every one of them, by the contact's own count. */
static enum err load_events(sqlite3_stmt *read, const struct store_contact *contact,
	const uint8_t key[SEAL_KEY_SIZE],
	void (*on_event)(void *arg, const struct event *event), void *arg)
{
	uint32_t seq = 0;
	int code;

	sqlite3_reset(read);
	sqlite3_bind_int64(read, 1, (int64_t)contact->id);
	while ((code = sqlite3_step(read)) == SQLITE_ROW) {
		struct event event;
		enum err err = event_unseal(read, key, &event);
		if (!err && event.seq != ++seq) {
			event_free(&event);
			err = ERR_CORRUPT;
		}
		if (err)
			return err;
		on_event(arg, &event);
		event_free(&event);
	}
	if (code != SQLITE_DONE)
		return ERR_IO;
	return seq == contact->last_seq ? OK : ERR_CORRUPT;
}

static enum err load_contact(sqlite3_stmt *row, struct store_contact *contact_r,
	const uint8_t server[SEAL_KEY_SIZE], uint8_t key_r[SEAL_KEY_SIZE])
{
	*contact_r = (struct store_contact) { .id = (uint64_t)sqlite3_column_int64(row, 0),
		.channel = (enum channel)sqlite3_column_int(row, 1),
		.state = (enum contact_state)sqlite3_column_int(row, 2),
		.epoch = (uint32_t)sqlite3_column_int64(row, 3),
		.owner = (uint32_t)sqlite3_column_int64(row, 4),
		.last_seq = (uint32_t)sqlite3_column_int64(row, 5),
		.opened = sqlite3_column_int64(row, 6),
		.counsellor = (uint32_t)sqlite3_column_int64(row, 9),
		.coded = sqlite3_column_int(row, 10) };
	if (sqlite3_column_bytes(row, 7) != STORE_TOKEN_SIZE || !row_state_good(contact_r->state)
		|| !row_channel_good(contact_r->channel))
		return ERR_CORRUPT;
	memcpy(contact_r->token, sqlite3_column_blob(row, 7), STORE_TOKEN_SIZE);
	return seal_unwrap(server, contact_r->id, sqlite3_column_blob(row, 8),
		(size_t)sqlite3_column_bytes(row, 8), key_r);
}

/* On a connection of its own: the writer's belongs to its thread. */
enum err store_load(struct store *store,
	void (*on_contact)(void *arg, const struct store_contact *contact),
	void (*on_event)(void *arg, const struct event *event), void *arg)
{
	sqlite3 *sqlite = NULL;
	sqlite3_stmt *contacts = NULL, *events = NULL;
	uint8_t key[SEAL_KEY_SIZE];
	struct store_contact contact;
	int code = SQLITE_DONE;
	enum err err = OK;

	if (sqlite3_open_v2(store->path, &sqlite,
		    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL)
		|| sqlite3_prepare_v2(sqlite, open_contacts, -1, &contacts, NULL)
		|| recent_places(sqlite) || sqlite3_prepare_v2(sqlite, events_of, -1, &events, NULL))
		err = ERR_IO;
	while (!err && (code = sqlite3_step(contacts)) == SQLITE_ROW) {
		err = load_contact(contacts, &contact, store->key, key);
		if (err)
			break;
		on_contact(arg, &contact);
		err = load_events(events, &contact, key, on_event, arg);
	}
	if (!err && code != SQLITE_DONE)
		err = ERR_IO;
	sodium_memzero(key, sizeof key);
	sqlite3_finalize(contacts);
	sqlite3_finalize(events);
	sqlite3_close(sqlite);
	return err;
}
