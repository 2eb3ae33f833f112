#include "base/net.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

bool net_private_ipv4(uint32_t address)
{
	static const struct {
		uint32_t net, mask;
	} nets[] = { { 0x00000000, 0xff000000 }, { 0x0a000000, 0xff000000 },
		{ 0x64400000, 0xffc00000 }, { 0x7f000000, 0xff000000 }, { 0xa9fe0000, 0xffff0000 },
		{ 0xac100000, 0xfff00000 }, { 0xc0000000, 0xffffff00 }, { 0xc0a80000, 0xffff0000 },
		{ 0xc6120000, 0xfffe0000 }, { 0xe0000000, 0xe0000000 } };
	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
		if ((address & nets[i].mask) == nets[i].net)
			return true;
	return false;
}

bool net_private_ipv6(const uint8_t a[16])
{
	static const uint8_t zero[12] = { 0 }, mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	uint32_t low = (uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 | (uint32_t)a[14] << 8 | a[15];

	if (!memcmp(a, mapped, 12) || !memcmp(a, nat64, 12))
		return net_private_ipv4(low);
	if (!memcmp(a, zero, 12))
		return true; /* unspecified, loopback, the old IPv4 form */
	return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) >= 0x80) || a[0] == 0xff;
}

bool net_host(const char *url, char host_r[NET_HOST_MAX + 1])
{
	const char *at = strstr(url, "://"), *user;
	size_t length;

	*host_r = '\0';
	if (!at)
		return false;
	at += 3;
	user = memchr(at, '@', strcspn(at, "/?#"));
	if (user)
		at = user + 1;
	length = *at == '[' ? strcspn(++at, "]/?#") : strcspn(at, ":/?#");
	if (!length || length > NET_HOST_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		host_r[i] = (char)tolower((unsigned char)at[i]);
	host_r[length] = '\0';
	return true;
}

static bool ends(const char *text, const char *with)
{
	size_t length = strlen(text), tail = strlen(with);
	return length > tail && !strcmp(text + length - tail, with);
}

bool net_private_host(const char *host)
{
	static const char *const local[]
		= { ".localhost", ".local", ".lan", ".internal", ".home.arpa" };
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return net_private_ipv4(ntohl(four.s_addr));
	if (inet_pton(AF_INET6, host, &six) == 1)
		return net_private_ipv6(six.s6_addr);
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (ends(host, local[i]))
			return true;
	return !strchr(host, '.');
}

bool net_this_machine(const char *host)
{
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return !strcmp(host, "::1") || !strcmp(host, "localhost") || ends(host, ".localhost");
}
