#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/hours.h"
#include "desk/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool id_valid(const char *id)
{
	size_t length = 0;

	if (!id)
		return false;
	for (; id[length] && length <= EVENT_CLIENT_ID_MAX; length++)
		if (!(((unsigned char)((id[length] | 0x20) - 'a') < 26)
			    || (unsigned char)(id[length] - '0') < 10 || id[length] == '_'
			    || id[length] == '-'))
			return false;
	return length >= 1 && length <= EVENT_CLIENT_ID_MAX;
}

static size_t characters(const char *text, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

static enum err text_valid(const struct desk *desk, const struct command *command)
{
	if (!command->text || !command->length)
		return ERR_INVALID;
	if (command->length > EVENT_BODY_MAX
		|| (command->length > desk->config->limits.message_characters
			&& characters(command->text, command->length)
				> desk->config->limits.message_characters))
		return ERR_TOO_LONG;
	return OK;
}

/* A leaky bucket in time: each message costs its share of a minute; a whole minute may be owed. */
static bool too_fast(const struct desk *desk, struct contact *contact)
{
	int64_t mono = clock_mono();
	int64_t share = 60000 / desk->config->limits.messages_per_minute;
	int64_t owed = contact->bucket_mono > mono ? contact->bucket_mono : mono;

	if (owed + share - mono > 60000)
		return true;
	contact->bucket_mono = owed + share;
	return false;
}

enum err submit_write(struct desk *desk, struct pending *op, struct store_write *write)
{
	struct contact *contact = desk_contact(desk, write->event.contact);
	enum err err;

	write->event.time = clock_wall();
	if (!*write->event.client_id)
		memcpy(write->event.client_id, op->id, sizeof write->event.client_id);
	op->contact = write->event.contact;
	op->event = contact_event_create(&write->event);
	err = store_append(desk->store, write, submit_on_done, op);
	if (err) {
		desk->refused++;
		pending_destroy(op);
		return err;
	}
	if (contact)
		contact->inflight++;
	return OK;
}

static struct pending *pending_for(struct desk *desk, const struct command *command)
{
	struct pending *op = pending_create(desk);
	op->kind = command->kind;
	op->port = command->port;
	op->staff = command->staff;
	memcpy(op->id, command->id, strlen(command->id) + 1); /* id_valid */
	return op;
}

/* The secret follows from the start id, so the start id is not stored: its hash serves for retries. */
static void start_hash(const char *start_id, char hash_r[EVENT_CLIENT_ID_MAX + 1])
{
	uint8_t hash[24];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)start_id, strlen(start_id),
		(const unsigned char *)"onthaal.start.1", 15);
	sodium_bin2base64(hash_r, EVENT_CLIENT_ID_MAX + 1, hash, sizeof hash,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* One conversation at a time: whoever wants another one ends the first, or opens another line. */
static bool has_another(const struct desk *desk, const struct port *port, uint64_t contact)
{
	const struct contact *other;

	if (!port)
		return false;
	if (port->starting)
		return port->starting != contact;
	other = desk_contact(desk, port->contact);
	return other && other->id != contact && other->state != CONTACT_CLOSED;
}

static enum err submit_start(struct desk *desk, const struct command *command)
{
	char body[128];
	struct pending *op;
	struct store_write write = { .change = CHANGE_OPEN, .channel = command->channel };
	struct port *port = ports_find(desk, command->port);
	uint64_t contact;
	char secret[DESK_SECRET_SIZE], *meta;
	struct triage_result result;
	enum err err;

	if (strlen(command->id) < DESK_START_ID_MIN)
		return ERR_INVALID;
	secret_of(desk, command->id, &contact, secret);
	if (has_another(desk, port, contact))
		return ERR_INVALID;
	if (!desk_contact(desk, contact)) {
		if (!command->practice && command->channel != CHANNEL_TELEPHONE && !desk_open(desk))
			return ERR_DENIED;
		if (desk_blocked(desk, command->port, contact))
			return ERR_BLOCKED;
		if (desk->queue.length >= desk->config->limits.waiting)
			return ERR_LIMIT;
	}
	op = pending_for(desk, command);
	memcpy(op->secret, secret, sizeof secret);
	secret_token(secret, op->token);
	memcpy(write.token, op->token, sizeof op->token);
	op->channel = command->channel;
	write.event = (struct event) { .contact = contact,
		.kind = EVENT_OPENED,
		.author = AUTHOR_VISITOR,
		.body = body,
		.body_length = (uint32_t)snprintf(body, sizeof body,
			"{\"who\":\"%s\",\"where\":\"%s\",\"lang\":\"%s\"%s}", command->answers.who,
			command->answers.where, command->answers.lang,
			command->practice ? ",\"practice\":true" : "") };
	triage_answers(desk->rules, command->answers.who,
		hours_minute(desk->config, clock_wall()), &result);
	meta = flags_write(desk->rules, &result);
	write.event.meta = meta;
	write.event.meta_length = meta ? (uint32_t)strlen(meta) : 0;
	start_hash(command->id, write.event.client_id);
	secret_opener(secret, write.opener);
	sodium_memzero(secret, sizeof secret);
	err = submit_write(desk, op, &write);
	free(meta);
	if (!err && port)
		port->starting = contact;
	return err;
}

static enum err submit_say(struct desk *desk, const struct command *command)
{
	struct contact *contact = desk_contact(desk, command->contact);
	const struct contact_event *known;
	struct store_write write = { .change = CHANGE_NONE };
	char *meta = NULL;
	enum err err = text_valid(desk, command);

	if (err)
		return err;
	if (!contact)
		return ERR_NOT_FOUND;
	known = contact_event_by_id(contact, AUTHOR_VISITOR, command->id);
	write.event = (struct event) { .contact = contact->id,
		.kind = EVENT_MESSAGE,
		.author = AUTHOR_VISITOR,
		.body = command->text,
		.body_length = (uint32_t)command->length };
	if (!known && contact->state == CONTACT_CLOSED)
		return ERR_STALE;
	if (!known) {
		struct triage_result result;
		if (too_fast(desk, contact)
			|| contact->messages >= desk->config->limits.contact_messages)
			return ERR_LIMIT;
		triage_scan(desk->rules, command->text, command->length, contact->answers.lang,
			contact->tail ? contact->tail : "", contact->tail_length, &result);
		contact_tail_add(contact, command->text, command->length);
		meta = flags_write(desk->rules, &result);
		write.event.meta = meta;
		write.event.meta_length = meta ? (uint32_t)strlen(meta) : 0;
	}
	err = submit_write(desk, pending_for(desk, command), &write);
	free(meta);
	return err;
}

static enum err submit_reopen(struct desk *desk, const struct command *command)
{
	struct store_write write = { .change = CHANGE_REOPEN,
		.event = { .contact = command->contact,
			.kind = EVENT_REOPENED,
			.author = AUTHOR_VISITOR } };
	struct contact *remembered = desk_contact(desk, command->contact);
	struct pending *op;
	enum err err;

	if (!command->contact || !command->text || command->length != DESK_SECRET_SIZE - 1)
		return ERR_INVALID;
	if (!desk_open(desk))
		return ERR_DENIED;
	if (desk_blocked(desk, command->port, command->contact))
		return ERR_BLOCKED;
	if (desk->queue.length >= desk->config->limits.waiting)
		return ERR_LIMIT;
	if (remembered && remembered->state != CONTACT_CLOSED)
		return ERR_STALE;
	if (remembered && remembered->inflight)
		return ERR_BUSY;
	if (remembered)
		apply_forget(desk, remembered);
	op = pending_for(desk, command);
	memcpy(op->secret, command->text, command->length);
	secret_opener(op->secret, write.opener);
	err = submit_write(desk, op, &write);
	sodium_memzero(write.opener, sizeof write.opener);
	return err;
}

static enum err submit_leave(struct desk *desk, const struct command *command)
{
	static const char why[] = "{\"why\":\"visitor\"}";
	struct contact *contact = desk_contact(desk, command->contact);
	struct store_write write = { .change = CHANGE_CLOSE,
		.event = { .contact = command->contact,
			.kind = EVENT_CLOSED,
			.author = AUTHOR_VISITOR,
			.meta = why,
			.meta_length = sizeof why - 1 } };

	if (!contact)
		return ERR_NOT_FOUND;
	if (contact->state == CONTACT_CLOSED
		&& !contact_event_by_id(contact, AUTHOR_VISITOR, command->id))
		return ERR_STALE;
	return submit_write(desk, pending_for(desk, command), &write);
}

/* The contact that this very request has taken already, for a retry after a lost answer. */
static struct contact *taken_by_request(
	const struct desk *desk, uint32_t staff, const char *id)
{
	struct contact *each, *next;
	HASH_ITER (by_id, desk->by_id, each, next) {
		const struct contact_event *known;
		if (each->owner != staff)
			continue;
		known = contact_event_by_id(each, AUTHOR_COUNSELLOR, id);
		if (known && known->kind == EVENT_TAKEN)
			return each;
	}
	return NULL;
}

/* Somebody who came back waits a little for who spoke to them before, if that one has room. */
static bool kept_for_another(
	const struct desk *desk, const struct contact *contact, uint32_t staff)
{
	const struct counsellor *former = desk_counsellor(desk, contact->former);

	return contact->reopened && contact->former != staff && contact->level < LEVEL_SERIOUS
		&& clock_wall() - contact->arrived < DESK_SAME_SECONDS * INT64_C(1000) && former
		&& former->duty == DUTY_ON
		&& !former->calls
		&& former->contacts + former->taking < desk->config->desk.capacity;
}

/* The next by order, but first, among those not in danger, whom this counsellor spoke to before. */
static struct contact *first_free(const struct desk *desk, uint32_t staff)
{
	struct contact *first = NULL, *kept = NULL;
	const struct counsellor *counsellor = desk_counsellor(desk, staff);
	bool reachable = counsellor && *counsellor->telephone;

	for (uint32_t i = 0; i < desk->queue.length; i++) {
		struct contact *contact = desk->queue.order[i];
		if (contact->claiming || contact->gone
			|| (contact->channel == CHANNEL_TELEPHONE && !reachable))
			continue;
		if (contact->level == LEVEL_IMMEDIATE
			|| (contact->reopened && contact->former == staff
				&& (!first || contact->practice == first->practice)))
			return first && first->level >= LEVEL_SERIOUS ? first : contact;
		if (kept_for_another(desk, contact, staff))
			kept = kept ? kept : contact;
		else
			first = first ? first : contact;
	}
	return first ? first : kept;
}

static enum err submit_take(struct desk *desk, const struct command *command)
{
	struct counsellor *counsellor = counsellor_get(desk, command->staff);
	struct contact *contact = taken_by_request(desk, command->staff, command->id);
	struct store_write write = { .change = CHANGE_TAKE };
	enum err err;

	if (!contact) {
		if (counsellor->taking && !strcmp(counsellor->taking_id, command->id))
			return ERR_BUSY;
		if (!command->contact && counsellor->duty == DUTY_PAUSE)
			return ERR_DENIED;
		if (counsellor->calls
			|| counsellor->contacts + counsellor->taking >= desk->config->desk.capacity)
			return ERR_LIMIT;
		contact = command->contact ? desk_contact(desk, command->contact)
					   : first_free(desk, command->staff);
		if (!contact)
			return ERR_NOT_FOUND;
		if (contact->state != CONTACT_WAITING)
			return ERR_STALE;
		if (contact->channel == CHANNEL_TELEPHONE && !*counsellor->telephone)
			return ERR_DENIED;
	}
	write.event = (struct event) { .contact = contact->id,
		.kind = EVENT_TAKEN,
		.author = AUTHOR_COUNSELLOR,
		.staff = command->staff };
	err = submit_write(desk, pending_for(desk, command), &write);
	if (err)
		return err;
	counsellor->taking++;
	snprintf(counsellor->taking_id, sizeof counsellor->taking_id, "%s", command->id);
	contact->claiming = command->staff;
	return OK;
}

/* Each is an event, and a row of the audit log. */
static enum err count_level(struct counsellor *counsellor)
{
	int64_t mono = clock_mono();

	if (counsellor->levels_mono < mono)
		counsellor->levels_mono = mono;
	if (counsellor->levels_mono - mono > (DESK_LEVELS - 1) * DESK_LEVEL_SECONDS * 1000)
		return ERR_BUSY;
	counsellor->levels_mono += DESK_LEVEL_SECONDS * 1000;
	return OK;
}

static enum err submit_counsellor(struct desk *desk, const struct command *command)
{
	static const char why[] = "{\"why\":\"counsellor\"}", blocked[] = "{\"why\":\"blocked\"}";
	struct contact *contact = desk_contact(desk, command->contact);
	struct store_write write = { .change = CHANGE_NONE };
	char level[32];
	enum err err;
	bool known;

	if (!contact)
		return ERR_NOT_FOUND;
	known = contact_event_by_id(contact, AUTHOR_COUNSELLOR, command->id);
	write.event = (struct event) { .contact = contact->id,
		.author = AUTHOR_COUNSELLOR,
		.staff = command->staff,
		.body = command->text,
		.body_length = (uint32_t)command->length };
	if (contact->owner == command->staff)
		write.epoch = contact->epoch;
	else if (!known && !(command->kind == COMMAND_LEVEL && contact->state == CONTACT_WAITING))
		return ERR_STALE;
	switch (command->kind) {
	case COMMAND_SAY:
	case COMMAND_NOTE:
		write.event.kind = command->kind == COMMAND_SAY ? EVENT_MESSAGE : EVENT_NOTE;
		err = text_valid(desk, command);
		if (err)
			return err;
		break;
	case COMMAND_LEVEL:
		if (!command->length)
			return ERR_INVALID;
		if (command->length > DESK_REASON_MAX)
			return ERR_TOO_LONG;
		err = known ? OK : count_level(counsellor_get(desk, command->staff));
		if (err)
			return err;
		write.event.kind = EVENT_LEVEL;
		write.event.meta = level;
		write.event.meta_length = (uint32_t)snprintf(level, sizeof level,
			"{\"level\":\"%s\"}", triage_level_word(command->level));
		break;
	case COMMAND_RETURN:
	case COMMAND_CLOSE:
		write.change = command->kind == COMMAND_RETURN ? CHANGE_RETURN : CHANGE_CLOSE;
		write.event.kind = command->kind == COMMAND_RETURN ? EVENT_RETURNED : EVENT_CLOSED;
		write.event.meta = why;
		write.event.meta_length = sizeof why - 1;
		if (command->kind == COMMAND_RETURN || !command->block)
			break;
		if (contact->channel == CHANNEL_TELEPHONE || contact->practice)
			return ERR_INVALID; /* of practice it would be our own network */
		write.blocks = true;
		write.event.meta = blocked;
		write.event.meta_length = sizeof blocked - 1;
		break;
	default:
		return ERR_INVALID;
	}
	return submit_write(desk, pending_for(desk, command), &write);
}

enum err desk_submit(struct desk *desk, const struct command *command)
{
	bool visitor = command->author == AUTHOR_VISITOR;

	if (!id_valid(command->id))
		return ERR_INVALID;
	if (visitor && command->kind == COMMAND_START)
		return submit_start(desk, command);
	if (visitor && command->kind == COMMAND_SAY)
		return submit_say(desk, command);
	if (visitor && command->kind == COMMAND_REOPEN)
		return submit_reopen(desk, command);
	if (visitor && command->kind == COMMAND_LEAVE)
		return submit_leave(desk, command);
	if (visitor || !command->staff
		|| !rights_may(counsellor_get(desk, command->staff)->role, RIGHT_TALK))
		return ERR_DENIED;
	return command->kind == COMMAND_TAKE ? submit_take(desk, command)
					     : submit_counsellor(desk, command);
}

void submit_system(
	struct desk *desk, struct contact *contact, enum command_kind kind, const char *why)
{
	char meta[48];
	bool back = kind == COMMAND_RETURN;
	struct pending *op;
	struct store_write write = { .change = back ? CHANGE_RETURN : CHANGE_CLOSE,
		.epoch = back ? contact->epoch : 0,
		.event = { .contact = contact->id,
			.kind = back ? EVENT_RETURNED : EVENT_CLOSED,
			.author = AUTHOR_SYSTEM,
			.meta = meta } };

	if (contact->claiming == DESK_ITSELF)
		return;
	write.event.meta_length = (uint32_t)snprintf(meta, sizeof meta, "{\"why\":\"%s\"}", why);
	op = pending_create(desk);
	op->kind = kind;
	op->staff = DESK_ITSELF;
	if (!submit_write(desk, op, &write))
		contact->claiming = DESK_ITSELF;
}
