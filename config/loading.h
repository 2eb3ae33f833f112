/* Shared by the files that read onthaal.yaml alone. */
#ifndef CONFIG_LOADING_H
#define CONFIG_LOADING_H

#include "config/document.h"

struct load {
	const char *path;
	struct config_errors *errors;
	struct document *document;
	struct config *config;
};

/* key: "telephone.lines.0.kind"; told with its line, or that of what it is missing in. */
void loading_wrong(const struct load *load, const char *key, const char *what);
void loading_flag(const struct load *load, const char *key); /* must be true or false */
void loading_telephone(const struct load *load);
void loading_oidc(const struct load *load);

#endif
