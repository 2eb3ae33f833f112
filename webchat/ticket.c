#include "webchat/ticket.h"

#include <sodium.h>
#include <string.h>

enum { SECRET = 32, NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

struct inside {
	int64_t wall;
	uint8_t secret[SECRET];
};

struct sealed {
	uint8_t nonce[NONCE], bytes[sizeof(struct inside) + TAG];
};

static const unsigned char label[] = "onthaal.look.1";

enum err ticket_make(const uint8_t key[TICKET_KEY], const char *secret, int64_t wall,
	char text_r[TICKET_TEXT])
{
	struct inside inside = { .wall = wall };
	struct sealed sealed;
	size_t length;

	*text_r = '\0';
	if (sodium_base642bin(inside.secret, SECRET, secret, strlen(secret), NULL, &length, NULL, VARIANT)
		|| length != SECRET)
		return ERR_INVALID;
	randombytes_buf(sealed.nonce, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.bytes, NULL, (const uint8_t *)&inside,
		sizeof inside, label, sizeof label, NULL, sealed.nonce, key);
	sodium_bin2base64(text_r, TICKET_TEXT, (const uint8_t *)&sealed, sizeof sealed, VARIANT);
	sodium_memzero(&inside, sizeof inside);
	return OK;
}

enum err ticket_read(const uint8_t key[TICKET_KEY], const char *text, size_t length, int64_t wall,
	char secret_r[DESK_SECRET_SIZE])
{
	struct inside inside;
	struct sealed sealed;
	size_t got;
	bool old;

	if (length != TICKET_TEXT - 1
		|| sodium_base642bin((uint8_t *)&sealed, sizeof sealed, text, length, NULL, &got, NULL,
			VARIANT)
		|| got != sizeof sealed
		|| crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)&inside, NULL, NULL, sealed.bytes,
			sizeof sealed.bytes, label, sizeof label, sealed.nonce, key))
		return ERR_INVALID;
	old = inside.wall > wall || wall - inside.wall > TICKET_SECONDS * INT64_C(1000);
	if (!old)
		sodium_bin2base64(secret_r, DESK_SECRET_SIZE, inside.secret, SECRET, VARIANT);
	sodium_memzero(&inside, sizeof inside);
	return old ? ERR_STALE : OK;
}
