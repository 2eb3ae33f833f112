#include "base/log.h"
#include "base/mem.h"
#include "server/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER_BYTES = 2048, WRITE_BYTES = 8192 };

static const struct server_route *find(
	const struct server *server, enum server_listener listener, const char *path)
{
	for (size_t i = 0; i < server->route_count; i++) {
		const struct server_route *route = &server->routes[i];
		size_t length = strlen(route->path);
		bool any = length && route->path[length - 1] == '*';
		if (route->listener == listener
			&& (any ? !strncmp(path, route->path, length - 1)
				: !strcmp(path, route->path)))
			return route;
	}
	return NULL;
}

static void plain(struct server_answer *answer, int status, const char *text)
{
	free(answer->body);
	*answer = (struct server_answer) { .status = status,
		.type = "text/plain; charset=utf-8",
		.body = mem_dup(text),
		.length = strlen(text) };
}

static int write_body(struct lws *wsi, struct exchange *exchange)
{
	unsigned char piece[LWS_PRE + WRITE_BYTES], *from = piece + LWS_PRE;
	size_t length = exchange->length - exchange->sent;
	enum lws_write_protocol how = LWS_WRITE_HTTP_FINAL;

	if (length > WRITE_BYTES) {
		length = WRITE_BYTES;
		how = LWS_WRITE_HTTP;
	}
	if (exchange->still) /* libwebsockets writes in front of what it sends */
		memcpy(from, exchange->still + exchange->sent, length);
	else
		from = (unsigned char *)exchange->body + LWS_PRE + exchange->sent;
	if (length && lws_write(wsi, from, length, how) < (int)length)
		return -1;
	exchange->sent += length;
	if (exchange->sent < exchange->length) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	free(exchange->body);
	exchange->body = NULL;
	exchange->still = NULL;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int send_answer(struct lws *wsi, struct exchange *exchange, struct server_answer *answer, bool head,
	const char *onion)
{
	static const char all[] = "\"cache\", \"cookies\", \"storage\"";
	static const char forever[] = "public, max-age=31536000, immutable";
	unsigned char buffer[LWS_PRE + HEADER_BYTES], *at = buffer + LWS_PRE;
	unsigned char *end = buffer + sizeof buffer;
	const char *cache = answer->shared ? "public, max-age=60"
		: answer->cache == SERVER_FOREVER ? forever
						  : "no-store";
	int failed;

	server_say_policy(answer->policy);
	failed = lws_add_http_common_headers(
		wsi, (unsigned)answer->status, answer->type, answer->length, &at, end);
	server_say_policy(SERVER_PAGE);
	if (failed
		|| lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CACHE_CONTROL,
			(const unsigned char *)cache, (int)strlen(cache), &at, end)
		|| (answer->shared
			&& lws_add_http_header_by_name(wsi,
				(const unsigned char *)"access-control-allow-origin:",
				(const unsigned char *)"*", 1, &at, end))
		|| (answer->encoding
			&& lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_ENCODING,
				(const unsigned char *)answer->encoding,
				(int)strlen(answer->encoding), &at, end))
		|| (onion
			&& lws_add_http_header_by_name(wsi, (const unsigned char *)"onion-location:",
				(const unsigned char *)onion, (int)strlen(onion), &at, end))
		|| (answer->clear
			&& lws_add_http_header_by_name(wsi,
				(const unsigned char *)"clear-site-data:",
				(const unsigned char *)all, (int)strlen(all), &at, end))
		|| (answer->location
			&& lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_LOCATION,
				(const unsigned char *)answer->location,
				(int)strlen(answer->location), &at, end))
		|| lws_finalize_write_http_header(wsi, buffer + LWS_PRE, &at, end)) {
		free(answer->body);
		return -1;
	}
	free(exchange->body);
	exchange->still = answer->still;
	exchange->body = answer->still ? NULL : mem_alloc(LWS_PRE + answer->length + 1);
	exchange->length = head ? 0 : answer->length;
	exchange->sent = 0;
	if (exchange->length && exchange->body)
		memcpy(exchange->body + LWS_PRE, answer->body, answer->length);
	free(answer->body);
	lws_callback_on_writable(wsi);
	return 0;
}

/* A whole answer in one write, and no more on this connection. */
static int refuse_now(struct lws *wsi, int status, const char *text)
{
	static const char close[] = "close", no_store[] = "no-store";
	size_t length = strlen(text);
	unsigned char buffer[LWS_PRE + HEADER_BYTES], *start = buffer + LWS_PRE, *at = start;
	unsigned char *end = buffer + sizeof buffer;

	if (!lws_add_http_common_headers(wsi, (unsigned)status, "text/plain; charset=utf-8",
		    length, &at, end)
		&& !lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CACHE_CONTROL,
			(const unsigned char *)no_store, sizeof no_store - 1, &at, end)
		&& !lws_add_http_header_by_token(wsi, WSI_TOKEN_CONNECTION,
			(const unsigned char *)close, sizeof close - 1, &at, end)
		&& !lws_finalize_http_header(wsi, &at, end) && (size_t)(end - at) > length) {
		memcpy(at, text, length);
		at += length;
		lws_write(wsi, start, (size_t)(at - start), LWS_WRITE_HTTP_HEADERS);
	}
	return -1;
}

