#include "config/languages_private.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/document.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CODE_MAX = 8 };

static void on_text(void *arg, const char *key, const char *text, int line)
{
	struct language *language = arg;
	(void)line;
	language->texts = mem_grow(
		language->texts, language->count + 1, sizeof *language->texts);
	language->texts[language->count++]
		= (struct text) { .key = mem_dup(key), .text = mem_dup(text) };
}

const char *language_text(const struct language *language, const char *key)
{
	for (size_t i = 0; i < language->count; i++)
		if (!strcmp(language->texts[i].key, key))
			return language->texts[i].text;
	return NULL;
}

bool languages_add(struct languages *set, const char *path, const char *bytes, size_t length,
	struct config_errors *errors)
{
	struct language *language = &set->all[set->count];
	struct document *document = NULL;
	uint32_t before = errors->count;
	const char *code, *direction;

	if (set->count == LANGUAGES_MAX) {
		config_errors_add(errors, "%s:1: there is room for %d languages", path, LANGUAGES_MAX);
		return false;
	}
	set->count++;
	language->path = mem_dup(path);
	if (document_parse(path, bytes, length, &document, errors))
		return false;
	if (!document_each(document, on_text, language))
		config_errors_add(errors, "%s:1: texts stand in maps of keys, not in lists, and at most %d "
			"maps in one another", path, DOCUMENT_DEPTH);
	document_close(&document);
	code = language_text(language, "language");
	direction = language_text(language, "direction");
	if (!code || strlen(code) > CODE_MAX || !language_text(language, "name"))
		config_errors_add(errors, "%s:1: give language (its code, \"nl\") and name", path);
	if (!direction || (strcmp(direction, "ltr") != 0 && strcmp(direction, "rtl") != 0))
		config_errors_add(errors, "%s:1: direction: write ltr or rtl", path);
	if (!language_text(language, "review"))
		config_errors_add(errors, "%s:1: review: write draft, or who reviewed it and when", path);
	return errors->count == before;
}

static void load_file(struct languages *set, const char *path, struct config_errors *errors)
{
	size_t length;
	char *bytes;

	if (document_read(path, &bytes, &length, errors))
		return;
	(void)languages_add(set, path, bytes, length, errors);
	free(bytes);
}

/* A key of the whole set that this language lacks, in no other of its plural forms either. */
static bool lacks(const struct languages *set, const struct language *language, const char *key)
{
	size_t base = languages_plural(set, key);
	char other[128];

	if (language_text(language, key))
		return false;
	snprintf(other, sizeof other, "%.*s.other", (int)base, key);
	return !base || !language_text(language, other);
}

static void put_missing(struct json_out *out, const struct languages *set,
	const struct language *language, const struct language *from, const struct language *before,
	const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < from->count; i++) {
		const struct text *text = &from->texts[i];
		if (!strncmp(text->key, name, length) && text->key[length] == '.'
			&& lacks(set, language, text->key)
			&& (!before || lacks(set, before, text->key)))
			json_put_text(out, text->key + length + 1, text->text);
	}
}

/* What is missing is that of the fallback, and what that misses too, of the reference. */
static char *section_json(const struct languages *set, const struct language *language,
	const struct language *fallback, const char *name)
{
	const struct language *reference = &set->all[set->reference];
	struct json_out out;
	size_t length = strlen(name);
	char *json;

	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	for (size_t i = 0; i < language->count; i++) {
		const struct text *text = &language->texts[i];
		if (!strncmp(text->key, name, length) && text->key[length] == '.')
			json_put_text(&out, text->key + length + 1, text->text);
	}
	if (fallback != language)
		put_missing(&out, set, language, fallback, NULL, name);
	if (reference != language && reference != fallback)
		put_missing(&out, set, language, reference, fallback, name);
	json_put_object_end(&out);
	json = mem_alloc(out.length + 1);
	memcpy(json, out.bytes, out.length);
	json_out_finish(&out);
	return json;
}

/* Each language has the sections of the reference. */
static void make_sections(
	const struct languages *set, struct language *language, const struct language *fallback)
{
	const struct language *reference = &set->all[set->reference];
	size_t used = 0;

	for (size_t i = 0; i < reference->count; i++) {
		const char *key = reference->texts[i].key, *dot = strchr(key, '.');
		size_t length = dot ? (size_t)(dot - key) : 0;
		if (!dot || length >= sizeof language->sections[0].name)
			continue;
		if (used
			&& !strncmp(language->sections[used - 1].name, key, length)
			&& !language->sections[used - 1].name[length])
			continue;
		if (used == SECTIONS_MAX)
			return;
		memcpy(language->sections[used].name, key, length);
		language->sections[used].json
			= section_json(set, language, fallback, language->sections[used].name);
		used++;
	}
}

static int is_catalogue(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);
	return length > 5 && entry->d_name[0] != '.'
		&& !strcmp(entry->d_name + length - 5, ".yaml");
}

