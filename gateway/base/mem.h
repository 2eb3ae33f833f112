/* Memory. Input is bounded and the store recovers, so running out of memory ends the process. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* To be called once: what is given back stays at hand for the next turn, up to some megabytes for each
 * thread, and does not go back and forth between us and the system. */
void mem_keep(void);
void *mem_alloc(size_t size); /* zeroed, never NULL */
void *mem_array(size_t count, size_t size); /* zeroed, checked for overflow, never NULL */
void *mem_grow(void *p, size_t count, size_t size); /* realloc, checked, never NULL; by one is cheap */
char *mem_dup(const char *text); /* NULL gives NULL */
void *mem_copy(const void *bytes, size_t size); /* size 0 gives NULL */

#endif
