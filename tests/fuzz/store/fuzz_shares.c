/* What people type as a share: refused, or a share that is written the same again. */
#include "store/shares.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char typed[512], text[SHARES_TEXT];
	struct share share, again;

	if (length >= sizeof typed)
		return 0;
	memcpy(typed, bytes, length);
	typed[length] = '\0';
	if (shares_read(typed, &share))
		return 0;
	shares_write(&share, text);
	if (shares_read(text, &again) || memcmp(&share, &again, sizeof share))
		abort();
	return 0;
}
