#include "ivr/sip/sdes.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const suites[] = { "AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_80" };

static size_t word(const char **at, const char *end)
{
	const char *start;

	while (*at < end && **at == ' ')
		(*at)++;
	start = *at;
	while (*at < end && **at != ' ')
		(*at)++;
	return (size_t)(*at - start);
}

static enum err parse_tag(const char *text, size_t length, uint32_t *tag_r)
{
	*tag_r = 0;
	if (!length || length > 9)
		return ERR_INVALID;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_INVALID;
		*tag_r = *tag_r * 10 + (uint32_t)(text[i] - '0');
	}
	return OK;
}

/* base64 of the key, then at most a lifetime ("|2^31"); an MKI has a colon. */
static enum err parse_key(const char *text, size_t length, uint8_t key_r[SDES_KEY])
{
	static const char inline_[] = "inline:";
	const char *bar;
	size_t bytes;

	if (length < sizeof inline_ || memcmp(text, inline_, sizeof inline_ - 1) != 0)
		return ERR_INVALID;
	text += sizeof inline_ - 1;
	length -= sizeof inline_ - 1;
	if (memchr(text, ':', length) || memchr(text, ';', length))
		return ERR_INVALID;
	bar = memchr(text, '|', length);
	if (bar)
		length = (size_t)(bar - text);
	if (sodium_base642bin(key_r, SDES_KEY, text, length, "=", &bytes, NULL,
		    sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
		|| bytes != SDES_KEY)
		return ERR_INVALID;
	return OK;
}

enum err sdes_parse(const char *value, size_t length, struct sdes *sdes_r)
{
	const char *end = value + length, *at = value, *start;
	size_t size = word(&at, end);
	bool known = false;

	memset(sdes_r, 0, sizeof *sdes_r);
	start = at - size;
	if (parse_tag(start, size, &sdes_r->tag))
		return ERR_INVALID;
	size = word(&at, end);
	start = at - size;
	for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
		if (size == strlen(suites[i]) && memcmp(start, suites[i], size) == 0) {
			sdes_r->suite = (enum sdes_suite)i;
			known = true;
		}
	}
	if (!known)
		return ERR_INVALID;
	size = word(&at, end);
	start = at - size;
	if (word(&at, end)) /* session parameters change what is sent: unencrypted, FEC, … */
		return ERR_INVALID;
	return parse_key(start, size, sdes_r->key);
}

void sdes_print(const struct sdes *sdes, char line_r[SDES_LINE_MAX])
{
	char text[64];

	sodium_bin2base64(text, sizeof text, sdes->key, SDES_KEY, sodium_base64_VARIANT_ORIGINAL);
	snprintf(line_r, SDES_LINE_MAX, "%u %s inline:%s", sdes->tag, suites[sdes->suite], text);
	sodium_memzero(text, sizeof text);
}
