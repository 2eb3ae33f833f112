/* Keys: RFC 4733 packets with losses, repeats and odd phones; INFO bodies. */
#include "ivr/sip/dtmf.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static char press(struct dtmf *dtmf, uint8_t event, bool end, uint32_t ts, bool marker, int64_t now)
{
	uint8_t payload[4] = { event, end ? 0x8a : 0x0a, 0, 160 };
	return dtmf_event(dtmf, payload, sizeof payload, ts, marker, now);
}

static void one_press_is_one_key(void **state)
{
	struct dtmf dtmf = { 0 };
	(void)state;
	assert_int_equal(press(&dtmf, 5, false, 1000, true, 0), '5');
	for (int i = 1; i < 8; i++)
		assert_int_equal(press(&dtmf, 5, false, 1000, false, i * 20), 0);
	for (int i = 0; i < 3; i++) /* the end comes three times */
		assert_int_equal(press(&dtmf, 5, true, 1000, false, 180), 0);
}

static void the_same_key_twice_is_two(void **state)
{
	struct dtmf dtmf = { 0 };
	(void)state;
	assert_int_equal(press(&dtmf, 1, false, 1000, true, 0), '1');
	assert_int_equal(press(&dtmf, 1, true, 1000, false, 60), 0);
	assert_int_equal(press(&dtmf, 1, false, 2000, true, 120), '1');
}

static void only_the_end_may_arrive(void **state)
{
	struct dtmf dtmf = { 0 };
	(void)state;
	assert_int_equal(press(&dtmf, 11, true, 1000, false, 0), '#');
	assert_int_equal(press(&dtmf, 11, true, 1000, false, 20), 0);
}

static void a_phone_that_never_moves_its_timestamp(void **state)
{
	struct dtmf dtmf = { 0 };
	(void)state;
	assert_int_equal(press(&dtmf, 3, false, 0, true, 0), '3');
	assert_int_equal(press(&dtmf, 3, true, 0, false, 80), 0);
	assert_int_equal(press(&dtmf, 3, false, 0, true, 300), '3');
	assert_int_equal(press(&dtmf, 3, false, 0, true, 305), 0); /* the marker sent twice */
}

static void an_overtaken_packet_is_not_a_press(void **state)
{
	struct dtmf dtmf = { 0 };
	(void)state;
	assert_int_equal(press(&dtmf, 7, false, 5000, true, 0), '7');
	assert_int_equal(press(&dtmf, 8, false, 5800, true, 40), '8');
	assert_int_equal(press(&dtmf, 7, true, 5000, false, 50), 0);
	assert_int_equal(press(&dtmf, 8, true, 5800, false, 60), 0);
}

static void what_is_not_a_key_is_dropped(void **state)
{
	struct dtmf dtmf = { 0 };
	uint8_t bytes[4] = { 16, 0, 0, 0 }; /* flash */
	(void)state;
	assert_int_equal(dtmf_event(&dtmf, bytes, 4, 1, true, 0), 0);
	bytes[0] = 3;
	for (size_t length = 0; length < 4; length++)
		assert_int_equal(dtmf_event(&dtmf, bytes, length, 1, true, 0), 0);
	assert_int_equal(press(&dtmf, 15, false, 9, true, 0), 'D');
}

static char info(const char *subtype, const char *body)
{
	return dtmf_info(subtype, body, strlen(body));
}

static void info_bodies(void **state)
{
	char *large = calloc(1, DTMF_INFO_MAX + 2);
	(void)state;
	assert_int_equal(info("dtmf-relay", "Signal=5\r\nDuration=160\r\n"), '5');
	assert_int_equal(info("dtmf-relay", "Duration=160\nsignal = *"), '*');
	assert_int_equal(info("dtmf-relay", "Signal= 11\r\n"), '#');
	assert_int_equal(info("DTMF", " 7 \r\n"), '7');
	assert_int_equal(info("dtmf", "10"), '*');
	assert_int_equal(info("dtmf", "77"), 0);
	assert_int_equal(info("dtmf", ""), 0);
	assert_int_equal(info("dtmf-relay", "Signal="), 0);
	assert_int_equal(info("dtmf-relay", "Signalx5"), 0);
	assert_int_equal(info("plain", "5"), 0);
	memset(large, ' ', DTMF_INFO_MAX + 1);
	large[0] = '5';
	assert_int_equal(dtmf_info("dtmf", large, DTMF_INFO_MAX), '5');
	assert_int_equal(dtmf_info("dtmf", large, DTMF_INFO_MAX + 1), 0);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_press_is_one_key),
		cmocka_unit_test(the_same_key_twice_is_two),
		cmocka_unit_test(only_the_end_may_arrive),
		cmocka_unit_test(a_phone_that_never_moves_its_timestamp),
		cmocka_unit_test(an_overtaken_packet_is_not_a_press),
		cmocka_unit_test(what_is_not_a_key_is_dropped),
		cmocka_unit_test(info_bodies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
