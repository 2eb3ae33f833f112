/* The cage: what the process can no longer do, whoever holds it. In two steps, because what may be
 * reached is known before the first thread, and what may be called only when everything listens:
 *
 *   cage_walls, before any thread: started as root it becomes the owner of its data folder; no
 *   capability is left (but, until cage_close, the one for ports below 1024 where asked for), none can
 *   come back; no core dump, no debugger; files by Landlock: the data folder, and for reading what is
 *   read again later; memory stays out of the swap where the limit allows it.
 *   cage_close, when everything listens: in every thread no capability at all, and the system calls
 *   of cage/calls.c alone. What only an intruder calls (execve, ptrace, mount, …) ends the process;
 *   anything else that is not listed does not exist (ENOSYS).
 *
 * A helper has the walls alone: it could not start anything behind the second step.
 *
 * What the kernel lacks is told in the log, each by its name, and the rest stands. */
#ifndef CAGE_CAGE_H
#define CAGE_CAGE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { CAGE_PATHS_MAX = 128 };

struct cage_plan {
	const char *data; /* may be written, and all below it; made when it is missing */
	/* Files and folders that are read later. Of a file its whole folder, and that of the file behind
	 * a link: a new one may take its place. What is missing is left out. */
	const char *read[CAGE_PATHS_MAX];
	size_t read_count;
	/* NULL: the daemon. Else a helper of its own process, which starts programs of the system and this one
	 * itself: all that it may write is the folder of this name below data, made when it is missing. */
	const char *helper;
	bool low_ports; /* something listens below 1024 */
	bool sanitizer; /* built with one, which traces its own threads when it ends */
};

/* ERR_IO: it cannot become the folder's owner, or make the folder; told in error. */
must_check enum err cage_walls(const struct cage_plan *plan, char *error, size_t error_size);
void cage_close(const struct cage_plan *plan);
/* true: the file is there and its rights are good, but it is outside the walls. */
bool cage_outside(const char *path);

#endif
