/* Shared by the files of this room alone. */
#ifndef DESK_PRIVATE_H
#define DESK_PRIVATE_H

#include "desk/desk.h"
#include "desk/wait.h"

#define DESK_ITSELF UINT32_MAX /* as staff: done by the desk, not by a person */

struct port {
	uint64_t id; /* 0: free */
	const struct desk_listener *listener;
	void *arg;
	uint64_t contact, starting; /* a visitor's; the one whose START is with the store */
	uint64_t network; /* a visitor's */
	uint32_t staff; /* a counsellor's */
	uint32_t generation;
	bool dirty; /* told something since its last flush */
};

struct id_list {
	uint64_t *ids;
	size_t length, capacity;
};

struct pending { /* a command whose event is with the store */
	struct desk *desk;
	enum command_kind kind;
	uint64_t contact, port;
	uint32_t staff;
	char id[EVENT_CLIENT_ID_MAX + 1];
	char secret[DESK_SECRET_SIZE];
	uint8_t token[STORE_TOKEN_SIZE];
	enum channel channel;
	const char *why; /* constant, of a return or an end */
	struct contact_event *event; /* applied when committed */
	struct pending *next;
	struct pending *made_before; /* of all, for the end */
};

struct block {
	uint64_t contact, network;
	int64_t until_mono; /* 0: free */
};

struct desk {
	const struct config *config;
	const struct triage *rules;
	struct store *store;
	void (*wake)(void *arg);
	void *wake_arg;
	struct contact *by_id, *by_token;
	struct counsellor *counsellors;
	struct queue queue;
	struct wait wait;
	struct today today;
	struct port *ports;
	size_t port_count;
	struct id_list free_ports, dirty_ports, changed_now, changed_later;
	struct pending *free_pending, *made_pending;
	struct desk_lines lines;
	struct block blocks[DESK_BLOCKS];
	uint64_t forgotten[DESK_FORGOTTEN]; /* a ring */
	size_t forgotten_next;
	uint8_t visitor_key[32];
	uint32_t visitors;
	bool trouble, loading, draining;
	uint64_t started, messages, picked_up, abandoned, leases_lost, refused, alarms;
};

void list_add(struct id_list *list, uint64_t id);

/* flags.c: the meta of a visitor's message. NULL when there is nothing to say. */
char *flags_write(const struct triage *rules, const struct triage_result *result);
void flags_read(struct contact *contact, uint32_t seq, const char *meta, size_t length,
	enum triage_level *level_r);

/* ports.c */
uint64_t ports_add(struct desk *desk, const struct desk_listener *listener, void *arg);
struct port *ports_find(const struct desk *desk, uint64_t id);
void ports_remove(struct desk *desk, uint64_t id);
void ports_touch(struct desk *desk, struct port *port); /* will be flushed */
void ports_flush(struct desk *desk);
void ports_flush_one(struct desk *desk, uint64_t id);

/* tell.c: who hears what. */
void tell_event(struct desk *desk, const struct contact *contact,
	const struct contact_event *event, uint64_t sender);
void tell_reply(struct desk *desk, uint64_t port, const struct desk_reply *reply);
void tell_gained(struct desk *desk, const struct contact *contact);
void tell_lost(
	struct desk *desk, const struct contact *contact, uint32_t staff, const char *why);
void tell_alarm(struct desk *desk, const struct contact *contact, enum alarm_why why);
void tell_colleagues(struct desk *desk);
void tell_changed(struct desk *desk, struct contact *contact, bool now);
void tell_cards(struct desk *desk, struct id_list *changed);
void tell_waits(struct desk *desk);

/* apply.c: the only place where a contact changes state. */
struct contact *apply_open(struct desk *desk, uint64_t id, enum channel channel,
	const uint8_t token[STORE_TOKEN_SIZE]);
/* Takes the event over; told to everyone but the visitor's port it came from (0: none). */
void apply_event(struct desk *desk, struct contact *contact, struct contact_event *event,
	uint64_t sender);
void apply_forget(struct desk *desk, struct contact *contact);
void apply_alarm(struct desk *desk, struct contact *contact, enum alarm_why why);

/* submit.c, done.c */
void secret_of(const struct desk *desk, const char *start_id, uint64_t *contact_r,
	char secret_r[DESK_SECRET_SIZE]);
void secret_token(const char *secret, uint8_t token_r[STORE_TOKEN_SIZE]);
void secret_opener(const char *secret, uint8_t opener_r[STORE_TOKEN_SIZE]);
struct contact *submit_bind(struct desk *desk, struct contact *contact, uint64_t port);
struct pending *pending_create(struct desk *desk);
void pending_destroy(struct pending *pending);
void submit_system(struct desk *desk, struct contact *contact, enum command_kind kind,
	const char *why); /* return or close by ourselves */
/* Hands the write to the store; op is kept for its outcome, or freed on error. */
must_check enum err submit_write(
	struct desk *desk, struct pending *op, struct store_write *write);
void submit_on_done(void *arg, const struct store_outcome *outcome);

/* block.c: the visitor of that contact begins nothing for desk.block_minutes. */
void block_add(struct desk *desk, const struct contact *contact);

/* forget.c: of struct store_hooks. */
void desk_on_forget(void *arg, uint64_t contact, bool open);

/* recall.c: a contact was reopened; takes op over, loads the contact, and answers. */
must_check enum err recall_reopened(struct desk *desk, struct pending *op);

/* counsellor.c */
struct counsellor *counsellor_get(struct desk *desk, uint32_t staff); /* made when missing */
void counsellor_detach(struct desk *desk, uint32_t staff, uint64_t port);
void counsellor_return_all(struct desk *desk, uint32_t staff, const char *why);
void counsellor_return_chats(struct desk *desk, uint32_t staff, const char *why);
/* All but those they are talking with by telephone: a page that is gone ends no talk. */
void counsellor_return_quiet(struct desk *desk, uint32_t staff, const char *why);

#endif
