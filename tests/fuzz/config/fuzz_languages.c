/* Catalogues and pages to read: the reference, another language and cards, "===" between them. Refused
 * with the file's name, or whole: every section and every card is JSON, each key has its text, and any
 * wish of a browser leads to one of them. */
#include "base/json.h"
#include "base/mem.h"
#include "config/languages_private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { PARTS = 3, INPUT_MAX = 4096 };

static const char between[] = "\n===\n";

struct part {
	const char *bytes;
	size_t length;
};

static void must(bool good)
{
	if (!good)
		abort();
}

static void split(const char *bytes, size_t length, struct part parts_r[PARTS])
{
	for (int i = 0; i < PARTS; i++) {
		const char *end = i + 1 < PARTS
			? memmem(bytes, length, between, sizeof between - 1)
			: NULL;
		size_t size = end ? (size_t)(end - bytes) : length;
		parts_r[i] = (struct part) { bytes, size };
		bytes += end ? size + sizeof between - 1 : size;
		length -= end ? size + sizeof between - 1 : size;
	}
}

static void must_be_object(const char *text)
{
	json_t *read = json_loads(text, 0, NULL);
	must(json_is_object(read));
	json_decref(read);
}

static void use(struct languages *set, const struct part *wish)
{
	char time[LANGUAGES_TIME], *accept = mem_alloc(wish->length + 1);

	if (wish->length)
		memcpy(accept, wish->bytes, wish->length);
	must(languages_pick(set, "visitor", accept, "nl") < languages_count(set));
	free(accept);
	for (size_t i = 0; i < languages_count(set); i++) {
		const struct language *language = &set->all[i];
		must(languages_code(set, i) && languages_name(set, i) && languages_review(set, i));
		(void)languages_right_to_left(set, i);
		(void)languages_missing(set, i, "console");
		for (size_t s = 0; s < SECTIONS_MAX && language->sections[s].json; s++)
			must_be_object(languages_json(set, i, language->sections[s].name));
		must_be_object(languages_json(set, i, "visitor"));
		must_be_object(languages_cards(set, i));
		for (size_t t = 0; t < language->count; t++)
			must(languages_text(set, i, language->texts[t].key) != NULL);
		(void)languages_text_for(set, i, "visitor.wait", 2);
		languages_time(set, i, "Europe/Brussels", INT64_C(1700000000000), i & 1, time);
		must(memchr(time, '\0', sizeof time) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct languages *set;
	struct config_errors errors = { 0 };
	struct part parts[PARTS];
	bool good = true;

	if (length > INPUT_MAX)
		return 0;
	split((const char *)bytes, length, parts);
	set = mem_alloc(sizeof *set);
	for (int i = 0; i < 2; i++)
		if (i == 0 || parts[i].length)
			good = languages_add(set, i ? "L/fr.yaml" : "L/nl.yaml", parts[i].bytes,
				       parts[i].length, &errors)
				&& good;
	good = good && !languages_ready(set, "L", "nl", &errors);
	if (good && parts[2].length)
		languages_add_cards(set, set->fallback, "L/nl.yaml", parts[2].bytes, parts[2].length,
			&errors);
	good = good && !errors.count;
	must(good || errors.count);
	for (uint32_t i = 0; i < errors.count; i++)
		must(!strncmp(errors.texts[i], "L", 1) && strchr(errors.texts[i], ':'));
	if (good)
		use(set, &parts[2]);
	languages_destroy(&set);
	config_errors_finish(&errors);
	return 0;
}
