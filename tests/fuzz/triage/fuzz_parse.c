/* Rule files: whatever they hold, there are errors or a set that scans. */
#include "triage/private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const texts[] = { "papa slaat mij nu", "il me frappe. help 🔪", "a b c d e f g h 12" };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct config_errors errors = { 0 };
	struct triage *set = NULL;

	if (length > 4096)
		return 0;
	char *copy = malloc(length + 1);
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	if (!triage_load_text("fuzz.rules", copy, &set, &errors)) {
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
			struct triage_result result;
			triage_scan(set, texts[i], strlen(texts[i]), "nl", "en toen", 7, &result);
		}
	} else if (!errors.count) {
		abort(); /* refused without a word */
	}
	triage_destroy(&set);
	config_errors_finish(&errors);
	free(copy);
	return 0;
}
