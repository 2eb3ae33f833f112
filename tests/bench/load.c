/* The load generator of the benchmarks, one thread, epoll. Prints one JSON object.
 *
 *   bench_load echo    PORT  --lines N --window W --seconds S
 *   bench_load chat    PORT  --lines N --window W --seconds S [--rate R] [--consoles FILE]
 *   bench_load idle    PORT  --lines N [--tls]     connects, says "ready", waits for standard input
 *   bench_load fsync   FOLDER                      median of fdatasync after an append of a page
 *
 * The same frame goes over both echo and chat: a `say` with 100 bytes of text. Without --rate each line
 * keeps W messages under way; with it, R messages a second are begun at their time in all, and latency
 * counts from that time, waiting included. FILE has a session token of a counsellor on each line; they
 * take the visitors' contacts first, and what they are told is counted. */
#include "ws.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW_MAX = 256, LATENCIES_MAX = 8 << 20, TEXT_BYTES = 100, CAPACITY = 20 };

struct line {
	struct ws ws;
	int64_t began[WINDOW_MAX]; /* of message number i, at i % WINDOW_MAX */
	uint64_t sent, answered;
	bool chatting, console, waiting_to_write;
	uint32_t taken, asked;
};

static struct {
	int port, lines, window, seconds;
	double rate;
	bool echo, tls;
	const char *consoles;
} options = { .lines = 100, .window = 1, .seconds = 5 };

static struct line *lines;
static size_t line_count, visitors, chatting;
static int epoll_fd;
static uint32_t *latencies; /* µs */
static size_t latency_count;
static uint64_t delivered, taken, answered, refused, takes_refused;
static bool measuring, running = true;

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static const char *const sentences[] = {
	"hey, ik wou gewoon eens weten hoe het hier werkt en of er iemand is om mee te praten vandaag",
	"op school was het druk en ik heb nog veel huiswerk, maar straks ga ik voetballen met mijn vrienden",
	"je ne sais pas trop comment commencer, mais je voulais poser une question sur mes parents aussi",
	"my best friend and I had an argument last week and now she does not talk to me any more at lunch",
	"mijn ouders vinden dat ik te veel op mijn gsm zit, ik vind dat het eigenlijk best nog wel meevalt",
};

enum { SENTENCES = sizeof sentences / sizeof *sentences };
static char ends[SENTENCES][TEXT_BYTES + 32]; /* of a frame, behind its number */
static size_t end_length;

static void make_ends(void)
{
	for (int i = 0; i < SENTENCES; i++)
		end_length = (size_t)snprintf(ends[i], sizeof ends[i], "\",\"text\":\"%-*.*s\"}",
			TEXT_BYTES, TEXT_BYTES, sentences[i]);
}

static void put_say(struct line *line, uint64_t number)
{
	static const char head[] = "{\"t\":\"say\",\"id\":\"m";
	char frame[sizeof head + 20 + sizeof ends[0]], *at = frame + sizeof head - 1, digits[20];
	size_t count = 0;

	memcpy(frame, head, sizeof head - 1);
	for (uint64_t rest = number; rest || !count; rest /= 10)
		digits[count++] = (char)('0' + rest % 10);
	while (count)
		*at++ = digits[--count];
	memcpy(at, ends[number % SENTENCES], end_length);
	ws_text(&line->ws, frame, (size_t)(at - frame) + end_length);
}

static void flush(struct line *line)
{
	bool all = ws_flush(&line->ws);
	struct epoll_event event
		= { .events = all ? EPOLLIN : EPOLLIN | EPOLLOUT, .data.ptr = line };
	if (all == !line->waiting_to_write)
		return;
	line->waiting_to_write = !all;
	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, line->ws.fd, &event);
}

static void say(struct line *line, int64_t began)
{
	line->began[line->sent % WINDOW_MAX] = began;
	put_say(line, line->sent++);
}

static void on_answer(struct line *line)
{
	int64_t now = now_ns();
	int64_t took = now - line->began[line->answered++ % WINDOW_MAX];

	answered++;
	if (measuring && latency_count < LATENCIES_MAX)
		latencies[latency_count++] = (uint32_t)(took / 1000);
	if (options.rate <= 0 && running)
		say(line, now);
}

static size_t count_text(const char *text, size_t length, const char *what)
{
	size_t found = 0;
	const char *end = text + length, *at;
	while ((at = memmem(text, (size_t)(end - text), what, strlen(what)))) {
		found++;
		text = at + strlen(what);
	}
	return found;
}

static bool holds(const char *text, size_t length, const char *what)
{
	return memmem(text, length, what, strlen(what)) != NULL;
}

static void on_echo(struct ws *ws, const char *text, size_t length)
{
	(void)text;
	(void)length;
	on_answer(ws->arg);
}

static void put(struct ws *ws, const char *frame)
{
	ws_text(ws, frame, strlen(frame));
}

