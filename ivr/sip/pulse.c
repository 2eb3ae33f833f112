/* The media clock: one timerfd of 20 ms for every call, at rest while there is none. */
#include "base/log.h"
#include "ivr/sip/exchange.h"
#include "ivr/sip/line.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { TICK_NS = 20 * 1000 * 1000, CATCH_UP = 5, LATE_US = 10 * 1000 };

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void set_timer(struct exchange *exchange, long ns)
{
	struct itimerspec spec = { .it_interval.tv_nsec = ns, .it_value.tv_nsec = ns };
	if (timerfd_settime(exchange->clock, 0, &spec, NULL))
		log_error("the media clock does not start", "errno=%d", errno);
}

static void tick(struct exchange *exchange)
{
	struct le *le;

	LIST_FOREACH(&exchange->lines, le) line_tick(le->data);
	LIST_FOREACH(&exchange->legs, le) leg_tick(le->data);
}

static void measure(struct exchange *exchange, uint64_t times)
{
	struct tally *tally = exchange->tally;
	uint64_t due, late;

	exchange->ticks += times;
	due = exchange->began + exchange->ticks * TICK_NS;
	late = now_ns() > due ? (now_ns() - due) / 1000 : 0;
	tally->ticks += times;
	if (late > LATE_US || times > 1)
		tally->ticks_late++;
	if (late + (times - 1) * (TICK_NS / 1000) > tally->late_us_worst)
		tally->late_us_worst = late + (times - 1) * (TICK_NS / 1000);
}

static void on_timer(int flags, void *arg)
{
	struct exchange *exchange = arg;
	uint64_t times;
	(void)flags;

	if (read(exchange->clock, &times, sizeof times) != sizeof times || !times)
		return;
	measure(exchange, times);
	for (uint64_t i = 0; i < times && i < CATCH_UP; i++)
		tick(exchange);
	if (list_isempty(&exchange->lines) && list_isempty(&exchange->legs)) {
		set_timer(exchange, 0);
		exchange->ticking = false;
	}
}

void pulse_wake(struct exchange *exchange)
{
	if (exchange->ticking)
		return;
	exchange->ticking = true;
	exchange->ticks = 0;
	exchange->began = now_ns();
	set_timer(exchange, TICK_NS);
}

enum err pulse_start(struct exchange *exchange)
{
	exchange->clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (exchange->clock < 0)
		return ERR_IO;
	return fd_listen(exchange->clock, FD_READ, on_timer, exchange) ? ERR_IO : OK;
}

void pulse_stop(struct exchange *exchange)
{
	if (exchange->clock < 0)
		return;
	fd_close(exchange->clock);
	close(exchange->clock);
	exchange->clock = -1;
}
