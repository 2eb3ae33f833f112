/* Passkeys of staff (WebAuthn credentials): the public halves, and with each the person's private key
 * once more, locked by the browser with what that passkey alone gives (its vault). Public half and label
 * are sealed with the server's key and bound to person and credential: whoever writes the database alone
 * adds none, and gives none to somebody else. Times are whole days (UTC).
 * On the connection of store/staff.h: synchronous, never on the loop. */
#ifndef STORE_PASSKEYS_H
#define STORE_PASSKEYS_H

#include "store/staff.h"

enum { PASSKEYS_MAX = 10, /* of one person */
	PASSKEY_ID_MAX = 1023, /* bytes, WebAuthn 6.1 */
	PASSKEY_PUBLIC_MAX = 300, /* bytes: RSA of 2,048 bits is the longest */
	PASSKEY_LABEL_MAX = 120, /* bytes */
	PASSKEY_USER_SIZE = 32,
	PASSKEY_VAULT_MAX = 256 };

struct passkey {
	uint32_t id; /* 0: not yet stored */
	uint32_t staff;
	uint8_t credential[PASSKEY_ID_MAX];
	uint32_t credential_length;
	int32_t algorithm; /* of COSE */
	uint8_t public[PASSKEY_PUBLIC_MAX];
	uint32_t public_length;
	uint32_t count; /* of signatures, as it said last; 0: it does not count */
	char label[PASSKEY_LABEL_MAX + 1]; /* what its owner calls it */
	uint8_t vault[PASSKEY_VAULT_MAX];
	uint32_t vault_length; /* 0: none kept */
	int64_t created, used; /* clock_wall, cut to the day; used 0: not yet */
};

/* Sets id and created. ERR_LIMIT: the person has PASSKEYS_MAX. ERR_EXISTS: this credential is known. */
must_check enum err passkeys_put(struct staff_db *db, struct passkey *passkey);
must_check enum err passkeys_find(struct staff_db *db, const uint8_t *credential, uint32_t length,
	struct passkey *passkey_r);
must_check enum err passkeys_each(struct staff_db *db, uint32_t staff,
	void (*on_passkey)(void *arg, const struct passkey *passkey), void *arg);
must_check enum err passkeys_count(struct staff_db *db, uint32_t staff, uint32_t *count_r);
/* It signed: the new count, and the day. */
must_check enum err passkeys_used(struct staff_db *db, uint32_t id, uint32_t count);
/* ERR_NOT_FOUND: not one of this person's. */
must_check enum err passkeys_vault(struct staff_db *db, uint32_t id, uint32_t staff,
	const uint8_t *vault, uint32_t length);
/* And all other sessions of this person but that one: it may have begun them. With the audit log's row. */
must_check enum err passkeys_remove(struct staff_db *db, uint32_t id, uint32_t staff,
	const uint8_t session[STAFF_HASH_SIZE]);
must_check enum err passkeys_drop(struct staff_db *db, uint32_t staff); /* all of a person */

/* What authenticators know a person by: the same for all passkeys of one person, and of no meaning
 * elsewhere. */
void passkeys_user(const struct staff_db *db, uint32_t staff, uint8_t user_r[PASSKEY_USER_SIZE]);

#endif
