#include "base/json.h"
#include "tests/unit/unit.h"

#include <string.h>

static void test_what_is_written_reads_back(void **state)
{
	struct json_out out;
	const char awkward[] = "quote \" slash \\ line\nbell\x07 caf\xc3\xa9 \xf0\x9f\x92\x8a";
	(void)state;
	json_out_init(&out, 16);
	json_put_object(&out, NULL);
	json_put_text(&out, "text", awkward);
	json_put_number(&out, "least", INT64_MIN);
	json_put_flag(&out, "yes", true);
	json_put_list(&out, "list");
	json_put_number(&out, NULL, 1);
	json_put_object(&out, NULL);
	json_put_object_end(&out);
	json_put_text(&out, NULL, NULL);
	json_put_list_end(&out);
	json_put_object_end(&out);

	json_t *read = json_loadb(out.bytes + 16, out.length - 16, 0, NULL);
	assert_non_null(read);
	assert_string_equal(json_get_text(read, "text"), awkward);
	assert_true(json_get_number(read, "least", 0) == INT64_MIN);
	assert_true(json_get_flag(read, "yes"));
	assert_int_equal(json_array_size(json_object_get(read, "list")), 3);
	json_decref(read);
	json_out_finish(&out);
}

static void test_reading_another_type_gives_the_fallback(void **state)
{
	json_t *read = json_loads("{\"a\":\"1\",\"b\":2,\"c\":1.5}", 0, NULL);
	(void)state;
	assert_int_equal(json_get_number(read, "a", -1), -1);
	assert_int_equal(json_get_number(read, "c", -1), -1);
	assert_int_equal(json_get_number(read, "b", -1), 2);
	assert_null(json_get_text(read, "b"));
	assert_null(json_get_text(read, "missing"));
	assert_false(json_get_flag(read, "b"));
	json_decref(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_reads_back),
		cmocka_unit_test(test_reading_another_type_gives_the_fallback),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
