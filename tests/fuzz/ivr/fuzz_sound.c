/* A sound file that somebody recorded, or a platform sent: what it says of itself is within it. */
#include "ivr/prompts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *fault = NULL;
	double seconds = prompts_check_wav((const char *)bytes, length, &fault);

	if (seconds < 0 ? !fault || !*fault : fault || seconds > (double)length / 2 / PROMPTS_RATE)
		abort();
	if (seconds >= 0 && (length < 44 || memcmp(bytes, "RIFF", 4) != 0))
		abort();
	return 0;
}
