#include "base/multipart.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum state { PREAMBLE, BOUNDARY /* was found */, HEAD, FIELD, FILE_WANTED, SKIPPED, END, BROKEN };

struct multipart {
	struct multipart_file file;
	enum state state;
	enum err err;
	char line[MULTIPART_BOUNDARY_MAX + 5]; /* "\r\n--" and the boundary */
	size_t line_length, matched;
	char head[MULTIPART_HEAD_MAX + 1];
	size_t head_length;
	struct form form; /* its bytes never move, so that none are left behind */
	size_t used;
};

static bool take_boundary(struct multipart *multipart, const char *content_type)
{
	static const char type[] = "multipart/form-data", key[] = "boundary=";
	const char *at;
	size_t length;

	if (strncasecmp(content_type, type, strlen(type)) != 0)
		return false;
	at = strcasestr(content_type + strlen(type), key);
	if (!at)
		return false;
	at += strlen(key);
	length = *at == '"' ? strcspn(++at, "\"") : strcspn(at, "; \t");
	if (!length || length > MULTIPART_BOUNDARY_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (at[i] < ' ' || at[i] > '~')
			return false;
	memcpy(multipart->line, "\r\n--", 4);
	memcpy(multipart->line + 4, at, length);
	multipart->line_length = 4 + length;
	return true;
}

struct multipart *multipart_create(const char *content_type, const struct multipart_file *file)
{
	struct multipart *multipart = mem_alloc(sizeof *multipart);

	if (!take_boundary(multipart, content_type)) {
		free(multipart);
		return NULL;
	}
	multipart->file = *file;
	multipart->matched = 2; /* the first one needs no line before it */
	multipart->form.size = MULTIPART_FORM_MAX;
	multipart->form.bytes = mem_alloc(MULTIPART_FORM_MAX);
	return multipart;
}

void multipart_destroy(struct multipart **multipart)
{
	if (!*multipart)
		return;
	form_finish(&(*multipart)->form);
	explicit_bzero(*multipart, sizeof **multipart);
	free(*multipart);
	*multipart = NULL;
}

static void broken(struct multipart *multipart, enum err err)
{
	multipart->state = BROKEN;
	multipart->err = err;
}

/* One byte of the form is kept for the NUL of the field that is being read. */
static void put(struct multipart *multipart, const char *bytes, size_t length)
{
	struct form *form = &multipart->form;

	if (memchr(bytes, '\0', length))
		broken(multipart, ERR_INVALID);
	else if (length >= form->size - multipart->used)
		broken(multipart, ERR_TOO_LONG);
	else {
		memcpy(form->bytes + multipart->used, bytes, length);
		multipart->used += length;
	}
}

static void data(struct multipart *multipart, const char *bytes, size_t length)
{
	if (!length)
		return;
	if (multipart->state == FIELD)
		put(multipart, bytes, length);
	else if (multipart->state == FILE_WANTED)
		multipart->file.on_bytes(multipart->file.arg, bytes, length);
}

static void end_of_part(struct multipart *multipart)
{
	if (multipart->state == FIELD)
		multipart->form.bytes[multipart->used++] = '\0';
	multipart->state = BOUNDARY;
	multipart->matched = multipart->head_length = 0;
}

/* The value of `key="…"` among a header's parameters, with \" as a quote; its length, -1: none. */
static int parameter(const char *header, const char *key, char *to, size_t size)
{
	size_t length = 0;

	for (const char *at = strcasestr(header, key); at; at = strcasestr(at + 1, key)) {
		if (at == header || !strchr("; \t", at[-1]) || at[strlen(key)] != '=')
			continue;
		at += strlen(key) + 1;
		if (*at++ != '"')
			return -1;
		while (*at && *at != '"') {
			if (*at == '\\' && at[1])
				at++;
			if (length + 1 >= size)
				return -1;
			to[length++] = *at++;
		}
		to[length] = '\0';
		return *at ? (int)length : -1;
	}
	return -1;
}

static void begin_field(struct multipart *multipart, const char *name)
{
	struct form *form = &multipart->form;

	if (form->count == FORM_FIELDS_MAX) {
		broken(multipart, ERR_TOO_LONG);
		return;
	}
	form->fields[form->count].name = form->bytes + multipart->used;
	multipart->state = FIELD;
	put(multipart, name, strlen(name));
	if (multipart->state == BROKEN)
		return;
	form->bytes[multipart->used++] = '\0';
	form->fields[form->count].value = form->bytes + multipart->used;
	if (multipart->used == form->size)
		broken(multipart, ERR_TOO_LONG);
	else
		form->count++;
}

static void begin_part(struct multipart *multipart)
{
	static const char key[] = "content-disposition:";
	char name[MULTIPART_HEAD_MAX], other[MULTIPART_HEAD_MAX];
	char *header = multipart->head, *end;

	multipart->head[multipart->head_length] = '\0';
	while (header && strncasecmp(header, key, strlen(key)) != 0) {
		header = strstr(header, "\r\n");
		header = header ? header + 2 : NULL;
	}
	end = header ? strstr(header, "\r\n") : NULL;
	if (end)
		*end = '\0';
	if (!header || parameter(header, "name", name, sizeof name) < 0)
		broken(multipart, ERR_INVALID);
	else if (parameter(header, "filename", other, sizeof other) < 0)
		begin_field(multipart, name);
	else
		multipart->state = multipart->file.on_file(
					   multipart->file.arg, name, &multipart->form)
			? FILE_WANTED
			: SKIPPED;
}

/* "--" is the end; else spaces, and the line's end. */
static void after_boundary(struct multipart *multipart, char c)
{
	char *head = multipart->head;

	head[multipart->head_length++] = c;
	if (multipart->head_length == 2 && !memcmp(head, "--", 2)) {
		multipart->state = END;
	} else if (multipart->head_length >= 2 && c == '\n' && head[multipart->head_length - 2] == '\r') {
		multipart->state = HEAD;
		multipart->head_length = 0;
	} else if (!c || !strchr("- \t\r", c) || multipart->head_length == MULTIPART_HEAD_MAX
		|| (c == '-' && multipart->head_length > 1)) {
		broken(multipart, ERR_INVALID);
	}
}

static void in_head(struct multipart *multipart, char c)
{
	char *head = multipart->head;
	size_t length;

	if (multipart->head_length == MULTIPART_HEAD_MAX || !c) {
		broken(multipart, c ? ERR_TOO_LONG : ERR_INVALID);
		return;
	}
	head[multipart->head_length++] = c;
	length = multipart->head_length;
	if (c == '\n' && length >= 2 && head[length - 2] == '\r'
		&& (length == 2 || (length >= 4 && !memcmp(head + length - 4, "\r\n", 2))))
		begin_part(multipart);
}

/* Bytes of a part: the line with the boundary ends it. A CR begins that line and stands in it once, so
 * that what does not match can only begin anew with the byte at hand. */
static size_t in_part(struct multipart *multipart, const char *bytes, size_t length)
{
	const char *cr;
	size_t run;

	if (multipart->matched) {
		if (*bytes == multipart->line[multipart->matched]) {
			if (++multipart->matched == multipart->line_length)
				end_of_part(multipart);
			return 1;
		}
		data(multipart, multipart->line, multipart->matched);
		multipart->matched = 0;
		return 0;
	}
	cr = memchr(bytes, '\r', length);
	run = cr ? (size_t)(cr - bytes) : length;
	data(multipart, bytes, run);
	if (cr && multipart->state != BROKEN)
		multipart->matched = 1;
	return cr ? run + 1 : run;
}

enum err multipart_take(struct multipart *multipart, const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length) {
		switch (multipart->state) {
		case BOUNDARY:
			after_boundary(multipart, bytes[at++]);
			break;
		case HEAD:
			in_head(multipart, bytes[at++]);
			break;
		case END:
		case BROKEN:
			return multipart->err;
		default:
			at += in_part(multipart, bytes + at, length - at);
		}
	}
	return multipart->err;
}

const struct form *multipart_form(const struct multipart *multipart)
{
	return multipart->state == END ? &multipart->form : NULL;
}
