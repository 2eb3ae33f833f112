/* The desk: who waits, who talks to whom, and what each of them is told.
 *
 * A channel gives it commands (desk_submit); the desk checks them against what it knows, has the
 * text scanned, and hands the event to the store. What the store has committed is applied, and told
 * to those who listen. So everything a listener hears is durable, but for typing, presence and read
 * marks. All on the loop thread. Listeners are named by a number that is never used again: one that
 * has left is simply not told. */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "config/config.h"
#include "desk/contact.h"
#include "desk/queue.h"
#include "desk/rights.h"
#include "desk/today.h"
#include "store/store.h"
#include "triage/triage.h"

enum { DESK_REQUEST_MAX = EVENT_CLIENT_ID_MAX,
	DESK_REASON_MAX = 500, /* bytes of a reason for a level */
	DESK_LEVELS = 20, /* that one counsellor sets at once, and then one each DESK_LEVEL_SECONDS: else busy */
	DESK_LEVEL_SECONDS = 6,
	DESK_START_ID_MIN = 22, /* characters of the page's random start id */
	DESK_SECRET_SIZE = 44, /* the visitor's secret as text, with its end */
	DESK_REMEMBER_MINUTES = 15, /* a closed contact still tells its visitor how it ended */
	DESK_ALARM_SECONDS = 15,
	DESK_CODED_MINUTES = 24 * 60, /* a visitor with a return code is waited for this long */
	DESK_SAME_SECONDS = 120, /* one who came back waits this long for the same counsellor */
	DESK_TELEPHONE_MAX = 120,
	DESK_BLOCKS = 256, /* at once; one more takes the place of the one that ends first */
	DESK_FORGOTTEN = 64, /* of which a window that was away is told; by number alone, until a restart */
	COUNSELLOR_WINDOWS = 4 }; /* a fifth one closes the oldest */

enum duty { DUTY_OFF, DUTY_PAUSE, DUTY_ON };

struct counsellor {
	uint32_t id;
	char display[64 + 1];
	enum staff_role role;
	enum duty duty;
	uint32_t contacts, taking; /* held; takes under way */
	uint32_t calls; /* of those held, by telephone: while there is one, nothing new is taken */
	/* the shift, since they first went on duty after signing in; practice is not counted */
	int64_t shift_since; /* wall; 0: none */
	uint32_t shift_taken, shift_closed, shift_returned;
	char telephone[DESK_TELEPHONE_MAX + 1]; /* their own: number, SIP URI, extension; "": none */
	char taking_id[EVENT_CLIENT_ID_MAX + 1]; /* of the latest take */
	uint64_t ports[COUNSELLOR_WINDOWS]; /* windows open; 0: none */
	int64_t levels_mono; /* as far ahead of now as levels were set lately */
	int64_t heard_mono; /* last sign of life */
	int64_t attended_mono; /* last sign from a window that was not locked */
	UT_hash_handle hh;
};

enum command_kind {
	COMMAND_START, /* answers; gives contact and secret */
	COMMAND_SAY,
	COMMAND_LEAVE,
	COMMAND_TAKE, /* contact 0: the next */
	COMMAND_NOTE,
	COMMAND_RETURN,
	COMMAND_CLOSE,
	COMMAND_LEVEL,
	COMMAND_REOPEN /* by the visitor of a closed contact; text: the secret */
};

struct command { /* strings are borrowed during the call */
	enum command_kind kind;
	enum author author; /* visitor or counsellor */
	uint64_t contact;
	uint32_t staff;
	uint64_t port; /* who gets the reply */
	const char *id; /* of the request, [A-Za-z0-9_-]{1,36} */
	const char *text;
	size_t length;
	enum channel channel; /* START */
	struct contact_answers answers; /* START */
	bool practice; /* START */
	enum triage_level level; /* LEVEL */
	bool block; /* CLOSE, of a chat: its visitor begins nothing for desk.block_minutes */
};

struct desk_reply {
	enum command_kind kind;
	const char *id;
	enum err err;
	struct contact *contact; /* NULL when there is none (any more) */
	uint32_t seq, n;
	uint32_t owner; /* with ERR_STALE on TAKE: who has it */
	const char *secret; /* START, REOPEN */
};

struct desk_wait { /* what a waiting visitor is told */
	uint32_t place, low, high; /* low == high == 0: not enough measured */
	bool danger_first;
};

enum alarm_why { ALARM_NEW, ALARM_RAISED, ALARM_OVERDUE };

/* Any of them may be NULL. Called out of store_pump(), desk_tick() or another listener's command;
 * flush comes once after a run of the others, when it is time to write what they gathered. */
