/* ivr.yaml read into struct script, every error with its line. */
#include "base/mem.h"
#include "config/hours.h"
#include "ivr/script_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_step_name(void *arg, const char *key, int line)
{
	struct load *load = arg;
	struct script *script = load->script;
	struct script_step *step;
	uint16_t twin;

	if (!load_word(key, SCRIPT_NAME_MAX) || script->step_count == SCRIPT_STEPS_MAX
		|| script_step_find(script, key, &twin)) {
		config_errors_add(load->errors,
			"%s:%d: steps: \"%.40s\": a name has at most %d of a-z 0-9 - _, stands once, "
			"and there are at most %d steps",
			load->name, line, key, SCRIPT_NAME_MAX, SCRIPT_STEPS_MAX);
		return;
	}
	step = &script->steps[script->step_count++];
	snprintf(step->name, sizeof step->name, "%s", key);
	step->line = line;
	step->when_closed = step->when_off = TO_NONE;
	step->silence.action.to = step->wrong.action.to = TO_NONE;
}

static void on_language(void *arg, const char *index, int line)
{
	struct load *load = arg;
	struct script *script = load->script;
	char path[PATH];
	const char *code = document_text(load->document, load_path(path, "languages.%s", index));

	(void)line;
	if (!code || !load_word(code, IVR_LANG_MAX) || !strcmp(code, IVR_LANG_ANY)
		|| script->language_count == SCRIPT_LANGUAGES_MAX || load_language(script, code))
		load_wrong(load, path, "write at most %d codes such as nl, each once",
			SCRIPT_LANGUAGES_MAX);
	else
		snprintf(script->languages[script->language_count++], IVR_LANG_MAX + 1, "%s", code);
}

static void on_hours(void *arg, const char *index, int line)
{
	static const char *const allowed[] = { "days", "from", "to", NULL };
	struct load *load = arg;
	struct script *script = load->script;
	const char *days, *from, *to;
	bool on[7];
	char at[PATH];

	(void)line;
	load_path(at, "hours.%s", index);
	load_known(load, at, allowed);
	days = load_text(load, at, "days");
	from = load_text(load, at, "from");
	to = load_text(load, at, "to");
	if (!days || !from || !to || !hours_days(days, on) || hours_minutes(from) < 0
		|| hours_minutes(to) < 0 || script->hours_count == 50) {
		load_wrong(load, at, "write {days: mon-fri, from: \"09:00\", to: \"17:00\"}");
		return;
	}
	script->hours
		= mem_grow(script->hours, script->hours_count + 1, sizeof *script->hours);
	script->hours[script->hours_count++] = (struct config_hours) { mem_dup(days),
		mem_dup(from), mem_dup(to) };
}

/* Follows silence (or wrong keys) from a step; where it comes to rest, TO_NONE in a circle. */
static int16_t rest(const struct script *script, int16_t from, bool silence, bool open)
{
	for (uint32_t hops = 0; hops <= script->step_count * 2 && from >= 0; hops++) {
		const struct script_step *step = &script->steps[from];
		if (!open && step->when_closed >= 0)
			from = step->when_closed;
		else if (step->kind == SCRIPT_HOLD || step->kind == SCRIPT_END)
			return from;
		else
			from = silence ? step->silence.action.to : step->wrong.action.to;
	}
	return TO_NONE;
}

static void check_ends(const struct load *load)
{
	static const char *const ways[] = { "wrong keys lead", "silence leads" };
	const struct script *script = load->script;
	char at[PATH];

	for (uint32_t i = 0; i < script->step_count * 4; i++) {
		const struct script_step *step = &script->steps[i / 4];
		bool silence = i & 1, open = i & 2;
		if (rest(script, (int16_t)(i / 4), silence, open) < 0)
			load_wrong(load, load_path(at, "steps.%s", step->name),
				"%s round in circles%s", ways[silence],
				open ? "" : ", outside the hours");
	}
	for (int silence = 0; silence < 2; silence++) {
		int16_t end = rest(script, script->start, silence, true);
		if (end >= 0 && script->steps[end].kind != SCRIPT_HOLD)
			load_wrong(load, "start", "%s to %s, which ends the call: it must end in a person",
				ways[silence], script->steps[end].name);
	}
}

