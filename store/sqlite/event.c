#include "base/mem.h"
#include "store/sqlite/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static enum err unseal_column(sqlite3_stmt *row, int column, const uint8_t key[SEAL_KEY_SIZE],
	const struct event *event, uint32_t field, char **bytes_r, uint32_t *length_r)
{
	struct seal_place place = { event->contact, event->seq, event->kind, field };
	const uint8_t *sealed = sqlite3_column_blob(row, column);
	size_t length = (size_t)sqlite3_column_bytes(row, column);
	char *plain;

	*bytes_r = NULL;
	*length_r = 0;
	if (!length)
		return OK;
	if (length < SEAL_OVERHEAD || length - SEAL_OVERHEAD > EVENT_BODY_MAX)
		return ERR_CORRUPT;
	plain = mem_alloc(length - SEAL_OVERHEAD + 1);
	if (seal_open(key, &place, sealed, length, (uint8_t *)plain)) {
		free(plain);
		return ERR_CORRUPT;
	}
	*bytes_r = plain;
	*length_r = (uint32_t)(length - SEAL_OVERHEAD);
	return OK;
}

bool row_state_good(enum contact_state state)
{
	return state >= CONTACT_WAITING && state <= CONTACT_CLOSED;
}

bool row_channel_good(enum channel channel)
{
	return channel >= CHANNEL_CHAT && channel <= CHANNEL_TELEPHONE;
}

/* What is not sealed may be anything, in a file that somebody changed. */
static bool within(const struct event *event, int64_t seq)
{
	return seq > 0 && seq <= UINT32_MAX && event->kind >= EVENT_OPENED && event->kind < EVENT_KINDS
		&& event->author >= AUTHOR_SYSTEM && event->author <= AUTHOR_COUNSELLOR;
}

static bool client_id_good(const char *id)
{
	static const char good[]
		= "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strlen(id);
	return length <= EVENT_CLIENT_ID_MAX && strspn(id, good) == length;
}

/* row: the columns of READ_EVENTS. */
enum err event_unseal(
	sqlite3_stmt *row, const uint8_t key[SEAL_KEY_SIZE], struct event *event_r)
{
	const char *client_id = (const char *)sqlite3_column_text(row, 6);
	char *body, *meta;
	enum err err;

	*event_r = (struct event) { .contact = (uint64_t)sqlite3_column_int64(row, 0),
		.seq = (uint32_t)sqlite3_column_int64(row, 1),
		.kind = (enum event_kind)sqlite3_column_int(row, 2),
		.author = (enum author)sqlite3_column_int(row, 3),
		.staff = (uint32_t)sqlite3_column_int64(row, 4),
		.time = sqlite3_column_int64(row, 5) };
	if (!within(event_r, sqlite3_column_int64(row, 1)))
		return ERR_CORRUPT;
	if (client_id && client_id_good(client_id))
		strcpy(event_r->client_id, client_id);
	err = unseal_column(row, 7, key, event_r, FIELD_BODY, &body, &event_r->body_length);
	event_r->body = body;
	if (err)
		return err;
	err = unseal_column(row, 8, key, event_r, FIELD_META, &meta, &event_r->meta_length);
	event_r->meta = meta;
	if (err)
		event_free(event_r);
	return err;
}

void event_free(struct event *event)
{
	if (event->body)
		sodium_memzero((char *)event->body, event->body_length);
	if (event->meta)
		sodium_memzero((char *)event->meta, event->meta_length);
	free((char *)event->body);
	free((char *)event->meta);
	event->body = event->meta = NULL;
}
