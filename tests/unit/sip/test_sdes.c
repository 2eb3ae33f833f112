/* SRTP keys in SDP: RFC 4568's own example, what we print we read, what we do not speak is refused. */
#include "ivr/sip/sdes.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <string.h>

static enum err parse(const char *text, struct sdes *sdes)
{
	return sdes_parse(text, strlen(text), sdes);
}

static void the_example_of_the_rfc(void **state)
{
	struct sdes sdes;
	(void)state;
	assert_int_equal(parse("1 AES_CM_128_HMAC_SHA1_80 "
			       "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:32",
				 &sdes),
		ERR_INVALID); /* an MKI: we do not send one, so we do not take it */
	assert_int_equal(parse("1 AES_CM_128_HMAC_SHA1_80 "
			       "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20",
				 &sdes),
		OK);
	assert_int_equal(sdes.tag, 1);
	assert_int_equal(sdes.suite, SDES_LONG_TAG);
	assert_memory_equal(sdes.key, "=-n@%^x!Bjufr9)?,#5h\\`=&]{qiPQ", SDES_KEY);
}

static void what_is_printed_is_read(void **state)
{
	struct sdes one = { .tag = 42, .suite = SDES_SHORT_TAG }, two;
	char line[SDES_LINE_MAX];
	(void)state;
	for (int i = 0; i < 50; i++) {
		randombytes_buf(one.key, sizeof one.key);
		sdes_print(&one, line);
		assert_int_equal(parse(line, &two), OK);
		assert_memory_equal(&one, &two, sizeof one);
	}
}

static void the_rest_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "1", "x AES_CM_128_HMAC_SHA1_80 inline:",
		"1 AES_CM_128_HMAC_SHA1_80", "1 AES_CM_128_HMAC_SHA1_80 inline:",
		"1 AES_CM_128_HMAC_SHA1_80 inline:abcd",
		"1 AES_CM_128_HMAC_SHA1_80 outline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR",
		"1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVB",
		"1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBRAAAA",
		"1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR UNENCRYPTED_SRTP",
		"1 F8_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR",
		"9999999999 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR" };
	struct sdes sdes;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(parse(bad[i], &sdes), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc),
		cmocka_unit_test(what_is_printed_is_read),
		cmocka_unit_test(the_rest_is_refused),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
