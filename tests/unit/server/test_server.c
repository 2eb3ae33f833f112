/* What is asked over HTTP, its limits, and time. */
#include "tests/unit/server/live.h"

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

static void what_stays_is_sent_from_where_it_is(void **state)
{
	static const char twice[] = "GET /still HTTP/1.1\r\nHost: localhost\r\n\r\n",
			  head_only[] = "HEAD /still HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	char head[4096], *body = malloc(sizeof still + 1);
	int fd = connected();

	(void)state;
	for (int i = 0; i < 2; i++) { /* on one connection */
		put(fd, twice, sizeof twice - 1);
		take_head(fd, head, sizeof head);
		assert_non_null(strstr(head, "content-length: 300000"));
		assert_int_equal(take(fd, body, sizeof still), sizeof still);
		assert_memory_equal(body, still, sizeof still);
	}
	put(fd, head_only, sizeof head_only - 1);
	take_head(fd, head, sizeof head);
	assert_non_null(strstr(head, " 200 "));
	assert_int_equal(take(fd, body, 1), 0);
	free(body);
	close(fd);
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
		cmocka_unit_test(what_stays_is_sent_from_where_it_is),
		cmocka_unit_test(what_is_posted_arrives_whole_and_within_a_bound),
		cmocka_unit_test(another_thread_may_wake_it),
		cmocka_unit_test(headers_that_never_end_are_not_waited_for),
		cmocka_unit_test(a_kept_connection_without_a_request_is_closed),
		cmocka_unit_test(headers_up_to_the_limit),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
