/* Signing in: password (Argon2id) and a code from an authenticator (TOTP, RFC 6238), or a passkey
 * (console/webauthn.h), sessions and invitations. Questions are answered one by one on a thread of its own, with its own connection to
 * the staff tables. What a question holds of secrets is wiped when it is answered. */
#ifndef CONSOLE_SIGNIN_H
#define CONSOLE_SIGNIN_H

#include "console/webauthn.h"
#include "store/keys.h"
#include "store/staff.h"

enum { SIGNIN_PASSWORD_MIN = 14, /* characters */
	SIGNIN_PASSWORD_MAX = 200, /* bytes */
	SIGNIN_TOKEN_SIZE = 44, /* 32 random bytes as text, with its end */
	SIGNIN_SECRET_SIZE = 33, /* an authenticator's, as text, with its end */
	SIGNIN_QUEUE_MAX = 16,
	SIGNIN_AWAY_MAX = 1024, /* windows: each is away once, and comes back by a question */
	SIGNIN_INVITE_HOURS = 72,
	SIGNIN_REQUEST_MAX = 36,
	SIGNIN_TRIES = 5, /* for one name, and then one more each SIGNIN_RETRY_SECONDS */
	SIGNIN_RETRY_SECONDS = 30 };

enum signin_kind {
	SIGNIN_INVITE, /* token → secret */
	SIGNIN_ACCEPT, /* token, password, code → session */
	SIGNIN_PASSWORD, /* name, password, code → session */
	SIGNIN_RESUME, /* token → session goes on */
	SIGNIN_UNLOCK, /* staff, password */
	SIGNIN_OUT, /* token */
	SIGNIN_CODES, /* staff, password → codes */
	SIGNIN_TELEPHONE, /* staff, password, telephone: their own from now on */
	SIGNIN_CHANGE, /* staff, token, password, account: another password */
	SIGNIN_SECRET, /* staff, password, code → secret of another authenticator */
	SIGNIN_AUTHENTICATOR, /* staff, token, account.secret, code of it: from now on that one */
	/* token, lock_mono: from then on the session is not resumed, only unlocked. It has a queue of its own,
	 * which others' questions do not fill, is known to each question asked after it, and is not answered */
	SIGNIN_AWAY,
	SIGNIN_PASSKEY_NEW, /* staff, password: may one be made? */
	SIGNIN_PASSKEY_ADD, /* staff, passkey */
	SIGNIN_PASSKEY, /* passkey → session */
	SIGNIN_PASSKEY_UNLOCK, /* staff, passkey */
	SIGNIN_SIGNON_LINK, /* token: whose link is it? */
	SIGNIN_SIGNON, /* signon; token of a link; code → session */
	SIGNIN_SIGNON_FAILED /* a row of the audit log; nobody is answered */
};

enum signin_result {
	SIGNIN_OK,
	SIGNIN_WRONG,
	SIGNIN_SLOW,
	SIGNIN_USED, /* this code was used already */
	SIGNIN_WEAK,
	SIGNIN_SAME, /* the new password is the old one */
	SIGNIN_STALE, /* something was changed meanwhile, elsewhere */
	SIGNIN_EXPIRED,
	SIGNIN_MANY, /* passkeys: PASSKEYS_MAX */
	SIGNIN_SECOND, /* the same again with a code */
	SIGNIN_NEXT, /* the same again with the next code: too many wrong ones were tried */
	SIGNIN_STOPPED, /* sign-on, after too many wrong codes */
	SIGNIN_UNLINKED, /* nobody here is connected with that account */
	SIGNIN_TAKEN, /* that account is a colleague's */
	SIGNIN_FAILED /* the staff tables cannot be read or written */
};

struct signin_account { /* what a person changes of the own account */
	char password[SIGNIN_PASSWORD_MAX + 1]; /* the new one */
	char secret[SIGNIN_SECRET_SIZE]; /* Base32, as SIGNIN_SECRET gave it */
	uint32_t key, vault_length; /* key: number of the person's own; 0: there is none */
	uint8_t vault[KEYS_VAULT_MAX]; /* locked with the new password */
};

struct signin_passkey { /* what the browser said, and what is held against it */
	struct webauthn_site site;
	uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE];
	struct webauthn_answer answer;
	char label[PASSKEY_LABEL_MAX + 1];
};

struct signin_signon { /* whom the house's provider let in */
	uint8_t account[STAFF_HASH_SIZE];
	bool second; /* it asked for a second factor */
};

struct signin_question {
	enum signin_kind kind;
	uint64_t window; /* comes back in the answer */
	char id[SIGNIN_REQUEST_MAX + 1];
	char name[STAFF_NAME_MAX + 1];
	char password[SIGNIN_PASSWORD_MAX + 1];
	char code[STAFF_CODE_SIZE]; /* of the authenticator, or a one-time code */
	char token[SIGNIN_TOKEN_SIZE];
	char telephone[STAFF_TELEPHONE_MAX + 1];
	uint32_t staff, session_hours;
	bool renew; /* with an UNLOCK: the window is locked, and goes on by another token */
	int64_t lock_mono;
	struct signin_account account;
	struct signin_passkey passkey;
	struct signin_signon signon;
};

struct signin_answer {
	enum signin_kind kind;
	enum signin_result result;
	uint64_t window;
	char id[SIGNIN_REQUEST_MAX + 1];
	char token[SIGNIN_TOKEN_SIZE]; /* of the session that begins, goes on, or was renewed */
	char codes[STAFF_CODES][STAFF_CODE_SIZE]; /* with SIGNIN_CODES */
	char secret[SIGNIN_SECRET_SIZE]; /* Base32, with SIGNIN_INVITE and SIGNIN_SECRET */
	struct staff person; /* password and totp wiped */
	int64_t expires; /* wall */
	int retry; /* seconds, with SIGNIN_SLOW */
	bool guessed; /* sign-on had been stopped until now */
	uint32_t passkey; /* the one that was added, or used */
	uint8_t user[PASSKEY_USER_SIZE]; /* with SIGNIN_PASSKEY_NEW */
	uint8_t vault[PASSKEY_VAULT_MAX]; /* of the one that was used */
	uint32_t vault_length;
};

struct signin;

/* A good answer to it has the token of a new session. */
bool signin_begins(enum signin_kind kind);

/* on_answers runs in the thread when answers are there to be taken. */
must_check enum err signin_create(const char *folder, void (*on_answers)(void *arg), void *arg,
	struct signin **signin_r, char *error, size_t error_size);
void signin_destroy(struct signin **signin);
must_check enum err signin_ask(struct signin *signin, const struct signin_question *question);
bool signin_take(struct signin *signin, struct signin_answer *answer_r);

/* For the command line: a new one-time link's token, to connect an account of the house's provider. */
must_check enum err signin_connect(
	struct staff_db *db, uint32_t staff, char token_r[SIGNIN_TOKEN_SIZE]);
/* For the command line and the first start: a new one-time link's token. Replaces an older one. */
must_check enum err signin_invite(
	struct staff_db *db, struct staff *person, char token_r[SIGNIN_TOKEN_SIZE]);

#endif
