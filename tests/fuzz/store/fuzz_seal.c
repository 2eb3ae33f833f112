/* Envelopes at rest: what was not sealed by us, or stands elsewhere, or differs in a bit, does not open;
 * what was, opens to the same. [2 bytes: which bit][20: where it stands][the bytes] */
#include "store/seal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { HEAD = 22, PLAIN_MAX = 1024 };

static void must(bool good)
{
	if (!good)
		abort();
}

static struct seal_place place_at(const uint8_t *bytes)
{
	struct seal_place place;
	memcpy(&place.contact, bytes, 8);
	memcpy(&place.seq, bytes + 8, 4);
	memcpy(&place.kind, bytes + 12, 4);
	memcpy(&place.field, bytes + 16, 4);
	return place;
}

static void elsewhere(const uint8_t *key, struct seal_place place, unsigned which,
	const uint8_t *sealed, size_t length, uint8_t *plain)
{
	switch (which % 4) {
	case 0:
		place.contact ^= UINT64_C(1) << which % 64;
		break;
	case 1:
		place.seq ^= 1u << which % 32;
		break;
	case 2:
		place.kind ^= 1u << which % 32;
		break;
	default:
		place.field ^= 1u << which % 32;
	}
	must(seal_open(key, &place, sealed, length, plain));
}

static void wrapped(const uint8_t *server, uint64_t contact, const uint8_t *bytes, size_t length)
{
	uint8_t key[SEAL_KEY_SIZE] = { 0 }, again[SEAL_KEY_SIZE], wrap[SEAL_WRAP_SIZE];

	memcpy(key, bytes, length < sizeof key ? length : sizeof key);
	must(seal_unwrap(server, contact, bytes, length, again));
	seal_wrap(server, contact, key, wrap);
	must(!seal_unwrap(server, contact, wrap, sizeof wrap, again) && !memcmp(key, again, sizeof key));
	must(seal_unwrap(server, contact ^ 1, wrap, sizeof wrap, again));
	must(seal_unwrap(server, contact, wrap, sizeof wrap - 1, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t key[SEAL_KEY_SIZE] = { 7 };
	struct seal_place place;
	uint8_t plain[PLAIN_MAX], sealed[PLAIN_MAX + SEAL_OVERHEAD];
	unsigned which;

	if (length < HEAD || length - HEAD > PLAIN_MAX)
		return 0;
	which = (unsigned)bytes[0] << 8 | bytes[1];
	place = place_at(bytes + 2);
	bytes += HEAD;
	length -= HEAD;
	must(seal_open(key, &place, bytes, length, plain));
	seal_close(key, &place, bytes, length, sealed);
	must(!seal_open(key, &place, sealed, length + SEAL_OVERHEAD, plain)
		&& !memcmp(plain, bytes, length));
	elsewhere(key, place, which, sealed, length + SEAL_OVERHEAD, plain);
	must(seal_open(key, &place, sealed, which % (length + SEAL_OVERHEAD), plain));
	sealed[which / 8 % (length + SEAL_OVERHEAD)] ^= (uint8_t)(1 << which % 8);
	must(seal_open(key, &place, sealed, length + SEAL_OVERHEAD, plain));
	wrapped(key, place.contact, bytes, length);
	return 0;
}
