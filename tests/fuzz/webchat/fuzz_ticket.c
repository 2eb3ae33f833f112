/* The address of the frame without script: ours opens to its secret for its time, and nothing else does.
 * [1 byte: which character][minutes][the secret, or anything] */
#include "webchat/ticket.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t key[TICKET_KEY] = { 3 };
	static const int64_t wall = INT64_C(1700000000000);
	char text[TICKET_TEXT], secret[DESK_SECRET_SIZE] = "", typed[DESK_SECRET_SIZE];
	int64_t later;
	enum err err;

	if (length < 2)
		return 0;
	later = wall + bytes[1] * INT64_C(60000);
	must(ticket_read(key, (const char *)bytes + 2, length - 2, wall, secret));
	if (length - 2 >= sizeof typed)
		return 0; /* and libsodium takes a byte above 127 for one of its letters */
	memcpy(typed, bytes + 2, length - 2);
	typed[length - 2] = '\0';
	for (char *at = typed; *at; at++)
		*at &= 0x7f;
	if (ticket_make(key, typed, wall, text)) {
		must(!*text);
		return 0;
	}
	err = ticket_read(key, text, strlen(text), later, secret);
	must(later - wall > TICKET_SECONDS * INT64_C(1000) ? err == ERR_STALE
							       : !err && !strcmp(secret, typed));
	must(ticket_read(key, text, strlen(text), wall - 1, secret) == ERR_STALE);
	text[bytes[0] % strlen(text)] ^= 1;
	must(ticket_read(key, text, strlen(text), wall, secret) == ERR_INVALID);
	return 0;
}
