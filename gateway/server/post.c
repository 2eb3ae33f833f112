/* What is posted: gathered within a bound, handed over whole, and wiped. */
#include "base/mem.h"
#include "server/private.h"

#include <stdlib.h>
#include <string.h>

static bool length_of(struct lws *wsi, size_t *length_r)
{
	char text[20] = "", *end;

	if (lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
		return false;
	*length_r = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end;
}

static void copy_header(struct lws *wsi, const char *name, char to[SERVER_HEADER_MAX])
{
	char with_colon[64];
	size_t length = strlen(name);
	int have;

	*to = '\0';
	if (!strcmp(name, "content-type")) { /* one of those that the library knows */
		if (lws_hdr_copy(wsi, to, SERVER_HEADER_MAX, WSI_TOKEN_HTTP_CONTENT_TYPE) < 0)
			*to = '\0';
		return;
	}
	if (!strcmp(name, "authorization")) {
		if (lws_hdr_copy(wsi, to, SERVER_HEADER_MAX, WSI_TOKEN_HTTP_AUTHORIZATION) < 0)
			*to = '\0';
		return;
	}
	if (length + 2 > sizeof with_colon)
		return;
	memcpy(with_colon, name, length);
	memcpy(with_colon + length, ":", 2);
	have = lws_hdr_custom_length(wsi, with_colon, (int)length + 1);
	if (have <= 0 || have >= SERVER_HEADER_MAX
		|| lws_hdr_custom_copy(wsi, to, SERVER_HEADER_MAX, with_colon, (int)length + 1) < 0)
		*to = '\0';
}

int post_begin(struct lws *wsi, struct exchange *exchange, const struct server_route *route,
	const char *path, const char **why_r)
{
	struct posting *posting;
	size_t length;

	post_drop(exchange);
	if (!length_of(wsi, &length)) {
		*why_r = "Say Content-Length.\n";
		return HTTP_STATUS_LENGTH_REQUIRED;
	}
	if (length > SERVER_BODY_MAX || strlen(path) >= sizeof posting->path) {
		*why_r = "That is too much.\n";
		return HTTP_STATUS_REQ_ENTITY_TOO_LARGE;
	}
	posting = mem_alloc(sizeof *posting + length + 1);
	posting->route = route;
	posting->expected = length;
	strcpy(posting->path, path);
	lws_hdr_copy(wsi, posting->query, sizeof posting->query, WSI_TOKEN_HTTP_URI_ARGS);
	lws_get_peer_simple(wsi, posting->peer, sizeof posting->peer);
	if (!strncmp(posting->peer, "::ffff:", 7)) /* IPv4, as the socket sees it */
		memmove(posting->peer, posting->peer + 7, strlen(posting->peer + 7) + 1);
	for (int i = 0; i < SERVER_HEADERS_MAX && route->headers && route->headers[i]; i++)
		copy_header(wsi, route->headers[i], posting->headers[i]);
	crowd_of(server_of(wsi), wsi, &posting->crowd, &posting->network);
	exchange->posting = posting;
	return 0;
}

bool post_take(struct exchange *exchange, const char *bytes, size_t length)
{
	struct posting *posting = exchange ? exchange->posting : NULL;

	if (!posting)
		return true; /* refused already: the rest is let pass */
	if (length > posting->expected - posting->length)
		return false;
	if (length)
		memcpy(posting->body + posting->length, bytes, length);
	posting->length += length;
	return true;
}

void post_finish(struct exchange *exchange, struct server_answer *answer_r)
{
	struct posting *posting = exchange->posting;
	const char *values[SERVER_HEADERS_MAX];

	for (int i = 0; i < SERVER_HEADERS_MAX; i++)
		values[i] = posting->headers[i];
	posting->route->post(posting->route->arg,
		&(struct server_request) { .path = posting->path,
			.query = posting->query,
			.accept_language = "",
			.body = posting->body,
			.length = posting->length,
			.peer = posting->peer,
			.header_names = posting->route->headers,
			.header_values = values,
			.crowd = posting->crowd,
			.network = posting->network,
			.exchange = exchange },
		answer_r);
	post_drop(exchange);
}

void post_drop(struct exchange *exchange)
{
	if (exchange->posting)
		explicit_bzero(
			exchange->posting, sizeof *exchange->posting + exchange->posting->expected);
	free(exchange->posting);
	exchange->posting = NULL;
}

const char *server_header(const struct server_request *request, const char *name)
{
	for (int i = 0; request->header_names && i < SERVER_HEADERS_MAX && request->header_names[i];
		i++)
		if (!strcmp(request->header_names[i], name))
			return request->header_values[i];
	return "";
}
