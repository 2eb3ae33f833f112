/* SRTP keys in SDP (RFC 4568): "1 AES_CM_128_HMAC_SHA1_80 inline:…". Pure. Only AES_CM_128 with
 * both tag lengths; a key with a lifetime is taken, one with an MKI is refused. */
#ifndef SIP_SDES_H
#define SIP_SDES_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { SDES_KEY = 30, /* bytes: key and salt */
	SDES_LINE_MAX = 160 };
enum sdes_suite { SDES_SHORT_TAG /* 32 bits */, SDES_LONG_TAG /* 80 bits */ };

struct sdes {
	uint32_t tag;
	enum sdes_suite suite;
	uint8_t key[SDES_KEY];
};

/* ERR_INVALID: not of the form, or a suite or parameter we do not speak. */
must_check enum err sdes_parse(const char *value, size_t length, struct sdes *sdes_r);
void sdes_print(const struct sdes *sdes, char line_r[SDES_LINE_MAX]);

#endif
