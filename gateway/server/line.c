#include "base/log.h"
#include "base/mem.h"
#include "server/private.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { CLOSE_SECONDS = 5, CLOSE_TRY_LATER = 1013, TURN_MAX = 64 * 1024, /* bytes, or one piece */
	UNASKED_MAX = 2048 };

/* "https://chat.example.org" or "https://chat.example.org/" against an Origin. */
static bool same_origin(const char *allowed, const char *origin)
{
	size_t length = allowed ? strlen(allowed) : 0;
	while (length && allowed[length - 1] == '/')
		length--;
	return length && strlen(origin) == length && !strncmp(allowed, origin, length);
}

static bool origin_allowed(const struct config *config, const char *origin, const char *host)
{
	const char *after;

	if (same_origin(config->server.public_url, origin)
		|| same_origin(config->server.onion, origin))
		return true;
	for (uint32_t i = 0; i < config->server.origins_count; i++)
		if (same_origin(config->server.origins[i], origin))
			return true;
	if (config->server.public_url)
		return false;
	after = strstr(origin, "://"); /* no name configured: the one we were called by */
	return after && *host && !strcmp(after + 3, host);
}

const struct server_channel *line_admit(struct server *server, struct lws *wsi, int *status_r)
{
	char path[64] = "", origin[256] = "", host[256] = "", protocol[64] = "";

	lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI);
	lws_hdr_copy(wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN);
	lws_hdr_copy(wsi, host, sizeof host, WSI_TOKEN_HOST);
	lws_hdr_copy(wsi, protocol, sizeof protocol, WSI_TOKEN_PROTOCOL);
	*status_r = HTTP_STATUS_NOT_FOUND;
	for (size_t i = 0; i < server->channel_count; i++) {
		if (strcmp(path, server->channels[i].path))
			continue;
		*status_r = HTTP_STATUS_BAD_REQUEST;
		if (strcmp(protocol, server->channels[i].subprotocol))
			return NULL;
		*status_r = HTTP_STATUS_FORBIDDEN;
		return origin_allowed(server->config, origin, host) ? &server->channels[i] : NULL;
	}
	return NULL;
}

static void queue(struct server_line *line, const char *bytes, size_t length, size_t counted)
{
	struct piece *piece;

	if (line->cut || line->code)
		return;
	if (line->queued + counted > SERVER_QUEUE_MAX) {
		log_warn("slow reader cut", "queued=%zu", line->queued);
		line->cut = true;
		lws_set_timeout(line->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
		return;
	}
	piece = mem_alloc(sizeof *piece + LWS_PRE + length);
	piece->length = length;
	piece->counted = counted;
	memcpy(piece->bytes + LWS_PRE, bytes, length);
	*line->end = piece;
	line->end = &piece->next;
	line->queued += counted;
	lws_callback_on_writable(line->wsi);
}

void server_send(struct server_line *line, const char *bytes, size_t length)
{
	queue(line, bytes, length, length);
}

void server_send_replay(struct server_line *line, const char *bytes, size_t length)
{
	queue(line, bytes, length, 0);
}

void server_close(struct server_line *line, int code)
{
	if (line->code)
		return;
	line->code = code;
	lws_set_timeout(line->wsi, PENDING_TIMEOUT_USER_OK, CLOSE_SECONDS); /* nobody reads */
	lws_callback_on_writable(line->wsi);
}

/* One piece, which was not choked before. */
static bool write_piece(struct server_line *line)
{
	struct piece *piece = line->first;
	int written = lws_write(line->wsi, piece->bytes + LWS_PRE, piece->length, LWS_WRITE_TEXT);
	bool whole = written >= (int)piece->length;

	line->first = piece->next;
	if (!line->first)
		line->end = &line->first;
	line->queued -= piece->counted;
	free(piece);
	return whole;
}

/* Small pieces go out in one packet; a socket that is writable has room for UNASKED_MAX. */
static bool write_some(struct server_line *line)
{
	size_t unasked = 0, all = 0;

	while (line->first) {
		size_t length = line->first->length + LWS_PRE;
		if (all && all + length > TURN_MAX)
			break;
		if (all && unasked + length > UNASKED_MAX) {
			if (lws_send_pipe_choked(line->wsi))
				break;
			unasked = 0;
		}
		unasked += length;
		all += length;
		if (!write_piece(line))
			return false;
	}
	return true;
}

static void cork(const struct server_line *line, int on)
{
	setsockopt(lws_get_socket_fd(line->wsi), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

static int write_next(struct server_line *line)
{
	bool several = line->first && line->first->next, sound;

	if (several)
		cork(line, 1);
	sound = write_some(line);
	if (several)
		cork(line, 0);
	if (!sound)
		return -1;
	if (line->first) {
		lws_callback_on_writable(line->wsi);
	} else if (line->code) {
		lws_close_reason(line->wsi, (enum lws_close_status)line->code, NULL, 0);
		return -1;
	}
	return 0;
}

static int refuse(struct server_line *line, enum lws_close_status status)
{
	lws_close_reason(line->wsi, status, NULL, 0);
	return -1;
}

static int take_in(struct server_line *line, const char *in, size_t length)
{
	bool last = lws_is_final_fragment(line->wsi) && !lws_remaining_packet_payload(line->wsi);

	if (line->code)
		return 0;
	if (lws_frame_is_binary(line->wsi))
		return refuse(line, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE);
	if (line->frame_length + length > SERVER_FRAME_MAX)
		return refuse(line, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
	if (last && !line->frame) {
		line->channel->on_frame(line->session, in, length);
		return 0;
	}
	line->frame = mem_grow(line->frame, line->frame_length + length + 1, 1);
	memcpy(line->frame + line->frame_length, in, length);
	line->frame_length += length;
	if (!last)
		return 0;
	char *whole = line->frame;
	size_t whole_length = line->frame_length;
	line->frame = NULL;
	line->frame_length = 0;
	line->channel->on_frame(line->session, whole, whole_length);
	free(whole);
	return 0;
}

/* What came is not left in the library's buffer, which is never given back. */
static int receive(struct server_line *line, char *in, size_t length)
{
	int result = take_in(line, in, length);
	explicit_bzero(in, length);
	return result;
}

static int established(struct server_line *line, struct lws *wsi)
{
	struct server *server = server_of(wsi);
	const char *name = lws_get_protocol(wsi)->name;

	*line = (struct server_line) { .wsi = wsi };
	line->end = &line->first;
	crowd_of(server, wsi, &line->crowd, &line->network);
	for (size_t i = 0; i < server->channel_count; i++)
		if (!strcmp(name, server->channels[i].subprotocol))
			line->channel = &server->channels[i];
	if (line->channel)
		line->session = line->channel->on_open(line->channel->arg, line);
	return line->session ? 0 : refuse(line, (enum lws_close_status)CLOSE_TRY_LATER);
}

static void closed(struct server_line *line)
{
	if (line->session)
		line->channel->on_close(line->session);
	line->session = NULL;
	while (line->first) {
		struct piece *next = line->first->next;
		free(line->first);
		line->first = next;
	}
	free(line->frame);
	line->frame = NULL;
}

int line_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t length)
{
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		return established(user, wsi);
	case LWS_CALLBACK_RECEIVE:
		return receive(user, in, length);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_next(user);
	case LWS_CALLBACK_CLOSED:
		closed(user);
		return 0;
	default:
		return 0;
	}
}
