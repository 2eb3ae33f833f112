/* What people type as a return code: refused with the number of a word, or readings that are read as
 * themselves. */
#include "webchat/words.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct words *words;
	struct config_errors errors = { 0 };
	struct words_read read, again;
	char *typed = malloc(length + 1);

	if (!words && words_load("config/words", &words, &errors))
		abort();
	memcpy(typed, bytes, length);
	typed[length] = '\0';
	if (words_read(words, typed, &read)) {
		if (read.wrong < 0 || read.wrong > WORDS_COUNT)
			abort();
	} else {
		if (read.count < 1 || read.count > WORDS_MEANT)
			abort();
		for (int i = 0; i < read.count; i++)
			if (words_read(words, read.texts[i], &again) || again.count != 1
				|| strcmp(again.texts[0], read.texts[i]) != 0)
				abort();
	}
	free(typed);
	return 0;
}
