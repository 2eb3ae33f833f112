#include "webchat/gate.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char id[] = "0123456789012345678901";
static struct gate *gate;
static char text[GATE_TEXT];
static int bits;

static bool pass(uint64_t crowd, int load)
{
	return gate_pass(gate, crowd, id, load, NULL, NULL, text, &bits);
}

static void solve(char number_r[GATE_NUMBER + 1])
{
	for (unsigned n = 0;; n++) {
		uint8_t hash[32];
		char whole[GATE_TEXT + GATE_NUMBER + 2];
		int zero = 0;
		snprintf(number_r, GATE_NUMBER + 1, "%u", n);
		snprintf(whole, sizeof whole, "%s:%s", text, number_r);
		crypto_hash_sha256(hash, (const uint8_t *)whole, strlen(whole));
		while (zero < bits && !(hash[zero / 8] & 0x80 >> zero % 8))
			zero++;
		if (zero == bits)
			return;
	}
}

static void few_begin_at_once_and_then_more_with_time(void **state)
{
	(void)state;
	for (int i = 0; i < GATE_CROWD_STARTS; i++)
		assert_true(pass(7, 0));
	assert_false(pass(7, 0));
	assert_int_equal(bits, GATE_BITS + 1);
	assert_true(pass(8, 0)); /* another crowd has its own */
	clock_advance(GATE_CROWD_SECONDS * 1000 - 1);
	assert_false(pass(7, 0));
	clock_advance(1);
	assert_true(pass(7, 0));
	assert_false(pass(7, 0));
}

static void all_together_are_bounded_too(void **state)
{
	int through = 0;
	(void)state;
	for (uint64_t crowd = 1; crowd <= 200; crowd++)
		through += pass(crowd, 0);
	assert_int_equal(through, GATE_ALL_STARTS);
	clock_advance(1000);
	through = 0;
	for (uint64_t crowd = 1001; crowd <= 1200; crowd++)
		through += pass(crowd, 0);
	assert_int_equal(through, GATE_ALL_SECOND);
}

static void this_machine_is_never_asked(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(pass(0, 99));
}

static void work_grows_with_the_load_and_is_capped(void **state)
{
	(void)state;
	assert_true(pass(7, 49));
	assert_false(pass(7, 50));
	assert_int_equal(bits, GATE_BITS);
	assert_false(pass(7, 75));
	assert_int_equal(bits, GATE_BITS + 1);
	for (int i = 0; i < 100; i++)
		assert_false(pass(7, 100));
	assert_int_equal(bits, GATE_BITS_MOST);
}

static void done_work_opens_for_its_own_start_and_in_its_time(void **state)
{
	char number[GATE_NUMBER + 1], own[GATE_TEXT], changed[GATE_TEXT], other[GATE_TEXT];
	int unused;

	(void)state;
	assert_false(pass(7, 60));
	memcpy(own, text, sizeof own);
	solve(number);
	assert_true(gate_pass(gate, 7, id, 100, own, number, other, &unused));
	assert_true(gate_pass(gate, 7, id, 100, own, number, other, &unused)); /* the same start */
	assert_false(gate_pass(gate, 7, "another-start-id-of-22", 60, own, number, other, &unused));
	assert_false(gate_pass(gate, 7, id, 60, own, "1", other, &unused));
	assert_false(gate_pass(gate, 7, id, 60, own, "", other, &unused));
	assert_false(gate_pass(gate, 7, id, 60, own, "-1", other, &unused));
	assert_false(gate_pass(gate, 7, id, 60, own, "12345678901234567", other, &unused));
	assert_false(gate_pass(gate, 7, id, 60, "", number, other, &unused));
	assert_false(gate_pass(gate, 7, id, 60, "1.0.AAAAAAAAAAAAAAAAAAAAAAAA", "0", other, &unused));
	for (size_t i = 0; i < strlen(own); i++) {
		memcpy(changed, own, sizeof own);
		changed[i] = own[i] == 'A' || own[i] == '1' ? '2' : '1';
		assert_false(gate_pass(gate, 7, id, 60, changed, number, other, &unused));
	}
	clock_advance(GATE_WORK_SECONDS * 1000);
	assert_true(gate_pass(gate, 7, id, 100, own, number, other, &unused));
	clock_advance(1000);
	assert_false(gate_pass(gate, 7, id, 100, own, number, other, &unused));
}

static int set_up(void **state)
{
	(void)state;
	clock_fake(INT64_C(1700000000000), 5000000);
	gate = gate_create();
	return sodium_init() < 0;
}

static int tear_down(void **state)
{
	(void)state;
	gate_destroy(&gate);
	clock_real();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(few_begin_at_once_and_then_more_with_time),
		TEST(all_together_are_bounded_too), TEST(this_machine_is_never_asked),
		TEST(work_grows_with_the_load_and_is_capped),
		TEST(done_work_opens_for_its_own_start_and_in_its_time) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
