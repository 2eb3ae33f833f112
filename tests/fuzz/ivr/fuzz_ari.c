/* What Asterisk tells, and what it is asked to dial. The first byte chooses. */
#include "ivr/adapters/ari.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must_be_name(const char *name)
{
	if (strlen(name) > ARI_ID_MAX || *name == '?')
		abort();
	for (; *name; name++)
		if (*name < '!' || *name > '~')
			abort();
}

static void event_of(const char *text, size_t length)
{
	static const struct ivr_caller_key key;
	struct ari_event event;

	if (ari_parse(text, length, &key, &event) && event.kind != ARI_NOTHING)
		abort();
	must_be_name(event.channel);
	must_be_name(event.name);
	must_be_name(event.stamp);
	if (event.kind == ARI_KEY && (!event.key || !strchr("0123456789*#", event.key)))
		abort();
	if (event.kind != ARI_NOTHING && event.kind != ARI_REPLACED && !*event.channel && !*event.name)
		abort();
}

static void endpoint_of(const char *text, size_t length)
{
	char *copy = strndup(text, length), *target = strchr(copy, '\n');
	struct text to = { 0 };

	if (target) {
		*target++ = '\0';
		if (ari_endpoint(copy, target, &to) && (!to.length || strpbrk(target, "/&,\" \n")))
			abort();
	}
	text_free(&to);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes + 1;

	if (!length)
		return 0;
	if (bytes[0] % 2)
		endpoint_of(text, length - 1);
	else
		event_of(text, length - 1);
	return 0;
}
