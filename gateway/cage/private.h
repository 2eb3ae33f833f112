/* Shared by the files of the cage alone. */
#ifndef CAGE_PRIVATE_H
#define CAGE_PRIVATE_H

#include "cage/cage.h"

/* Landlock's version of the kernel, 0: it has none. From here on it holds for this thread and all
 * that it starts. */
int files_wall(const struct cage_plan *plan);
/* 0, or an errno. For all threads. */
int calls_wall(const struct cage_plan *plan);
/* Drops every capability of this thread, but keep (a mask; 0: none). false: some are left. */
bool powers_drop(unsigned long long keep);
bool powers_drop_everywhere(void); /* in every thread */

#endif
