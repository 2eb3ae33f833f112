/* Links to a peer of a few lines: up, text in pieces, too much, refused, a name, an address where
 * nobody listens, and an end of the server in the middle of it. */
#include "server/server.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct server *server;
static struct server_link *link_of_ours;
static struct config config;
static const struct server_route no_routes[1];
static const struct server_channel no_channels[1];
static char address[] = "127.0.0.1";
static const char *url;
static int listener, port, ups, downs;
static size_t text_length;
static char text_first[64], head[2000];
static const char *plan; /* what the peer does once it is connected */

static void answer(int fd)
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char digest[EVP_MAX_MD_SIZE], accept_key[64];
	char both[200], reply[400];
	const char *key = strstr(head, "Sec-WebSocket-Key: ");
	size_t length = key ? strcspn(key + 19, "\r") : 0;
	unsigned size = 0;

	assert_non_null(key);
	snprintf(both, sizeof both, "%.*s%s", (int)length, key + 19, magic);
	assert_true(EVP_Digest(both, strlen(both), digest, &size, EVP_sha1(), NULL));
	EVP_EncodeBlock(accept_key, digest, (int)size);
	snprintf(reply, sizeof reply,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: sub\r\n\r\n",
		accept_key);
	assert_int_equal(send(fd, reply, strlen(reply), MSG_NOSIGNAL), strlen(reply));
}

static void put_frame(int fd, int first, const char *bytes, size_t length)
{
	unsigned char start[10] = { (unsigned char)first };
	size_t size = 2;

	if (length < 126) {
		start[1] = (unsigned char)length;
	} else {
		start[1] = 127;
		for (int i = 0; i < 8; i++)
			start[2 + i] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
		size = 10;
	}
	(void)!send(fd, start, size, MSG_NOSIGNAL);
	while (length) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
	}
}

static void *peer(void *arg)
{
	static char much[SERVER_LINK_FRAME_MAX + 1];
	int fd = accept(listener, NULL, NULL);
	size_t length = 0;
	char end[16];

	memset(much, 'x', sizeof much);
	while (length < sizeof head - 1 && !strstr(head, "\r\n\r\n")
		&& recv(fd, head + length, 1, 0) == 1)
		head[++length] = '\0';
	if (!strcmp(plan, "refuse")) {
		static const char no[] = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
		(void)!send(fd, no, sizeof no - 1, MSG_NOSIGNAL);
	} else {
		answer(fd);
	}
	if (!strcmp(plan, "pieces")) {
		put_frame(fd, 0x01, "one ", 4);
		put_frame(fd, 0x80, "two", 3);
	} else if (!strcmp(plan, "most")) {
		put_frame(fd, 0x81, much, SERVER_LINK_FRAME_MAX);
	} else if (!strcmp(plan, "more")) {
		put_frame(fd, 0x81, much, SERVER_LINK_FRAME_MAX + 1);
	}
	if (strcmp(plan, "hang up") != 0)
		while (recv(fd, end, sizeof end, 0) > 0)
			;
	close(fd);
	return arg;
}

static void on_up(void *arg)
{
	(void)arg;
	ups++;
	if (!strcmp(plan, "stop"))
		server_stop(server);
	else if (!strcmp(plan, "close")) {
		server_link_close(&link_of_ours);
		server_stop(server);
	}
}

static void on_text(void *arg, const char *bytes, size_t length)
{
	(void)arg;
	text_length = length;
	snprintf(text_first, sizeof text_first, "%.*s", (int)(length < 60 ? length : 60), bytes);
	server_stop(server);
}

static void on_down(void *arg)
{
	(void)arg;
	downs++;
	server_link_close(&link_of_ours); /* as owners do */
	server_stop(server);
}

static void on_wake(void *arg)
{
	const struct server_link_to to = { .url = url,
		.subprotocol = "sub",
		.user = "anna",
		.password = "geheim",
		.on_up = on_up,
		.on_text = on_text,
		.on_down = on_down };
	(void)arg;
	assert_int_equal(server_link_open(server, &to, &link_of_ours), OK);
	assert_int_equal(ups + downs, 0); /* nothing out of the call */
}