static void start(struct line *line)
{
	char frame[160];
	int length = snprintf(frame, sizeof frame,
		"{\"t\":\"start\",\"id\":\"bench-%d-%zu-aaaaaaaaaaaaaaaa\",\"answers\":{\"lang\":\"nl\"}}",
		(int)getpid(), (size_t)(line - lines));
	ws_text(&line->ws, frame, (size_t)length);
}

static void on_visitor(struct ws *ws, const char *text, size_t length)
{
	struct line *line = ws->arg;

	if (holds(text, length < 16 ? length : 16, "\"stored\"")) {
		on_answer(line);
	} else if (holds(text, length, "\"t\":\"started\"")) {
		line->chatting = true;
		chatting++;
	} else if (holds(text, length, "\"t\":\"beat\"")) {
		put(ws, "{\"t\":\"beat\"}");
	} else if (holds(text, length, "\"t\":\"error\"")) {
		if (!refused++)
			fprintf(stderr, "refused: %.*s\n", (int)length, text);
	}
}

static void ask_take(struct line *line)
{
	char frame[96];
	int length = snprintf(frame, sizeof frame, "{\"t\":\"take\",\"id\":\"bench-take-%d-%zu-%u\"}",
		(int)getpid(), (size_t)(line - lines), line->asked++);
	ws_text(&line->ws, frame, (size_t)length);
}

static void on_console(struct ws *ws, const char *text, size_t length)
{
	struct line *line = ws->arg;

	if (holds(text, length < 16 ? length : 16, "\"events\"")) {
		delivered += count_text(text, length, "\"kind\":\"message\"");
		return;
	}
	if (holds(text, length, "\"t\":\"beat\""))
		put(ws, "{\"t\":\"beat\"}");
	if (holds(text, length, "\"t\":\"desk\""))
		put(ws, "{\"t\":\"duty\",\"id\":\"duty\",\"duty\":\"on\"}"), ask_take(line);
	if (!holds(text, length < 40 ? length : 40, "\"id\":\"bench-take"))
		return;
	if (holds(text, length < 12 ? length : 12, "\"ok\"")) {
		line->taken++;
		taken++;
	} else if (!takes_refused++) {
		fprintf(stderr, "a take was refused, tried again: %.*s\n", (int)length, text);
	}
	if (line->taken < CAPACITY)
		ask_take(line);
}

static void turn(int wait_ms)
{
	struct epoll_event events[512];
	int count = epoll_wait(epoll_fd, events, 512, wait_ms);

	for (int i = 0; i < count; i++) {
		struct line *line = events[i].data.ptr;
		if ((events[i].events & (EPOLLIN | EPOLLHUP)) && !ws_read(&line->ws))
			errx(1, "the server closed line %td, a %s, code %d", line - lines,
				line->console ? "console" : "visitor", line->ws.code);
		flush(line);
	}
}

static void until(size_t *count, size_t wanted, const char *what)
{
	int64_t limit = now_ns() + 60 * INT64_C(1000000000);
	while (*count < wanted) {
		turn(100);
		if (now_ns() > limit)
			errx(1, "%s: %zu of %zu after 60 s", what, *count, wanted);
	}
}

static struct line *add_line(void)
{
	struct line *line = &lines[line_count++];
	line->ws.arg = line;
	return line;
}

static void watch(struct line *line)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = line };
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, line->ws.fd, &event);
	flush(line);
}

static void open_visitors(bool begin)
{
	for (int i = 0; i < options.lines; i++) {
		struct line *line = add_line();
		ws_connect(&line->ws, options.port, options.echo ? "/" : "/chat",
			options.echo ? "bench" : "onthaal.visitor.1", options.tls);
		line->ws.on_text = options.echo ? on_echo : on_visitor;
		if (!options.echo)
			put(&line->ws, "{\"t\":\"hello\",\"lang\":\"nl\"}");
		if (!options.echo && begin)
			start(line);
		watch(line);
		if (i % 64 == 63)
			turn(0);
	}
	visitors = line_count;
	if (!options.echo && begin)
		until(&chatting, visitors, "conversations begun");
}

static void open_consoles(void)
{
	char token[256];
	FILE *file = options.consoles ? fopen(options.consoles, "re") : NULL;
	size_t first = line_count, wanted;

	if (!file)
		return;
	while (fgets(token, sizeof token, file)) {
		char frame[320];
		struct line *line = add_line();
		token[strcspn(token, "\n")] = '\0';
		line->console = true;
		ws_connect(&line->ws, options.port, "/console/socket", "onthaal.console.1", options.tls);
		line->ws.on_text = on_console;
		int length = snprintf(frame, sizeof frame,
			"{\"t\":\"resume\",\"id\":\"resume\",\"session\":\"%s\"}", token);
		ws_text(&line->ws, frame, (size_t)length);
		watch(line);
	}
	fclose(file);
	(void)first;
	wanted = (line_count - first) * CAPACITY;
	until((size_t *)&taken, wanted < visitors ? wanted : visitors, "contacts taken");
}

