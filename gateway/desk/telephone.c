/* What a line, rather than a person's words, tells the desk. */
#include "desk/private.h"

#include <stdio.h>
#include <string.h>

void desk_lines(struct desk *desk, const struct desk_lines *lines)
{
	desk->lines = lines ? *lines : (struct desk_lines) { 0 };
}

enum err desk_order(struct desk *desk, uint32_t staff, uint64_t contact, enum desk_order order)
{
	return desk->lines.order ? desk->lines.order(desk->lines.arg, staff, contact, order)
				 : ERR_NOT_FOUND;
}

static enum err note_stage(
	struct desk *desk, uint64_t id, const char *stage, uint32_t staff, const char *client_id)
{
	struct contact *contact = desk_contact(desk, id);
	struct pending *op;
	struct store_write write = { .change = CHANGE_NONE };
	char body[80];

	if (!contact)
		return ERR_NOT_FOUND;
	if (contact->state == CONTACT_CLOSED)
		return ERR_STALE;
	write.event = (struct event) { .contact = id,
		.kind = EVENT_CALL,
		.author = AUTHOR_SYSTEM,
		.staff = staff,
		.body = body,
		.body_length = (uint32_t)snprintf(body, sizeof body, "{\"stage\":\"%.*s\"}",
			CONTACT_CALL_MAX, stage) };
	op = pending_create(desk);
	op->kind = COMMAND_NOTE;
	snprintf(op->id, sizeof op->id, "%s", client_id);
	return submit_write(desk, op, &write);
}

enum err desk_call_note(struct desk *desk, uint64_t id, const char *stage, uint32_t staff)
{
	return note_stage(desk, id, stage, staff, "");
}

enum err desk_call_heard(struct desk *desk, uint64_t id, uint32_t staff)
{
	char once[EVENT_CLIENT_ID_MAX + 1];
	snprintf(once, sizeof once, "heard-%u", staff);
	return note_stage(desk, id, "heard", staff, once);
}

enum err desk_call_recording(struct desk *desk, uint64_t id, uint64_t port, const char *piece,
	const uint8_t *body, size_t length)
{
	struct contact *contact = desk_contact(desk, id);
	struct pending *op;
	struct store_write write = { .change = CHANGE_NONE,
		.event = { .contact = id,
			.kind = EVENT_RECORDING,
			.author = AUTHOR_VISITOR,
			.body = (const char *)body,
			.body_length = (uint32_t)length } };

	if (!contact)
		return ERR_NOT_FOUND;
	if (contact->state == CONTACT_CLOSED)
		return ERR_STALE;
	if (length <= DESK_PIECE_HEAD || length > DESK_PIECE_HEAD + DESK_PIECE_BYTES
		|| strlen(piece) > EVENT_CLIENT_ID_MAX)
		return ERR_INVALID;
	op = pending_create(desk);
	op->kind = COMMAND_NOTE;
	op->port = port;
	snprintf(op->id, sizeof op->id, "%s", piece);
	return submit_write(desk, op, &write);
}

void desk_call_back(struct desk *desk, uint64_t id)
{
	struct contact *contact = desk_contact(desk, id);
	if (contact && contact->state == CONTACT_TAKEN)
		submit_system(desk, contact, COMMAND_RETURN, "telephone");
}

enum err desk_call_level(struct desk *desk, uint64_t id, uint64_t port)
{
	static const char reason[] = "9", level[] = "{\"level\":\"serious\"}";
	struct contact *contact = desk_contact(desk, id);
	struct pending *op;
	struct store_write write = { .change = CHANGE_NONE,
		.event = { .contact = id,
			.kind = EVENT_LEVEL,
			.author = AUTHOR_VISITOR,
			.body = reason,
			.body_length = sizeof reason - 1,
			.meta = level,
			.meta_length = sizeof level - 1 } };

	if (!contact)
		return ERR_NOT_FOUND;
	if (contact->state == CONTACT_CLOSED)
		return ERR_STALE;
	op = pending_create(desk);
	op->kind = COMMAND_LEVEL;
	op->port = port;
	snprintf(op->id, sizeof op->id, "danger");
	return submit_write(desk, op, &write);
}
