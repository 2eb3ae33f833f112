/* G.711: both tables against the rules of ITU-T G.711, extremes clamped, conversion between them. */
#include "ivr/law.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

/* The standard's own form of µ-law, written out here as an oracle. */
static int mu_expand(uint8_t byte)
{
	int value = ~byte & 0xff, sign = value & 0x80, exponent = value >> 4 & 7;
	int magnitude = ((((value & 15) << 3) + 0x84) << exponent) - 0x84;
	return sign ? -magnitude : magnitude;
}

static int a_expand(uint8_t byte)
{
	int value = byte ^ 0x55, exponent = value >> 4 & 7;
	int magnitude = (value & 15) << 4;
	magnitude = exponent ? (magnitude + 0x108) << (exponent - 1) : magnitude + 8;
	return value & 0x80 ? magnitude : -magnitude;
}

static void every_byte_expands_as_the_standard_says(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		int mu = mu_expand((uint8_t)i), a = a_expand((uint8_t)i);
		assert_true(abs(law_decode(LAW_MU, (uint8_t)i) - mu) <= abs(mu) / 64 + 4);
		assert_true(abs(law_decode(LAW_A, (uint8_t)i) - a) <= abs(a) / 64 + 4);
	}
}

static void every_sample_comes_back_close(void **state)
{
	static const enum law laws[] = { LAW_MU, LAW_A };
	(void)state;
	for (int law = 0; law < 2; law++) {
		for (int sample = -32768; sample <= 32767; sample++) {
			int back = law_decode(laws[law], law_encode(laws[law], sample));
			int size = abs(sample) > 32635 ? 32635 : abs(sample);
			assert_true(abs(abs(back) - size) <= size / 16 + 16);
		}
	}
}

static void what_is_too_loud_is_clamped(void **state)
{
	(void)state;
	assert_int_equal(law_encode(LAW_A, -32768), law_encode(LAW_A, -32635));
	assert_int_equal(law_encode(LAW_MU, 1000000), law_encode(LAW_MU, 32635));
	assert_true(law_decode(LAW_A, law_encode(LAW_A, -1000000)) < -31000);
}

static void the_laws_convert_into_each_other(void **state)
{
	uint8_t in[256], out[256], back[256];
	(void)state;
	law_init();
	for (int i = 0; i < 256; i++)
		in[i] = (uint8_t)i;
	law_convert(LAW_A, LAW_MU, in, out, sizeof in);
	for (int i = 0; i < 256; i++) {
		int a = a_expand((uint8_t)i), mu = mu_expand(out[i]);
		assert_true(abs(a - mu) <= abs(a) / 16 + 16);
	}
	law_convert(LAW_A, LAW_A, in, back, sizeof in);
	assert_memory_equal(in, back, sizeof in);
	assert_int_equal(law_decode(LAW_A, LAW_SILENCE), 8); /* the quietest there is */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_expands_as_the_standard_says),
		cmocka_unit_test(every_sample_comes_back_close),
		cmocka_unit_test(what_is_too_loud_is_clamped),
		cmocka_unit_test(the_laws_convert_into_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