/* Begins what is due by now, spread over the lines. */
static void begin_due(int64_t began, uint64_t *begun)
{
	static size_t next;
	int64_t now = now_ns();
	uint64_t due = (uint64_t)((double)(now - began) / 1e9 * options.rate);

	for (; *begun < due; (*begun)++) {
		struct line *line = &lines[next++ % visitors];
		if (line->sent - line->answered >= WINDOW_MAX - 1)
			errx(1, "the server fell %d messages behind on one line", WINDOW_MAX - 1);
		say(line, began + (int64_t)((double)(*begun + 1) / options.rate * 1e9));
		flush(line);
	}
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static double percentile(double part)
{
	return latency_count ? latencies[(size_t)((double)(latency_count - 1) * part)] / 1000.0 : 0;
}

static void drive(void)
{
	int64_t warm = now_ns() + INT64_C(1000000000), began = warm, ended;
	uint64_t begun = 0, sent = 0;

	if (options.rate <= 0)
		for (size_t i = 0; i < visitors; i++) {
			for (int w = 0; w < options.window; w++)
				say(&lines[i], now_ns());
			flush(&lines[i]);
		}
	while (now_ns() < warm)
		turn(1);
	measuring = true;
	answered = 0;
	began = now_ns();
	ended = began + options.seconds * INT64_C(1000000000);
	while (now_ns() < ended) {
		if (options.rate > 0)
			begin_due(began, &begun);
		turn(options.rate > 0 ? 0 : 10);
	}
	int64_t took = now_ns() - began;
	uint64_t in_time = answered;
	running = false;
	for (size_t i = 0; i < visitors; i++)
		sent += lines[i].sent;
	for (int64_t limit = now_ns() + 10 * INT64_C(1000000000); now_ns() < limit;) {
		uint64_t all = 0;
		for (size_t i = 0; i < visitors; i++)
			all += lines[i].answered;
		if (all == sent && (!options.consoles || delivered >= sent))
			break;
		turn(50);
	}
	uint64_t lost = 0;
	for (size_t i = 0; i < visitors; i++)
		lost += lines[i].sent - lines[i].answered;
	qsort(latencies, latency_count, sizeof *latencies, ascending);
	printf("{\"messages\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
	       "\"sent\":%llu,\"delivered\":%llu,\"unanswered\":%llu,\"refused\":%llu}\n",
		(unsigned long long)in_time, (double)took / 1e9, (double)in_time / ((double)took / 1e9),
		percentile(0.5), percentile(0.99), (unsigned long long)sent, (unsigned long long)delivered,
		(unsigned long long)lost, (unsigned long long)refused);
}

static int do_fsync(const char *folder)
{
	enum { TIMES = 400 };
	char path[512], page[4096] = { 1 };
	uint32_t took[TIMES];
	snprintf(path, sizeof path, "%s/fsync.probe", folder);
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		err(1, "%s", path);
	for (int i = 0; i < TIMES; i++) {
		int64_t began = now_ns();
		if (write(fd, page, sizeof page) < 0 || fdatasync(fd))
			err(1, "%s", path);
		took[i] = (uint32_t)((now_ns() - began) / 1000);
	}
	close(fd);
	unlink(path);
	qsort(took, TIMES, sizeof *took, ascending);
	printf("{\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", took[TIMES / 2] / 1000.0,
		took[TIMES * 99 / 100] / 1000.0);
	return 0;
}

static void parse(int argc, char **argv)
{
	for (int i = 3; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		if (!strcmp(argv[i], "--tls"))
			options.tls = true;
		else if (!strcmp(argv[i], "--lines"))
			options.lines = atoi(value), i++;
		else if (!strcmp(argv[i], "--window"))
			options.window = atoi(value), i++;
		else if (!strcmp(argv[i], "--seconds"))
			options.seconds = atoi(value), i++;
		else if (!strcmp(argv[i], "--rate"))
			options.rate = atof(value), i++;
		else if (!strcmp(argv[i], "--consoles"))
			options.consoles = value, i++;
		else
			errx(2, "%s is not known", argv[i]);
	}
	if (options.window < 1 || options.window >= WINDOW_MAX || options.lines < 1)
		errx(2, "--window 1 to %d, --lines 1 and more", WINDOW_MAX - 1);
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	if (argc < 3)
		errx(2, "see the head of load.c");
	if (!strcmp(argv[1], "fsync"))
		return do_fsync(argv[2]);
	options.port = atoi(argv[2]);
	options.echo = !strcmp(argv[1], "echo");
	parse(argc, argv);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	lines = calloc((size_t)options.lines + 64, sizeof *lines);
	make_ends();
	latencies = malloc(LATENCIES_MAX * sizeof *latencies);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	open_visitors(strcmp(argv[1], "idle") != 0);
	if (strcmp(argv[1], "idle") != 0) {
		open_consoles();
		drive();
		return 0;
	}
	puts("ready");
	fflush(stdout);
	struct epoll_event input = { .events = EPOLLIN };
	int outer = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(outer, EPOLL_CTL_ADD, STDIN_FILENO, &input);
	while (epoll_wait(outer, &input, 1, 0) == 0)
		turn(200);
	return 0;
}
