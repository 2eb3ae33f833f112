#include "ws.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_FIRST = 2048, IN_STEP = 65536 };

static SSL_CTX *tls_context(void)
{
	static SSL_CTX *context;
	if (!context) {
		context = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	}
	return context;
}

static ssize_t receive(struct ws *ws, char *to, size_t size)
{
	if (!ws->ssl)
		return recv(ws->fd, to, size, 0);
	int got = SSL_read(ws->ssl, to, (int)size);
	if (got > 0)
		return got;
	errno = SSL_get_error(ws->ssl, got) == SSL_ERROR_WANT_READ ? EAGAIN : EIO;
	return -1;
}

static ssize_t transmit(struct ws *ws, const char *from, size_t size)
{
	if (!ws->ssl)
		return send(ws->fd, from, size, MSG_NOSIGNAL);
	return SSL_write(ws->ssl, from, (int)size);
}

static void upgrade(struct ws *ws, int port, const char *path, const char *subprotocol)
{
	char request[512], answer[4096];
	size_t length = 0;
	int wanted = snprintf(request, sizeof request,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: %s://127.0.0.1:%d\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
		path, port, ws->ssl ? "https" : "http", port, subprotocol);

	if (transmit(ws, request, (size_t)wanted) != wanted)
		errx(1, "the upgrade could not be sent");
	while (length < sizeof answer - 1) {
		ssize_t got = receive(ws, answer + length, 1); /* what follows is a frame already */
		if (got <= 0)
			errx(1, "no answer to the upgrade");
		length += (size_t)got;
		answer[length] = '\0';
		if (length >= 4 && !memcmp(answer + length - 4, "\r\n\r\n", 4))
			break;
	}
	if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
		errx(1, "the upgrade was refused: %.60s", answer);
}

void ws_connect(struct ws *ws, int port, const char *path, const char *subprotocol, bool tls)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in from = { .sin_family = AF_INET };
	static uint32_t opened;
	int yes = 1;

	ws->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* more connections than one address has ports for */
	from.sin_addr.s_addr = htonl(0x7f000001 + opened++ / 10000);
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	setsockopt(ws->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
	if (ws->fd < 0 || bind(ws->fd, (struct sockaddr *)&from, sizeof from)
		|| connect(ws->fd, (struct sockaddr *)&to, sizeof to))
		err(1, "connection %u", opened);
	setsockopt(ws->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (tls) {
		ws->ssl = SSL_new(tls_context());
		SSL_set_fd(ws->ssl, ws->fd);
		if (SSL_connect(ws->ssl) != 1)
			errx(1, "no TLS on connection %u", opened);
	}
	upgrade(ws, port, path, subprotocol);
	ws->open = true;
	fcntl(ws->fd, F_SETFL, fcntl(ws->fd, F_GETFL) | O_NONBLOCK);
}

void ws_text(struct ws *ws, const char *text, size_t length)
{
	char *at;

	if (ws->out_length + length + 14 > ws->out_size) {
		ws->out_size = 2 * ws->out_size + length + 1024;
		ws->out = realloc(ws->out, ws->out_size);
	}
	at = ws->out + ws->out_length;
	*at++ = (char)0x81;
	if (length < 126) {
		*at++ = (char)(0x80 | length);
	} else {
		*at++ = (char)(0x80 | 126);
		*at++ = (char)(length >> 8);
		*at++ = (char)length;
	}
	memset(at, 0, 4);
	memcpy(at + 4, text, length);
	ws->out_length = (size_t)(at + 4 + length - ws->out);
}

bool ws_flush(struct ws *ws)
{
	size_t sent = 0;

	while (sent < ws->out_length) {
		ssize_t now = transmit(ws, ws->out + sent, ws->out_length - sent);
		if (now <= 0)
			break;
		sent += (size_t)now;
	}
	memmove(ws->out, ws->out + sent, ws->out_length - sent);
	ws->out_length -= sent;
	return !ws->out_length;
}

/* Gives the whole length of the frame that stands at `from`; 0: it is not whole yet. */
static size_t frame(const struct ws *ws, size_t from, size_t *header_r)
{
	const unsigned char *in = (const unsigned char *)ws->in + from;
	size_t there = ws->in_length - from, length, header = 2;

	if (there < 2)
		return 0;
	length = in[1] & 127;
	if (length == 126 && there >= 4) {
		length = (size_t)in[2] << 8 | in[3];
		header = 4;
	} else if (length == 127 && there >= 10) {
		length = 0;
		for (int i = 2; i < 10; i++)
			length = length << 8 | in[i];
		header = 10;
	} else if (length >= 126) {
		return 0;
	}
	*header_r = header;
	return there >= header + length ? header + length : 0;
}

static bool take_frames(struct ws *ws)
{
	size_t header, whole, at = 0;

	for (; (whole = frame(ws, at, &header)); at += whole) {
		const char *text = ws->in + at + header;
		int opcode = ws->in[at] & 15;
		if (opcode == 8) {
			if (whole - header >= 2)
				ws->code = (unsigned char)text[0] << 8 | (unsigned char)text[1];
			return false;
		}
		if (opcode <= 1)
			ws->on_text(ws, text, whole - header);
	}
	memmove(ws->in, ws->in + at, ws->in_length - at);
	ws->in_length -= at;
	return true;
}

bool ws_read(struct ws *ws)
{
	for (;;) {
		if (ws->in_size - ws->in_length < IN_FIRST / 2) {
			ws->in_size += ws->in_size ? IN_STEP : IN_FIRST;
			ws->in = realloc(ws->in, ws->in_size);
		}
		size_t room = ws->in_size - ws->in_length;
		ssize_t got = receive(ws, ws->in + ws->in_length, room);
		if (got < 0)
			return errno == EAGAIN;
		if (got == 0)
			return false;
		ws->in_length += (size_t)got;
		if (!take_frames(ws))
			return false;
		if (!ws->ssl && (size_t)got < room)
			return true; /* drained; epoll tells when more comes */
	}
}

void ws_close(struct ws *ws)
{
	SSL_free(ws->ssl);
	close(ws->fd);
	free(ws->in);
	free(ws->out);
	*ws = (struct ws) { 0 };
}
