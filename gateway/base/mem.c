#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
	if (!p) {
		fputs("level=error msg=\"out of memory\"\n", stderr);
		abort();
	}
	return p;
}

void *mem_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_grow(void *p, size_t count, size_t size)
{
	return checked(reallocarray(p, count ? count : 1, size ? size : 1));
}

char *mem_dup(const char *text)
{
	return text ? checked(strdup(text)) : NULL;
}

void *mem_copy(const void *bytes, size_t size)
{
	return size ? memcpy(checked(malloc(size)), bytes, size) : NULL;
}
