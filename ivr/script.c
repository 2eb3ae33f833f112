#include "ivr/script.h"
#include "config/hours.h"
#include "ivr/script_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOPS_MAX = SCRIPT_STEPS_MAX * 3 };

static const char key_names[] = "0123456789*#";

int script_key(char key)
{
	const char *at = key ? strchr(key_names, key) : NULL;
	return at ? (int)(at - key_names) : -1;
}

struct run { /* one advance */
	const struct script *script;
	struct script_state *state;
	const struct script_world *world;
	struct ivr_turn *turn;
	unsigned follows;
	const char *first; /* a prompt before the step's own */
};

static const struct script_step *here(const struct run *run)
{
	return &run->script->steps[run->state->step];
}

static struct ivr_step *put_step(struct run *run, enum ivr_step_kind kind)
{
	struct ivr_step *step = &run->turn->steps[run->turn->count++];
	step->kind = kind;
	return step;
}

static void put_prompt(
	const struct run *run, struct ivr_step *step, const char *id, const char *lang)
{
	const struct script_prompt *known;
	struct ivr_prompt *prompt;
	char base[IVR_PROMPT_ID_MAX + 1];

	if (step->prompt_count == IVR_PROMPTS_MAX)
		return;
	snprintf(base, sizeof base, "%.*s", (int)strcspn(id, "."), id);
	HASH_FIND_STR(run->script->prompts, base, known);
	if (!*lang)
		lang = known && known->text_count && !strcmp(known->texts[0].lang, IVR_LANG_ANY)
			? IVR_LANG_ANY
			: run->state->language;
	prompt = &step->prompts[step->prompt_count++];
	snprintf(prompt->id, sizeof prompt->id, "%s", id);
	snprintf(prompt->lang, sizeof prompt->lang, "%s", lang);
}

static void put_place(const struct run *run, struct ivr_step *step)
{
	char id[IVR_PROMPT_ID_MAX + 1];
	uint32_t place = run->world->place;

	if (!place)
		return;
	snprintf(id, sizeof id, place == 1 ? "place-first" : "place.%u", place);
	put_prompt(run, step, place > SCRIPT_PLACE_MAX ? "place-more" : id, "");
}

static void put_digits(const struct run *run, struct ivr_step *step)
{
	char id[] = "digit.0";
	for (const char *digit = run->state->digits; *digit; digit++) {
		id[sizeof id - 2] = *digit;
		put_prompt(run, step, id, "");
	}
}

static void put_say(const struct run *run, struct ivr_step *step)
{
	const struct script_step *from = here(run);

	for (uint32_t i = 0; i < from->say_count; i++) {
		if (!strcmp(from->say[i].id, "{place}"))
			put_place(run, step);
		else if (!strcmp(from->say[i].id, "{digits}"))
			put_digits(run, step);
		else
			put_prompt(run, step, from->say[i].id, from->say[i].lang);
	}
}

static void put_keys(const struct run *run, struct ivr_step *step)
{
	const struct script_step *from = here(run);
	size_t count = 0;

	for (int i = 0; i < IVR_KEYS_MAX; i++) {
		bool listens = from->keys[i].set || run->script->anywhere[i].set;
		if (from->kind == SCRIPT_COLLECT && key_names[i] != '*')
			listens = false;
		if (listens)
			step->keys[count++] = key_names[i];
	}
	step->keys[count] = '\0';
}

static void put_hold(struct run *run)
{
	const struct script_step *from = here(run);
	struct ivr_step *step = put_step(run, IVR_HOLD);
	uint32_t poll = run->world->poll;

	if (run->first)
		put_prompt(run, step, run->first, "");
	if (!run->state->entered)
		put_say(run, step);
	if (!run->state->entered || run->world->tell_place)
		put_place(run, step);
	put_keys(run, step);
	step->seconds = run->script->hold_seconds;
	if (poll && poll < step->seconds)
		step->seconds = poll;
	snprintf(step->segment.id, sizeof step->segment.id, "%s", from->segment);
	snprintf(step->segment.lang, sizeof step->segment.lang, "%s", IVR_LANG_ANY);
	run->follows |= SCRIPT_DO_QUEUE;
	run->state->admitted = true;
}

