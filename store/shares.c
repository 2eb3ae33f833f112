#include "store/shares.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { CHECK = 3, RAW = 1 + 4 + SHARES_SECRET + CHECK, DIGITS = RAW * 8 / 5, GROUP = 4 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char prefix[] = "ONTHAAL-";

/* In GF(2^8) with the polynomial of AES; no branch and no table depends on the secret. */
static uint8_t times(uint8_t a, uint8_t b)
{
	uint8_t product = 0;
	for (int bit = 0; bit < 8; bit++) {
		product ^= (uint8_t)(-(b & 1) & a);
		a = (uint8_t)((a << 1) ^ (-(a >> 7) & 0x1b));
		b >>= 1;
	}
	return product;
}

static uint8_t inverse(uint8_t a) /* a^254 */
{
	uint8_t result = 1;
	for (int i = 0; i < 254; i++)
		result = times(result, a);
	return result;
}

void shares_split(const uint8_t secret[SHARES_SECRET], struct share shares_r[SHARES_COUNT])
{
	uint8_t slope[SHARES_SECRET], set[4];

	randombytes_buf(slope, sizeof slope);
	randombytes_buf(set, sizeof set);
	for (unsigned n = 1; n <= SHARES_COUNT; n++) {
		struct share *share = &shares_r[n - 1];
		share->number = (uint8_t)n;
		memcpy(share->set, set, sizeof set);
		for (int i = 0; i < SHARES_SECRET; i++)
			share->bytes[i] = secret[i] ^ times(slope[i], n);
	}
	sodium_memzero(slope, sizeof slope);
}

enum err shares_combine(
	const struct share *one, const struct share *two, uint8_t secret_r[SHARES_SECRET])
{
	uint8_t over;

	if (one->number == two->number || memcmp(one->set, two->set, sizeof one->set)
		|| !one->number || !two->number || one->number > SHARES_COUNT
		|| two->number > SHARES_COUNT)
		return ERR_INVALID;
	over = inverse(one->number ^ two->number);
	for (int i = 0; i < SHARES_SECRET; i++) {
		uint8_t slope = times(one->bytes[i] ^ two->bytes[i], over);
		secret_r[i] = one->bytes[i] ^ times(slope, one->number);
	}
	return OK;
}

static void check_of(const uint8_t raw[RAW], uint8_t check_r[CHECK])
{
	uint8_t hash[crypto_generichash_BYTES];
	crypto_generichash(hash, sizeof hash, raw, RAW - CHECK, NULL, 0);
	memcpy(check_r, hash, CHECK);
}

void shares_write(const struct share *share, char text_r[SHARES_TEXT])
{
	uint8_t raw[RAW];
	char *at = text_r + sprintf(text_r, "%s%u", prefix, share->number);
	unsigned held = 0, bits = 0, written = 0;

	raw[0] = share->number;
	memcpy(raw + 1, share->set, sizeof share->set);
	memcpy(raw + 5, share->bytes, SHARES_SECRET);
	check_of(raw, raw + RAW - CHECK);
	for (int i = 0; i < RAW; i++) {
		held = held << 8 | raw[i];
		for (bits += 8; bits >= 5; bits -= 5, written++) {
			if (written % GROUP == 0)
				*at++ = '-';
			*at++ = alphabet[held >> (bits - 5) & 31];
		}
	}
	*at = '\0';
	sodium_memzero(raw, sizeof raw);
}

static int digit(char c)
{
	c = (char)toupper((unsigned char)c);
	c = (char)(c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c);
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

/* How many digits there are; -1: something is none, or there are too many. */
static int decode(const char *text, uint8_t raw_r[RAW])
{
	unsigned held = 0, bits = 0, bytes = 0;
	int count = 0;

	while (isspace((unsigned char)*text))
		text++;
	if (!strncasecmp(text, prefix, sizeof prefix - 1)) {
		text += sizeof prefix - 1;
		text += *text && text[1] == '-' ? 2 : 0; /* the number, which is inside too */
	}
	for (; *text; text++) {
		if (*text == '-' || isspace((unsigned char)*text))
			continue;
		int value = digit(*text);
		if (value < 0 || ++count > DIGITS)
			return -1;
		held = held << 5 | (unsigned)value;
		if ((bits += 5) >= 8)
			raw_r[bytes++] = (uint8_t)(held >> (bits -= 8));
	}
	return count;
}

bool shares_begins(const char *text)
{
	uint8_t raw[RAW] = { 0 };
	int count = decode(text, raw);

	sodium_memzero(raw, sizeof raw);
	return count >= 0 && count < DIGITS;
}

enum err shares_read(const char *text, struct share *share_r)
{
	uint8_t raw[RAW] = { 0 }, check[CHECK];
	enum err err = decode(text, raw) == DIGITS ? OK : ERR_INVALID;

	check_of(raw, check);
	if (!err
		&& (memcmp(check, raw + RAW - CHECK, CHECK) || !raw[0] || raw[0] > SHARES_COUNT))
		err = ERR_CORRUPT;
	share_r->number = raw[0];
	memcpy(share_r->set, raw + 1, sizeof share_r->set);
	memcpy(share_r->bytes, raw + 5, SHARES_SECRET);
	sodium_memzero(raw, sizeof raw);
	return err;
}
