/* What is posted as a form, and what we write: fields come out whole, and are read the same again when
 * they are written as we write them; XML that we write has nothing that XML cannot have. */
#include "base/form.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static bool inside(const struct form *form, const char *text)
{
	return text >= form->bytes && text + strlen(text) < form->bytes + form->size;
}

static void again(const struct form *form)
{
	static struct form read;
	struct text text = { 0 };

	for (size_t i = 0; i < form->count; i++) {
		if (i)
			text_put(&text, "&");
		text_url(&text, form->fields[i].name);
		text_put(&text, "=");
		text_url(&text, form->fields[i].value);
	}
	must(!form_parse(text.bytes ? text.bytes : "", text.length, &read)
		&& read.count == form->count);
	for (size_t i = 0; i < form->count; i++)
		must(!strcmp(read.fields[i].name, form->fields[i].name)
			&& !strcmp(read.fields[i].value, form->fields[i].value));
	form_finish(&read);
	text_free(&text);
}

static void xml(const struct form *form)
{
	struct text text = { 0 };

	for (size_t i = 0; i < form->count; i++)
		text_xml(&text, form->fields[i].value);
	must(!text.length || (!memmem(text.bytes, text.length, "\xef\xbf\xbe", 3)
				     && !memmem(text.bytes, text.length, "\xef\xbf\xbf", 3)));
	must(text_is_utf8(text.bytes ? text.bytes : "", text.length));
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.bytes[i];
		must((c >= ' ' || c == '\n' || c == '\t' || c == '\r') && !strchr("<>\"'", (char)c));
		if (c != '&')
			continue;
		size_t end = strcspn(text.bytes + i, ";");
		must(text.bytes[i + end] == ';' && end <= 6);
	}
	text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct form form;

	if (form_parse((const char *)bytes, length, &form)) {
		must(!form.bytes && !form.count);
		return 0;
	}
	must(form.count <= FORM_FIELDS_MAX);
	for (size_t i = 0; i < form.count; i++) {
		must(inside(&form, form.fields[i].name) && inside(&form, form.fields[i].value));
		must(inside(&form, form_get(&form, form.fields[i].name)));
	}
	again(&form);
	xml(&form);
	form_finish(&form);
	must(!form.bytes && !form.count);
	return 0;
}
