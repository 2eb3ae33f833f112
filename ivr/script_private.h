/* Shared by script.c and script_load.c. */
#ifndef IVR_SCRIPT_PRIVATE_H
#define IVR_SCRIPT_PRIVATE_H

#include "ivr/script.h"

#include <uthash.h>

enum { TO_NONE = -1, TO_REPEAT = -2 };
enum { REMEMBER_CALLBACK = 1, REMEMBER_VOICEMAIL };

struct script_action {
	bool set, serious;
	uint8_t remember;
	int16_t to; /* a step, or TO_ */
	char language[IVR_LANG_MAX + 1], who[16];
};

struct script_limit { /* silence, wrong keys */
	uint32_t tries;
	char say[IVR_PROMPT_ID_MAX + 1]; /* before each repetition */
	struct script_action action;
};

struct script_step {
	char name[SCRIPT_NAME_MAX + 1];
	enum script_kind kind;
	int line;
	uint32_t say_count;
	struct ivr_prompt say[SCRIPT_SAY_MAX]; /* lang "" is the call's own; ids "{place}", "{digits}" */
	uint32_t wait, least, most;
	struct script_action keys[IVR_KEYS_MAX], then;
	struct script_limit silence, wrong;
	int16_t when_closed, when_off;
	bool mark_silent;
	char segment[IVR_PROMPT_ID_MAX + 1];
};

struct script_text {
	char *lang, *text; /* text NULL: a sound */
	char **made; /* with count: the text for each number */
};

struct script_prompt {
	char id[IVR_PROMPT_ID_MAX + 1];
	bool used;
	uint32_t first, count; /* count 0: one prompt; else id.first … */
	struct script_text texts[SCRIPT_LANGUAGES_MAX + 1];
	uint32_t text_count;
	UT_hash_handle hh;
};

struct script {
	char languages[SCRIPT_LANGUAGES_MAX][IVR_LANG_MAX + 1];
	uint32_t language_count;
	int16_t start, closed, degraded, often, hold;
	uint32_t hold_seconds, place_seconds;
	struct config_hours *hours;
	uint32_t hours_count;
	bool own_hours;
	struct script_action anywhere[IVR_KEYS_MAX];
	struct script_step steps[SCRIPT_STEPS_MAX];
	uint32_t step_count;
	struct script_prompt *prompts;
};

int script_key(char key); /* its index in keys, -1 */

#endif
