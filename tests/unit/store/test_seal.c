/* Memory for keys: what the kernel was told about its pages. */
#include "store/seal.h"
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The kernel's two letters for what holds of the page at p. */
static bool page_has(const void *p, const char *flag)
{
	char line[1024];
	unsigned long from, to;
	bool here = false, found = false;
	FILE *maps = fopen("/proc/self/smaps", "r");

	assert_non_null(maps);
	while (fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (unsigned long)p >= from && (unsigned long)p < to;
		else if (here && !strncmp(line, "VmFlags:", 8))
			found = strstr(line, flag) != NULL;
	}
	fclose(maps);
	return found;
}

static void keys_stay_in_memory(void **state)
{
	struct rlimit limit;
	uint8_t *key = seal_alloc(SEAL_KEY_SIZE);
	const uint8_t nothing[SEAL_KEY_SIZE] = { 0 };
	(void)state;

	assert_memory_equal(key, nothing, sizeof nothing);
	assert_true(page_has(key, " dd")); /* in no core dump */
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
#ifndef __SANITIZE_ADDRESS__ /* which makes mlock do nothing */
	if (limit.rlim_cur >= 65536)
		assert_true(page_has(key, " lo")); /* not to the swap */
#endif
	memset(key, 0xa5, SEAL_KEY_SIZE);
	seal_free(key);
	seal_free(NULL);
}

static void ordinary_memory_is_not_marked(void **state)
{
	char *other = strdup("nothing secret");
	(void)state;
	assert_false(page_has(other, " dd"));
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(keys_stay_in_memory),
		cmocka_unit_test(ordinary_memory_is_not_marked) };
	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
