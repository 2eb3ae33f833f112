/* Every block of memory is wiped when it is given back: ours, and that of every library. What somebody
 * wrote passes through many hands (frames, JSON, statements); this way none of them has to remember.
 * The sanitizers bring an allocator of their own, which can do the same (max_free_fill_size). */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* Else the libraries would not find them. */
#define FOR_ALL __attribute__((visibility("default"), used))

extern void __libc_free(void *p); /* glibc's own, beside the name that we take */
FOR_ALL void wipe_free(void *p) __asm__("free");
FOR_ALL void *wipe_realloc(void *p, size_t size) __asm__("realloc");
FOR_ALL void *wipe_reallocarray(void *p, size_t count, size_t size) __asm__("reallocarray");

void wipe_free(void *p)
{
	if (!p)
		return;
	explicit_bzero(p, malloc_usable_size(p));
	__libc_free(p);
}

/* The C library's would give a moved block back as it was. */
void *wipe_realloc(void *p, size_t size)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *moved;

	if (p && !size) {
		wipe_free(p);
		return NULL;
	}
	if (p && size <= had && size > had / 2)
		return p;
	moved = malloc(size);
	if (p && moved) {
		memcpy(moved, p, had < size ? had : size);
		wipe_free(p);
	}
	return moved;
}

void *wipe_reallocarray(void *p, size_t count, size_t size)
{
	size_t bytes;
	return __builtin_mul_overflow(count, size, &bytes) ? NULL : wipe_realloc(p, bytes);
}

#endif
