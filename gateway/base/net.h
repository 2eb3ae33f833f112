/* Addresses of this machine and of local networks: those that a request of ours is not sent to unless
 * it is meant so, and that nobody outside can reach. Pure: no name is looked up. */
#ifndef BASE_NET_H
#define BASE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool net_private_ipv4(uint32_t address); /* in the machine's order */
bool net_private_ipv6(const uint8_t address[16]); /* also an IPv4 address in it */

enum { NET_HOST_MAX = 255 };

/* The host of "scheme://user@host:port/path", in small letters and without brackets; false: none. */
bool net_host(const char *url, char host_r[NET_HOST_MAX + 1]);
/* By what it says alone: an address as above, or a name that only a local network gives (localhost,
 * a name without a dot, .local, .lan, .internal, .home.arpa). */
bool net_private_host(const char *host);
bool net_this_machine(const char *host); /* of these, localhost, 127.0.0.0/8 and ::1 */

#endif
