#include "base/form.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes up to one of the stops; to gets a NUL. */
static bool decode(const char **from, const char *end, const char *stops, char **to)
{
	while (*from < end && !strchr(stops, **from)) {
		char c = *(*from)++;
		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = end - *from >= 2 ? hex((*from)[0]) : -1;
			int low = high >= 0 ? hex((*from)[1]) : -1;
			if (low < 0)
				return false;
			c = (char)(high << 4 | low);
			*from += 2;
		}
		if (!c)
			return false;
		*(*to)++ = c;
	}
	*(*to)++ = '\0';
	return true;
}

static enum err parse(struct form *form, const char *bytes, const char *end)
{
	char *to = form->bytes;

	if (bytes < end && memchr(bytes, '\0', (size_t)(end - bytes)))
		return ERR_INVALID;
	while (bytes < end) {
		struct form_field field = { .name = to };
		if (!decode(&bytes, end, "=&", &to))
			return ERR_INVALID;
		field.value = to;
		if (bytes < end && *bytes == '=')
			bytes++;
		if (!decode(&bytes, end, "&", &to))
			return ERR_INVALID;
		if (bytes < end)
			bytes++;
		if (!*field.name && !*field.value)
			continue;
		if (form->count == FORM_FIELDS_MAX)
			return ERR_TOO_LONG;
		form->fields[form->count++] = field;
	}
	return OK;
}

enum err form_parse(const char *bytes, size_t length, struct form *form_r)
{
	enum err err;

	form_r->count = 0;
	form_r->size = length + 2; /* each field adds at most one byte more than it had */
	for (size_t i = 0; i < length; i++)
		form_r->size += bytes[i] == '&';
	form_r->bytes = mem_alloc(form_r->size);
	err = parse(form_r, bytes, bytes + length);
	if (err)
		form_finish(form_r);
	return err;
}

void form_finish(struct form *form)
{
	if (form->bytes)
		explicit_bzero(form->bytes, form->size);
	free(form->bytes);
	form->bytes = NULL;
	form->count = 0;
}

const char *form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (!strcmp(form->fields[i].name, name))
			return form->fields[i].value;
	return "";
}
