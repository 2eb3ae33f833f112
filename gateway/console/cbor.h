/* CBOR (RFC 8949) looked through before a library reads it: libcbor takes memory for as many elements as
 * a map or a list announces, be it a billion in five bytes. */
#ifndef CONSOLE_CBOR_H
#define CONSOLE_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CBOR_DEPTH = 4 }; /* CTAP2's canonical form has no more */

/* Whether these bytes are so many whole items of known lengths, and nothing else. */
bool cbor_are(const uint8_t *bytes, size_t length, unsigned items);

#endif
