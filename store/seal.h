/* Encryption at rest. The data folder has one server key (file `server.key`, mode 0600); each contact
 * has a random key of its own, kept wrapped by the server key; what people wrote is sealed with the
 * contact's key by XChaCha20-Poly1305-IETF, bound to where it stands.
 * Form of a sealed value: 24 bytes of nonce, ciphertext, 16 bytes of tag. */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEAL_KEY_SIZE = 32, SEAL_NONCE_SIZE = 24, SEAL_OVERHEAD = SEAL_NONCE_SIZE + 16,
	SEAL_WRAP_SIZE = SEAL_KEY_SIZE + SEAL_OVERHEAD };

struct seal_place { /* what a sealed value is bound to; all fields are authenticated */
	uint64_t contact;
	uint32_t seq, kind, field;
};

/* Zeroed memory for what holds a key: never swapped out where the limit of locked memory allows it,
 * never in a core dump, between pages that nobody may touch, wiped when it is given back. size: a
 * multiple of what its members are aligned to, as sizeof gives it. Never NULL. */
void *seal_alloc(size_t size);
void seal_free(void *p); /* NULL: nothing */

/* Reads the server key: systemd's credential `server.key` where one is given (CREDENTIALS_DIRECTORY, see
 * systemd.exec(5)), else the folder's, which is made when there is none. ERR_DENIED: others can read it,
 * or both are there. */
bool seal_credential(char *path_r, size_t size);
must_check enum err seal_server_key(
	const char *folder, uint8_t key_r[SEAL_KEY_SIZE], char *error, size_t error_size);

void seal_wrap(const uint8_t server[SEAL_KEY_SIZE], uint64_t contact,
	const uint8_t key[SEAL_KEY_SIZE], uint8_t wrapped_r[SEAL_WRAP_SIZE]);
must_check enum err seal_unwrap(const uint8_t server[SEAL_KEY_SIZE], uint64_t contact,
	const uint8_t *wrapped, size_t length, uint8_t key_r[SEAL_KEY_SIZE]);

/* sealed_r: length + SEAL_OVERHEAD bytes; plain_r: length - SEAL_OVERHEAD bytes. */
void seal_close(const uint8_t key[SEAL_KEY_SIZE], const struct seal_place *place,
	const void *plain, size_t length, uint8_t *sealed_r);
/* The same with a nonce that was drawn before, by randombytes_buf, and is never used again. */
void seal_close_with(const uint8_t nonce[SEAL_NONCE_SIZE], const uint8_t key[SEAL_KEY_SIZE],
	const struct seal_place *place, const void *plain, size_t length, uint8_t *sealed_r);
must_check enum err seal_open(const uint8_t key[SEAL_KEY_SIZE], const struct seal_place *place,
	const uint8_t *sealed, size_t length, uint8_t *plain_r);

/* A key for one purpose, derived from the server key. */
void seal_derive(
	const uint8_t server[SEAL_KEY_SIZE], const char *label, uint8_t key_r[SEAL_KEY_SIZE]);

#endif
