#include "base/mem.h"
#include "tests/unit/unit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void growing_by_one_keeps_what_is_there(void **state)
{
	int *numbers = NULL;
	size_t moves = 0;
	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		uintptr_t before = (uintptr_t)numbers;
		numbers = mem_grow(numbers, i + 1, sizeof *numbers);
		numbers[i] = (int)i;
		moves += i * sizeof *numbers > 8192 && (uintptr_t)numbers != before;
	}
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(numbers[i], i);
	assert_true(moves < 100); /* not once for each */
	free(numbers);
}

static void nothing_is_something(void **state)
{
	char *bytes = mem_grow(NULL, 0, 0);
	(void)state;
	assert_non_null(bytes);
	free(bytes);
	assert_null(mem_copy("x", 0));
	assert_null(mem_dup(NULL));
	int *zeroed = mem_array(3, sizeof *zeroed);
	assert_int_equal(zeroed[0] | zeroed[1] | zeroed[2], 0);
	free(zeroed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing_by_one_keeps_what_is_there),
		cmocka_unit_test(nothing_is_something),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
