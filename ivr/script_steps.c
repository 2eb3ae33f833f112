/* The steps of ivr.yaml. */
#include "ivr/script_load.h"

#include <stdio.h>
#include <string.h>

bool load_language(const struct script *script, const char *language)
{
	for (uint32_t i = 0; i < script->language_count; i++)
		if (!strcmp(script->languages[i], language))
			return true;
	return false;
}

static int16_t step_named(const struct load *load, const char *path, const char *name)
{
	uint16_t step;
	if (name && script_step_find(load->script, name, &step))
		return (int16_t)step;
	load_wrong(load, path, name ? "there is no step \"%.40s\"" : "name a step", name);
	return TO_NONE;
}

int16_t load_step_at(const struct load *load, const char *at, const char *key, bool needed)
{
	char path[PATH];
	if (!load_there(load, at, key)) {
		if (needed)
			load_wrong(load, at, "%s is missing: name a step", key);
		return TO_NONE;
	}
	return step_named(load, load_under(path, at, key), load_text(load, at, key));
}

static void copy_known(const struct load *load, const char *at, const char *key, char *to,
	size_t size, bool good, const char *what)
{
	char path[PATH];
	const char *text = load_text(load, at, key);
	if (text && good && strlen(text) < size)
		memcpy(to, text, strlen(text) + 1);
	else
		load_wrong(load, load_path(path, "%s.%s", at, key), "%s", what);
}

static void read_action(struct load *load, const char *at, struct script_action *action)
{
	static const char *const roles[] = { "child", "parent", "family", "professional" };
	const char *to = load_text(load, at, "goto"), *text;
	bool known = false;
	char path[PATH];

	*action = (struct script_action) { .set = true, .to = TO_NONE };
	if (load_there(load, at, "language")) {
		text = load_text(load, at, "language");
		copy_known(load, at, "language", action->language, sizeof action->language,
			text && load_language(load->script, text), "is not one of `languages`");
	}
	if (load_there(load, at, "who")) {
		text = load_text(load, at, "who");
		for (size_t i = 0; text && i < sizeof roles / sizeof *roles; i++)
			known = known || !strcmp(text, roles[i]);
		copy_known(load, at, "who", action->who, sizeof action->who, known,
			"write child, parent, family or professional");
	}
	if (load_there(load, at, "level")) {
		text = load_text(load, at, "level");
		action->serious = text && !strcmp(text, "serious");
		if (!action->serious)
			load_wrong(load, load_path(path, "%s.level", at), "only serious can stand here");
	}
	if (load_there(load, at, "remember")) {
		text = load_text(load, at, "remember");
		action->remember = text && !strcmp(text, "callback") ? REMEMBER_CALLBACK
			: text && !strcmp(text, "voicemail")         ? REMEMBER_VOICEMAIL
								     : 0;
		if (!action->remember)
			load_wrong(load, load_path(path, "%s.remember", at),
				"write callback or voicemail");
	}
	if (to && !strcmp(to, "repeat"))
		action->to = TO_REPEAT;
	else
		action->to = load_step_at(load, at, "goto", true);
}

static const char *const action_keys[]
	= { "language", "who", "level", "goto", "remember", NULL };
static const char *const limit_keys[]
	= { "tries", "say", "language", "who", "level", "goto", "remember", NULL };

struct keys_load {
	struct load *load;
	const char *at;
	struct script_action *actions;
};

static void on_action(void *arg, const char *key, int line)
{
	struct keys_load *keys = arg;
	int index = key[0] && !key[1] ? script_key(key[0]) : -1;
	char path[PATH];

	if (index < 0) {
		config_errors_add(keys->load->errors,
			"%s:%d: %.100s: \"%.10s\" is no key: 0 to 9, \"*\" or \"#\", in quotes",
			keys->load->name, line, keys->at, key);
		return;
	}
	load_path(path, "%s.%s", keys->at, key);
	load_known(keys->load, path, action_keys);
	read_action(keys->load, path, &keys->actions[index]);
}

void load_keys(struct load *load, const char *at, struct script_action *actions)
{
	struct keys_load keys = { load, at, actions };
	if (document_line(load->document, at)
		&& !document_keys(load->document, at, on_action, &keys))
		load_wrong(load, at, "write a map: \"1\": {goto: step}");
}

static void read_limit(
	struct load *load, const char *at, const char *key, struct script_limit *limit)
{
	char path[PATH], say[PATH];

	load_path(path, "%s.%s", at, key);
	if (!load_there(load, at, key)) {
		if (load->step->kind != SCRIPT_HOLD && load->step->kind != SCRIPT_END)
			load_wrong(load, at, "%s is missing: where does it lead then?", key);
		return;
	}
	load_known(load, path, limit_keys);
	read_action(load, path, &limit->action);
	limit->tries = load_number(load, path, "tries", 1, TRIES_MAX, 2);
	if (limit->action.to == TO_REPEAT)
		load_wrong(load, path, "cannot lead to repeat: it must lead on");
	if (!load_there(load, path, "say"))
		return;
	const char *text = load_text(load, path, "say");
	load_path(say, "%s.say", path);
	if (text && load_word(text, IVR_PROMPT_ID_MAX) && load_prompt(load, say, text, ""))
		snprintf(limit->say, sizeof limit->say, "%s", text);
}

