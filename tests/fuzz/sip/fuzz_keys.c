/* The small parsers: bodies of INFO, keys of SRTP, address prefixes. */
#include "ivr/sip/dtmf.h"
#include "ivr/sip/guard.h"
#include "ivr/sip/sdes.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 1), line[SDES_LINE_MAX], key;
	struct sdes one, two;
	struct guard_net net;

	memcpy(text, bytes, length);
	text[length] = '\0';
	key = dtmf_info("dtmf-relay", (const char *)bytes, length);
	must(!key || strchr("0123456789*#ABCD", key));
	key = dtmf_info("dtmf", (const char *)bytes, length);
	must(!key || strchr("0123456789*#ABCD", key));
	if (!sdes_parse((const char *)bytes, length, &one)) {
		sdes_print(&one, line);
		must(!sdes_parse(line, strlen(line), &two) && memcmp(&one, &two, sizeof one) == 0);
	}
	if (!guard_net_parse(text, &net))
		must(net.bits <= 128);
	free(text);
	return 0;
}
