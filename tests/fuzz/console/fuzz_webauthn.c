/* What a browser answers with a passkey: four lengths of two bytes, then clientDataJSON and authenticator
 * data of a registration, those of a sign-in with it, and the rest is its signature. Whatever is let
 * through was for our page, our name and our challenge, by who was seen to be there. */
#include "console/webauthn.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 4, FLAGS_AT = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE];
static const struct webauthn_site site
	= { .rp = "chat.example.org", .origin = "https://chat.example.org" };

/* false: more was announced than there is, or than a frame may hold. */
static bool take(const uint8_t **bytes, size_t *length, size_t wanted, size_t most, uint8_t *to, size_t *length_r)
{
	if (wanted > *length || wanted > most)
		return false;
	memcpy(to, *bytes, wanted);
	*length_r = wanted;
	*bytes += wanted;
	*length -= wanted;
	return true;
}

static bool ours(const struct webauthn_answer *answer)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const uint8_t *)site.rp, strlen(site.rp));
	return answer->data_length > FLAGS_AT && !memcmp(hash, answer->data, sizeof hash)
		&& (answer->data[FLAGS_AT] & 5) == 5;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct webauthn_answer made, used;
	struct passkey passkey = { .id = 1 };
	size_t lengths[PARTS];
	uint32_t count;

	if (length < 2 * PARTS)
		return 0;
	for (int i = 0; i < PARTS; i++)
		lengths[i] = (size_t)bytes[2 * i] << 8 | bytes[2 * i + 1];
	bytes += 2 * PARTS;
	length -= 2 * PARTS;
	if (!take(&bytes, &length, lengths[0], WEBAUTHN_CLIENT_MAX, made.client, &made.client_length)
		|| !take(&bytes, &length, lengths[1], WEBAUTHN_DATA_MAX, made.data, &made.data_length)
		|| !take(&bytes, &length, lengths[2], WEBAUTHN_CLIENT_MAX, used.client, &used.client_length)
		|| !take(&bytes, &length, lengths[3], WEBAUTHN_DATA_MAX, used.data, &used.data_length)
		|| !take(&bytes, &length, length, WEBAUTHN_SIGNATURE_MAX, used.signature,
			&used.signature_length))
		return 0;
	if (webauthn_register(&site, challenge, &made, &passkey))
		return 0;
	if (!ours(&made) || !passkey.credential_length || passkey.credential_length > PASSKEY_ID_MAX
		|| !passkey.public_length || passkey.public_length > PASSKEY_PUBLIC_MAX)
		abort();
	if (webauthn_assert(&site, challenge, &used, &passkey, &count))
		return 0;
	if (!ours(&used) || (count <= passkey.count && (count || passkey.count))
		|| memcmp(made.client, used.client, used.client_length) == 0)
		abort();
	return 0;
}
