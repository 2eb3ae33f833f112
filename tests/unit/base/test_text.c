/* What is well-formed, and what XML can hold. */
#include "base/text.h"
#include "tests/unit/unit.h"

#include <string.h>

static void utf8_on_both_sides_of_each_bound(void **state)
{
	static const char *const good[] = { "", "a\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xc3\xa9t\xc3\xa9" };
	static const char *const bad[] = { "\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "a\xe2\x28\xa1" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(text_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(text_is_utf8(bad[i], strlen(bad[i])));
	assert_true(text_is_utf8("\0", 1));
	assert_int_equal(text_character("\xe2\x82\xac!", 4), 3);
	assert_int_equal(text_character("\xe2\x82\xac", 2), 0);
	assert_int_equal(text_character("", 0), 0);
}

static void xml_has_nothing_that_it_cannot_hold(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_xml(&text, "<a href=\"x\">&'\n\t\r\x01\xc3\xa9\xe2\x82\xac");
	assert_string_equal(text.bytes, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\n\t\xc3\xa9\xe2\x82\xac");
	text_free(&text);
	text_xml(&text, "a\xff\xc3" "b\xed\xa0\x80\xef\xbf\xbe\xef\xbf\xbf" "c\xef\xbf\xbd\xe2\x82");
	assert_string_equal(text.bytes, "abc\xef\xbf\xbd");
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(utf8_on_both_sides_of_each_bound),
		cmocka_unit_test(xml_has_nothing_that_it_cannot_hold) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
