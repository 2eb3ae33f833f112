#include "base/log.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_words[] = { "error", "warn", "info", "debug" };
static enum log_level threshold = LOG_INFO;

enum { EVENTS = 128, MINUTE_MS = 60000 };
static struct told { /* by event */
	const char *event;
	int64_t since_mono;
	uint32_t count, left_out;
} told[EVENTS];
static pthread_mutex_t told_mutex = PTHREAD_MUTEX_INITIALIZER;
static void (*capture)(const char *, void *);
static void *capture_arg;

static struct told *told_of(const char *event)
{
	size_t home = ((uintptr_t)event >> 3) % EVENTS;

	for (size_t i = 0; i < EVENTS; i++) {
		struct told *at = &told[(home + i) % EVENTS];
		if (!at->event || at->event == event) {
			at->event = event;
			return at;
		}
	}
	told[home] = (struct told) { .event = event };
	return &told[home];
}

/* A peer that does wrong a thousand times a second must not fill the disk with it. */
static bool may_tell(const char *event, uint32_t *left_out_r)
{
	int64_t mono = clock_mono();
	struct told *at;
	bool may;

	pthread_mutex_lock(&told_mutex);
	at = told_of(event);
	if (!at->count || mono - at->since_mono >= MINUTE_MS) {
		at->since_mono = mono;
		at->count = 0;
	}
	may = at->count < LOG_MOST;
	at->count += may;
	at->left_out += !may;
	*left_out_r = may ? at->left_out : 0;
	if (may)
		at->left_out = 0;
	pthread_mutex_unlock(&told_mutex);
	return may;
}

void log_line(enum log_level level, const char *event, const char *fields, ...)
{
	char line[1024];
	uint32_t left_out = 0;
	char when[32];
	struct timespec ts;
	struct tm tm;
	va_list args;
	size_t used;

	if (level > threshold || (level <= LOG_WARN && !may_tell(event, &left_out)))
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	used = (size_t)snprintf(line, sizeof line, "time=%s.%03ldZ level=%s msg=\"%s\"", when,
		ts.tv_nsec / 1000000, level_words[level], event);
	if (left_out && used < sizeof line)
		used += (size_t)snprintf(line + used, sizeof line - used, " left_out=%u", left_out);
	if (used >= sizeof line - 2)
		used = sizeof line - 2;
	if (*fields) {
		line[used++] = ' ';
		va_start(args, fields);
		int more = vsnprintf(line + used, sizeof line - 1 - used, fields, args);
		va_end(args);
		if (more > 0)
			used += (size_t)more < sizeof line - 1 - used ? (size_t)more :
									 sizeof line - 2 - used;
	}
	for (size_t i = 0; i < used; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = '?';
	line[used] = '\0';
	if (capture)
		capture(line, capture_arg);
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* nobody is left to tell */
}

void log_threshold(enum log_level level)
{
	threshold = level;
}

void log_capture(void (*sink)(const char *line, void *arg), void *arg)
{
	capture = sink;
	capture_arg = arg;
}