static void on_say(void *arg, const char *index, int line)
{
	struct load *load = arg;
	struct script_step *step = load->step;
	char at[PATH], id[PATH];
	const char *text, *lang;
	size_t length;

	(void)line;
	load_path(at, "steps.%s.say.%s", step->name, index);
	text = document_text(load->document, at);
	if (!text || step->say_count == SCRIPT_SAY_MAX) {
		load_wrong(load, at, "name at most %d prompts", SCRIPT_SAY_MAX);
		return;
	}
	lang = strchr(text, '@');
	length = lang ? (size_t)(lang - text) : strlen(text);
	lang = lang ? lang + 1 : "";
	if (length > IVR_PROMPT_ID_MAX || strlen(lang) > IVR_LANG_MAX) {
		load_wrong(load, at, "is too long for a prompt's name");
		return;
	}
	load_path(id, "%.*s", (int)length, text);
	if (strcmp(id, "{place}") != 0 && strcmp(id, "{digits}") != 0
		&& !load_prompt(load, at, id, lang))
		return;
	struct ivr_prompt *say = &step->say[step->say_count++];
	snprintf(say->id, sizeof say->id, "%.*s", IVR_PROMPT_ID_MAX, id);
	snprintf(say->lang, sizeof say->lang, "%.*s", IVR_LANG_MAX, lang);
}

static void read_kind(struct load *load, const char *at, struct script_step *step)
{
	static const char *const kinds[] = { "menu", "hold", "collect", "record", "end" };
	const char *word = load_text(load, at, "do");
	char path[PATH];

	for (size_t i = 0; word && i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(word, kinds[i])) {
			step->kind = (enum script_kind)i;
			return;
		}
	load_wrong(load, load_there(load, at, "do") ? load_path(path, "%s.do", at) : at,
		"do: write menu, hold, collect, record or end");
}

static void read_by_kind(struct load *load, const char *at, struct script_step *step)
{
	const char *text;
	char path[PATH];

	if (step->kind == SCRIPT_COLLECT) {
		step->least = load_number(load, at, "least", 1, IVR_DIGITS_MAX, 4);
		step->most = load_number(load, at, "most", step->least, IVR_DIGITS_MAX, 15);
	} else if (step->kind == SCRIPT_RECORD) {
		step->most = load_number(load, at, "most", 5, RECORD_MAX, 180);
		if (step->when_off < 0)
			load_wrong(load, at,
				"when_off is missing: name the step for who cannot leave a message now");
	}
	if (step->kind == SCRIPT_COLLECT || step->kind == SCRIPT_RECORD) {
		if (load_there(load, at, "then"))
			load_known(load, load_path(path, "%s.then", at), action_keys);
		read_action(load, load_path(path, "%s.then", at), &step->then);
	}
	if (step->kind != SCRIPT_HOLD)
		return;
	text = load_text(load, at, "segment");
	load_path(path, "%s.segment", at);
	if (!text)
		load_wrong(load, at, "segment is missing: name the sound to hear while waiting");
	else if (load_prompt(load, path, text, IVR_LANG_ANY))
		snprintf(step->segment, sizeof step->segment, "%.*s", IVR_PROMPT_ID_MAX, text);
}

void load_step(struct load *load, struct script_step *step)
{
	static const char *const allowed[] = { "do", "say", "wait", "keys", "silence", "wrong",
		"then", "when_closed", "when_off", "least", "most", "mark", "segment", NULL };
	const char *mark;
	char at[PATH], path[PATH];

	load->step = step;
	load_path(at, "steps.%s", step->name);
	load_known(load, at, allowed);
	read_kind(load, at, step);
	step->wait = load_number(load, at, "wait", 0, WAIT_MAX, 5);
	load_path(path, "%s.say", at);
	if (load_there(load, at, "say")
		&& (document_text(load->document, path)
			|| !document_keys(load->document, path, on_say, load)))
		load_wrong(load, path, "write a list: [greeting, role]");
	load_keys(load, load_path(path, "%s.keys", at), step->keys);
	read_limit(load, at, "silence", &step->silence);
	read_limit(load, at, "wrong", &step->wrong);
	step->when_closed = load_step_at(load, at, "when_closed", false);
	step->when_off = load_step_at(load, at, "when_off", false);
	mark = load_text(load, at, "mark");
	step->mark_silent = mark && !strcmp(mark, "silent");
	if (load_there(load, at, "mark") && !step->mark_silent)
		load_wrong(load, load_path(path, "%s.mark", at), "only silent can stand here");
	read_by_kind(load, at, step);
}
