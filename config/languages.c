#include "config/languages.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/document.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LANGUAGES_MAX = 64, SECTIONS_MAX = 8, CODE_MAX = 8 };

struct text {
	char *key, *text;
};

struct section {
	char name[32];
	char *json;
};

struct language {
	char *path;
	struct text *texts; /* in the file's order */
	size_t count;
	struct section sections[SECTIONS_MAX];
};

struct languages {
	struct language all[LANGUAGES_MAX];
	size_t count;
};

static void on_text(void *arg, const char *key, const char *text, int line)
{
	struct language *language = arg;
	(void)line;
	language->texts = mem_grow(
		language->texts, language->count + 1, sizeof *language->texts);
	language->texts[language->count++]
		= (struct text) { .key = mem_dup(key), .text = mem_dup(text) };
}

static const char *text_of(const struct language *language, const char *key)
{
	for (size_t i = 0; i < language->count; i++)
		if (!strcmp(language->texts[i].key, key))
			return language->texts[i].text;
	return NULL;
}

static bool load_file(const char *path, struct language *language, struct config_errors *errors)
{
	struct document *document = NULL;
	uint32_t before = errors->count;
	const char *code, *direction;

	language->path = mem_dup(path);
	if (document_open(path, &document, errors))
		return false;
	if (!document_each(document, on_text, language))
		config_errors_add(errors, "%s:1: texts stand in maps of keys, not in lists", path);
	document_close(&document);
	code = text_of(language, "language");
	direction = text_of(language, "direction");
	if (!code || strlen(code) > CODE_MAX || !text_of(language, "name"))
		config_errors_add(errors, "%s:1: give language (its code, \"nl\") and name", path);
	if (!direction || (strcmp(direction, "ltr") != 0 && strcmp(direction, "rtl") != 0))
		config_errors_add(errors, "%s:1: direction: write ltr or rtl", path);
	return errors->count == before;
}

/* Keys of the head are the catalogue's own; the others are those of the reference. */
static bool of_the_head(const char *key)
{
	return !strchr(key, '.');
}

static void compare(const struct language *reference, const struct language *other,
	struct config_errors *errors)
{
	for (size_t i = 0; i < reference->count; i++)
		if (!of_the_head(reference->texts[i].key)
			&& !text_of(other, reference->texts[i].key))
			config_errors_add(errors, "%s: %s is missing: translate it from %s",
				other->path, reference->texts[i].key, reference->path);
	for (size_t i = 0; i < other->count; i++)
		if (!of_the_head(other->texts[i].key)
			&& !text_of(reference, other->texts[i].key))
			config_errors_add(errors, "%s: %s is not in %s: remove it, or add it there",
				other->path, other->texts[i].key, reference->path);
}

static char *section_json(const struct language *language, const char *name)
{
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
	json_put_object_end(&out);
	json = mem_alloc(out.length + 1);
	memcpy(json, out.bytes, out.length);
	json_out_finish(&out);
	return json;
}

static void make_sections(struct language *language)
{
	size_t used = 0;

	for (size_t i = 0; i < language->count; i++) {
		const char *key = language->texts[i].key, *dot = strchr(key, '.');
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
			= section_json(language, language->sections[used].name);
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
		if (set->count < LANGUAGES_MAX)
			(void)!load_file(path, &set->all[set->count++], errors);
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

enum err languages_load(
	const char *folder, struct languages **set_r, struct config_errors *errors)
{
	struct languages *set = mem_alloc(sizeof *set);
	uint32_t before = errors->count;
	int reference;

	load_all(set, folder, errors);
	reference = errors->count == before ? find(set, "nl", 2) : -1;
	if (errors->count == before && reference < 0)
		config_errors_add(errors, "%s: nl.yaml, the reference, is missing", folder);
	for (size_t i = 0; reference >= 0 && i < set->count; i++) {
		compare(&set->all[reference], &set->all[i], errors);
		make_sections(&set->all[i]);
	}
	if (errors->count > before) {
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
	return text_of(&set->all[index], "language");
}

const char *languages_name(const struct languages *set, size_t index)
{
	return text_of(&set->all[index], "name");
}

bool languages_right_to_left(const struct languages *set, size_t index)
{
	return !strcmp(text_of(&set->all[index], "direction"), "rtl");
}

const char *languages_text(const struct languages *set, size_t index, const char *key)
{
	return text_of(&set->all[index], key);
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
size_t languages_pick(const struct languages *set, const char *accept, const char *fallback)
{
	double best = 0;
	int chosen = -1;

	while (accept && *accept) {
		size_t length = strcspn(accept, ",");
		size_t skip = strspn(accept, " \t");
		size_t code = strcspn(accept + skip, "-;, \t");
		const char *weight = strstr(accept, ";q=");
		double q = weight && weight < accept + length ? strtod(weight + 3, NULL) : 1;
		int index = find(set, accept + skip, code);
		if (index >= 0 && q > best) {
			best = q;
			chosen = index;
		}
		accept += length + (accept[length] == ',');
	}
	if (chosen < 0)
		chosen = find(set, fallback, strlen(fallback));
	return chosen < 0 ? 0 : (size_t)chosen;
}
