/* A request from anywhere, as far as our first look goes: it is refused with a number of the list or
 * let through whole, and nothing is read beyond it. */
#include "ivr/sip/digest.h"
#include "ivr/sip/guard.h"
#include "ivr/sip/leg.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct digest *digest;
static struct digest_user user;

static int swallow(const char *text, size_t size, void *arg)
{
	(void)text;
	*(size_t *)arg += size;
	return 0;
}

static void look(const struct sip_msg *msg)
{
	const char *reason = NULL;
	const struct digest_user *who;
	struct leg leg = { 0 };
	size_t printed = 0;
	struct re_printf pf = { .vph = swallow, .arg = &printed };
	int status = guard_request(msg, &reason);

	(void)guard_scanner(msg);
	if (status > 0 && (!reason || !*reason))
		abort();
	if (status != -1 && status != 0 && status != 400 && status != 405 && status != 415
		&& status != 416 && status != 420)
		abort();
	(void)guard_print_required(&pf, (void *)msg);
	if (printed > 8 * 42)
		abort();
	(void)digest_check(digest, msg, &user, 1, 1000, &who);
	leg_aim(&leg, msg);
	if (strlen(leg.aim) >= sizeof leg.aim)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct sip_msg *msg = NULL;
	struct mbuf *mb;

	if (!digest) {
		if (sodium_init() < 0)
			abort();
		digest = digest_create();
		digest_user_set(&user, "balie", "lang-genoeg");
	}
	if (!length || length > 65535)
		return 0;
	mb = mbuf_alloc(length);
	(void)mbuf_write_mem(mb, bytes, length);
	mb->pos = 0;
	if (!sip_msg_decode(&msg, mb)) {
		(void)sa_set_str(&msg->src, "192.0.2.1", 5060);
		if (msg->req)
			look(msg);
	}
	mem_deref(msg);
	mem_deref(mb);
	return 0;
}
