/* The server against a client that speaks bytes, on loopback. */
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

static void *on_open(void *arg, struct server_line *line)
{
	(void)arg;
	return line;
}

enum { REPLAY_PIECE = 4096 };
static char replay[REPLAY_PIECE];

static void on_frame(void *session, const char *bytes, size_t length)
{
	if (length == 4 && !memcmp(bytes, "quit", 4))
		server_close(session, 1001);
	else if (length == 5 && !memcmp(bytes, "flood", 5))
		for (int i = 0; i < 100000; i++)
			server_send(session, "................................", 32);
	else if (length == 6 && !memcmp(bytes, "replay", 6))
		for (int i = 0; i < 1000; i++)
			server_send_replay(session, replay, sizeof replay);
	else
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

static char logged[4096];

static void keep_log(const char *line, void *arg)
{
	(void)arg;
	snprintf(logged, sizeof logged, "%s", line);
}

static char address[] = "127.0.0.1", allowed[] = "https://chat.example.org";
static char *origins[] = { allowed };

static int set_up(void **state)
{
	static const struct server_route routes[]
		= { { .listener = SERVER_PUBLIC, .path = "/", .get = get_page }, { .listener = SERVER_PUBLIC, .path = "/a/*", .get = get_page },
			  { .listener = SERVER_PUBLIC, .path = "/large", .get = get_large },
			  { .listener = SERVER_METRICS, .path = "/metrics", .get = get_page },
			  { .listener = SERVER_PUBLIC,
				  .path = "/hook/*",
				  .post = post_echo,
				  .headers = wanted_headers } };
	static const struct server_channel channels[]
		= { { "/echo", "echo.1", NULL, on_open, on_frame, on_close } };
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
	if (server_create(&config, &hooks, routes, sizeof routes / sizeof *routes, channels, 1, &server, error, sizeof error)) {
		print_error("%s\n", error);
		return -1;
	}
	port = server_port(server, SERVER_PUBLIC);
	return pthread_create(&thread, NULL, run, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	secret_stop = 1;
	server_wake(server);
	pthread_join(thread, NULL);
	server_destroy(&server);
	return 0;
}

static int connected(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval patience = { .tv_sec = 60 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void put(int fd, const void *bytes, size_t length)
{
	assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

static size_t take(int fd, char *bytes, size_t size) /* until the end or full */
{
	size_t length = 0;
	ssize_t got;
	while (length < size && (got = recv(fd, bytes + length, size - length, 0)) > 0)
		length += (size_t)got;
	return length;
}

static void take_head(int fd, char *head, size_t size)
{
	size_t length = 0;
	while (length < size - 1 && recv(fd, head + length, 1, 0) == 1) {
		head[++length] = '\0';
		if (length >= 4 && !strcmp(head + length - 4, "\r\n\r\n"))
			return;
	}
	head[length] = '\0';
}

static void ask(const char *method, const char *path, char *answer, size_t size)
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

static void every_answer_carries_the_strict_headers(void **state)
{
	static const char *const wanted[] = { "content-security-policy: default-src 'none';",
		"referrer-policy: no-referrer", "x-content-type-options: nosniff",
		"cross-origin-opener-policy: same-origin", "x-frame-options: DENY",
		"cross-origin-resource-policy: same-origin", "permissions-policy: camera=()" };
	static const struct {
		const char *method, *path, *status, *cache;
	} cases[] = { { "GET", "/", " 200 ", "cache-control: no-store" },
		{ "GET", "/a/b", " 200 ", "cache-control: no-store" },
		{ "GET", "/large", " 200 ", "immutable" },
		{ "GET", "/nothing", " 404 ", "cache-control: no-store" },
		{ "GET", "/metrics", " 404 ", "cache-control: no-store" },
		{ "HEAD", "/", " 200 ", "cache-control: no-store" },
		{ "POST", "/", " 405 ", "cache-control: no-store" } };
	char head[4096];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ask(cases[i].method, cases[i].path, head, sizeof head);
		if (!strstr(head, cases[i].status) || !strstr(head, cases[i].cache))
			fail_msg("%s %s: %s", cases[i].method, cases[i].path, head);
		for (size_t h = 0; h < sizeof wanted / sizeof *wanted; h++)
			if (!strstr(head, wanted[h]))
				fail_msg("%s: no %s in %s", cases[i].path, wanted[h], head);
		assert_null(strstr(head, "libwebsockets"));
	}
}

static size_t post(const char *head, const char *body, size_t length, bool in_pieces, char *answer,
	size_t size)
{
	int fd = connected();
	put(fd, head, strlen(head));
	for (size_t at = 0; at < length;) {
		size_t piece = in_pieces && length - at > 700 ? 700 : length - at;
		put(fd, body + at, piece);
		at += piece;
	}
	size_t got = take(fd, answer, size - 1);
	answer[got] = '\0';
	close(fd);
	return got;
}

static void what_is_posted_arrives_whole_and_within_a_bound(void **state)
{
	static char body[SERVER_BODY_MAX + 2], answer[SERVER_BODY_MAX + 8192];
	char head[512];
	(void)state;
	post("POST /hook/a%20b?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: text/x\r\n"
	     "X-Signature: abc=\r\nX-Other: no\r\nContent-Length: 5\r\n\r\n",
		"hello", 5, false, answer, sizeof answer);
	assert_non_null(strstr(answer, " 200 "));
	if (!strstr(answer, "/hook/a b?x=1|127.0.0.1|text/x|abc=||hello"))
		fail_msg("%s", answer);
	memset(body, 'x', sizeof body);
	snprintf(head, sizeof head,
		"POST /hook/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n",
		SERVER_BODY_MAX);
	size_t got = post(head, body, SERVER_BODY_MAX, true, answer, sizeof answer);
	assert_true(got > SERVER_BODY_MAX);
	assert_non_null(strstr(answer, " 200 "));
	snprintf(head, sizeof head,
		"POST /hook/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n",
		SERVER_BODY_MAX + 1);
	post(head, body, 0, false, answer, sizeof answer);
	assert_non_null(strstr(answer, " 413 "));
	post("POST /hook/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "", 0, false, answer,
		sizeof answer);
	assert_non_null(strstr(answer, " 411 "));
	post("POST /hook/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "", 0,
		false, answer, sizeof answer);
	assert_non_null(strstr(answer, " 200 "));
	post("GET /hook/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "", 0, false, answer,
		sizeof answer);
	assert_non_null(strstr(answer, " 405 "));
}

static void a_large_body_arrives_whole(void **state)
{
	static const char request[]
		= "GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	char head[4096], *body = malloc(300001);
	int fd = connected();

	(void)state;
	put(fd, request, sizeof request - 1);
	take_head(fd, head, sizeof head);
	assert_non_null(strstr(head, "content-length: 300000"));
	assert_int_equal(take(fd, body, 300000), 300000);
	assert_int_equal(strspn(body, "x") >= 300000, 1);
	free(body);
	close(fd);
}

static int upgrade(const char *path, const char *origin, const char *protocol, char *head)
{
	char request[512];
	int fd = connected();
	snprintf(request, sizeof request,
		"GET %s HTTP/1.1\r\nHost: localhost:1\r\nUpgrade: websocket\r\nConnection: "
		"Upgrade\r\nOrigin: %s\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n%s%s%s\r\n",
		path, origin, protocol ? "Sec-WebSocket-Protocol: " : "", protocol ? protocol : "",
		protocol ? "\r\n" : "");
	put(fd, request, strlen(request));
	take_head(fd, head, 4096);
	return fd;
}

static void a_line_needs_its_path_protocol_and_origin(void **state)
{
	static const struct {
		const char *path, *origin, *protocol, *status;
	} cases[] = { { "/echo", "http://localhost:1", "echo.1", " 101 " },
		{ "/echo", "https://chat.example.org", "echo.1", " 101 " },
		{ "/echo", "https://evil.example", "echo.1", " 403 " },
		{ "/echo", "https://chat.example.org.evil.example", "echo.1", " 403 " },
		{ "/echo", "null", "echo.1", " 403 " },
		{ "/echo", "http://localhost:1", "other", " 400 " },
		{ "/echo", "http://localhost:1", NULL, " 400 " },
		{ "/other", "http://localhost:1", "echo.1", " 404 " } };
	char head[4096];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		close(upgrade(cases[i].path, cases[i].origin, cases[i].protocol, head));
		if (!strstr(head, cases[i].status))
			fail_msg("%s %s: %s", cases[i].path, cases[i].origin, head);
	}
}

/* Masked with zeros, as a client's frames have to be. */
static void put_frame(int fd, int first_byte, const char *bytes, size_t length)
{
	unsigned char head[14] = { (unsigned char)first_byte };
	size_t at = 2;
	if (length < 126) {
		head[1] = (unsigned char)(0x80 | length);
	} else {
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(length >> 8);
		head[3] = (unsigned char)length;
		at = 4;
	}
	put(fd, head, at + 4);
	put(fd, bytes, length);
}

static int line(void)
{
	char head[4096];
	int fd = upgrade("/echo", "http://localhost:1", "echo.1", head);
	assert_non_null(strstr(head, " 101 "));
	return fd;
}

static int close_code(int fd)
{
	unsigned char frame[4];
	if (take(fd, (char *)frame, 4) != 4 || frame[0] != 0x88)
		return -1;
	return frame[2] << 8 | frame[3];
}

static void pieces_become_one_message_up_to_the_limit(void **state)
{
	static char big[SERVER_FRAME_MAX + 1], back[SERVER_FRAME_MAX + 4];
	int fd = line();

	(void)state;
	memset(big, 'y', sizeof big);
	put_frame(fd, 0x01, "hal", 3);
	put_frame(fd, 0x80, "lo", 2);
	assert_int_equal(take(fd, back, 7), 7);
	assert_memory_equal(back, "\x81\x05hallo", 7);
	put_frame(fd, 0x81, big, SERVER_FRAME_MAX);
	assert_int_equal(take(fd, back, SERVER_FRAME_MAX + 4), SERVER_FRAME_MAX + 4);
	assert_memory_equal(back + 4, big, SERVER_FRAME_MAX);
	put_frame(fd, 0x01, big, SERVER_FRAME_MAX);
	put_frame(fd, 0x80, big, 1);
	assert_int_equal(close_code(fd), 1009);
	close(fd);
}

static void what_is_not_text_closes_the_line(void **state)
{
	int fd = line();
	(void)state;
	put_frame(fd, 0x81, "\xc3\x28", 2);
	assert_int_equal(close_code(fd), 1007);
	close(fd);
	fd = line();
	put_frame(fd, 0x82, "bin", 3);
	assert_int_equal(close_code(fd), 1003);
	close(fd);
	fd = line();
	put_frame(fd, 0x81, "quit", 4);
	assert_int_equal(close_code(fd), 1001);
	close(fd);
}

static void what_was_asked_for_as_a_whole_arrives_however_large(void **state)
{
	static char sink[1 << 16];
	size_t total = 0, wanted = 1000 * (REPLAY_PIECE + 4);
	int fd = line();

	(void)state;
	put_frame(fd, 0x81, "replay", 6);
	while (total < wanted)
		total += take(fd, sink, wanted - total < sizeof sink ? wanted - total : sizeof sink);
	put_frame(fd, 0x81, "on", 2); /* the line lives */
	assert_int_equal(take(fd, sink, 4), 4);
	assert_memory_equal(sink, "\x81\x02on", 4);
	close(fd);
}

static void a_slow_reader_is_cut_and_others_go_on(void **state)
{
	static char sink[1 << 16];
	int slow = line(), other = line();
	size_t total = 0, got;
	char back[4];

	(void)state;
	log_capture(keep_log, NULL);
	put_frame(slow, 0x81, "flood", 5);
	put_frame(other, 0x81, "ok", 2);
	assert_int_equal(take(other, back, 4), 4);
	while ((got = take(slow, sink, sizeof sink)))
		total += got;
	assert_true(total <= SERVER_QUEUE_MAX + SERVER_QUEUE_MAX / 8); /* with frame headers */
	log_capture(NULL, NULL);
	assert_non_null(strstr(logged, "msg=\"slow reader cut\" queued="));
	close(slow);
	close(other);
}

static void another_thread_may_wake_it(void **state)
{
	(void)state;
	server_wake(server);
	assert_int_equal(sem_wait(&woken), 0);
}

static void headers_that_never_end_are_not_waited_for(void **state)
{
	char back[16];
	int fd = connected();
	(void)state;
	put(fd, "GET / HTTP/1.1\r\nHost: x\r\nX: ", 28);
	assert_int_equal(recv(fd, back, sizeof back, 0) <= 0 && errno != EAGAIN, 1);
	close(fd);
}

static void a_kept_connection_without_a_request_is_closed(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	char head[4096], back[2];
	int fd = connected();
	(void)state;
	put(fd, request, sizeof request - 1);
	take_head(fd, head, sizeof head);
	assert_int_equal(take(fd, back, 1), 1); /* "/" */
	put(fd, request, sizeof request - 1); /* it is kept */
	take_head(fd, head, sizeof head);
	assert_non_null(strstr(head, " 200 "));
	assert_int_equal(take(fd, back, 1), 1);
	assert_int_equal(recv(fd, back, sizeof back, 0) <= 0 && errno != EAGAIN, 1);
	close(fd);
}

static void headers_up_to_the_limit(void **state)
{
	static char request[8192], head[4096];
	(void)state;
	for (int over = 0; over < 2; over++) {
		int fd = connected(), length;
		length = snprintf(request, sizeof request,
			"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: %0*d\r\n\r\n",
			over ? 6000 : 3000, 0);
		put(fd, request, (size_t)length);
		take_head(fd, head, sizeof head);
		if (over)
			assert_null(strstr(head, " 200 "));
		else
			assert_non_null(strstr(head, " 200 "));
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_carries_the_strict_headers),
		cmocka_unit_test(a_large_body_arrives_whole),
		cmocka_unit_test(what_is_posted_arrives_whole_and_within_a_bound),
		cmocka_unit_test(a_line_needs_its_path_protocol_and_origin),
		cmocka_unit_test(pieces_become_one_message_up_to_the_limit),
		cmocka_unit_test(what_is_not_text_closes_the_line),
		cmocka_unit_test(what_was_asked_for_as_a_whole_arrives_however_large),
		cmocka_unit_test(a_slow_reader_is_cut_and_others_go_on),
		cmocka_unit_test(another_thread_may_wake_it),
		cmocka_unit_test(headers_that_never_end_are_not_waited_for),
		cmocka_unit_test(a_kept_connection_without_a_request_is_closed),
		cmocka_unit_test(headers_up_to_the_limit),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
