#include "store/keys.h"

static struct hpke_use use_of(uint64_t contact, uint8_t bytes[8])
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(contact >> (8 * i));
	return (struct hpke_use) { .info = "onthaal.seal.1", .aad = bytes, .aad_length = 8 };
}

enum err keys_seal(const uint8_t public[HPKE_KEY_SIZE], uint64_t contact,
	const uint8_t key[SEAL_KEY_SIZE], uint8_t sealed_r[KEYS_SEALED_SIZE])
{
	uint8_t bytes[8];
	struct hpke_use use = use_of(contact, bytes);
	return hpke_seal(public, &use, key, SEAL_KEY_SIZE, sealed_r);
}

enum err keys_open(const uint8_t private[HPKE_KEY_SIZE], uint64_t contact,
	const uint8_t sealed[KEYS_SEALED_SIZE], uint8_t key_r[SEAL_KEY_SIZE])
{
	uint8_t bytes[8];
	struct hpke_use use = use_of(contact, bytes);
	return hpke_open(private, &use, sealed, KEYS_SEALED_SIZE, key_r);
}
