/* Catalogues: one YAML file per language in config/languages/, for the visitor's page, the console
 * and the telephone. nl.yaml is the reference: every other one has the same keys. */
#ifndef CONFIG_LANGUAGES_H
#define CONFIG_LANGUAGES_H

#include "base/err.h"
#include "config/config.h"

#include <stddef.h>

struct languages;

must_check enum err languages_load(
	const char *folder, struct languages **set_r, struct config_errors *errors);
void languages_destroy(struct languages **set);

size_t languages_count(const struct languages *set);
const char *languages_code(const struct languages *set, size_t index); /* "nl" */
const char *languages_name(const struct languages *set, size_t index); /* "Nederlands" */
bool languages_right_to_left(const struct languages *set, size_t index);
/* The best index for an Accept-Language value (may be NULL), else that of the fallback code. */
size_t languages_pick(const struct languages *set, const char *accept, const char *fallback);
/* A text by language and dotted key ("visitor.waiting.title"), NULL when there is none. */
const char *languages_text(const struct languages *set, size_t index, const char *key);
/* All texts of a section ("visitor", "console") as one JSON object of dotted keys, owned by set. */
const char *languages_json(const struct languages *set, size_t index, const char *section);

#endif
