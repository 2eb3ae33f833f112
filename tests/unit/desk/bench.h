/* A desk on a real store in a folder of its own: what every test of one needs. The clock is a fake. */
#ifndef TESTS_DESK_BENCH_H
#define TESTS_DESK_BENCH_H

#include "desk/desk.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <poll.h>
#include <sys/eventfd.h>

static struct config config;
static struct desk *desk;
static int wake_fd;

static inline void on_wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(wake_fd, &one, sizeof one);
}

/* Until the store has said something. */
static inline void bench_pump(void)
{
	struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
	uint64_t off;
	assert_int_equal(poll(&wait, 1, 10000), 1);
	(void)!read(wake_fd, &off, sizeof off);
	desk_pump(desk);
}

static inline int bench_set_up(void **state)
{
	static char zone[] = "Europe/Brussels";
	config.centre.timezone = zone;
	config.desk.gone_seconds = 60;
	config.desk.abandon_minutes = 30;
	config.desk.serious_minutes = 5;
	config.desk.elevated_minutes = 15;
	config.desk.none_minutes = 30;
	config.desk.wait_sample = 8;
	config.limits.messages_per_minute = 100;
	config.limits.contact_messages = 100;
	clock_fake(INT64_C(1700000000000), 100000);
	if (!wake_fd)
		wake_fd = eventfd(0, EFD_CLOEXEC);
	return folder_set_up(state);
}

static inline void bench_open(const struct triage *rules)
{
	char error[512] = "";
	if (desk_create(&config, rules, folder, on_wake, NULL, &desk, error, sizeof error))
		fail_msg("%s", error);
}

static inline int bench_tear_down(void **state)
{
	desk_destroy(&desk);
	clock_real();
	return folder_tear_down(state);
}

#endif
