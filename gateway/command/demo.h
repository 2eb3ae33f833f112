/* Practice: simulated visitors who arrive by themselves, write, answer, and go, so that a newcomer
 * sees a living queue. Their contacts are marked as practice. */
#ifndef COMMAND_DEMO_H
#define COMMAND_DEMO_H

#include "desk/desk.h"

enum { DEMO_AT_ONCE = 6, /* conversations */
	DEMO_ARRIVAL_SECONDS = 15, /* at most, between two */
	DEMO_PATIENCE_SECONDS = 900 }; /* waits this long for a counsellor */

struct demo;

/* file: practice.yaml */
must_check enum err demo_create(struct desk *desk, const char *file, struct demo **demo_r,
	char *error, size_t error_size);
void demo_destroy(struct demo **demo); /* before the desk */
void demo_second(struct demo *demo); /* NULL: nothing */

#endif
