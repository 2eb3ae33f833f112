/* Hybrid public key encryption, RFC 9180, in base mode and for single messages: DHKEM(X25519,
 * HKDF-SHA256), HKDF-SHA256, AES-256-GCM (0x0020, 0x0001, 0x0002). Whoever has the public key seals;
 * only the private key opens. Made of OpenSSL's primitives, which has no HPKE of its own before 3.2.
 *
 * info says what a sealed value is for, aad what it belongs to: both must be the same at opening.
 * Form of a sealed value: 32 bytes of the ephemeral key, ciphertext, 16 bytes of tag. */
#ifndef STORE_HPKE_H
#define STORE_HPKE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { HPKE_KEY_SIZE = 32, HPKE_TAG_SIZE = 16, HPKE_OVERHEAD = HPKE_KEY_SIZE + HPKE_TAG_SIZE };

enum hpke_aead { HPKE_AES_128_GCM = 1, HPKE_AES_256_GCM = 2 }; /* RFC 9180, 7.3 */

struct hpke_use {
	const char *info; /* a constant text */
	const uint8_t *aad;
	size_t aad_length;
};

void hpke_pair(uint8_t private_r[HPKE_KEY_SIZE], uint8_t public_r[HPKE_KEY_SIZE]);
must_check enum err hpke_public(
	const uint8_t private[HPKE_KEY_SIZE], uint8_t public_r[HPKE_KEY_SIZE]);

/* sealed_r: length + HPKE_OVERHEAD bytes. ERR_INVALID: not a public key to seal to. */
must_check enum err hpke_seal(const uint8_t public[HPKE_KEY_SIZE], const struct hpke_use *use,
	const uint8_t *plain, size_t length, uint8_t *sealed_r);
/* plain_r: length - HPKE_OVERHEAD bytes. ERR_CORRUPT: not sealed to this key, for this use. */
must_check enum err hpke_open(const uint8_t private[HPKE_KEY_SIZE], const struct hpke_use *use,
	const uint8_t *sealed, size_t length, uint8_t *plain_r);

/* For the test vectors alone: another AEAD, and an ephemeral key that is not random. */
must_check enum err hpke_seal_with(enum hpke_aead aead, const uint8_t ephemeral[HPKE_KEY_SIZE],
	const uint8_t public[HPKE_KEY_SIZE], const struct hpke_use *use, const uint8_t *plain,
	size_t length, uint8_t *sealed_r);
must_check enum err hpke_open_with(enum hpke_aead aead, const uint8_t private[HPKE_KEY_SIZE],
	const struct hpke_use *use, const uint8_t *sealed, size_t length, uint8_t *plain_r);

#endif
