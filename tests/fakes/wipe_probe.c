/* Whether what a library gives back is wiped by gateway/base/wipe.c: ends with 0 when it is. Built without
 * the sanitizers, which bring an allocator of their own. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const char text[] = "somebody wrote these words, which are not to stay in memory";
	enum { OF_THE_ALLOCATOR = 16 }; /* what it writes itself into what is free */
	json_t *value = json_string(text);
	const char *volatile there = json_string_value(value);

	json_decref(value);
	for (size_t i = OF_THE_ALLOCATOR; i < sizeof text; i++)
		if (((const volatile char *)there)[i]) {
			puts("what jansson gave back is still there");
			return 1;
		}
	return 0;
}
