/* Onion-Location: to who comes by the web, Tor Browser offers the same page inside Tor. */
#include "server/private.h"

#include <stdio.h>
#include <string.h>

enum { LANGUAGE = 11 };

/* "lang=fr" alone, of which a header can be made; "" for any other. */
static const char *language_of(const char *query)
{
	const char *wish = !strncmp(query, "lang=", 5) ? query + 5 : "";
	size_t length = strspn(wish, "abcdefghijklmnopqrstuvwxyz-");
	return length && length <= LANGUAGE && !wish[length] ? query : "";
}

bool onion_location(const struct server *server, struct lws *wsi, const struct server_route *route,
	const char *query, char location_r[SERVER_ONION_MAX])
{
	const char *onion = server->config->server.onion, *language = language_of(query);
	char host[SERVER_ONION_MAX] = "";

	if (!onion || !route || route->listener != SERVER_PUBLIC || strchr(route->path, '*')
		|| lws_get_vhost(wsi) == server->onion)
		return false;
	lws_hdr_copy(wsi, host, sizeof host, WSI_TOKEN_HOST);
	if (strstr(host, ".onion"))
		return false;
	snprintf(location_r, SERVER_ONION_MAX, "%s%s%s%s", onion, route->path, *language ? "?" : "", language);
	return true;
}
