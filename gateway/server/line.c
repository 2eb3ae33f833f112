#include "base/log.h"
#include "base/mem.h"
#include "server/private.h"

#include <stdlib.h>
#include <string.h>

enum { CLOSE_SECONDS = 5, CLOSE_TRY_LATER = 1013, TURN_MAX = 64 * 1024, /* bytes, or one piece */
	TOGETHER_MAX = 16 * 1024, /* of what is written at once; tx_packet_size */
	PIECE_ROOM = 2000, PATH_BYTES = 512 };

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

/* Its channel is meant, or that of another subprotocol at this path. */
static bool is_path(const struct server_channel *channel, const char *path)
{
	size_t length = strlen(channel->path);
	bool any = length && channel->path[length - 1] == '*';
	return any ? !strncmp(path, channel->path, length - 1) : !strcmp(path, channel->path);
}

static bool proves_itself(const struct server_channel *channel, struct lws *wsi, const char *path)
{
	char authorization[SERVER_HEADER_MAX] = "";
	bool good;

	if (lws_hdr_copy(wsi, authorization, sizeof authorization, WSI_TOKEN_HTTP_AUTHORIZATION) < 0)
		*authorization = '\0';
	good = channel->admit(channel->arg, path, authorization);
	explicit_bzero(authorization, sizeof authorization);
	return good;
}

const struct server_channel *line_admit(struct server *server, struct lws *wsi, int *status_r)
{
	char path[PATH_BYTES] = "", origin[256] = "", host[256] = "", protocol[64] = "";

	lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI);
	lws_hdr_copy(wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN);
	lws_hdr_copy(wsi, host, sizeof host, WSI_TOKEN_HOST);
	lws_hdr_copy(wsi, protocol, sizeof protocol, WSI_TOKEN_PROTOCOL);
	*status_r = HTTP_STATUS_NOT_FOUND;
	for (size_t i = 0; i < server->channel_count; i++) {
		const struct server_channel *channel = &server->channels[i];
		if (!is_path(channel, path))
			continue;
		*status_r = HTTP_STATUS_BAD_REQUEST;
		if (strcmp(protocol, channel->subprotocol))
			continue;
		*status_r = HTTP_STATUS_FORBIDDEN;
		return (channel->admit ? proves_itself(channel, wsi, path)
				       : origin_allowed(server->config, origin, host))
			? channel
			: NULL;
	}
	return NULL;
}

/* Written before the loop waits again, several frames at once; but where only libwebsockets knows when. */
static void wish_to_write(struct server_line *line)
{
	struct server *server = server_of(line->wsi);

	if (lws_is_ssl(line->wsi) || lws_partial_buffered(line->wsi)) {
		lws_callback_on_writable(line->wsi);
	} else if (!line->due_at) {
		if (!server->due)
			server->due_since = ev_now(server->loop);
		line->due_next = server->due;
		line->due_at = &server->due;
		if (line->due_next)
			line->due_next->due_at = &line->due_next;
		server->due = line;
	}
}

static void not_due(struct server_line *line)
{
	if (!line->due_at)
		return;
	*line->due_at = line->due_next;
	if (line->due_next)
		line->due_next->due_at = line->due_at;
	line->due_at = NULL;
}

/* The last piece, with room for so many bytes more. */
static struct piece *piece_for(struct server_line *line, size_t length)
{
	struct piece *piece = line->last;
	size_t room = length > PIECE_ROOM ? length : PIECE_ROOM;

	if (line->first && piece->room - piece->length >= length)
		return piece;
	piece = mem_alloc(sizeof *piece + LWS_PRE + room);
	piece->room = room;
	if (line->first)
		line->last->next = piece;
	else
		line->first = piece;
	line->last = piece;
	return piece;
}

/* RFC 6455, 5.2: a whole text, not masked. */
static size_t put_header(unsigned char *to, size_t length)
{
	size_t size = length < 126 ? 0 : length <= UINT16_MAX ? 2 : 8;

	to[0] = 0x81;
	to[1] = (unsigned char)(!size ? length : size == 2 ? 126 : 127);
	for (size_t i = 0; i < size; i++)
		to[2 + i] = (unsigned char)(length >> 8 * (size - 1 - i));
	return 2 + size;
}

