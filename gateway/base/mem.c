#include "base/mem.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROW_AHEAD = 4096, /* from here on a quarter more, so that growing by one stays cheap */
	KEPT = 4 << 20,
	SMALL = 1024 }; /* zeroing it costs less than calloc's longer way */

static void *checked(void *p)
{
	if (!p) {
		fputs("level=error msg=\"out of memory\"\n", stderr);
		abort();
	}
	return p;
}

void mem_keep(void)
{
	mallopt(M_TRIM_THRESHOLD, KEPT);
}

void *mem_alloc(size_t size)
{
	if (size > SMALL)
		return checked(calloc(1, size));
	return memset(checked(malloc(size ? size : 1)), 0, size);
}

void *mem_array(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_grow(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count ? count : 1, size ? size : 1, &bytes))
		return checked(NULL);
	if (bytes < GROW_AHEAD)
		return checked(realloc(p, bytes));
	if (p && malloc_usable_size(p) >= bytes)
		return p;
	return checked(realloc(p, bytes + bytes / 4 > bytes ? bytes + bytes / 4 : bytes));
}

char *mem_dup(const char *text)
{
	return text ? checked(strdup(text)) : NULL;
}

void *mem_copy(const void *bytes, size_t size)
{
	return size ? memcpy(checked(malloc(size)), bytes, size) : NULL;
}
