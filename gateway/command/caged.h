/* The cage of the daemon: which paths a configuration asks for, and when it is closed. */
#ifndef COMMAND_CAGED_H
#define COMMAND_CAGED_H

#include "cage/cage.h"
#include "config/config.h"

/* Before any thread. The plan borrows from config and path. ERR_IO: told in error. */
must_check enum err caged_begin(const struct config *config, const char *path,
	struct cage_plan *plan_r, char *error, size_t error_size);
/* The walls of the helper that makes prompts, in its own process. ERR_IO: it may not go on. */
must_check enum err caged_helper(const struct config *config, const char *path);
void caged_end(const struct config *config, const struct cage_plan *plan); /* everything listens */
/* What a changed configuration names and the walls leave out is told: that needs a restart. */
must_check enum err caged_check(
	const struct config *config, const char *path, struct config_errors *errors);

#endif
