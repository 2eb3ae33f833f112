/* X-Forwarded-For, as anybody may send it through a proxy. */
#include "server/private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct crowd crowd;
	char *forwarded = malloc(length + 1), *again = malloc(length + 1);

	memcpy(forwarded, bytes, length);
	forwarded[length] = '\0';
	memcpy(again, forwarded, length + 1);
	if (crowd_number(&crowd, "198.51.100.7", forwarded)
		!= crowd_number(&crowd, "198.51.100.9", again))
		abort(); /* not believed from there */
	memcpy(again, bytes, length);
	(void)crowd_number(&crowd, "127.0.0.1", again);
	free(forwarded);
	free(again);
	return 0;
}
