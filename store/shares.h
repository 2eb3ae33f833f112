/* A secret of 32 bytes in three shares, of which any two give it back and one says nothing about it
 * (Shamir's scheme over GF(2^8), a line through the secret for each byte). As text a share is
 * "ONTHAAL-1-…" in groups of four of Crockford's Base32, with a checksum: it is written down by hand. */
#ifndef STORE_SHARES_H
#define STORE_SHARES_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { SHARES_COUNT = 3, SHARES_NEEDED = 2, SHARES_SECRET = 32, SHARES_TEXT = 96 };

struct share {
	uint8_t number; /* 1 to SHARES_COUNT */
	uint8_t set[4]; /* the same in shares that belong together */
	uint8_t bytes[SHARES_SECRET];
};

void shares_split(const uint8_t secret[SHARES_SECRET], struct share shares_r[SHARES_COUNT]);
/* ERR_INVALID: twice the same share, or of different sets. */
must_check enum err shares_combine(
	const struct share *one, const struct share *two, uint8_t secret_r[SHARES_SECRET]);

void shares_write(const struct share *share, char text_r[SHARES_TEXT]);
/* Small letters, missing hyphens, O for 0 and I or L for 1 are understood. ERR_INVALID: not a share;
 * ERR_CORRUPT: the checksum is wrong, so something was mistyped. */
must_check enum err shares_read(const char *text, struct share *share_r);
bool shares_begins(const char *text); /* a share may begin so, and goes on: it is written in several lines */

#endif
