#include "base/json.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
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

static bool plain_as_jansson(const char *bytes, size_t length, size_t *count_r)
{
	struct json_plain fields[JSON_PLAIN_MAX];
	size_t count = *count_r = json_plain(bytes, length, fields);
	json_t *read = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	bool same = !count || (json_is_object(read) && json_object_size(read) == count);

	for (size_t i = 0; i < count && same; i++) {
		char key[64] = "";
		memcpy(key, fields[i].key, fields[i].key_length);
		const json_t *text = json_object_get(read, key);
		same = json_string_length(text) == fields[i].length
			&& !memcmp(json_string_value(text), fields[i].text, fields[i].length)
			&& json_plain_find(fields, count, key) == &fields[i];
	}
	json_decref(read);
	return same;
}

static void test_a_plain_object_is_read_where_it_stands(void **state)
{
	static const struct {
		const char *bytes;
		size_t count;
	} cases[] = { { "{\"t\":\"say\",\"id\":\"m1\",\"text\":\"caf\xc3\xa9 \xf0\x9f\x92\x8a \xe2\x82\xac\"}", 3 },
		{ "{\"\":\"\"}", 1 },
		{ "{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\",\"f\":\"\"}", 6 },
		{ "{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\",\"f\":\"\",\"g\":\"\"}", 0 },
		{ "{}", 0 },
		{ "{", 0 },
		{ "", 0 },
		{ "{\"a\":\"1\",\"a\":\"2\"}", 0 },
		{ "{\"a\":\"1\"", 0 },
		{ "{\"a\":\"1", 0 },
		{ "{\"a\":\"", 0 },
		{ "{\"a\":", 0 },
		{ "{\"a\"", 0 },
		{ "{\"a\":\"1\",}", 0 },
		{ "{\"a\":\"1\"}}", 0 },
		{ "{\"a\":\"1\"} ", 0 },
		{ "{ \"a\":\"1\"}", 0 },
		{ "{\"a\":1}", 0 },
		{ "{\"a\":\"\\n\"}", 0 },
		{ "{\"a\":\"\n\"}", 0 },
		{ "{\"a\":\"\xc3\"}", 0 },
		{ "{\"a\":\"\xc0\x80\"}", 0 },
		{ "{\"a\":\"\xe0\x9f\xbf\"}", 0 },
		{ "{\"a\":\"\xed\xa0\x80\"}", 0 }, /* half of a pair */
		{ "{\"a\":\"\xf0\x8f\xbf\xbf\"}", 0 },
		{ "{\"a\":\"\xf4\x90\x80\x80\"}", 0 },
		{ "{\"a\":\"\xf4\x8f\xbf\xbf\"}", 1 } };
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(plain_as_jansson(cases[i].bytes, strlen(cases[i].bytes), &count));
		if (count != cases[i].count)
			fail_msg("%s: %zu", cases[i].bytes, count);
	}
	assert_int_equal(json_plain(NULL, 0, (struct json_plain[JSON_PLAIN_MAX]) { 0 }), 0);
}

/* Whatever it reads, jansson reads the same. */
static void test_a_damaged_one_is_read_as_jansson_does(void **state)
{
	static const char whole[] = "{\"t\":\"say\",\"id\":\"m1\",\"text\":\"\xc3\xa9\xf0\x9f\x92\x8a\"}";
	static const char signs[] = "\"\\{}:,at \x01\x7f\x80\xbf\xc2\xe0\xed\xf0\xf4\xff";
	size_t count, read = 0;

	(void)state;
	srand(3);
	for (int round = 0; round < 20000; round++) {
		char bytes[sizeof whole];
		size_t length = sizeof whole - 1 - (size_t)(rand() % 4 ? 0 : rand() % 8);
		memcpy(bytes, whole, sizeof whole);
		for (int i = rand() % 3; i >= 0; i--)
			bytes[(size_t)rand() % length] = signs[(size_t)rand() % (sizeof signs - 1)];
		assert_true(plain_as_jansson(bytes, length, &count));
		read += count > 0;
	}
	assert_true(read > 500);
}

static bool refused(const char *frame, char id_r[8])
{
	strcpy(id_r, "");
	return json_refused_id(frame, strlen(frame), id_r, 8);
}

static void test_whoever_sent_a_nul_is_told_which_frame_it_was(void **state)
{
	char id[8];
	(void)state;

	assert_true(refused("{\"id\":\"seven_7\",\"text\":\"a\\u0000b\"}", id));
	assert_string_equal(id, "seven_7");
	assert_false(refused("{\"id\":\"eight__8\",\"text\":\"a\\u0000b\"}", id));
	assert_false(refused("{\"id\":\"a\\u0000b\"}", id));
	assert_false(refused("{\"id\":\"\",\"text\":\"a\\u0000b\"}", id));
	assert_false(refused("{\"id\":7,\"text\":\"a\\u0000b\"}", id));
	assert_false(refused("{\"text\":\"a\\u0000b\"}", id));
	assert_false(refused("{\"id\":\"a\",\"text\":\"\\u0000\"", id)); /* not whole */
	assert_false(refused("{\"id\":\"a\",\"\\u0000\":1}", id));
	assert_false(refused("[\"\\u0000\"]", id));
	assert_false(refused("", id));
	assert_string_equal(id, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_reads_back),
		cmocka_unit_test(test_a_plain_object_is_read_where_it_stands),
		cmocka_unit_test(test_a_damaged_one_is_read_as_jansson_does),
		cmocka_unit_test(test_whoever_sent_a_nul_is_told_which_frame_it_was),
		cmocka_unit_test(test_reading_another_type_gives_the_fallback),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
