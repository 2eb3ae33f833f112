/* The call script: config/ivr.yaml as data, and the pure state machine that runs it. The machine
 * knows no clock, no desk and no line: state, input and what the world is like in, the turn and what
 * follows from it out. So a terminal can walk it (onthaal ivr walk), and a fuzzer too.
 *
 * Form of the file (all keys; config/ivr.yaml is the commented default):
 *   languages: [nl, fr, en]       the first one is spoken until another is chosen
 *   start, closed, degraded, often: names of steps: where a call begins; outside the hours; while
 *                                 the store stalls; for who called too often
 *   hold_seconds, place_seconds   length of a segment (at most; an adapter may ask for less), and how
 *                                 often the place is told
 *   hours: as centre.hours; missing: those of the centre
 *   anywhere: {key: action}       keys of every step that listens, unless the step says otherwise
 *   steps: {name: step}           prompts: {id: {lang: text}}
 * A step has
 *   do: menu | hold | collect | record | end
 *   say: [prompt, prompt@fr, "{place}", "{digits}"]
 *   wait: seconds for a key        keys: {key: action}
 *   silence, wrong: {tries: n, …action}   a step is repeated tries-1 times, then left by the action
 *   then: action                   of collect and record, when something came
 *   when_closed, when_off: step    entered instead outside the hours / while voicemail is off
 *   least, most: digits of collect, seconds of record (5 to 240)     mark: silent
 * An action is {language, who, level, goto, remember}: goto is a step or `repeat`; who is a role of the
 * visitor's questions; level: serious; remember: callback (the digits collected), voicemail.
 * A prompt with `count: n` and {n} in its text stands for id.1 … id.n (count: digits for id.0 … id.9).
 *
 * The loader refuses a script in which silence or wrong keys from any step lead round in circles, or
 * from the start, while open, anywhere but to a hold step: they end in a person. */
#ifndef IVR_SCRIPT_H
#define IVR_SCRIPT_H

#include "config/config.h"
#include "ivr/step.h"

#include <stddef.h>

enum { SCRIPT_STEPS_MAX = 64,
	SCRIPT_SAY_MAX = 12,
	SCRIPT_NAME_MAX = 23,
	SCRIPT_LANGUAGES_MAX = 12,
	SCRIPT_FILE_MAX = 256 * 1024,
	SCRIPT_PLACE_MAX = 20, /* highest place with a prompt of its own */
	SCRIPT_TEXT_MAX = 600 }; /* bytes of a prompt's text */

enum script_kind { SCRIPT_MENU, SCRIPT_HOLD, SCRIPT_COLLECT, SCRIPT_RECORD, SCRIPT_END };
enum script_input { SCRIPT_START, SCRIPT_KEYS, SCRIPT_POLL, SCRIPT_RECORDED, SCRIPT_AGAIN };
enum { SCRIPT_DO_QUEUE = 1, /* the call is in a hold step: it is a contact that waits */
	SCRIPT_DO_LEVEL = 2, /* raise it to serious */
	SCRIPT_DO_CALLBACK = 4, /* state.digits is the number to call back */
	SCRIPT_DO_VOICEMAIL = 8, /* a message was left */
	SCRIPT_NO_VOICEMAIL = 16 }; /* one would have been asked for, but cannot be taken */

struct script;

struct script_state { /* one call's; all zero before SCRIPT_START */
	uint16_t step;
	uint8_t silences, wrongs; /* in this step */
	char language[IVR_LANG_MAX + 1];
	char who[16]; /* "" until said */
	bool urgent, silent, entered; /* entered: this step's `say` was played */
	bool warned; /* of the degraded service */
	bool admitted; /* has waited: closing time is not for this caller */
	bool spoke; /* some key was pressed: not a silent call */
	char digits[IVR_DIGITS_MAX + 1];
};

struct script_world {
	bool open, voicemail, callbacks, degraded, often;
	uint32_t place; /* in the queue; 0: not known (yet) */
	bool tell_place; /* it is time */
	uint32_t poll; /* seconds of a segment the adapter wants at most */
};

/* A turn without its number and without ANSWER; which follows (SCRIPT_DO_*) by return. keys "" is
 * silence. After a HANGUP turn the machine stays there. */
unsigned script_advance(const struct script *script, struct script_state *state,
	enum script_input input, const char *keys, const struct script_world *world,
	struct ivr_turn *turn_r);

/* errors: "ivr.yaml:12: steps.role.keys.7.goto: …" */
must_check enum err script_load(
	const char *path, struct script **script_r, struct config_errors *errors);
must_check enum err script_parse(const char *name, const char *bytes, size_t length,
	struct script **script_r, struct config_errors *errors);
void script_destroy(struct script **script);

bool script_open(const struct script *script, const struct config *config, int64_t wall);
uint32_t script_place_seconds(const struct script *script);
size_t script_languages(const struct script *script);
const char *script_language(const struct script *script, size_t index);
const char *script_step_name(const struct script *script, const struct script_state *state);
bool script_step_find(const struct script *script, const char *name, uint16_t *step_r);
/* To the script's hold step, as if it had been heard: a call that comes back. */
void script_hold(const struct script *script, struct script_state *state);
enum script_kind script_step_kind(const struct script *script, const struct script_state *state);
/* Whether the script has that prompt in that language; and its text, NULL for sounds. */
bool script_prompt(const struct script *script, const struct ivr_prompt *prompt, const char **text_r);
void script_each_prompt(const struct script *script,
	void (*on_prompt)(void *arg, const struct ivr_prompt *prompt, const char *text), void *arg);

#endif
