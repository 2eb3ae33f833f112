/* The pages to read while one waits. */
#include "base/json.h"
#include "base/mem.h"
#include "config/document.h"
#include "config/languages_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CARDS_MAX = 12, PARAGRAPHS_MAX = 8, TITLE_BYTES = 200, PARAGRAPH_BYTES = 2000 };

struct reading {
	const struct document *document;
	const char *path;
	struct config_errors *errors;
	struct json_out *out;
	char at[64];
	int count;
};

static bool fits(struct reading *reading, const char *text, size_t most, const char *what, int line)
{
	if (text && *text && strlen(text) <= most)
		return true;
	config_errors_add(reading->errors, "%s:%d: %s is a text of 1 to %zu bytes", reading->path, line,
		what, most);
	return false;
}

static void on_paragraph(void *arg, const char *key, int line)
{
	struct reading *reading = arg;
	char path[96];

	snprintf(path, sizeof path, "%s.text.%s", reading->at, key);
	const char *text = document_text(reading->document, path);
	if (fits(reading, text, PARAGRAPH_BYTES, "a paragraph", line))
		json_put_text(reading->out, NULL, text);
	if (++reading->count == PARAGRAPHS_MAX + 1)
		config_errors_add(reading->errors, "%s:%d: a card has at most %d paragraphs",
			reading->path, line, PARAGRAPHS_MAX);
}

static void on_card(void *arg, const char *key, int line)
{
	struct reading *cards = arg, reading = *cards;
	char path[96];

	if (++cards->count == CARDS_MAX + 1)
		config_errors_add(cards->errors, "%s:%d: there is room for %d cards", cards->path, line,
			CARDS_MAX);
	snprintf(reading.at, sizeof reading.at, "cards.%s", key);
	snprintf(path, sizeof path, "%s.title", reading.at);
	const char *title = document_text(reading.document, path);
	json_put_object(reading.out, NULL);
	if (fits(&reading, title, TITLE_BYTES, "title", line))
		json_put_text(reading.out, "title", title);
	json_put_list(reading.out, "text");
	reading.count = 0;
	snprintf(path, sizeof path, "%s.text", reading.at);
	if (!document_keys(reading.document, path, on_paragraph, &reading) || !reading.count)
		config_errors_add(reading.errors, "%s:%d: text: give a list of paragraphs", reading.path, line);
	json_put_list_end(reading.out);
	json_put_object_end(reading.out);
}

void languages_add_cards(struct languages *set, size_t index, const char *path, const char *bytes,
	size_t length, struct config_errors *errors)
{
	struct language *language = &set->all[index];
	struct document *document = NULL;
	struct json_out out;
	struct reading reading = { .path = path, .errors = errors, .out = &out };

	if (document_parse(path, bytes, length, &document, errors))
		return;
	reading.document = document;
	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "lang", languages_code(set, index));
	json_put_text(&out, "dir", languages_right_to_left(set, index) ? "rtl" : "ltr");
	json_put_list(&out, "cards");
	if (!document_keys(document, "cards", on_card, &reading))
		config_errors_add(errors, "%s:1: give a list of cards, each with title and text", path);
	json_put_list_end(&out);
	json_put_object_end(&out);
	language->cards = mem_alloc(out.length + 1);
	memcpy(language->cards, out.bytes, out.length);
	json_out_finish(&out);
	const char *review = document_text(document, "review");
	if (!review)
		config_errors_add(errors, "%s:1: review: write draft, or who reviewed it and when", path);
	language->cards_review = mem_dup(review ? review : "");
	document_close(&document);
}

static void load(struct languages *set, size_t index, const char *path, struct config_errors *errors)
{
	size_t length;
	char *bytes;

	if (document_read(path, &bytes, &length, errors))
		return;
	languages_add_cards(set, index, path, bytes, length, errors);
	free(bytes);
}

enum err languages_load_cards(
	struct languages *set, const char *folder, struct config_errors *errors)
{
	uint32_t before = errors->count;
	char path[4096];

	for (size_t i = 0; i < set->count; i++) {
		snprintf(path, sizeof path, "%s/%s.yaml", folder, languages_code(set, i));
		if (i == set->fallback || !access(path, F_OK))
			load(set, i, path, errors);
	}
	return errors->count > before ? ERR_INVALID : OK;
}

const char *languages_cards_review(const struct languages *set, size_t index)
{
	return set->all[index].cards_review;
}

const char *languages_cards(const struct languages *set, size_t index)
{
	const char *own = set->all[index].cards, *other = set->all[set->fallback].cards;
	return own ? own : other ? other : "{\"cards\":[]}";
}
