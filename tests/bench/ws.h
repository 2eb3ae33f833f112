/* The client's side of a websocket, as small as a load generator needs: text frames, no masking noise
 * (a mask of zeros is a mask), plain or TLS, never blocking. */
#ifndef BENCH_WS_H
#define BENCH_WS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws {
	int fd;
	SSL *ssl; /* NULL: plain */
	bool open; /* the upgrade is through */
	int code; /* of the close frame; 0: none came */
	char *in, *out;
	size_t in_length, in_size, out_length, out_size;
	void *arg;
	void (*on_text)(struct ws *ws, const char *text, size_t length);
};

/* Blocking until it is upgraded; ends the program with a message when it cannot. */
void ws_connect(struct ws *ws, int port, const char *path, const char *subprotocol, bool tls);
void ws_text(struct ws *ws, const char *text, size_t length); /* queued */
bool ws_flush(struct ws *ws); /* false: more is left, wait for room */
bool ws_read(struct ws *ws); /* calls on_text; false: closed by the other side */
void ws_close(struct ws *ws);

#endif
