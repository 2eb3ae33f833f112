/* Small readings of ivr.yaml, with the line in every error. */
#include "ivr/script_load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void load_wrong(
	const struct load *load, const char *path, const char *format, ...)
{
	char what[300];
	int line = document_line_near(load->document, path);
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	config_errors_add(load->errors, "%s:%d: %.150s: %s", load->name, line, path, what);
}

const char *load_path(
	char buffer[PATH], const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(buffer, PATH, format, args);
	va_end(args);
	return buffer;
}

const char *load_under(char path[PATH], const char *at, const char *key)
{
	return load_path(path, "%s%s%s", at, *at ? "." : "", key);
}

const char *load_text(const struct load *load, const char *at, const char *key)
{
	char path[PATH];
	return document_text(load->document, load_under(path, at, key));
}

bool load_there(const struct load *load, const char *at, const char *key)
{
	char path[PATH];
	return document_line(load->document, load_under(path, at, key)) > 0;
}

static void on_key_known(void *arg, const char *key, int line)
{
	struct load *load = arg;
	(void)line;
	for (const char *const *each = load->allowed; *each; each++)
		if (!strcmp(*each, key))
			return;
	config_errors_add(load->errors, "%s:%d: %.100s: there is no key \"%.40s\" here", load->name,
		line, *load->at ? load->at : "the file", key);
}

void load_known(struct load *load, const char *at, const char *const *allowed)
{
	load->allowed = allowed;
	load->at = at;
	if (!document_keys(load->document, at, on_key_known, load))
		load_wrong(load, at, "write a map of keys here");
}

uint32_t load_number(const struct load *load, const char *at, const char *key, uint32_t low,
	uint32_t high, uint32_t fallback)
{
	const char *text = load_text(load, at, key);
	char path[PATH], *end;
	unsigned long number;

	if (!load_there(load, at, key))
		return fallback;
	number = text ? strtoul(text, &end, 10) : 0;
	if (text && *text >= '0' && *text <= '9' && !*end && number >= low && number <= high)
		return (uint32_t)number;
	load_wrong(load, load_under(path, at, key), "write a number from %u to %u", low, high);
	return fallback;
}

bool load_word(const char *word, size_t most)
{
	size_t length = strlen(word);
	return length && length <= most
		&& strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}
