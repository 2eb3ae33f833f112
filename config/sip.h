/* The section `sip` of onthaal.yaml: what its schema cannot say. */
#ifndef CONFIG_SIP_H
#define CONFIG_SIP_H

#include "config/document.h"

enum { SIP_TRUNKS_MAX = 8, SIP_NAME_MAX = 40, SIP_PASSWORD_MIN = 8 };

void sip_check(const char *path, const struct document *document, const struct config *config,
	struct config_errors *errors);

#endif
