/* What is posted to the page without script. */
#include "webchat/plain_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char id[EVENT_CLIENT_ID_MAX + 1], again[EVENT_CLIENT_ID_MAX + 1];
	static struct plain_form form; /* large */

	if (plain_form_read((const char *)bytes, length, &form))
		return 0;
	if (!form.key || !form.nonce || !form.words)
		abort();
	if (form.text && *form.text && strchr(" \n\t", form.text[strlen(form.text) - 1]))
		abort();
	plain_id(&form, id);
	plain_id(&form, again);
	if (strcmp(id, again) != 0 || !*id)
		abort();
	(void)plain_nonce_age(form.nonce);
	plain_form_finish(&form);
	return 0;
}
