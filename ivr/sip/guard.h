/* Who may talk to us, and what a request must look like, before libre acts on it.
 *
 * A source is trusted when it is in the address list, or a trunk's server. Others are asked for a
 * digest when there are digest users, and are not answered at all when there are none. Scanners are
 * never answered. Sources that are not trusted have a bucket of INVITEs in memory, by a keyed hash
 * of the address, never the address itself. */
#ifndef SIP_GUARD_H
#define SIP_GUARD_H

#include "base/err.h"
#include "ivr/sip/re.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUARD_NETS_MAX = 64, GUARD_BUCKETS = 4096, GUARD_WAYS = 4 };

struct guard_net { /* an address or a prefix, IPv4 as ::ffff:a.b.c.d */
	uint8_t bytes[16];
	uint8_t bits;
};

/* "192.0.2.0/24", "2001:db8::/32", "192.0.2.7" */
must_check enum err guard_net_parse(const char *text, struct guard_net *net_r);
bool guard_net_has(const struct guard_net *nets, size_t count, const struct sa *address);
/* Who listens there is reached from its own machine alone, whatever address of it stands as the source. */
bool guard_loopback(const char *address);

struct guard_rate; /* buckets by source */
struct guard_rate *guard_rate_create(uint32_t per_minute);
void guard_rate_destroy(struct guard_rate **rate);
bool guard_rate_take(struct guard_rate *rate, const struct sa *source, int64_t now); /* ms */

/* What is wrong with a request: 0 nothing, -1 do not answer at all, else the status, with its reason
 * phrase. */
int guard_request(const struct sip_msg *msg, const char **reason_r);
int guard_print_required(struct re_printf *pf, void *msg); /* the option tags of a 420, for %H */
bool guard_scanner(const struct sip_msg *msg);
/* Nothing that would end an address or a line: what a peer said may stand in our own message. */
bool guard_plain(const struct pl *text);
bool guard_method_known(const struct pl *method);
#define GUARD_ALLOW "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REGISTER\r\n"

#endif
