/* Inside languages.c and languages_check.c. */
#ifndef CONFIG_LANGUAGES_PRIVATE_H
#define CONFIG_LANGUAGES_PRIVATE_H

#include "config/languages.h"

enum { LANGUAGES_MAX = 64, SECTIONS_MAX = 8 };

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
	char *cards, *cards_review; /* JSON; both NULL: those of the fallback */
	unsigned forms, whole; /* plural forms, bits of FORMS: of any number, of whole ones */
};

struct languages {
	struct language all[LANGUAGES_MAX];
	size_t count, reference, fallback;
};

/* One catalogue from memory; false: something was added to the errors. */
bool languages_add(struct languages *set, const char *path, const char *bytes, size_t length,
	struct config_errors *errors);
/* All are there. ERR_INVALID: something was added. */
must_check enum err languages_ready(struct languages *set, const char *folder,
	const char *fallback, struct config_errors *errors);
/* Its pages to read, from memory. */
void languages_add_cards(struct languages *set, size_t index, const char *path, const char *bytes,
	size_t length, struct config_errors *errors);
const char *language_text(const struct language *language, const char *key);
/* Compares every catalogue with the reference and checks each text; true: nothing was added. */
bool languages_compare(struct languages *set, struct config_errors *errors);
/* "a.b.few" gives the length of "a.b" when the reference has "a.b.other"; else 0. */
size_t languages_plural(const struct languages *set, const char *key);

#endif
