#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "desk/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void derive(
	const struct desk *desk, char what, const char *start_id, uint8_t *out, size_t size)
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, desk->visitor_key, sizeof desk->visitor_key, size);
	crypto_generichash_update(&state, (const unsigned char *)&what, 1);
	crypto_generichash_update(&state, (const unsigned char *)start_id, strlen(start_id));
	crypto_generichash_final(&state, out, size);
}

/* From the page's random start id, so that a start sent again gives the same conversation even when
 * the first answer was lost and we were restarted in between. */
void secret_of(const struct desk *desk, const char *start_id, uint64_t *contact_r,
	char secret_r[DESK_SECRET_SIZE])
{
	uint8_t id[16], secret[32];

	derive(desk, 'c', start_id, id, sizeof id);
	memcpy(contact_r, id, sizeof *contact_r);
	*contact_r &= INT64_MAX; /* as the store's columns */
	if (!*contact_r)
		*contact_r = 1;
	derive(desk, 's', start_id, secret, sizeof secret);
	sodium_bin2base64(secret_r, DESK_SECRET_SIZE, secret, sizeof secret,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(secret, sizeof secret);
}

void secret_token(const char *secret, uint8_t token_r[STORE_TOKEN_SIZE])
{
	crypto_generichash(token_r, STORE_TOKEN_SIZE, (const unsigned char *)secret,
		strlen(secret), NULL, 0);
}

/* What unwraps the contact's key for its visitor. It is made when it is needed, and never stored. */
void secret_opener(const char *secret, uint8_t opener_r[STORE_TOKEN_SIZE])
{
	static const unsigned char label[] = "onthaal.opener.1";
	crypto_generichash(opener_r, STORE_TOKEN_SIZE, (const unsigned char *)secret,
		strlen(secret), label, sizeof label - 1);
}

struct pending *pending_create(struct desk *desk)
{
	struct pending *op = desk->free_pending, *before;

	if (op) {
		desk->free_pending = op->next;
		before = op->made_before;
	} else {
		op = mem_alloc(sizeof *op);
		before = desk->made_pending;
		desk->made_pending = op;
	}
	*op = (struct pending) { .desk = desk, .made_before = before };
	return op;
}

void pending_destroy(struct pending *op)
{
	struct desk *desk = op->desk;
	struct pending *before = op->made_before;

	free(op->event);
	sodium_memzero(op, sizeof *op);
	op->made_before = before;
	op->next = desk->free_pending;
	desk->free_pending = op;
}

static void bind_port(struct desk *desk, struct contact *contact, uint64_t id)
{
	struct port *port = ports_find(desk, id), *former = ports_find(desk, contact->port);
	struct contact *before;

	if (!port || contact->port == id)
		return;
	before = desk_contact(desk, port->contact); /* an ended one */
	if (before && before->port == id) {
		before->port = 0;
		before->left_mono = clock_mono();
	}
	if (former && former->listener->on_replaced)
		former->listener->on_replaced(former->arg);
	if (former)
		former->contact = 0;
	port->contact = contact->id;
	contact->port = id;
	contact->left_mono = 0;
	if (contact->state != CONTACT_CLOSED)
		contact->network = port->network;
	contact->told_place = 0;
}

struct contact *submit_bind(struct desk *desk, struct contact *contact, uint64_t port)
{
	bind_port(desk, contact, port);
	return contact;
}

static const struct contact_event *event_of(const struct contact *contact, uint32_t seq)
{
	for (uint32_t i = contact->event_count; i-- > 0;)
		if (contact->events[i]->seq == seq)
			return contact->events[i];
	return NULL;
}

/* A retry is answered as the first time, unless its id named something else then, or what it took
 * was lost since. */
static enum err answer_of(const struct pending *op, const struct contact *contact,
	const struct store_outcome *outcome)
{
	const struct contact_event *first;

	if (outcome->err || !contact)
		return outcome->err ? outcome->err : ERR_STALE;
	if (!outcome->duplicate)
		return OK;
	first = event_of(contact, outcome->seq);
	if (!first || first->kind != op->event->kind || first->author != op->event->author)
		return ERR_INVALID;
	return op->kind == COMMAND_TAKE && contact->owner != op->staff ? ERR_STALE : OK;
}

static struct contact *settle(
	struct desk *desk, struct pending *op, const struct store_outcome *outcome)
{
	struct contact *contact = desk_contact(desk, op->contact);

	if (contact && contact->inflight)
		contact->inflight--;
	if (op->kind == COMMAND_TAKE)
		counsellor_get(desk, op->staff)->taking--;
	if (contact && contact->claiming == op->staff
		&& (op->kind == COMMAND_TAKE || op->staff == DESK_ITSELF))
		contact->claiming = 0;
	if (outcome->err || outcome->duplicate)
		return contact;
	if (op->kind == COMMAND_START && !contact)
		contact = apply_open(desk, op->contact, op->channel, op->token);
	if (!contact)
		return NULL;
	op->event->seq = outcome->seq;
	apply_event(desk, contact, op->event, op->port);
	op->event = NULL;
	return contact;
}

static void started(struct desk *desk, const struct pending *op)
{
	struct port *port = ports_find(desk, op->port);
	if (port && port->starting == op->contact)
		port->starting = 0;
}

void submit_on_done(void *arg, const struct store_outcome *outcome)
{
	struct pending *op = arg;
	struct desk *desk = op->desk;
	struct contact *contact = settle(desk, op, outcome);
	struct desk_reply reply = { .kind = op->kind,
		.id = op->id,
		.err = answer_of(op, contact, outcome),
		.contact = contact,
		.seq = outcome->seq,
		.owner = outcome->owner,
		.secret = *op->secret ? op->secret : NULL };

	if (op->kind == COMMAND_START)
		started(desk, op);
	if (op->kind == COMMAND_REOPEN && !outcome->err && !contact) {
		reply.err = recall_reopened(desk, op);
		if (!reply.err)
			return;
	}
	if (!reply.err) {
		const struct contact_event *event = event_of(contact, outcome->seq);
		if (op->kind == COMMAND_START || op->kind == COMMAND_REOPEN)
			bind_port(desk, contact, op->port);
		reply.n = event ? event->n : 0;
	}
	if (outcome->err == ERR_CORRUPT || outcome->err == ERR_IO)
		log_error("store refused a write", "err=%s", err_word(outcome->err));
	tell_reply(desk, op->port, &reply);
	pending_destroy(op);
}

enum err desk_visitor_attach(struct desk *desk, const char *secret,
	const struct desk_listener *listener, void *arg, uint64_t *port_r,
	struct contact **contact_r)
{
	uint8_t token[STORE_TOKEN_SIZE];
	struct contact *contact = NULL;

	if (!secret || strlen(secret) != DESK_SECRET_SIZE - 1)
		return ERR_NOT_FOUND;
	secret_token(secret, token);
	HASH_FIND(by_token, desk->by_token, token, sizeof token, contact);
	if (!contact || contact->state == CONTACT_CLOSED)
		return ERR_NOT_FOUND;
	*port_r = desk_visitor_port(desk, listener, arg);
	bind_port(desk, contact, *port_r);
	contact->gone = false;
	tell_changed(desk, contact, false);
	*contact_r = contact;
	return OK;
}
