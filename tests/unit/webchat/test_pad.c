#include "webchat/pad.h"
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void every_frame_fills_its_class(void **state)
{
	(void)state;
	for (size_t length = 8; length < 80000; length += length < 600 ? 1 : 331) {
		char *frame = malloc(length);
		size_t size = pad_size(length);
		char *padded = malloc(size);
		memset(frame, 'x', length);
		memcpy(frame, "{\"t\":\"", 6);
		memcpy(frame + length - 2, "\"}", 2);
		pad_frame(frame, length, padded, size);
		assert_true(size >= length + 7);
		assert_true(size <= PAD_STEP ? !(size & (size - 1)) && size >= PAD_LEAST
					     : size % PAD_STEP == 0);
		json_t *read = json_loadb(padded, size, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(read);
		assert_int_equal(json_object_size(read), 2);
		assert_int_equal(strlen(json_string_value(json_object_get(read, "t"))), length - 8);
		json_decref(read);
		free(padded);
		free(frame);
	}
	assert_int_equal(pad_size(1), 256);
	assert_int_equal(pad_size(249), 256);
	assert_int_equal(pad_size(250), 512);
	assert_int_equal(pad_size(32761), 32768);
	assert_int_equal(pad_size(32762), 65536);
	assert_int_equal(pad_size(65530), 98304);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_frame_fills_its_class) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
