#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_words[] = { "error", "warn", "info", "debug" };
static enum log_level threshold = LOG_INFO;
static void (*capture)(const char *, void *);
static void *capture_arg;

void log_line(enum log_level level, const char *event, const char *fields, ...)
{
	char line[1024];
	char when[32];
	struct timespec ts;
	struct tm tm;
	va_list args;
	size_t used;

	if (level > threshold)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	used = (size_t)snprintf(line, sizeof line, "time=%s.%03ldZ level=%s msg=\"%s\"", when,
		ts.tv_nsec / 1000000, level_words[level], event);
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