struct desk_listener {
	void (*on_reply)(void *arg, const struct desk_reply *reply);
	void (*on_event)(void *arg, const struct contact *contact, const struct contact_event *event);
	void (*on_wait)(void *arg, const struct contact *contact, const struct desk_wait *wait);
	void (*on_typing)(void *arg, const struct contact *contact, bool on);
	void (*on_read)(void *arg, const struct contact *contact, uint32_t seq);
	void (*on_trouble)(void *arg, bool on);
	/* ERR_NOT_FOUND: no such contact (any more). Else contact is for the call alone: a closed one,
	 * or one that is going on, to which desk_visitor_attach leads. */
	void (*on_recalled)(void *arg, enum err err, const struct contact *contact);
	/* Nothing is left of it, here and in the store. Told to everybody: who has words of it, and shows
	 * them, lets go of them. */
	void (*on_forgotten)(void *arg, uint64_t contact);
	void (*on_replaced)(void *arg); /* another line took over: let go */
	void (*on_flush)(void *arg);
	/* counsellors */
	void (*on_card)(void *arg, const struct contact *contact); /* new or changed */
	void (*on_card_gone)(void *arg, uint64_t contact);
	void (*on_gained)(void *arg, const struct contact *contact);
	void (*on_lost)(void *arg, const struct contact *contact, const char *why);
	void (*on_alarm)(void *arg, const struct contact *contact, enum alarm_why why);
	void (*on_hushed)(void *arg, const struct contact *contact, uint32_t staff);
	void (*on_colleagues)(void *arg);
};

struct desk;

/* config and rules are borrowed and may be replaced by desk_configure. */
must_check enum err desk_create(const struct config *config, const struct triage *rules,
	const char *folder, void (*wake)(void *arg), void *wake_arg, struct desk **desk_r,
	char *error, size_t error_size);
void desk_destroy(struct desk **desk);
void desk_configure(
	struct desk *desk, const struct config *config, const struct triage *rules);
void desk_pump(struct desk *desk); /* after each wake */
void desk_tick(struct desk *desk); /* once a second */
/* We stop, and have sent the consoles away ourselves: nobody loses a lease any more, so that who talks
 * by telephone may finish. */
void desk_drain(struct desk *desk);

/* Visitors. attach: by the secret's text, to a contact that is not closed (else ERR_NOT_FOUND); a port
 * already there is told on_replaced. */
must_check enum err desk_visitor_attach(struct desk *desk, const char *secret,
	const struct desk_listener *listener, void *arg, uint64_t *port_r,
	struct contact **contact_r);
/* Not among those going on: looked for in the store, also when closed. Answered by on_recalled. */
must_check enum err desk_visitor_recall(struct desk *desk, uint64_t port, const char *secret);
/* It can be found again by a return code: it waits a day for its visitor. */
void desk_visitor_coded(struct desk *desk, uint64_t contact);
void desk_visitor_token(const char *secret, uint8_t token_r[STORE_TOKEN_SIZE]);
/* Before there is a conversation: START binds the contact to this port. */
uint64_t desk_visitor_port(struct desk *desk, const struct desk_listener *listener, void *arg);
/* Whence a visitor comes: a number that says it for some hours (server_line_network); 0: not known. */
void desk_visitor_network(struct desk *desk, uint64_t port, uint64_t network);
/* Seconds for which the port's network, or the contact (0: none), is blocked by a counsellor; 0: it is
 * not. Kept in memory alone: a restart ends it. What goes on is not touched. */
int desk_blocked(const struct desk *desk, uint64_t port, uint64_t contact);
bool desk_wait_of(
	const struct desk *desk, const struct contact *contact, struct desk_wait *wait_r);

/* Counsellors. One person may have several windows. Names of all staff are learnt at start and
 * whenever they change. */
void desk_staff_learn(struct desk *desk, uint32_t staff, const char *display);
/* What they may (desk/rights.h); a counsellor unless told. */
void desk_staff_role(struct desk *desk, uint32_t staff, enum staff_role role);
uint64_t desk_counsellor_attach(struct desk *desk, uint32_t staff, const char *display,
	const struct desk_listener *listener, void *arg);
void desk_counsellor_duty(struct desk *desk, uint32_t staff, enum duty duty);
/* Whoever signs out or is disabled: all contacts go back at once. */
void desk_counsellor_leave(struct desk *desk, uint32_t staff);
void desk_shift_end(struct desk *desk, uint32_t staff); /* who signs in anew begins another */
const struct counsellor *desk_counsellor(const struct desk *desk, uint32_t staff);
void desk_each_counsellor(const struct desk *desk,
	void (*on_counsellor)(void *arg, const struct counsellor *counsellor), void *arg);
/* Those that on_forgotten told, for one who did not hear it. */
void desk_each_forgotten(
	const struct desk *desk, void (*on_forgotten)(void *arg, uint64_t contact), void *arg);
