#include "store/shares.h"
#include "tests/unit/unit.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

static void any_two_give_the_secret_back(void **state)
{
	uint8_t secret[SHARES_SECRET], back[SHARES_SECRET];
	struct share shares[SHARES_COUNT];

	(void)state;
	for (int round = 0; round < 50; round++) {
		randombytes_buf(secret, sizeof secret);
		shares_split(secret, shares);
		for (int i = 0; i < SHARES_COUNT; i++)
			for (int j = 0; j < SHARES_COUNT; j++) {
				if (i == j)
					continue;
				assert_int_equal(shares_combine(&shares[i], &shares[j], back), OK);
				assert_memory_equal(back, secret, sizeof secret);
			}
		assert_int_equal(shares_combine(&shares[0], &shares[0], back), ERR_INVALID);
	}
}

/* One share of a secret of zeros and of one of ones are spread alike: it says nothing. */
static void one_share_says_nothing(void **state)
{
	static const uint8_t zeros[SHARES_SECRET];
	uint8_t ones[SHARES_SECRET];
	struct share shares[SHARES_COUNT];
	int seen[2][256] = { 0 };

	(void)state;
	memset(ones, 0xff, sizeof ones);
	for (int round = 0; round < 2000; round++)
		for (int which = 0; which < 2; which++) {
			shares_split(which ? ones : zeros, shares);
			for (int i = 0; i < SHARES_SECRET; i++)
				seen[which][shares[1].bytes[i]]++;
		}
	for (int value = 0; value < 256; value++) { /* 250 expected each; 10 deviations is certain */
		assert_in_range(seen[0][value], 90, 410);
		assert_in_range(seen[1][value], 90, 410);
	}
}

static void shares_of_different_sets_do_not_mix(void **state)
{
	uint8_t secret[SHARES_SECRET] = { 7 }, back[SHARES_SECRET];
	struct share first[SHARES_COUNT], second[SHARES_COUNT];

	(void)state;
	shares_split(secret, first);
	shares_split(secret, second);
	assert_int_equal(shares_combine(&first[0], &second[1], back), ERR_INVALID);
}

static void a_share_is_read_as_people_write_it(void **state)
{
	uint8_t secret[SHARES_SECRET] = { 1, 2, 3 };
	struct share shares[SHARES_COUNT], back;
	char text[SHARES_TEXT], changed[SHARES_TEXT + 2];

	(void)state;
	shares_split(secret, shares);
	for (int i = 0; i < SHARES_COUNT; i++) {
		shares_write(&shares[i], text);
		assert_int_equal(shares_read(text, &back), OK);
		assert_memory_equal(&back, &shares[i], sizeof back);
		char *to = changed;
		*to++ = ' ';
		for (const char *from = text; *from; from++) {
			char c = (char)tolower((unsigned char)*from);
			*to++ = (char)(c == '0' && from > text + 10 ? 'o' : c == '1' && from > text + 10 ? 'l' : c);
		}
		strcpy(to, "\n");
		assert_int_equal(shares_read(changed, &back), OK);
		assert_memory_equal(&back, &shares[i], sizeof back);
	}
}

static void every_single_slip_is_noticed(void **state)
{
	uint8_t secret[SHARES_SECRET] = { 9 };
	struct share shares[SHARES_COUNT], back;
	char text[SHARES_TEXT];

	(void)state;
	shares_split(secret, shares);
	shares_write(&shares[0], text);
	for (size_t i = 10; i < strlen(text); i++) {
		char was = text[i];
		if (was == '-')
			continue;
		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(shares_read(text, &back), ERR_CORRUPT);
		text[i] = was;
	}
	text[strlen(text) - 1] = '\0';
	assert_int_equal(shares_read(text, &back), ERR_INVALID);
	assert_int_equal(shares_read("", &back), ERR_INVALID);
	assert_int_equal(shares_read("ONTHAAL-", &back), ERR_INVALID);
	assert_int_equal(shares_read("ONTHAAL-1-U", &back), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(any_two_give_the_secret_back),
		cmocka_unit_test(one_share_says_nothing),
		cmocka_unit_test(shares_of_different_sets_do_not_mix),
		cmocka_unit_test(a_share_is_read_as_people_write_it),
		cmocka_unit_test(every_single_slip_is_noticed) };
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
