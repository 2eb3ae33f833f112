/* Keys and closed conversations, for those who may open them: what a window asks is looked up on a
 * thread of its own, and comes back as a whole frame. PROTOCOL.md says what is asked and given; the
 * private keys that open it are the browsers' alone. Every opening is in the audit log before a byte
 * of it is given. */
#ifndef CONSOLE_ARCHIVE_H
#define CONSOLE_ARCHIVE_H

#include "console/signin.h"
#include "store/archive.h"
#include "store/feedback.h"

enum { ARCHIVE_QUEUE_MAX = 64,
	ARCHIVE_LIST_MAX = 100, /* contacts in one answer */
	ARCHIVE_PIECE_BYTES = 48 * 1024 }; /* of events in one answer, about */

enum archive_kind {
	ARCHIVE_KEYS,
	ARCHIVE_KEY, /* enrol my own key */
	ARCHIVE_GROUP, /* a new coordinators' key */
	ARCHIVE_SHARE, /* the coordinators' key for a colleague */
	ARCHIVE_LIST,
	ARCHIVE_OPEN,
	ARCHIVE_SEALS, /* for sealing anew */
	ARCHIVE_RESEAL,
	ARCHIVE_ROTATED, /* everything was sealed anew */
	ARCHIVE_FEEDBACK, /* on the rules of urgency: written, not looked up */
	ARCHIVE_SESSIONS, /* mine; of everybody with RIGHT_STAFF */
	ARCHIVE_END, /* one of those */
	ARCHIVE_SETTINGS, /* mine: written where some are given, else read */
	ARCHIVE_PASSKEYS, /* mine */
	ARCHIVE_PASSKEY_VAULT, /* key: which of them */
	ARCHIVE_PASSKEY_REMOVE,
	ARCHIVE_DENIED, /* what the role may not ask for: recorded, and answered without a frame */
	ARCHIVE_CHECK /* does mine still hold? Answered without a frame */
};

struct archive_question {
	enum archive_kind kind;
	uint64_t window, contact; /* contact: with LIST the last one seen, or 0 */
	char id[SIGNIN_REQUEST_MAX + 1];
	const char *what; /* a word of the protocol, for as long as we run */
	uint32_t staff, other, key, after;
	enum staff_role role;
	uint8_t session[STAFF_HASH_SIZE]; /* my own */
	uint8_t name[8]; /* of the session to end: the beginning of its hash */
	uint8_t public[HPKE_KEY_SIZE];
	uint8_t sealed[KEYS_SEALED_SIZE];
	uint8_t vault[KEYS_VAULT_MAX];
	uint32_t vault_length;
	struct feedback feedback;
	char settings[STAFF_SETTINGS_MAX + 1]; /* JSON; "": none given */
};

struct archive_answer {
	uint64_t window;
	char *frame; /* malloc'd, taken over by whoever takes the answer; NULL: none */
	size_t length;
	bool ended; /* the session: nothing was done */
	uint8_t session[STAFF_HASH_SIZE]; /* which that was */
	uint32_t staff; /* whose session was ended, 0: none was */
};

struct archive;

must_check enum err archive_create(const char *folder, void (*on_answers)(void *arg), void *arg,
	struct archive **archive_r, char *error, size_t error_size);
void archive_destroy(struct archive **archive);
must_check enum err archive_ask(
	struct archive *archive, const struct archive_question *question);
/* sessions.c, in the archive's thread. */
struct json_out;
must_check enum err sessions_list(
	struct staff_db *db, const struct archive_question *question, struct json_out *out);
must_check enum err sessions_end(
	struct staff_db *db, const struct archive_question *question, uint32_t *staff_r);
/* Still that person's session, and role. When the tables cannot be read it is: others see to that. */
bool sessions_hold(struct staff_db *db, const struct archive_question *question);

/* settings.c, there too. */
must_check enum err settings_answer(
	struct staff_db *db, const struct archive_question *question, struct json_out *out);

/* passkey_list.c, there too. */
struct repeats;
must_check enum err passkey_list_answer(struct staff_db *db, struct repeats *repeats,
	const struct archive_question *question, struct json_out *out);
void archive_put_bytes(
	struct json_out *out, const char *key, const uint8_t *bytes, size_t length); /* Base64url */

bool archive_take(struct archive *archive, struct archive_answer *answer_r);

#endif
