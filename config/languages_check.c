/* What is wrong with a catalogue: texts that miss or are too many, plural forms by the rules of CLDR,
 * placeholders that differ, texts that do not fit their place. */
#include "config/languages_private.h"

#include <stdio.h>
#include <string.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

static const char *const forms[] = { "zero", "one", "two", "few", "many", "other" };
enum { FORMS = sizeof forms / sizeof *forms, FORM_OTHER = FORMS - 1, KEY_MAX = 128,
	PLACEHOLDERS_MAX = 8, WHOLE_UNTIL = 1000 };

/* The first row whose start fits a key says how many characters its text may have: what stands on a
 * button or beside others must fit a screen of 320 pixels. */
static const struct {
	const char *start;
	size_t limit;
} limits[] = {
	{ "visitor.leave.hint", 60 }, { "visitor.leave", 24 }, { "visitor.language", 16 },
	{ "visitor.chat.sending", 28 }, { "visitor.chat.send", 14 }, { "visitor.chat.me", 12 },
	{ "visitor.chat.placeholder", 24 }, { "visitor.chat.stored", 24 }, { "visitor.chat.read", 24 },
	{ "visitor.chat.unsent", 28 }, { "visitor.chat.failed", 24 }, { "visitor.chat.end.ask", 60 },
	{ "visitor.chat.end", 28 }, { "visitor.who.", 32 }, { "visitor.where.", 24 },
	{ "visitor.questions.start", 32 }, { "visitor.questions.skip", 40 },
	{ "visitor.line.retry", 24 }, { "visitor.code.ask", 44 }, { "visitor.code.have", 60 },
	{ "visitor.code.go", 28 }, { "visitor.ended.again", 32 }, { "visitor.ended.goon", 40 },
	{ "visitor.ended.title", 60 }, { "visitor.closed.title", 60 }, { "visitor.plain.choose", 12 },
	{ "visitor.plain.refresh", 20 }, { "visitor.plain.go", 16 }, { "visitor.plain.pause", 40 },
	{ "visitor.plain.renew", 40 }, { "visitor.", 240 },
	{ "console.queue.next", 24 }, { "console.duty.", 20 }, { "console.tag.", 32 },
	{ "console.level.", 32 }, { "console.", 240 }, { "", 2000 },
};

static size_t characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void check_length(const struct language *language, const struct text *text,
	struct config_errors *errors)
{
	size_t row = 0, length = characters(text->text);

	while (strncmp(text->key, limits[row].start, strlen(limits[row].start)) != 0)
		row++;
	if (length > limits[row].limit)
		config_errors_add(errors, "%s: %s has %zu characters, and room for %zu: say it shorter",
			language->path, text->key, length, limits[row].limit);
	if (!length)
		config_errors_add(errors, "%s: %s is empty: write its text", language->path, text->key);
}

struct names {
	char all[PLACEHOLDERS_MAX][32];
	size_t count;
};

static bool has_name(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->all[i], name))
			return true;
	return false;
}

static void read_names(const char *text, struct names *names_r)
{
	names_r->count = 0;
	while ((text = strchr(text, '{')) && names_r->count < PLACEHOLDERS_MAX) {
		size_t length = strcspn(++text, "{}");
		if (text[length] != '}' || length >= sizeof names_r->all[0])
			continue;
		snprintf(names_r->all[names_r->count++], sizeof names_r->all[0], "%.*s", (int)length, text);
	}
}

/* may_omit: "one day" need not say the number. */
static void check_names(const struct language *language, const char *key, const char *wanted,
	const char *text, bool may_omit, struct config_errors *errors)
{
	struct names theirs, own;

	read_names(wanted, &theirs);
	read_names(text, &own);
	for (size_t i = 0; i < own.count; i++)
		if (!has_name(&theirs, own.all[i]))
			config_errors_add(errors, "%s: %s: {%s} means nothing here: placeholders stay as "
				"they are in the reference", language->path, key, own.all[i]);
	for (size_t i = 0; !may_omit && i < theirs.count; i++)
		if (!has_name(&own, theirs.all[i]))
			config_errors_add(errors, "%s: %s: {%s} is missing: keep the placeholder",
				language->path, key, theirs.all[i]);
}

static unsigned form_bit(const char *form)
{
	for (int i = 0; i < FORMS; i++)
		if (!strcmp(forms[i], form))
			return 1u << i;
	return 0;
}

static unsigned selected(const UPluralRules *rules, double number)
{
	UErrorCode code = U_ZERO_ERROR;
	UChar wide[16];
	char form[16] = "";

	uplrules_select(rules, number, wide, 16, &code);
	if (U_SUCCESS(code))
		u_UCharsToChars(wide, form, u_strlen(wide) + 1);
	return form_bit(form);
}

static void find_forms(struct language *language)
{
	UErrorCode code = U_ZERO_ERROR;
	UPluralRules *rules = uplrules_open(language_text(language, "language"), &code);
	UEnumeration *all = U_SUCCESS(code) ? uplrules_getKeywords(rules, &code) : NULL;
	const char *form;

	language->whole = language->forms = 1u << FORM_OTHER;
	while (all && (form = uenum_next(all, NULL, &code)))
		language->forms |= form_bit(form);
	for (int i = 0; all && i <= WHOLE_UNTIL; i++)
		language->whole |= selected(rules, i);
	uenum_close(all);
	if (rules)
		uplrules_close(rules);
}

