/* A sealed value from elsewhere: never opens unless it was sealed to us, never breaks. */
#include "store/keys.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static uint8_t private[HPKE_KEY_SIZE], public[HPKE_KEY_SIZE];
	uint8_t plain[1024], sealed[sizeof plain + HPKE_OVERHEAD];
	struct hpke_use use = { .info = "fuzz", .aad = bytes, .aad_length = length / 2 };

	if (sodium_is_zero(public, sizeof public)) {
		memset(private, 7, sizeof private);
		if (hpke_public(private, public))
			abort();
	}
	if (length > sizeof plain)
		return 0;
	if (!hpke_open(private, &use, bytes, length, plain))
		abort(); /* nobody can have made it by chance */
	if (length % 16 != 0)
		return 0; /* the rest is slow, and it is the opening that meets strangers */
	if (hpke_seal(public, &use, bytes, length, sealed)
		|| hpke_open(private, &use, sealed, length + HPKE_OVERHEAD, plain)
		|| memcmp(plain, bytes, length))
		abort();
	sealed[(length ? bytes[0] : 0) % (length + HPKE_OVERHEAD)] ^= 1;
	if (!hpke_open(private, &use, sealed, length + HPKE_OVERHEAD, plain))
		abort(); /* one bit is other */
	if (length >= HPKE_KEY_SIZE) /* as a public key: refused, or sealed to */
		(void)!hpke_seal(bytes, &use, bytes, length, sealed);
	return 0;
}