char *server_frame(struct server_line *line, size_t length, bool replay)
{
	struct piece *piece;
	unsigned char header[10] = { 0 };
	size_t before = put_header(header, length), counted = replay ? 0 : length;

	if (line->cut || line->code)
		return NULL;
	if (line->queued + counted > SERVER_QUEUE_MAX) {
		log_warn("slow reader cut", "queued=%zu", line->queued);
		line->cut = true;
		lws_set_timeout(line->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
		return NULL;
	}
	piece = piece_for(line, before + length);
	unsigned char *to = piece->bytes + LWS_PRE + piece->length;
	memcpy(to, header, before);
	piece->length += before + length;
	piece->counted += counted;
	line->queued += counted;
	wish_to_write(line);
	return (char *)to + before;
}

static void queue(struct server_line *line, const char *bytes, size_t length, bool replay)
{
	char *to = server_frame(line, length, replay);
	if (to)
		memcpy(to, bytes, length);
}

void server_send(struct server_line *line, const char *bytes, size_t length)
{
	queue(line, bytes, length, false);
}

void server_send_replay(struct server_line *line, const char *bytes, size_t length)
{
	queue(line, bytes, length, true);
}

void server_close(struct server_line *line, int code)
{
	if (line->code)
		return;
	line->code = code;
	lws_set_timeout(line->wsi, PENDING_TIMEOUT_USER_OK, CLOSE_SECONDS); /* nobody reads */
	lws_callback_on_writable(line->wsi);
}

void server_cut(struct server_line *line)
{
	line->cut = true;
	lws_set_timeout(line->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void server_ping(struct server_line *line)
{
	struct piece *piece;

	if (line->cut || line->code)
		return;
	piece = piece_for(line, 2);
	memcpy(piece->bytes + LWS_PRE + piece->length, "\x89", 2); /* with its length, 0 */
	piece->length += 2;
	wish_to_write(line);
}

/* Bytes as they are, on a websocket: LWS_WRITE_HTTP. What the socket does not take at once,
 * libwebsockets keeps. */
static bool write_bytes(const struct server_line *line, unsigned char *bytes, size_t length)
{
	return lws_write(line->wsi, bytes, length, LWS_WRITE_HTTP) >= (int)length;
}

static void drop_first(struct server_line *line)
{
	struct piece *piece = line->first;

	line->first = piece->next;
	line->queued -= piece->counted;
	free(piece);
}

/* Small pieces together. */
static bool write_together(struct server_line *line)
{
	unsigned char together[LWS_PRE + TOGETHER_MAX], *at = together + LWS_PRE;
	size_t length = 0;
	bool sound;

	for (; line->first && length + line->first->length <= TOGETHER_MAX; drop_first(line)) {
		memcpy(at + length, line->first->bytes + LWS_PRE, line->first->length);
		length += line->first->length;
	}
	sound = write_bytes(line, at, length);
	explicit_bzero(at, length);
	return sound;
}

/* As much as the socket takes, in one turn. */
static bool write_some(struct server_line *line)
{
	size_t all = 0;

	while (line->first && all < TURN_MAX && !lws_partial_buffered(line->wsi)) {
		struct piece *piece = line->first;
		bool sound;
		if (all && lws_send_pipe_choked(line->wsi))
			break;
		all += piece->length;
		if (piece->next
			&& piece->length + piece->next->length <= TOGETHER_MAX) {
			all += TOGETHER_MAX - piece->length;
			sound = write_together(line);
		} else {
			sound = write_bytes(line, piece->bytes + LWS_PRE, piece->length);
			drop_first(line);
		}
		if (!sound)
			return false;
	}
	return true;
}

static int write_next(struct server_line *line)
{
	not_due(line);
	if (!write_some(line))
		return -1;
	if (line->first) {
		lws_callback_on_writable(line->wsi);
	} else if (line->code) {
		lws_close_reason(line->wsi, (enum lws_close_status)line->code, NULL, 0);
		return -1;
	}
	return 0;
}

/* What did not go out all at once is written when the socket has room again. */
void line_write_due(struct server *server)
{
	struct server_line *line;

	while ((line = server->due)) {
		not_due(line);
		if (line->cut)
			continue;
		if (!lws_partial_buffered(line->wsi) && !write_some(line))
			lws_set_timeout(line->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
		else if (line->first || line->code)
			lws_callback_on_writable(line->wsi);
	}
}

static int refuse(struct server_line *line, enum lws_close_status status)
{
	line->cut = true;
	lws_close_reason(line->wsi, status, NULL, 0);
	return -1;
}

static int take_in(struct server_line *line, const char *in, size_t length)
{
	bool last = lws_is_final_fragment(line->wsi) && !lws_remaining_packet_payload(line->wsi);

	if (line->code)
		return 0;
	if (lws_frame_is_binary(line->wsi)) {
		if (!line->channel->on_bytes)
			return refuse(line, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE);
		line->channel->on_bytes(line->session, in, length);
		return 0;
	}
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
	explicit_bzero(whole, whole_length);
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
	crowd_of(server, wsi, &line->crowd, &line->network);
	for (size_t i = 0; i < server->channel_count; i++)
		if (!strcmp(name, server->channels[i].subprotocol))
			line->channel = &server->channels[i];
	if (line->channel && line->channel->on_path) {
		char path[PATH_BYTES] = "";
		lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI);
		line->session = line->channel->on_path(line->channel->arg, line, path);
	} else if (line->channel) {
		line->session = line->channel->on_open(line->channel->arg, line);
	}
	return line->session ? 0 : refuse(line, (enum lws_close_status)CLOSE_TRY_LATER);
}

static void closed(struct server_line *line)
{
	if (line->session)
		line->channel->on_close(line->session);
	line->session = NULL;
	not_due(line);
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
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		((struct server_line *)user)->cut = true; /* nothing goes out beside the answer to it */
		return 0;
	case LWS_CALLBACK_CLOSED:
		closed(user);
		return 0;
	default:
		return 0;
	}
}
