/* Lines: who gets one, frames in pieces, and readers that are slow. */
#include "tests/unit/server/live.h"

static char logged[4096];

static void keep_log(const char *line, void *arg)
{
	(void)arg;
	snprintf(logged, sizeof logged, "%s", line);
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

static void a_machine_proves_itself_and_needs_no_origin(void **state)
{
	static const struct {
		const char *path, *protocol, *more, *status;
	} cases[] = { { "/machine/a", "machine.1", "Basic good", " 101 " },
		{ "/machine/a", "machine.1", "Basic bad", " 403 " },
		{ "/machine/a", "machine.1", "", " 403 " }, { "/machine/b", "machine.1", "Basic good", " 403 " },
		{ "/machine/a", "echo.1", "Basic good", " 400 " }, { "/machine", "machine.1", "Basic good", " 404 " } };
	char head[4096], protocol[100], back[12];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(protocol, sizeof protocol, "%s\r\nAuthorization: %s", cases[i].protocol, cases[i].more);
		int fd = upgrade(cases[i].path, "https://evil.example", protocol, head);
		if (!strstr(head, cases[i].status))
			fail_msg("%s %s: %s", cases[i].path, cases[i].more, head);
		if (!i) {
			assert_int_equal(take(fd, back, 12), 12);
			assert_memory_equal(back, "\x81\x0a/machine/a", 12);
		}
		close(fd);
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

static void a_machine_may_send_what_is_not_text(void **state)
{
	char head[4096], back[20];
	int fd = upgrade("/machine/a", "x", "machine.1\r\nAuthorization: Basic good", head);

	(void)state;
	assert_int_equal(take(fd, back, 12), 12);
	put_frame(fd, 0x82, "\xc3\x28", 2); /* no UTF-8 either */
	assert_int_equal(take(fd, back, 4), 4);
	assert_memory_equal(back, "\x81\x02\xc3\x28", 4);
	put_frame(fd, 0x02, "ab", 2); /* in pieces, each as it comes */
	assert_int_equal(take(fd, back, 4), 4);
	put_frame(fd, 0x80, "c", 1);
	assert_int_equal(take(fd, back, 3), 3);
	assert_memory_equal(back, "\x81\x01" "c", 3);
	close(fd);
}

static void a_ping_goes_out_between_messages(void **state)
{
	int fd = line();
	char back[8];

	(void)state;
	put_frame(fd, 0x81, "ping", 4);
	assert_int_equal(take(fd, back, 2), 2);
	assert_memory_equal(back, "\x89\x00", 2);
	put_frame(fd, 0x8a, "", 0); /* a pong */
	put_frame(fd, 0x81, "on", 2);
	assert_int_equal(take(fd, back, 4), 4);
	assert_memory_equal(back, "\x81\x02on", 4);
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

/* Lines that are opened while it is small have a send buffer of little more than a piece. */
static void send_buffer(int bytes)
{
	for (int fd = 3; fd < 256; fd++) {
		int listens = 0;
		socklen_t size = sizeof listens;
		if (!getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) && listens)
			assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
	}
}

static void a_full_socket_cuts_no_line(void **state)
{
	static char sink[2048];
	size_t total = 0, wanted = 0;
	int fd;

	(void)state;
	for (size_t i = 0; i < 3000; i++)
		wanted += 100 + i % 900 + (100 + i % 900 < 126 ? 2 : 4);
	send_buffer(1);
	receive_buffer = 1;
	fd = line();
	receive_buffer = 0;
	send_buffer(1 << 20);
	put_frame(fd, 0x81, "many", 4);
	while (total < wanted) {
		size_t got = take(fd, sink, wanted - total < sizeof sink ? wanted - total : sizeof sink);
		assert_int_not_equal(got, 0);
		total += got;
	}
	put_frame(fd, 0x81, "on", 2); /* the line lives */
	assert_int_equal(take(fd, sink, 4), 4);
	close(fd);
}

static void frames_of_one_turn_come_whole_and_in_order(void **state)
{
	static char bytes[70000];
	int fd = line();

	(void)state;
	put_frame(fd, 0x81, "sizes", 5);
	for (int i = 0; i < SIZES; i++) {
		unsigned char header[10];
		size_t size = sizes[i] < 126 ? 0 : sizes[i] < 65536 ? 2 : 8, length = 0;
		assert_int_equal(take(fd, (char *)header, 2 + size), 2 + size);
		assert_int_equal(header[0], 0x81);
		assert_int_equal(header[1], !size ? (int)sizes[i] : size == 2 ? 126 : 127);
		for (size_t k = 0; k < size; k++)
			length = length << 8 | header[2 + k];
		assert_int_equal(size ? length : header[1], sizes[i]);
		assert_int_equal(take(fd, bytes, sizes[i]), sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(bytes[k], 'a' + i);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_needs_its_path_protocol_and_origin),
		cmocka_unit_test(a_machine_proves_itself_and_needs_no_origin),
		cmocka_unit_test(a_machine_may_send_what_is_not_text),
		cmocka_unit_test(a_ping_goes_out_between_messages),
		cmocka_unit_test(pieces_become_one_message_up_to_the_limit),
		cmocka_unit_test(what_is_not_text_closes_the_line),
		cmocka_unit_test(what_was_asked_for_as_a_whole_arrives_however_large),
		cmocka_unit_test(a_full_socket_cuts_no_line),
		cmocka_unit_test(frames_of_one_turn_come_whole_and_in_order),
		cmocka_unit_test(a_slow_reader_is_cut_and_others_go_on),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
