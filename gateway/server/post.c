/* What is posted: gathered within a bound and handed over whole, or handed over as it comes; and wiped. */
#include "base/mem.h"
#include "server/private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static const struct server_stream *stream_of(struct lws *wsi, const struct server_route *route)
{
	char type[SERVER_HEADER_MAX];

	if (!route->stream)
		return NULL;
	copy_header(wsi, "content-type", type);
	return strncasecmp(type, "multipart/form-data", 19) ? NULL : route->stream;
}

void post_headers(struct lws *wsi, const struct server_route *route,
	char headers_r[SERVER_HEADERS_MAX][SERVER_HEADER_MAX])
{
	for (int i = 0; i < SERVER_HEADERS_MAX && route->headers && route->headers[i]; i++)
		copy_header(wsi, route->headers[i], headers_r[i]);
}

static void fill_posting(struct lws *wsi, struct posting *posting, const char *path)
{
	strcpy(posting->path, path);
	lws_hdr_copy(wsi, posting->query, sizeof posting->query, WSI_TOKEN_HTTP_URI_ARGS);
	lws_get_peer_simple(wsi, posting->peer, sizeof posting->peer);
	if (!strncmp(posting->peer, "::ffff:", 7)) /* IPv4, as the socket sees it */
		memmove(posting->peer, posting->peer + 7, strlen(posting->peer + 7) + 1);
	post_headers(wsi, posting->route, posting->headers);
	crowd_of(server_of(wsi), wsi, &posting->crowd, &posting->network);
}

static struct server_request request_of(const struct posting *posting, const char *values[SERVER_HEADERS_MAX],
	struct exchange *exchange)
{
	for (int i = 0; i < SERVER_HEADERS_MAX; i++)
		values[i] = posting->headers[i];
	return (struct server_request) { .path = posting->path,
		.query = posting->query,
		.accept_language = "",
		.body = posting->stream ? "" : posting->body,
		.length = posting->stream ? 0 : posting->length,
		.peer = posting->peer,
		.header_names = posting->route->headers,
		.header_values = values,
		.crowd = posting->crowd,
		.network = posting->network,
		.exchange = exchange };
}

int post_begin(struct lws *wsi, struct exchange *exchange, const struct server_route *route,
	const char *path, const char **why_r)
{
	const struct server_stream *stream = stream_of(wsi, route);
	const char *values[SERVER_HEADERS_MAX];
	struct server_request request;
	struct posting *posting;
	size_t length;

	post_drop(exchange);
	if (!length_of(wsi, &length)) {
		*why_r = "Say Content-Length.\n";
		return HTTP_STATUS_LENGTH_REQUIRED;
	}
	if (length > (stream ? stream->most : SERVER_BODY_MAX) || strlen(path) >= sizeof posting->path) {
		*why_r = "That is too much.\n";
		return HTTP_STATUS_REQ_ENTITY_TOO_LARGE;
	}
	posting = mem_alloc(sizeof *posting + (stream ? 0 : length) + 1);
	posting->route = route;
	posting->stream = stream;
	posting->expected = length;
	fill_posting(wsi, posting, path);
	exchange->posting = posting;
	if (!stream)
		return 0;
	request = request_of(posting, values, exchange);
	posting->taking = stream->begin(route->arg, &request);
	if (posting->taking)
		return 0;
	post_drop(exchange);
	*why_r = "This is not for you to send.\n";
	return HTTP_STATUS_FORBIDDEN;
}

bool post_take(struct exchange *exchange, const char *bytes, size_t length)
{
	struct posting *posting = exchange ? exchange->posting : NULL;

	if (!posting)
		return true; /* refused already: the rest is let pass */
	if (length > posting->expected - posting->length)
		return false;
	if (posting->stream) {
		posting->length += length;
		return posting->stream->take(posting->taking, bytes, length);
	}
	if (length)
		memcpy(posting->body + posting->length, bytes, length);
	posting->length += length;
	return true;
}

void post_finish(struct exchange *exchange, struct server_answer *answer_r)
{
	struct posting *posting = exchange->posting;
	const char *values[SERVER_HEADERS_MAX];
	struct server_request request = request_of(posting, values, exchange);
	void *taking = posting->taking;

	posting->taking = NULL;
	if (posting->stream)
		posting->stream->end(taking, answer_r);
	else
		posting->route->post(posting->route->arg, &request, answer_r);
	post_drop(exchange);
}

void post_drop(struct exchange *exchange)
{
	struct posting *posting = exchange->posting;

	if (!posting)
		return;
	if (posting->taking)
		posting->stream->drop(posting->taking);
	explicit_bzero(posting, sizeof *posting + (posting->stream ? 0 : posting->expected));
	free(posting);
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