static void put_turn(struct run *run)
{
	static const enum ivr_step_kind kinds[] = { [SCRIPT_MENU] = IVR_MENU,
		[SCRIPT_COLLECT] = IVR_COLLECT,
		[SCRIPT_RECORD] = IVR_RECORD,
		[SCRIPT_END] = IVR_PROMPT };
	const struct script_step *from = here(run);
	struct ivr_step *step;

	run->turn->count = 0;
	memset(run->turn->steps, 0, sizeof run->turn->steps);
	if (from->kind == SCRIPT_HOLD) {
		put_hold(run);
	} else {
		step = put_step(run, kinds[from->kind]);
		if (run->first)
			put_prompt(run, step, run->first, "");
		put_say(run, step);
		step->seconds = from->wait;
		step->most = from->most;
		step->finish = from->kind == SCRIPT_COLLECT || from->kind == SCRIPT_RECORD ? '#' : 0;
		if (from->kind == SCRIPT_MENU || from->kind == SCRIPT_COLLECT)
			put_keys(run, step);
		if (from->kind == SCRIPT_END)
			put_step(run, IVR_HANGUP);
	}
	run->state->entered = true;
}

static void enter(struct run *run, int16_t to)
{
	struct script_state *state = run->state;

	for (int hops = 0; hops < HOPS_MAX; hops++) {
		const struct script_step *step = &run->script->steps[to];
		if (!run->world->open && !state->admitted && step->when_closed >= 0)
			to = step->when_closed;
		else if (step->kind == SCRIPT_RECORD && !run->world->voicemail) {
			run->follows |= SCRIPT_NO_VOICEMAIL;
			to = step->when_off;
		} else if (step->kind != SCRIPT_RECORD && step->when_off >= 0
			&& !run->world->callbacks)
			to = step->when_off;
		else if (step->kind == SCRIPT_HOLD && run->world->degraded && !state->warned) {
			state->warned = true;
			to = run->script->degraded;
		} else
			break;
	}
	if (to != (int16_t)state->step || !state->entered) {
		state->step = (uint16_t)to;
		state->entered = false;
	}
	state->silences = state->wrongs = 0;
	if (here(run)->mark_silent && !state->spoke)
		state->silent = true;
}

/* Where the number is asked that this step confirms. */
static int16_t asks_for_digits(const struct run *run)
{
	const struct script *script = run->script;
	int16_t found = (int16_t)script->hold;

	for (uint32_t i = script->step_count; i--;) {
		const struct script_step *step = &script->steps[i];
		if (step->kind == SCRIPT_COLLECT && step->then.to == (int16_t)run->state->step)
			return (int16_t)i;
		if (step->kind == SCRIPT_COLLECT)
			found = (int16_t)i;
	}
	return found;
}

static void act(struct run *run, const struct script_action *action)
{
	struct script_state *state = run->state;

	if (*action->language)
		snprintf(state->language, sizeof state->language, "%s", action->language);
	if (*action->who)
		snprintf(state->who, sizeof state->who, "%s", action->who);
	if (action->serious && !state->urgent) {
		state->urgent = true;
		run->follows |= SCRIPT_DO_LEVEL;
	}
	if (action->remember == REMEMBER_CALLBACK && !*state->digits) {
		enter(run, asks_for_digits(run)); /* typed before we were restarted */
		return;
	}
	if (action->remember == REMEMBER_CALLBACK)
		run->follows |= SCRIPT_DO_CALLBACK;
	if (action->remember == REMEMBER_VOICEMAIL)
		run->follows |= SCRIPT_DO_VOICEMAIL;
	if (action->to == TO_REPEAT)
		state->entered = false;
	else if (action->to >= 0)
		enter(run, action->to);
}

static void fell_short(struct run *run, const struct script_limit *limit, uint8_t *count)
{
	if (++*count >= limit->tries) {
		*count = 0;
		act(run, &limit->action);
	} else if (*limit->say) {
		run->first = limit->say;
	}
}

