/* The prompts of ivr.yaml. */
#include "base/mem.h"
#include "ivr/script_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool load_prompt(struct load *load, const char *path, const char *id, const char *lang)
{
	struct script_prompt *prompt;
	bool has = false;

	HASH_FIND_STR(load->script->prompts, id, prompt);
	if (!prompt) {
		load_wrong(load, path, "there is no prompt \"%.40s\" under prompts", id);
		return false;
	}
	prompt->used = true;
	for (uint32_t i = 0; i < prompt->text_count; i++)
		has = has || !strcmp(prompt->texts[i].lang, lang);
	if (*lang && !has)
		load_wrong(load, path, "the prompt \"%.40s\" has no text in \"%.8s\"", id, lang);
	return true;
}

struct prompt_load {
	struct load *load;
	struct script_prompt *prompt;
};

static void on_text(void *arg, const char *lang, int line)
{
	struct prompt_load *of = arg;
	struct script_prompt *prompt = of->prompt;
	char path[PATH];
	const char *text;
	bool sound = !strcmp(lang, IVR_LANG_ANY);

	(void)line;
	if (!strcmp(lang, "count"))
		return;
	load_path(path, "prompts.%s.%s", prompt->id, lang);
	text = document_text(of->load->document, path);
	if (!text || (!sound && !load_language(of->load->script, lang))
		|| prompt->text_count > SCRIPT_LANGUAGES_MAX) {
		load_wrong(of->load, path, "write a text for one of `languages`, or any: sound");
		return;
	}
	if (strlen(text) > SCRIPT_TEXT_MAX || (!sound && !*text)) {
		load_wrong(of->load, path, "has 1 to %d bytes", SCRIPT_TEXT_MAX);
		return;
	}
	if (prompt->count && !sound && !strstr(text, "{n}"))
		load_wrong(of->load, path, "has count, so {n} must stand in the text");
	prompt->texts[prompt->text_count++]
		= (struct script_text) { .lang = mem_dup(lang),
			  .text = sound ? NULL : mem_dup(text) };
}

void load_prompt_name(void *arg, const char *id, int line)
{
	struct load *load = arg;
	struct prompt_load of = { .load = load };
	struct script_prompt *twin;
	char at[PATH];
	const char *count;

	HASH_FIND_STR(load->script->prompts, id, twin);
	if (twin || !load_word(id, IVR_PROMPT_ID_MAX - 4)) {
		config_errors_add(load->errors,
			"%s:%d: prompts: \"%.60s\": a name has at most %d of a-z 0-9 - _, and stands "
			"once",
			load->name, line, id, IVR_PROMPT_ID_MAX - 4);
		return;
	}
	of.prompt = mem_alloc(sizeof *of.prompt);
	snprintf(of.prompt->id, sizeof of.prompt->id, "%s", id);
	HASH_ADD_STR(load->script->prompts, id, of.prompt);
	load_path(at, "prompts.%s", id);
	count = load_text(load, at, "count");
	if (count && !strcmp(count, "digits"))
		of.prompt->count = 10;
	else
		of.prompt->count = load_number(load, at, "count", 1, SCRIPT_PLACE_MAX, 0);
	of.prompt->first = count && !strcmp(count, "digits") ? 0 : 1;
	if (!document_keys(load->document, at, on_text, &of))
		load_wrong(load, at, "write a map: {nl: text}");
	if (of.prompt->text_count == 1 && !of.prompt->texts[0].text)
		return; /* a sound */
	for (uint32_t l = 0; l < load->script->language_count; l++) {
		bool has = false;
		for (uint32_t i = 0; i < of.prompt->text_count; i++)
			has = has || !strcmp(of.prompt->texts[i].lang, load->script->languages[l]);
		if (!has)
			load_wrong(load, at, "has no text in %s", load->script->languages[l]);
	}
}

static char *with_number(const char *text, uint32_t number)
{
	const char *at = strstr(text, "{n}");
	char made[SCRIPT_TEXT_MAX + 16];

	snprintf(made, sizeof made, "%.*s%u%s", (int)(at - text), text, number, at + 3);
	return mem_dup(made);
}

void load_spell_out(struct script *script)
{
	struct script_prompt *each, *next;

	HASH_ITER (hh, script->prompts, each, next)
		for (uint32_t t = 0; t < each->text_count; t++) {
			struct script_text *text = &each->texts[t];
			if (!each->count || !text->text)
				continue;
			text->made = mem_array(each->count, sizeof *text->made);
			for (uint32_t n = 0; n < each->count; n++)
				text->made[n] = with_number(text->text, each->first + n);
		}
}

static struct script_prompt *find(const struct script *script, const char *id, uint32_t *n_r)
{
	char base[IVR_PROMPT_ID_MAX + 1];
	const char *dot = strchr(id, '.');
	struct script_prompt *prompt;

	snprintf(base, sizeof base, "%.*s", (int)strcspn(id, "."), id);
	HASH_FIND_STR(script->prompts, base, prompt);
	*n_r = dot ? (uint32_t)strtoul(dot + 1, NULL, 10) : 0;
	if (!prompt || !prompt->count != !dot
		|| (dot && (*n_r < prompt->first || *n_r - prompt->first >= prompt->count)))
		return NULL;
	return prompt;
}

bool script_prompt(const struct script *script, const struct ivr_prompt *wanted, const char **text_r)
{
	uint32_t n;
	const struct script_prompt *prompt = find(script, wanted->id, &n);

	*text_r = NULL;
	for (uint32_t t = 0; prompt && t < prompt->text_count; t++)
		if (!strcmp(prompt->texts[t].lang, wanted->lang)) {
			const struct script_text *text = &prompt->texts[t];
			*text_r = prompt->count && text->made ? text->made[n - prompt->first]
							       : text->text;
			return true;
		}
	return false;
}

void script_each_prompt(const struct script *script,
	void (*on_prompt)(void *arg, const struct ivr_prompt *prompt, const char *text), void *arg)
{
	struct script_prompt *each, *next;
	struct ivr_prompt prompt;
	const char *text;

	HASH_ITER (hh, script->prompts, each, next)
		for (uint32_t i = 0; i < (each->count ? each->count : 1) * each->text_count; i++) {
			uint32_t n = i / each->text_count;
			if (each->count)
				snprintf(prompt.id, sizeof prompt.id, "%.36s.%u", each->id,
					each->first + n);
			else
				snprintf(prompt.id, sizeof prompt.id, "%s", each->id);
			snprintf(prompt.lang, sizeof prompt.lang, "%s",
				each->texts[i % each->text_count].lang);
			(void)!script_prompt(script, &prompt, &text);
			on_prompt(arg, &prompt, text);
		}
}

static void destroy_prompts(struct script *script)
{
	struct script_prompt *each, *next;

	HASH_ITER (hh, script->prompts, each, next) {
		HASH_DEL(script->prompts, each);
		for (uint32_t t = 0; t < each->text_count; t++) {
			for (uint32_t n = 0; each->texts[t].made && n < each->count; n++)
				free(each->texts[t].made[n]);
			free(each->texts[t].made);
			free(each->texts[t].lang);
			free(each->texts[t].text);
		}
		free(each);
	}
}

void script_destroy(struct script **script)
{
	if (!*script)
		return;
	destroy_prompts(*script);
	for (uint32_t i = 0; i < (*script)->hours_count; i++) {
		free((*script)->hours[i].days);
		free((*script)->hours[i].from);
		free((*script)->hours[i].to);
	}
	free((*script)->hours);
	free(*script);
	*script = NULL;
}
