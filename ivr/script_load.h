/* Shared by the files that read ivr.yaml. Paths are dotted, as in config/document.h. */
#ifndef IVR_SCRIPT_LOAD_H
#define IVR_SCRIPT_LOAD_H

#include "config/document.h"
#include "ivr/script_private.h"

enum { PATH = 200, WAIT_MAX = 30, TRIES_MAX = 5, RECORD_MAX = 240 /* seconds: IVR_RECORDING_BYTES as 16 bits */, SEGMENT_MAX = 120 };

struct load {
	const char *name; /* of the file, for the errors */
	struct document *document;
	struct config_errors *errors;
	struct script *script;
	const char *const *allowed; /* keys of the map at `at` */
	const char *at;
	struct script_step *step;
};

/* script_read.c */
void load_wrong(const struct load *load, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *load_path(char buffer[PATH], const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *load_under(char path[PATH], const char *at, const char *key); /* "at.key" */
const char *load_text(const struct load *load, const char *at, const char *key);
bool load_there(const struct load *load, const char *at, const char *key);
void load_known(struct load *load, const char *at, const char *const *allowed);
uint32_t load_number(const struct load *load, const char *at, const char *key, uint32_t low,
	uint32_t high, uint32_t fallback);
bool load_word(const char *word, size_t most); /* [a-z0-9_-]{1,most} */

/* script_steps.c */
bool load_language(const struct script *script, const char *language);
int16_t load_step_at(const struct load *load, const char *at, const char *key, bool needed);
void load_keys(struct load *load, const char *at, struct script_action *actions);
void load_step(struct load *load, struct script_step *step);

/* script_prompts.c */
void load_prompt_name(void *arg, const char *id, int line);
bool load_prompt(struct load *load, const char *path, const char *id, const char *lang); /* used */
void load_spell_out(struct script *script); /* {n} */

#endif
