/* Return codes, of which only a slow hash is kept: one half of it finds the row, the other half opens
 * the visitor's secret, which lies in the row sealed. On the connection of store/staff.h: synchronous,
 * never on the loop. */
#ifndef STORE_CODES_H
#define STORE_CODES_H

#include "store/seal.h"
#include "store/store.h"
#include "store/staff.h"

enum { CODES_LOOKUP_SIZE = 32, CODES_SECRET_SIZE = 43, /* characters of the secret */
	CODES_SEALED_SIZE = CODES_SECRET_SIZE + SEAL_OVERHEAD };

struct code_hash {
	uint8_t lookup[CODES_LOOKUP_SIZE], key[SEAL_KEY_SIZE];
};

/* Argon2id, about a tenth of a second and 64 MiB. The salt is this data folder's own. */
void codes_hash(const struct staff_db *db, const char *words, struct code_hash *hash_r);
/* In place of an older code of that contact. ERR_NOT_FOUND: no contact of that secret. */
must_check enum err codes_put(struct staff_db *db, const struct code_hash *hash,
	uint64_t contact, const uint8_t token[STORE_TOKEN_SIZE], const char *secret);
must_check enum err codes_find(struct staff_db *db, const struct code_hash *hash,
	char secret_r[CODES_SECRET_SIZE + 1]);

#endif
