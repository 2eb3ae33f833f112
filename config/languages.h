/* Catalogues: one YAML file per language in config/languages/, for the visitor's page, the console
 * and the telephone. nl.yaml is the reference: every other one has the same keys, but may leave out
 * texts of the console, which are then those of the centre's own language.
 * A text that depends on a number is a few: key.one, key.few, key.many, key.other … as CLDR says for
 * that language; every language has key.other. */
#ifndef CONFIG_LANGUAGES_H
#define CONFIG_LANGUAGES_H

#include "base/err.h"
#include "config/config.h"

#include <stddef.h>

struct languages;

/* fallback: the centre's own language, of which there must be a catalogue. */
must_check enum err languages_load(const char *folder, const char *fallback,
	struct languages **set_r, struct config_errors *errors);
void languages_destroy(struct languages **set);

size_t languages_count(const struct languages *set);
const char *languages_code(const struct languages *set, size_t index); /* "nl" */
const char *languages_name(const struct languages *set, size_t index); /* "Nederlands" */
bool languages_right_to_left(const struct languages *set, size_t index);
/* "draft", or who reviewed it and when: for the operator, never for visitors. */
const char *languages_review(const struct languages *set, size_t index);
/* Whether it has texts of a section of its own; and how many it lacks. */
bool languages_has(const struct languages *set, size_t index, const char *section);
size_t languages_missing(const struct languages *set, size_t index, const char *section);
/* The best index that has the section for an Accept-Language value (may be NULL), else that of the
 * fallback code. */
size_t languages_pick(const struct languages *set, const char *section, const char *accept,
	const char *fallback);
/* A text by language and dotted key ("visitor.waiting.title"), NULL when there is none. */
const char *languages_text(const struct languages *set, size_t index, const char *key);
/* That of a plural (key.one, key.other …) for a number, by CLDR's rules for the language. */
const char *languages_text_for(
	const struct languages *set, size_t index, const char *key, int64_t number);
/* A moment (wall) in the words of the language and the hour of a zone: "woensdag 25 november 17:00", or
 * "17:00" alone. */
enum { LANGUAGES_TIME = 128 };
void languages_time(const struct languages *set, size_t index, const char *zone, int64_t wall,
	bool hour_alone, char text_r[LANGUAGES_TIME]);
/* All texts of a section ("visitor", "console") as one JSON object of dotted keys, owned by set. */
const char *languages_json(const struct languages *set, size_t index, const char *section);
/* The pages to read while one waits, LANG.yaml in a folder: review as in a catalogue, and a list "cards"
 * of title and text, a list of paragraphs (12 cards of 8 paragraphs at most). One of the fallback's language must be there; other languages without one show it. */
must_check enum err languages_load_cards(
	struct languages *set, const char *folder, struct config_errors *errors);
/* {"lang":"nl","dir":"ltr","cards":[{"title":…,"text":[…]}]}, owned by set. */
const char *languages_cards(const struct languages *set, size_t index);
const char *languages_cards_review(const struct languages *set, size_t index); /* NULL: none of its own */
/* Compares a section of the reference with the list of what a page uses, made when it was bundled:
 * lines "text KEY" (used for certain), "word KEY" (perhaps), "start PREFIX". */
void languages_unused(const struct languages *set, const char *section, const char *list,
	struct config_errors *errors);

#endif