static int request(struct lws *wsi, struct exchange *exchange, const char *path)
{
	struct server *server = server_of(wsi);
	struct server_answer answer = { .status = HTTP_STATUS_OK };
	char language[128] = "", encodings[128] = "", query[256] = "", onion[SERVER_ONION_MAX];
	bool head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
	bool post = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0;
	const struct server_route *route;
	uint64_t crowd, network;

	lws_hdr_copy(wsi, language, sizeof language, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE);
	lws_hdr_copy(wsi, encodings, sizeof encodings, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
	lws_hdr_copy(wsi, query, sizeof query, WSI_TOKEN_HTTP_URI_ARGS);
	route = find(server, server_listener_of(server, wsi), path);
	exchange->wsi = wsi;
	exchange->head = head;
	if (post && route && route->post) {
		const char *why;
		int status = post_begin(wsi, exchange, route, path, &why);
		return status ? refuse_now(wsi, status, why) : 0;
	}
	if (!head && lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0)
		plain(&answer, HTTP_STATUS_METHOD_NOT_ALLOWED, "Only GET is answered here.\n");
	else if (!route)
		plain(&answer, HTTP_STATUS_NOT_FOUND, "There is nothing here.\n");
	else if (!route->get)
		plain(&answer, HTTP_STATUS_METHOD_NOT_ALLOWED, "Only POST is answered here.\n");
	else {
		char headers[SERVER_HEADERS_MAX][SERVER_HEADER_MAX];
		const char *values[SERVER_HEADERS_MAX];

		for (int i = 0; i < SERVER_HEADERS_MAX; i++)
			values[i] = headers[i];
		post_headers(wsi, route, headers);
		crowd_of(server, wsi, &crowd, &network);
		route->get(route->arg,
			&(struct server_request) { .path = path,
				.query = query,
				.accept_language = language,
				.gzip = strstr(encodings, "gzip") != NULL,
				.header_names = route->headers,
				.header_values = values,
				.crowd = crowd,
				.network = network,
				.exchange = exchange },
			&answer);
	}
	if (exchange->later || exchange->due)
		return 0;
	return send_answer(wsi, exchange, &answer, head,
		answer.status == HTTP_STATUS_OK && onion_location(server, wsi, route, query, onion) ? onion
												    : NULL);
}

static int posted(struct lws *wsi, struct exchange *exchange)
{
	struct server_answer answer = { .status = HTTP_STATUS_OK };

	if (!exchange || !exchange->posting)
		return 0;
	post_finish(exchange, &answer);
	return exchange->later || exchange->due ? 0
						 : send_answer(wsi, exchange, &answer, false, NULL);
}

struct server_later *server_later(
	const struct server_request *request, void (*on_gone)(void *arg), void *arg)
{
	struct exchange *exchange = request->exchange;
	struct server_later *later = mem_alloc(sizeof *later);

	*later = (struct server_later) { .wsi = exchange->wsi,
		.exchange = exchange,
		.on_gone = on_gone,
		.arg = arg };
	exchange->later = later;
	lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_USER_OK, SERVER_LATER_SECONDS);
	return later;
}

void server_answer(struct server_later *later, struct server_answer *answer)
{
	struct exchange *exchange = later->exchange;

	exchange->later = NULL;
	exchange->due = true;
	exchange->answer = *answer;
	lws_callback_on_writable(later->wsi);
	free(later);
}

static int writeable(struct lws *wsi, struct exchange *exchange)
{
	if (exchange && exchange->due) {
		exchange->due = false;
		return send_answer(wsi, exchange, &exchange->answer, exchange->head, NULL);
	}
	return exchange && (exchange->body || exchange->still) ? write_body(wsi, exchange) : 0;
}

static void drop(struct exchange *exchange)
{
	struct server_later *later = exchange->later;

	exchange->later = NULL;
	if (later)
		later->on_gone(later->arg);
	free(later);
	if (exchange->due)
		free(exchange->answer.body);
	exchange->due = false;
	post_drop(exchange);
	free(exchange->body);
	exchange->body = NULL;
	exchange->still = NULL;
}

/* To a websocket alone. To HTTP/2 in the clear, a proxy that passes the header on would open a tunnel in
 * which nothing is its own word any more, X-Forwarded-For least of all. */
static int upgrade(struct lws *wsi, const char *to)
{
	int status = HTTP_STATUS_BAD_REQUEST;

	if (!strcasecmp(to, "websocket") && line_admit(server_of(wsi), wsi, &status))
		return 0;
	log_info("line refused", "status=%d", status);
	return refuse_now(wsi, status, "This cannot be opened from here.\n");
}

/* What came is not left in the library's buffer, which is never given back. */
static int posting_goes_on(struct exchange *exchange, char *in, size_t length)
{
	bool good = post_take(exchange, in, length);
	if (length)
		explicit_bzero(in, length);
	return good ? 0 : -1;
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t length)
{
	struct exchange *exchange = user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		accept_one(server_of(wsi), wsi);
		return 0;
	case LWS_CALLBACK_HTTP:
		return request(wsi, exchange, in);
	case LWS_CALLBACK_HTTP_BODY:
		return posting_goes_on(exchange, in, length);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return posted(wsi, exchange);
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return upgrade(wsi, in);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return writeable(wsi, exchange);
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (exchange)
			drop(exchange);
		return 0;
	default:
		return 0;
	}
}
