/* A page's answer to its work: text, LF, number. Passes only with the work done. */
#include "webchat/gate.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct gate *gate;
	char work[256], text[GATE_TEXT], *number;
	int bits;

	if (!gate)
		gate = gate_create();
	if (length >= sizeof work)
		return 0;
	memcpy(work, bytes, length);
	work[length] = '\0';
	number = strchr(work, '\n');
	if (number)
		*number++ = '\0';
	if (gate_pass(gate, 1, "0123456789012345678901", 100, work, number, text, &bits))
		abort();
	return bits < GATE_BITS || bits > GATE_BITS_MOST || strlen(text) >= GATE_TEXT ? abort(), 0 : 0;
}