static void meet(const char *what, const char *where, bool peered)
{
	static const struct server_hooks hooks = { .on_wake = on_wake };
	char error[256];
	pthread_t thread;

	ups = downs = 0;
	text_length = 0;
	*head = '\0';
	plan = what;
	url = where;
	assert_int_equal(server_create(&config, &hooks, no_routes, 0, no_channels, 0, &server, error, sizeof error), OK);
	if (peered)
		assert_int_equal(pthread_create(&thread, NULL, peer, NULL), 0);
	server_wake(server);
	server_run(server);
	server_destroy(&server);
	server_link_close(&link_of_ours);
	if (peered)
		pthread_join(thread, NULL);
}

static int set_up(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof at;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	config.server.address = config.server.metrics_address = address;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4)
		|| getsockname(listener, (struct sockaddr *)&at, &size))
		return -1;
	port = ntohs(at.sin_port);
	return 0;
}

static const char *peer_url(const char *host)
{
	static char made[100];
	snprintf(made, sizeof made, "ws://%s:%d/ari/events?app=x", host, port);
	return made;
}

static void text_comes_whole(void **state)
{
	(void)state;
	meet("pieces", peer_url("127.0.0.1"), true);
	assert_int_equal(ups, 1);
	assert_string_equal(text_first, "one two");
	assert_int_equal(downs, 0); /* the server ended: nothing failed */
	assert_non_null(strstr(head, "GET /ari/events?app=x HTTP/1.1\r\n"));
	assert_non_null(strcasestr(head, "\r\nauthorization: Basic YW5uYTpnZWhlaW0=\r\n"));
	assert_non_null(strcasestr(head, "\r\nSec-WebSocket-Protocol: sub\r\n"));
}

static void a_name_with_several_addresses(void **state)
{
	(void)state;
	meet("pieces", peer_url("localhost"), true);
	assert_string_equal(text_first, "one two");
}

static void so_much_and_no_more(void **state)
{
	(void)state;
	meet("most", peer_url("127.0.0.1"), true);
	assert_int_equal(text_length, SERVER_LINK_FRAME_MAX);
	meet("more", peer_url("127.0.0.1"), true);
	assert_int_equal(text_length, 0);
	assert_int_equal(downs, 1);
}

static void ends_are_told_once(void **state)
{
	(void)state;
	meet("refuse", peer_url("127.0.0.1"), true);
	assert_int_equal(ups, 0);
	assert_int_equal(downs, 1);
	meet("hang up", peer_url("127.0.0.1"), true);
	assert_int_equal(ups, 1);
	assert_int_equal(downs, 1);
	meet("stop", peer_url("127.0.0.1"), true);
	assert_int_equal(downs, 0);
	meet("close", peer_url("127.0.0.1"), true);
	assert_int_equal(downs, 0); /* closed by its owner: nothing comes any more */
	meet("", "ws://127.0.0.1:1/", false);
	assert_int_equal(downs, 1);
	meet("", "ws://no-such-host.invalid/", false);
	assert_int_equal(downs, 1);
}

static void what_is_no_address(void **state)
{
	static const char *const bad[] = { "", "http://a/", "ws://", "ws://:80/", "ws://a:0/", "ws://a:65536/",
		"ws://a:x/", "ws://a?x", "ws://[::1/" };
	char longer[700] = "ws://a/", error[256];

	(void)state;
	memset(longer + 7, 'x', sizeof longer - 8);
	assert_int_equal(server_create(&config, &(struct server_hooks) { .on_wake = on_wake }, no_routes, 0,
				 no_channels, 0, &server, error, sizeof error),
		OK);
	for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
		struct server_link_to to = { .url = i < sizeof bad / sizeof *bad ? bad[i] : longer };
		assert_int_equal(server_link_open(server, &to, &link_of_ours), ERR_INVALID);
	}
	server_destroy(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(text_comes_whole),
		cmocka_unit_test(a_name_with_several_addresses), cmocka_unit_test(so_much_and_no_more),
		cmocka_unit_test(ends_are_told_once), cmocka_unit_test(what_is_no_address) };
	return cmocka_run_group_tests(tests, set_up, NULL);
}