static void check_prompts(struct load *load)
{
	static const char *const needed[]
		= { "place", "place-first", "place-more", "digit", "accept", "connecting", "not-yet",
		"fallback", IVR_PROMPT_RESTART };

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		(void)!load_prompt(load, "prompts", needed[i], "");
}

static void find_hold(struct load *load)
{
	struct script *script = load->script;

	script->hold = TO_NONE;
	for (uint32_t i = 0; i < script->step_count && script->hold < 0; i++)
		if (script->steps[i].kind == SCRIPT_HOLD)
			script->hold = (int16_t)i;
	if (script->hold < 0)
		load_wrong(load, "steps", "one step must be do: hold");
}

static void read_all(struct load *load)
{
	static const char *const allowed[] = { "languages", "start", "closed", "degraded", "often",
		"hold_seconds", "place_seconds", "hours", "anywhere", "steps", "prompts", NULL };
	struct script *script = load->script;
	uint32_t before = load->errors->count;

	load_known(load, "", allowed);
	if (!document_keys(load->document, "languages", on_language, load))
		load_wrong(load, "languages", "write a list: [nl, fr, en]");
	if (!document_keys(load->document, "steps", on_step_name, load))
		load_wrong(load, "steps", "write a map of steps");
	if (!document_keys(load->document, "prompts", load_prompt_name, load))
		load_wrong(load, "prompts", "write a map of prompts");
	if (load->errors->count == before && (!script->language_count || !script->step_count))
		load_wrong(load, script->step_count ? "languages" : "steps", "names none");
	if (load->errors->count > before)
		return;
	script->start = load_step_at(load, "", "start", true);
	script->closed = load_step_at(load, "", "closed", true);
	script->degraded = load_step_at(load, "", "degraded", true);
	script->often = load_step_at(load, "", "often", true);
	script->hold_seconds = load_number(load, "", "hold_seconds", 5, SEGMENT_MAX, 30);
	script->place_seconds = load_number(load, "", "place_seconds", 15, 600, 45);
	script->own_hours = document_line(load->document, "hours") > 0;
	if (script->own_hours && !document_keys(load->document, "hours", on_hours, load))
		load_wrong(load, "hours", "write a list of turns");
	load_keys(load, "anywhere", script->anywhere);
	for (uint32_t i = 0; i < script->step_count; i++)
		load_step(load, &script->steps[i]);
	check_prompts(load);
	find_hold(load);
	if (load->errors->count == before)
		check_ends(load);
}

enum err script_parse(const char *name, const char *bytes, size_t length,
	struct script **script_r, struct config_errors *errors)
{
	struct load load = { .name = name, .errors = errors };
	uint32_t before = errors->count;
	enum err err;

	if (length > SCRIPT_FILE_MAX) {
		config_errors_add(errors, "%s:1: is larger than %d bytes", name, SCRIPT_FILE_MAX);
		return ERR_TOO_LONG;
	}
	err = document_parse(name, bytes, length, &load.document, errors);
	if (err)
		return err;
	load.script = mem_alloc(sizeof *load.script);
	read_all(&load);
	document_close(&load.document);
	if (errors->count > before) {
		script_destroy(&load.script);
		return ERR_INVALID;
	}
	load_spell_out(load.script);
	*script_r = load.script;
	return OK;
}

enum err script_load(const char *path, struct script **script_r, struct config_errors *errors)
{
	char *bytes = mem_alloc(SCRIPT_FILE_MAX + 2);
	FILE *file = fopen(path, "re");
	size_t length;
	enum err err;

	if (!file) {
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
		free(bytes);
		return ERR_IO;
	}
	length = fread(bytes, 1, SCRIPT_FILE_MAX + 1, file);
	fclose(file);
	err = script_parse(path, bytes, length, script_r, errors);
	free(bytes);
	return err;
}
