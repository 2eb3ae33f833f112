#include "console/away.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static unsigned asked;

static bool all_hold(void *arg, const uint8_t *hash)
{
	(void)arg;
	(void)hash;
	asked++;
	return true;
}

static bool none_holds(void *arg, const uint8_t *hash)
{
	(void)arg;
	(void)hash;
	return false;
}

static const char *token_of(unsigned number)
{
	static char token[32];
	snprintf(token, sizeof token, "session %u", number);
	return token;
}

static void each_session_that_goes_on_has_a_place(void **state)
{
	enum { MANY = 3000 };
	struct away away = { .holds = all_hold };
	(void)state;

	clock_fake(1, 1000);
	for (unsigned i = 0; i < MANY; i++)
		away_go(&away, token_of(i), i % 2 ? 1001 : 1000);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(away_locked(&away, token_of(i)), i % 2 == 0);
	clock_advance(1);
	for (unsigned i = 0; i < MANY; i++)
		assert_true(away_locked(&away, token_of(i)));
	assert_false(away_locked(&away, token_of(MANY)));
	assert_true(asked < 2 * MANY); /* now and then alone */
	away_finish(&away);
	clock_real();
}

static void what_ended_takes_no_place(void **state)
{
	struct away away = { .holds = none_holds };
	size_t most;
	(void)state;

	clock_fake(1, 1000);
	away_go(&away, token_of(0), 1000);
	most = away.capacity;
	for (unsigned i = 1; i < 3000; i++)
		away_go(&away, token_of(i), 1000);
	assert_int_equal(away.capacity, most);
	away_finish(&away);
	clock_real();
}

static void count(void *arg, const uint8_t *hash)
{
	(void)hash;
	++*(unsigned *)arg;
}

static void it_comes_back_and_the_earlier_lock_holds(void **state)
{
	struct away away = { .holds = all_hold };
	unsigned locked = 0;
	(void)state;

	clock_fake(1, 1000);
	away_back(&away, token_of(1)); /* of none */
	for (unsigned i = 0; i < 3; i++)
		away_go(&away, token_of(i), 2000);
	away_go(&away, token_of(0), 1000);
	away_go(&away, token_of(0), 3000);
	assert_true(away_locked(&away, token_of(0)));
	assert_false(away_locked(&away, token_of(1)));
	away_each(&away, count, &locked);
	assert_int_equal(locked, 1);
	away_back(&away, token_of(0));
	assert_false(away_locked(&away, token_of(0)));
	clock_advance(1000);
	assert_false(away_locked(&away, token_of(0)));
	assert_true(away_locked(&away, token_of(1)));
	assert_true(away_locked(&away, token_of(2)));
	away_finish(&away);
	clock_real();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_session_that_goes_on_has_a_place),
		cmocka_unit_test(what_ended_takes_no_place),
		cmocka_unit_test(it_comes_back_and_the_earlier_lock_holds) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