static void on_key(struct run *run, char key)
{
	const struct script_step *step = here(run);
	int index = script_key(key);
	const struct script_action *action = index < 0 ? NULL
		: step->keys[index].set			? &step->keys[index]
							: &run->script->anywhere[index];

	run->state->spoke = true;
	if (action && action->set)
		act(run, action);
	else if (step->kind != SCRIPT_HOLD)
		fell_short(run, &step->wrong, &run->state->wrongs);
}

static void on_digits(struct run *run, const char *digits)
{
	const struct script_step *step = here(run);
	size_t length = strlen(digits);

	run->state->spoke = true;
	if (length < step->least || length > step->most
		|| strspn(digits, "0123456789") != length) {
		fell_short(run, &step->wrong, &run->state->wrongs);
		return;
	}
	snprintf(run->state->digits, sizeof run->state->digits, "%s", digits);
	act(run, &step->then);
}

static void on_keys(struct run *run, const char *keys)
{
	const struct script_step *step = here(run);

	if (!*keys && step->kind != SCRIPT_HOLD)
		fell_short(run, &step->silence, &run->state->silences);
	else if (*keys && step->kind == SCRIPT_COLLECT && !(keys[0] == '*' && !keys[1]))
		on_digits(run, keys);
	else if (*keys && step->kind != SCRIPT_RECORD)
		on_key(run, keys[0]);
	else if (*keys)
		run->state->spoke = true;
}

static void hold_again(struct run *run)
{
	if (here(run)->kind == SCRIPT_HOLD)
		enter(run, (int16_t)run->state->step); /* the world may have changed */
}

unsigned script_advance(const struct script *script, struct script_state *state,
	enum script_input input, const char *keys, const struct script_world *world,
	struct ivr_turn *turn_r)
{
	struct run run = {
		.script = script, .state = state, .world = world, .turn = turn_r
	};

	if (state->step >= script->step_count)
		state->step = (uint16_t)script->hold;
	if (!*state->language)
		strcpy(state->language, script->languages[0]);
	if (here(&run)->kind == SCRIPT_END && input != SCRIPT_START)
		input = SCRIPT_AGAIN;
	if (input == SCRIPT_START)
		enter(&run, world->often ? script->often : script->start);
	else if (input == SCRIPT_KEYS)
		on_keys(&run, keys);
	else if (input == SCRIPT_RECORDED && here(&run)->kind == SCRIPT_RECORD)
		act(&run, &here(&run)->then);
	else if (input == SCRIPT_POLL && here(&run)->kind != SCRIPT_HOLD)
		on_keys(&run, "");
	else if (input != SCRIPT_AGAIN)
		hold_again(&run);
	put_turn(&run);
	return run.follows;
}

bool script_open(const struct script *script, const struct config *config, int64_t wall)
{
	struct config own = *config;

	if (script->own_hours) {
		own.centre.hours = script->hours;
		own.centre.hours_count = script->hours_count;
	}
	return hours_open(&own, wall);
}

uint32_t script_place_seconds(const struct script *script)
{
	return script->place_seconds;
}

size_t script_languages(const struct script *script)
{
	return script->language_count;
}

const char *script_language(const struct script *script, size_t index)
{
	return script->languages[index];
}

const char *script_step_name(const struct script *script, const struct script_state *state)
{
	return state->step < script->step_count ? script->steps[state->step].name : "";
}

bool script_step_find(const struct script *script, const char *name, uint16_t *step_r)
{
	for (uint32_t i = 0; i < script->step_count; i++)
		if (!strcmp(script->steps[i].name, name)) {
			*step_r = (uint16_t)i;
			return true;
		}
	return false;
}

enum script_kind script_step_kind(const struct script *script, const struct script_state *state)
{
	return state->step < script->step_count ? script->steps[state->step].kind : SCRIPT_HOLD;
}

void script_hold(const struct script *script, struct script_state *state)
{
	state->step = (uint16_t)script->hold;
	state->entered = state->admitted = true;
	state->silences = state->wrongs = 0;
}
