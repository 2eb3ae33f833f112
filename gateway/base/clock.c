#include "base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static atomic_bool faked;
static _Atomic int64_t fake_wall, fake_mono;

static int64_t now(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall(void)
{
	return faked ? fake_wall : now(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
	return faked ? fake_mono : now(CLOCK_MONOTONIC);
}

void clock_fake(int64_t wall, int64_t mono)
{
	fake_wall = wall;
	fake_mono = mono;
	faked = true;
}

void clock_advance(int64_t ms)
{
	fake_wall += ms;
	fake_mono += ms;
}

void clock_real(void)
{
	faked = false;
}
