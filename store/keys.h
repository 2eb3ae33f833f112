/* The public keys to which a closed contact's key is sealed, and what is kept for those who have the
 * private ones. This server never has a private key: a person's is made in the browser and kept here
 * as a vault that only the password opens; the coordinators' is kept sealed to each coordinator's own
 * key; the recovery key is on paper, in shares (store/shares.h).
 * On the connection of store/staff.h: synchronous, never on the loop. */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "store/hpke.h"
#include "store/seal.h"
#include "store/staff.h"

enum { KEYS_SEALED_SIZE = SEAL_KEY_SIZE + HPKE_OVERHEAD, /* a contact's key, or a private key */
	KEYS_VAULT_MAX = 256 };

enum key_kind { KEY_PERSON = 1, KEY_COORDINATORS, KEY_RECOVERY }; /* stored */

struct sealing_key {
	uint32_t id; /* 0: not yet stored */
	enum key_kind kind;
	uint32_t staff; /* of KEY_PERSON, else 0 */
	uint8_t public[HPKE_KEY_SIZE];
	uint8_t vault[KEYS_VAULT_MAX]; /* of KEY_PERSON, as the browser made it */
	uint32_t vault_length;
	int64_t created; /* clock_wall */
	bool retired; /* nothing new is sealed to it */
};

/* A contact's key to a public key, bound to that contact. ERR_INVALID: not a key to seal to. */
must_check enum err keys_seal(const uint8_t public[HPKE_KEY_SIZE], uint64_t contact,
	const uint8_t key[SEAL_KEY_SIZE], uint8_t sealed_r[KEYS_SEALED_SIZE]);
must_check enum err keys_open(const uint8_t private[HPKE_KEY_SIZE], uint64_t contact,
	const uint8_t sealed[KEYS_SEALED_SIZE], uint8_t key_r[SEAL_KEY_SIZE]);

/* Sets id. The one of the same kind (and person) before it is retired in the same transaction.
 * ERR_INVALID: not a key to seal to. */
must_check enum err keys_put(struct staff_db *db, struct sealing_key *key);
/* A new vault for the same private key: the password was changed. */
must_check enum err keys_vault(
	struct staff_db *db, uint32_t id, const uint8_t *vault, uint32_t length);
must_check enum err keys_current(
	struct staff_db *db, enum key_kind kind, uint32_t staff, struct sealing_key *key_r);
must_check enum err keys_each(
	struct staff_db *db, void (*on_key)(void *arg, const struct sealing_key *key), void *arg);

/* What a key opens: closed contacts, by channel, and when the last of them was closed. */
struct keys_opens {
	uint32_t chats, calls;
	int64_t last_chat, last_call; /* the hour; 0: none */
};
must_check enum err keys_opens(struct staff_db *db, uint32_t key, struct keys_opens *opens_r);

/* The coordinators' private key, sealed to a coordinator's own: one for each of them and each key. */
must_check enum err keys_share_put(struct staff_db *db, uint32_t key, uint32_t staff,
	const uint8_t sealed[KEYS_SEALED_SIZE]);
must_check enum err keys_share_get(
	struct staff_db *db, uint32_t key, uint32_t staff, uint8_t sealed_r[KEYS_SEALED_SIZE]);

must_check enum err keys_shares_each(struct staff_db *db,
	void (*on_share)(void *arg, uint32_t key, uint32_t staff), void *arg);

/* Somebody left, or forgot the password: vault, shares and what was sealed to their keys are
 * destroyed. Contacts sealed to them alone do not exist: others can open each. */
must_check enum err keys_drop_person(struct staff_db *db, uint32_t staff);
/* No longer a coordinator: their shares of the coordinators' keys are destroyed. */
must_check enum err keys_drop_shares(struct staff_db *db, uint32_t staff);

#endif