size_t languages_plural(const struct languages *set, const char *key)
{
	const char *dot = strrchr(key, '.');
	char other[KEY_MAX];

	if (!dot || !form_bit(dot + 1))
		return 0;
	snprintf(other, sizeof other, "%.*s.other", (int)(dot - key), key);
	return language_text(&set->all[set->reference], other) ? (size_t)(dot - key) : 0;
}

/* One of the texts of a plural in the reference: the forms of this language are wanted. */
static void check_plural(const struct language *reference, const struct language *language,
	const char *key, size_t base, struct config_errors *errors)
{
	const char *text, *wanted = language_text(reference, key);
	char own[KEY_MAX];

	for (int i = 0; i < FORMS; i++) {
		snprintf(own, sizeof own, "%.*s.%s", (int)base, key, forms[i]);
		text = language_text(language, own);
		if (!text && language->whole & 1u << i)
			config_errors_add(errors, "%s: %s is missing: this language has that form for "
				"some numbers", language->path, own);
		else if (text && !(language->forms & 1u << i))
			config_errors_add(errors, "%s: %s: this language has no such form: remove it",
				language->path, own);
		else if (text)
			check_names(language, own, wanted, text, i != FORM_OTHER, errors);
	}
}

static bool of_the_head(const char *key)
{
	return !strchr(key, '.');
}

/* The console of a language that has none is that of the centre's. */
static bool may_miss(const char *key)
{
	return !strncmp(key, "console.", strlen("console."));
}

static void compare(const struct languages *set, struct language *language,
	struct config_errors *errors)
{
	const struct language *reference = &set->all[set->reference];

	for (size_t i = 0; i < reference->count; i++) {
		const struct text *wanted = &reference->texts[i];
		size_t base = languages_plural(set, wanted->key);
		const char *text = language_text(language, wanted->key);
		if (of_the_head(wanted->key))
			continue;
		if (base && !strcmp(wanted->key + base, ".other")
			&& (text || !may_miss(wanted->key)))
			check_plural(reference, language, wanted->key, base, errors);
		else if (!base && text)
			check_names(language, wanted->key, wanted->text, text, false, errors);
		else if (!base && !may_miss(wanted->key))
			config_errors_add(errors, "%s: %s is missing: translate it from %s",
				language->path, wanted->key, reference->path);
	}
	for (size_t i = 0; i < language->count; i++) {
		const struct text *text = &language->texts[i];
		if (of_the_head(text->key))
			continue;
		if (!language_text(reference, text->key) && !languages_plural(set, text->key))
			config_errors_add(errors, "%s: %s is not in %s: remove it, or add it there",
				language->path, text->key, reference->path);
		check_length(language, text, errors);
	}
}

bool languages_compare(struct languages *set, struct config_errors *errors)
{
	uint32_t before = errors->count;

	for (size_t i = 0; i < set->count; i++)
		find_forms(&set->all[i]);
	for (size_t i = 0; i < set->count; i++)
		compare(set, &set->all[i], errors);
	return errors->count == before;
}

/* ---- against the pages' own words */

static bool line_is(const char *line, const char *kind, const char *word, size_t length)
{
	size_t start = strlen(kind);
	return !strncmp(line, kind, start) && !strncmp(line + start, word, length)
		&& (line[start + length] == '\n' || !line[start + length]);
}

static bool is_used(const char *list, const char *key, size_t length)
{
	for (; list && *list; list = strchr(list, '\n') ? strchr(list, '\n') + 1 : NULL) {
		if (line_is(list, "text ", key, length) || line_is(list, "word ", key, length))
			return true;
		size_t start = strncmp(list, "start ", 6) ? 0 : strcspn(list + 6, "\n");
		if (start && start < length && !strncmp(list + 6, key, start))
			return true;
	}
	return false;
}

static bool has_text(const struct languages *set, const char *section, const char *key, size_t length)
{
	char whole[KEY_MAX];
	const struct language *reference = &set->all[set->reference];

	snprintf(whole, sizeof whole, "%s.%.*s", section, (int)length, key);
	if (language_text(reference, whole))
		return true;
	snprintf(whole, sizeof whole, "%s.%.*s.other", section, (int)length, key);
	return language_text(reference, whole) != NULL;
}

void languages_unused(const struct languages *set, const char *section, const char *list,
	struct config_errors *errors)
{
	const struct language *reference = &set->all[set->reference];
	size_t start = strlen(section);

	for (size_t i = 0; i < reference->count; i++) {
		const char *key = reference->texts[i].key;
		size_t base = languages_plural(set, key);
		if (strncmp(key, section, start) != 0 || key[start] != '.')
			continue;
		if (!is_used(list, key + start + 1, (base ? base : strlen(key)) - start - 1))
			config_errors_add(errors, "%s: %s is used nowhere on the page: remove it",
				reference->path, key);
	}
	for (; list && *list; list = strchr(list, '\n') ? strchr(list, '\n') + 1 : NULL) {
		size_t length = strncmp(list, "text ", 5) ? 0 : strcspn(list + 5, "\n");
		if (length && !has_text(set, section, list + 5, length))
			config_errors_add(errors, "%s: %s.%.*s is missing: the page uses it",
				reference->path, section, (int)length, list + 5);
	}
}
