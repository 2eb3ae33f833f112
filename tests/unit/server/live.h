/* A server on loopback, for tests that speak to it in bytes. */
#ifndef TESTS_SERVER_LIVE_H
#define TESTS_SERVER_LIVE_H

#include "server/server.h"
#include "base/log.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct server *server;
static pthread_t thread;
static int port;
static sem_t woken;
static char secret_stop;

static void get_page(void *arg, const struct server_request *request, struct server_answer *answer)
{
	(void)arg;
	answer->type = "text/html; charset=utf-8";
	answer->body = mem_dup(request->path);
	answer->length = strlen(request->path);
}

static const char *const wanted_headers[] = { "content-type", "x-signature", NULL };

static void post_echo(void *arg, const struct server_request *request, struct server_answer *answer)
{
	(void)arg;
	answer->type = "text/plain";
	answer->body = malloc(request->length + 1024);
	answer->length = (size_t)sprintf(answer->body, "%s?%s|%s|%s|%s|%s|%.*s", request->path,
		request->query, request->peer, server_header(request, "content-type"),
		server_header(request, "x-signature"), server_header(request, "x-other"),
		(int)request->length, request->body);
}

static void get_large(void *arg, const struct server_request *request, struct server_answer *answer)
{
	(void)arg;
	(void)request;
	answer->type = "text/javascript";
	answer->cache = SERVER_FOREVER;
	answer->length = 300000;
	answer->body = malloc(answer->length);
	memset(answer->body, 'x', answer->length);
}

static char still[300000]; /* every byte tells its place */

static void get_still(void *arg, const struct server_request *request, struct server_answer *answer)
{
	(void)arg;
	(void)request;
	for (size_t i = 0; i < sizeof still; i++)
		still[i] = (char)(i % 251);
	answer->type = "text/javascript";
	answer->length = sizeof still;
	answer->still = still;
}

static void *on_open(void *arg, struct server_line *line)
{
	(void)arg;
	return line;
}

enum { REPLAY_PIECE = 4096 };
static char replay[REPLAY_PIECE];
/* Around where a frame's header, and what holds frames together, change. */
static const size_t sizes[] = { 1, 125, 126, 0, 1900, 127, 1999, 2000, 2001, 16384, 65535, 65536, 5, 70000 };
enum { SIZES = sizeof sizes / sizeof *sizes };

static inline void send_sizes(void *session)
{
	static char bytes[70000];

	for (int i = 0; i < SIZES; i++) {
		memset(bytes, 'a' + i, sizeof bytes);
		server_send(session, bytes, sizes[i]);
	}
}

static void on_frame(void *session, const char *bytes, size_t length)
{
	if (length == 4 && !memcmp(bytes, "quit", 4))
		server_close(session, 1001);
	else if (length == 5 && !memcmp(bytes, "flood", 5))
		for (int i = 0; i < 100000; i++)
			server_send(session, "................................", 32);
	else if (length == 4 && !memcmp(bytes, "ping", 4))
		server_ping(session);
	else if (length == 6 && !memcmp(bytes, "replay", 6))
		for (int i = 0; i < 1000; i++)
			server_send_replay(session, replay, sizeof replay);
	else if (length == 5 && !memcmp(bytes, "sizes", 5))
		send_sizes(session);
	else if (length == 4 && !memcmp(bytes, "many", 4))
		for (int i = 0; i < 3000; i++)
			server_send_replay(session, replay, 100 + (size_t)i % 900);
	else
		server_send(session, bytes, length);
}

/* A channel of machines. */
static bool admit(void *arg, const char *path, const char *authorization)
{
	(void)arg;
	return !strcmp(path, "/machine/a") && !strcmp(authorization, "Basic good");
}

static void *on_path(void *arg, struct server_line *line, const char *path)
{
	(void)arg;
	server_send(line, path, strlen(path));
	return line;
}

static void on_bytes(void *session, const char *bytes, size_t length)
{
	server_send(session, bytes, length);
}

static void on_close(void *session)
{
	(void)session;
}

static void on_wake(void *arg)
{
	(void)arg;
	sem_post(&woken);
	if (secret_stop)
		server_stop(server);
}

static void *run(void *arg)
{
	server_run(server);
	return arg;
}


static char address[] = "127.0.0.1", allowed[] = "https://chat.example.org";
static char *origins[] = { allowed };

static inline int set_up(void **state)
{
	static const struct server_route routes[]
		= { { .listener = SERVER_PUBLIC, .path = "/", .get = get_page }, { .listener = SERVER_PUBLIC, .path = "/a/*", .get = get_page },
			  { .listener = SERVER_PUBLIC, .path = "/large", .get = get_large },
			  { .listener = SERVER_PUBLIC, .path = "/still", .get = get_still },
			  { .listener = SERVER_METRICS, .path = "/metrics", .get = get_page },
			  { .listener = SERVER_PUBLIC,
				  .path = "/hook/*",
				  .post = post_echo,
				  .headers = wanted_headers } };
	static const struct server_channel channels[]
		= { { .path = "/echo",
			.subprotocol = "echo.1",
			.on_open = on_open,
			.on_frame = on_frame,
			.on_close = on_close },
			  { .path = "/machine/*",
				  .subprotocol = "machine.1",
				  .admit = admit,
				  .on_path = on_path,
				  .on_frame = on_frame,
				  .on_bytes = on_bytes,
				  .on_close = on_close } };
	static const struct server_hooks hooks
		= { .on_wake = on_wake, .header_seconds = 1, .idle_seconds = 1 };
	static struct config config;
	char error[256];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	sem_init(&woken, 0, 0);
	config.server.address = address;
	config.server.port = 0;
	config.server.metrics_address = address;
	config.server.origins = origins;
	config.server.origins_count = 1;
	if (server_create(&config, &hooks, routes, sizeof routes / sizeof *routes, channels, sizeof channels / sizeof *channels, &server, error, sizeof error)) {
		print_error("%s\n", error);
		return -1;
	}
	port = server_port(server, SERVER_PUBLIC);
	return pthread_create(&thread, NULL, run, NULL);
}

static inline int tear_down(void **state)
{
	(void)state;
	secret_stop = 1;
	server_wake(server);
	pthread_join(thread, NULL);
	server_destroy(&server);
	return 0;
}

static int receive_buffer; /* bytes; 0: the system's */

static inline int connected(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval patience = { .tv_sec = 60 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (receive_buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static inline void put(int fd, const void *bytes, size_t length)
{
	assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

static inline size_t take(int fd, char *bytes, size_t size) /* until the end or full */
{
	size_t length = 0;
	ssize_t got;
	while (length < size && (got = recv(fd, bytes + length, size - length, 0)) > 0)
		length += (size_t)got;
	return length;
}

static inline void take_head(int fd, char *head, size_t size)
{
	size_t length = 0;
	while (length < size - 1 && recv(fd, head + length, 1, 0) == 1) {
		head[++length] = '\0';
		if (length >= 4 && !strcmp(head + length - 4, "\r\n\r\n"))
			return;
	}
	head[length] = '\0';
}

static inline void ask(const char *method, const char *path, char *answer, size_t size)
{
	char request[256];
	int fd = connected();
	snprintf(request, sizeof request,
		"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		method, path);
	put(fd, request, strlen(request));
	take_head(fd, answer, size);
	close(fd);
}

#endif
