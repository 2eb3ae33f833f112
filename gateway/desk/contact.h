/* A contact as the desk knows it: the projection of its committed events. Channels read it, only
 * the desk changes it. Times are wall milliseconds unless named mono. */
#ifndef DESK_CONTACT_H
#define DESK_CONTACT_H

#include "store/store.h"
#include "triage/triage.h"

#include <uthash.h>

enum { CONTACT_FLAGS_MAX = 32, /* newest kept; the level never falls by forgetting one */
	CONTACT_TAIL_MAX = 160, /* bytes of the visitor's last words scanned with the new ones */
	CONTACT_LANG_MAX = 8,
	CONTACT_CALL_MAX = 15,
	CONTACT_PUBLIC_ID = 17 }; /* 16 hex digits and the end */

struct contact_event {
	uint32_t seq; /* dense, internal events included */
	uint32_t n; /* the visitor's numbering; 0: not for the visitor */
	enum event_kind kind;
	enum author author;
	uint32_t staff;
	int64_t time;
	uint32_t body_length, meta_length;
	char id[EVENT_CLIENT_ID_MAX + 1];
	char bytes[]; /* body, NUL, meta, NUL */
};

struct contact_flag {
	char *rule, *category, *why, *lowered_by; /* lowered_by may be NULL */
	enum triage_level level;
	uint32_t seq; /* of the message */
	uint32_t from, to; /* bytes of that message's text */
};

struct contact_answers {
	char who[16], where[16], lang[CONTACT_LANG_MAX + 1]; /* "" when not said */
};

struct contact {
	uint64_t id;
	uint8_t token[STORE_TOKEN_SIZE];
	enum channel channel;
	enum contact_state state;
	enum triage_level level;
	bool complete; /* false: some message could not be checked fully */
	bool practice;
	bool changed_now, changed_later; /* card to be told at the commit / at the next second */
	bool hushed, overdue_told;
	uint32_t epoch, owner, claiming; /* claiming: staff whose take is under way */
	uint32_t last_seq, last_n;
	uint32_t messages, returned, inflight;
	uint32_t visitor_read, counsellor_read; /* seq */
	int64_t arrived, due, closed_mono;
	int64_t left_mono; /* since when the visitor's line is down; 0: it is up */
	bool gone; /* down for longer than the grace time */
	int64_t alarm_mono; /* when to ring next */
	int alarm_why; /* enum alarm_why of the last one */
	uint64_t port; /* the visitor's; 0: none */
	uint32_t told_place, told_low, told_high, entry_place;
	bool told_danger;
	char call[CONTACT_CALL_MAX + 1]; /* stage of the telephone, "" when there is none */
	int64_t call_time;
	int64_t bucket_mono; /* messages_per_minute, as a leaky bucket in time */
	uint32_t former; /* who had it last; 0: nobody yet */
	uint64_t network; /* whence its visitor came last (desk_visitor_network), until it ends; 0: not known */
	bool coded; /* there is a return code */
	bool reopened; /* the visitor came back to it after its end */
	struct contact_answers answers;
	struct contact_event **events;
	uint32_t event_count, event_capacity;
	struct contact_id {
		uint32_t hash, event; /* index + 1; 0: free */
	} *id_index; /* of requests' ids, once there are many events */
	uint32_t id_slots;
	struct contact_flag *flags; /* oldest first */
	uint32_t flag_count;
	char *tail;
	uint32_t tail_length;
	UT_hash_handle by_id, by_token;
};

struct contact *contact_create(uint64_t id);
void contact_destroy(struct contact **contact);

/* What was said is gone from memory; numbers, authors and request ids stay, for retries. */
void contact_wipe(struct contact *contact);

/* body and meta are copied; either may be NULL with length 0. */
struct contact_event *contact_event_create(const struct event *event);
const char *contact_event_body(const struct contact_event *event); /* NUL-terminated */
const char *contact_event_meta(const struct contact_event *event);

/* The author's event with that request id, NULL when there is none. */
const struct contact_event *contact_event_by_id(
	const struct contact *contact, enum author author, const char *id);
void contact_keep(struct contact *contact, struct contact_event *event); /* takes it over */
/* The event the visitor would see as the first after n, as an index into events. */
uint32_t contact_after_n(const struct contact *contact, uint32_t n);
bool contact_visible(enum event_kind kind);

void contact_public_id(uint64_t id, char text_r[CONTACT_PUBLIC_ID]);
must_check enum err contact_public_parse(const char *text, uint64_t *id_r);

/* Answers as the JSON of EVENT_OPENED / EVENT_ANSWERS. Values outside the known words read as "". */
void contact_answers_read(
	const char *json, size_t length, struct contact_answers *answers_r, bool *practice_r);

/* The last words of the visitor, for a sentence split over two messages. */
void contact_tail_add(struct contact *contact, const char *text, size_t length);

#endif
