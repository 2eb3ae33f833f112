#include "console/cbor.h"
#include "tests/unit/unit.h"

#include <string.h>

struct sample {
	const char *bytes;
	size_t length;
};

#define SAMPLE(text)                                                                               \
	{                                                                                          \
		text, sizeof text - 1                                                              \
	}

static bool one(struct sample sample)
{
	return cbor_are((const uint8_t *)sample.bytes, sample.length, 1);
}

/* From RFC 8949's appendix A, those of known length. */
static void whole_items_are_whole(void **state)
{
	static const struct sample good[] = { SAMPLE("\x00"), SAMPLE("\x18\x64"), SAMPLE("\x19\x03\xe8"),
		SAMPLE("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), SAMPLE("\x39\x03\xe7"),
		SAMPLE("\xf9\x7c\x00"), SAMPLE("\xf5"), SAMPLE("\xf8\xff"), SAMPLE("\xc1\x1a\x51\x4b\x67\xb0"),
		SAMPLE("\x40"), SAMPLE("\x44\x01\x02\x03\x04"), SAMPLE("\x64IETF"), SAMPLE("\x80"),
		SAMPLE("\x83\x01\x82\x02\x03\x82\x04\x05"), SAMPLE("\xa0"),
		SAMPLE("\xa2\x61\x61\x01\x61\x62\x82\x02\x03"), SAMPLE("\x81\x81\x81\x81\x00") };
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct sample cut = good[i];
		assert_true(one(good[i]));
		while (cut.length--)
			assert_false(one(cut));
	}
}

static void what_is_not_there_is_not_announced(void **state)
{
	static const struct sample bad[] = { SAMPLE(""), SAMPLE("\x01\x01"), SAMPLE("\x5f\x41\x01\xff"),
		SAMPLE("\x9f\xff"), SAMPLE("\xbf\xff"), SAMPLE("\x1c"), SAMPLE("\xff"), SAMPLE("\xc1"),
		SAMPLE("\xba\x26\x20\x01\x21\x01\x02"), SAMPLE("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
		SAMPLE("\xbb\x80\x00\x00\x00\x00\x00\x00\x00\x01\x02"),
		SAMPLE("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), SAMPLE("\xa1\x01"), SAMPLE("\x82\x01"),
		SAMPLE("\x81\x81\x81\x81\x81\x00") /* too deep */ };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(one(bad[i]));
}

static void as_many_as_asked_for(void **state)
{
	static const uint8_t two[] = { 0x01, 0xa0 };
	(void)state;
	assert_true(cbor_are(two, 0, 0));
	assert_false(cbor_are(two, 2, 0));
	assert_false(cbor_are(two, 2, 1));
	assert_true(cbor_are(two, 2, 2));
	assert_false(cbor_are(two, 2, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole_items_are_whole),
		cmocka_unit_test(what_is_not_there_is_not_announced),
		cmocka_unit_test(as_many_as_asked_for) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
