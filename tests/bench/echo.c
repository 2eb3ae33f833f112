/* The yardstick: a websocket echo on libwebsockets and libev, with nothing behind it. It has the
 * buffers and the switched-off timers of gateway/server, and is told to stop by SIGTERM.
 *   bench_echo PORT [CERTIFICATE KEY] */
#include <ev.h>
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { RX_BYTES = 512, TX_BYTES = 16 * 1024, PIECE_MAX = 4096 };

struct piece {
	struct piece *next;
	size_t length;
	unsigned char bytes[];
};

struct line {
	struct piece *first, **end;
	unsigned char frame[PIECE_MAX]; /* what has come of it */
	size_t length;
};

static int write_next(struct lws *wsi, struct line *line)
{
	struct piece *piece = line->first;
	int written;

	if (!piece)
		return 0;
	line->first = piece->next;
	if (!line->first)
		line->end = &line->first;
	written = lws_write(wsi, piece->bytes + LWS_PRE, piece->length, LWS_WRITE_TEXT);
	int bad = written < (int)piece->length;
	free(piece);
	if (line->first)
		lws_callback_on_writable(wsi);
	return bad ? -1 : 0;
}

static int keep(struct lws *wsi, struct line *line, const void *in, size_t length)
{
	struct piece *piece;

	if (line->length + length > PIECE_MAX)
		return -1;
	memcpy(line->frame + line->length, in, length);
	line->length += length;
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return 0;
	piece = malloc(sizeof *piece + LWS_PRE + line->length);
	if (!piece)
		abort();
	piece->next = NULL;
	piece->length = line->length;
	memcpy(piece->bytes + LWS_PRE, line->frame, line->length);
	line->length = 0;
	*line->end = piece;
	line->end = &piece->next;
	lws_callback_on_writable(wsi);
	return 0;
}

static int on_line(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct line *line = user;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		line->end = &line->first;
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return keep(wsi, line, in, length);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_next(wsi, line);
	case LWS_CALLBACK_CLOSED:
		while (line->first) {
			struct piece *next = line->first->next;
			free(line->first);
			line->first = next;
		}
		return 0;
	default:
		return 0;
	}
}

static void on_stop(struct ev_loop *loop, ev_signal *watcher, int events)
{
	(void)watcher;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

int main(int argc, char **argv)
{
	static const lws_retry_bo_t no_validity = { 0 };
	static const struct lws_protocols protocols[]
		= { { .name = "bench",
			    .callback = on_line,
			    .per_session_data_size = sizeof(struct line),
			    .rx_buffer_size = RX_BYTES,
			    .tx_packet_size = TX_BYTES },
			  { 0 } };
	struct ev_loop *loop = ev_loop_new(0);
	void *loops[1] = { loop };
	struct rlimit limit;
	struct lws_context_creation_info info = { .port = argc > 1 ? atoi(argv[1]) : 0,
		.iface = "127.0.0.1",
		.protocols = protocols,
		.foreign_loops = loops,
		.retry_and_idle_policy = &no_validity,
		.pt_serv_buf_size = 8192,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_VALIDATE_UTF8
			| LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME };
	ev_signal stop;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	lws_set_log_level(LLL_ERR, NULL);
	if (argc > 3) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = argv[2];
		info.ssl_private_key_filepath = argv[3];
	}
	struct lws_context *context = lws_create_context(&info);
	if (!context)
		return 1;
	ev_signal_init(&stop, on_stop, SIGTERM);
	ev_signal_start(loop, &stop);
	puts("ready");
	fflush(stdout);
	ev_run(loop, 0);
	lws_context_destroy(context);
	return 0;
}
