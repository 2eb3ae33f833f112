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

static int seconds;

static bool wait_for(uint64_t crowd, const char *start_id, int load, const char *ticket)
{
	char before[GATE_TEXT];
	snprintf(before, sizeof before, "%s", ticket ? ticket : "");
	return gate_wait(gate, crowd, start_id, load, ticket ? before : NULL, text, &seconds);
}

/* What may begin at once has begun. */
static void crowd_is_there(uint64_t crowd)
{
	for (int i = 0; i < GATE_CROWD_STARTS; i++)
		assert_true(wait_for(crowd, id, 0, NULL));
}

static void who_cannot_work_waits_for_a_ticket(void **state)
{
	char ticket[GATE_TEXT];

	(void)state;
	crowd_is_there(7);
	assert_false(wait_for(7, id, 0, NULL));
	assert_int_equal(seconds, GATE_CROWD_SECONDS + 1);
	strcpy(ticket, text);
	clock_advance(seconds * 1000 - 1000);
	assert_false(wait_for(7, id, 0, ticket)); /* a second too early: the same again */
	assert_string_equal(text, ticket);
	assert_int_equal(seconds, 1);
	clock_advance(1000);
	assert_true(wait_for(7, id, 100, ticket)); /* whatever comes meanwhile */
	clock_advance(GATE_WORK_SECONDS * 1000);
	assert_true(wait_for(7, id, 100, ticket));
	clock_advance(1000);
	assert_false(wait_for(7, id, 100, ticket)); /* too old: a new one */
	assert_string_not_equal(text, ticket);
}

static void a_ticket_is_of_its_start_and_not_made_at_home(void **state)
{
	static const char other[] = "2222222222222222222222";
	char ticket[GATE_TEXT], changed[GATE_TEXT];

	(void)state;
	crowd_is_there(7);
	assert_false(wait_for(7, id, 0, NULL));
	strcpy(ticket, text);
	clock_advance(60000);
	assert_false(wait_for(7, other, 100, ticket));
	for (size_t i = 0; i < strlen(ticket); i++) {
		strcpy(changed, ticket);
		changed[i] = ticket[i] == '1' ? '2' : '1';
		assert_false(wait_for(7, id, 100, changed));
		assert_string_not_equal(text, changed);
	}
	assert_false(wait_for(7, id, 100, ""));
	assert_false(wait_for(7, id, 100, "w.0.AAAAAAAAAAAAAAAAAAAAAAAA"));
	assert_true(wait_for(7, id, 100, ticket));
	assert_false(gate_pass(gate, 7, id, 100, ticket, "0", text, &bits)); /* a ticket is no work */
}

static void tickets_are_a_line_with_an_end(void **state)
{
	static const int places = (GATE_WAIT_MOST - GATE_CROWD_SECONDS) / GATE_CROWD_SECONDS + 1;
	char start_id[32];

	(void)state;
	crowd_is_there(7);
	for (int i = 1; i <= places; i++) {
		snprintf(start_id, sizeof start_id, "%022d", i);
		assert_false(wait_for(7, start_id, 0, NULL));
		assert_int_equal(seconds, i * GATE_CROWD_SECONDS + 1);
		assert_true(*text);
	}
	assert_false(wait_for(7, id, 0, NULL));
	assert_int_equal(seconds, 0);
	assert_string_equal(text, "");
	assert_true(wait_for(8, id, 0, NULL)); /* another network */
	clock_advance(1000);
	assert_false(wait_for(7, id, 0, NULL));
	assert_int_equal(seconds, 0);
}

static void under_load_everybody_is_one_line(void **state)
{
	(void)state;
	for (uint64_t crowd = 1; crowd <= 3 * GATE_ALL_SECOND; crowd++) {
		assert_false(wait_for(crowd, id, 50, NULL));
		assert_int_equal(seconds, crowd / GATE_ALL_SECOND + 1);
	}
	assert_true(wait_for(0, id, 100, NULL)); /* this machine never waits */
	assert_true(wait_for(99, id, 49, NULL));
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
		TEST(done_work_opens_for_its_own_start_and_in_its_time),
		TEST(who_cannot_work_waits_for_a_ticket),
		TEST(a_ticket_is_of_its_start_and_not_made_at_home), TEST(tickets_are_a_line_with_an_end),
		TEST(under_load_everybody_is_one_line) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
