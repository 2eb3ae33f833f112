/* What platforms post: forms, JSON, their signatures, our paths. The first byte chooses. */
#include "ivr/adapters/httapi.h"
#include "ivr/adapters/jambonz.h"
#include "ivr/adapters/twilio.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void form_of(const char *text, size_t length)
{
	static const struct ivr_caller_key key;
	static struct form form;
	struct twilio_event event;
	struct httapi_event other;

	if (form_parse(text, length, &form))
		return;
	if (!twilio_parse(&form, &key, &event) && !*event.call)
		abort();
	if (!httapi_parse(&form, &key, &other)
		&& (!*other.call || strpbrk(other.call, "/?&%<>\"' \n")
			|| strspn(other.keys, "0123456789*#") != strlen(other.keys)))
		abort();
	for (int dialect = TWILIO_TWILIO; dialect <= TWILIO_SOMLENG; dialect++)
		if (twilio_signed((enum twilio_dialect)dialect, "secret",
			    "https://a.invalid:8443/ivr/x?b=c#d", &form, text, length, "AAAA"))
			abort();
	form_finish(&form);
}

static void json_of(const char *text, size_t length)
{
	static const struct ivr_caller_key key;
	struct jambonz_event event;
	if (!jambonz_parse(text, length, &key, &event) && !*event.call)
		abort();
}

static void header_of(const char *text, size_t length)
{
	static char name[] = "fs", secret[] = "a secret that nobody guesses", *secrets[] = { secret };
	static const struct config_line line
		= { .name = name, .secrets = secrets, .secrets_count = 1 };
	char *copy = strndup(text, length);
	static struct form none;
	struct web_path path = web_path_parse(copy);

	if (path.verb == WEB_NONE && *path.token)
		abort();
	if (httapi_believed(&line, copy))
		abort();
	if (jambonz_signed("secret", "body", 4, copy, 1700000000))
		abort();
	(void)twilio_signed(TWILIO_TWILIO, "secret", copy, &none, "", 0, "AAAA");
	(void)twilio_signed(TWILIO_TWILIO, "secret", copy, NULL, "x", 1, "AAAA");
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes + 1;

	if (!length)
		return 0;
	switch (bytes[0] % 3) {
	case 0:
		form_of(text, length - 1);
		break;
	case 1:
		json_of(text, length - 1);
		break;
	default:
		header_of(text, length - 1);
	}
	return 0;
}
