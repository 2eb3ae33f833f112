/* Who may call and register: what of onthaal.yaml's `sip` can change while calls are in progress. */
#ifndef SIP_ACCESS_H
#define SIP_ACCESS_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

struct access;

/* ERR_INVALID: error names the key and what to do. */
must_check enum err access_create(
	const struct config *config, struct access **access_r, char *error, size_t error_size);
void access_destroy(struct access **access);

#endif
