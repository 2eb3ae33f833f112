/* Contacts that are not in memory (any more), for the visitor who holds the secret. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "desk/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct asking { /* for a port, by a visitor */
	struct desk *desk;
	uint64_t port;
};

static struct contact *rebuild(
	const struct store_contact *found, const struct event *events, size_t count)
{
	struct contact *contact = contact_create(found->id);

	contact->channel = found->channel;
	contact->state = found->state;
	for (size_t i = 0; i < count; i++) {
		contact_keep(contact, contact_event_create(&events[i]));
		if (events[i].kind == EVENT_OPENED || events[i].kind == EVENT_ANSWERS)
			contact_answers_read(events[i].body, events[i].body_length,
				&contact->answers,
				events[i].kind == EVENT_OPENED ? &contact->practice : NULL);
	}
	return contact;
}

static void on_recalled(void *arg, enum err err, const struct store_contact *found,
	const struct event *events, size_t count)
{
	struct asking *asking = arg;
	struct port *port = ports_find(asking->desk, asking->port);
	struct contact *contact = err ? NULL : rebuild(found, events, count);

	if (err && err != ERR_NOT_FOUND)
		log_error("recall failed", "err=%s", err_word(err));
	if (port && port->listener->on_recalled) {
		ports_touch(asking->desk, port);
		port->listener->on_recalled(port->arg, err, contact);
	}
	if (contact)
		contact_wipe(contact);
	contact_destroy(&contact);
	free(asking);
}

static enum err ask_store(
	struct desk *desk, const char *secret, store_recall_done *done, void *arg)
{
	uint8_t token[STORE_TOKEN_SIZE], opener[STORE_TOKEN_SIZE];
	enum err err;

	secret_token(secret, token);
	secret_opener(secret, opener);
	err = store_recall(desk->store, token, opener, done, arg);
	sodium_memzero(opener, sizeof opener);
	return err;
}

enum err desk_visitor_recall(struct desk *desk, uint64_t port, const char *secret)
{
	struct asking *asking;
	enum err err;

	if (!secret || strlen(secret) != DESK_SECRET_SIZE - 1)
		return ERR_NOT_FOUND;
	asking = mem_alloc(sizeof *asking);
	asking->desk = desk;
	asking->port = port;
	err = ask_store(desk, secret, on_recalled, asking);
	if (err)
		free(asking);
	return err;
}

void desk_visitor_coded(struct desk *desk, uint64_t id)
{
	struct contact *contact = desk_contact(desk, id);
	if (contact)
		contact->coded = true;
}

void desk_visitor_token(const char *secret, uint8_t token_r[STORE_TOKEN_SIZE])
{
	secret_token(secret, token_r);
}

/* As at start, but for the last event: that it came back is news. */
static struct contact *put_back(struct desk *desk, const struct store_contact *found,
	const struct event *events, size_t count)
{
	struct contact *contact = apply_open(desk, found->id, found->channel, found->token);

	contact->coded = found->coded;
	desk->loading = true;
	for (size_t i = 0; i + 1 < count; i++)
		apply_event(desk, contact, contact_event_create(&events[i]), 0);
	desk->loading = false;
	if (count)
		apply_event(desk, contact, contact_event_create(&events[count - 1]), 0);
	return contact;
}

static void on_reopened(void *arg, enum err err, const struct store_contact *found,
	const struct event *events, size_t count)
{
	struct pending *op = arg;
	struct desk *desk = op->desk;
	struct contact *contact = desk_contact(desk, op->contact);
	struct desk_reply reply
		= { .kind = op->kind, .id = op->id, .err = err, .secret = op->secret };

	if (!err && !contact)
		contact = put_back(desk, found, events, count);
	if (contact) {
		reply.contact = submit_bind(desk, contact, op->port);
		reply.seq = contact->last_seq;
		reply.n = contact->last_n;
	} else {
		log_error("a reopened contact cannot be read", "err=%s", err_word(err));
	}
	tell_reply(desk, op->port, &reply);
	pending_destroy(op);
}

enum err recall_reopened(struct desk *desk, struct pending *op)
{
	return ask_store(desk, op->secret, on_reopened, op);
}
