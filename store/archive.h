/* Closed contacts as they lie: sealed. What is given here only a private key opens, in a browser or by
 * the recovery shares. On the connection of store/staff.h: synchronous, never on the loop. */
#ifndef STORE_ARCHIVE_H
#define STORE_ARCHIVE_H

#include "store/event.h"
#include "store/keys.h"

struct archive_contact {
	uint64_t id;
	enum channel channel;
	int64_t opened, closed; /* the hour */
	uint32_t counsellor; /* who had it last */
	uint32_t last_seq;
};

struct archive_seal {
	uint32_t key, staff;
	enum key_kind kind;
	uint8_t sealed[KEYS_SEALED_SIZE];
};

struct archive_event { /* bytes are valid during the call */
	uint32_t seq, staff;
	enum event_kind kind;
	enum author author;
	int64_t time;
	const uint8_t *body, *meta; /* sealed (store/seal.h), fields 1 and 2; NULL when empty */
	uint32_t body_length, meta_length;
};

/* Newest first: those sealed to this person's keys, and with all those sealed to the coordinators'.
 * before: 0, or the id of the last one seen. */
must_check enum err archive_list(struct staff_db *db, uint32_t staff, bool all, uint64_t before,
	uint32_t most, void (*on_contact)(void *arg, const struct archive_contact *contact),
	void *arg);
/* Every closed one, whoever may open it. */
must_check enum err archive_all(struct staff_db *db,
	void (*on_contact)(void *arg, const struct archive_contact *contact), void *arg);
must_check enum err archive_find(
	struct staff_db *db, uint64_t contact, struct archive_contact *contact_r);
must_check enum err archive_seals(struct staff_db *db, uint64_t contact,
	void (*on_seal)(void *arg, const struct archive_seal *seal), void *arg);
must_check enum err archive_events(struct staff_db *db, uint64_t contact, uint32_t after,
	/* false: enough */
	bool (*on_event)(void *arg, const struct archive_event *event), void *arg);
/* ERR_STALE: the contact is not closed, or the key not current. */
must_check enum err archive_reseal(struct staff_db *db, uint64_t contact, uint32_t key,
	const uint8_t sealed[KEYS_SEALED_SIZE]);
/* The same, but one that is there already stays as it is: *added_r is false. */
must_check enum err archive_seal_add(struct staff_db *db, uint64_t contact, uint32_t key,
	const uint8_t sealed[KEYS_SEALED_SIZE], bool *added_r);
/* Seals to keys that are retired are destroyed where the current key of the same kind and person has
 * one too: the end of a rotation. */
must_check enum err archive_drop_retired(struct staff_db *db, enum key_kind kind);

/* Opens one sealed field of an event; plain_r: length - SEAL_OVERHEAD bytes. */
must_check enum err archive_open(const uint8_t key[SEAL_KEY_SIZE], uint64_t contact,
	const struct archive_event *event, bool meta, uint8_t *plain_r);

#endif