static void load_all(struct languages *set, const char *folder, struct config_errors *errors)
{
	struct dirent **names;
	char path[4096];
	int count = scandir(folder, &names, is_catalogue, alphasort);

	if (count <= 0)
		config_errors_add(errors, "%s: no catalogue (nl.yaml …) is here: see languages in "
			"the configuration", folder);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		load_file(set, path, errors);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static int find(const struct languages *set, const char *code, size_t length)
{
	for (size_t i = 0; i < set->count; i++) {
		const char *own = languages_code(set, i);
		if (strlen(own) == length && !strncasecmp(own, code, length))
			return (int)i;
	}
	return -1;
}

static bool complete(struct languages *set, const char *folder, const char *fallback,
	struct config_errors *errors)
{
	int reference = find(set, "nl", 2), own = find(set, fallback, strlen(fallback));

	if (reference < 0) {
		config_errors_add(errors, "%s: nl.yaml, the reference, is missing", folder);
		return false;
	}
	set->reference = (size_t)reference;
	if (own < 0)
		config_errors_add(errors, "%s: centre.language is %s, and there is no such catalogue",
			folder, fallback);
	if (!languages_compare(set, errors) || own < 0)
		return false;
	set->fallback = (size_t)own;
	for (size_t i = 0; i < set->count; i++)
		make_sections(set, &set->all[i], &set->all[own]);
	return true;
}

enum err languages_ready(struct languages *set, const char *folder, const char *fallback,
	struct config_errors *errors)
{
	return complete(set, folder, fallback, errors) ? OK : ERR_INVALID;
}

enum err languages_load(const char *folder, const char *fallback, struct languages **set_r,
	struct config_errors *errors)
{
	struct languages *set = mem_alloc(sizeof *set);
	uint32_t before = errors->count;

	load_all(set, folder, errors);
	if (errors->count > before || languages_ready(set, folder, fallback, errors)) {
		languages_destroy(&set);
		return ERR_INVALID;
	}
	*set_r = set;
	return OK;
}

void languages_destroy(struct languages **set)
{
	if (!*set)
		return;
	for (size_t i = 0; i < (*set)->count; i++) {
		struct language *language = &(*set)->all[i];
		for (size_t t = 0; t < language->count; t++) {
			free(language->texts[t].key);
			free(language->texts[t].text);
		}
		for (size_t s = 0; s < SECTIONS_MAX; s++)
			free(language->sections[s].json);
		free(language->texts);
		free(language->cards);
		free(language->cards_review);
		free(language->path);
	}
	free(*set);
	*set = NULL;
}

size_t languages_count(const struct languages *set)
{
	return set->count;
}

const char *languages_code(const struct languages *set, size_t index)
{
	return language_text(&set->all[index], "language");
}

const char *languages_name(const struct languages *set, size_t index)
{
	return language_text(&set->all[index], "name");
}

const char *languages_review(const struct languages *set, size_t index)
{
	return language_text(&set->all[index], "review");
}

size_t languages_missing(const struct languages *set, size_t index, const char *section)
{
	const struct language *reference = &set->all[set->reference], *own = &set->all[index];
	size_t length = strlen(section), missing = 0;

	for (size_t i = 0; i < reference->count; i++)
		missing += !strncmp(reference->texts[i].key, section, length)
			&& reference->texts[i].key[length] == '.'
			&& lacks(set, own, reference->texts[i].key);
	return missing;
}

bool languages_has(const struct languages *set, size_t index, const char *section)
{
	const struct language *language = &set->all[index];
	size_t length = strlen(section);

	for (size_t i = 0; i < language->count; i++)
		if (!strncmp(language->texts[i].key, section, length)
			&& language->texts[i].key[length] == '.')
			return true;
	return false;
}

bool languages_right_to_left(const struct languages *set, size_t index)
{
	return !strcmp(language_text(&set->all[index], "direction"), "rtl");
}

const char *languages_text(const struct languages *set, size_t index, const char *key)
{
	return language_text(&set->all[index], key);
}

const char *languages_json(const struct languages *set, size_t index, const char *section)
{
	for (size_t i = 0; i < SECTIONS_MAX; i++)
		if (!strcmp(set->all[index].sections[i].name, section))
			return set->all[index].sections[i].json;
	return "{}";
}

/* RFC 9110, 12.5.4: ranges with weights; the first of the heaviest that we have, by its primary
 * subtag. */
size_t languages_pick(const struct languages *set, const char *section, const char *accept,
	const char *fallback)
{
	double best = 0;
	int chosen = -1;

	while (accept && *accept) {
		size_t length = strcspn(accept, ",");
		size_t skip = strspn(accept, " \t");
		size_t code = strcspn(accept + skip, "-;, \t");
		const char *weight = strpbrk(accept, "=,");
		double q = weight && *weight == '=' ? strtod(weight + 1, NULL) : 1;
		int index = find(set, accept + skip, code);
		if (index >= 0 && q > best && languages_has(set, (size_t)index, section)) {
			best = q;
			chosen = index;
		}
		accept += length + (accept[length] == ',');
	}
	if (chosen < 0)
		chosen = find(set, fallback, strlen(fallback));
	return chosen < 0 ? set->reference : (size_t)chosen;
}
