/* What pages with a script leave to the browser's Intl: plurals, and moments. */
#include "config/languages_private.h"

#include <stdio.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

enum { WIDE = LANGUAGES_TIME };

static void form_of(const char *language, int64_t number, char form_r[16])
{
	UErrorCode code = U_ZERO_ERROR;
	UPluralRules *rules = uplrules_open(language, &code);
	UChar wide[16] = { 0 };

	if (U_SUCCESS(code))
		uplrules_select(rules, (double)number, wide, 16, &code);
	if (U_SUCCESS(code))
		u_UCharsToChars(wide, form_r, u_strlen(wide) + 1);
	else
		strcpy(form_r, "other");
	uplrules_close(rules);
}

const char *languages_text_for(
	const struct languages *set, size_t index, const char *key, int64_t number)
{
	char form[16], whole[128];
	const char *text;

	form_of(languages_code(set, index), number, form);
	snprintf(whole, sizeof whole, "%s.%s", key, form);
	text = languages_text(set, index, whole);
	if (text)
		return text;
	snprintf(whole, sizeof whole, "%s.other", key);
	return languages_text(set, index, whole);
}

static UDateFormat *open_format(const char *locale, const UChar *zone, const char *wanted)
{
	UErrorCode code = U_ZERO_ERROR;
	UDateTimePatternGenerator *patterns = udatpg_open(locale, &code);
	UChar skeleton[32], pattern[WIDE];
	UDateFormat *format = NULL;
	int32_t length;

	u_charsToUChars(wanted, skeleton, (int32_t)strlen(wanted) + 1);
	length = udatpg_getBestPattern(patterns, skeleton, -1, pattern, WIDE, &code);
	if (U_SUCCESS(code))
		format = udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, -1, pattern, length, &code);
	udatpg_close(patterns);
	return U_SUCCESS(code) ? format : NULL;
}

void languages_time(const struct languages *set, size_t index, const char *zone, int64_t wall,
	bool hour_alone, char text_r[LANGUAGES_TIME])
{
	UErrorCode code = U_ZERO_ERROR;
	UChar wide_zone[64], wide[WIDE];
	UDateFormat *format;
	char locale[40];

	*text_r = '\0';
	snprintf(locale, sizeof locale, "%s@numbers=latn;hours=h23", languages_code(set, index));
	u_uastrncpy(wide_zone, zone, 63);
	wide_zone[63] = 0;
	format = open_format(locale, wide_zone, hour_alone ? "HHmm" : "EEEEdMMMMHHmm");
	if (!format)
		return;
	udat_format(format, (UDate)wall, wide, WIDE - 1, NULL, &code);
	udat_close(format);
	if (U_SUCCESS(code))
		u_strToUTF8(text_r, LANGUAGES_TIME, NULL, wide, -1, &code);
	if (U_FAILURE(code))
		*text_r = '\0';
}
