/* Folding: whatever is typed, the words are well formed and lead back to it. */
#include "triage/fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/utf8.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct fold_words words;

static void learn(void)
{
	static const char *const exact[]
		= { "alone", "dood", "nu", "slaat", "slap", "tonight", "suicide", "ik" };

	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
		fold_learn(&words, exact[i], strlen(exact[i]), false);
	fold_learn(&words, "slaap", 5, true);
	fold_learn(&words, "bl\xc4\xb3", 4, true);
	words.emoji = calloc(1, sizeof *words.emoji);
	words.emoji[words.emoji_count++] = (struct fold_emoji) { 0x1f52a, "emo_knife" };
	fold_ready(&words);
}

static void must(bool good)
{
	if (!good)
		abort();
}

/* No character of well-formed source is cut in two. */
static bool boundary(const uint8_t *bytes, size_t length, uint32_t at)
{
	return at >= length || !U8_IS_TRAIL(bytes[at]);
}

static bool well_formed(const uint8_t *bytes, size_t length)
{
	for (int32_t i = 0; i < (int32_t)length;) {
		UChar32 point;
		U8_NEXT(bytes, i, (int32_t)length, point);
		if (point < 0)
			return false;
	}
	return true;
}

static void check(const uint8_t *bytes, size_t length, const struct fold *folded)
{
	bool good = well_formed(bytes, length);

	must(folded->length >= 1 && folded->length <= FOLD_MAX);
	must(folded->text[folded->length - 1] == ' ' && !folded->text[folded->length]);
	must(folded->length == 1 || folded->text[0] == ' ');
	must(well_formed((const uint8_t *)folded->text, folded->length));
	for (size_t i = 0; i < folded->length; i++) {
		must(folded->from[i] <= folded->to[i] && folded->to[i] <= length);
		must(!i || folded->from[i] >= folded->from[i - 1]);
		must(folded->text[i] != ' ' || i + 1 == folded->length || folded->text[i + 1] != ' ');
		must(folded->text[i] == '.' || folded->text[i] == ' ' || folded->text[i] == '_'
			|| (folded->text[i] >= '0' && folded->text[i] <= '9')
			|| (folded->text[i] >= 'a' && folded->text[i] <= 'z')
			|| (folded->text[i] & 0x80));
		must(!good || boundary(bytes, length, folded->from[i]));
		must(!good || boundary(bytes, length, folded->to[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct fold folded, again;

	if (!words.exact_count)
		learn();
	fold((const char *)bytes, length, &words, &folded);
	check(bytes, length, &folded);
	fold((const char *)bytes, length, NULL, &again);
	check(bytes, length, &again);
	return 0;
}
