/* The address of a frame: good for a while, for one data folder, and not to be altered. */
#include "tests/unit/unit.h"
#include "webchat/ticket.h"

#define SECRET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop0"

static const uint8_t key[TICKET_KEY] = { 1 };
static const int64_t now = INT64_C(1700000000000);

static void it_leads_back_to_the_secret_and_does_not_show_it(void **state)
{
	char text[TICKET_TEXT], again[TICKET_TEXT], secret[DESK_SECRET_SIZE];
	(void)state;
	assert_int_equal(strlen(SECRET), DESK_SECRET_SIZE - 1);
	assert_int_equal(ticket_make(key, SECRET, now, text), OK);
	assert_int_equal(ticket_make(key, SECRET, now, again), OK);
	assert_string_not_equal(text, again);
	assert_null(strstr(text, "ABCDEF"));
	assert_int_equal(ticket_read(key, text, strlen(text), now, secret), OK);
	assert_string_equal(secret, SECRET);
}

static void it_is_good_for_ten_minutes(void **state)
{
	char text[TICKET_TEXT], secret[DESK_SECRET_SIZE];
	(void)state;
	assert_int_equal(ticket_make(key, SECRET, now, text), OK);
	assert_int_equal(
		ticket_read(key, text, strlen(text), now + TICKET_SECONDS * 1000, secret), OK);
	assert_int_equal(
		ticket_read(key, text, strlen(text), now + (TICKET_SECONDS + 61) * 1000, secret),
		ERR_STALE);
}

static void another_key_or_byte_or_length_is_not_ours(void **state)
{
	static const uint8_t other[TICKET_KEY] = { 2 };
	char text[TICKET_TEXT], secret[DESK_SECRET_SIZE];
	(void)state;
	assert_int_equal(ticket_make(key, SECRET, now, text), OK);
	assert_int_equal(ticket_read(other, text, strlen(text), now, secret), ERR_INVALID);
	assert_int_equal(ticket_read(key, text, strlen(text) - 1, now, secret), ERR_INVALID);
	assert_int_equal(ticket_read(key, text, 0, now, secret), ERR_INVALID);
	for (size_t i = 0; i + 1 < strlen(text); i++) {
		char was = text[i];
		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(ticket_read(key, text, strlen(text), now, secret), OK);
		text[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_leads_back_to_the_secret_and_does_not_show_it),
		cmocka_unit_test(it_is_good_for_ten_minutes),
		cmocka_unit_test(another_key_or_byte_or_length_is_not_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
