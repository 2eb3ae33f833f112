/* Functions of libre that are replaced for the whole program: the linker lets libre find these.
 * Its timers run on the wall clock, so that a clock set back by an hour would freeze every call; and
 * it prints what peers sent to stderr, which is our log. */
#include "ivr/sip/re.h"

#include <time.h>

#define REPLACES __attribute__((visibility("default")))

int re_fprintf(FILE *stream, const char *fmt, ...); /* NOLINT(readability-redundant-declaration) */
int re_printf(const char *fmt, ...); /* NOLINT(readability-redundant-declaration) */

REPLACES uint64_t tmr_jiffies(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

REPLACES int re_fprintf(FILE *stream, const char *fmt, ...)
{
	(void)stream;
	(void)fmt;
	return 0;
}

REPLACES int re_printf(const char *fmt, ...)
{
	(void)fmt;
	return 0;
}

REPLACES void dbg_printf(int level, const char *fmt, ...);
REPLACES void dbg_printf(int level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}
