/* Digest authentication (RFC 2617, MD5: libre speaks nothing newer) of who calls or registers.
 * A nonce carries its time and our signature, so nothing is kept for who only asks; an answer that
 * was used before is asked for again. */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

#include "ivr/sip/re.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_REALM "onthaal"
enum { DIGEST_NONCE_SECONDS = 300, DIGEST_USED = 1024, DIGEST_NAME_MAX = 40 };

struct digest_user {
	char name[DIGEST_NAME_MAX + 1];
	uint8_t ha1[16];
};

struct digest;

struct digest *digest_create(void);
void digest_destroy(struct digest **digest);
void digest_user_set(struct digest_user *user_r, const char *name, const char *password);

enum digest_result { DIGEST_GOOD, DIGEST_ASK, DIGEST_STALE };
/* user_r: who it was. now: monotonic ms. */
enum digest_result digest_check(struct digest *digest, const struct sip_msg *msg,
	const struct digest_user *users, size_t count, int64_t now,
	const struct digest_user **user_r);
void digest_ask(struct digest *digest, struct sip *sip, const struct sip_msg *msg, bool stale,
	int64_t now); /* answers 401 */

#endif