void desk_each_contact(const struct desk *desk,
	void (*on_contact)(void *arg, const struct contact *contact), void *arg);
const char *desk_staff_name(const struct desk *desk, uint32_t staff); /* "" when unknown */
void desk_hush(struct desk *desk, uint64_t contact, uint32_t staff);

void desk_detach(struct desk *desk, uint64_t port);
void desk_heard(struct desk *desk, uint64_t port); /* any frame from there */
/* From a counsellor's window that is not locked. Without one for the lease their chats go back; they stay
 * on duty, so that it rings, and keep a call: it is held by the telephone. */
void desk_attended(struct desk *desk, uint64_t port);

/* The answer comes by on_reply, unless the command is refused right here:
 *   ERR_INVALID  form, empty text        ERR_TOO_LONG  text over limits.message_characters
 *   ERR_LIMIT    too fast, capacity      ERR_NOT_FOUND no such contact (or nobody waits)
 *   ERR_STALE    closed, or not theirs   ERR_BUSY      store's queue, or too many wait (START)
 *   ERR_FULL     nothing can be stored   ERR_DENIED    START outside hours; TAKE of a call by
 *                                                      who has no telephone, of the next by
 *                                                      who pauses
 *   ERR_BLOCKED  START and REOPEN of whom a counsellor blocked (desk_blocked) */
must_check enum err desk_submit(struct desk *desk, const struct command *command);
void desk_typing(struct desk *desk, uint64_t contact, enum author author, bool on);
void desk_read(struct desk *desk, uint64_t contact, enum author author, uint32_t seq);

/* What a counsellor asks of a line: their telephone rings again, the caller waits with music, the line
 * is hung up. Whoever holds the lines registers order. ERR_STALE: not that counsellor's contact;
 * ERR_NOT_FOUND: there is no such line, or it cannot do that now. */
enum desk_order { ORDER_RING, ORDER_HOLD, ORDER_HANGUP };
struct desk_lines {
	enum err (*order)(void *arg, uint32_t staff, uint64_t contact, enum desk_order order);
	void *arg;
};
void desk_lines(struct desk *desk, const struct desk_lines *lines); /* copied; NULL: none */
must_check enum err desk_order(
	struct desk *desk, uint32_t staff, uint64_t contact, enum desk_order order);

/* The telephone (its hours and its callers' leaving are its own affair). note: a stage, [a-z-], told to
 * the console; staff: whom it concerns, or 0. back: taken → waiting, at the original place. level: the
 * caller pressed the key for danger; raises to serious. */
must_check enum err desk_call_note(
	struct desk *desk, uint64_t contact, const char *stage, uint32_t staff);
/* A counsellor has played the caller's message to its end; once of each, again is harmless. */
must_check enum err desk_call_heard(struct desk *desk, uint64_t contact, uint32_t staff);
/* A piece of a spoken message, as an event like any other: sealed, kept and destroyed with the rest of
 * its contact. body: DESK_PIECE_HEAD bytes (its number from 1, how many there are, seconds, 0; two bytes
 * each, big endian), then at most DESK_PIECE_BYTES of the sound. id: the same for a retry, which is
 * harmless. The answer comes to the port's on_reply as that of COMMAND_NOTE, under the id. */
enum { DESK_PIECE_HEAD = 8, DESK_PIECE_BYTES = EVENT_BODY_MAX - DESK_PIECE_HEAD };
must_check enum err desk_call_recording(struct desk *desk, uint64_t contact, uint64_t port,
	const char *id, const uint8_t *body, size_t length);
void desk_call_back(struct desk *desk, uint64_t contact);
must_check enum err desk_call_level(struct desk *desk, uint64_t contact, uint64_t port);
void desk_staff_telephone(struct desk *desk, uint32_t staff, const char *telephone);
/* A secret of the data folder for the purpose that the label names (store_secret). */
void desk_secret(const struct desk *desk, const char *label, uint8_t secret_r[32]);

struct contact *desk_contact(const struct desk *desk, uint64_t contact);
const char *desk_rules(const struct desk *desk); /* the hash of the set in use */
const struct queue *desk_queue(const struct desk *desk);
bool desk_trouble(const struct desk *desk);
bool desk_open(const struct desk *desk); /* opening hours */

struct desk_figures {
	uint32_t waiting[LEVEL_IMMEDIATE + 1], taken, gone, visitors, counsellors_on, longest_seconds;
	uint64_t started, messages, picked_up, abandoned, leases_lost, refused, alarms;
	struct store_figures store;
};
void desk_figures(const struct desk *desk, struct desk_figures *figures_r);
const struct today *desk_today(struct desk *desk); /* since midnight, or since it was started */

#endif
