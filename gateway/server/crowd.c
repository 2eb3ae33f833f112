/* Lines of one network, known as such for some minutes and by a number alone. */
#include "base/clock.h"
#include "server/private.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

enum { MINUTE_MS = 60000, ADDRESS = 64, HEADERS_MAX = 4096 }; /* of all headers of a request, by libwebsockets */

static bool loopback(const uint8_t *bytes, size_t size)
{
	static const uint8_t six[16] = { [15] = 1 };
	return size == 4 ? bytes[0] == 127 : !memcmp(bytes, six, sizeof six);
}

/* 4 or 16 bytes; 0: not an address. An IPv4 address in IPv6 clothes is the IPv4 address. */
static size_t parse(const char *text, uint8_t bytes_r[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET, text, bytes_r) == 1)
		return 4;
	if (inet_pton(AF_INET6, text, bytes_r) != 1)
		return 0;
	if (memcmp(bytes_r, mapped, sizeof mapped))
		return 16;
	memmove(bytes_r, bytes_r + 12, 4);
	return 4;
}

/* Of a list that proxies wrote, the last: the one that our own proxy saw. */
static const char *last_of(char *list)
{
	char *comma = strrchr(list, ',');
	list = comma ? comma + 1 : list;
	while (*list == ' ')
		list++;
	list[strcspn(list, " ")] = '\0';
	return list;
}

uint64_t crowd_number(struct crowd *crowd, const char *peer, char *forwarded)
{
	uint8_t bytes[16], hash[crypto_shorthash_BYTES];
	uint64_t number;
	int64_t mono = clock_mono(), keep = crowd->minutes ? crowd->minutes : CROWD_MINUTES;
	size_t size = parse(peer, bytes);

	if (size && loopback(bytes, size)) /* a proxy on this machine, or this machine itself */
		size = *forwarded ? parse(last_of(forwarded), bytes) : 0;
	if (!size)
		return 0;
	if (!crowd->made_mono || mono - crowd->made_mono > keep * MINUTE_MS) {
		randombytes_buf(crowd->key, sizeof crowd->key);
		crowd->made_mono = mono;
	}
	crypto_shorthash(hash, bytes, size == 4 ? 3 : 6, crowd->key); /* /24, /48 */
	memcpy(&number, hash, sizeof number);
	sodium_memzero(bytes, sizeof bytes);
	return number ? number : 1;
}

void crowd_of(struct server *server, struct lws *wsi, uint64_t *crowd_r, uint64_t *network_r)
{
	char peer[ADDRESS] = "", forwarded[HEADERS_MAX + 1] = "";

	if (lws_get_vhost(wsi) == server->onion) { /* what it says it was forwarded for, anybody can say */
		*crowd_r = *network_r = SERVER_FROM_TOR;
		return;
	}
	lws_get_peer_simple(wsi, peer, sizeof peer);
	if (lws_hdr_copy(wsi, forwarded, sizeof forwarded, WSI_TOKEN_X_FORWARDED_FOR) < 0)
		strcpy(forwarded, "0.0.0.0"); /* all of these count as one */
	*crowd_r = crowd_number(&server->crowd, peer, forwarded);
	*network_r = crowd_number(&server->network, peer, forwarded);
	sodium_memzero(peer, sizeof peer);
	sodium_memzero(forwarded, sizeof forwarded);
}

uint64_t server_line_crowd(const struct server_line *line)
{
	return line->crowd;
}

uint64_t server_line_network(const struct server_line *line)
{
	return line->network;
}
